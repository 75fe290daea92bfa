"""The same bytes whatever the order, the hash seed, the time zone, the language and the interpreter's options."""

import ast
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.architecture.source import ROOT, Module, called, modules

POLICIES = ROOT / "policies"
PURE = modules("cutter/policies")
BANNED = frozenset(
    {"time", "random", "os", "locale", "secrets", "uuid", "socket", "subprocess", "pathlib", "sys", "io"}
)
CLOCKS = frozenset({"now", "utcnow", "today", "fromtimestamp", "astimezone", "getenv", "environ"})
# What gives the same whatever the order in which it is handed things.
ORDERLESS = frozenset({"sorted", "set", "frozenset", "any", "all", "len", "min", "max", "sum", "combined"})
ORDERED = frozenset({"tuple", "list", "enumerate", "iter", "zip", "map", "filter", "reversed", "dict.fromkeys", "join"})


@pytest.mark.parametrize("module", PURE, ids=lambda module: module.path)
def test_nothing_but_arguments_is_read(module: Module) -> None:
    """Without it a decision could depend on the clock, on chance, on the machine or on its language."""
    imported: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported & BANNED == set()
    attributes = {node.attr for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
    assert attributes & CLOCKS == set()
    calls = {called(node) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    assert calls & {"open", "hash", "id", "input", "__import__", "eval", "exec"} == set()


def _is_set(node: ast.expr | None, names: frozenset[str]) -> bool:
    """Whether an expression is a set, as far as one function shows."""
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call():
            return called(node) in {"set", "frozenset", "set.union", "frozenset.union"}
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), right=right):
            return any(_is_set(side, names) or _is_keys(side) for side in (left, right))
        case ast.IfExp(body=body, orelse=orelse):
            return _is_set(body, names) or _is_set(orelse, names)
        case ast.Name(id=name):
            return name in names
        case ast.Attribute():
            return ast.unparse(node) in names
    return False


def _is_keys(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and called(node).endswith(".keys")


def _set_names(tree: ast.AST) -> frozenset[str]:
    """Names that hold sets: by what is assigned to them, or by their annotation."""
    names: set[str] = set()
    for _ in range(3):  # a name of a name
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[target], value=value) if _is_set(value, frozenset(names)):
                    names.add(ast.unparse(target))
                case ast.AnnAssign(target=target, annotation=note) if _noted(note):
                    names.add(ast.unparse(target))
                case ast.arg(arg=name, annotation=note) if _noted(note):
                    names.add(name)
    return frozenset(names)


def _noted(note: ast.expr | None) -> bool:
    return note is not None and ast.unparse(note).partition("[")[0] in {"set", "frozenset", "AbstractSet", "Set"}


def _iterations(tree: ast.AST) -> Iterator[ast.expr]:
    """What is iterated over in an order that can be seen."""
    orderless: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(args=[ast.GeneratorExp() as inner, *_]) if called(node) in ORDERLESS:
                orderless.add(id(inner))
            case ast.SetComp():
                orderless.add(id(node))
    for node in ast.walk(tree):
        match node:
            case ast.For(iter=iterated) | ast.Starred(value=iterated):
                yield iterated
            case ast.GeneratorExp() | ast.ListComp() | ast.DictComp() | ast.SetComp() if id(node) not in orderless:
                yield from (part.iter for part in node.generators)
            case ast.Call(args=[first, *_]) if called(node).removeprefix(".") in ORDERED:
                yield first


def _found(tree: ast.Module) -> list[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    scopes: list[ast.AST] = [*functions, *(node for node in tree.body if not isinstance(node, ast.FunctionDef))]
    whole = _set_names(ast.Module([n for n in tree.body if isinstance(n, ast.Assign | ast.AnnAssign)], []))
    return sorted(
        {
            f"{iterated.lineno}: {ast.unparse(iterated)}"
            for scope in scopes
            for iterated in _iterations(scope)
            if _is_set(iterated, _set_names(scope) | whole)
        }
    )


@pytest.mark.parametrize("module", PURE, ids=lambda module: module.path)
def test_no_set_is_iterated_over(module: Module) -> None:
    """Without it the order of a set, which the hash seed decides, could come to stand in a record."""
    assert _found(module.tree) == []


SETS = {
    "for x in {1, 2}: pass": True,
    "for x in set(y): pass": True,
    "a = {1}\nfor x in a: pass": True,
    "def f(a: frozenset[str]):\n    return [x for x in a]": True,
    "def f(a: set[str]):\n    return tuple(a)": True,
    "def f(a: set[str]):\n    return ','.join(a | {'b'})": True,
    "def f(a: dict[str, int], b: set[str]):\n    for x in a.keys() - b: pass": True,
    "def f(a: set[str]):\n    return [*a]": True,
    "def f(a: set[str]):\n    return sorted(a)": False,
    "def f(a: set[str]):\n    return any(x for x in a)": False,
    "def f(a: set[str]):\n    return {x for x in a}": False,
    "def f(a: list[str]):\n    return [x for x in a]": False,
    "def f(a: dict[str, int]):\n    return list(a)": False,
}


@pytest.mark.parametrize(("text", "found"), SETS.items(), ids=SETS)
def test_the_search_finds_iterations_over_sets(text: str, found: bool) -> None:
    """Without it a search that finds nothing would let everything pass."""
    assert bool(_found(ast.parse(text))) is found


def _shuffled(value: Any, chance: random.Random, path: tuple[str, ...] = ()) -> Any:
    """The same configuration in another order: keys everywhere, and lists whose order says nothing."""
    if isinstance(value, dict):
        items = [(key, _shuffled(item, chance, (*path, key))) for key, item in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        items = [_shuffled(item, chance, path) for item in value]
        if path[-1:] in (("rules",), ("triggers",), ("sources",), ("views",)) or path[:1] == ("rules",):
            chance.shuffle(items)
        return items
    return value


def _copy(folder: Path, chance: random.Random) -> Path:
    """The demo's policies with files of other names, keys and rules in another order."""
    for path in sorted(POLICIES.rglob("*.yaml")):
        inner = path.relative_to(POLICIES)
        if inner.parts[0] not in {"rules", "views", "templates", "triggers.yaml", "selection.yaml"}:
            continue
        name = inner if len(inner.parts) == 1 else inner.with_name(f"{chance.randrange(10**6):06d}-{inner.name}")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        tree = YAML(typ="safe").load(path)
        (folder / name).write_text(json.dumps(_shuffled(tree, chance), ensure_ascii=False), encoding="utf-8")
    return folder


def _printed(folder: Path, *options: str, **environment: str) -> bytes:
    command = [sys.executable, *options, "-m", "tests.support.decide_everything", str(folder)]
    known = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(command, cwd=ROOT, env=known | environment, capture_output=True, check=True).stdout


MATRIX: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    ((), {"PYTHONHASHSEED": "1", "TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C"}),
    (("-O",), {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"}),
    (("-OO",), {"PYTHONHASHSEED": "random", "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8"}),
    ((), {"PYTHONHASHSEED": "3", "TZ": "", "LC_ALL": "vi_VN.UTF-8", "PYTHONUTF8": "0"}),
)


def test_the_same_bytes_in_every_process_and_order(tmp_path: Path) -> None:
    """Without it a decision could not be compared with the one that was approved on another machine."""
    whole = _printed(POLICIES, PYTHONHASHSEED="0", TZ="UTC")
    assert whole.count(b"\nmatch\n") > 100
    assert b"\nFalse\n" not in whole
    assert all(f'"verdict":"{word}"'.encode() in whole for word in ("allow", "escalate", "deny"))
    for number, (options, environment) in enumerate(MATRIX):
        folder = _copy(tmp_path / str(number), random.Random(number))
        assert _printed(folder, *options, **environment) == whole, environment
        shutil.rmtree(folder)


def test_another_rule_is_another_digest(tmp_path: Path) -> None:
    """Without it the digest could be the same because it covers nothing."""
    digest = _printed(POLICIES).split(b"\n", 1)[0]
    folder = _copy(tmp_path / "changed", random.Random(1))
    changed = next(path for path in (folder / "rules").iterdir() if "result-ready" in path.name)
    changed.write_text(changed.read_text().replace("NO_CONSENT", "NO_PERMISSION"))
    assert _printed(folder).split(b"\n", 1)[0] != digest

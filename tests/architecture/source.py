"""The program's own source as values: its modules, their trees, and what stands in them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[2]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Documented: TypeAlias = ast.Module | ast.ClassDef | Function


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the program or of its tests."""

    path: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        """All functions and methods, inner ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def at(self, node: ast.stmt | ast.expr) -> str:
        """`path:line` of a node, to click on."""
        return f"{self.path}:{node.lineno}"


@cache
def modules(folder: str) -> tuple[Module, ...]:
    """All modules below a folder of the repository, in a fixed order."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return tuple(_module(path) for path in paths)


def _module(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(str(path.relative_to(ROOT)), text, ast.parse(text))


def docstring_nodes(tree: ast.AST) -> frozenset[int]:
    """The identities of the string constants that are docstrings."""
    owners = (node for node in ast.walk(tree) if isinstance(node, Documented))
    firsts = (owner.body[0] for owner in owners if owner.body)
    return frozenset(id(first.value) for first in firsts if isinstance(first, ast.Expr))


def strings(module: Module, *, docstrings: bool = False) -> Iterator[tuple[ast.Constant, str]]:
    """The string constants of a module with their text; parts of f-strings too."""
    skipped = frozenset() if docstrings else docstring_nodes(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node, node.value


def called(node: ast.Call) -> str:
    """What a call calls: `os.rename`, or `.write_text` for a method of something that is not a plain name."""
    parts = []
    target = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    if isinstance(target, ast.Name):
        return ".".join([target.id, *reversed(parts)])
    return f".{parts[0]}" if parts else ""

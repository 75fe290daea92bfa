"""How modules are built: what they import, what they do at import, what they write, what may not stand in them."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutter.stops import StopCode
from tests.architecture.source import ROOT, Module, called, modules, strings

PROGRAM = modules("cutter")
# Small files are written as a whole; backups are streamed.
WRITERS = ("cutter/custody/files.py", "cutter/custody/streams.py")

# What makes, replaces or renames a file by path. `open` is looked at by its mode.
WRITES = frozenset(
    {"os.rename", "os.replace", "os.open", "os.link", "os.truncate", "os.write", "os.symlink"}
    | {"shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.move", "shutil.copytree"}
    | {"tempfile.NamedTemporaryFile", "tempfile.mkstemp", "tempfile.TemporaryFile"}
)
WRITING_METHODS = frozenset({"write_text", "write_bytes", "rename", "symlink_to", "hardlink_to", "touch"})
# The embedded server's own files are PostgreSQL's and its lock's, not the run's records.
EMBEDDED = "cutter/postgres/embedded/"

# A statement begins with its verb and goes on; a single word such as "update" is a word.
SQL = re.compile(
    r"^\s*(SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM|CREATE|ALTER|DROP|GRANT|REVOKE|TRUNCATE|WITH|COPY|LOCK|MERGE"
    r"|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|RESET|SHOW|DECLARE|FETCH|CALL|DO|EXECUTE|EXPLAIN|VALUES|COMMENT)\s+\S"
)
# Words of transactions and sessions, which adapters of PostgreSQL build with `psycopg.sql`.
TRANSACTION = re.compile(r"^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|RESET|SHOW|COPY|FETCH)\b")

# Calls that only declare: they build a value from what stands in the file.
DECLARING = frozenset(
    {
        "re.compile",
        "TypeVar",
        "ContextVar",
        "Meta",
        "frozenset",
        "tuple",
        "dict",
        "set",
        "sorted",
        "range",
        "len",
        "ord",
        "chr",
        "str",
        "int",
    }
    | {"dataclass", "field", "msgspec.Meta", "msgspec.field", "msgspec.json.Encoder", "msgspec.json.Decoder"}
    | {
        "Path",
        "UUID",
        "uuid.UUID",
        "timedelta",
        "MappingProxyType",
        "struct.pack",
        "struct.Struct",
        "str.maketrans",
        "dict.fromkeys",
    }
    | {"ReadOperation", "TargetOperation", "ExternalOperation", "typer.Typer", "typer.Option", "typer.Argument"}
)
# Methods of plain values, for constants that are built from others.
PURE_METHODS = frozenset(
    {"split", "encode", "join", "items", "keys", "values", "union", "format", "strip", "rstrip", "lower"}
)


@pytest.mark.parametrize("module", PROGRAM, ids=lambda module: module.path)
def test_nothing_of_cutter_is_imported_inside_a_function(module: Module) -> None:
    """Without it cycles between modules would be hidden instead of resolved."""
    inside = [node for function in module.functions() for node in ast.walk(function)]
    found = [node for node in inside if isinstance(node, ast.Import | ast.ImportFrom) and "cutter" in ast.unparse(node)]
    assert [module.at(node) for node in found] == []


@pytest.mark.parametrize("module", PROGRAM, ids=lambda module: module.path)
def test_nothing_is_global(module: Module) -> None:
    """Without it what a function does could depend on which one ran before it."""
    found = [node for node in ast.walk(module.tree) if isinstance(node, ast.Global | ast.Nonlocal)]
    assert [module.at(node) for node in found if isinstance(node, ast.Global)] == []


def _at_import(body: list[ast.stmt]) -> Iterator[ast.stmt | ast.expr]:
    """What is carried out when a module is imported: statements and calls outside functions."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Import() | ast.ImportFrom() | ast.If():
                # `if` at module level guards `__main__`; its test calls nothing.
                continue
            case ast.ClassDef():
                yield from _at_import(node.body)
            case ast.Assign() | ast.AnnAssign() | ast.Expr():
                yield from (child for child in ast.walk(node) if isinstance(child, ast.Call))
            case ast.Pass():
                continue
            case _:
                yield node


def _declares(node: ast.stmt | ast.expr, own: frozenset[str]) -> bool:
    """`own` are the program's classes: to make a frozen value of one is to declare it."""
    if not isinstance(node, ast.Call):
        return False
    name = called(node)
    return name in DECLARING | own or (name.startswith(".") and name[1:] in PURE_METHODS)


@pytest.mark.parametrize("module", PROGRAM, ids=lambda module: module.path)
def test_importing_does_no_work(module: Module) -> None:
    """Without it importing cutter could read files, start processes or depend on the environment."""
    own = frozenset(n.name for m in PROGRAM for n in ast.walk(m.tree) if isinstance(n, ast.ClassDef))
    found = [node for node in _at_import(module.tree.body) if not _declares(node, own)]
    assert [f"{module.at(node)}: {ast.unparse(node)}" for node in found] == []


def _writes(call: ast.Call) -> bool:
    name = called(call)
    if name == "open" or name.endswith(".open"):
        modes = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
        text = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
        return name == "os.open" or any(re.fullmatch(r"[rbt]*[wax+][rwaxbt+]*", mode) for mode in text)
    return name in WRITES or name.rpartition(".")[2] in WRITING_METHODS


@pytest.mark.parametrize(
    "module",
    [m for m in PROGRAM if m.path not in WRITERS and not m.path.startswith(EMBEDDED)],
    ids=lambda module: module.path,
)
def test_there_is_one_writer_of_files(module: Module) -> None:
    """Without it a record could be written by a way that a crash leaves half done or that follows a link."""
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    assert [f"{module.at(node)}: {ast.unparse(node.func)}" for node in calls if _writes(node)] == []


@pytest.mark.parametrize("module", PROGRAM, ids=lambda module: module.path)
def test_sql_stands_in_sql_files(module: Module) -> None:
    """Without it statements would be put together from strings, where a value can become code."""
    postgres = module.path.startswith("cutter/postgres/")
    found = [
        f"{module.at(node)}: {text[:40]}"
        for node, text in strings(module)
        if SQL.match(text) and not (postgres and TRANSACTION.match(text))
    ]
    assert found == []


def test_the_pattern_of_sql_knows_statements_from_words() -> None:
    """Without it a pattern that matches nothing would let every statement pass."""
    assert [bool(SQL.match(text)) for text in ("SELECT 1", "  UPDATE t SET a=1", "INSERT INTO t", "GRANT x TO y")]
    assert not any(SQL.match(text) for text in ("Select a document", "update", "SET", "DROP", "drop the file"))
    assert not TRANSACTION.match("SELECT 1")


# What belongs to documents: ids, counts, digests. (Sixty-four equal digits stand for "no digest".)
PER_DOCUMENT = re.compile(
    r"\b(ICX|VN|LUAT|GDPR|RFC2616)-[A-Z0-9]|\b(?!(.)\2{63})[0-9a-f]{64}\b|constitution of", re.ASCII
)


@pytest.mark.parametrize(
    "path", sorted(p for p in (ROOT / "cutter").rglob("*") if p.suffix in {".py", ".sql"}), ids=lambda p: p.name
)
def test_nothing_of_a_document_stands_in_the_program(path: Path) -> None:
    """Without it the program could be made to fit one document, and a count could be claimed instead of found."""
    assert [match[0] for match in PER_DOCUMENT.finditer(path.read_text(encoding="utf-8"))] == []


# Codes that are declared for what later versions do; each names it.
RESERVED: dict[StopCode, str] = {}


def test_every_stop_code_is_used_or_reserved() -> None:
    """Without it the table would promise refusals that nothing makes, and users would prepare for them."""
    text = "\n".join(module.text for module in PROGRAM if not module.path.startswith("cutter/stops/"))
    text += "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "pipelines").glob("*.yaml"))
    unused = {code for code in StopCode if not re.search(rf"\b{code.name}\b", text)}
    assert {code.name for code in unused} == {code.name for code in RESERVED}


def test_layers_are_kept() -> None:
    """Without it the core could come to depend on a database, a terminal or the clock."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

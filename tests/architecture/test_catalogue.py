"""The catalogue of operations is closed: all that exist are in it, are tested, and stand alone."""

import ast

import pytest

from cutter.operations import CATALOGUE
from tests.architecture.source import ROOT, Module, modules


def _is_operation(module: Module) -> bool:
    targets = [
        target
        for node in module.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(isinstance(target, ast.Name) and target.id == "OPERATION" for target in targets)


ALL = modules("cutter/operations")
OPERATIONS = [module for module in ALL if _is_operation(module)]


def _name(module: Module) -> str:
    """`cutter/operations/library/cut_leg_a.py` → `library.cut_leg_a`."""
    return module.path.removeprefix("cutter/operations/").removesuffix(".py").replace("/", ".")


def test_the_catalogue_holds_what_exists_and_nothing_else() -> None:
    """Without it an operation could exist that no lint, page or test knows, or a name without its module."""
    assert {name.partition("@")[0] for name in CATALOGUE.names()} == {_name(module) for module in OPERATIONS}
    assert len(set(CATALOGUE.names())) == len(CATALOGUE.names())


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_an_operation_is_found_by_its_own_name(name: str) -> None:
    """Without it a pipeline could name one operation and run another."""
    plain, _, version = name.partition("@")
    found = CATALOGUE.find(plain, int(version))
    assert found is not None
    assert (found.name, found.version) == (plain, int(version))
    assert CATALOGUE.find(plain, int(version) + 1000) is None
    assert found.summary


@pytest.mark.parametrize("module", OPERATIONS, ids=_name)
def test_an_operation_has_a_test_file(module: Module) -> None:
    """Without it an operation could be added that was never run under both transactors."""
    folder, _, name = _name(module).partition(".")
    assert (ROOT / "tests" / "operations" / f"test_{folder}_{name}.py").is_file()


@pytest.mark.parametrize("module", [m for m in ALL if m.path != "cutter/operations/__init__.py"], ids=_name)
def test_no_operation_calls_another(module: Module) -> None:
    """Without it an effect could happen inside another phase, without a marker, a survey or a gate of its own."""
    operations = {f"cutter.operations.{_name(operation)}" for operation in OPERATIONS}
    imported = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    assert imported & operations == set()
    assert "cutter.operations" not in imported

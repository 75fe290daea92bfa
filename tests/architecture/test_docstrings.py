"""What is public says what it is for; each test says what would break without it."""

import ast
import re

import pytest

from tests.architecture.source import Documented, Module, modules

# Words for things that were not named: they say nothing of what a thing is.
NOT_A_NAME = re.compile(r"\b(helpers?|utils?|utility|utilities)\b", re.IGNORECASE)
NOT_A_CLASS = re.compile(r"(Manager|Helper|Util|Utils)$")


def _public(tree: ast.Module) -> list[ast.ClassDef | ast.FunctionDef]:
    """Public classes and functions of a module; a method that a Protocol describes need not say it again."""
    return [n for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef) and not n.name.startswith("_")]


@pytest.mark.parametrize("module", modules("cutter"), ids=lambda module: module.path)
def test_what_is_public_is_documented(module: Module) -> None:
    """Without it a newcomer would have to read a function's body to know what it promises."""
    assert ast.get_docstring(module.tree), "the module has no docstring"
    assert [module.at(node) for node in _public(module.tree) if ast.get_docstring(node) is None] == []


@pytest.mark.parametrize("module", modules("cutter"), ids=lambda module: module.path)
def test_things_have_names(module: Module) -> None:
    """Without it leftovers would gather in modules and classes whose names say nothing."""
    documented = [node for node in ast.walk(module.tree) if isinstance(node, Documented)]
    assert [text for node in documented if NOT_A_NAME.search(text := ast.get_docstring(node) or "")] == []
    assert [node.name for node in documented if isinstance(node, ast.ClassDef) and NOT_A_CLASS.search(node.name)] == []
    assert not NOT_A_NAME.search(module.path.replace("_", " ").replace("/", " "))


@pytest.mark.parametrize("module", [m for m in modules("tests") if "/test_" in m.path], ids=lambda module: module.path)
def test_each_test_says_what_would_break_without_it(module: Module) -> None:
    """Without it nobody could tell a test that guards something from one that only repeats the code."""
    tests = [function for function in module.functions() if function.name.startswith("test_")]
    assert tests, "a test module without tests"
    assert [module.at(function) for function in tests if not ast.get_docstring(function)] == []

"""Files and functions stay small enough to be read at once."""

from statistics import median

import pytest

from tests.architecture.source import Function, Module, modules

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 10


def _length(function: Function) -> int:
    """Lines from `def` to the end, with the docstring: that is what a reader sees."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("module", modules("cutter"), ids=lambda module: module.path)
def test_a_file_is_short(module: Module) -> None:
    """Without it modules would grow until nobody reads them whole."""
    assert module.text.count("\n") <= LONGEST_FILE


@pytest.mark.parametrize("module", modules("cutter"), ids=lambda module: module.path)
def test_a_function_is_short(module: Module) -> None:
    """Without it functions would grow until their cases cannot be seen together."""
    assert [module.at(f) for f in module.functions() if _length(f) > LONGEST_FUNCTION] == []


def test_most_functions_are_very_short() -> None:
    """Without it every function could be as long as the limit allows."""
    lengths = [_length(function) for module in modules("cutter") for function in module.functions()]
    assert median(lengths) <= MEDIAN_FUNCTION

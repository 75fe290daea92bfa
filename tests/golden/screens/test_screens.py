"""Screens, byte for byte. `CUTTER_UPDATE_GOLDEN=1 pytest tests/golden/screens` writes them anew for review."""

import os
from pathlib import Path

import pytest

from cutter.report.fold import fold_refusal
from cutter.report.human import refusal_lines, result_lines
from cutter.stops import Stop, StopCode
from tests.golden.screens.cases import RESULTS

HERE = Path(__file__).parent


def check(name: str, lines: tuple[str, ...]) -> None:
    """Compare with the golden file, or write it when asked to."""
    path = HERE / f"{name}.txt"
    text = "".join(f"{line}\n" for line in lines)
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", RESULTS)
def test_result_screen(name: str) -> None:
    """What people see of a run changes only when somebody looked at the change."""
    check(name, result_lines(RESULTS[name]))


def test_refusal_screen() -> None:
    """What people see of another command's refusal changes only when somebody looked at the change."""
    stop = Stop(StopCode.STOP_RUN_NOT_FOUND, found="0f8f", suggestions=("0f8fad5b",))
    check("run_not_found", refusal_lines(fold_refusal(stop, ("runs", "show"))))


def test_usage_screen() -> None:
    """A usage error names the option and its help, and no value."""
    stop = Stop(StopCode.STOP_INVALID_INPUT, "wrong_value", where="--output", needed="human|json")
    check("usage", refusal_lines(fold_refusal(stop, ("runs", "list"))))


def test_every_golden_file_is_compared() -> None:
    """A golden file that no case makes any more would look like a promise."""
    assert {path.stem for path in HERE.glob("*.txt")} == {*RESULTS, "run_not_found", "usage"}

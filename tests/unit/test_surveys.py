"""Judging the answer of a survey: what meets an expectation, and what may be a fact at all."""

from collections.abc import Iterator, Sequence

import pytest

from cutter.contracts import Bind, Row
from cutter.events import Facts
from cutter.model import (
    AtLeast,
    AtMost,
    Equals,
    Expectation,
    ExpectedColumn,
    Inputs,
    Literal,
    Matches,
    OneOf,
    OutcomeReference,
    Survey,
)
from cutter.stops import Stop, StopCode
from cutter.surveys import ask

NO_INPUTS = Inputs(())


class Answered:
    """A session that has one answer."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def rows(self, statement: str, bind: Bind, limit: int = 1000) -> Sequence[Row]:
        """Not asked here."""
        raise NotImplementedError

    def answer(self, statement: str, bind: Bind) -> Facts:
        """The answer."""
        return self._facts

    def stream(self, statement: str, bind: Bind) -> Iterator[Row]:
        """Not asked here."""
        raise NotImplementedError


def judge(expectation: Expectation, found: object) -> StopCode | None:
    """The stop for one column's answer; None when it is as expected."""
    survey = Survey("s", "SELECT", (), (ExpectedColumn("x", expectation),), StopCode.STOP_DRIFT)
    try:
        ask(Answered({"x": found}), survey, NO_INPUTS, {"plan": {"units": 3}})
    except Stop as stop:
        return stop.code
    return None


CASES: dict[str, tuple[Expectation, object, StopCode | None]] = {
    "the same number": (Equals(Literal(3)), 3, None),
    "another number": (Equals(Literal(3)), 4, StopCode.STOP_DRIFT),
    "an outcome": (Equals(OutcomeReference("plan", "units")), 3, None),
    "another than the outcome": (Equals(OutcomeReference("plan", "units")), 2, StopCode.STOP_DRIFT),
    "true is not 1": (Equals(Literal(1)), True, StopCode.STOP_DRIFT),
    "text is not a number": (Equals(Literal(3)), "3", StopCode.STOP_DRIFT),
    "null": (Equals(Literal(None)), None, None),
    "null is not 0": (Equals(Literal(0)), None, StopCode.STOP_DRIFT),
    "at least, met": (AtLeast(2), 2, None),
    "at least, missed": (AtLeast(2), 1, StopCode.STOP_DRIFT),
    "at least of null": (AtLeast(0), None, StopCode.STOP_DRIFT),
    "true is not at least 1": (AtLeast(1), True, StopCode.STOP_DRIFT),
    "at most, met": (AtMost(2), 2, None),
    "at most, missed": (AtMost(2), 3, StopCode.STOP_DRIFT),
    "one of": (OneOf(("a", 1)), "a", None),
    "none of": (OneOf(("a", 1)), "b", StopCode.STOP_DRIFT),
    "one of, true is not 1": (OneOf(("a", 1)), True, StopCode.STOP_DRIFT),
    "matches as a whole": (Matches("[0-9]+"), "12", None),
    "matches only the beginning": (Matches("[0-9]+"), "12x", StopCode.STOP_DRIFT),
    "matches but for a line end": (Matches("[0-9]+$"), "12\n", StopCode.STOP_DRIFT),
    "a number does not match": (Matches("[0-9]+"), 12, StopCode.STOP_DRIFT),
    "the largest integer": (AtLeast(0), 2**53 - 1, None),
    "an integer that JSON cannot hold": (AtLeast(0), 2**53, StopCode.STOP_SURVEY_REFUSED),
    "a float": (Equals(Literal(0)), 0.0, StopCode.STOP_SURVEY_REFUSED),
    "bytes": (Equals(Literal(0)), b"0", StopCode.STOP_SURVEY_REFUSED),
}


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_judged(name: str) -> None:
    """Without it a survey could pass on an answer of another value or type, and a stale write would follow."""
    expectation, found, expected = CASES[name]

    assert expected == judge(expectation, found)


def test_an_expected_column_that_is_not_answered_is_refused() -> None:
    """Without it a survey with a misspelt column would pass."""
    survey = Survey("s", "SELECT", (), (ExpectedColumn("units", Equals(Literal(0))),), StopCode.STOP_DRIFT)

    with pytest.raises(Stop) as stop:
        ask(Answered({"unit": 0}), survey, NO_INPUTS, {})

    assert stop.value.code is StopCode.STOP_SURVEY_REFUSED


def test_text_is_told_by_its_digest() -> None:
    """Without it a row's text would stand in the ledger and in sidecars (guarantee 7)."""
    survey = Survey("s", "SELECT", (), (ExpectedColumn("x", Matches(".*")),), StopCode.STOP_DRIFT)

    answer = ask(Answered({"x": "Jane Roe", "n": 2}), survey, NO_INPUTS, {})

    assert answer.found["n"] == 2
    assert "Jane" not in str(answer)

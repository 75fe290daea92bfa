"""Asking a survey and judging the answer.

Rules kept here: every expected column is there and answers as expected, else the survey's own stop code, with expected
and found; what a survey found is told in numbers and booleans, text only by its digest.

Source: DESIGN §4 (Surveys), §5 (`expect`).
"""

import re
from collections.abc import Mapping
from typing import assert_never

import msgspec

from cutter import canon
from cutter.contracts import Pins, SurveySession, TakeFingerprint
from cutter.events import Facts
from cutter.fingerprints import SCHEMAS, check
from cutter.model import (
    AtLeast,
    AtMost,
    Equals,
    ExpectedColumn,
    FingerprintCheck,
    Inputs,
    Matches,
    OneOf,
    Scalar,
    Survey,
)
from cutter.pipeline.references import resolve
from cutter.stops import Stop, StopCode

# An answer stands in an event of at most 8 KiB, each column twice: with what was expected, and with what was found.
MOST_COLUMNS = 32
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class Answer(msgspec.Struct, frozen=True):
    """What a survey answered: told in metadata, with the digest over the facts themselves."""

    survey: str
    expected: Facts
    found: Facts
    sha256: str


def ask(session: SurveySession, survey: Survey, inputs: Inputs, outcomes: Mapping[str, Facts]) -> Answer:
    """Ask one survey.

    Raises:
        Stop: the survey's own code, detail `survey:column`, when an answer is not as expected; STOP_SURVEY_REFUSED.
    """
    bind = {item.name: resolve(item.binding, inputs, outcomes) for item in survey.bind}
    facts = session.answer(survey.sql, bind)
    if len(facts) > MOST_COLUMNS:
        raise Stop(StopCode.STOP_SURVEY_REFUSED, detail=f"too_many_columns:{survey.name}", needed=str(MOST_COLUMNS))
    for name, value in facts.items():
        if not _COLUMN.fullmatch(name):
            raise Stop(StopCode.STOP_SURVEY_REFUSED, detail=f"column_name:{survey.name}", needed="AS name")
        if not _is_plain(value):
            raise Stop(
                StopCode.STOP_SURVEY_REFUSED, detail=f"type_of:{survey.name}:{name}", needed="integer, boolean or text"
            )
    expected = {c.column: _tell_expected(c, inputs, outcomes) for c in survey.expect}
    for column in survey.expect:
        if column.column not in facts:
            raise Stop(StopCode.STOP_SURVEY_REFUSED, detail=f"no_column:{survey.name}", needed=column.column)
        if not _holds(column, facts[column.column], inputs, outcomes):
            raise Stop(
                survey.stop,
                detail=f"{survey.name}:{column.column}",
                found=str(_tell(facts[column.column])),
                needed=str(expected[column.column]),
            )
    return Answer(survey.name, expected, {name: _tell(value) for name, value in facts.items()}, canon.digest(facts))


def look(session: SurveySession, asked: FingerprintCheck, take: TakeFingerprint, pins: Pins) -> Answer:
    """Compare a fingerprint of the database with its pin.

    Raises:
        Stop: the check's own code, detail: the object and part that differ, or `unpinned:NAME.MAJOR`.
    """
    found = take(session, asked.name, SCHEMAS[asked.name])
    pinned = pins.find(found)
    check(pinned, found, asked.stop)
    told: Facts = {"objects": len(found.objects), "sha256": found.sha256}
    return Answer(f"fingerprint:{asked.name}", told, told, found.sha256)


def _is_plain(value: object) -> bool:
    """Whether a fact has a canonical form: a sum() is a numeric, which has none until the survey casts it."""
    if isinstance(value, int):
        return abs(value) <= canon.LARGEST_INTEGER
    return value is None or isinstance(value, str)


def _holds(column: ExpectedColumn, found: Scalar, inputs: Inputs, outcomes: Mapping[str, Facts]) -> bool:
    match column.expectation:
        case Equals(value=binding):
            wanted = resolve(binding, inputs, outcomes)
            return type(found) is type(wanted) and found == wanted
        case AtLeast(value=least):
            return type(found) is int and found >= least
        case AtMost(value=most):
            return type(found) is int and found <= most
        case OneOf(values=values):
            return any(type(found) is type(value) and found == value for value in values)
        case Matches(pattern=pattern):
            return isinstance(found, str) and re.fullmatch(pattern, found) is not None
        case _ as never:
            assert_never(never)


def _tell_expected(column: ExpectedColumn, inputs: Inputs, outcomes: Mapping[str, Facts]) -> Scalar:
    match column.expectation:
        case Equals(value=binding):
            return _tell(resolve(binding, inputs, outcomes))
        case AtLeast(value=least):
            return f"at_least:{least}"
        case AtMost(value=most):
            return f"at_most:{most}"
        case OneOf(values=values):
            return f"one_of:{canon.digest(values)[:16]}"
        case Matches(pattern=pattern):
            return f"matches:{canon.digest(pattern)[:16]}"
        case _ as never:
            assert_never(never)


def _tell(value: Scalar) -> Scalar:
    return f"sha256:{canon.digest(value)[:16]}" if isinstance(value, str) else value

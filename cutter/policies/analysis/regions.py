"""Regions of triggers, written as conditions, and witnesses: concrete triggers out of them.

Rules kept here: a region says of each field which values, and whether missing or outside its domain; a witness is the
smallest of its region (time, then fields by name, values in their domain's order), so that the same policies always
give the same one; what is not finite (times, references) is either given or missing.

Source: issue 7, "lint"; policies.md §0.3, §3.2.
"""

from collections.abc import Iterable
from typing import TypeAlias, assert_never

import msgspec

from cutter.policies.domain import FieldValue, Value
from cutter.policies.policy import Between, Condition, Equal, OneOf

AS_OF = "as_of"
"""The name under which a region states times. No field is called so."""


class TooLarge(Exception):  # noqa: N818  a refusal, not an error of the program
    """More would have to be looked at than this analysis looks at: too large to decide exactly."""

    def __init__(self, trigger_type: str, bound: int) -> None:
        super().__init__(trigger_type, bound)
        self.trigger_type = trigger_type
        self.bound = bound


class These(msgspec.Struct, frozen=True, tag_field="extent", tag="values"):
    """These words or booleans, in the domain's order."""

    values: tuple[Value, ...]


class Ranges(msgspec.Struct, frozen=True, tag_field="extent", tag="ranges"):
    """Whole numbers: pairs of bounds, both included, ascending and apart."""

    bounds: tuple[tuple[int, int], ...]


class Periods(msgspec.Struct, frozen=True, tag_field="extent", tag="periods"):
    """Times: pairs of the first moment and the first moment after; empty text: without a beginning, without an end."""

    bounds: tuple[tuple[str, str], ...]


class Given(msgspec.Struct, frozen=True, tag_field="extent", tag="given"):
    """Any value of a domain that is not finite: `time`, or the prefix of the references' issuer."""

    of: str


Extent: TypeAlias = These | Ranges | Periods | Given


class Part(msgspec.Struct, frozen=True):
    """What a region says of one field (or of `AS_OF`).

    Attributes:
        field: its name.
        extents: the values inside the domain; none: no value that is. More than one of a field whose kind changed.
        missing: the region holds triggers without this field, too.
        outside: the region holds triggers whose value is outside the domain, too.
    """

    field: str
    extents: tuple[Extent, ...]
    missing: bool = False
    outside: bool = False

    def __str__(self) -> str:
        words = [word for extent in self.extents for word in _written(extent)]
        words += ["missing"] if self.missing else []
        words += ["outside"] if self.outside else []
        return f"{self.field}: {' | '.join(words)}"


class Region(msgspec.Struct, frozen=True):
    """The triggers that meet every part; a field without a part may be anything. Parts are sorted by field."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return ", ".join(str(part) for part in self.parts) or "always"


class Witness(msgspec.Struct, frozen=True):
    """One concrete trigger, with the answers of its views among its fields.

    Attributes:
        trigger_type, as_of: its type and time.
        fields: every finite field that is given, sorted by name; columns of views are `VIEW.COLUMN`.
        missing: every field that is not given, sorted.
        outside: the fields whose value is outside the domain, sorted.
    """

    trigger_type: str
    as_of: str
    fields: tuple[FieldValue, ...]
    missing: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def needed(condition: Condition) -> Part:
    """What a condition asks for, in its own words."""
    match condition.test:
        case Equal(value):
            return Part(condition.field, (Ranges(((value, value),)) if type(value) is int else These((value,)),))
        case OneOf(values):
            return Part(condition.field, (These(values),))
        case Between(minimum, maximum):
            return Part(condition.field, (Ranges(((minimum, maximum),)),))
        case _ as never:
            assert_never(never)


def joined(extents: Iterable[Extent]) -> tuple[Extent, ...]:
    """The same values in as few extents as possible; neighbouring ranges and periods become one. Order is kept."""
    values: list[Value] = []
    numbers: list[tuple[int, int]] = []
    times: list[tuple[str, str]] = []
    given: list[Extent] = []
    for extent in extents:
        match extent:
            case These(several):
                values += several
            case Ranges(bounds):
                numbers += bounds
            case Periods(periods):
                times += periods
            case Given():
                given.append(extent)
            case _ as never:
                assert_never(never)
    found: list[Extent] = [These(tuple(values))] if values else []
    found += [Ranges(tuple(_adjoined(numbers, 1)))] if numbers else []
    found += [Periods(tuple(_lasting(times)))] if times else []
    return (*found, *given)


def _adjoined(bounds: list[tuple[int, int]], step: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(bounds):
        if merged and merged[-1][1] + step >= low:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _lasting(periods: list[tuple[str, str]]) -> list[tuple[str, str]]:
    merged: list[tuple[str, str]] = []
    for since, until in sorted(periods):
        if merged and merged[-1][1] == since:
            merged[-1] = (merged[-1][0], until)
        else:
            merged.append((since, until))
    return merged


def _written(extent: Extent) -> list[str]:
    """The values of an extent as text; texts of a file's own words, never of a trigger."""
    match extent:
        case These(values=values):
            return [str(value).lower() if type(value) is bool else str(value) for value in values]
        case Ranges(bounds=bounds):
            return [str(low) if low == high else f"{low}..{high}" for low, high in bounds]
        case Periods(bounds=periods):
            return [f"{since}..{until}" for since, until in periods]
        case Given():
            return ["given"]

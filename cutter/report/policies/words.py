"""The words of policies on screens: verdicts, conditions, regions, bounds, versions.

Rules kept here: a condition is told in signs that are no language's (`severity 0…3`, `ward = er | icu`); ids, fields,
reasons and decisions stay as policies have them.
"""

from collections.abc import Iterator, Mapping
from typing import assert_never

from cutter.messages import _, language
from cutter.policies.analysis.regions import Extent, Given, Part, Periods, Ranges, Region, These
from cutter.policies.domain import Value
from cutter.policies.policy import Between, Condition, Equal, OneOf, Test


def condition_phrase(condition: Condition) -> str:
    """A condition: its field, and what that must be."""
    return f"{condition.field} {_required(condition.test)}"


def region_phrase(region: Region) -> str:
    """A region: what each field must be, all of it together."""
    return ", ".join(part_phrase(part) for part in region.parts) or _("everywhere")


def part_phrase(part: Part) -> str:
    """What a region says of one field: `severity 4…7 | missing`, `ward = er | icu`."""
    words = [word for extent in part.extents for word in _extent(extent)]
    words += [_("missing")] if part.missing else []
    words += [_("outside its domain")] if part.outside else []
    return f"{part.field} {' | '.join(words)}"


def value_word(value: Value) -> str:
    """A value as policy files have it."""
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def named(identifier: str, version: str) -> str:
    """A version of something: `result-ready@1.0`."""
    return f"{identifier}@{version}"


def rule_name(policy: str, rule: str) -> str:
    """A rule: `result-ready/routine`; empty for none."""
    return f"{policy}/{rule}" if policy else ""


def title_of(titles: Mapping[str, str]) -> str:
    """A title in the language of the process, else in English."""
    return titles.get(language()) or titles.get("en", "")


def day_of(stated: str) -> str:
    """A moment as the files state it, without what is midnight."""
    return stated.removesuffix("T00:00:00Z")


def effective_phrase(effective_from: str, effective_until: str) -> str:
    """From when to when a policy counts."""
    since = day_of(effective_from)
    if not effective_until:
        return _("from {moment}", moment=since)
    return _("from {moment} until {end}", moment=since, end=day_of(effective_until))


def _required(test: Test) -> str:
    match test:
        case Equal(value=value):
            return f"= {value_word(value)}"
        case OneOf(values=values):
            return f"= {' | '.join(value_word(value) for value in values)}"
        case Between(minimum=minimum, maximum=maximum):
            return _bounds(minimum, maximum)
        case _ as never:
            assert_never(never)


def _extent(extent: Extent) -> Iterator[str]:
    match extent:
        case These(values=values):
            yield f"= {' | '.join(value_word(value) for value in values)}"
        case Ranges(bounds=ranges):
            yield from (_bounds(low, high) for low, high in ranges)
        case Periods(bounds=periods):
            yield from (f"{day_of(since)}…{day_of(until)}" for since, until in periods)
        case Given():
            yield _("given")
        case _ as never:
            assert_never(never)


def _bounds(minimum: int, maximum: int) -> str:
    """A range of whole numbers, both ends included."""
    return f"= {minimum}" if minimum == maximum else f"{minimum}…{maximum}"

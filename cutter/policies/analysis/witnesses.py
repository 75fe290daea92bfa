"""From points and cubes of a space to witnesses and regions, and from witnesses to triggers.

Rules kept here: a field that does not matter has the smallest value of its domain; references and times of a witness
are examples of their form, made here, and nobody's.

Source: issue 7, "lint"; policies.md §3.2.
"""

from collections.abc import Sequence
from typing import assert_never

from cutter.policies.analysis.atoms import State
from cutter.policies.analysis.regions import AS_OF, Extent, Given, Part, Periods, Ranges, Region, These, Witness, joined
from cutter.policies.analysis.searching import Cube, Path
from cutter.policies.analysis.selections import fields_of_type, type_of
from cutter.policies.analysis.space import Axis, Space
from cutter.policies.domain import (
    Domain,
    Field,
    FieldValue,
    IssuedReference,
    Moment,
    Trigger,
    Truth,
    Value,
    Whole,
    Words,
)
from cutter.policies.policy import Selection
from cutter.policies.references import issue

EARLIEST = "1970-01-01T00:00:00Z"
"""The time of a witness before any policy begins, and where the time does not matter."""

_PAYLOAD = "EXAMPLE"


class Wording:
    """The points and cubes of a space as witnesses and regions; what many of them share is worded once.

    Args:
        space: the space.
        fields: those of the type, as the selections of the space know them.
        whole: the space that regions are read in, where it has more cells.
    """

    def __init__(self, space: Space, fields: Sequence[Field], whole: Space | None = None) -> None:
        self._space = space
        self._every = {axis.name: len(axis.cells) for axis in (whole or space).axes}
        levels = {axis.name: level for level, axis in enumerate(space.axes)}
        domains = sorted({field.name: field.domain for field in reversed(fields)}.items())
        self._fields = [
            (name, levels.get(name), self._said(name, levels.get(name), domain)) for name, domain in domains
        ]
        self._times = levels.get(AS_OF)
        self._parts: dict[tuple[int, int], Part | None] = {}

    def _said(self, name: str, level: int | None, domain: Domain) -> list[tuple[State, FieldValue | None]]:
        """What a witness says of a field in each of its cells."""
        if level is None:
            return [(State.INSIDE, _given(name, smallest(domain)))]
        cells = self._space.axes[level].cells
        return [(cell.state, _given(name, _first(cell.extents[0]) if cell.extents else None)) for cell in cells]

    def witness(self, path: Path) -> Witness:
        """The smallest trigger at a point."""
        said = [(name, *cells[0 if level is None else path[level]]) for name, level, cells in self._fields]
        values = tuple([value for _, state, value in said if state is State.INSIDE and value is not None])
        missing = tuple([name for name, state, _ in said if state is State.MISSING])
        outside = tuple([name for name, state, _ in said if state is State.OUTSIDE])
        as_of = "" if self._times is None else _first(self._space.axes[self._times].cells[path[self._times]].extents[0])
        return Witness(self._space.name, str(as_of or EARLIEST), values, missing, outside)

    def region(self, cube: Cube) -> Region:
        """A cube as conditions; an axis says nothing when all cells that it has in the whole space are in the cube."""
        parts = [self._part(level, bits) for level, bits in enumerate(cube)]
        return Region(tuple([part for part in parts if part is not None]))

    def _part(self, level: int, bits: int) -> Part | None:
        if (level, bits) not in self._parts:
            self._parts[level, bits] = self._worded(self._space.axes[level], bits)
        return self._parts[level, bits]

    def _worded(self, axis: Axis, bits: int) -> Part | None:
        cells = [cell for number, cell in enumerate(axis.cells) if bits >> number & 1]
        if len(cells) == self._every[axis.name]:
            return None
        states = [cell.state for cell in cells]
        extents = joined(extent for cell in cells for extent in cell.extents)
        return Part(axis.name, extents, State.MISSING in states, State.OUTSIDE in states)


def _given(name: str, value: Value | None) -> FieldValue | None:
    return None if value is None else FieldValue(name, value)


def smallest(domain: Domain) -> Value | None:
    """The first value of a finite domain; None of others."""
    match domain:
        case Words(words):
            return words[0]
        case Whole(minimum, _):
            return minimum
        case Truth():
            return False
        case Moment() | IssuedReference():
            return None
        case _ as never:
            assert_never(never)


def trigger_of(selection: Selection, witness: Witness) -> tuple[Trigger, tuple[FieldValue, ...]]:
    """A trigger with the answers of its views that the evaluator and `explain` accept.

    References and times are examples of their form. What the selection's own domains do not hold is outside them.
    """
    kind = type_of(selection, witness.trigger_type)
    own = {field.name for field in kind.fields} if kind is not None else set[str]()
    said = {item.name: item.value for item in witness.fields}
    fields: list[FieldValue] = []
    answers: list[FieldValue] = []
    outside: list[str] = []
    for field in fields_of_type(selection, witness.trigger_type):
        value = said.get(field.name, _example(field.domain, witness.as_of))
        if field.name in witness.missing:
            continue
        if field.name not in witness.outside and holds(field.domain, value):
            (fields if field.name in own else answers).append(FieldValue(field.name, value))
        elif field.name in own:
            outside.append(field.name)
        else:
            answers.append(FieldValue(field.name, _beyond(field.domain)))
    number = issue(selection.triggers.issuer, _PAYLOAD)
    return Trigger(number, witness.trigger_type, witness.as_of, tuple(fields), tuple(outside)), tuple(answers)


def _first(extent: Extent) -> Value | None:
    match extent:
        case These(values):
            return values[0]
        case Ranges(bounds):
            return bounds[0][0]
        case Periods(periods):
            return periods[0][0]
        case Given():
            return None
        case _ as never:
            assert_never(never)


def _example(domain: Domain, as_of: str) -> Value:
    match domain:
        case IssuedReference(issuer):
            return issue(issuer, _PAYLOAD)
        case Moment():
            return as_of
        case _:
            found = smallest(domain)
            return "" if found is None else found


def holds(domain: Domain, value: Value) -> bool:
    """Whether a value of a domain's form is inside it."""
    match domain:
        case Words(words):
            return value in words
        case Whole(minimum, maximum):
            return type(value) is int and minimum <= value <= maximum
        case Truth():
            return type(value) is bool
        case _:
            return True


def _beyond(domain: Domain) -> Value:
    """A value outside the domain of a view's column."""
    return domain.maximum + 1 if isinstance(domain, Whole) else " "

"""Where a trigger is in a space, and what is possible there.

Rules kept here: what a trigger says is looked up by exactly its type; a value outside its domain is no value.
"""

from collections.abc import Mapping
from typing import NamedTuple, assert_never

from cutter.policies.analysis.atoms import State
from cutter.policies.analysis.regions import AS_OF, Extent, Given, Periods, Ranges, These
from cutter.policies.analysis.searching import Path
from cutter.policies.analysis.selections import fields_of_type
from cutter.policies.analysis.space import Axis, Space
from cutter.policies.analysis.witnesses import holds
from cutter.policies.domain import FieldValue, Trigger, Value
from cutter.policies.policy import Selection


class Said(NamedTuple):
    """What a trigger and the views say: values inside their domain, and the names of what is outside."""

    as_of: str
    values: Mapping[str, Value]
    outside: frozenset[str]


def said_by(selection: Selection, trigger: Trigger, answers: tuple[FieldValue, ...]) -> Said:
    """What a trigger and the answers of its views say."""
    domains = {field.name: field.domain for field in fields_of_type(selection, trigger.type)}
    given = {item.name: item.value for item in trigger.fields + answers if item.name in domains}
    inside = {name: value for name, value in given.items() if holds(domains[name], value)}
    return Said(trigger.as_of, inside, frozenset(trigger.outside) | (given.keys() - inside.keys()))


def state_at(space: Space, path: Path) -> tuple[int, int]:
    """The rules that are possible at a point, and their doubts."""
    possible, doubt = space.rules, 0
    for axis, number in zip(space.axes, path, strict=True):
        possible &= axis.cells[number].keep
        doubt |= axis.cells[number].doubt
    return possible, doubt & possible * (1 | 1 << space.width | 1 << 2 * space.width)


def path_of(space: Space, said: Said) -> Path | None:
    """The cells in which what is said is; None when it is in none, because it is not of its field's form."""
    cells = [_cell(axis, said) for axis in space.axes]
    return tuple(cell for cell in cells if cell is not None) if None not in cells else None


def _cell(axis: Axis, said: Said) -> int | None:
    value = said.as_of if axis.name == AS_OF else said.values.get(axis.name)
    wanted = State.INSIDE if value is not None else State.OUTSIDE if axis.name in said.outside else State.MISSING
    numbers = (
        number
        for number, cell in enumerate(axis.cells)
        if cell.state is wanted and (value is None or any(_in(extent, value) for extent in cell.extents))
    )
    return next(numbers, None)


def _in(extent: Extent, value: Value) -> bool:
    match extent:
        case These(values):
            return any(type(value) is type(each) and value == each for each in values)
        case Ranges(bounds):
            return type(value) is int and any(low <= value <= high for low, high in bounds)
        case Periods(periods):
            return any(since <= str(value) and (not until or str(value) < until) for since, until in periods)
        case Given():
            return True
        case _ as never:
            assert_never(never)

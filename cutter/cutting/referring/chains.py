"""Words with numbers put together to chains: which of them holds which.

Rules kept here: an item is held by the next one further out on its right, when only items as deep as itself or deeper
stand between them (điểm a khoản 1 và khoản 2 Điều 5); else by the one directly on its left (Article I, Section 8). An
item that only holds others is not cited itself.

Source: issue 5, part 7; cutting.md §1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from cutter.cutting.referring.wording import Wording


class Points(Enum):
    """How a step says which unit it means."""

    NUMBER = "number"
    THIS = "this"
    PREVIOUS = "previous"


class Step(NamedTuple):
    """One step of a chain: the TYPEs that its word may mean (none for a number in brackets), and its number."""

    types: tuple[str, ...]
    number: str
    points: Points = Points.NUMBER


class Chain(NamedTuple):
    """One cited unit.

    Args:
        steps: from the outermost to the innermost.
        title: the TYPE of the unit whose title is meant; empty where the unit is. Without steps, it names no unit.
        through: with the chain before it, all units from that one to this one.
    """

    steps: tuple[Step, ...]
    title: str = ""
    through: bool = False


class Join(Enum):
    """What stands between two items, the strongest last."""

    SPACE = 0  # nothing, or a word such as `of`: the right one holds the left one, or the other way round
    COMMA = 1
    AND = 2
    RANGE = 3


@dataclass(slots=True)
class Item:
    """A word with one number and the brackets behind it."""

    types: tuple[str, ...]
    number: str
    points: Points
    join: Join
    start: int
    end: int
    plural: bool = False
    bracketed: bool = False
    title: bool = False
    tail: list[str] = field(default_factory=list)

    def steps(self) -> tuple[Step, ...]:
        own = () if self.title else (Step(self.types, self.number, self.points),)
        return (*own, *(Step((), number) for number in self.tail))


def chains_of(items: Sequence[Item], wording: Wording) -> tuple[Chain, ...]:
    """The cited units of items: each with what holds it, without those that only hold others."""
    right = _right_holders(items, wording)
    chains: list[tuple[Step, ...]] = [()] * len(items)
    held_by: list[int | None] = list(right)
    for at in range(len(items) - 1, -1, -1):
        holder = right[at]
        chains[at] = (*(chains[holder] if holder is not None else ()), *items[at].steps())
    for at in range(1, len(items)):
        if right[at] is None:
            held_by[at] = _left_holder(items, held_by, at, wording)
            holder = held_by[at]
            chains[at] = (*(chains[holder] if holder is not None else ()), *items[at].steps())
    holders = set(held_by)
    return tuple(
        Chain(chains[at], item.types[0] if item.title else "", at > 0 and _ends_range(items[at - 1], item))
        for at, item in enumerate(items)
        if at not in holders and (chains[at] or item.title)
    )


def _ends_range(before: Item, item: Item) -> bool:
    return item.join is Join.RANGE and _alike(before, item)


def _alike(left: Item, right: Item) -> bool:
    return set(left.types) & set(right.types) != set() and len(left.tail) == len(right.tail)


def _right_holders(items: Sequence[Item], wording: Wording) -> list[int | None]:
    """For each item the next one on its right that is further out, when no list stands between them."""
    holders: list[int | None] = [None] * len(items)
    open_: list[int] = []
    for at in range(len(items) - 1, -1, -1):
        while open_ and not _holds(items[open_[-1]], items[at], wording):
            open_.pop()
        if open_ and items[open_[-1]].join in {Join.SPACE, Join.COMMA}:
            holders[at] = open_[-1]
        open_.append(at)
    return holders


def _left_holder(items: Sequence[Item], held_by: Sequence[int | None], at: int, wording: Wording) -> int | None:
    """The item before one that holds it (Article I, Section 8), or that holds the list which it goes on."""
    item, before = items[at], items[at - 1]
    if item.join in {Join.SPACE, Join.COMMA} and _holds(before, item, wording):
        return at - 1
    holder = held_by[at - 1]
    on_left = holder is not None and holder < at - 1
    return holder if on_left and item.join is not Join.SPACE and _alike(before, item) else None


def _holds(outer: Item, inner: Item, wording: Wording) -> bool:
    """Whether one item stands further out than another, by the words of both."""
    if outer.title:
        return False
    if inner.title:
        return bool(set(outer.types) & set(inner.types)) and not outer.tail
    out = max((wording.depth.get(type_, 0) for type_ in outer.types), default=0) + len(outer.tail)
    return out < min((wording.depth.get(type_, 0) for type_ in inner.types), default=0)


def form_of(steps: Sequence[Step], wording: Wording) -> str:
    """How a chain would be called in an address: ART-05/CL-1; a pointer says so (ART-this)."""
    segments: list[str] = []
    outer = ""
    for step in steps:
        type_ = step.types[0] if step.types else ""
        if step.points is not Points.NUMBER:
            segments.append(f"{type_}-{step.points.value}")
            continue
        level = wording.level_of(type_, step.number, outer)
        named = type_ or (level.type if level else "")
        segments.append(wording.segment(named, step.number, outer) if named else step.number.casefold())
        outer = level.id if level else ""
    return "/".join(segments)

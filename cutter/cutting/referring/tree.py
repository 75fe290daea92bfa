"""The units of a cut as a tree, for look-ups from where one stands: what a text in a unit means by `khoản 2`.

Built in one pass; a look-up costs a walk to the top (bounded) and some dictionary entries. Where a number stands more
than once, nothing is guessed: the look-up finds no unit. Citations of people are resolved by `places`, from the top.

Source: issue 5, part 7; cutting.md §1, rules 2–7.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from cutter.cutting.profile import Rank
from cutter.cutting.referring.chains import Points, Step
from cutter.cutting.referring.wording import Wording
from cutter.cutting.unit import Cut

# Above the units at the top of the document.
TOP = -1
# Units around a unit that are looked at: real documents have at most 12.
MOST_AROUND = 64
# Units that a range may stand for; a longer one is not resolved.
MOST_IN_RANGE = 1000

_SEVERAL = -2
_SEGMENT = re.compile(r"[A-Z]+-0*(.+?)(?:~[0-9]+)?")


class UnitTree:
    """Units by index in document order."""

    def __init__(self, made: Cut, wording: Wording) -> None:
        self._wording = wording
        self.addresses: list[str] = []
        self._types: list[str] = []
        self._parents, self._scopes, self._previous, self._ends = array("q"), array("q"), array("q"), array("q")
        self._children: dict[tuple[int, str, str], int] = {}
        self._scoped: dict[tuple[int, str, str], int] = {}
        self._numbered: dict[tuple[str, str], array[int]] = {}
        self._by_type: dict[str, array[int]] = {}
        levels = wording.profile.levels
        types = {level.id: level.type for level in levels}
        scopes = ((holder, level.type) for level in levels if level.scope for holder in level.within)
        self._scope_types = frozenset((types.get(holder, ""), type_) for holder, type_ in scopes)
        self._sub_types = frozenset(type_ for type_ in wording.depth if _is_sub(type_, wording))
        # Numbers of these run from the top: 3.2.1 is never the third of something else.
        self._absolute = frozenset(level.type for level in levels if level.path) - self._sub_types
        self._enter(made)

    def _enter(self, made: Cut) -> None:
        open_: list[int] = []
        last: dict[tuple[int, str], int] = {}
        for index, unit in enumerate(made.units):
            while open_ and self.addresses[open_[-1]] != unit.parent_address:
                self._ends[open_.pop()] = index
            parent = open_[-1] if open_ else TOP
            self.addresses.append(unit.address)
            self._types.append(unit.type)
            self._parents.append(parent)
            self._scopes.append(self._scope_of_children(parent))
            self._previous.append(last.get((parent, unit.type), TOP))
            self._ends.append(index + 1)
            last[parent, unit.type] = index
            self._enter_number(index, unit.address, unit.rank)
            open_.append(index)
        for index in open_:
            self._ends[index] = len(self.addresses)

    def _enter_number(self, index: int, address: str, rank: Rank) -> None:
        type_, parent = self._types[index], self._parents[index]
        self._by_type.setdefault(type_, array("q")).append(index)
        found = _SEGMENT.fullmatch(address.rpartition("/")[2])
        if found is None:
            return
        number = found[1].casefold()
        _note(self._children, (parent, type_, number), index)
        self._numbered.setdefault((type_, number), array("q")).append(index)
        if rank is not Rank.ZONE:
            _note(self._children, (parent, "", number), index)
        if rank is not Rank.SUB:
            _note(self._scoped, (self._scopes[index], type_, number), index)

    def _scope_of_children(self, index: int) -> int:
        """The schedule in which the children of a unit stand; TOP for none."""
        if index == TOP:
            return TOP
        parent = self._parents[index]
        around = self._types[parent] if parent != TOP else ""
        return index if (around, self._types[index]) in self._scope_types else self._scopes[index]

    def around(self, index: int) -> Iterator[int]:
        """A unit and those around it, innermost first."""
        for _ in range(MOST_AROUND):
            if index == TOP:
                return
            yield index
            index = self._parents[index]

    def resolve(self, steps: Sequence[Step], here: int) -> int | None:
        """The unit that a chain of steps means in the text of a unit; None for none, or for several."""
        place = self._first(steps[0], here)
        skipped = ""  # a number that has no unit of its own: the 1 of 13.1.1, where no 13.1 stands
        for step in steps[1:]:
            if place is None:
                return None
            inside = self._inside(place, step._replace(number=skipped + step.number))
            if inside is None and not step.types and step is not steps[-1] and len(skipped) < MOST_AROUND:
                skipped += f"{step.number}."
                continue
            place, skipped = inside, ""
        return place

    def between(self, first: int, last: int) -> Sequence[int] | None:
        """The units behind one up to another of its TYPE, siblings where both are; None when that is no range."""
        type_ = self._types[first]
        if self._types[last] != type_ or last <= first:
            return None
        known = self._by_type[type_]
        start, end = bisect_right(known, first), bisect_right(known, last)
        if end - start > MOST_IN_RANGE:
            return None
        parent = self._parents[first]
        siblings = self._parents[last] == parent
        return [index for index in known[start:end] if not siblings or self._parents[index] == parent]

    def _first(self, step: Step, here: int) -> int | None:
        if step.points is Points.NUMBER:
            found = (self._from(type_, step.number, here) for type_ in step.types)
            return next((index for index in found if index is not None), None)
        own = next((index for index in self.around(here) if self._types[index] in step.types), None)
        if own is None or step.points is Points.THIS:
            return own
        before = self._previous[own]
        return None if before == TOP else before

    def _from(self, type_: str, number: str, here: int) -> int | None:
        """A unit by TYPE and number as seen from a unit: beside it or what is around it, then in its schedule."""
        for key in self._wording.keys(type_, number):
            found = None
            if type_ not in self._absolute:
                beside = (self._children.get((index, type_, key)) for index in (*self.around(here), TOP))
                found = next((index for index in beside if index is not None), None)
            if found is None and type_ not in self._sub_types:
                scopes = (self._scope_of_children(here), TOP)
                within = (self._scoped.get((scope, type_, key)) for scope in scopes)
                found = next((index for index in within if index is not None), None)
            if found is not None:
                return None if found == _SEVERAL else found
        return None

    def _inside(self, place: int, step: Step) -> int | None:
        """The unit of a step inside another: its child, else the only one of that number anywhere in it."""
        for type_ in step.types or ("",):
            for key in self._wording.keys(type_, step.number):
                child = self._children.get((place, type_, key))
                if child is not None:
                    return None if child == _SEVERAL else child
                known = self._numbered.get((type_, key), ())
                start, end = bisect_right(known, place), bisect_left(known, self._ends[place])
                if end - start == 1:
                    return known[start]
        return None


def _is_sub(type_: str, wording: Wording) -> bool:
    first = next(level for level in wording.profile.levels if level.type == type_)
    return first.rank is Rank.SUB


def _note(places: dict[tuple[int, str, str], int], key: tuple[int, str, str], index: int) -> None:
    places[key] = _SEVERAL if key in places else index

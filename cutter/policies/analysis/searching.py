"""Depth-first search for the smallest point of a space that is as wanted; exact, or `TooLarge`.

Rules kept here: axes and cells are tried in their order, so what is found first is the smallest; of a part of the
space only the rules count that something in it tells apart; a state that was searched in vain is not searched again;
every visit is paid for, and beyond the bounds nothing is claimed.

Source: issue 7, "lint"; policies.md §0.3, §3.2.
"""

from collections.abc import Callable
from typing import TypeAlias

from cutter.policies.analysis.bounds import MOST_STATES, Budget, refuse_beyond, weight
from cutter.policies.analysis.space import Narrowed, Space, later_of

Judge: TypeAlias = Callable[[int, int, int], bool | None]
"""From the rules that are possible, their doubts, and those to which later axes matter: whether every (True) or no
(False) point below is wanted, or whether it must be looked at further (None; never when no rule waits for an axis)."""

Path: TypeAlias = tuple[int, ...]
"""The number of a cell of each axis."""

Cube: TypeAlias = tuple[int, ...]
"""Of each axis the cells that are in it, as bits."""


_MOST_KEPT = 1_000_000  # cells of parts of axes: about 100 MB


class Search:
    """Searches of one space.

    Args:
        space: the space.
        budget: what they may visit together.
    """

    def __init__(self, space: Space, budget: Budget) -> None:
        self.space = space
        self._budget = budget
        self._most_states = MOST_STATES // weight(space.width)
        self._narrowed: dict[tuple[int, int], Narrowed] = {}
        self._kept = 0  # cells

    def find(self, judge: Judge, possible: int, need: int = 0, within: Cube | None = None) -> Path | None:
        """The smallest wanted point, or None when there is none.

        Args:
            judge: what is wanted.
            possible: the rules to begin with.
            need: rules that must stay possible.
            within: only these cells.

        Raises:
            TooLarge: more would have to be visited, or kept, than is allowed.
        """
        space, most_states, spend = self.space, self._most_states, self._budget.spend
        width, cost = space.width, weight(space.width)
        spend(space.name, cost * len(space.axes))
        axes = self._within(within)
        users, later = [axis.users for axis in axes], later_of(axes)
        path = [axis.cells[0][0] if axis.cells else 0 for axis in axes]
        in_vain: set[tuple[int, int, int]] = set()

        def walk(level: int, possible: int, doubt: int) -> bool:
            waiting = later[level] & possible
            verdict = judge(possible, doubt, waiting)
            if verdict is False or (verdict and not waiting & need):
                return verdict
            while not users[level] & possible:
                level += 1
            state = (level, possible, doubt)
            if state in in_vain:
                return False
            refuse_beyond(most_states, len(in_vain), space.name)
            spend(space.name, cost * len(axes[level].cells))
            for number, keep, unsure in axes[level].cells:
                left, doubts = possible & keep, doubt | unsure
                if left & need == need and walk(level + 1, left, doubts and doubts & spread(left, width)):
                    path[level] = number
                    return True
            in_vain.add(state)
            return False

        doubt = 0
        for axis in axes:
            possible &= axis.some
            doubt |= axis.doubt
        try:
            wanted = possible & need == need and walk(0, possible, doubt and doubt & spread(possible, width))
        finally:
            in_vain.clear()  # `walk` refers to itself, and what it holds would stay until the next collection
        return tuple(path) if wanted else None

    def meeting(self, cube: Cube) -> int:
        """The rules that match somewhere in a cube, as far as conditions alone say it."""
        rules = self.space.rules
        for axis in self._within(cube):
            rules &= axis.some
        return rules

    def grown(self, path: Path, unwanted: Judge, possible: int) -> Cube:
        """A largest cube around a point in which no point is unwanted: axis by axis, cell by cell, in their order."""
        cube = [1 << number for number in path]
        for level, axis in enumerate(self.space.axes):
            for number in range(len(axis.cells)):
                wider = cube[level] | 1 << number
                if wider != cube[level]:
                    tried = (*cube[:level], wider, *cube[level + 1 :])
                    if self.find(unwanted, possible, within=tried) is None:
                        cube[level] = wider
        return tuple(cube)

    def _within(self, cube: Cube | None) -> list[Narrowed]:
        if cube is None:
            cube = tuple((1 << len(axis.cells)) - 1 for axis in self.space.axes)
        known = self._narrowed
        return [known.get((level, bits)) or self._narrow(level, bits) for level, bits in enumerate(cube)]

    def _narrow(self, level: int, bits: int) -> Narrowed:
        """Some cells of an axis, kept for the next time; when too many are kept, it is begun anew."""
        count = len(self.space.axes[level].cells)
        self._budget.spend(self.space.name, weight(self.space.width) * count)
        self._kept += count
        if self._kept > _MOST_KEPT:
            self._narrowed.clear()
            self._kept = count
        found = self._narrowed[level, bits] = self.space.narrowed(level, bits)
        return found


def spread(rules: int, width: int) -> int:
    """Rules, three times side by side, as doubts are."""
    return rules | rules << width | rules << 2 * width


def without(unwanted: int) -> Judge:
    """Where none of these rules matches."""

    def judge(possible: int, doubt: int, waiting: int) -> bool | None:
        left = possible & unwanted
        if not left:
            return True
        return False if left & ~waiting else None

    return judge


def cube_of(space: Space, need: int) -> Cube:
    """The cells that none of these rules excludes."""
    return tuple(
        sum(1 << number for number, cell in enumerate(axis.cells) if cell.keep & need == need) for axis in space.axes
    )

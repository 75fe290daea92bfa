"""Depth-first search for the smallest point of a space that is as wanted; exact, or `TooLarge`.

Rules kept here: axes and cells are tried in their order, so what is found first is the smallest; a state that was
searched in vain is not searched again; every visit is counted, and beyond the bound nothing is claimed.

Source: issue 7, "lint"; policies.md §0.3, §3.2.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from cutter.policies.analysis.regions import TooLarge
from cutter.policies.analysis.space import Cell, Space

MOST_VISITS = 1_000_000
"""Visits of one search, whose states are kept: about two seconds, and 200 MB."""

Judge: TypeAlias = Callable[[int, int, int], bool | None]
"""From the rules that are possible, their doubts, and those to which later axes matter: whether every (True) or no
(False) point below is wanted, or whether it must be looked at further (None; never when no rule waits for an axis)."""

Path: TypeAlias = tuple[int, ...]
"""The number of a cell of each axis."""

Cube: TypeAlias = tuple[int, ...]
"""Of each axis the cells that are in it, as bits."""


class Search:
    """Searches of one space, with a bound on all of them together, and `MOST_VISITS` on each."""

    def __init__(self, space: Space, bound: int = MOST_VISITS) -> None:
        self.space = space
        self._bound = bound
        self._left = bound
        self._repeated = 1 | 1 << space.width | 1 << 2 * space.width

    def find(self, judge: Judge, possible: int, need: int = 0, within: Cube | None = None) -> Path | None:
        """The smallest wanted point, or None when there is none.

        Args:
            judge: what is wanted.
            possible: the rules to begin with.
            need: rules that must stay possible.
            within: only these cells.

        Raises:
            TooLarge: more would have to be visited than is allowed.
        """
        later, users, repeated = self.space.later, self.space.users, self._repeated
        in_vain: set[tuple[int, int, int]] = set()
        cells = [_numbered(axis.cells, within, number) for number, axis in enumerate(self.space.axes)]
        path = [numbered[0][0] if numbered else 0 for numbered in cells]
        floor = max(0, self._left - MOST_VISITS)
        self._left -= len(cells)  # to begin is to look at every axis

        def walk(level: int, possible: int, doubt: int) -> bool:
            self._left -= 1
            waiting = later[level] & possible
            verdict = judge(possible, doubt, waiting)
            if verdict is False or (verdict and not waiting & need):
                return verdict
            while not users[level] & possible:
                level += 1
            state = (level, possible, doubt)
            if state in in_vain:
                return False
            if self._left < floor:
                raise TooLarge(self.space.name, self._bound)
            for number, cell in cells[level]:
                left = possible & cell.keep
                if left & need == need and walk(level + 1, left, (doubt | cell.doubt) & left * repeated):
                    path[level] = number
                    return True
            in_vain.add(state)
            return False

        return tuple(path) if walk(0, possible, 0) else None

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


def _numbered(cells: Sequence[Cell], within: Cube | None, axis: int) -> list[tuple[int, Cell]]:
    return [(number, cell) for number, cell in enumerate(cells) if within is None or within[axis] >> number & 1]


def cube_of(space: Space, need: int) -> Cube:
    """The cells that none of these rules excludes."""
    return tuple(
        sum(1 << number for number, cell in enumerate(axis.cells) if cell.keep & need == need) for axis in space.axes
    )

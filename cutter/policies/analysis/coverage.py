"""What no rule covers, and which rules cover what another one says.

Source: issue 7, "lint"; policies.md §3.2.
"""

from collections.abc import Iterator
from dataclasses import replace

from cutter.policies.analysis.bounds import Budget
from cutter.policies.analysis.searching import Cube, Path, Search, without
from cutter.policies.analysis.space import Axis, Cell, Space

MOST_GAPS = 5
"""Gaps of one trigger type that are told at once; when these are closed, the next are."""


class GapSearch:
    """Gaps: points at which no rule matches, told as cubes around their smallest points."""

    def __init__(self, space: Space, budget: Budget) -> None:
        self._space = space
        self._budget = budget

    def gaps(self) -> Iterator[tuple[Path, Cube]]:
        """The first gaps; each next one begins outside those before it."""
        space = self._space
        if not all(axis.cells for axis in space.axes):
            return
        for _ in range(MOST_GAPS):
            path = Search(space, self._budget).find(without(space.rules), space.rules)
            if path is None:
                return
            cube = self._grown(path)
            yield path, cube
            space = _covering(space, cube)

    def _grown(self, path: Path) -> Cube:
        """A largest cube around a gap in which no rule matches: every rule is excluded by all cells of some axis."""
        axes, rules = self._space.axes, self._space.rules
        kept = [axis.cells[number].keep for axis, number in zip(axes, path, strict=True)]
        cube = [1 << number for number in path]
        for level, axis in enumerate(axes):
            others = 0
            for other, keep in enumerate(kept):
                others |= rules & ~keep if other != level else 0
            for number, cell in enumerate(axis.cells):
                if others | (rules & ~(kept[level] | cell.keep)) == rules:
                    kept[level] |= cell.keep
                    cube[level] |= 1 << number
        return tuple(cube)


def instead_of(search: Search, bit: int, cube: Cube) -> tuple[tuple[int, ...], Path]:
    """The rules that decide where a rule matches, until they cover it, and its smallest point.

    Args:
        search: over a space in which every point of the rule is decided by others just so.
        bit: the rule.
        cube: where it matches.
    """
    instead: list[int] = []
    first = path = search.find(without(0), bit, bit, cube)
    while path is not None and (others := _matching(search.space, path) & ~bit):
        instead.append(others & -others)
        seen = sum(instead)
        path = search.find(without(seen), seen | bit, bit, cube)
    return tuple(sorted(instead)), first or ()


def _matching(space: Space, path: Path) -> int:
    possible = space.rules
    for axis, number in zip(space.axes, path, strict=True):
        possible &= axis.cells[number].keep
    return possible


def _covering(space: Space, cube: Cube) -> Space:
    """The space with a further rule, which matches just in this cube."""
    bit = 1 << space.width
    axes = [
        Axis(axis.name, tuple(_kept(cell, bit if bits >> number & 1 else 0) for number, cell in enumerate(axis.cells)))
        for axis, bits in zip(space.axes, cube, strict=True)
    ]
    return replace(space, width=space.width + 1).with_axes(axes)


def _kept(cell: Cell, bit: int) -> Cell:
    return cell._replace(keep=cell.keep | bit)

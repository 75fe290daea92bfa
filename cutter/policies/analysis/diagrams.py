"""A space as a reduced decision diagram: every region of every outcome, each point in exactly one.

Rules kept here: a state that was reached before is not walked again; cells that lead to the same are one; nodes whose
cells all lead to the same are none. So equal decisions give equal diagrams, whatever the rules that make them.

Source: Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986 (on axes of several cells); issue 7.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from cutter.policies.analysis.atoms import State
from cutter.policies.analysis.regions import TooLarge
from cutter.policies.analysis.searching import MOST_VISITS, Cube, Path
from cutter.policies.analysis.space import Space

MOST_REGIONS = 10_000
"""Regions of one trigger type in one difference; people sign what they can read."""

Leaf: TypeAlias = int
"""The number of an outcome; -1: of no interest."""

_Node: TypeAlias = int | tuple[int, tuple[int, ...]]
"""A leaf, or an axis with the numbers of the nodes that its cells lead to."""

NOTHING: Leaf = -1


class Diagram:
    """The diagram of a space.

    Args:
        space: the space.
        leaf: from a state, as a `Judge` gets it, to the outcome; None where it is not settled yet.
    """

    def __init__(self, space: Space, leaf: Callable[[int, int, int], Leaf | None]) -> None:
        self.space = space
        self._leaf = leaf
        self._numbers: dict[_Node, int] = {}
        self.nodes: list[_Node] = []
        self._reached: dict[tuple[int, int, int], int] = {}
        self._repeated = 1 | 1 << space.width | 1 << 2 * space.width
        self.root = self._walk(0, space.rules, 0)

    def _walk(self, level: int, possible: int, doubt: int) -> int:
        space = self.space
        leaf = self._leaf(possible, doubt, space.later[level] & possible)
        if leaf is not None:
            return self._numbered(leaf)
        while not space.users[level] & possible:
            level += 1
        state = (level, possible, doubt)
        found = self._reached.get(state)
        if found is None:
            if len(self._reached) >= MOST_VISITS:
                raise TooLarge(space.name, MOST_VISITS)
            children = tuple(self._after(level, possible, doubt))
            same = all(child == children[0] for child in children)
            found = children[0] if same else self._numbered((level, children))
            self._reached[state] = found
        return found

    def _after(self, level: int, possible: int, doubt: int) -> Iterator[int]:
        for cell in self.space.axes[level].cells:
            left = possible & cell.keep
            yield self._walk(level + 1, left, (doubt | cell.doubt) & left * self._repeated)

    def _numbered(self, node: _Node) -> int:
        if node not in self._numbers:
            self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return self._numbers[node]

    def cubes(self) -> Iterator[tuple[Leaf, Cube]]:
        """Every path to an outcome of interest, as the cells that it may take of each axis; paths do not overlap."""
        every = [(1 << len(axis.cells)) - 1 for axis in self.space.axes]
        yield from self._paths(self.root, every)

    def _paths(self, number: int, cube: list[int]) -> Iterator[tuple[Leaf, Cube]]:
        node = self.nodes[number]
        if isinstance(node, int):
            if node != NOTHING:
                yield node, tuple(cube)
            return
        level, children = node
        for child in dict.fromkeys(children):
            bits = sum(1 << cell for cell, each in enumerate(children) if each == child)
            yield from self._paths(child, [*cube[:level], bits, *cube[level + 1 :]])

    def smallest(self, leaf: Leaf, *, complete: bool) -> Path | None:
        """The smallest point with an outcome; `complete`: of those that say everything, inside its domain."""
        in_vain: set[int] = set()
        path = [0] * len(self.space.axes)

        def walk(number: int) -> bool:
            node = self.nodes[number]
            if isinstance(node, int):
                return node == leaf
            level, children = node
            if number in in_vain:
                return False
            for cell, child in enumerate(children):
                inside = self.space.axes[level].cells[cell].state is State.INSIDE
                if (inside or not complete) and walk(child):
                    path[level] = cell
                    return True
            in_vain.add(number)
            return False

        return tuple(path) if walk(self.root) else None


def regions_by_leaf(
    space: Space, leaf: Callable[[int, int, int], Leaf | None]
) -> Iterator[tuple[Leaf, Path, tuple[Cube, ...]]]:
    """Every outcome of interest with its smallest point, complete ones first, and all of its regions.

    Raises:
        TooLarge: the diagram, or the number of regions, is beyond what is told.
    """
    diagram = Diagram(space, leaf)
    found: dict[Leaf, list[Cube]] = {}
    for count, (number, cube) in enumerate(diagram.cubes()):
        if count >= MOST_REGIONS:
            raise TooLarge(space.name, MOST_REGIONS)
        found.setdefault(number, []).append(cube)
    told = []
    for number, cubes in found.items():
        path = diagram.smallest(number, complete=True) or diagram.smallest(number, complete=False)
        told.append((path or (), number, tuple(sorted(cubes))))
    yield from ((number, path, cubes) for path, number, cubes in sorted(told))

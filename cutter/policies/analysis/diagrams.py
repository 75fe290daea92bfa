"""A space as a reduced decision diagram: every region of every outcome, each point in exactly one.

Rules kept here: a state that was reached before is not walked again; cells that lead to the same are one; nodes whose
cells all lead to the same are none. So equal decisions give equal diagrams, whatever the rules that make them.

Source: Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986 (on axes of several cells); issue 7.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from cutter.policies.analysis.atoms import State
from cutter.policies.analysis.bounds import MOST_REGIONS, MOST_STATES, Budget, first_of, refuse_beyond, weight
from cutter.policies.analysis.searching import Cube, Path, spread
from cutter.policies.analysis.space import Space, later_of

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
        budget: what may be visited.

    Raises:
        TooLarge: more would have to be visited, or kept, than is allowed.
    """

    def __init__(self, space: Space, leaf: Callable[[int, int, int], Leaf | None], budget: Budget) -> None:
        self.space = space
        self._leaf = leaf
        self._budget = budget
        self._cost = weight(space.width)
        self._axes = [space.narrowed(level, (1 << len(axis.cells)) - 1) for level, axis in enumerate(space.axes)]
        self._later = later_of(self._axes)
        self._numbers: dict[_Node, int] = {}
        self.nodes: list[_Node] = []
        self._reached: dict[tuple[int, int, int], int] = {}
        self.root = self._walk(0, space.rules, 0)

    def _walk(self, level: int, possible: int, doubt: int) -> int:
        leaf = self._leaf(possible, doubt, self._later[level] & possible)
        if leaf is not None:
            return self._numbered(leaf)
        while not self._axes[level].users & possible:
            level += 1
        state = (level, possible, doubt)
        found = self._reached.get(state)
        if found is None:
            name, cells = self.space.name, self._axes[level].cells
            refuse_beyond(MOST_STATES // self._cost, len(self._reached), name)
            self._budget.spend(name, self._cost * len(cells))
            children: list[int] = []
            for _, keep, unsure in cells:
                left = possible & keep
                children.append(self._walk(level + 1, left, (doubt | unsure) & spread(left, self.space.width)))
            same = all(child == children[0] for child in children)
            found = children[0] if same else self._numbered((level, tuple(children)))
            self._reached[state] = found
        return found

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
        self._budget.spend(self.space.name, len(children))
        ways: dict[int, int] = {}
        for cell, child in enumerate(children):
            ways[child] = ways.get(child, 0) | 1 << cell
        for child, bits in ways.items():
            yield from self._paths(child, [*cube[:level], bits, *cube[level + 1 :]])


def regions_by_leaf(
    space: Space, leaf: Callable[[int, int, int], Leaf | None], budget: Budget
) -> Iterator[tuple[Leaf, Path, tuple[Cube, ...]]]:
    """Every outcome of interest with its smallest point, complete ones first, and all of its regions.

    Raises:
        TooLarge: the diagram, or the number of regions, is beyond what is told.
    """
    found: dict[Leaf, list[Cube]] = {}
    for count, (number, cube) in enumerate(Diagram(space, leaf, budget).cubes(), start=1):
        refuse_beyond(MOST_REGIONS, count, space.name)
        found.setdefault(number, []).append(cube)
    told = sorted((_smallest(space, cubes), number, tuple(sorted(cubes))) for number, cubes in found.items())
    yield from ((number, path, cubes) for path, number, cubes in told)


def _smallest(space: Space, cubes: Sequence[Cube]) -> Path:
    """The smallest point of cubes; of those that say everything, inside its domain, if there are any."""
    inside = [sum(1 << n for n, cell in enumerate(axis.cells) if cell.state is State.INSIDE) for axis in space.axes]
    narrowed = [tuple(a & b for a, b in zip(cube, inside, strict=True)) for cube in cubes]
    complete = [cube for cube in narrowed if all(cube)]
    return min(tuple(first_of(bits) for bits in cube) for cube in complete or cubes)

"""The tree of a cut: as much of it as people take in at once, or all.

Rules kept here: what is left out is counted on the line of the unit that holds it, or the line that stands for a row
of units of one TYPE; the indent grows no further below some depth, so that a tower of levels stays readable.

Source: issue 5, part 6.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cutter.cutting import Cut, Rank, Unit
from cutter.cutting.profile import Profile
from cutter.report.documents.words import type_counts
from cutter.report.visible import visible

# Lines of a tree before whole rows of units are told in one line each.
MOST_LINES = 100
_DEEPEST_INDENT = 20
# Units of one TYPE in a row that are still told one by one.
_LONGEST_ROW = 12
_LONGEST_HEADING = 100


@dataclass(slots=True)
class _Branch:
    """A unit that is shown, with the number of units of each TYPE below it that are not."""

    unit: Unit
    depth: int
    inside: Counter[str] = field(default_factory=Counter)
    basic: list[Unit] = field(default_factory=list)  # the first and the last basic unit of those
    parent: bool = False  # units below it are shown


def tree_lines(made: Cut, profile: Profile, *, everything: bool) -> Iterator[str]:
    """The units, one a line, indented by their depth.

    Args:
        made: the cut.
        profile: that it was cut with.
        everything: all units; else containers and basic units, and of a long document containers only.
    """
    if everything:
        yield from (_line(branch, profile) for branch in _branches(made, _is_any))
        return
    branches = list(_branches(made, _is_no_part))
    if len(branches) <= MOST_LINES:
        yield from (_line(branch, profile) for branch in branches)
        return
    for row in _rows(_branches(made, _is_container_or_top)):
        yield _line(row[0], profile) if len(row) == 1 else _row_line(row, profile)


def _is_any(unit: Unit) -> bool:
    return True


def _is_no_part(unit: Unit) -> bool:
    return unit.rank is not Rank.SUB


def _is_container_or_top(unit: Unit) -> bool:
    return unit.rank is Rank.CONTAINER or unit.parent_address is None


def _branches(made: Cut, is_shown: Callable[[Unit], bool]) -> Iterator[_Branch]:
    """The units that are shown, each once the units below it that are not are counted."""
    open_: list[_Branch] = []
    ready: deque[_Branch] = deque()  # in document order; those still open stand last
    addresses: list[str] = []  # of the units around, by depth
    for unit in made.units:
        while addresses and addresses[-1] != unit.parent_address:
            addresses.pop()
        depth = len(addresses)
        while open_ and open_[-1].depth >= depth:
            open_.pop()
        if is_shown(unit) and (unit.parent_address is None or (open_ and open_[-1].depth == depth - 1)):
            if not open_:
                yield from ready
                ready.clear()
            branch = _Branch(unit, depth)
            if open_:
                open_[-1].parent = True
            open_.append(branch)
            ready.append(branch)
        elif open_:
            _count(open_[-1], unit)
        addresses.append(unit.address)
    yield from ready


def _count(branch: _Branch, unit: Unit) -> None:
    branch.inside[unit.type] += 1
    if unit.rank is Rank.BASIC:
        branch.basic[1:] = [unit]


def _rows(branches: Iterable[_Branch]) -> Iterator[list[_Branch]]:
    """Branches, those of one TYPE that follow one another at the top and hold none that is shown together."""
    row: list[_Branch] = []
    for branch in branches:
        alike = row and not branch.parent and not row[-1].parent
        if alike and (row[-1].unit.type, row[-1].depth) == (branch.unit.type, branch.depth):
            row.append(branch)
            continue
        if row:
            yield from _split(row)
        row = [branch]
    if row:
        yield from _split(row)


def _split(row: list[_Branch]) -> Iterator[list[_Branch]]:
    """A long row as it is; the units of a short one by themselves."""
    if len(row) > _LONGEST_ROW:
        yield row
    else:
        yield from ([branch] for branch in row)


def _line(branch: _Branch, profile: Profile) -> str:
    heading = f"  {_shortened(branch.unit.heading)}" if branch.unit.heading else ""
    return f"{_indent(branch.depth)}{_segment(branch.unit)}{heading}{_inside(branch.inside, profile, branch.basic)}"


def _row_line(row: list[_Branch], profile: Profile) -> str:
    """Many units in one line: the first, the last, how many, and what they hold."""
    first, last = _segment(row[0].unit), _segment(row[-1].unit)
    inside = Counter({row[0].unit.type: len(row)}) + sum((branch.inside for branch in row), Counter[str]())
    return f"{_indent(row[0].depth)}{first} … {last}{_inside(inside, profile)}"


def _inside(counts: Counter[str], profile: Profile, basic: Sequence[Unit] = ()) -> str:
    if not counts:
        return ""
    ends = f": {' … '.join(_segment(unit) for unit in basic)}" if basic else ""
    return f"  ({type_counts(profile, counts)}{ends})"


def _segment(unit: Unit) -> str:
    return visible(unit.address.rpartition("/")[2])


def _indent(depth: int) -> str:
    return "  " * min(depth, _DEEPEST_INDENT)


def _shortened(heading: str) -> str:
    shown = visible(heading)
    return shown if len(shown) <= _LONGEST_HEADING else f"{shown[:_LONGEST_HEADING].rstrip()}…"

"""Two cuts compared by address: what came, what went, what reads otherwise, word by word.

Rules kept here: a unit is known by its address; one that only changed its address (the same bytes, once before and
once after) moved; the words of two texts are aligned after what both begin and end with is set aside, and never at a
cost that grows with the square of a long text.

Source: command-line.md §4 (3).
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from cutter.cutting import Cut, Unit

# Words that are aligned of each side; of longer differences the whole is shown as taken out and put in.
MOST_ALIGNED = 500
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


class Kind(Enum):
    """What happened to a unit."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Change(NamedTuple):
    """One change: `address` is the new one, of a removed unit the old one."""

    kind: Kind
    address: str
    old: Unit | None
    new: Unit | None


class Stretch(NamedTuple):
    """A stretch of text: the same in both, only in the old, or only in the new."""

    kind: Kind | None
    text: str


def compare(old: Cut, new: Cut) -> tuple[Change, ...]:
    """The changes from one cut to another, in the order of the new document, removed units last."""
    before = {unit.address: unit for unit in old.units}
    after = {unit.address: unit for unit in new.units}
    moved = _moved(before, after)
    came = [_arrival(unit, before.get(unit.address), moved) for unit in new.units]
    left = {unit.address for unit in moved.values()}
    gone = [u for u in old.units if u.address not in after and u.address not in left]
    removed = (Change(Kind.REMOVED, unit.address, unit, None) for unit in gone)
    return (*(change for change in came if change is not None), *removed)


def words_changed(old: str, new: str) -> Iterator[Stretch]:
    """The stretches that lead from one text to another."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    yield from _stretch(None, before[:start])
    yield from _aligned(before[start : len(before) - end], after[start : len(after) - end])
    yield from _stretch(None, before[len(before) - end :])


def _moved(before: Mapping[str, Unit], after: Mapping[str, Unit]) -> dict[str, Unit]:
    """New addresses with the unit that stood elsewhere: the same bytes, once among those gone, once among the new."""
    gone = [unit for address, unit in before.items() if address not in after]
    come = [unit for address, unit in after.items() if address not in before]
    times_gone, times_come = Counter(unit.sha256 for unit in gone), Counter(unit.sha256 for unit in come)
    by_bytes = {unit.sha256: unit for unit in gone if times_gone[unit.sha256] == 1}
    return {u.address: by_bytes[u.sha256] for u in come if u.sha256 in by_bytes and times_come[u.sha256] == 1}


def _arrival(unit: Unit, old: Unit | None, moved: Mapping[str, Unit]) -> Change | None:
    if unit.address in moved:
        return Change(Kind.MOVED, unit.address, moved[unit.address], unit)
    if old is None:
        return Change(Kind.ADDED, unit.address, None, unit)
    same = (old.sha256, old.heading) == (unit.sha256, unit.heading)
    return None if same else Change(Kind.CHANGED, unit.address, old, unit)


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = zip(left, right, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))


def _aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[Stretch]:
    if max(len(before), len(after)) > MOST_ALIGNED:
        yield from _stretch(Kind.REMOVED, before)
        yield from _stretch(Kind.ADDED, after)
        return
    matcher = difflib.SequenceMatcher(None, before, after)
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        if tag == "equal":
            yield from _stretch(None, before[left:left_end])
        else:
            yield from _stretch(Kind.REMOVED, before[left:left_end])
            yield from _stretch(Kind.ADDED, after[right:right_end])


def _stretch(kind: Kind | None, words: Sequence[str]) -> Iterator[Stretch]:
    if words:
        yield Stretch(kind, "".join(words))

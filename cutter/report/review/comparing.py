"""Two texts of a unit compared word by word.

Rules kept here: words are aligned after what both texts begin and end with is set aside, and never at a cost that grows
with the square of a long text.

Source: command-line.md §4 (3).
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cutter.cutting.compare import ChangeKind

# Words that are aligned of each side; of longer differences the whole is shown as taken out and put in.
MOST_ALIGNED = 500
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


class Stretch(NamedTuple):
    """A stretch of text: the same in both, only in the old, or only in the new."""

    kind: ChangeKind | None
    text: str


def words_changed(old: str, new: str) -> Iterator[Stretch]:
    """The stretches that lead from one text to another."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    yield from _stretch(None, before[:start])
    yield from _aligned(before[start : len(before) - end], after[start : len(after) - end])
    yield from _stretch(None, before[len(before) - end :])


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = zip(left, right, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))


def _aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[Stretch]:
    if max(len(before), len(after)) > MOST_ALIGNED:
        yield from _stretch(ChangeKind.REMOVED, before)
        yield from _stretch(ChangeKind.ADDED, after)
        return
    matcher = difflib.SequenceMatcher(None, before, after)
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        if tag == "equal":
            yield from _stretch(None, before[left:left_end])
        else:
            yield from _stretch(ChangeKind.REMOVED, before[left:left_end])
            yield from _stretch(ChangeKind.ADDED, after[right:right_end])


def _stretch(kind: ChangeKind | None, words: Sequence[str]) -> Iterator[Stretch]:
    if words:
        yield Stretch(kind, "".join(words))

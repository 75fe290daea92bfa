"""Stage 1: opaque zones, inside which no heading is recognised.

- Quotations: from an opening mark to its closing mark, over any number of lines. A plain mark closes what is open (a
  real law opens with “ and closes with "), and opens only where a word follows and none precedes. Marks are paired
  by a stack in one pass; a mark without a partner makes no zone and is reported, so a lost mark cannot swallow a text.
- A quotation that begins a line and ends a line is a quoted passage, which becomes a unit of its own.
- The closing block: from the adoption sentence or the first signature line after the last basic heading.
- Annexes are a level of the profile (see `sequence`): nothing but annexes is recognised after the first one.

Source: cutting.md §2 stage 1, §3 cases 4, 5, 18.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import Profile
from cutter.cutting.shadow import Text, fold

# What may stand between a closing mark and the end of its line.
_AFTER_QUOTE = re.compile(r"[ .,;:\r\n]*\Z")
_BEFORE_OPENING = " \r\n([“"


@dataclass(frozen=True, slots=True)
class Quotations:
    """The quotations of a text.

    Args:
        opaque: one byte a line: 1 where the line begins inside a quotation.
        passages: (first line, line after the last) of the quotations that begin and end a line, outermost only.
        doubts: marks without a partner.
    """

    opaque: bytearray
    passages: tuple[tuple[int, int], ...]
    doubts: tuple[Doubt, ...]


def find_quotations(text: Text, profile: Profile) -> Quotations:
    """Pair the quotation marks of a text."""
    pairs, lonely = _pair(text.source, profile)
    starts = text.starts
    lines = [(bisect_right(starts, opened) - 1, bisect_right(starts, closed) - 1) for opened, closed in pairs]
    change = [0] * (text.lines + 2)
    for first, last in lines:
        change[first + 1] += 1
        change[last + 1] -= 1
    opaque = bytearray(depth > 0 for depth in accumulate(change[: text.lines]))
    passages = []
    covered = -1
    for (opened, closed), (first, last) in zip(pairs, lines, strict=True):
        if opened > covered and _begins_line(text, first, opened) and _ends_line(text, last, closed, profile):
            passages.append((first, last + 1))
        covered = max(covered, closed)
    return Quotations(opaque, tuple(passages), tuple(_doubt(text, offset) for offset in lonely))


def find_closing(text: Text, first: int, end: int, profile: Profile) -> int | None:
    """The line that opens the closing block among the lines from `first` up to `end`, or None."""
    pattern = _closing(profile)
    for index in range(first, end):
        if pattern.match(text.shadow(index)):
            return index
    return None


def find_preamble(text: Text, end: int, profile: Profile) -> int | None:
    """The line before `end` that holds nothing but a preamble heading, or None."""
    for index in range(end):
        if text.shadow(index).strip(" .:").upper() in profile.preamble:
            return index
    return None


def _pair(source: bytes, profile: Profile) -> tuple[list[tuple[int, int]], list[int]]:
    """Pairs of byte offsets (opening, closing mark) in order of opening, and the offsets of marks without a partner."""
    opening, closing, plain = (mark.encode() for mark in profile.quotes)
    stack: list[tuple[int, bool]] = []  # offset, and whether the mark is plain
    unmistakable = 0  # opening marks on the stack that are not plain
    pairs: list[tuple[int, int]] = []
    lonely: list[int] = []
    for found in _marks(profile, plain in source).finditer(source):
        mark, offset = found[0], found.start()
        if mark == opening or (mark == plain and _may_open(source, found)):
            stack.append((offset, mark == plain))
            unmistakable += mark == opening
            continue
        while mark == closing and unmistakable and stack[-1][1]:
            lonely.append(stack.pop()[0])
        if not stack:
            lonely.append(offset)
            continue
        opened, is_plain = stack.pop()
        unmistakable -= not is_plain
        pairs.append((opened, offset))
    lonely.extend(offset for offset, _ in stack)
    return sorted(pairs), sorted(lonely)


def _may_open(source: bytes, found: re.Match[bytes]) -> bool:
    """Whether a plain mark stands as an opening one: after a blank or bracket, before something visible."""
    before = source[max(0, found.start() - 4) : found.start()].decode(errors="ignore")[-1:]
    after = source[found.end() : found.end() + 1]
    return (not before or fold(before) in _BEFORE_OPENING) and bool(after.strip())


def _begins_line(text: Text, line: int, opened: int) -> bool:
    return not fold(text.source[text.starts[line] : opened].decode()).strip(" ")


def _ends_line(text: Text, line: int, closed: int, profile: Profile) -> bool:
    marks = "".join(profile.quotes)
    rest = fold(text.source[closed : text.starts[line + 1]].decode())
    return rest[:1] in marks and _AFTER_QUOTE.match(rest, 1) is not None


def _doubt(text: Text, offset: int) -> Doubt:
    line = bisect_right(text.starts, offset) - 1
    column = len(text.source[text.starts[line] : offset].decode()) + 1
    return Doubt(DoubtCode.UNBALANCED_QUOTE, line + 1, column, "no_partner")


@cache
def _marks(profile: Profile, with_plain: bool) -> re.Pattern[bytes]:
    """The quotation marks as bytes; the plain mark only where the text has it (the others share a quick prefix)."""
    marks = profile.quotes if with_plain else profile.quotes[:2]
    return re.compile(b"|".join(re.escape(mark.encode()) for mark in marks))


@cache
def _closing(profile: Profile) -> re.Pattern[str]:
    return re.compile(rf" *(?:{profile.adoption}|{profile.signature})")

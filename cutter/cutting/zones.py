"""Stage 1: opaque zones, inside which no heading is recognised.

- Quotations: from an opening mark to its closing mark, over any number of lines. A plain mark closes what is open (a
  real law opens with “ and closes with "), and opens only where a word follows and none precedes. Marks are paired
  by a stack in one pass; a mark without a partner makes no zone and is reported, so a lost mark cannot swallow a text.
- A quotation that begins a line and ends a line is a quoted passage, which becomes a unit of its own.
- Markdown: code between fences, and front matter between --- lines. A fence without an end makes no zone.
- A table of contents: from its heading until its first entry comes again.
- The closing block: from the first line after the last basic heading that one of the profile's expressions matches.

Source: cutting.md §2 stage 1, §3 cases 4, 5, 11, 12, 18; CommonMark §4.5.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, compress

from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import Closing, Profile, Quotes
from cutter.cutting.shadow import Text, first_bytes, fold, lines_that_begin

# What may stand between a closing mark and the end of its line.
_AFTER_QUOTE = re.compile(r"[ .,;:\r\n]*\Z")
_BEFORE_OPENING = " \r\n([“"


# A code fence: three or more of a sign, indented by at most three columns.
_FENCE = re.compile(rb" {0,3}(`{3,}|~{3,})")
# Lines of a table of contents: a longer one would be the text itself.
_LONGEST_CONTENTS = 2_000


@dataclass(frozen=True, slots=True)
class Zones:
    """The opaque zones of a text.

    Args:
        opaque: one byte a line: 1 where the line begins inside a zone.
        passages: (first line, line after the last) of the quotations that begin and end a line, outermost only.
        doubts: marks without a partner.
    """

    opaque: bytearray
    passages: tuple[tuple[int, int], ...]
    doubts: tuple[Doubt, ...]


def find_zones(text: Text, profile: Profile) -> Zones:
    """Find the zones of a text."""
    zones = _find_quotations(text, profile.quotes) if profile.quotes else Zones(bytearray(text.lines), (), ())
    for kind in profile.opaque:
        ranges = _find_fences(text) if kind == "fences" else _find_front_matter(text)
        for first, end in ranges:
            zones.opaque[first:end] = b"\1" * (end - first)
    if profile.contents:
        for first, end in _find_contents(text, profile.contents):
            zones.opaque[first:end] = b"\1" * (end - first)
    return zones


def find_closing(text: Text, first: int, end: int, closing: Closing) -> int | None:
    """The line that opens the closing block among the lines from `first` up to `end`, or None."""
    pattern = _closing(closing.lines)
    for index in range(first, end):
        if pattern.match(text.shadow(index)):
            return index
    return None


def _find_quotations(text: Text, quotes: Quotes) -> Zones:
    """Pair the quotation marks of a text."""
    pairs, lonely = _pair(text.source, quotes)
    starts = text.starts
    lines = [(bisect_right(starts, opened) - 1, bisect_right(starts, closed) - 1) for opened, closed in pairs]
    change = array("l", bytes(array("l").itemsize * (text.lines + 2))) if pairs else array("l")
    for first, last in lines:
        change[first + 1] += 1
        change[last + 1] -= 1
    opaque = bytearray(depth > 0 for depth in accumulate(change[: text.lines])) if pairs else bytearray(text.lines)
    passages = []
    covered = -1
    for (opened, closed), (first, last) in zip(pairs, lines, strict=True):
        if opened > covered and _begins_line(text, first, opened) and _ends_line(text, last, closed, quotes):
            passages.append((first, last + 1))
        covered = max(covered, closed)
    return Zones(opaque, tuple(passages), tuple(_doubt(text, offset) for offset in lonely))


def _find_fences(text: Text) -> Iterator[tuple[int, int]]:
    source, opened, mark = text.source, -1, b""
    if b"```" not in source and b"~~~" not in source:
        return
    for index, start in enumerate(text.starts[:-1]):
        found = _FENCE.match(source, start)
        if found is None:
            continue
        if opened < 0:
            opened, mark = index, found[1]
        elif found[1].startswith(mark) and not source[found.end() : text.starts[index + 1]].strip():
            yield opened, index + 1
            opened = -1


def _find_front_matter(text: Text) -> Iterator[tuple[int, int]]:
    if text.shadow(0) != "---":
        return
    for index in range(1, min(text.lines, _LONGEST_CONTENTS)):
        if text.shadow(index) in ("---", "..."):
            yield 0, index + 1
            return


def _find_contents(text: Text, headings: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """A table of contents lasts until its first entry comes again, without what leads to a page."""
    initials = first_bytes(sign for heading in headings for sign in (".", ":", heading[0], heading[0].lower()))
    for index in compress(range(text.lines), lines_that_begin(text, initials, _LONGEST_CONTENTS)):
        if text.shadow(index).strip(" .:").upper() not in headings:
            continue
        entry = next((line for line in range(index + 1, text.lines) if not text.is_blank(line)), None)
        if entry is None:
            return
        first = _without_page(text.shadow(entry))
        for line in range(entry + 1, min(text.lines, entry + _LONGEST_CONTENTS)):
            if first and _without_page(text.shadow(line)) == first:
                yield index, line
                return
        return


def _without_page(shadow: str) -> str:
    return re.sub(r"[ .…]*[0-9]{0,5}$", "", " ".join(shadow.upper().split()))


def _pair(source: bytes, quotes: Quotes) -> tuple[list[tuple[int, int]], list[int]]:
    """Pairs of byte offsets (opening, closing mark) in order of opening, and the offsets of marks without a partner."""
    opening, closing, plain = quotes.opening.encode(), quotes.closing.encode(), quotes.plain.encode()
    stack: list[tuple[int, bool]] = []  # offset, and whether the mark is plain
    unmistakable = 0  # opening marks on the stack that are not plain
    pairs: list[tuple[int, int]] = []
    lonely: list[int] = []
    for found in _marks(quotes, plain in source).finditer(source):
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


def _ends_line(text: Text, line: int, closed: int, quotes: Quotes) -> bool:
    marks = quotes.opening + quotes.closing + quotes.plain
    rest = fold(text.source[closed : text.starts[line + 1]].decode())
    return rest[:1] in marks and _AFTER_QUOTE.match(rest, 1) is not None


def _doubt(text: Text, offset: int) -> Doubt:
    line = bisect_right(text.starts, offset) - 1
    column = len(text.source[text.starts[line] : offset].decode()) + 1
    return Doubt(DoubtCode.UNBALANCED_QUOTE, line + 1, column, "no_partner")


@cache
def _marks(quotes: Quotes, with_plain: bool) -> re.Pattern[bytes]:
    """The quotation marks as bytes; the plain mark only where the text has it (the others share a quick prefix)."""
    marks = (quotes.opening, quotes.closing, *([quotes.plain] if with_plain else []))
    return re.compile(b"|".join(re.escape(mark.encode()) for mark in marks))


@cache
def _closing(lines: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf" *(?:{'|'.join(lines)})")

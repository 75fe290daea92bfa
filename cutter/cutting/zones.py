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
from itertools import compress

from cutter.cutting.address import MOST_UNITS
from cutter.cutting.doubts import MOST_DOUBTS, Doubt, DoubtCode, add_doubt
from cutter.cutting.expressions import LONGEST_SEEN
from cutter.cutting.profile import Closing, Profile, Quotes
from cutter.cutting.shadow import BLANK_CHARACTERS, Text, first_bytes, fold, lines_that_begin
from cutter.stops import Stop, StopCode

# What may stand between a closing mark and the end of its line.
_AFTER_QUOTE = re.compile(r"[ .,;:\r\n]*\Z")
_BEFORE_OPENING = " \r\n([“"


# A code fence: three or more of a sign, indented by at most three columns.
_FENCE = re.compile(rb" {0,3}(`{3,}|~{3,})")
# Bytes around a quotation on its lines that are looked at: more is text, or nothing that people print.
_WIDEST_MARGIN = 256
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
        if pattern.match(text.shadow(index)[:LONGEST_SEEN]):
            return index
    return None


def _find_quotations(text: Text, quotes: Quotes) -> Zones:
    """The quotations of a text."""
    opened, closed, lonely = _pair(text, quotes)
    opaque = bytearray(text.lines)
    passages: list[tuple[int, int]] = []
    for begin, end in zip(opened, closed, strict=True):
        first, last = _line_of(text, begin), _line_of(text, end)
        opaque[first + 1 : last + 1] = b"\1" * (last - first)
        if _begins_line(text, first, begin) and _ends_line(text, last, end, quotes):
            passages.append((first, last + 1))
            if len(passages) > MOST_UNITS:
                raise Stop(StopCode.STOP_TEXT_TOO_LARGE, f"limit_{MOST_UNITS}_units", where=f"{first + 1}:1")
    return Zones(opaque, tuple(passages), tuple(_doubts(text, lonely)))


def _line_of(text: Text, offset: int) -> int:
    return bisect_right(text.starts, offset) - 1


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
    """A table of contents lasts until its first entry comes again, of which word and number are compared."""
    initials = first_bytes(sign for heading in headings for sign in (".", ":", heading[0], heading[0].lower()))
    for index in compress(range(text.lines), lines_that_begin(text, initials, _LONGEST_CONTENTS)):
        if text.shadow(index).strip(" .:").upper() not in headings:
            continue
        entry = next((line for line in range(index + 1, text.lines) if not text.is_blank(line)), None)
        if entry is None:
            return
        first = _label(text.shadow(entry))
        for line in range(entry + 1, min(text.lines, entry + _LONGEST_CONTENTS)):
            if first and _label(text.shadow(line)) == first:
                yield index, line
                return
        return


def _label(shadow: str) -> str:
    """The word and number that a line begins with: its title may stand on another line than in the contents."""
    return " ".join(word.strip(".:,") for word in shadow.upper().split(maxsplit=2)[:2])


def _pair(text: Text, quotes: Quotes) -> tuple["array[int]", "array[int]", "array[int]"]:
    """The byte offsets of opening and closing marks of the outermost quotations, and of marks without a partner."""
    source = text.source
    opening, closing, plain = quotes.opening.encode(), quotes.closing.encode(), quotes.plain.encode()
    open_marks, are_plain = array("I"), bytearray()  # a stack: offsets, and whether the mark is plain
    unmistakable = 0  # opening marks on the stack that are not plain
    opened, closed, lonely = array("I"), array("I"), array("I")
    for found in _marks(quotes, plain in source).finditer(source):
        mark, offset = found[0], found.start()
        if max(len(open_marks), len(lonely)) > MOST_DOUBTS:
            where = f"{_line_of(text, offset) + 1}:1"
            raise Stop(StopCode.STOP_TEXT_DOUBTFUL, f"limit_{MOST_DOUBTS}_doubts", where=where)
        if mark == opening or (mark == plain and _may_open(source, found)):
            open_marks.append(offset)
            are_plain.append(mark == plain)
            unmistakable += mark == opening
            continue
        while mark == closing and unmistakable and are_plain[-1]:
            are_plain.pop()
            lonely.append(open_marks.pop())
        if not open_marks:
            lonely.append(offset)
            continue
        begin = open_marks.pop()
        unmistakable -= not are_plain.pop()
        while opened and opened[-1] > begin:  # it stands inside this one
            opened.pop()
            closed.pop()
        opened.append(begin)
        closed.append(offset)
    lonely.extend(open_marks)
    return opened, closed, lonely


def _may_open(source: bytes, found: re.Match[bytes]) -> bool:
    """Whether a plain mark stands as an opening one: after a blank or bracket, before something visible."""
    before = source[max(0, found.start() - 4) : found.start()].decode(errors="ignore")[-1:]
    after = source[found.end() : found.end() + 1]
    return (not before or fold(before) in _BEFORE_OPENING) and bool(after.strip())


def _begins_line(text: Text, line: int, opened: int) -> bool:
    start = text.starts[line]
    return opened - start <= _WIDEST_MARGIN and not text.source[start:opened].decode().strip(BLANK_CHARACTERS)


def _ends_line(text: Text, line: int, closed: int, quotes: Quotes) -> bool:
    end = text.starts[line + 1]
    if end - closed > _WIDEST_MARGIN:
        return False
    rest = fold(text.source[closed:end].decode())
    return rest[:1] in quotes.opening + quotes.closing + quotes.plain and _AFTER_QUOTE.match(rest, 1) is not None


def _doubts(text: Text, lonely: "array[int]") -> list[Doubt]:
    """A doubt for each mark without a partner. Many may stand on one line, which is then read once."""
    doubts: list[Doubt] = []
    line = column = place = 0
    for offset in sorted(lonely):
        if _line_of(text, offset) != line or not column:
            line, column = _line_of(text, offset), 1
            place = text.starts[line]
        column += len(text.source[place:offset].decode())
        place = offset
        add_doubt(doubts, Doubt(DoubtCode.UNBALANCED_QUOTE, line + 1, column, "no_partner"))
    return doubts


@cache
def _marks(quotes: Quotes, with_plain: bool) -> re.Pattern[bytes]:
    """The quotation marks as bytes; the plain mark only where the text has it (the others share a quick prefix)."""
    marks = (quotes.opening, quotes.closing, *([quotes.plain] if with_plain else []))
    return re.compile(b"|".join(re.escape(mark.encode()) for mark in marks))


@cache
def _closing(lines: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf" *(?:{'|'.join(lines)})")

"""Stage 2: lines that look like headings, whatever their place.

Most lines are passed over by their first byte, most others are told by their first word, which is remembered. A line
that is neither is held against the forms of the profile's levels. It may have several readings: `(i)` is a letter and
a roman number. A keyword line whose rest reads as prose (`Điều 5 của Luật này`) is kept as a candidate with `refused`
set, so that it is reported; one without a number (`Mục đích …`) is none.

Source: cutting.md §2 stage 2, §3 cases 1–3, 6, 8–16, 19.
"""

from collections.abc import Iterator
from itertools import compress, islice
from operator import gt, or_

import msgspec

from cutter.cutting.forms import LONGEST_WORD, Candidate, Forms, forms_of
from cutter.cutting.profile import Profile, Title
from cutter.cutting.shadow import Text, fold, lines_that_begin

# Lines of a title: more would be text. Lines between it and a number that stands alone; signs that end a sentence.
LONGEST_TITLE = 6
_TITLE_ABOVE = 3
_SENTENCE_ENDS = ".;:,—–-"


def find_candidates(text: Text, opaque: bytearray, profile: Profile, first: int = 0) -> Iterator[Candidate]:
    """The candidates of a text in line order, from a line on; lines flagged in `opaque` (one byte a line) are none."""
    found = _find(text, _lines_to_read(text, opaque, forms_of(profile), first), forms_of(profile))
    above = {index for index, level in enumerate(profile.levels) if level.title is Title.ABOVE}
    return _with_titles_above(text, found, above) if above else found


def _lines_to_read(text: Text, opaque: bytearray, forms: Forms, first: int) -> Iterator[int]:
    """The lines that may be headings by their first byte, or by that of the line below."""
    may = lines_that_begin(text, forms.may_begin)
    if forms.may_underline is not None:
        below = lines_that_begin(text, forms.may_underline)[1:] + b"\0"
        may = bytes(map(or_, may, below))
    return compress(range(first, text.lines), islice(map(gt, may, opaque), first, None))


def _find(text: Text, lines: Iterator[int], forms: Forms) -> Iterator[Candidate]:
    source, starts, normal, heads = text.source, text.starts, text.normal, forms.heads
    for index in lines:
        start = starts[index]
        head = heads.get(source[start : source.find(b" ", start, start + LONGEST_WORD) + 1])
        if head is None:
            head = forms.head(text, index)
        if head is not None and not head.forms:
            if head.options:
                yield Candidate(index, index, head.column, head.options, "")
            continue
        line = text.line(index).rstrip(" ")
        shadow = fold(line, normal=normal).rstrip(" ")
        found: Candidate | None = None
        for form in forms.of(shadow) if head is None else head.forms:
            read = form.read(text, index, line, shadow)
            if read is not None:
                found = read if found is None else _either(found, read)
        if found is not None:
            yield found


def _either(one: Candidate, other: Candidate) -> Candidate:
    """The candidate of a line with two readings: what is prose in one form may be a heading in another."""
    if one.refused != other.refused:
        return other if one.refused else one
    return msgspec.structs.replace(one, options=one.options + other.options)


def _with_titles_above(text: Text, found: Iterator[Candidate], above: set[int]) -> Iterator[Candidate]:
    """Numbers that stand alone get the title from above them; what seemed a heading there is that title."""
    held: Candidate | None = None
    for candidate in found:
        if candidate.options[0].level in above and not candidate.refused:
            first, end = _title_lines(text, candidate.label_line)
            title = " ".join(text.line(line).strip().lstrip("#").strip() for line in range(first, end))
            candidate = msgspec.structs.replace(candidate, line=first, title=title)
        if held is not None and held.line < candidate.line:
            yield held
        held = candidate
    if held is not None:
        yield held


def _title_lines(text: Text, label_line: int) -> tuple[int, int]:
    """The first line of the title above a number, and the line behind it; both that of the number when it has none."""
    nothing = label_line, label_line
    end = next((line + 1 for line in _above(label_line, _TITLE_ABOVE) if not text.is_blank(line)), 0)
    if not end:
        return nothing
    last = text.shadow(end - 1).strip(" ")
    if last.startswith("#"):
        return end - 1, end
    first = end - 1
    for line in _above(end - 1, LONGEST_TITLE):
        if text.is_blank(line):
            break
        first = line
    stands_apart = first == 0 or text.is_blank(first - 1)
    return (first, end) if stands_apart and last[-1] not in _SENTENCE_ENDS else nothing


def _above(line: int, most: int) -> range:
    return range(line - 1, max(-1, line - 1 - most), -1)

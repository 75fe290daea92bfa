"""Stage 2: lines that look like headings, whatever their place.

Most lines are rejected by their first byte. A line that stays is read from the start of its shadow: a keyword with a
number, or a bare number with its closing mark. A keyword line whose rest reads as prose (`Điều 5 của Luật này`) is
kept as a candidate with `refused` set, so that it is reported; one without a number (`Mục đích …`) is no candidate.

Source: cutting.md §2 stage 2, §3 cases 1–3, 6, 15, 16.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import msgspec

from cutter.cutting import numbers
from cutter.cutting.numbers import Number
from cutter.cutting.profile import Level, Profile
from cutter.cutting.shadow import BLANK_CHARACTERS, Text, fold, printed, unfolded

# Bytes of a line without indent that are enough to see a bare number or a keyword: the longest keyword has 14 bytes in
# decomposed form, the longest number 9, which leaves room for a few invisible characters. An indented line is read
# whole.
_HEAD = 32

# What the first byte of a line says of it, besides 0: no candidate.
_VISIBLE, _MAYBE_BLANK = 1, 2

# Print forms that are remembered for each level.
_REMEMBERED = 4096

# After a keyword heading's number: nothing, a delimiter with or without a title, or a title in capitals.
_DELIMITER = re.compile(r" *[.:]+(?!\d) *| +[-–—] +")


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A line that may be a heading.

    Args:
        line: index of the line, from 0.
        level: index of the level in the profile.
        readings: the numbers that it may have, most likely first; empty for a keyword without a number.
        number: the number as printed; empty for none.
        title: the title on the line as printed; empty for none.
        refused: a keyword and a number, but the rest reads as prose.
    """

    line: int
    level: int
    readings: tuple[Number, ...]
    number: str
    title: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    """How the headings of one level are recognised at the start of a shadow."""

    index: int
    level: Level
    start: re.Pattern[str]  # the whole heading of a bare number; the keyword of the others
    number: re.Pattern[str]
    read: Callable[[str], tuple[Number, ...]]


@dataclass(frozen=True, slots=True)
class _Forms:
    first_bytes: bytes  # for each of 256 bytes, what it says of a line that begins with it
    by_initial: dict[str, tuple[_Form, ...]]


def find_candidates(text: Text, opaque: bytearray, profile: Profile) -> Iterator[Candidate]:
    """The candidates of a text in line order; lines flagged in `opaque` (one byte a line) are passed over."""
    forms = _forms(profile)
    source, first_bytes, by_initial = text.source, forms.first_bytes, forms.by_initial
    normal = text.normal
    starts = text.starts
    for index in range(len(starts) - 1):
        start = starts[index]
        if not first_bytes[source[start]] or opaque[index]:
            continue
        end = starts[index + 1]
        if first_bytes[source[start]] == _VISIBLE and end - start > _HEAD:
            line = source[start : start + _HEAD].decode(errors="ignore")
        else:
            line = source[start:end].decode()
        shadow = fold(line, normal=normal)
        initial = shadow.lstrip(" ")[:1]
        for form in by_initial.get(initial, ()):
            found = form.start.match(shadow)
            if found is None:
                continue
            candidate = _read_keyword(text, index, form) if form.level.words else _read_bare(index, form, found, line)
            if candidate is not None:
                yield candidate
                break


def _read_bare(index: int, form: _Form, found: re.Match[str], line: str) -> Candidate | None:
    number = found[1]
    readings = form.read(number)
    if not readings:
        return None
    if found.string is not line:
        number = printed(line, *found.span(1))
    return Candidate(index, form.index, readings, number, "")


def _read_keyword(text: Text, index: int, form: _Form) -> Candidate | None:
    line = text.line(index)
    shadow = fold(line, normal=text.normal)
    keyword = form.start.match(shadow)
    if keyword is None:
        return None
    found = form.number.match(shadow, keyword.end())
    readings = form.read(found[1]) if found else ()
    if found is None or not readings:
        if not form.level.unnumbered:
            return None
        title, refused = _title(shadow, keyword.end(1))
        return None if refused else Candidate(index, form.index, (), "", printed(line, title, len(shadow)).rstrip())
    title, refused = _title(shadow, found.end(1))
    if shadow is line:
        return Candidate(index, form.index, readings, found[1], line[title:].rstrip(), refused)
    number = printed(line, *found.span(1))
    return Candidate(index, form.index, readings, number, printed(line, title, len(shadow)).rstrip(), refused)


def _reader(level: Level) -> Callable[[str], tuple[Number, ...]]:
    """The numbers that a print form may be in a level, remembered: the same few come again and again."""
    systems = tuple((system, re.compile(numbers.pattern(system))) for system in level.systems)

    @lru_cache(maxsize=_REMEMBERED)
    def read(number: str) -> tuple[Number, ...]:
        return tuple(
            reading
            for system, whole in systems
            if whole.fullmatch(number) and (reading := numbers.read(system, number)) is not None
        )

    return read


def _title(shadow: str, start: int) -> tuple[int, bool]:
    """Where the title begins in what follows a number, and whether it reads as prose instead."""
    rest = shadow[start:]
    delimiter = _DELIMITER.match(rest)
    begin = start + (delimiter.end() if delimiter else len(rest) - len(rest.lstrip(" ")))
    refused = delimiter is None and bool(rest.strip(" ")) and not (rest[0] == " " and rest.isupper())
    return begin, refused


@cache
def _forms(profile: Profile) -> _Forms:
    by_initial: dict[str, list[_Form]] = {}
    for index, level in enumerate(profile.levels):
        number = "|".join(numbers.pattern(system) for system in level.systems)
        words = "|".join(word.replace(" ", " +") for word in level.words)
        closing = re.escape(level.closing)
        form = _Form(
            index,
            level,
            re.compile(rf" *({words})(?![^\W\d]) *" if words else rf" *({number}){closing}(?![0-9])"),
            re.compile(rf"({number})(?!\w)"),
            _reader(level),
        )
        for initial in _initials(level):
            by_initial.setdefault(initial, []).append(form)
    first = bytearray(256)
    for source in {source for initial in by_initial for source in unfolded(initial)}:
        first[source.encode()[0]] = _VISIBLE
    for blank in BLANK_CHARACTERS:
        first[blank.encode()[0]] = _MAYBE_BLANK
    return _Forms(bytes(first), {initial: tuple(forms) for initial, forms in by_initial.items()})


def _initials(level: Level) -> set[str]:
    """The characters that a heading of a level may begin with, in the shadow."""
    if level.words:
        return {word[0] for word in level.words}
    number = re.compile("|".join(numbers.pattern(system) for system in level.systems))
    alphabets = [system.alphabet for system in level.systems if isinstance(system, numbers.Letters)]
    return {sign for sign in "".join(["0123456789", *alphabets]) if number.match(sign)}

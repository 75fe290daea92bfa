"""A text made level for searching, with the way back: its words without what print changes, and the gaps between them.

`level` is linear; `origin` costs a binary search, and for a place inside a word the logarithm of the word's length.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

_WORD = re.compile(r"\S+")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Levelled:
    """A levelled text.

    Args:
        original: the text as it was.
        text: its words, each changed by `word`, with one gap between two.
        word: how a word was changed; a longer beginning of a word never becomes shorter.
        places: where each word begins in `text`; a word of which nothing is left has no place.
        origins: where the same word begins in `original`.
    """

    original: str
    text: str
    word: Callable[[str], str]
    places: "array[int]"
    origins: "array[int]"

    def origin(self, index: int) -> int:
        """The position in the original that a position of the text comes from; of an end, behind its last sign."""
        if not self.places:
            return 0
        at = max(0, bisect_right(self.places, index) - 1)
        begin, wanted = self.origins[at], index - self.places[at]
        if wanted == 0:
            return begin
        found = _WORD.match(self.original, begin)
        word = found[0] if found else ""
        if word.isascii():
            return begin + min(wanted, len(word))
        lowest, highest = 0, len(word)
        while lowest < highest:  # the longest beginning that is not longer than what is wanted
            middle = (lowest + highest + 1) // 2
            lowest, highest = (middle, highest) if len(self.word(word[:middle])) <= wanted else (lowest, middle - 1)
        return begin + lowest


class Place(NamedTuple):
    """A line and a column in characters, both from 1."""

    line: int
    column: int


def level(text: str, word: Callable[[str], str], gap: Callable[[str], str]) -> Levelled:
    """Level a text: `word` changes each stretch of visible signs, `gap` what stands between two of them."""
    parts: list[str] = []
    places, origins = array("Q"), array("Q")
    length = last = 0
    for found in _WORD.finditer(text):
        plain = word(found[0])
        if not plain:
            continue
        if parts:
            between = gap(text[last : found.start()])
            parts.append(between)
            length += len(between)
        places.append(length)
        origins.append(found.start())
        parts.append(plain)
        length += len(plain)
        last = found.end()
    return Levelled(text, "".join(parts), word, places, origins)


def line_starts(text: str) -> "array[int]":
    """Where the lines of a text begin (ended by LF, CRLF or CR)."""
    return array("Q", [0, *(found.end() for found in _LINE_END.finditer(text))])


def place_of(starts: "array[int]", position: int, first_line: int) -> Place:
    """The place of a position in a text with these line starts, whose first line has this number."""
    line = bisect_right(starts, position) - 1
    return Place(first_line + line, position - starts[line] + 1)

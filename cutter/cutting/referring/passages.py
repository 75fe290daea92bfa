"""The own text of a unit made level for reading, with the way back to bytes, lines and columns of the source."""

import re
from array import array

from cutter.cutting.referring.levelled import Place, level, line_starts, place_of
from cutter.cutting.shadow import fold
from cutter.cutting.unit import Unit

_LINE_END = re.compile(r"\r\n|\r|\n")
# How much of a unit is searched for its printed number.
_LABEL_WITHIN = 200


class Passage:
    r"""The own text of a unit.

    `text` has the words in their shadow, one space between two, `\n` where a line ends, `\n\n` for blank lines;
    `begin` is the position behind the printed number, when the unit is of a level whose headings have words.
    """

    def __init__(self, unit: Unit, *, worded: bool = True) -> None:
        self.unit = unit
        self._levelled = level(unit.body, _shadow, _gap)
        self.text = self._levelled.text
        number = " ".join(fold(unit.number_raw).split())
        found = re.compile(rf"(?<!\w){re.escape(number)}(?!\w)").search(self.text, 0, _LABEL_WITHIN) if number else None
        self.begin = found.end() if found is not None and worded else 0
        self._starts: array[int] | None = None
        self._position = self._byte = 0

    def byte(self, position: int) -> int:
        """The byte of the source at a position of the text; cheap when positions only grow."""
        origin = self._levelled.origin(position)
        if origin < self._position:
            self._position = self._byte = 0
        self._byte += len(self._levelled.original[self._position : origin].encode())
        self._position = origin
        return self.unit.start + self._byte

    def place(self, position: int) -> Place:
        """The line and column of the source at a position of the text."""
        if self._starts is None:
            self._starts = line_starts(self._levelled.original)
        return place_of(self._starts, self._levelled.origin(position), self.unit.line)


def _shadow(word: str) -> str:
    return word if word.isascii() else fold(word)


def _gap(between: str) -> str:
    if between == " ":
        return between
    ends = len(_LINE_END.findall(between))
    return ("\n\n" if ends > 1 else "\n") if ends else " "

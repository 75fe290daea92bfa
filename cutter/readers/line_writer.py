"""Runs of text into lines, as a browser or a page of paper shows them.

Rules kept here: runs of space, tab and line end inside a block are one space; a no-break space is a letter like any
other; a table row of several cells is one line, its cells joined by TAB and everything inside a cell by spaces; a
number that was announced stands before the text that it belongs to, and is never lost.

Source: SOURCES.md of the collection (how pages of law were converted).
"""

import re

from cutter.readers.extracted import Gathering

_WHITE = re.compile(r"[ \t\n\r\f\v]+")
_TAB_WIDTH = 8

# A cell of data has a few paragraphs; one with more is a column of a page.
MOST_BLOCKS_IN_CELL = 20


class LineWriter:
    """Takes text, ends of lines, rows and numbers in the order of the document."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._line: list[str] = []
        self._ends_in_space = True  # so that white space at the start of a line is dropped
        self._marker = ""
        self._cells: list[str] | None = None
        self._piece = 0  # where in the line the current paragraph of a cell begins

    @property
    def in_row(self) -> bool:
        """A row of several cells is being written."""
        return self._cells is not None

    def add_text(self, text: str) -> None:
        """A run of text."""
        shown = _WHITE.sub(" ", text)
        if self._ends_in_space:
            shown = shown.lstrip(" ")
        if shown:
            self._put_marker()
            self._line.append(shown)
            self._ends_in_space = shown.endswith(" ")

    def add_preformatted(self, text: str) -> None:
        """Text whose line ends and spaces are shown as they are; in a row it is text like any other."""
        if self.in_row:
            self.add_text(text)
            return
        first, *others = text.split("\n")
        self._preformatted_part(first)
        for part in others:
            if not self._line:
                self._gathering.add_blank()
            self.end_line()
            self._preformatted_part(part)

    def _preformatted_part(self, part: str) -> None:
        if part:
            self._put_marker()
            self._line.append(part.expandtabs(_TAB_WIDTH))
            self._ends_in_space = False

    def announce(self, marker: str) -> None:
        """The number or bullet of an item, for the text that comes next. One that got no text is a line of its own."""
        if self._marker:
            self._put_marker()
            self.end_line()
        self._marker = marker

    def _put_marker(self) -> None:
        if self._marker:
            self._line.append(f"{self._marker} ")
            self._marker = ""
            self._ends_in_space = True

    def end_item(self) -> None:
        """The end of an item: its number is written even when it had no text."""
        self._put_marker()
        self.end_line()

    def end_line(self) -> None:
        """The end of a block or a line; inside a row, a space."""
        if self.in_row:
            self._end_piece()
            if not self._ends_in_space:
                self._line.append(" ")
                self._ends_in_space = True
            self._piece = len(self._line)
            return
        self._gathering.add_line("".join(self._line))
        self._line.clear()
        self._ends_in_space = True

    def open_row(self) -> None:
        """A row of several cells begins; the first cell is still to come."""
        self.end_line()
        self._cells = []

    def end_cell(self) -> None:
        """The end of a cell of the row."""
        if self._cells is not None:
            self._put_marker()
            self._end_piece()
            self._cells.append("".join(self._line).strip(" "))
            self._start_cell()

    def close_row(self) -> None:
        """The end of the row."""
        cells, self._cells = self._cells or [], None
        self._start_cell()
        self._gathering.add_line("\t".join(cells))

    def _start_cell(self) -> None:
        self._line.clear()
        self._ends_in_space = True
        self._piece = 0

    def _end_piece(self) -> None:
        self._gathering.add_apart("".join(self._line[self._piece :]))

"""Paragraphs for people: text that is broken into lines as wide as the screen, measured in cells.

Rules kept here: words are never cut; a line breaks behind a comma or the like where there is one near its end;
indented lines stay as they are (a command, a table); off a terminal the width is the same everywhere.

Source: command-line.md §2 (77 columns), §3 rows 7–9.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from typing import Self

from cutter.report.visible import width

WIDEST = 77
_NARROWEST = 40
_LEAST = 20  # cells that a broken line has beside what stands before it
_SHALLOW = 6  # how far lines hang where that is too little
_PAUSES = (",", ";", ":", ".", "·")  # behind which a line is broken rather than elsewhere
_EARLIEST = 1 / 2  # of a line: no pause before it is looked for
# A command of cutter inside a sentence, with its options and what they take.
_COMMAND = re.compile(r"cutter(?: [a-z][a-z-]+){1,2}(?: (?:--[a-z-]+|[A-Z][\w./-]*(?<!\.)))*")


class Line(str):
    """A line that may be broken where it is wider than the screen; a plain `str`, such as a command, never is."""

    __slots__ = ("hang",)

    def __new__(cls, text: str, hang: int = 0) -> Self:
        """A line; what goes on below it begins after `hang` cells."""
        made = super().__new__(cls, text)
        made.hang = hang
        return made

    hang: int


def screen_width() -> int:
    """How many cells a line of text may take: those of the terminal (or `COLUMNS`), at most 77."""
    return max(_NARROWEST, min(WIDEST, shutil.get_terminal_size().columns - 1))


def wrapped(text: str, cells: int, indent: str = "") -> Iterator[str]:
    """One paragraph as lines of at most so many cells; a word that is wider stands alone."""
    line, used = indent, 0
    for word in text.split():
        wide = width(word)
        if used and width(indent) + used + 1 + wide > cells:
            yield line
            line, used = indent, 0
        line += f" {word}" if used else word
        used += wide + (1 if used else 0)
    if used:
        yield line


def set_text(text: str, cells: int) -> Iterator[str]:
    """A text of paragraphs: those at the margin are broken anew, indented lines stay."""
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line and not line.startswith(" "):
            paragraph.append(line)
            continue
        yield from wrapped(" ".join(paragraph), cells)
        paragraph = []
        yield line.rstrip()


def broken(line: str, cells: int) -> Iterator[str]:
    """A line of a screen as lines of at most so many cells, where it may be broken."""
    if not isinstance(line, Line) or width(line) <= cells:
        yield str(line)
        return
    hang = line.hang if cells - line.hang >= _LEAST else min(line.hang, _SHALLOW)
    start, rest = _split(line, line.hang)
    words = _words(rest)
    while words:
        taken = _taken(words, cells - width(start))
        yield f"{start}{' '.join(words[:taken])}".rstrip()
        start, words = " " * hang, words[taken:]


def _split(line: str, cells: int) -> tuple[str, str]:
    """A line parted after so many cells."""
    for place in range(len(line)):
        if width(line[:place]) >= cells:
            return line[:place], line[place:]
    return "", line


def _words(text: str) -> list[str]:
    """What a line is broken between: words, and commands as they stand."""
    words, end = [], 0
    for found in _COMMAND.finditer(text):
        words += text[end : found.start()].split(" ")
        command = found[0] if not words or not words[-1] else f"{words[-1]}{found[0]}"
        words[-1:] = [command]
        end = found.end()
        rest = text[end:].partition(" ")[0]
        words[-1] += rest
        end += len(rest) + 1
    return words + text[end:].split(" ") if text[end:] else words


def _taken(words: Sequence[str], cells: int) -> int:
    """How many of the words go into the line: as many as fit, or up to a pause near its end; at least one.

    A number is not parted from the word behind it.
    """
    used, fitting, pause = 0, 1, 0
    for count, word in enumerate(words, start=1):
        used += width(word)
        if used > cells:
            break
        if not word[-1:].isdigit():
            fitting = count
        if word[-1:] in _PAUSES and used >= cells * _EARLIEST:
            pause = count
        used += 1
    else:
        return len(words)
    return pause or fitting

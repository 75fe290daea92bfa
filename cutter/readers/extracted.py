"""What a reader gives: the text that is cut, and what of the original is not in it as it stood.

Rules kept here: of a text or Markdown file the text is the file, byte for byte; a remark has a word, a count and a
line, never text.

Source: issue 5, part 3.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["text", "html", "docx"]

# A stamp is a few words that stand by themselves near the start; these bounds are far beyond it.
_LONGEST_APART = 60
_MOST_APART = 400
_LAST_LINE_APART = 80


class RemarkCode(Enum):
    """What a reader left out, or took in another form than the original has it."""

    INSERTED_TEXT = "inserted_text"  # a tracked insertion, taken as if accepted
    DELETED_TEXT = "deleted_text"  # a tracked deletion, left out as if accepted
    STRUCK_TEXT = "struck_text"  # an HTML page marks it as deleted but shows it; taken
    HIDDEN_TEXT = "hidden_text"  # text that is not shown; left out
    FOOTNOTE = "footnote"  # taken to the end, with its mark
    TEXT_BOX = "text_box"  # taken before the paragraph that it hangs on
    MARGIN = "margin"  # a header or footer of pages; left out
    COMMENT = "comment"  # left out
    PICTURE = "picture"  # what it shows is not read
    EMBEDDED = "embedded"  # another file inside the document; left out
    SYMBOL = "symbol"  # a character of a symbol font, whose letter may mean another sign
    NUMBER_FORMAT = "number_format"  # an automatic number in a form that is not known; written in digits
    NUMBER_SKIPPED = "number_skipped"  # an automatic number below one that was never counted
    NUMBER_FIELD = "number_field"  # a number that only Word can compute; left out


class Remark(msgspec.Struct, frozen=True):
    """One code, how often, and the line of the extracted text (from 1) where it first came up."""

    code: RemarkCode
    count: int
    line: int


class Reading(msgspec.Struct, frozen=True):
    """What a reader of one kind of file makes of it. `apart` as in `Extracted`."""

    text: str
    remarks: tuple[Remark, ...] = ()
    apart: tuple[str, ...] = ()


class Extracted(msgspec.Struct, frozen=True):
    """The text of an original file.

    Attributes:
        text: UTF-8. Of a text or Markdown file the very same bytes; of another, lines that end in LF.
        kind: what was read.
        original_sha256: of the original file.
        remarks: what is not in the text as it stood, by code.
        apart: short lines that the original shows by themselves but the text does not: headers, footers, and
            paragraphs of the first rows of tables. For what is asked of lines, such as stamps.
    """

    text: bytes
    kind: Kind
    original_sha256: str
    remarks: tuple[Remark, ...] = ()
    apart: tuple[str, ...] = ()


class Gathering:
    """The lines of a reading while it is made."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._remarks: dict[RemarkCode, tuple[int, int]] = {}
        self._apart: list[str] = []

    def add_line(self, line: str) -> None:
        """A line without its end; spaces at its end are dropped, and a line that shows nothing is no line."""
        if line.strip():
            self._lines.append(line.rstrip(" "))

    def add_blank(self) -> None:
        """An empty line, where the original shows one in preformatted text."""
        self._lines.append("")

    def remark(self, code: RemarkCode, count: int = 1) -> None:
        """Count what is not in the text as it stood, at the line that comes next."""
        before, line = self._remarks.get(code, (0, len(self._lines) + 1))
        self._remarks[code] = (before + count, line)

    def add_apart(self, line: str) -> None:
        """A line that the text will not show by itself; long ones, late ones and blank ones are passed over."""
        if len(self._lines) < _LAST_LINE_APART:
            self.add_margin(line)

    def add_margin(self, line: str) -> None:
        """A line of a header or footer, wherever in the file it is kept."""
        shown = line.strip()
        if shown and len(shown) <= _LONGEST_APART and len(self._apart) < _MOST_APART:
            self._apart.append(shown)

    def reading(self, after: Sequence[str] = ()) -> Reading:
        """What was gathered, with lines that go to the end."""
        lines = [*self._lines, *after]
        remarks = tuple(Remark(code, count, line) for code, (count, line) in self._remarks.items())
        return Reading("".join(f"{line}\n" for line in lines), remarks, tuple(self._apart))

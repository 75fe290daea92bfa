"""The source text of a document by lines, for the excerpts of the page.

Rules kept here: what is shown is what the bytes say (decoded, nothing else); a long line or text is cut and the page
says how much it leaves out; line numbers are those of the cut's doubts (from 1; LF, CRLF and CR end a line).
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from cutter.report.review.markup import Html, element, join, say, source, text
from cutter.report.review.words import number

LONGEST_LINE = 600  # characters of one line in an excerpt
FARTHEST = 50  # lines that are passed over to find one that shows something
_BEFORE_COLUMN = 200  # characters that stay before a marked column


@dataclass(frozen=True, slots=True)
class Lines:
    """A text with the byte offsets where its lines begin."""

    data: bytes
    starts: tuple[int, ...]

    @classmethod
    def of(cls, data: bytes) -> "Lines":
        """The lines of a text."""
        return cls(data, tuple(accumulate(map(len, data.splitlines(keepends=True)), initial=0)))

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.starts) - 1

    def at(self, offset: int) -> int:
        """The number of the line that holds a byte."""
        return min(max(1, bisect_right(self.starts, offset)), max(1, self.count))

    def text(self, line: int) -> str:
        """A line without its end."""
        return self.data[self.starts[line - 1] : self.starts[line]].decode(errors="replace").rstrip("\r\n")

    def around(self, line: int) -> tuple[int, ...]:
        """A line between the nearest lines before and after it that show something."""
        before = next((n for n in range(line - 1, max(0, line - FARTHEST), -1) if self.text(n).strip()), None)
        after = next((n for n in range(line + 1, min(self.count + 1, line + FARTHEST)) if self.text(n).strip()), None)
        return tuple(n for n in (before, line, after) if n is not None)


def excerpt(lines: Lines, shown: tuple[int, ...], marked: int, column: int, language: str) -> Html:
    """Numbered lines, one of them marked, from its column on where it is long."""
    items = []
    for line in shown:
        begin = max(0, column - 1 - _BEFORE_COLUMN) if line == marked and column > LONGEST_LINE else 0
        body = element("span", _clipped(lines.text(line), begin), lang=language, class_="doc")
        numbered = element("span", text(str(line)), class_="no")
        here = element("strong", say("here", "tại đây"), class_="here") if line == marked else Html("")
        items.append(element("li", numbered, body, here, class_="marked" if line == marked else "near"))
    return element("ol", *items, class_="lines")


def clipped(body: str, most: int) -> Html:
    """A text of several lines, whole or up to a number of characters, with the number that is left out."""
    if len(body) <= most:
        return source(body)
    return join((source(body[:most]), left_out(len(body) - most)))


def left_out(characters: int) -> Html:
    """That something is not shown here."""
    told = number(characters)
    words = say(f"… {told.en} more characters are not shown", f"… còn {told.vi} ký tự không hiển thị")
    return element("span", words, class_="left-out")


def _clipped(line: str, begin: int) -> Html:
    end = begin + LONGEST_LINE
    before = (left_out(begin),) if begin else ()
    after = (left_out(len(line) - end),) if len(line) > end else ()
    return join((*before, text(line[begin:end]), *after))

"""Stage 0: the source as lines, and a shadow of a line for matching only.

The source is decoded strictly and never changed: byte order mark and line ends stay, and only the original is sliced.
The shadow of a line is NFC, with the Eth letters as Đ and đ, no-break spaces and tabs as spaces, soft hyphens and
zero-width characters gone and full-width digits folded.

A unit starts where a line starts, so the only offsets ever needed are line starts: a shadow per line suffices, and is
made only for lines that may be headings. `printed` leads from positions in such a shadow back to the characters of
the source, for the few values that keep the print form.

Source: cutting.md §2 stage 0, §3 cases 1, 2, 11.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice

from cutter.stops import Stop, StopCode

# The largest text in bytes: a cut holds up to four times the text in memory, and 128 MiB leaves that under the 1 GB
# that the smallest machines have for one process. The longest law in the collection has half a megabyte.
LARGEST_TEXT = 128 * 1024 * 1024

# Lines, of which the offsets are kept: a text of the largest size has more only when its lines have under eight bytes.
MOST_LINES = 16 * 1024 * 1024

# Bytes of a line that are read: a heading is shorter, and one line may be the whole text.
LONGEST_LINE = 64 * 1024

# Characters of a line that are normalised: its number and its first words are among them. To sort the accents of one
# letter takes the square of how many there are.
_NORMALISED = 512

# Bytes that are decoded at a time: the whole text as characters would be up to four times its bytes, and larger blocks
# are slower, because they do not stay in the processor's cache.
_BLOCK = 64 * 1024
# Where a block may begin: at an ASCII character, which joins with none before it, and not within a CRLF.
_BLOCK_START = re.compile(rb"[\x00-\x09\x0b-\x7f]|(?<!\r)\n")

_SPACES = "\t\x0b\x0c\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# What the shadow shows as a space or not at all.
BLANK_CHARACTERS = " \r\n" + _SPACES + _INVISIBLE
_FOLDED: dict[str, str | None] = {
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_INVISIBLE),
    "\u00d0": "Đ",
    "\u00f0": "đ",
    **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
}
_TRANSLATION = str.maketrans(_FOLDED)
_FOLDABLE = re.compile("[" + "".join(_FOLDED) + "]")


@dataclass(frozen=True, slots=True)
class Text:
    """A source as lines: line `i` (from 0) is `source[starts[i]:starts[i + 1]]`, its line end included.

    Args:
        source: the bytes, untouched.
        starts: byte offset of every line start, then the length of the source.
        normal: the whole text is NFC.
    """

    source: bytes
    starts: "array[int]"
    normal: bool

    def line(self, index: int) -> str:
        """One line as printed, without its line end; of a line beyond `LONGEST_LINE` its beginning."""
        start, end = self.starts[index], self.starts[index + 1]
        if end - start > LONGEST_LINE:
            return self.source[start : start + LONGEST_LINE].decode(errors="ignore")
        return self.source[start:end].decode().rstrip("\r\n")

    def shadow(self, index: int) -> str:
        """The matching shadow of one line, without its line end."""
        return fold(self.line(index), normal=self.normal).rstrip(" ")

    def is_blank(self, index: int) -> bool:
        """Whether a line shows nothing."""
        line = self.source[self.starts[index] : self.starts[index + 1]].strip()
        return not line or (line[0] > 127 and not line.decode().strip(BLANK_CHARACTERS))

    @property
    def lines(self) -> int:
        """The number of lines."""
        return len(self.starts) - 1


def read_text(source: bytes) -> Text:
    """Check that a source is text, and find its lines (ended by LF, CRLF or CR).

    Raises:
        Stop: STOP_TEXT_TOO_LARGE with the limit (`limit_N_bytes`, `limit_N_lines`); STOP_TEXT_NOT_UTF8 with the first
            bad byte (`byte_1234`), also for a NUL character (`nul_byte_1234`), which is UTF-8 but which no text column
            holds; STOP_TEXT_EMPTY.
    """
    if len(source) > LARGEST_TEXT:
        raise Stop(StopCode.STOP_TEXT_TOO_LARGE, f"limit_{LARGEST_TEXT}_bytes", found=str(len(source)))
    nul = source.find(b"\0")
    starts, normal, blank = array("I", [0]), True, True
    for begin, end in _blocks(source):
        block = source[begin:end]
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            if 0 <= nul < begin + error.start:
                break
            raise Stop(StopCode.STOP_TEXT_NOT_UTF8, f"byte_{begin + error.start}") from None
        normal = normal and unicodedata.is_normalized("NFC", text)
        blank = blank and not text.strip(BLANK_CHARACTERS)
        ends = accumulate(map(len, block.splitlines(keepends=True)), initial=begin)
        starts.extend(islice(ends, 1, None))
        if end < len(source) and block[-1] not in b"\r\n":
            starts.pop()  # the line goes on in the next block
        if len(starts) > MOST_LINES:
            raise Stop(StopCode.STOP_TEXT_TOO_LARGE, f"limit_{MOST_LINES}_lines")
    if nul >= 0:
        raise Stop(StopCode.STOP_TEXT_NOT_UTF8, f"nul_byte_{nul}")
    if blank:
        raise Stop(StopCode.STOP_TEXT_EMPTY, "byte_0")
    return Text(source, starts, normal)


def _blocks(source: bytes) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(source):
        found = _BLOCK_START.search(source, begin + _BLOCK)
        end = found.start() if found else len(source)
        yield begin, end
        begin = end


def lines_that_begin(text: Text, table: bytes, most: int | None = None) -> bytes:
    """What a table says of the first byte of each line (of at most so many). It has no loop in Python."""
    lines = text.lines if most is None else min(most, text.lines)
    return bytes(map(text.source.__getitem__, islice(text.starts, lines))).translate(table)


def first_bytes(characters: Iterable[str]) -> bytes:
    """A table of 256 bytes: 1 for those that a line begins with whose shadow begins with a blank or a character."""
    sources = {source for character in characters for source in _unfolded(character)} | set(BLANK_CHARACTERS)
    first = {source.encode()[0] for source in sources}
    return bytes(byte in first for byte in range(256))


def fold(line: str, *, normal: bool = False) -> str:
    """The shadow of characters; `normal` says that they are known to be NFC."""
    folded = line.translate(_TRANSLATION) if _FOLDABLE.search(line) else line
    if normal and folded is line:
        return folded
    if len(folded) <= _NORMALISED:
        return unicodedata.normalize("NFC", folded)
    return unicodedata.normalize("NFC", folded[:_NORMALISED]) + folded[_NORMALISED:]


def printed(line: str, start: int, end: int | None = None) -> str:
    """The characters of a source line behind the positions `start` to `end` (None: to the end) of its shadow."""
    if line.isascii() and line.isprintable():
        return line[start:end]
    shadow = fold(line)
    offsets = _offsets(line, start if end is None else end)
    if max(start, end or 0) >= len(offsets):
        return shadow[start:end]
    for place in (start, end):  # letters that join without a combining class (Hangul) map only as a whole
        if place is not None and fold(line[: offsets[place]]) != shadow[:place]:
            return shadow[start:end]
    return line[offsets[start] : None if end is None else offsets[end]]


def _offsets(line: str, most: int) -> list[int]:
    """For the positions of the shadow of a line up to `most`, its end included, the position in the line."""
    offsets: list[int] = []
    begin = 0
    for end in range(1, len(line) + 1):
        if end < len(line) and (unicodedata.combining(line[end]) or line[end] in _INVISIBLE):
            continue
        offsets.extend([begin] * len(fold(line[begin:end])))
        if len(offsets) > most:
            return offsets
        begin = end
    return [*offsets, len(line)]


@cache
def _unfolded(character: str) -> frozenset[str]:
    """Every character that the shadow may show as this one, or that may begin its decomposed form."""
    sources = {source for source, target in _FOLDED.items() if target == character}
    return frozenset({character, unicodedata.normalize("NFD", character)[0]} | sources)

"""Stamps of secrecy: MẬT, TỐI MẬT, TUYỆT MẬT, in a line by themselves.

A stamp is looked for where documents bear one: in the first page (the first lines that show anything) and in the last
lines. A line counts when it holds nothing else, in capitals, whatever its normal form, the spaces between its letters
and the marks around it; so does a part of a line between TABs or wide gaps, because a stamp often stands in a table
beside the name of the office. The English names count as the levels that they translate, also in capitals only:
CONFIDENTIAL, SECRET, TOP SECRET.

Source: issue 5, part 3; the three levels are those of the Vietnamese law on protection of state secrets.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from cutter.cutting.shadow import fold
from cutter.stops import Stop, StopCode

# A page has about forty lines; a cover sheet may come first.
_FIRST_LINES = 80
_LAST_LINES = 30
# Bytes looked at from each end: lines of a page, or of a hostile text, may be long.
_REACH = 64 * 1024
_LONGEST_PIECE = 80

# TABs of a table row; the gap between two columns of a plain text.
_GAP = re.compile(r"\t| {3,}")
_NO_LETTERS = re.compile(r"[\W_]+")


class StampLevel(Enum):
    """How secret: the word of the stamp. The detail of its stop is the name in small letters."""

    MAT = "MẬT"
    TOI_MAT = "TỐI MẬT"
    TUYET_MAT = "TUYỆT MẬT"


_WORDS = MappingProxyType(
    {
        "MẬT": StampLevel.MAT,
        "TỐIMẬT": StampLevel.TOI_MAT,
        "TUYỆTMẬT": StampLevel.TUYET_MAT,
        "CONFIDENTIAL": StampLevel.MAT,
        "SECRET": StampLevel.TOI_MAT,
        "TOPSECRET": StampLevel.TUYET_MAT,
    }
)
_LEVELS = tuple(StampLevel)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The most secret stamp of a text, and its line (from 1; 0: outside the text, such as in a page header)."""

    level: StampLevel
    line: int


def find_stamp(text: bytes, apart: Iterable[str] = ()) -> Stamp | None:
    """The most secret stamp of a text; of equal ones the first.

    Args:
        text: UTF-8.
        apart: lines that the original shows besides, such as page headers.
    """
    return _most_secret(_stamps(text, apart))


def check_stamp(text: bytes, allowed: Collection[StampLevel], apart: Iterable[str] = ()) -> None:
    """That a text bears no stamp but allowed ones. Arguments as for `find_stamp`.

    Raises:
        Stop: STOP_DOCUMENT_STAMPED (detail: `mat`, `toi_mat`, `tuyet_mat`; found: the stamp and its line).
    """
    stamp = _most_secret(stamp for stamp in _stamps(text, apart) if stamp.level not in allowed)
    if stamp is not None:
        found = f"{stamp.level.value}, {f'line {stamp.line}' if stamp.line else 'beside the text'}"
        needed = f"documents: {{allow_stamps: [{stamp.level.value}]}}"
        raise Stop(StopCode.STOP_DOCUMENT_STAMPED, stamp.level.name.lower(), found=found, needed=needed)


def _most_secret(stamps: Iterable[Stamp]) -> Stamp | None:
    return max(stamps, key=lambda stamp: _LEVELS.index(stamp.level), default=None)


def _stamps(text: bytes, apart: Iterable[str]) -> Iterator[Stamp]:
    for number, line in _ends(text):
        yield from (Stamp(level, number) for level in _stamped(line))
    for line in apart:
        yield from (Stamp(level, 0) for level in _stamped(line))


def _ends(text: bytes) -> Iterator[tuple[int, str]]:
    """The first and last lines that show anything, with their numbers."""
    if len(text) <= 2 * _REACH:
        lines = _lines(text, 1)
        yield from lines[:_FIRST_LINES]
        yield from lines[max(_FIRST_LINES, len(lines) - _LAST_LINES) :]
        return
    yield from _lines(text[:_REACH], 1)[:_FIRST_LINES]
    start = len(text) - _REACH
    ends = [text.count(end, 0, start) for end in (b"\n", b"\r", b"\r\n")]
    yield from _lines(text[start:], ends[0] + ends[1] - ends[2] + 1)[-_LAST_LINES:]


def _lines(part: bytes, first: int) -> list[tuple[int, str]]:
    """Lines that show anything. A character that the part cuts through is passed over."""
    decoded = ((number, line.decode(errors="ignore")) for number, line in enumerate(part.splitlines(), first))
    return [(number, line) for number, line in decoded if line.strip("\ufeff \t\f\u00a0")]


def _stamped(line: str) -> Iterator[StampLevel]:
    whole = line if "\t" not in line else ""  # letters may stand as far apart as columns do
    for piece in dict.fromkeys((whole, *_GAP.split(line))):
        level = _WORDS.get(_NO_LETTERS.sub("", fold(piece))) if len(piece) <= _LONGEST_PIECE else None
        if level is not None:
            yield level

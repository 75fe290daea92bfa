"""The cut of a source: its units in document order, with stable addresses and byte offsets into the untouched bytes.

Pure and deterministic: the same bytes, document id and profile give the same units. The regions of the units, in
order, cover the source from 0 to its length without gap or overlap, so that joining them gives the source back.

Stages (cutting.md §2), each in a module of its own: shadow → zones → candidates → sequence → tiling → address.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from unicodedata import is_normalized

import msgspec

from cutter.cutting.address import Name, Piece, ascii_alias, name_pieces
from cutter.cutting.candidates import Candidate, find_candidates
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import VIETNAMESE_LAW, Profile, Rank
from cutter.cutting.sequence import Choice, choose
from cutter.cutting.shadow import Text, read_text
from cutter.cutting.tiling import PREAMBLE, find_ambiguous_tails, lay_out, tile
from cutter.cutting.zones import find_quotations
from cutter.stops import Stop, StopCode

# Lines of a title below its container's heading: more would be text, not a title.
LONGEST_TITLE = 6


class Region(msgspec.Struct, frozen=True):
    """A stretch of the source: byte offsets `start` to `end`, and the hex sha256 of its bytes."""

    start: int
    end: int
    sha256: str


class Unit(msgspec.Struct, frozen=True, gc=False):
    """One addressed piece of a document.

    A unit has exactly one region: its own text up to its first child (text after a child is a TAIL unit), so the
    sha256 of its region is that of its body. The body is read from the source when asked for.

    Args:
        address, short_address, address_ascii, sort_key: see `address`.
        type: the address TYPE, such as ART.
        rank: container, basic, sub or zone.
        number_raw: the number as printed in the source ("I", "thứ nhất", "217a"); empty when it has none.
        ordinal: position among its siblings, from 1.
        parent_address: the address of the unit that holds it; None at the top of the document.
        heading: the title as printed, on one line; None when it has none.
        sha256: of its bytes; `start` and `end` are byte offsets into the source.
    """

    source: bytes
    address: str
    short_address: str
    address_ascii: str
    sort_key: str
    type: str
    rank: Rank
    number_raw: str
    ordinal: int
    parent_address: str | None
    heading: str | None
    start: int
    end: int
    sha256: str

    @property
    def body(self) -> str:
        """Its own text, byte for byte as in the source."""
        return self.source[self.start : self.end].decode()

    @property
    def body_sha256(self) -> str:
        """The hex sha256 of the body's bytes."""
        return self.sha256

    @property
    def regions(self) -> tuple[Region, ...]:
        """Its regions in the source; always one."""
        return (Region(self.start, self.end, self.sha256),)

    def __repr__(self) -> str:
        """The unit by its place, without text."""
        return f"Unit({self.address!r}, {self.start}, {self.end})"


class Cut(msgspec.Struct, frozen=True):
    """The units of a document in document order, what was not sure (by line and column), and the size in bytes."""

    document_id: str
    units: tuple[Unit, ...]
    doubts: tuple[Doubt, ...]
    size: int


def cut(source: bytes, document_id: str, profile: Profile = VIETNAMESE_LAW) -> Cut:
    """Cut a source text into units.

    Args:
        source: the bytes of the text, UTF-8.
        document_id: the first part of every address.
        profile: the family that the document belongs to.

    Raises:
        Stop: STOP_TEXT_TOO_LARGE, STOP_TEXT_NOT_UTF8, STOP_TEXT_EMPTY, or STOP_TEXT_WITHOUT_STRUCTURE.
    """
    text = read_text(source)
    quotations = find_quotations(text, profile)
    candidates = list(find_candidates(text, quotations.opaque, profile))
    choices, doubts = choose(text, candidates, profile)
    if not any(choice.number for choice in choices):
        raise Stop(StopCode.STOP_TEXT_WITHOUT_STRUCTURE, f"lines_1_to_{text.lines}")
    layout = lay_out(text, choices, profile)
    pieces = tile(text, choices, quotations, layout, profile)
    doubts.extend(quotations.doubts)
    doubts.extend(find_ambiguous_tails(text, pieces, choices, quotations, profile))
    doubts.extend(_mixed_forms(text))
    units = tuple(_units(text, document_id, pieces, choices, profile))
    return Cut(document_id, units, tuple(sorted(doubts, key=_place)), len(source))


def counts(made: Cut) -> tuple[tuple[str, int], ...]:
    """How many units of each TYPE a cut has, sorted by TYPE."""
    return tuple(sorted(Counter(unit.type for unit in made.units).items()))


def _units(
    text: Text, document_id: str, pieces: Sequence[Piece], choices: Sequence[Choice], profile: Profile
) -> Iterator[Unit]:
    source, starts = text.source, text.starts
    names: Sequence[Name] = name_pieces(document_id, pieces, profile)
    ends = [piece.line for piece in pieces[1:]] + [text.lines]
    for piece, name, next_line in zip(pieces, names, ends, strict=True):
        start, end = starts[piece.line], starts[next_line]
        address = name.address
        number_raw, heading = "", None
        if piece.choice >= 0:
            candidate = choices[piece.choice].candidate
            number_raw = candidate.number
            if piece.rank is not Rank.SUB:
                heading = _heading(text, candidate, piece.rank, next_line)
        elif piece.type == PREAMBLE:
            heading = text.line(piece.line).strip()
        yield Unit(
            source,
            address,
            name.short_address,
            address if address.isascii() else ascii_alias(address, profile),
            name.sort_key,
            piece.type,
            piece.rank,
            number_raw,
            name.ordinal,
            names[piece.parent].address if piece.parent >= 0 else None,
            heading,
            start,
            end,
            sha256(source[start:end]).hexdigest(),
        )


def _heading(text: Text, candidate: Candidate, rank: Rank, end: int) -> str | None:
    """The title of a heading as printed, from its line and, for a container or annex, from the lines below it."""
    if rank is Rank.BASIC:
        return candidate.title or None
    lines = [candidate.title] if candidate.title else []
    lines.extend(_titles_below(text, candidate.line + 1, end, has_title=bool(candidate.title)))
    return " ".join(lines) or None


def _titles_below(text: Text, first: int, end: int, *, has_title: bool) -> Iterator[str]:
    """The title lines below the heading of a container or annex: the first shown line, then lines all in capitals."""
    for index in range(first, min(end, first + LONGEST_TITLE)):
        shadow = text.shadow(index).strip(" ")
        if shadow.startswith("("):  # (Ban hành kèm theo …)
            continue
        if shadow:
            if has_title and not shadow.isupper():
                return
            yield text.line(index).strip()
            has_title = True
        elif has_title:
            return


def _mixed_forms(text: Text) -> Iterator[Doubt]:
    """One doubt when some lines are NFC and others are not, at the first that is not."""
    if text.normal:
        return
    lines = [text.line(index) for index in range(text.lines)]
    decomposed = [index for index, line in enumerate(lines) if not is_normalized("NFC", line)]
    composed = any(not line.isascii() and not is_normalized("NFD", line) for line in lines)
    if composed:
        yield Doubt(DoubtCode.MIXED_NORMAL_FORMS, decomposed[0] + 1, 1, f"lines_{len(decomposed)}")


def _place(doubt: Doubt) -> tuple[int, int, str]:
    return doubt.line, doubt.column, doubt.code.value

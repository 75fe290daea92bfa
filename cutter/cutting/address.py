"""Addresses: how a unit is named, for ever.

    address  = document-id *( "/" segment )
    segment  = TYPE "-" number [ "~" occurrence ]

- CH, PART, SEC, SSEC, ART, ANX pad their number to two digits; suffixes stay as printed: ART-05a.
- Unnumbered units count within their parent: TAIL-1, QS-2.
- The short address leaves the containers out, since the basic unit is numbered through the document; where a
  document repeats a basic number, both addresses are the same for its units.
- The ASCII alias writes đ as dd. No letter run has a "dd", so the alias is as unique as the address.
- The sort key is the path of ordinals, each behind its number of digits (1 → 11, 12 → 212), joined by dots: read as
  bytes it gives document order, among siblings and through the document.

Source: cutting.md §1.
"""

from collections.abc import Sequence

import msgspec

from cutter.cutting.numbers import Letters, Number
from cutter.cutting.profile import Level, Profile, Rank


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A stretch of the text that becomes a unit.

    Args:
        line: index of its first line; it goes up to the first line of the next piece.
        type: the address TYPE.
        rank: how it stands in the structure.
        segment: its segment without occurrence; empty for an unnumbered unit.
        parent: index of the piece that holds it, -1 for the document.
        choice: index of the choice that it comes from, -1 for none.
    """

    line: int
    type: str
    rank: Rank
    segment: str
    parent: int
    choice: int


class Name(msgspec.Struct, frozen=True, gc=False):
    """How one unit is called."""

    address: str
    short_address: str
    sort_key: str
    ordinal: int  # position among its siblings, from 1


def segment(level: Level, number: Number, profile: Profile) -> str:
    """The segment of a numbered unit, without occurrence."""
    system = level.systems[0]
    if isinstance(system, Letters):
        return f"{level.type}-{system.alphabet[number.value - 1]}"
    return f"{level.type}-{number.value:0{level.pad}d}{number.suffix}"


def ascii_alias(address: str, profile: Profile) -> str:
    """An address in ASCII letters."""
    for letter, alias in profile.ascii_alias:
        address = address.replace(letter, alias)
    return address


def name_pieces(document_id: str, pieces: Sequence[Piece], profile: Profile) -> list[Name]:
    """The names of all pieces, given in document order."""
    basic = [piece.segment for piece in pieces if piece.rank is Rank.BASIC]
    through = len(set(basic)) == len(basic)
    names: list[Name] = []
    children = [0] * (len(pieces) + 1)  # by parent; the last entry is the document's
    counts: dict[tuple[int, str], int] = {}  # unnumbered units by parent and TYPE
    taken: dict[str, int] = {}
    for piece in pieces:
        parent = names[piece.parent] if piece.parent >= 0 else Name(document_id, document_id, "", 0)
        own = piece.segment
        if not own:
            count = counts[piece.parent, piece.type] = counts.get((piece.parent, piece.type), 0) + 1
            own = f"{piece.type}-{count}"
        address = f"{parent.address}/{own}"
        occurrence = taken[address] = taken.get(address, 0) + 1
        if occurrence > 1:
            own = f"{own}~{occurrence}"
            address = f"{parent.address}/{own}"
        ordinal = children[piece.parent] = children[piece.parent] + 1
        names.append(
            Name(
                address, _short(document_id, piece.rank, own, address, parent, through), _key(parent, ordinal), ordinal
            )
        )
    return names


def _short(document_id: str, rank: Rank, own: str, address: str, parent: Name, through: bool) -> str:
    if rank is Rank.BASIC and through:
        return f"{document_id}/{own}"
    return address if parent.address == parent.short_address else f"{parent.short_address}/{own}"


def _key(parent: Name, ordinal: int) -> str:
    digits = str(ordinal)
    return f"{parent.sort_key}.{len(digits)}{digits}" if parent.sort_key else f"{len(digits)}{digits}"

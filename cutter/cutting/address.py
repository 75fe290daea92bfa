"""Addresses: how a unit is named, for ever.

    address  = document-id *( "/" segment )
    segment  = TYPE "-" number [ "~" occurrence ]

- CH, PART, SEC, SSEC, ART, ANX pad their number to two digits; suffixes stay as printed: ART-05a.
- Unnumbered units count within their parent: TAIL-1, QS-2.
- The short address leaves the containers out where the basic units are numbered through the document, and through
  each schedule; where a basic number repeats there, both addresses are the same for its units.
- The ASCII alias writes đ as dd. No letter run has a "dd", so the alias is as unique as the address.
- The sort key is the path of ordinals, each behind its number of digits (1 → 11, 12 → 212), joined by dots: read as
  bytes it gives document order, among siblings and through the document.

Source: cutting.md §1.
"""

from collections.abc import Iterator, Sequence

import msgspec

from cutter.cutting.profile import Profile, Rank


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A stretch of the text that becomes a unit.

    Args:
        line: index of its first line; it goes up to the first line of the next piece.
        level: index of its level in the profile, -1 for none.
        type: the address TYPE.
        rank: how it stands in the structure.
        segment: its segment without occurrence; empty for a unit that is counted.
        parent: index of the piece that holds it, -1 for the document.
        printed: its number as printed.
        title: its title; None for none.
    """

    line: int
    level: int
    type: str
    rank: Rank
    segment: str
    parent: int
    printed: str
    title: str | None


class Name(msgspec.Struct, frozen=True, gc=False):
    """How one unit is called."""

    address: str
    short_address: str
    sort_key: str
    ordinal: int  # position among its siblings, from 1


class _Holder:
    """An open unit while its children are named."""

    __slots__ = ("address", "children", "counts", "piece", "scope", "short", "sort_key", "taken")

    def __init__(self, piece: int, address: str, short: str, sort_key: str, scope: "_Holder | None") -> None:
        self.piece = piece
        self.address = address
        self.short = short
        self.sort_key = sort_key
        self.scope = scope or self
        self.children = 0
        self.counts: dict[str, int] = {}  # units that are counted, by TYPE
        self.taken: dict[str, int] = {}  # segments, by how often


def ascii_alias(address: str, profile: Profile) -> str:
    """An address in ASCII letters."""
    for letter, alias in profile.ascii:
        address = address.replace(letter, alias)
    return address


def scopes_that_repeat(pieces: Sequence[Piece], profile: Profile) -> frozenset[int]:
    """The schedules (by piece, -1 the document) in which a basic number comes twice: their short addresses are long."""
    found: set[int] = set()
    seen: dict[int, set[str]] = {}
    scope: list[int] = []  # by piece, the piece of its scope
    for index, piece in enumerate(pieces):
        around = scope[piece.parent] if piece.parent >= 0 else -1
        scope.append(index if piece.level >= 0 and profile.levels[piece.level].scope else around)
        if piece.rank is not Rank.BASIC or not piece.segment:
            continue
        taken = seen.setdefault(around, set())
        if piece.segment in taken:
            found.add(around)
        taken.add(piece.segment)
    return frozenset(found)


def name_pieces(document_id: str, pieces: Sequence[Piece], profile: Profile) -> Iterator[Name]:
    """The names of all pieces, given in document order."""
    repeating = scopes_that_repeat(pieces, profile)
    levels = profile.levels
    last = len(pieces) - 1
    stack = [_Holder(-1, document_id, document_id, "", None)]
    for index, piece in enumerate(pieces):
        while stack[-1].piece != piece.parent:
            stack.pop()
        holder = stack[-1]
        own = _own_segment(piece, holder, levels[piece.level].pad if piece.level >= 0 else 0)
        holder.children = ordinal = holder.children + 1
        digits = str(ordinal)
        key = f"{holder.sort_key}.{len(digits)}{digits}" if holder.sort_key else f"{len(digits)}{digits}"
        address = f"{holder.address}/{own}"
        if piece.rank is Rank.BASIC and holder.scope.piece not in repeating and piece.segment:
            short = f"{holder.scope.short}/{own}"
        elif holder.short == holder.address:
            short = address
        else:
            short = f"{holder.short}/{own}"
        yield Name(address, short, key, ordinal)
        if index < last and pieces[index + 1].parent == index:  # most units hold nothing
            is_scope = piece.level >= 0 and levels[piece.level].scope
            stack.append(_Holder(index, address, short, key, None if is_scope else holder.scope))


def _own_segment(piece: Piece, holder: _Holder, pad: int) -> str:
    own = piece.segment
    if not own:
        count = holder.counts[piece.type] = holder.counts.get(piece.type, 0) + 1
        own = f"{piece.type}-{count:0{pad}d}"
    occurrence = holder.taken[own] = holder.taken.get(own, 0) + 1
    return own if occurrence == 1 else f"{own}~{occurrence}"

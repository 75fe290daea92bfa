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
from functools import lru_cache
from itertools import chain, islice
from typing import TypeAlias

import msgspec

from cutter.cutting.profile import Profile, Rank

# The level of a piece that is no level's, and the types of such pieces.
NO_LEVEL = -1
FRONT, QUOTED, HEAD, TAIL = "FRONT", "QS", "HEAD", "TAIL"

_BASIC = Rank.BASIC


class Piece(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A stretch of the text that becomes a unit. Two are the same when they are one object.

    Args:
        line: index of its first line, that of its title where the title stands above; it goes up to the next piece.
        label_line: index of the line with its number.
        column: of an item of a list that is told by its indent, where the text behind the number begins; else -1.
        level: index of its level in the profile, `NO_LEVEL` for none.
        type: the address TYPE.
        rank: how it stands in the structure.
        segment: its segment without occurrence; empty for a unit that is counted.
        parent: the piece that holds it, None for the document.
        printed: its number as printed.
        title: the title on the line of its number, or above; empty for none.
    """

    line: int
    label_line: int
    column: int
    level: int
    type: str
    rank: Rank
    segment: str
    parent: "Piece | None"
    printed: str
    title: str


# What a unit is called: address, short address, sort key, position among its siblings (from 1), address of its holder.
Name: TypeAlias = tuple[str, str, str, int, str]


class _Holder(msgspec.Struct):
    """An open unit while its children are named.

    Args:
        piece: None for the document.
        address, short: its address and short address.
        keys: what the sort keys of its children begin with.
        scope: the short address of the schedule or document that it stands in; None where it is no shorter.
        children: how many were named.
        counts: those that are counted, by TYPE.
        taken: their segments, by how often.
    """

    piece: Piece | None
    address: str
    short: str
    keys: str
    scope: str | None
    children: int = 0
    counts: dict[str, int] = {}
    taken: dict[str, int] = {}


def piece_without_level(line: int, type_: str, parent: Piece | None, rank: Rank = Rank.ZONE) -> Piece:
    """A piece that no level of the profile tells."""
    return Piece(line, line, -1, NO_LEVEL, type_, rank, "", parent, "", "")


def ascii_alias(address: str, profile: Profile) -> str:
    """An address in ASCII letters."""
    for letter, alias in profile.ascii:
        address = address.replace(letter, alias)
    return address


def scope_of(piece: Piece, profile: Profile) -> Piece | None:
    """The schedule in which a piece stands; None for the document."""
    around = piece.parent
    while around is not None:
        if around.level >= 0 and profile.levels[around.level].scope:
            return around
        around = around.parent
    return None


def scopes_that_repeat(pieces: Sequence[Piece], profile: Profile) -> set[Piece | None]:
    """The schedules (None: the document) in which a basic number comes twice: their short addresses are long."""
    found: set[Piece | None] = set()
    seen: dict[Piece | None, set[str]] = {}
    has_scopes = any(level.scope for level in profile.levels)
    for piece in pieces:
        if piece.rank is _BASIC and piece.segment:
            scope = scope_of(piece, profile) if has_scopes else None
            taken = seen.setdefault(scope, set())
            if piece.segment in taken:
                found.add(scope)
            taken.add(piece.segment)
    return found


def name_pieces(document_id: str, pieces: Sequence[Piece], profile: Profile) -> Iterator[Name]:
    """The names of all pieces, given in document order."""
    repeating = scopes_that_repeat(pieces, profile)
    levels = profile.levels
    holder = _Holder(None, document_id, document_id, "", None if None in repeating else document_id)
    stack = [holder]
    for piece, after in zip(pieces, chain(islice(pieces, 1, None), [None]), strict=True):
        if holder.piece is not piece.parent:
            while stack[-1].piece is not piece.parent:
                stack.pop()
            holder = stack[-1]
        own = piece.segment or _counted(piece, holder, levels[piece.level].pad if piece.level >= 0 else 0)
        taken = holder.taken
        if own in taken:
            taken[own] += 1
            own = f"{own}~{taken[own]}"
        else:
            taken[own] = 1
        holder.children = ordinal = holder.children + 1
        above = holder.address
        address = f"{above}/{own}"
        if holder.scope and piece.rank is _BASIC and piece.segment:
            short = f"{holder.scope}/{own}"
        elif holder.short == above:
            short = address
        else:
            short = f"{holder.short}/{own}"
        yield address, short, holder.keys + _key(ordinal), ordinal, above
        if after is not None and after.parent is piece:  # most units hold nothing
            scope = holder.scope
            if piece.level >= 0 and levels[piece.level].scope:
                scope = None if piece in repeating else short
            holder = _Holder(piece, address, short, f"{holder.keys}{_key(ordinal)}.", scope)
            stack.append(holder)


@lru_cache(4096)
def _key(ordinal: int) -> str:
    """The part of a sort key."""
    return f"{len(str(ordinal))}{ordinal}"


def _counted(piece: Piece, holder: _Holder, pad: int) -> str:
    """The segment of a unit without a number of its own."""
    count = holder.counts[piece.type] = holder.counts.get(piece.type, 0) + 1
    return f"{piece.type}-{count:0{pad}d}"

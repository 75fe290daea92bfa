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

from collections.abc import Sequence
from functools import cache

import msgspec

from cutter.cutting.profile import Profile, Rank

# The level of a piece that is no level's, and the types of such pieces.
NO_LEVEL = -1
FRONT, QUOTED, HEAD, TAIL = "FRONT", "QS", "HEAD", "TAIL"

# Units of one text: a hundred megabytes of law have half a million, and each takes about 150 bytes until it is written.
MOST_UNITS = 2_000_000

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
    scopes = scope_levels(profile)
    around = piece.parent
    while around is not None and around.level not in scopes:
        around = around.parent
    return around


@cache
def scope_levels(profile: Profile) -> frozenset[int]:
    """The indices of the levels in which runs and short addresses begin again."""
    return frozenset(index for index, level in enumerate(profile.levels) if level.scope)


def scopes_that_repeat(pieces: Sequence[Piece], profile: Profile) -> set[Piece | None]:
    """The schedules (None: the document) in which a short address would stand for two units.

    There a basic number comes twice; or one that stands in a container is also that of a unit beside the container.
    """
    found: set[Piece | None] = set()
    basics: dict[Piece | None, set[str]] = {}
    inner: dict[Piece | None, set[str]] = {}  # segments and TYPEs of basic units in containers
    beside: dict[Piece | None, set[str]] = {}  # segments of other units directly in a scope, or TYPEs of counted ones
    scopes = scope_levels(profile)
    for piece in pieces:
        parent = piece.parent
        if piece.rank is _BASIC and piece.segment:
            scope = scope_of(piece, profile) if scopes else None
            taken = basics.setdefault(scope, set())
            if piece.segment in taken:
                found.add(scope)
            taken.add(piece.segment)
            if parent is not scope:
                inner.setdefault(scope, set()).update((piece.segment, piece.type))
        elif parent is None or parent.level in scopes:
            beside.setdefault(parent, set()).add(piece.segment or piece.type)
    return found | {scope for scope, taken in inner.items() if not taken.isdisjoint(beside.get(scope, ()))}

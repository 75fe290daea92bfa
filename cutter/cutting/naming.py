"""From pieces to units: each piece gets its addresses, its sort key, its title and its digest.

This is done for every unit, so it is one loop: a call more for each would be felt.

Source: cutting.md §1, §2 stage 4; what addresses look like is told in `address`.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import chain, islice

import msgspec

from cutter.cutting.address import Piece, ascii_alias, scope_levels, scopes_that_repeat
from cutter.cutting.profile import Profile, Rank
from cutter.cutting.shadow import Text
from cutter.cutting.titles import READ_BELOW, title_of
from cutter.cutting.unit import Unit

_BASIC = Rank.BASIC


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


def name_units(text: Text, document_id: str, pieces: Sequence[Piece], profile: Profile) -> Iterator[Unit]:
    """The units of all pieces, given in document order."""
    source, starts, levels, scopes = text.source, text.starts, profile.levels, scope_levels(profile)
    read_below = [level.title if level.title in READ_BELOW else None for level in levels]
    repeating = scopes_that_repeat(pieces, profile)
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
        sort_key = holder.keys + _key(ordinal)
        address = f"{holder.address}/{own}"
        if holder.scope and piece.rank is _BASIC and piece.segment:
            short = f"{holder.scope}/{own}"
        else:
            short = address if holder.short == holder.address else f"{holder.short}/{own}"
        end_line = text.lines if after is None else after.line
        start, end = starts[piece.line], starts[end_line]
        kind = read_below[piece.level] if piece.level >= 0 else None
        yield Unit(
            source,
            address,
            short,
            address if address.isascii() else ascii_alias(address, profile),
            sort_key,
            piece.type,
            piece.rank,
            piece.printed,
            ordinal,
            None if piece.parent is None else holder.address,
            (title_of(text, piece, kind, end_line) if kind else piece.title) or None,
            start,
            end,
            sha256(source[start:end]).hexdigest(),
            piece.line + 1,
        )
        if after is not None and after.parent is piece:  # most units hold nothing
            scope = holder.scope
            if piece.level in scopes:
                scope = None if piece in repeating else short
            holder = _Holder(piece, address, short, sort_key + ".", scope)
            stack.append(holder)


def _counted(piece: Piece, holder: _Holder, pad: int) -> str:
    """The segment of a unit without a number of its own."""
    count = holder.counts[piece.type] = holder.counts.get(piece.type, 0) + 1
    return f"{piece.type}-{count:0{pad}d}"


@lru_cache(4096)
def _key(ordinal: int) -> str:
    """The part of a sort key."""
    return f"{len(str(ordinal))}{ordinal}"

"""The cut of a source: its units in document order, with stable addresses and byte offsets into the untouched bytes.

Pure and deterministic: the same bytes, document id and profile give the same units. The regions of the units, in
order, cover the source from 0 to its length without gap or overlap, so that joining them gives the source back.

Stages (cutting.md §2), each in a module of its own: shadow → zones → candidates → sequence → tiling → address.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import overload
from unicodedata import is_normalized

from cutter.cutting.address import Piece, ascii_alias, name_pieces
from cutter.cutting.candidates import find_candidates
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import Profile
from cutter.cutting.sequence import choose
from cutter.cutting.shadow import Text, read_text
from cutter.cutting.tiling import NO_LEVEL, find_ambiguous_tails, tile
from cutter.cutting.unit import Cut, Unit
from cutter.cutting.zones import find_zones
from cutter.stops import Stop, StopCode

# Units that are made at once and kept. More are made whenever they are asked for: each is some five times its text.
MOST_KEPT = 50_000


def cut(source: bytes, document_id: str, profile: Profile) -> Cut:
    """Cut a source text into units.

    Args:
        source: the bytes of the text, UTF-8.
        document_id: the first part of every address.
        profile: the family that the document belongs to.

    Raises:
        Stop: STOP_TEXT_TOO_LARGE, STOP_TEXT_NOT_UTF8, STOP_TEXT_EMPTY; STOP_TEXT_WITHOUT_STRUCTURE; STOP_TEXT_DOUBTFUL
            with the first doubt of those that the profile does not let pass.
    """
    text = read_text(source)
    zones = find_zones(text, profile)
    doubts = list(zones.doubts)
    pieces = tile(text, choose(text, lambda: find_candidates(text, zones.opaque, profile), profile, doubts), zones, profile)
    if not any(piece.printed for piece in pieces) and sum(piece.level != NO_LEVEL for piece in pieces) < 2:
        raise Stop(StopCode.STOP_TEXT_WITHOUT_STRUCTURE, f"lines_1_to_{text.lines}")
    doubts.extend(find_ambiguous_tails(text, pieces, zones, profile))
    doubts.extend(_mixed_forms(text))
    doubts.sort(key=_place)
    _refuse_doubtful(doubts, profile)
    units: Sequence[Unit] = _Units(text, document_id, pieces, profile)
    return Cut(document_id, profile.id, tuple(units) if len(pieces) <= MOST_KEPT else units, tuple(doubts), len(source))


def counts(made: Cut) -> tuple[tuple[str, int], ...]:
    """How many units of each TYPE a cut has, sorted by TYPE."""
    return tuple(sorted(Counter(unit.type for unit in made.units).items()))


class _Units(Sequence[Unit]):
    """The units of a cut, each made when it is asked for."""

    def __init__(self, text: Text, document_id: str, pieces: Sequence[Piece], profile: Profile) -> None:
        self._text = text
        self._document_id = document_id
        self._pieces = pieces
        self._profile = profile

    def __len__(self) -> int:
        return len(self._pieces)

    @overload
    def __getitem__(self, index: int) -> Unit: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Unit]: ...

    def __getitem__(self, index: int | slice) -> Unit | Sequence[Unit]:
        if isinstance(index, slice):
            return tuple(self)[index]
        return next(islice(self, range(len(self))[index], None))

    def __iter__(self) -> Iterator[Unit]:
        source, starts, pieces = self._text.source, self._text.starts, self._pieces
        addresses = [self._document_id]  # of the units around, by depth
        last = len(pieces) - 1
        for index, (piece, name) in enumerate(
            zip(pieces, name_pieces(self._document_id, pieces, self._profile), strict=True)
        ):
            address = name.address
            start, end = starts[piece.line], starts[pieces[index + 1].line] if index < last else len(source)
            del addresses[address.count("/") :]
            parent = addresses[-1]
            addresses.append(address)
            yield Unit(
                source,
                address,
                name.short_address,
                address if address.isascii() else ascii_alias(address, self._profile),
                name.sort_key,
                piece.type,
                piece.rank,
                piece.printed,
                name.ordinal,
                parent if piece.parent >= 0 else None,
                piece.title,
                start,
                end,
                sha256(source[start:end]).hexdigest(),
                piece.line + 1,
            )


def _mixed_forms(text: Text) -> Iterator[Doubt]:
    """One doubt when some lines are NFC and others are not, at the first that is not."""
    if text.normal:
        return
    lines = [text.line(index) for index in range(text.lines)]
    decomposed = [index for index, line in enumerate(lines) if not is_normalized("NFC", line)]
    composed = any(not line.isascii() and not is_normalized("NFD", line) for line in lines)
    if composed:
        yield Doubt(DoubtCode.MIXED_NORMAL_FORMS, decomposed[0] + 1, 1, f"lines_{len(decomposed)}")


def _refuse_doubtful(doubts: Sequence[Doubt], profile: Profile) -> None:
    for doubt in doubts:
        if doubt.code.value in profile.stops:
            raise Stop(
                StopCode.STOP_TEXT_DOUBTFUL, doubt.code.value, found=doubt.detail, where=f"{doubt.line}:{doubt.column}"
            )


def _place(doubt: Doubt) -> tuple[int, int, str]:
    return doubt.line, doubt.column, doubt.code.value

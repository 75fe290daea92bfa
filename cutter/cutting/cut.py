"""The cut of a source: its units in document order, with stable addresses and byte offsets into the untouched bytes.

Pure and deterministic: the same bytes, document id and profile give the same units. The regions of the units, in
order, cover the source from 0 to its length without gap or overlap, so that joining them gives the source back.

Stages (cutting.md §2), each in a module of its own: shadow → zones → candidates → sequence → tiling → naming.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import overload
from unicodedata import is_normalized

from cutter.cutting.address import NO_LEVEL, Piece
from cutter.cutting.candidates import find_candidates
from cutter.cutting.doubts import Doubt, DoubtCode, add_doubt
from cutter.cutting.naming import name_units
from cutter.cutting.profile import Profile
from cutter.cutting.sequence import choose
from cutter.cutting.shadow import Text, read_text
from cutter.cutting.tiling import find_ambiguous_tails, tile
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
    headings = choose(text, lambda first: find_candidates(text, zones.opaque, profile, first), profile, doubts)
    pieces = tile(text, headings, zones, profile)
    if not any(piece.printed for piece in pieces) and sum(piece.level != NO_LEVEL for piece in pieces) < 2:
        raise Stop(StopCode.STOP_TEXT_WITHOUT_STRUCTURE, f"lines_1_to_{text.lines}")
    for doubt in chain(find_ambiguous_tails(text, pieces, zones, profile), _mixed_forms(text)):
        add_doubt(doubts, doubt)
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
        return name_units(self._text, self._document_id, self._pieces, self._profile)


def _mixed_forms(text: Text) -> Iterator[Doubt]:
    """One doubt when some lines are NFC and others are not, at the first that is not."""
    if text.normal:
        return
    first, decomposed, composed = 0, 0, False
    for index in range(text.lines):
        line = text.line(index)
        if line.isascii():
            continue
        if not is_normalized("NFC", line):
            first = first or index + 1
            decomposed += 1
        composed = composed or not is_normalized("NFD", line)
    if first and composed:
        yield Doubt(DoubtCode.MIXED_NORMAL_FORMS, first, 1, f"lines_{decomposed}")


def _refuse_doubtful(doubts: Sequence[Doubt], profile: Profile) -> None:
    for doubt in doubts:
        if doubt.code.value in profile.stops:
            raise Stop(
                StopCode.STOP_TEXT_DOUBTFUL, doubt.code.value, found=doubt.detail, where=f"{doubt.line}:{doubt.column}"
            )


def _place(doubt: Doubt) -> tuple[int, int, str]:
    return doubt.line, doubt.column, doubt.code.value

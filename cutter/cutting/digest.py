"""The digests of a cut: what a plan promises, and what is compared after every step.

All are the hex sha256 over canonical JSON (`canon.digest`) of arrays in document order, without ids and times, so that
they are the same for every replay:

- region: [start, end, sha256 of the bytes] a region;
- manifest: [address, start, end, sha256 of the bytes] a region;
- writer: the rows that the canonical writer gets: [address, type, ordinal, parent address, heading, sha256 of the
  body, lifecycle] a unit;
- expected-after: what a fresh session must read back: the `UnitRow`s, as arrays of their fields in order, the rank by
  its word and each region as [start, end, sha256].

Source: cutting.md §2, last part.
"""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from cutter import canon
from cutter.cutting.unit import Cut, Region, Unit

# The lifecycle of a unit that was just written.
DRAFT = "draft"


class UnitRow(msgspec.Struct, frozen=True, array_like=True):
    """A unit as the database shows it, without ids and times; the fields are those of `Unit`."""

    address: str
    short_address: str
    address_ascii: str
    sort_key: str
    type: str
    rank: str
    number_raw: str
    ordinal: int
    parent_address: str | None
    heading: str | None
    body_sha256: str
    lifecycle: str
    regions: tuple[tuple[int, int, str], ...]


class Digests(msgspec.Struct, frozen=True):
    """The four digests of a cut."""

    region_sha256: str
    manifest_sha256: str
    writer_sha256: str
    expected_after_sha256: str


def digests(made: Cut, lifecycle: str = DRAFT) -> Digests:
    """The digests of a cut, made in one pass over its units."""
    regions, places, written, expected = _Array(), _Array(), _Array(), _Array()
    for unit in made.units:
        regions.add(_region(unit))
        places.add(_place(unit))
        written.add(_written(unit))
        expected.add(_row(unit, lifecycle))
    return Digests(regions.sha256(), places.sha256(), written.sha256(), expected.sha256())


def rows(made: Cut, lifecycle: str = DRAFT) -> Iterator[UnitRow]:
    """The rows that the units of a cut become, in document order."""
    return (_row(unit, lifecycle) for unit in made.units)


def region_sha256(made: Cut) -> str:
    """The region digest."""
    return _sha256(_region(unit) for unit in made.units)


def manifest_sha256(made: Cut) -> str:
    """The manifest digest."""
    return _sha256(_place(unit) for unit in made.units)


def writer_sha256(made: Cut) -> str:
    """The writer digest of the rows as drafts."""
    return _sha256(_written(unit) for unit in made.units)


def expected_after_sha256(made: Cut, lifecycle: str = DRAFT) -> str:
    """The expected-after digest: that of the rows which a fresh session must read back."""
    return rows_sha256(rows(made, lifecycle))


def rows_sha256(found: Iterable[UnitRow]) -> str:
    """The digest of rows as read back, in document order (by sort key, bytewise); compare with expected-after."""
    return _sha256(found)


def reassemble(source: bytes, regions: Iterable[Region]) -> bytes:
    """The bytes of regions in order, joined: equal to the source when they tile it."""
    return b"".join(source[region.start : region.end] for region in regions)


def _region(unit: Unit) -> list[object]:
    return [unit.start, unit.end, unit.sha256]


def _place(unit: Unit) -> list[object]:
    return [unit.address, unit.start, unit.end, unit.sha256]


def _written(unit: Unit) -> list[object]:
    return [unit.address, unit.type, unit.ordinal, unit.parent_address, unit.heading, unit.body_sha256, DRAFT]


def _row(unit: Unit, lifecycle: str) -> UnitRow:
    return UnitRow(
        unit.address,
        unit.short_address,
        unit.address_ascii,
        unit.sort_key,
        unit.type,
        unit.rank.value,
        unit.number_raw,
        unit.ordinal,
        unit.parent_address,
        unit.heading,
        unit.body_sha256,
        lifecycle,
        ((unit.start, unit.end, unit.sha256),),
    )


def _sha256(items: Iterable[object]) -> str:
    array = _Array()
    for item in items:
        array.add(item)
    return array.sha256()


class _Array:
    """The digest of the canonical JSON array of items that come one by one; it keeps only some of them."""

    _MOST = 1000

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._begin = b"["
        self._items: list[object] = []

    def add(self, item: object) -> None:
        """Add an item."""
        self._items.append(item)
        if len(self._items) == self._MOST:
            self._flush()

    def sha256(self) -> str:
        """The hex sha256 of the array."""
        if self._items:
            self._flush()
        self._sha256.update(b"]" if self._begin == b"," else b"[]")
        return self._sha256.hexdigest()

    def _flush(self) -> None:
        self._sha256.update(self._begin + canon.encode(self._items)[1:-1])
        self._begin = b","
        self._items.clear()

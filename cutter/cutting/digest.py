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

from collections.abc import Iterable, Iterator

import msgspec

from cutter import canon
from cutter.cutting.unit import Cut, Region

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


def rows(made: Cut, lifecycle: str = DRAFT) -> Iterator[UnitRow]:
    """The rows that the units of a cut become, in document order."""
    for unit in made.units:
        yield UnitRow(
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


def region_sha256(made: Cut) -> str:
    """The region digest."""
    return canon.digest([[unit.start, unit.end, unit.sha256] for unit in made.units])


def manifest_sha256(made: Cut) -> str:
    """The manifest digest."""
    return canon.digest([[unit.address, unit.start, unit.end, unit.sha256] for unit in made.units])


def writer_sha256(made: Cut) -> str:
    """The writer digest of the rows as drafts."""
    return canon.digest(
        [
            [unit.address, unit.type, unit.ordinal, unit.parent_address, unit.heading, unit.body_sha256, DRAFT]
            for unit in made.units
        ]
    )


def expected_after_sha256(made: Cut, lifecycle: str = DRAFT) -> str:
    """The expected-after digest: that of the rows which a fresh session must read back."""
    return rows_sha256(rows(made, lifecycle))


def rows_sha256(found: Iterable[UnitRow]) -> str:
    """The digest of rows as read back, in document order (by sort key, bytewise); compare with expected-after."""
    return canon.digest(list(found))


def reassemble(source: bytes, regions: Iterable[Region]) -> bytes:
    """The bytes of regions in order, joined: equal to the source when they tile it."""
    return b"".join(source[region.start : region.end] for region in regions)

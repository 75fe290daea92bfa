"""What a cut gives: addressed units with their byte offsets into the untouched source, and what was not sure.

Source: cutting.md §1, §2.
"""

from collections.abc import Sequence

import msgspec

from cutter.cutting.doubts import Doubt
from cutter.cutting.profile import Rank


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
        number_raw: the number as printed in the source ("I", "thứ nhất", "217a", "3.2.1"); empty when it has none.
        ordinal: position among its siblings, from 1.
        parent_address: the address of the unit that holds it; None at the top of the document.
        heading: the title as printed, on one line; None when it has none.
        sha256: of its bytes; `start` and `end` are byte offsets into the source.
        line: its first line, from 1.
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
    line: int

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
    """The units of a document in document order, what was not sure (by line and column), and the size in bytes.

    `profile` is the id of the profile that it was cut with. `units` may be a view that makes each unit when it is
    asked for: iterate, do not index in a loop.
    """

    document_id: str
    profile: str
    units: Sequence[Unit]
    doubts: tuple[Doubt, ...]
    size: int

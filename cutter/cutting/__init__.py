"""Cutting: bytes of a document in, addressed units that cover it without loss out. Pure; knows no file or database.

`cut(source, document_id, profile)` gives a `Cut`; `digest` has what plans promise about it.
`citations` leads from what people write to units and back; `referring` finds what the text itself says of units.
"""

from cutter.cutting.cut import counts, cut
from cutter.cutting.digest import (
    Digests,
    UnitRow,
    digests,
    expected_after_sha256,
    manifest_sha256,
    reassemble,
    region_sha256,
    rows,
    rows_sha256,
    writer_sha256,
)
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import Profile, Rank
from cutter.cutting.shadow import LARGEST_TEXT
from cutter.cutting.unit import Cut, Region, Unit

__all__ = [
    "LARGEST_TEXT",
    "Cut",
    "Digests",
    "Doubt",
    "DoubtCode",
    "Profile",
    "Rank",
    "Region",
    "Unit",
    "UnitRow",
    "counts",
    "cut",
    "digests",
    "expected_after_sha256",
    "manifest_sha256",
    "reassemble",
    "region_sha256",
    "rows",
    "rows_sha256",
    "writer_sha256",
]

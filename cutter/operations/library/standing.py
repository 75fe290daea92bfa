"""The cut of a change set as it stands in the library, by count and digest. Not an operation.

Rules kept here: a unit without a region is a unit all the same (leg B may not have happened); the digests are those of
the cut's plan when nothing was changed since.
"""

from collections import Counter
from itertools import groupby

import msgspec

from cutter import canon, cutting
from cutter.contracts import SurveySession
from cutter.cutting.digest import DRAFT
from cutter.resources import statement

_KEY = 11  # columns of a unit before its lifecycle: equal in all rows of one unit


class StandingCut(msgspec.Struct, frozen=True):
    """What stands: units (by TYPE, sorted), drafts among them, regions, and the writer and state digests."""

    units: int
    drafts: int
    regions: int
    counts: tuple[tuple[str, int], ...]
    writer_sha256: str
    state_sha256: str


def read_standing(session: SurveySession, change_set_id: str) -> StandingCut:
    """Read the units of a change set with their regions; none when it has none."""
    found = session.stream(statement("operations/library/sql/standing_units.sql"), {"change_set": change_set_id})
    units = []
    for _, group in groupby(found, key=lambda row: row[0]):
        rows = list(group)
        regions = tuple((row[_KEY + 1], row[_KEY + 2], row[_KEY + 3]) for row in rows if row[_KEY + 1] is not None)
        units.append(cutting.UnitRow(*(*rows[0][: _KEY + 1], regions)))
    written = [[u.address, u.type, u.ordinal, u.parent_address, u.heading, u.body_sha256, DRAFT] for u in units]
    return StandingCut(
        units=len(units),
        drafts=sum(1 for unit in units if unit.lifecycle == DRAFT),
        regions=sum(len(unit.regions) for unit in units),
        counts=tuple(sorted(Counter(unit.type for unit in units).items())),
        writer_sha256=canon.digest(written),
        state_sha256=cutting.rows_sha256(units),
    )

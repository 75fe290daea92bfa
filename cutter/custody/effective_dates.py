"""The days from and to which a version of a document has effect, as the index of texts states them."""

from datetime import date
from typing import Literal

import msgspec

from cutter.cutting.record import Anchor, Anchored


class EffectiveDate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day from or to which a version has effect: `exact`, or `lower_bound` for "not before this day"."""

    date: date
    anchor: Literal["exact", "lower_bound"]

    @property
    def anchored(self) -> Anchored:
        """The day as records state it."""
        return Anchored(self.date.isoformat(), Anchor(self.anchor))

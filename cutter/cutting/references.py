"""Cross-references: what the text of a document says of its own units, resolved from where it stands.

Rules kept here:

- A reference is resolved to a unit that stands exactly there, or not at all; nothing is guessed.
- One that names another document, or stands in words that amend one, is external; that is no doubt.
- One that should lead to a unit of this document and does not is a doubt, with its place and its numbers, never text.
- Quoted passages (QS units, and quotation marks on one line) belong to another text and are not looked at.
- Every unit's own text is read once; the whole is linear.

Source: issue 5, part 7; cutting.md §1.
"""

from array import array
from collections.abc import Iterable, Iterator
from enum import Enum

import msgspec

from cutter.cutting.address import ascii_alias
from cutter.cutting.amendments import amends_from
from cutter.cutting.chains import Chain, Points, Step
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.levelled import Levelled, level, line_starts, place_of
from cutter.cutting.mentions import Belongs, Mention, find_mentions
from cutter.cutting.passages import read_passage, Passage
from cutter.cutting.profile import Profile
from cutter.cutting.tree import UnitTree
from cutter.cutting.unit import Cut, Unit
from cutter.cutting.wording import Wording, wording

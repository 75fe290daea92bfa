"""Cross-references: what the text of a document says of its own units, resolved from where it stands.

Rules kept here:

- A reference is resolved to a unit that stands exactly there, or not at all; nothing is guessed.
- One that names another document, or stands in words that amend one, is external; that is no doubt.
- One that should lead to a unit of this document and does not is a doubt, with its place and its numbers, never text.
- Quoted passages (QS units, and quotation marks on one line) belong to another text and are not looked at.
- Every unit's own text is read once; the whole is linear.

Source: issue 5, part 7; cutting.md §1.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

import msgspec

from cutter.cutting.address import ascii_alias
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import Profile
from cutter.cutting.referring.amendments import QUOTATION, amends_from, speaks_throughout
from cutter.cutting.referring.chains import Chain, Points, form_of
from cutter.cutting.referring.mentions import Belongs, Mention, find_mentions
from cutter.cutting.referring.passages import Passage
from cutter.cutting.referring.tree import UnitTree
from cutter.cutting.referring.wording import Wording, wording
from cutter.cutting.unit import Cut

# Missing units that one doubt names.
MOST_NAMED = 3


class Reason(Enum):
    """Why a reference does not lead, or not wholly, to units of its document."""

    EXTERNAL = "external"  # it belongs to another document
    UNRESOLVED = "unresolved"  # no such unit stands here, or several


class Reference(msgspec.Struct, frozen=True):
    """One reference in the own text of a unit.

    Args:
        address: the unit that it stands in.
        start, end: bytes of the source.
        line, column: of its start, from 1; the column in characters.
        targets: addresses of the units that it means, in its order.
        reason: None when all that it means was found.
        missing: of an unresolved one, what was not found, as it would be called (ART-99/CL-1), in ASCII.
    """

    address: str
    start: int
    end: int
    line: int
    column: int
    targets: tuple[str, ...]
    reason: Reason | None = None
    missing: tuple[str, ...] = ()


def find_references(made: Cut, profile: Profile) -> Iterator[Reference]:
    """The references of a document, in document order; none where the profile has no words for them."""
    known = wording(profile)
    if known is None:
        return
    tree = UnitTree(made, known)
    quoting = ""
    amended: set[str] = set()  # units in which, as in those around them, another document is spoken of
    for index, unit in enumerate(made.units):
        if unit.type == QUOTATION:
            quoting = f"{unit.address}/"
        elif not (quoting and unit.address.startswith(quoting)):
            reader = _References(Passage(unit), known, tree, index)
            yield from reader.find(inside=unit.parent_address in amended)
            amended.update(reader.amended(inside=unit.parent_address in amended))


def unresolved_references(references: Iterable[Reference]) -> Iterator[Doubt]:
    """What is doubtful of references: those that should lead to a unit of the document and do not."""
    for reference in references:
        if reference.reason is Reason.UNRESOLVED:
            detail = ",".join(reference.missing[:MOST_NAMED])
            yield Doubt(DoubtCode.UNRESOLVED_REFERENCE, reference.line, reference.column, detail)


class _References:
    """The references in the own text of one unit."""

    def __init__(self, passage: Passage, known: Wording, tree: UnitTree, index: int) -> None:
        self._passage = passage
        self._known = known
        self._tree = tree
        self._index = index
        self._amends = amends_from(passage, known)

    def find(self, *, inside: bool) -> Iterator[Reference]:
        """Each citation of the text as a reference, those left out that only look like one.

        `inside` says that the unit stands in one that speaks of another document throughout.
        """
        amends = 0 if inside else self._amends
        for mention in find_mentions(self._passage.text, self._known, self._passage.begin):
            amended = amends is not None and mention.start >= amends and mention.belongs is None
            if mention.belongs is Belongs.ELSEWHERE or (amended and not _points(mention)):
                yield self._made(mention, (), Reason.EXTERNAL, ())
                continue
            targets, missing = self._resolve(mention)
            if targets or missing:
                yield self._made(mention, targets, Reason.UNRESOLVED if missing else None, missing)

    def amended(self, *, inside: bool) -> Iterator[str]:
        """The units below which another document is spoken of, as this one says where verbs stand anywhere."""
        if speaks_throughout(self._known) and (inside or self._amends is not None):
            yield self._passage.unit.address

    def _resolve(self, mention: Mention) -> tuple[tuple[str, ...], tuple[str, ...]]:
        targets: list[int] = []
        missing: list[str] = []
        before: int | None = None
        for chain in mention.chains:
            found = self._tree.resolve(chain.steps, self._index) if chain.steps else None
            means = self._units(chain, before, found)
            if means is not None:
                targets += means
            elif not _is_prose(chain):
                missing.append(ascii_alias(form_of(chain.steps, self._known), self._known.profile))
            before = found
        return tuple(self._tree.addresses[at] for at in dict.fromkeys(targets)), tuple(dict.fromkeys(missing))

    def _units(self, chain: Chain, before: int | None, found: int | None) -> Sequence[int] | None:
        """The units of one chain, with those of a range that it ends; None when that leads nowhere."""
        if found is None or (chain.through and before is None):
            return None
        return self._tree.between(before, found) if chain.through and before is not None else (found,)

    def _made(
        self, mention: Mention, targets: tuple[str, ...], reason: Reason | None, missing: tuple[str, ...]
    ) -> Reference:
        place = self._passage.place(mention.start)
        return Reference(
            self._passage.unit.address,
            self._passage.byte(mention.start),
            self._passage.byte(mention.end),
            place.line,
            place.column,
            targets,
            reason,
            missing,
        )


def _points(mention: Mention) -> bool:
    """Whether a citation points at the units in which it stands."""
    return all(chain.steps and chain.steps[0].points is not Points.NUMBER for chain in mention.chains)


def _is_prose(chain: Chain) -> bool:
    """Whether a chain that leads nowhere only looks like a citation: `phần này`, `the previous section`."""
    return not chain.steps or (len(chain.steps) == 1 and chain.steps[0].points is not Points.NUMBER)

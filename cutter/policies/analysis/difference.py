"""What another selection would decide otherwise: regions with a witness each, and a digest that a person can sign.

Rules kept here: the difference is over the whole domain of both selections, triggers whose fields are missing or
outside their domain included; the regions of a change are all of it and do not overlap; the digests of both selections
are part of what is signed, so that no yes to one difference can be used for another.

Source: issue 7, "diff"; policies.md §3.4.
"""

from collections.abc import Iterator, Sequence

import msgspec

from cutter import canon
from cutter.policies.analysis.bounds import MOST_REGIONS, Budget, refuse_beyond
from cutter.policies.analysis.diagrams import Leaf, regions_by_leaf
from cutter.policies.analysis.judging import decided, paces, settled
from cutter.policies.analysis.regions import Region, Witness
from cutter.policies.analysis.selections import Ground, Surveyed, fields_of_type, ground_of, surveyed, type_of
from cutter.policies.analysis.space import Side, Space
from cutter.policies.analysis.witnesses import Wording
from cutter.policies.domain import Field
from cutter.policies.policy import Action, Pace, Selection, Template, Verdict, View

FORMAT = "cutter.policy-difference/1"


class Outcome(msgspec.Struct, frozen=True):
    """What is decided, as far as the world can tell.

    Attributes:
        verdict, action: as decided.
        pace: of what is allowed: the pace of the policy that decides.
        paces: all paces that can escalate it, as (policy, pace): those of every policy that allows it.
    """

    verdict: Verdict
    action: Action | None = None
    pace: Pace | None = None
    paces: tuple[tuple[str, Pace], ...] = ()


class Change(msgspec.Struct, frozen=True):
    """Triggers of one type whose outcome changes in one way.

    Attributes:
        trigger_type: which type.
        before, after: the outcomes; None: that selection does not know the type (its triggers are denied).
        witness: the smallest of them, complete ones first.
        regions: all of them, in regions that do not overlap.
    """

    trigger_type: str
    before: Outcome | None
    after: Outcome | None
    witness: Witness
    regions: tuple[Region, ...]

    @property
    def newly_allowed(self) -> bool:
        """Whether something may be done without a question that could not before, or more often, or something else."""
        before, after = self.before, self.after
        if after is None or after.verdict is not Verdict.ALLOW:
            return False
        if before is None or before.verdict is not Verdict.ALLOW or before.action != after.action:
            return True
        still = dict(after.paces)
        return not all(policy in still and _as_strict(still[policy], pace) for policy, pace in before.paces)


def _as_strict(after: Pace, before: Pace) -> bool:
    return after.at_most <= before.at_most and after.within >= before.within


class Replaced(msgspec.Struct, frozen=True):
    """A view or template whose content changed, so that equal fields may mean something else."""

    kind: str
    id: str
    before: str
    after: str
    before_version: str
    after_version: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """All changes between two selections, whose digests are part of it."""

    format: str = FORMAT
    old: str
    new: str
    changes: tuple[Change, ...]
    replaced: tuple[Replaced, ...]

    @property
    def newly_allowed(self) -> tuple[Change, ...]:
        """The changes that a second person must approve."""
        return tuple(change for change in self.changes if change.newly_allowed)

    @property
    def body(self) -> bytes:
        """The canonical bytes."""
        return canon.encode(self)

    @property
    def sha256(self) -> str:
        """The digest that a second person signs."""
        return canon.sha256(self.body)


def difference(old: Selection, new: Selection) -> Difference:
    """What `new` decides otherwise than `old`, sorted by trigger type and witness.

    Raises:
        TooLarge: a trigger type is too large to compare exactly, or changes in too many places to be told.
    """
    budget = Budget()
    surveys = (surveyed(old, budget), surveyed(new, budget))
    names = sorted({kind.name for survey in surveys for kind in survey.selection.triggers.types})
    changes = tuple(change for name in names for change in _of_type(surveys, name, budget))
    return Difference(old=old.sha256, new=new.sha256, changes=changes, replaced=tuple(_replaced(old, new)))


def _of_type(surveys: tuple[Surveyed, Surveyed], name: str, budget: Budget) -> Iterator[Change]:
    ground = ground_of(surveys, name, budget)
    known = [type_of(survey.selection, name) is not None for survey in surveys]
    wording = Wording(ground.space, _fields(surveys, name))
    judge = _Comparison(ground, known, budget)
    for leaf, path, cubes in regions_by_leaf(ground.space, judge.leaf, budget):
        before, after = judge.outcomes[leaf]
        yield Change(name, before, after, wording.witness(path), tuple(wording.region(cube) for cube in cubes))


def _fields(surveys: tuple[Surveyed, Surveyed], name: str) -> tuple[Field, ...]:
    """The fields of a type, those of the new selection before those of the old."""
    return (*fields_of_type(surveys[1].selection, name), *fields_of_type(surveys[0].selection, name))


class _Comparison:
    """The outcomes of both sides, numbered as they are met; equal ones are no change."""

    def __init__(self, ground: Ground, known: list[bool], budget: Budget) -> None:
        self._budget = budget
        self._space = ground.space
        self._sides = ground.sides
        self._known = known
        self._numbers: dict[tuple[Outcome | None, Outcome | None], int] = {}
        self._changed = ground.sides[0].members ^ ground.sides[1].members
        self._alike = all(known) and _refused(ground.sides[0]) == _refused(ground.sides[1])

    @property
    def outcomes(self) -> list[tuple[Outcome | None, Outcome | None]]:
        """By their numbers."""
        return list(self._numbers)

    def leaf(self, possible: int, doubt: int, waiting: int) -> Leaf | None:
        """The number of both outcomes, -1 for no change; None where it is not settled."""
        space = self._space
        if self._alike and not possible & self._changed:
            return -1
        if not all(settled(space, side, possible, doubt, waiting) for side in self._sides):
            return None
        self._budget.spend(space.name, (possible & space.paced).bit_count())
        told = [
            _told(space, side, possible, doubt) if known else None
            for side, known in zip(self._sides, self._known, strict=True)
        ]
        if told[0] == told[1]:
            return -1
        refuse_beyond(MOST_REGIONS, len(self._numbers), space.name)  # each has a region at least
        return self._numbers.setdefault((told[0], told[1]), len(self._numbers))


def _refused(side: Side) -> Verdict | None:
    """What denies a whole type; its reason is not part of the outcome."""
    return None if side.refusal is None else side.refusal.verdict


def _told(space: Space, side: Side, possible: int, doubt: int) -> Outcome:
    found = decided(space, side, possible, doubt)
    if found.verdict is not Verdict.ALLOW:
        return Outcome(found.verdict, found.action)
    limits = paces(space, side, possible)
    return Outcome(found.verdict, found.action, dict(limits).get(found.policy), limits)


def _replaced(old: Selection, new: Selection) -> Iterator[Replaced]:
    kinds: tuple[tuple[str, Sequence[View | Template], Sequence[View | Template]], ...] = (
        ("template", old.templates, new.templates),
        ("view", old.views, new.views),
    )
    for kind, before, after in kinds:
        known = {each.id: each for each in before}
        for each in sorted(after, key=lambda item: item.id):
            was = known.get(each.id)
            if was is not None and was.sha256 != each.sha256:
                yield Replaced(kind, each.id, was.sha256, each.sha256, was.version, each.version)

"""What another selection would decide otherwise: regions with a witness each, and a digest that a person can sign."""

import msgspec

from cutter import canon
from cutter.policies.analysis.regions import Region, Witness
from cutter.policies.policy import Action, Pace, Selection, Verdict

FORMAT = "cutter.policy-difference/1"


class Outcome(msgspec.Struct, frozen=True):
    """What is decided, as far as the world can tell: verdict, action, and the pace that limits an allowed one."""

    verdict: Verdict
    action: Action | None = None
    pace: Pace | None = None


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
        raise NotImplementedError


class Replaced(msgspec.Struct, frozen=True):
    """A view or template whose content changed, so that equal fields may mean something else. Empty: not there."""

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
    """What `new` decides otherwise than `old`, over the whole domain of both. Raises `TooLarge`."""
    raise NotImplementedError

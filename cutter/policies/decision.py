"""What was decided, with everything that it rests on.

Rules kept here: the same trigger, `as_of`, selection and answers of views give the same bytes; a decision records all
that was read, so that it can be replayed, or says that it cannot.

Source: issue 7, rules 1, 2 and 4; policies.md §3.
"""

from enum import Enum

import msgspec

from cutter import canon
from cutter.policies.domain import FieldValue
from cutter.policies.policy import Action, Verdict

PROCEED, REFUSE = "proceed", "refuse"


class Reason(Enum):
    """Why it was decided so where no rule's own reason says it. The values stand in records."""

    UNKNOWN_TRIGGER = "UNKNOWN_TRIGGER"
    MALFORMED_TRIGGER = "MALFORMED_TRIGGER"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    WRONG_TYPE = "WRONG_TYPE"
    REFERENCE_INVALID = "REFERENCE_INVALID"
    REFERENCE_UNKNOWN = "REFERENCE_UNKNOWN"
    NO_MATCH = "NO_MATCH"
    NO_POLICY = "NO_POLICY"
    NOT_EFFECTIVE = "NOT_EFFECTIVE"
    WITHDRAWN = "WITHDRAWN"
    NOT_SELECTED = "NOT_SELECTED"
    VIEW_FAILED = "VIEW_FAILED"
    EVALUATION_FAILED = "EVALUATION_FAILED"
    PHI_SUSPECTED = "PHI_SUSPECTED"
    MISSING_FIELD = "MISSING_FIELD"
    OUTSIDE_DOMAIN = "OUTSIDE_DOMAIN"
    CONFLICT = "CONFLICT"
    PACE_EXCEEDED = "PACE_EXCEEDED"


class Read(msgspec.Struct, frozen=True):
    """Something that was read for a decision: a policy, view, template or the selection, by id, version and digest."""

    kind: str
    id: str
    version: str
    sha256: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision. Everything in it is a word, a bounded number, a boolean, a time, a reference or a digest.

    Attributes:
        trigger, trigger_type, as_of: which trigger; empty where it was not recognised.
        verdict: what was decided.
        policy, policy_version, rule: by which rule; empty where none decided.
        reason: the rule's reason, or one of `Reason`.
        uncertain: the fields that are missing or outside their domain and that a rule needs.
        action: what is to be done when it is allowed, or when people say yes.
        options: what people can answer when it was escalated.
        fields: what the trigger said, views' answers included (`VIEW.COLUMN`), sorted by name.
        reads: everything else that was read, sorted.
    """

    format: str = "cutter.decision/1"
    trigger: str
    trigger_type: str
    as_of: str
    verdict: Verdict
    policy: str
    policy_version: str
    rule: str
    reason: str
    uncertain: tuple[str, ...]
    action: Action | None
    options: tuple[str, ...]
    fields: tuple[FieldValue, ...]
    reads: tuple[Read, ...]

    @property
    def body(self) -> bytes:
        """The canonical bytes."""
        return canon.encode(self)

    @property
    def sha256(self) -> str:
        """The digest over the canonical bytes."""
        return canon.sha256(self.body)

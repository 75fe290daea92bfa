"""Why it was decided so: each rule's first obstacle, and the smallest change that would alter the outcome."""

from enum import Enum

import msgspec

from cutter.policies.analysis.regions import Part
from cutter.policies.domain import FieldValue, Trigger
from cutter.policies.policy import Selection, Verdict


class RuleState(Enum):
    """What a rule says of a trigger."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Obstacle(Enum):
    """Why a condition does not hold."""

    NOT_MET = "not_met"
    MISSING = "missing"
    OUTSIDE = "outside"


class RuleLine(msgspec.Struct, frozen=True):
    """One rule and the first condition at which it failed; `needed` are the condition's own bounds.

    A rule that matched has no obstacle; `needed` is None, too, of a field that the action needs.
    """

    policy: str
    rule: str
    verdict: Verdict
    state: RuleState
    obstacle: Obstacle | None = None
    field: str = ""
    needed: Part | None = None


class Nearest(msgspec.Struct, frozen=True):
    """The smallest change: these fields with any of these values, and what is decided then."""

    parts: tuple[Part, ...]
    verdict: Verdict
    policy: str
    rule: str
    reason: str


class Explanation(msgspec.Struct, frozen=True):
    """Why it was decided so: names, reasons and domain bounds only, never what the trigger said.

    Attributes:
        verdict, policy, rule, reason, uncertain: as of the decision; `policy` and `rule` are empty where none decided.
        lines: the rules, the decisive first, then by (state yes, unknown, no), (policy, rule); at most `MOST_LINES`.
        left_out: how many rules more there are.
        nearest: the smallest change that alters verdict or action; None: none does.
        searched: False when finding it would have been too large (then `nearest` is None and says nothing).
    """

    verdict: Verdict
    policy: str
    rule: str
    reason: str
    uncertain: tuple[str, ...]
    lines: tuple[RuleLine, ...]
    left_out: int
    nearest: Nearest | None
    searched: bool


MOST_LINES = 14
"""With a heading, the reason, what is left out and the nearest change: at most 20 lines on a screen."""


def explain(selection: Selection, trigger: Trigger, answers: tuple[FieldValue, ...]) -> Explanation:
    """Explain the decision of a trigger with the answers of its views."""
    raise NotImplementedError

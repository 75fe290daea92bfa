"""What was decided in a word each, and the document that records it.

Source: issue 7, rules 1, 2 and 4.
"""

from typing import NamedTuple

from cutter.policies.decision import PROCEED, REFUSE, Decision, Read, Reason
from cutter.policies.domain import FieldValue, Trigger
from cutter.policies.policy import Action, Verdict


class Outcome(NamedTuple):
    """What was decided: the parts of a `Decision` that are not what it rests on. Attributes as there."""

    verdict: Verdict
    reason: str
    policy: str = ""
    policy_version: str = ""
    rule: str = ""
    action: Action | None = None
    uncertain: tuple[str, ...] = ()


def denied(reason: Reason) -> Outcome:
    """A denial that no rule made."""
    return Outcome(Verdict.DENY, reason.value)


def record(
    outcome: Outcome, trigger: Trigger | None, fields: tuple[FieldValue, ...], reads: tuple[Read, ...]
) -> Decision:
    """The document.

    Args:
        outcome: what was decided.
        trigger: on what; None where it was not recognised.
        fields: what the trigger and the views said, values of their domains only, sorted by name.
        reads: what else was read, sorted.
    """
    escalated = outcome.verdict is Verdict.ESCALATE
    return Decision(
        trigger="" if trigger is None else trigger.id,
        trigger_type="" if trigger is None else trigger.type,
        as_of="" if trigger is None else trigger.as_of,
        verdict=outcome.verdict,
        policy=outcome.policy,
        policy_version=outcome.policy_version,
        rule=outcome.rule,
        reason=outcome.reason,
        uncertain=outcome.uncertain,
        action=outcome.action,
        options=() if not escalated else (REFUSE,) if outcome.action is None else (PROCEED, REFUSE),
        fields=fields,
        reads=reads,
    )

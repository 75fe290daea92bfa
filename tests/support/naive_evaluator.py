"""A second evaluator of policies, written from the rules in words with plain loops; it shares no code with the first.

It knows nothing of indexes, masks or tables: every condition of every rule is looked at, and the outcome is put
together afterwards. That it is slow is the point.
"""

from typing import Any, NamedTuple

from cutter.policies.domain import FieldValue, Trigger
from cutter.policies.policy import Action, Policy, Rule, Selection

YES, NO, UNKNOWN = "yes", "no", "unknown"


class Answer(NamedTuple):
    """What is decided, in words."""

    verdict: str
    reason: str
    policy: str = ""
    version: str = ""
    rule: str = ""
    action: Action | None = None
    uncertain: tuple[str, ...] = ()


class Judged(NamedTuple):
    """A rule of an effective policy with how it stands."""

    policy: Policy
    rule: Rule
    truth: str
    lacking: tuple[str, ...]


def evaluate(
    selection: Selection, trigger: Trigger, answers: tuple[FieldValue, ...], used_up: frozenset[str]
) -> Answer:
    """What a selection decides on a trigger that is well formed."""
    kind = None
    for candidate in selection.triggers.types:
        if candidate.name == trigger.type:
            kind = candidate
    if kind is None:
        return Answer("deny", "UNKNOWN_TRIGGER")
    concerned = [policy for policy in selection.policies if trigger.type in policy.triggers]
    if not concerned:
        return Answer("deny", "NO_POLICY")
    for policy in concerned:
        if policy.withdrawn:
            return Answer("deny", "WITHDRAWN")
    for view_id in kind.views:
        if view_id not in [view.id for view in selection.views]:
            return Answer("deny", "NOT_SELECTED")
    for view in selection.views:
        if view.id in kind.views and view.withdrawn:
            return Answer("deny", "WITHDRAWN")
    effective = []
    for policy in concerned:
        begun = policy.effective_from <= trigger.as_of
        ended = policy.effective_until != "" and policy.effective_until <= trigger.as_of
        if begun and not ended:
            effective.append(policy)
    if not effective:
        return Answer("deny", "NOT_EFFECTIVE")
    judged = [judge(policy, rule, trigger, answers) for policy in effective for rule in policy.rules]
    judged.sort(key=lambda item: (item.policy.id, item.rule.id))
    answer = conclude(judged, trigger, used_up)
    return blocked(answer, selection)


def judge(policy: Policy, rule: Rule, trigger: Trigger, answers: tuple[FieldValue, ...]) -> Judged:
    """A rule: no if any condition is no, else unknown if any is unknown, else yes."""
    said = {}
    for item in trigger.fields + answers:
        said[item.name] = item.value
    truths = []
    lacking = []
    for condition in rule.when:
        if condition.field not in said:
            truths.append(UNKNOWN)
            lacking.append(condition.field)
        elif holds(condition.test, said[condition.field]):
            truths.append(YES)
        else:
            truths.append(NO)
    if rule.action is not None:
        for name in [rule.action.recipient] + [slot.field for slot in rule.action.slots]:
            if name not in said:
                truths.append(UNKNOWN)
                lacking.append(name)
    truth = NO if NO in truths else UNKNOWN if UNKNOWN in truths else YES
    return Judged(policy, rule, truth, tuple(lacking))


def holds(test: Any, value: Any) -> bool:
    """A test on a value that is there, by the name of the test."""
    name = type(test).__name__
    if name == "Equal":
        return bool(test.value == value)
    if name == "OneOf":
        return any(wanted == value for wanted in test.values)
    return bool(test.minimum <= value <= test.maximum)


def conclude(judged: list[Judged], trigger: Trigger, used_up: frozenset[str]) -> Answer:
    """The six steps, in their order."""
    for item in judged:
        if item.rule.verdict.value == "deny" and item.truth == YES:
            return by(item, "deny")
    hanging = [item for item in judged if item.truth == UNKNOWN]
    if hanging:
        return uncertain(judged, hanging, trigger)
    for item in judged:
        if item.rule.verdict.value == "escalate" and item.truth == YES:
            return by(item, "escalate")
    allowing = [item for item in judged if item.rule.verdict.value == "allow" and item.truth == YES]
    for item in allowing:
        if item.rule.action != allowing[0].rule.action:
            return Answer("escalate", "CONFLICT")
    for item in allowing:
        if item.policy.id in used_up:
            return by(item, "escalate")._replace(reason="PACE_EXCEEDED")
    if allowing:
        return by(allowing[0], "allow")
    return Answer("deny", "NO_MATCH")


def by(item: Judged, verdict: str) -> Answer:
    """What one rule decides."""
    rule, policy = item.rule, item.policy
    return Answer(verdict, rule.reason, policy.id, policy.version, rule.id, rule.action)


def uncertain(judged: list[Judged], hanging: list[Judged], trigger: Trigger) -> Answer:
    """An escalation, because rules hang on fields that are missing or outside their domain."""
    lacking = sorted({name for item in hanging for name in item.lacking})
    reason = "OUTSIDE_DOMAIN"
    for name in lacking:
        if name not in trigger.outside:
            reason = "MISSING_FIELD"
    possible = [item for item in judged if item.truth != NO and item.rule.verdict.value != "deny"]
    actions = [item.rule.action for item in possible]
    action = actions[0] if actions else None
    for other in actions:
        if other != action:
            action = None
    if action is not None:
        said = {item.name for item in trigger.fields}
        for name in [action.recipient] + [slot.field for slot in action.slots]:
            if name not in said:
                action = None
                break
    return Answer("escalate", reason, action=action, uncertain=tuple(lacking))


def blocked(answer: Answer, selection: Selection) -> Answer:
    """What would be done needs a template that is selected and not withdrawn."""
    if answer.action is None:
        return answer
    for template in selection.templates:
        if (template.id, template.version) == (answer.action.template, answer.action.template_version):
            return Answer("deny", "WITHDRAWN") if template.withdrawn else answer
    return Answer("deny", "NOT_SELECTED")

"""The mutants of a rule: every small change that a person could make by mistake.

Rules kept here: a mutant is a rule that a policy file could hold (values of the domain, bounds in order, an action
where one is allowed); what is written of it are words and numbers of the policy's own domains.

Source: issue 7, "policies test --mutate"; policies.md §0.4, §3.5.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from cutter.policies.analysis.regions import needed
from cutter.policies.domain import Domain, Truth, Value, Whole, Words
from cutter.policies.policy import (
    Action,
    Between,
    Condition,
    Equal,
    OneOf,
    Rule,
    Slot,
    Template,
    Test,
    Verdict,
)

OTHER = "_OTHER"
"""Ends a reason, and a template's version, that stands for any other one."""


class MutationKind(Enum):
    """What was changed of a rule. The values stand in records."""

    VERDICT = "verdict"
    CONDITION_DROPPED = "condition_dropped"
    BOUND = "bound"
    VALUE_ADDED = "value_added"
    VALUE_REMOVED = "value_removed"
    VALUE_SWAPPED = "value_swapped"
    REASON = "reason"
    ACTION = "action"


class Mutant(msgspec.Struct, frozen=True):
    """One change of one rule: what was changed, of which field, to what (words of the policy's own)."""

    policy: str
    rule: str
    kind: MutationKind
    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rule can be changed with.

    Attributes:
        domains: the fields of the trigger type, columns of views included.
        own: the names of the trigger's own fields, which actions may take.
        actions: the actions of the type's rules, sorted.
        templates: those that are selected and not withdrawn.
    """

    domains: Mapping[str, Domain]
    own: frozenset[str]
    actions: Sequence[Action]
    templates: Sequence[Template]


def mutants_of(policy: str, rule: Rule, around: Surroundings) -> Iterator[tuple[Mutant, Rule]]:
    """Every mutant of a rule with the changed rule, in one order."""

    def mutant(kind: MutationKind, field: str, detail: str) -> Mutant:
        return Mutant(policy, rule.id, kind, field, detail)

    for verdict in Verdict:
        action = _action_for(verdict, rule, around)
        if verdict is not rule.verdict and (action is not None or verdict is not Verdict.ALLOW):
            changed = msgspec.structs.replace(rule, verdict=verdict, action=action)
            yield mutant(MutationKind.VERDICT, "", verdict.value), changed
    for place, condition in enumerate(rule.when):
        rest = rule.when[:place] + rule.when[place + 1 :]
        dropped = msgspec.structs.replace(rule, when=rest)
        yield mutant(MutationKind.CONDITION_DROPPED, condition.field, ""), dropped
        for kind, test in _tests(condition.test, around.domains.get(condition.field)):
            other = Condition(condition.field, test)
            when = (*rule.when[:place], other, *rule.when[place + 1 :])
            detail = str(needed(other)).partition(": ")[2]
            yield mutant(kind, condition.field, detail), msgspec.structs.replace(rule, when=when)
    reason = rule.reason + OTHER
    yield mutant(MutationKind.REASON, "", reason), msgspec.structs.replace(rule, reason=reason)
    if rule.action is not None:
        for field, detail, action in _actions(rule.action, around):
            yield mutant(MutationKind.ACTION, field, detail), msgspec.structs.replace(rule, action=action)


def _action_for(verdict: Verdict, rule: Rule, around: Surroundings) -> Action | None:
    if verdict is Verdict.DENY:
        return None
    if verdict is Verdict.ESCALATE or rule.action is not None:
        return rule.action
    return around.actions[0] if around.actions else None


def _tests(test: Test, domain: Domain | None) -> Iterator[tuple[MutationKind, Test]]:
    match test:
        case Between(minimum, maximum):
            yield from ((MutationKind.BOUND, other) for other in _bounds(minimum, maximum, domain))
        case Equal(value) if type(value) is int:
            near = [value - 1, value + 1]
            yield from ((MutationKind.VALUE_SWAPPED, Equal(each)) for each in near if _inside(each, domain))
        case Equal(value):
            for other in _others((value,), domain):
                yield MutationKind.VALUE_SWAPPED, Equal(other)
                if not isinstance(domain, Truth):  # both truths together are no condition
                    yield MutationKind.VALUE_ADDED, OneOf((value, other))
        case OneOf(values):
            yield from _of_several(values, domain)


def _bounds(minimum: int, maximum: int, domain: Domain | None) -> Iterator[Between]:
    for low, high in ((minimum - 1, maximum), (minimum + 1, maximum), (minimum, maximum - 1), (minimum, maximum + 1)):
        if low <= high and _inside(low, domain) and _inside(high, domain):
            yield Between(low, high)


def _of_several(values: tuple[Value, ...], domain: Domain | None) -> Iterator[tuple[MutationKind, Test]]:
    for place in range(len(values) if len(values) > 1 else 0):
        yield MutationKind.VALUE_REMOVED, OneOf(values[:place] + values[place + 1 :])
    for other in _others(values, domain):
        yield MutationKind.VALUE_ADDED, OneOf((*values, other))
        for place in range(len(values)):
            yield MutationKind.VALUE_SWAPPED, OneOf((*values[:place], other, *values[place + 1 :]))


def _others(values: tuple[Value, ...], domain: Domain | None) -> list[Value]:
    """The values of a domain that are not these; of numbers the neighbours only."""
    if isinstance(domain, Words):
        return [word for word in domain.words if word not in values]
    if isinstance(domain, Truth):
        return [truth for truth in (False, True) if truth not in values]
    near = sorted({each + step for each in values if type(each) is int for step in (-1, 1)} - set(values), key=int)
    return [number for number in near if _inside(int(number), domain)]


def _inside(number: int, domain: Domain | None) -> bool:
    return isinstance(domain, Whole) and domain.minimum <= number <= domain.maximum


def _actions(action: Action, around: Surroundings) -> Iterator[tuple[str, str, Action]]:
    """Other templates of the same operation (if there is none: another version), recipients and fields of slots."""
    others = [
        (template.id, template.version)
        for template in around.templates
        if template.operation == action.operation and (template.id, template.version) != _template(action)
    ]
    for id_, version in others or [(action.template, action.template_version + OTHER)]:
        changed = msgspec.structs.replace(action, template=id_, template_version=version)
        yield "", f"{id_}@{version}", changed
    for field in _like(action.recipient, around):
        yield action.recipient, field, msgspec.structs.replace(action, recipient=field)
    for place, slot in enumerate(action.slots):
        for field in _like(slot.field, around):
            slots = (*action.slots[:place], Slot(slot.name, field), *action.slots[place + 1 :])
            yield slot.field, f"{slot.name}={field}", msgspec.structs.replace(action, slots=slots)


def _template(action: Action) -> tuple[str, str]:
    return action.template, action.template_version


def _like(field: str, around: Surroundings) -> list[str]:
    """The other fields of the trigger that have the same domain."""
    domain = around.domains.get(field)
    return [name for name in sorted(around.own) if name != field and around.domains[name] == domain]

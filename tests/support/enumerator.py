"""A second witness of what policies decide: every point of a small set, in plain loops.

It shares nothing with the evaluator and the analyses but the values they read: no tables, no bits, no cells. It says
what the rules of `notify` say, sentence by sentence, and is as slow as that is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from cutter.policies.domain import Field, Truth, Value, Whole, Words
from cutter.policies.policy import (
    Action,
    Between,
    Condition,
    Equal,
    OneOf,
    Policy,
    Rule,
    Selection,
    Verdict,
)


@dataclass(frozen=True)
class Absent:
    """Stands for a value that is not there, or not in its domain."""

    why: str


MISSING, OUTSIDE = Absent("missing"), Absent("outside")
GIVEN = "given"
"""Stands for a time or a reference that is there."""


@dataclass(frozen=True)
class Point:
    """Everything that a decision rests on; a field that is not in `values` is missing."""

    trigger_type: str
    as_of: str
    values: dict[str, Value | Absent]
    used_up: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decided:
    """What is decided."""

    verdict: Verdict
    reason: str
    policy: str = ""
    rule: str = ""
    action: Action | None = None
    uncertain: tuple[str, ...] = ()

    @property
    def effect(self) -> tuple[Verdict, Action | None]:
        """What the world can tell."""
        return self.verdict, self.action


def enumerate_points(selection: Selection, name: str, *, whole: bool) -> Iterator[Point]:
    """Every point of a type; `whole`: also those at which fields are missing or outside their domain.

    Times: the moments at which a policy begins or ends, the seconds around them stand for those between.
    """
    fields = fields_of(selection, name)
    moments = sorted({m for p in selection.policies for m in (p.effective_from, p.effective_until) if m})
    columns = [list(values_of(field)) + ([MISSING, *outside_of(field)] if whole else []) for field in fields]
    for as_of in ["1970-01-01T00:00:00Z", *moments]:
        for values in product(*columns):
            yield Point(name, as_of, {field.name: value for field, value in zip(fields, values, strict=True)})


def fields_of(selection: Selection, name: str) -> list[Field]:
    """The fields of a type with the columns of its views, by name."""
    kind = next(kind for kind in selection.triggers.types if kind.name == name)
    columns = [column for view in selection.views if view.id in kind.views for column in view.columns]
    return sorted([*kind.fields, *columns], key=lambda field: field.name)


def values_of(field: Field) -> list[Value]:
    """Every value of a field's domain."""
    if isinstance(field.domain, Words):
        return list(field.domain.words)
    if isinstance(field.domain, Whole):
        return list(range(field.domain.minimum, field.domain.maximum + 1))
    if isinstance(field.domain, Truth):
        return [False, True]
    return [GIVEN]


def outside_of(field: Field) -> list[Absent]:
    """Whether a field can have a value outside its domain."""
    return [OUTSIDE] if isinstance(field.domain, Words | Whole) else []


def condition_holds(condition: Condition, values: dict[str, Value | Absent]) -> bool | None:
    """Yes, no, or (None) not known."""
    value = values.get(condition.field, MISSING)
    if isinstance(value, Absent):
        return None
    test = condition.test
    if isinstance(test, Equal):
        return type(value) is type(test.value) and value == test.value
    if isinstance(test, OneOf):
        return any(type(value) is type(each) and value == each for each in test.values)
    assert isinstance(test, Between)
    assert isinstance(value, int)
    return test.minimum <= value <= test.maximum


def taken_by(rule: Rule) -> list[str]:
    """The fields that a rule's action takes."""
    if rule.action is None:
        return []
    return [rule.action.recipient] + [slot.field for slot in rule.action.slots]


def rule_holds(rule: Rule, values: dict[str, Value | Absent]) -> bool | None:
    """Yes, no, or (None) not known: no if any condition does not hold, else unknown if anything is not known."""
    answers = [condition_holds(condition, values) for condition in rule.when]
    if False in answers:
        return False
    if None in answers or any(isinstance(values.get(field, MISSING), Absent) for field in taken_by(rule)):
        return None
    return True


def is_effective(policy: Policy, as_of: str) -> bool:
    """Whether a policy is effective."""
    return policy.effective_from <= as_of and (policy.effective_until == "" or as_of < policy.effective_until)


def enumerate_decision(selection: Selection, point: Point) -> Decided:
    """What is decided at a point; what its action needs is looked at last."""
    decided = _decision(selection, point)
    if decided.action is None:
        return decided
    named = (decided.action.template, decided.action.template_version, decided.action.operation)
    found = [each for each in selection.templates if (each.id, each.version, each.operation) == named]
    if not found:
        return Decided(Verdict.DENY, "NOT_SELECTED")
    return Decided(Verdict.DENY, "WITHDRAWN") if found[0].withdrawn else decided


def _decision(selection: Selection, point: Point) -> Decided:
    kinds = [kind for kind in selection.triggers.types if kind.name == point.trigger_type]
    if not kinds:
        return Decided(Verdict.DENY, "UNKNOWN_TRIGGER")
    policies = [policy for policy in selection.policies if point.trigger_type in policy.triggers]
    if not policies:
        return Decided(Verdict.DENY, "NO_POLICY")
    if any(policy.withdrawn for policy in policies):
        return Decided(Verdict.DENY, "WITHDRAWN")
    effective = [policy for policy in policies if is_effective(policy, point.as_of)]
    if not effective:
        return Decided(Verdict.DENY, "NOT_EFFECTIVE")
    rules = sorted(((policy, rule) for policy in effective for rule in policy.rules), key=lambda r: (r[0].id, r[1].id))
    yes = [(p, r) for p, r in rules if rule_holds(r, point.values) is True]
    unknown = [(p, r) for p, r in rules if rule_holds(r, point.values) is None]
    for policy, rule in yes:
        if rule.verdict is Verdict.DENY:
            return Decided(Verdict.DENY, rule.reason, policy.id, rule.id)
    if unknown:
        return _uncertain(point, yes, unknown)
    for policy, rule in yes:
        if rule.verdict is Verdict.ESCALATE:
            return Decided(Verdict.ESCALATE, rule.reason, policy.id, rule.id, rule.action)
    if not yes:
        return Decided(Verdict.DENY, "NO_MATCH")
    if any(rule.action != yes[0][1].action for _, rule in yes):
        return Decided(Verdict.ESCALATE, "CONFLICT")
    for policy, rule in yes:
        if policy.id in point.used_up:
            return Decided(Verdict.ESCALATE, "PACE_EXCEEDED", policy.id, rule.id, rule.action)
    return Decided(Verdict.ALLOW, yes[0][1].reason, yes[0][0].id, yes[0][1].id, yes[0][1].action)


def _uncertain(point: Point, yes: list[tuple[Policy, Rule]], unknown: list[tuple[Policy, Rule]]) -> Decided:
    names = sorted({name for _, rule in unknown for name in [c.field for c in rule.when] + taken_by(rule)})
    absent = [name for name in names if isinstance(point.values.get(name, MISSING), Absent)]
    missing = any(point.values.get(name, MISSING) == MISSING for name in absent)
    actions = [rule.action for _, rule in yes + unknown if rule.verdict is not Verdict.DENY]
    action = actions[0] if actions and all(each == actions[0] for each in actions) else None
    if action is not None:
        fields = [action.recipient] + [slot.field for slot in action.slots]
        if any(isinstance(point.values.get(field, MISSING), Absent) for field in fields):
            action = None
    reason = "MISSING_FIELD" if missing else "OUTSIDE_DOMAIN"
    return Decided(Verdict.ESCALATE, reason, action=action, uncertain=tuple(absent))

"""What the evaluator looks up: the rules of every trigger type as the bits of numbers, made once of a selection.

Rules kept here: what does not fit together (a test of another type than its field, an action without a template) is
found here and denies every trigger of its type; what is withdrawn or not selected denies too.

Source: issue 7, rules 1 and 2; policies.md §2.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, assert_never

from cutter.policies.decision import Read, Reason
from cutter.policies.domain import Field, IssuedReference, Moment, TriggerType, Truth, Value, Whole, Words
from cutter.policies.outcome import Outcome, denied
from cutter.policies.policy import Action, Between, Equal, OneOf, Policy, Rule, Selection, Test, Verdict, View

Match: TypeAlias = Callable[[Value], int | None]
"""From a value of the field's type to the rules that it does not exclude; None: outside the domain."""

_STRENGTH = {Verdict.DENY: 0, Verdict.ESCALATE: 1, Verdict.ALLOW: 2}
_SMALL = 256  # values: a table of so many is looked up faster than bounds are searched


class Unfit(ValueError):  # noqa: N818  a word for what the parts are
    """Parts of a selection do not fit together; the loader of files refuses such a selection with the place."""


class Matcher(NamedTuple):
    """One field.

    Attributes:
        name, kind: its name, and the only type that its values have.
        match: its table; None: no rule depends on the value.
        needed: the rules that cannot be told without it.
        answered: a view answers it.
    """

    name: str
    kind: type
    match: Match | None
    needed: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """One trigger type.

    Attributes:
        refusal: what every trigger of it comes to, whatever it says.
        matchers: every field, in the order in which triggers and answers have them; `answered` of them are views'.
        moments, effective: at a moment and from there on, these rules are effective; None: no policy is.
        deny, allow: the rules of these verdicts.
        outcomes: what a rule decides, by its bit; `alike`: the rules with the same action.
        actions: the action of a rule by its bit, `blocked`: what denies an action, by action.
        reads: what is read for a decision on it.
    """

    refusal: Outcome | None
    matchers: tuple[Matcher, ...]
    answered: int
    moments: tuple[str, ...]
    effective: tuple[int | None, ...]
    deny: int
    allow: int
    outcomes: Mapping[int, Outcome]
    alike: Mapping[int, int]
    actions: Mapping[int, Action | None]
    blocked: Mapping[Action, Reason]
    reads: tuple[Read, ...]


class _Ranked(NamedTuple):
    """A rule with its policy, sorted by strength, policy and rule."""

    strength: int
    policy_id: str
    rule_id: str
    policy: Policy
    rule: Rule


def prepare(selection: Selection) -> dict[str, Prepared]:
    """Every trigger type of a selection by its name."""
    return {kind.name: _prepared(selection, kind) for kind in selection.triggers.types}


def reads_of_selection(selection: Selection) -> Read:
    """That the selection itself was read."""
    return Read("selection", "selection", "", selection.sha256)


def _prepared(selection: Selection, kind: TriggerType) -> Prepared:
    policies = sorted((p for p in selection.policies if kind.name in p.triggers), key=lambda p: p.id)
    views = [view for view in selection.views if view.id in kind.views]
    reads = _reads(selection, policies, views)
    refusal = _refusal(kind, policies, views)
    if refusal is not None:
        return _refusing(refusal, reads)
    try:
        return _tables(selection, _fields(kind, views), policies, reads)
    except Unfit:
        return _refusing(denied(Reason.EVALUATION_FAILED), reads)


def _refusing(refusal: Outcome, reads: tuple[Read, ...]) -> Prepared:
    return Prepared(refusal, (), 0, (), (None,), 0, 0, {}, {}, {}, {}, reads)


def _refusal(kind: TriggerType, policies: list[Policy], views: list[View]) -> Outcome | None:
    if not policies:
        return denied(Reason.NO_POLICY)
    if any(policy.withdrawn for policy in policies):
        return denied(Reason.WITHDRAWN)
    if len(views) != len(kind.views):
        return denied(Reason.NOT_SELECTED)
    return denied(Reason.WITHDRAWN) if any(view.withdrawn for view in views) else None


def _reads(selection: Selection, policies: list[Policy], views: list[View]) -> tuple[Read, ...]:
    named = {(a.template, a.template_version) for p in policies for r in p.rules if (a := r.action) is not None}
    reads = [reads_of_selection(selection)]
    reads += [Read("policy", policy.id, policy.version, policy.sha256) for policy in policies]
    reads += [Read("view", view.id, view.version, view.sha256) for view in views]
    reads += [Read("template", t.id, t.version, t.sha256) for t in selection.templates if (t.id, t.version) in named]
    return tuple(sorted(reads, key=lambda read: (read.kind, read.id, read.version)))


def _fields(kind: TriggerType, views: list[View]) -> list[tuple[Field, bool]]:
    """Every field with whether a view answers it: the trigger's by name, then the views' by name."""
    own = [(field, False) for field in sorted(kind.fields, key=lambda field: field.name)]
    columns = sorted((column for view in views for column in view.columns), key=lambda column: column.name)
    fields = own + [(column, True) for column in columns]
    if len({field.name for field, _ in fields}) != len(fields):
        raise Unfit("a field has two domains")
    return fields


def _tables(
    selection: Selection, fields: list[tuple[Field, bool]], policies: list[Policy], reads: tuple[Read, ...]
) -> Prepared:
    ranked = sorted(
        (_Ranked(_STRENGTH[r.verdict], p.id, r.id, p, r) for p in policies for r in p.rules), key=lambda item: item[:3]
    )
    _check(ranked, {field.name for field, answered in fields if not answered}, {field.name for field, _ in fields})
    bits = [(1 << number, item) for number, item in enumerate(ranked)]
    moments = sorted({moment for p in policies for moment in (p.effective_from, p.effective_until) if moment})
    actions = {bit: item.rule.action for bit, item in bits}
    alike: dict[Action | None, int] = {}
    for bit, action in actions.items():
        alike[action] = alike.get(action, 0) | bit
    blocked = blocked_by(selection, [action for action in actions.values() if action is not None])
    return Prepared(
        refusal=None,
        matchers=tuple(_matcher(field, answered, bits) for field, answered in fields),
        answered=sum(answered for _, answered in fields),
        moments=tuple(moments),
        effective=tuple(_effective(bits, policies, moment) for moment in ["", *moments]),
        deny=combined(bit for bit, item in bits if item.rule.verdict is Verdict.DENY),
        allow=combined(bit for bit, item in bits if item.rule.verdict is Verdict.ALLOW),
        outcomes={bit: _outcome(item, blocked) for bit, item in bits},
        alike={bit: alike[action] for bit, action in actions.items()},
        actions=actions,
        blocked=blocked,
        reads=reads,
    )


def _check(ranked: list[_Ranked], own: set[str], known: set[str]) -> None:
    if len({(item.policy_id, item.rule_id) for item in ranked}) != len(ranked):
        raise Unfit("two rules have one name")
    for rule in (item.rule for item in ranked):
        if not {condition.field for condition in rule.when} <= known:
            raise Unfit("a condition is on a field that does not exist")
        if rule.action is not None and not set(fields_of(rule.action)) <= own:
            raise Unfit("an action takes what the trigger does not say")
        wrong = rule.verdict is (Verdict.ALLOW if rule.action is None else Verdict.DENY)
        if wrong:
            raise Unfit("what is allowed is an action, what is denied is none")


def fields_of(action: Action) -> tuple[str, ...]:
    """The trigger's fields that an action takes: its recipient, and what fills its slots."""
    return (action.recipient, *(slot.field for slot in action.slots))


def blocked_by(selection: Selection, actions: Iterable[Action]) -> dict[Action, Reason]:
    """Actions whose template is not selected in that version, or withdrawn."""
    templates = {(template.id, template.version): template for template in selection.templates}
    blocked = {}
    for action in actions:
        template = templates.get((action.template, action.template_version))
        if template is None or template.operation != action.operation:
            blocked[action] = Reason.NOT_SELECTED
        elif template.withdrawn:
            blocked[action] = Reason.WITHDRAWN
    return blocked


def _outcome(item: _Ranked, blocked: Mapping[Action, Reason]) -> Outcome:
    rule, policy = item.rule, item.policy
    if rule.action is not None and rule.action in blocked:
        return denied(blocked[rule.action])
    return Outcome(rule.verdict, rule.reason, policy.id, policy.version, rule.id, rule.action)


def _effective(bits: list[tuple[int, _Ranked]], policies: list[Policy], moment: str) -> int | None:
    """The rules that are effective from a moment to the next one; None when no policy is."""
    begun = [policy for policy in policies if policy.effective_from <= moment]
    ids = {policy.id for policy in begun if not policy.effective_until or moment < policy.effective_until}
    return combined(bit for bit, item in bits if item.policy_id in ids) if ids else None


def combined(bits: Iterable[int]) -> int:
    """All of these bits."""
    mask = 0
    for bit in bits:
        mask |= bit
    return mask


def _matcher(field: Field, answered: bool, bits: list[tuple[int, _Ranked]]) -> Matcher:
    tests = [(bit, c.test) for bit, item in bits for c in item.rule.when if c.field == field.name]
    if len({bit for bit, _ in tests}) != len(tests):
        raise Unfit("a rule has two conditions on one field")
    taken = [bit for bit, item in bits if item.rule.action is not None and field.name in fields_of(item.rule.action)]
    needed = combined(taken) | combined(bit for bit, _ in tests)
    match field.domain:
        case Words(words):
            return Matcher(field.name, str, _looked_up(words, tests, str), needed, answered)
        case Truth():
            return Matcher(field.name, bool, _looked_up((False, True), tests, bool), needed, answered)
        case Whole():
            return Matcher(field.name, int, _whole(field.domain, tests), needed, answered)
        case Moment() | IssuedReference():
            if tests:
                raise Unfit("a condition is on a time or a reference")
            return Matcher(field.name, str, None, needed, answered)
        case _ as never:
            assert_never(never)


def _looked_up(values: tuple[Value, ...], tests: list[tuple[int, Test]], kind: type) -> Match:
    excluded = [(bit, _fitting(test, kind, values)) for bit, test in tests]
    table = {value: ~combined(bit for bit, test in excluded if not meets(test, value)) for value in values}
    return table.get


def _whole(domain: Whole, tests: list[tuple[int, Test]]) -> Match:
    for _, test in tests:
        _fitting(test, int, range(domain.minimum, domain.maximum + 1))
    if domain.maximum - domain.minimum < _SMALL:
        return _looked_up(tuple(range(domain.minimum, domain.maximum + 1)), tests, int)
    begins, ends = {domain.minimum: 0}, {domain.maximum + 1: 0}
    for bit, test in tests:
        for low, high in _stretches(test):
            begins[low] = begins.get(low, 0) | bit
            ends[high + 1] = ends.get(high + 1, 0) | bit
    edges = sorted(begins.keys() | ends.keys())
    masks: list[int | None] = [None]
    others, met = ~combined(bit for bit, _ in tests), 0
    for edge in edges[:-1]:
        met = met & ~ends.get(edge, 0) | begins.get(edge, 0)
        masks.append(others | met)
    masks.append(None)
    return lambda value: masks[bisect_right(edges, value)]


def _stretches(test: Test) -> Iterable[tuple[int, int]]:
    """The numbers that meet a test, as bounds, both included."""
    match test:
        case Between(minimum, maximum):
            return [(minimum, maximum)] if minimum <= maximum else []
        case Equal(value):
            return [(int(value), int(value))]
        case OneOf(values):
            return [(int(value), int(value)) for value in dict.fromkeys(values)]
        case _ as never:
            assert_never(never)


def _fitting(test: Test, kind: type, values: Iterable[Value]) -> Test:
    """The test, when it is of the field's type and inside its domain."""
    match test:
        case Between(minimum, maximum):
            stated: tuple[Value, ...] = (minimum, maximum)
        case Equal(value):
            stated = (value,)
        case OneOf(several):
            stated = several
        case _ as never:
            assert_never(never)
    ordered = kind is int or type(test) is not Between
    if not ordered or not stated or any(type(value) is not kind or value not in values for value in stated):
        raise Unfit("a test is not of its field's domain")
    return test


def meets(test: Test, value: Value) -> bool:
    """Whether a value, of the type of its field, meets a test."""
    match test:
        case Equal(wanted):
            return type(value) is type(wanted) and value == wanted
        case OneOf(several):
            return any(type(value) is type(wanted) and value == wanted for wanted in several)
        case Between(minimum, maximum):
            return type(value) is int and minimum <= value <= maximum
        case _ as never:
            assert_never(never)

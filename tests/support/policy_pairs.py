"""Selections of policies and triggers by chance: small domains, so that everything meets everything.

Fields go missing or leave their domain, policies begin, end and are withdrawn, templates and views are not selected,
paces are used up. All of it comes from one `random.Random`, whose seed a failing test prints.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import msgspec

from cutter.policies.domain import (
    Field,
    FieldValue,
    IssuedReference,
    Moment,
    Trigger,
    TriggerType,
    TriggerTypes,
    Truth,
    Value,
    Whole,
    Words,
)
from cutter.policies.policy import (
    CREATE_NOTIFICATION,
    SEND_MESSAGE,
    Action,
    Between,
    Condition,
    Equal,
    OneOf,
    Policy,
    PolicyLimits,
    Rule,
    Selection,
    Slot,
    Template,
    Test,
    Verdict,
    View,
)
from cutter.policies.references import issue

_Part = TypeVar("_Part", View, Template)

MOMENTS = tuple(f"2026-0{month}-01T00:00:00Z" for month in range(1, 7))
PATIENT = issue("PAT", "7KQ2M4XA")
ID = issue("TRG", "A5K8R2ME")
WORDS = ("low", "middle", "high")
FIELDS = (
    Field("at", Moment()),
    Field("consent", Truth()),
    Field("count", Whole(-300, 300)),
    Field("level", Words(WORDS)),
    Field("patient", IssuedReference("PAT")),
    Field("severity", Whole(0, 3)),
)
COLUMN = Field("recent.under_limit", Truth())
VIEW = View("recent", "1.0", False, "SELECT true AS under_limit", (), (COLUMN,), "a" * 64)
CLOSED = tuple(f for f in FIELDS if isinstance(f.domain, Truth | Whole | Words))


class Pair(NamedTuple):
    """A selection, and what it is asked about."""

    selection: Selection
    trigger: Trigger
    answers: tuple[FieldValue, ...]
    used_up: frozenset[str]


def pairs(chance: random.Random, selections: int, each: int) -> Iterator[Pair]:
    """So many selections with so many triggers each."""
    for _ in range(selections):
        selection = random_selection(chance)
        ids = [policy.id for policy in selection.policies]
        for _ in range(each):
            used_up = frozenset(name for name in ids if chance.random() < 0.2)
            trigger, answers = random_trigger(chance)
            yield Pair(selection, trigger, answers, used_up)


def random_selection(chance: random.Random) -> Selection:
    """A selection of up to three policies with up to five rules each."""
    kinds = tuple(TriggerType(name, FIELDS, ("recent",)) for name in ("a.first", "b.second"))
    policies = [_policy(chance, f"p-{number}") for number in range(chance.choices((0, 1, 2, 3), (1, 8, 8, 8))[0])]
    views = () if chance.random() < 0.03 else (_maybe_withdrawn(chance, VIEW),)
    templates = [_maybe_withdrawn(chance, _template(name)) for name in "xy" if chance.random() < 0.95]
    chance.shuffle(policies)
    return Selection(TriggerTypes("TRG", (), "notify", kinds), tuple(policies), views, tuple(templates), "f" * 64)


def random_trigger(chance: random.Random) -> tuple[Trigger, tuple[FieldValue, ...]]:
    """A trigger as a reader gives it, and what the view answered."""
    said: list[FieldValue] = []
    outside: list[str] = []
    for field in FIELDS:
        lot = chance.random()
        if lot < 0.85:
            said.append(FieldValue(field.name, random_value(chance, field)))
        elif lot < 0.93 and isinstance(field.domain, Whole | Words):
            outside.append(field.name)
    answers = (FieldValue(COLUMN.name, chance.random() < 0.7),) if chance.random() < 0.85 else ()
    kind = chance.choices(("a.first", "b.second", "c.unknown"), (48, 48, 4))[0]
    return Trigger(ID, kind, chance.choice(MOMENTS), tuple(said), tuple(outside)), answers


def random_value(chance: random.Random, field: Field) -> Value:
    """A value of a field's domain; of a large one near its edges or near the edges of tests."""
    match field.domain:
        case Words(words):
            return chance.choice(words)
        case Whole(minimum, maximum):
            small = maximum - minimum < 10
            return chance.randint(minimum, maximum) if small else chance.choice((minimum, -1, 0, 1, maximum))
        case Truth():
            return chance.random() < 0.5
        case Moment():
            return chance.choice(MOMENTS)
        case IssuedReference():
            return PATIENT


def _policy(chance: random.Random, name: str) -> Policy:
    begin, end = sorted(chance.sample(MOMENTS, 2))
    return Policy(
        id=name,
        version=chance.choice(("1.0", "2.0")),
        title_en="x",
        title_vi="x",
        effective_from=MOMENTS[0] if chance.random() < 0.6 else begin,
        effective_until="" if chance.random() < 0.6 else end,
        withdrawn=chance.random() < 0.02,
        triggers=chance.choices((("a.first",), ("a.first", "b.second")), (1, 4))[0],
        otherwise_deny=chance.random() < 0.5,
        rules=tuple(_rule(chance, f"r-{number}") for number in range(chance.randint(1, 5))),
        limits=PolicyLimits(),
        sha256=f"{chance.getrandbits(256):064x}",
    )


def _rule(chance: random.Random, name: str) -> Rule:
    fields = chance.sample((*CLOSED, COLUMN), chance.choice((0, 1, 1, 2, 2, 3, 4)))
    when = tuple(Condition(f.name, _test(chance, f)) for f in sorted(fields, key=lambda f: f.name))
    verdict = chance.choices(tuple(Verdict), (2, 2, 5))[0]
    acts = verdict is Verdict.ALLOW or (verdict is Verdict.ESCALATE and chance.random() < 0.6)
    return Rule(name, when, verdict, f"REASON_{chance.randint(1, 3)}", _action(chance) if acts else None)


def _action(chance: random.Random) -> Action:
    template = chance.choices(("x", "y"), (4, 1))[0]
    slots = (Slot("when", "at"),) if chance.random() < 0.2 else ()
    return Action(SEND_MESSAGE if template == "x" else CREATE_NOTIFICATION, template, "1.0", "patient", slots)


def _test(chance: random.Random, field: Field) -> Test:
    if isinstance(field.domain, Whole) and chance.random() < 0.6:
        low, high = sorted((random_value(chance, field), random_value(chance, field)))
        return Between(int(low), int(high))
    if chance.random() < 0.4:
        return OneOf(tuple(sorted({random_value(chance, field) for _ in range(2)})))
    return Equal(random_value(chance, field))


def _template(name: str) -> Template:
    operation = SEND_MESSAGE if name == "x" else CREATE_NOTIFICATION
    return Template(name, "1.0", False, operation, "en", "", "A text.", (), name * 64)


def _maybe_withdrawn(chance: random.Random, part: _Part) -> _Part:
    return msgspec.structs.replace(part, withdrawn=chance.random() < 0.03)

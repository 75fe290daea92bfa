"""A decision out of 1,000 policies, beside a dict look-up of the trigger type and generated lambdas, strongest first.

The floor is told its triggers as plain dicts and believes them; ours checks every value against its domain first. What
the document, its digest and the explanation cost is stated apart: they have no floor but the decision itself.
"""

import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.measure import Row, in_turns
from cutter.policies.analysis.explanation import explain
from cutter.policies.domain import Field, Trigger, TriggerType, TriggerTypes, Truth, Value, Whole, Words
from cutter.policies.envelope import canonical, read_canonical
from cutter.policies.grammar import Grammar, Said
from cutter.policies.index import Index
from cutter.policies.policy import (
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
    Template,
    Test,
    Verdict,
)
from cutter.policies.references import issue

TYPES, RULES, TRIGGERS = 50, 20, 2_000
AS_OF = "2026-06-01T00:00:00Z"
WARDS = ("north", "south", "east", "west")
FIELDS = (
    Field("consent", Truth()),
    Field("minutes", Whole(0, 10_000)),
    Field("severity", Whole(0, 9)),
    Field("ward", Words(WARDS)),
)
STRENGTH = (Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW)
ACTION = Action(SEND_MESSAGE, "notice", "1.0", "ward", ())


class Claim(NamedTuple):
    """A trigger as it comes out of the JSON reader."""

    id: str
    type: str
    fields: dict[str, Value]


_EXPLAINED = 20  # triggers: each prepares its selection anew, as the command does


def measure() -> list[Row]:
    """The rows of these goals."""
    chance = random.Random(7)
    selection = made(chance)
    claims = [claim(chance, number) for number in range(TRIGGERS)]
    floor, index = _lambdas(selection), Index(selection)
    grammars = {kind.name: Grammar(kind) for kind in selection.triggers.types}
    triggers = [_trigger(grammars, item) for item in claims]
    if [_by_lambdas(floor, item) for item in claims] != [index.verdict(t)[:2] for t in triggers]:
        raise ValueError("the floor decides otherwise")
    texts = [canonical(trigger) for trigger in triggers]

    def beside(ours: Callable[[], list[Any]]) -> tuple[float, float]:
        # A measured function that returns nothing is timed as a whole.
        return in_turns(lambda: _timed(lambda: _by_all(floor, claims)), lambda: _timed(ours), rounds=40, take=min)

    name = "dict look-up + lambdas"
    decided = beside(lambda: [index.verdict(trigger) for trigger in triggers])
    checked = beside(lambda: [index.verdict(_trigger(grammars, item)) for item in claims])
    recorded = beside(lambda: [index.decide(trigger, (), frozenset()).sha256 for trigger in triggers])
    read = beside(lambda: [read_canonical(text, selection.triggers) for text in texts])
    begun = time.perf_counter()
    for trigger in triggers[:_EXPLAINED]:
        explain(selection, trigger, ())
    explained = (time.perf_counter() - begun) / _EXPLAINED
    return [
        Row("explaining one trigger of 1,000 policies (stated, no goal)", "one second", 1.0, explained, 1.0),
        Row("2,000 decisions out of 1,000 policies, input check", name, *checked, 3.0),
        Row("same, triggers that were checked", name, *decided, 3.0),
        Row("same, with document and digest (stated, no goal)", name, *recorded, 100.0),
        Row("reading 2,000 canonical texts (stated, no goal)", name, *read, 100.0),
    ]


def made(chance: random.Random) -> Selection:
    """1,000 policies of one rule each, three conditions a rule."""
    kinds = tuple(TriggerType(f"t{number:02d}", FIELDS) for number in range(TYPES))
    policies = tuple(_policy(chance, kind.name, number) for kind in kinds for number in range(RULES))
    template = Template("notice", "1.0", False, SEND_MESSAGE, "en", "x", "x", (), "0" * 64)
    return Selection(TriggerTypes("TRG", (), "notify", kinds), policies, (), (template,), "0" * 64)


def claim(chance: random.Random, number: int) -> Claim:
    """A trigger that says all that its type can say."""
    fields: dict[str, Value] = {
        "consent": chance.random() < 0.5,
        "minutes": chance.randrange(10_001),
        "severity": chance.randrange(10),
        "ward": chance.choice(WARDS),
    }
    return Claim(issue("TRG", f"A{number:05d}B"), f"t{chance.randrange(TYPES):02d}", fields)


def _policy(chance: random.Random, kind: str, number: int) -> Policy:
    verdict = chance.choice(STRENGTH)
    when = tuple(Condition(f.name, _test(chance, f)) for f in sorted(chance.sample(FIELDS, 3), key=lambda f: f.name))
    rule = Rule("only", when, verdict, f"REASON_{number}", None if verdict is Verdict.DENY else ACTION)
    return Policy(
        id=f"{kind}-{number:02d}",
        version="1.0",
        title_en="x",
        title_vi="x",
        effective_from="2026-01-01T00:00:00Z",
        effective_until="",
        withdrawn=False,
        triggers=(kind,),
        otherwise_deny=True,
        rules=(rule,),
        limits=PolicyLimits(),
        sha256="0" * 64,
    )


def _test(chance: random.Random, field: Field) -> Test:
    match field.domain:
        case Truth():
            return Equal(chance.random() < 0.5)
        case Whole(minimum, maximum):
            low, high = sorted((chance.randint(minimum, maximum), chance.randint(minimum, maximum)))
            return Between(low, high)
        case _:
            return OneOf(tuple(sorted(chance.sample(WARDS, 2))))


def _trigger(grammars: dict[str, Grammar], item: Claim) -> Trigger:
    said = grammars[item.type].read(item.fields)
    if not isinstance(said, Said):
        raise TypeError("a trigger of the benchmark is refused")
    return Trigger(item.id, item.type, AS_OF, said.fields, said.outside)


_Lambdas = dict[str, list[tuple[Callable[[dict[str, Value]], bool], tuple[Verdict, str]]]]


def _lambdas(selection: Selection) -> _Lambdas:
    """By type: a generated lambda for each rule, the strongest first."""
    floor: _Lambdas = {kind.name: [] for kind in selection.triggers.types}
    ranked = sorted(selection.policies, key=lambda p: (STRENGTH.index(p.rules[0].verdict), p.id))
    for policy in ranked:
        rule = policy.rules[0]
        source = " and ".join(_source(condition) for condition in rule.when)
        found = eval(f"lambda fields: {source}")  # the floor is generated code
        floor[policy.triggers[0]].append((found, (rule.verdict, rule.reason)))
    return floor


def _source(condition: Condition) -> str:
    value = f"fields[{condition.field!r}]"
    match condition.test:
        case Equal(wanted):
            return f"{value} == {wanted!r}"
        case OneOf(wanted):
            return f"{value} in {wanted!r}"
        case Between(minimum, maximum):
            return f"{minimum} <= {value} <= {maximum}"


def _by_lambdas(floor: _Lambdas, item: Claim) -> tuple[Verdict, str]:
    fields = item.fields
    for matches, decision in floor[item.type]:
        if matches(fields):
            return decision
    return Verdict.DENY, "NO_MATCH"


def _by_all(floor: _Lambdas, claims: list[Claim]) -> list[Any]:
    return [_by_lambdas(floor, item) for item in claims]


def _timed(work: Callable[[], list[Any]]) -> None:
    work()

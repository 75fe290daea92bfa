"""Lint of 1,000 policies (50 trigger types, 20 rules each, three conditions a rule) within one second, and of 1,000 on
one trigger type, where they overlap 91,000 times, within five.

The floors are these seconds. `python -m benchmarks.policies_lint` tells the parts: both lints, the rows that kill every
mutant, and the score of tables without a row (so that every mutant has to be told apart or proved equivalent).
"""

import random
import sys
import time

from benchmarks.measure import Row, in_turns
from cutter.policies.analysis.lint import lint
from cutter.policies.analysis.mutation import generate, mutate
from cutter.policies.domain import Domain, Field, IssuedReference, TriggerType, TriggerTypes, Truth, Value, Whole, Words
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

TYPES, RULES, CONDITIONS, SEED = 50, 20, 3, 7
GOAL, GOAL_OF_ONE_TYPE = 1.0, 5.0  # seconds

_DIGEST = "0" * 64
_DOMAINS: tuple[tuple[str, Domain], ...] = (
    ("channel", Words(("app", "mail", "sms"))),
    ("consent", Truth()),
    ("hour", Whole(0, 23)),
    ("kind", Words(("alarm", "bill", "news", "result", "visit"))),
    ("severity", Whole(1, 10)),
    ("urgent", Truth()),
)
_ACTIONS = tuple(Action(SEND_MESSAGE, f"text-{letter}", "1.0", "recipient", ()) for letter in "abc")


def measure() -> list[Row]:
    """The rows of these goals."""
    chosen, tangled = selection(), selection(types=1, rules=TYPES * RULES)

    def ours() -> None:
        lint(chosen)

    def of_one_type() -> None:
        lint(tangled)

    floor, measured = in_turns(lambda: GOAL, ours, rounds=5, take=min)
    most, taken = in_turns(lambda: GOAL_OF_ONE_TYPE, of_one_type, rounds=2, take=min)
    return [
        Row("lint of 1,000 policies", "one second", floor, measured, 1.0),
        Row("lint of 1,000 policies of one trigger type", "five seconds", most, taken, 1.0),
    ]


def selection(types: int = TYPES, rules: int = RULES) -> Selection:
    """The set; one policy a rule, the same every time.

    Args:
        types: how many trigger types.
        rules: how many rules each has.
    """
    chance = random.Random(SEED)
    fields = (*(Field(name, domain) for name, domain in _DOMAINS), Field("recipient", IssuedReference("REC")))
    ordered = tuple(sorted(fields, key=lambda field: field.name))
    kinds = tuple(TriggerType(f"type.{number:02}", ordered) for number in range(types))
    policies = tuple(_policy(chance, kind.name, number) for kind in kinds for number in range(rules))
    templates = tuple(
        Template(action.template, "1.0", False, action.operation, "en", "", "", (), _DIGEST) for action in _ACTIONS
    )
    return Selection(TriggerTypes("TRG", (), "notify", kinds), policies, (), templates, _DIGEST)


def _policy(chance: random.Random, kind: str, number: int) -> Policy:
    chosen = sorted(chance.sample(_DOMAINS, CONDITIONS), key=lambda pair: pair[0])
    when = tuple(Condition(name, _test(chance, domain)) for name, domain in chosen)
    verdict = chance.choice([Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW, Verdict.ALLOW])
    action = chance.choice(_ACTIONS) if verdict is Verdict.ALLOW else None
    rule = Rule("only", when, verdict, chance.choice(["ONE", "TWO", "THREE"]), action)
    name = f"{kind.replace('.', '-')}-{number:02}"
    since = "2026-01-01T00:00:00Z"
    return Policy(name, "1.0", name, name, since, "", False, (kind,), False, (rule,), PolicyLimits(), _DIGEST)


def _test(chance: random.Random, domain: Domain) -> Test:
    if isinstance(domain, Whole):
        return Between(*sorted(chance.choices(range(domain.minimum, domain.maximum + 1), k=2)))
    values: list[Value] = list(domain.words) if isinstance(domain, Words) else [False, True]
    if len(values) < 3 or chance.random() < 0.4:
        return Equal(chance.choice(values))
    return OneOf(tuple(sorted(chance.sample(values, 2), key=str)))


def main() -> None:
    """Print the parts: lint, then mutants."""
    chosen, tangled = selection(), selection(types=1, rules=TYPES * RULES)
    for name, linted in (("lint", chosen), ("lint of one type", tangled)):
        begun = time.perf_counter()
        findings = lint(linted)
        print(f"{name}: {len(findings)} findings in {time.perf_counter() - begun:.2f} s")
    if "lint" in sys.argv[1:]:
        return
    begun = time.perf_counter()
    rows = generate(chosen)
    print(f"generate: {len(rows)} rows in {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    score = mutate(chosen, ())
    taken = time.perf_counter() - begun
    print(f"mutate: {score.mutants} mutants in {taken:.2f} s, {taken / score.mutants * 1000:.3f} ms each")


if __name__ == "__main__":
    main()

"""Every set of policies that a folder may hold is decided, or refused by a bound that is named: none is waited for."""

import gc
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cutter.policies.analysis.bounds import MOST_FIELDS, MOST_RULES, MOST_VISITS, Budget, weight
from cutter.policies.analysis.difference import difference
from cutter.policies.analysis.explanation import explain
from cutter.policies.analysis.invariants import Claim, Invariant, prove
from cutter.policies.analysis.lint import lint
from cutter.policies.analysis.mutation import generate, mutate
from cutter.policies.analysis.regions import TooLarge, Witness
from cutter.policies.analysis.witnesses import trigger_of
from cutter.policies.domain import Field, TriggerType, Truth, Whole, Words
from cutter.policies.policy import Between, Equal, OneOf, Rule, Selection, Test, Verdict
from tests.support.policy_sets import EARLY, FIRST, SECOND, TYPE, policy, rule, selection

DENY, ESCALATE, ALLOW = Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW
CLAIM = Invariant("never", (), (), Claim.NEVER, (ALLOW,))
ANALYSES: dict[str, Callable[[Selection], object]] = {
    "lint": lint,
    "prove": lambda chosen: prove(chosen, (CLAIM,)),
    "diff": lambda chosen: difference(chosen, _with_another_rule(chosen)),
    "mutate": lambda chosen: mutate(chosen, ()),
    "generate": generate,
}


def _with_another_rule(chosen: Selection) -> Selection:
    other = policy("other", rule("other", ESCALATE, {}, "OTHER"))
    return msgspec.structs.replace(chosen, policies=(other, *chosen.policies))


def _set(*rules: Rule, fields: tuple[Field, ...] = ()) -> Selection:
    """One policy with these rules and fields, and the recipient whom actions need."""
    recipient = next(field for field in selection().triggers.types[0].fields if field.name == "recipient")
    ordered = tuple(sorted([*fields, recipient], key=lambda field: field.name))
    return selection(policy("p", *rules), fields=ordered, views=())


def _many_rules() -> Selection:
    return _set(*[rule(f"r{n:05}", ESCALATE, {}, "ASK") for n in range(13_000)])


def _many_values() -> Selection:
    numbers = tuple(range(0, 100_000, 2))
    fields = (Field("n", Whole(0, 10**9)),)
    return _set(*[rule(f"r{n:03}", DENY, {"n": OneOf(numbers[n::100])}) for n in range(100)], fields=fields)


def _many_fields() -> Selection:
    fields = tuple(Field(f"f{n:03}", Truth()) for n in range(MOST_FIELDS + 1))
    return _set(*[rule(field.name, DENY, {field.name: Equal(True)}) for field in fields], fields=fields)


def _many_mutants() -> Selection:
    words = tuple(f"w{n:03}" for n in range(256))
    fields = tuple(Field(f"f{n}", Words(words)) for n in range(3))
    return _set(rule("a", DENY, {field.name: OneOf(words[:128]) for field in fields}), fields=fields)


def _tangled(types: int = 1) -> Selection:
    """Rules over many fields, three at a time: whether a point is left is as hard as such questions are."""
    chance = random.Random(7)
    fields = tuple(Field(f"f{n:02}", Truth()) for n in range(60))
    rules = []
    for number in range(255):
        tests: dict[str, Test] = {f"f{n:02}": Equal(chance.random() < 0.5) for n in chance.sample(range(60), 3)}
        rules.append(rule(f"r{number:03}", DENY, tests))
    return _of_types(_set(*rules, fields=fields), types)


def _of_types(chosen: Selection, types: int) -> Selection:
    """The same rules for several trigger types."""
    kind = chosen.triggers.types[0]
    kinds = tuple(TriggerType(f"{TYPE}_{n}" if n else TYPE, kind.fields, kind.views) for n in range(types))
    triggers = msgspec.structs.replace(chosen.triggers, types=kinds)
    names = tuple(each.name for each in kinds)
    policies = tuple(msgspec.structs.replace(each, triggers=names) for each in chosen.policies)
    return msgspec.structs.replace(chosen, triggers=triggers, policies=policies)


ALL = tuple(ANALYSES)
HOSTILE: dict[str, tuple[Callable[[], Selection], int, tuple[str, ...]]] = {
    "rules that are compared with each other": (_many_rules, MOST_VISITS, ALL),
    "values that are compared with each other": (_many_values, MOST_VISITS, ALL),
    "more fields than a search goes down": (_many_fields, MOST_FIELDS, ALL),
    "more mutants than there are bits for": (_many_mutants, MOST_RULES, ("mutate", "generate")),
}


@pytest.mark.parametrize(
    ("name", "analysis"), [(name, analysis) for name, (_, _, told) in HOSTILE.items() for analysis in told]
)
def test_what_is_too_large_is_refused_before_it_is_looked_at(name: str, analysis: str) -> None:
    """Without it a policy file could keep a command busy for hours, use up the memory, or end it with a traceback."""
    made, bound, _ = HOSTILE[name]
    with pytest.raises(TooLarge) as refused:
        ANALYSES[analysis](made())
    assert (refused.value.trigger_type, refused.value.bound) == (TYPE, bound)


@pytest.fixture
def budgets(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[Budget]]:
    """Budgets of so many visits for every analysis, and the list of those that were begun."""

    def given(visits: int) -> list[Budget]:
        begun: list[Budget] = []

        def budget(*_: Any) -> Budget:
            begun.append(Budget(visits))
            return begun[-1]

        for module in ("lint", "invariants", "difference", "mutation", "explanation"):
            monkeypatch.setattr(f"cutter.policies.analysis.{module}.Budget", budget)
        return begun

    return given


@pytest.mark.parametrize("analysis", ALL)
def test_what_is_tangled_is_refused(analysis: str, budgets: Callable[[int], list[Budget]]) -> None:
    """Without it a set that no search can decide would run for ever, or be called sound without a proof."""
    budgets(100_000)
    with pytest.raises(TooLarge) as refused:
        ANALYSES[analysis](_tangled())
    assert refused.value.bound == 100_000


SMALL = _set(
    *[rule(f"r{n}", DENY, {"a": Between(n, n + 3), "b": Equal(n % 2 == 0)}, f"R{n}") for n in range(4)],
    rule("z", ALLOW, {"b": Equal(True)}, "OK", FIRST),
    rule("y", DENY, {}, "ALL"),
    fields=(Field("a", Whole(0, 9)), Field("b", Truth())),
)


@pytest.mark.parametrize("analysis", ALL)
def test_one_budget_is_for_all_types(analysis: str, budgets: Callable[[int], list[Budget]]) -> None:
    """Without it 256 types, each just below a bound, would take 256 times as long as the bound says."""
    begun = budgets(MOST_VISITS)
    ANALYSES[analysis](SMALL)
    assert len(begun) == 1
    spent = begun[0].bound - begun[0].left
    budgets(2 * spent)
    with pytest.raises(TooLarge):
        ANALYSES[analysis](_of_types(SMALL, 30))


def test_a_rule_that_decides_when_fields_are_missing_is_looked_for_on_the_same_budget(
    budgets: Callable[[int], list[Budget]],
) -> None:
    """Without it a thousand rules that deny would each have as many visits as the whole command."""
    begun = budgets(MOST_VISITS)
    denies = [rule(f"r{n}", DENY, {"a": Between(n, n)}) for n in range(10)]
    chosen = _set(*denies, rule("z", DENY, {}), fields=(Field("a", Whole(0, 9)),))
    lint(chosen)
    with_absent = begun[0].bound - begun[0].left
    lint(_set(*denies, fields=(Field("a", Whole(0, 9)),)))
    assert with_absent > begun[1].bound - begun[1].left


def test_findings_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it rules that all contradict each other would fill the memory with findings that nobody reads."""
    actions = [msgspec.structs.replace(FIRST, template_version=f"1.{n}") for n in range(4)]
    chosen = _set(*[rule(f"r{n}", ALLOW, {}, "R", action) for n, action in enumerate(actions)])
    count = len(lint(chosen))
    for bound in (count, count - 1):
        monkeypatch.setattr("cutter.policies.analysis.lint.MOST_FINDINGS", bound)
        if bound == count:
            assert len(lint(chosen)) == bound
        else:
            with pytest.raises(TooLarge):
                lint(chosen)


def test_states_that_are_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it one search could use up the memory long before the visits are used up."""
    monkeypatch.setattr("cutter.policies.analysis.searching.MOST_STATES", 1_000)
    with pytest.raises(TooLarge) as refused:
        lint(_tangled())
    assert refused.value.bound == 1_000


def test_states_are_let_go_when_a_search_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it thousands of searches would keep gigabytes of states until the next collection of garbage."""
    monkeypatch.setattr("cutter.policies.analysis.searching.MOST_STATES", 1_000)
    gc.collect()
    gc.disable()
    try:
        before = _large_sets()
        with pytest.raises(TooLarge):
            lint(_tangled())
        assert _large_sets() == before
    finally:
        gc.enable()


def _large_sets() -> int:
    return sum(1 for each in gc.get_objects() if type(each) is set and len(each) >= 1_000)


def test_an_explanation_of_what_is_too_large_says_so() -> None:
    """Without it explaining one trigger could take hours, or end with a traceback."""
    chosen = _many_fields()
    trigger, answers = trigger_of(chosen, Witness(TYPE, EARLY, ()))
    found = explain(chosen, trigger, answers)
    assert (found.nearest, found.searched) == (None, False)


def _random(count: int) -> Selection:
    """Rules with three conditions each, most of which overlap with many others."""
    chance = random.Random(7)
    fields = tuple(Field(f"f{n}", Whole(0, 9)) for n in range(6))
    rules = []
    for number in range(count):
        chosen = {f"f{n}": Between(*sorted(chance.choices(range(10), k=2))) for n in chance.sample(range(6), 3)}
        verdict = chance.choice([DENY, ESCALATE, ALLOW, ALLOW])
        action = chance.choice([FIRST, SECOND]) if verdict is ALLOW else None
        action = action and msgspec.structs.replace(action, slots=())
        rules.append(rule(f"r{number:03}", verdict, {**chosen}, "R", action))
    return _set(*rules, fields=fields)


def test_lint_looks_only_at_rules_that_meet(budgets: Callable[[int], list[Budget]]) -> None:
    """Without it two rules would be compared among all others, as when a thousand rules took half a minute: 7 million
    visits for these.
    """
    begun = budgets(MOST_VISITS)
    found = lint(_random(250))
    assert len(found) > 10_000
    assert begun[0].bound - begun[0].left < 1_500_000


WEIGHTS = {20: 1, 1_000: 1, 2_100: 3, MOST_RULES: 33}


@pytest.mark.parametrize("width", WEIGHTS)
def test_a_visit_among_many_rules_counts_more(width: int) -> None:
    """Without it the same bound would be half a minute for some sets and an hour, and all memory, for others."""
    assert weight(width) == WEIGHTS[width]

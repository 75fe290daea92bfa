"""Lint finds exactly what an enumerator finds that looks at every point."""

from itertools import combinations

import pytest
from hypothesis import given, settings

from cutter.policies.analysis.bounds import Budget
from cutter.policies.analysis.coverage import MOST_GAPS
from cutter.policies.analysis.findings import Finding, FindingKind, Severity
from cutter.policies.analysis.lint import lint
from cutter.policies.analysis.regions import TooLarge
from cutter.policies.analysis.searching import Search
from cutter.policies.analysis.selections import ground_of, surveyed
from cutter.policies.analysis.witnesses import trigger_of
from cutter.policies.evaluation import decide
from cutter.policies.policy import Action, Between, Equal, OneOf, Policy, Selection, Verdict
from tests.support.enumerator import (
    Decided,
    Point,
    enumerate_decision,
    enumerate_points,
    is_effective,
    rule_holds,
)
from tests.support.policy_sets import (
    EARLY,
    LATE,
    SECOND,
    THIRD,
    TYPE,
    in_region,
    point_of_witness,
    policy,
    rule,
    selection,
    selections,
)

DENY, ESCALATE, ALLOW = Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW
_RANK = {DENY: 0, ESCALATE: 1, ALLOW: 2}
Name = tuple[str, str]


def _complete(chosen: Selection) -> list[Point]:
    """The points that say everything, at times when a policy is effective; none where the whole type is denied."""
    if any(each.withdrawn for each in chosen.policies):
        return []
    points = enumerate_points(chosen, TYPE, whole=False)
    return [point for point in points if any(is_effective(each, point.as_of) for each in chosen.policies)]


def _matching(chosen: Selection, point: Point) -> list[Name]:
    return [
        (each.id, one.id)
        for each in chosen.policies
        if is_effective(each, point.as_of)
        for one in each.rules
        if rule_holds(one, point.values)
    ]


def _rules(chosen: Selection) -> dict[Name, Verdict]:
    return {(each.id, one.id): one.verdict for each in chosen.policies for one in each.rules}


def _by_kind(findings: tuple[Finding, ...], kind: FindingKind) -> list[Finding]:
    return [finding for finding in findings if finding.kind is kind]


def _gaps(chosen: Selection) -> list[Point]:
    return [
        point
        for point in _complete(chosen)
        if enumerate_decision(chosen, point).reason == "NO_MATCH"
        and any(is_effective(each, point.as_of) and not each.otherwise_deny for each in chosen.policies)
    ]


@settings(max_examples=60, deadline=None, print_blob=True)
@given(selections())
def test_gaps_are_those_that_enumeration_finds(chosen: Selection) -> None:
    """Without it a gap could be missed, told where there is none, or told with a trigger that some rule matches."""
    expected, found = _gaps(chosen), _by_kind(lint(chosen), FindingKind.GAP)
    assert bool(found) == bool(expected)
    for finding in found:
        assert finding.witness is not None
        assert point_of_witness(finding.witness) in expected
        assert finding.severity is Severity.ERROR
    if found:
        assert found[0].witness is not None
        assert point_of_witness(found[0].witness) == expected[0], "the smallest"
        inside = [point for point in _complete(chosen) if any(in_region(f.region, point) for f in found)]
        assert [point for point in inside if point not in expected] == []
        assert len(found) == MOST_GAPS or inside == expected


@settings(max_examples=60, deadline=None, print_blob=True)
@given(selections())
def test_conflicts_are_those_that_enumeration_finds(chosen: Selection) -> None:
    """Without it a contradiction could go unnoticed, or be told where a stronger rule settles it."""
    expected: dict[tuple[Name, Name], Point] = {}
    verdicts, actions = _rules(chosen), {(p.id, r.id): r.action for p in chosen.policies for r in p.rules}
    for point in _complete(chosen):
        decided = enumerate_decision(chosen, point)
        matching = sorted(_matching(chosen, point), key=lambda name: (_RANK[verdicts[name]], name))
        for first, second in combinations(matching, 2):
            wins = verdicts[first] is not verdicts[second] and decided.verdict is verdicts[first]
            if decided.reason == "CONFLICT":
                wins = actions[first] != actions[second]
            if wins:
                expected.setdefault((first, second), point)
    found = {f.rules: f for f in _by_kind(lint(chosen), FindingKind.CONFLICT)}
    assert {rules: point_of_witness(f.witness) for rules, f in found.items() if f.witness} == expected
    for (first, second), finding in found.items():
        error = verdicts[first] is verdicts[second] is ALLOW
        assert finding.severity is (Severity.ERROR if error else Severity.WARNING)
        both = [p for p in _complete(chosen) if {first, second} <= set(_matching(chosen, p))]
        assert [p for p in _complete(chosen) if in_region(finding.region, p)] == both


def _without(chosen: Selection, name: Name) -> Selection:
    policies = [
        policy(
            each.id,
            *[one for one in each.rules if (each.id, one.id) != name],
            since=each.effective_from,
            until=each.effective_until,
        )
        for each in chosen.policies
    ]
    return selection(*policies)


def _first_of_their_action(chosen: Selection, point: Point) -> set[Name]:
    """Of the rules that match, those before which none with the same action does: without them it is decided anew."""
    actions = {(p.id, r.id): r.action for p in chosen.policies for r in p.rules}
    first: dict[Action | None, Name] = {}
    for name in sorted(_matching(chosen, point)):
        first.setdefault(actions[name], name)
    return set(first.values())


def _told(decided: Decided) -> tuple[object, ...]:
    return decided.verdict, decided.action, decided.reason


@settings(max_examples=40, deadline=None, print_blob=True)
@given(selections())
def test_useless_rules_are_those_that_enumeration_finds(chosen: Selection) -> None:
    """Without it a rule that protects could be called dead, or one that does nothing be kept and relied on."""
    complete, decided_by, conflicting = _complete(chosen), set[Name](), set[Name]()
    for point in enumerate_points(chosen, TYPE, whole=True):
        decided = enumerate_decision(chosen, point)
        decided_by.add((decided.policy, decided.rule))
        conflicting |= _first_of_their_action(chosen, point) if decided.reason == "CONFLICT" else set()
    matched = {name for point in complete for name in _matching(chosen, point)}
    verdicts = _rules(chosen)
    dead = {n for n in matched if n not in decided_by and not (n in conflicting and verdicts[n] is ALLOW)}
    redundant = set()
    for name in sorted(matched - dead):
        less = _without(chosen, name)
        if all(_told(enumerate_decision(chosen, p)) == _told(enumerate_decision(less, p)) for p in complete):
            redundant.add(name)
    found = lint(chosen)
    assert {f.rules[0] for f in _by_kind(found, FindingKind.DEAD)} == dead
    assert {f.rules[0] for f in _by_kind(found, FindingKind.REDUNDANT)} == redundant
    for finding in _by_kind(found, FindingKind.DEAD) + _by_kind(found, FindingKind.REDUNDANT):
        assert finding.witness is not None
        first = next(point for point in complete if finding.rules[0] in _matching(chosen, point))
        assert point_of_witness(finding.witness) == first, "the smallest"
        where = [point for point in complete if finding.rules[0] in _matching(chosen, point)]
        assert all(set(finding.rules[1:]) & set(_matching(chosen, p)) for p in where) or finding.rules[1:] == ()


@settings(max_examples=30, deadline=None, print_blob=True)
@given(selections())
def test_the_evaluator_confirms_every_witness(chosen: Selection) -> None:
    """Without it a finding could show a trigger that is decided otherwise when it really comes."""
    for finding in lint(chosen):
        if finding.witness is None:
            continue
        trigger, answers = trigger_of(chosen, finding.witness)
        decision = decide(chosen, trigger, answers, frozenset())
        point = point_of_witness(finding.witness)
        match finding.kind:
            case FindingKind.GAP:
                assert (decision.verdict, decision.reason) == (DENY, "NO_MATCH")
            case FindingKind.CONFLICT if finding.severity is Severity.ERROR:
                assert (decision.verdict, decision.reason) == (ESCALATE, "CONFLICT")
            case FindingKind.DEAD:
                assert (decision.policy, decision.rule) != finding.rules[0]
            case _:
                assert set(finding.rules[:1]) <= set(_matching(chosen, point))


CATCH_ALL = rule("all", DENY, {}, "ALL")
CASES: dict[str, tuple[tuple[Policy, ...], list[tuple[str, str, tuple[Name, ...]]]]] = {
    "nothing wrong": (
        (policy("p", rule("a", ALLOW, {"consent": Equal(True)}), rule("d", DENY, {"consent": Equal(False)}, "NO")),),
        [],
    ),
    "a gap": ((policy("p", rule("a", ALLOW, {"consent": Equal(True)})),), [("gap", "error", ())]),
    "a gap that is meant": ((policy("p", rule("a", ALLOW, {"consent": Equal(True)}), otherwise_deny=True),), []),
    "a gap that one of two policies does not mean": (
        (
            policy("p", rule("a", ALLOW, {"consent": Equal(True)}), otherwise_deny=True),
            policy("q", rule("a", ALLOW, {"consent": Equal(True), "ward": Equal("icu")}, "OTHER")),
        ),
        [("gap", "error", ()), ("dead", "error", (("q", "a"), ("p", "a")))],
    ),
    "redundant beside a wider rule that comes later": (
        (policy("p", rule("a", ALLOW, {"ward": Equal("icu")}), rule("b", ALLOW, {})),),
        [("redundant", "warning", (("p", "a"), ("p", "b")))],
    ),
    "not redundant when the reason is another": (
        (policy("p", rule("a", ALLOW, {"ward": Equal("icu")}, "OTHER"), rule("b", ALLOW, {})),),
        [],
    ),
    "two allowed actions": (
        (policy("p", rule("a", ALLOW, {}), rule("b", ALLOW, {"ward": Equal("icu")}, "R", SECOND)),),
        [("conflict", "error", (("p", "a"), ("p", "b")))],
    ),
    "two allowed actions where a person is asked anyway": (
        (policy("p", rule("a", ALLOW, {}), rule("b", ALLOW, {}, "R", SECOND), rule("c", ESCALATE, {}, "ASK", THIRD)),),
        [
            ("conflict", "warning", (("p", "c"), ("p", "a"))),
            ("conflict", "warning", (("p", "c"), ("p", "b"))),
            ("dead", "error", (("p", "a"), ("p", "c"))),
            ("dead", "error", (("p", "b"), ("p", "c"))),
        ],
    ),
    "a deny that decides only where a field is missing": (
        (
            policy(
                "p",
                rule("a", DENY, {"consent": Equal(True)}),
                rule("b", DENY, {"consent": Equal(False)}),
                rule("c", DENY, {}, "ALL"),
            ),
        ),
        [("redundant", "warning", (("p", "c"), ("p", "a"), ("p", "b")))],
    ),
    "the stronger wins": (
        (policy("p", rule("a", ALLOW, {}), rule("b", DENY, {"ward": Equal("icu")}, "NO")),),
        [("conflict", "warning", (("p", "b"), ("p", "a")))],
    ),
    "dead under a deny": (
        (policy("p", rule("a", ALLOW, {"ward": Equal("icu")}), CATCH_ALL),),
        [("dead", "error", (("p", "a"), ("p", "all"))), ("conflict", "warning", (("p", "all"), ("p", "a")))],
    ),
    "dead under two that share it": (
        (
            policy(
                "p",
                rule("a", ALLOW, {"severity": Between(0, 2)}),
                rule("b", ALLOW, {"severity": Between(3, 4)}),
                rule("c", ALLOW, {"severity": Between(1, 3)}),
            ),
        ),
        [("dead", "error", (("p", "c"), ("p", "a"), ("p", "b")))],
    ),
    "policies that are never effective together do not conflict": (
        (
            policy("p", rule("a", ALLOW, {}), until=LATE),
            policy("q", rule("a", ALLOW, {}, "R", THIRD), since=LATE),
        ),
        [],
    ),
    "never effective": ((policy("p", CATCH_ALL), policy("q", rule("a", ALLOW, {}), since=LATE, until=EARLY)), []),
    "no value": (
        (policy("p", CATCH_ALL, rule("a", DENY, {"severity": Between(3, 2)}, "NO")),),
        [("unsatisfiable", "error", (("p", "a"),))],
    ),
    "not of the domain": (
        (policy("p", CATCH_ALL, rule("a", DENY, {"ward": OneOf(("moon",))}, "NO")),),
        [("unsatisfiable", "error", (("p", "a"),))],
    ),
    "withdrawn": ((policy("p", rule("a", ALLOW, {"consent": Equal(True)}), withdrawn=True),), []),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_found(name: str) -> None:
    """Without it a kind of finding could vanish, or be told with another severity or of other rules."""
    policies, expected = CASES[name]
    found = [(f.kind.value, f.severity.value, f.rules) for f in lint(selection(*policies))]
    assert sorted(found) == sorted(expected)


def test_findings_have_one_order() -> None:
    """Without it the same policies in other files or another order would be told differently."""
    rules = [rule(f"r{n}", ALLOW, {"severity": Between(n, n)}, "R", SECOND if n % 2 else THIRD) for n in range(4)]
    rules += [rule("wide", DENY, {"severity": Between(0, 3)}, "NO")]
    found = lint(selection(policy("p", *rules), policy("q", rules[0])))
    assert found == lint(selection(policy("q", rules[0]), policy("p", *reversed(rules))))
    assert [f.severity for f in found] == sorted([f.severity for f in found], key=lambda s: s.value)


def test_a_region_reads_as_conditions() -> None:
    """Without it people would be shown one trigger and not how far the gap reaches."""
    allowed = rule("a", ALLOW, {"consent": Equal(True), "severity": Between(0, 2), "ward": OneOf(("icu", "er"))})
    found = lint(selection(policy("p", allowed)))
    assert [str(finding.region) for finding in found] == ["consent: false", "ward: day", "severity: 3..4"]


def test_the_bound_counts_every_visit() -> None:
    """Without it the bound could be passed by searches that are short each."""
    with pytest.raises(TooLarge):
        _spent(5)
    _spent(1_000)


def _spent(bound: int) -> None:
    chosen = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 2), "ward": Equal("er")})))
    space = ground_of([surveyed(chosen, Budget())], TYPE, Budget()).space
    Search(space, Budget(bound)).find(lambda possible, doubt, waiting: None if waiting else False, space.rules)

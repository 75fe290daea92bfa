"""An explanation tells the decision, each rule's obstacle, and the smallest change; never what the trigger said."""

from itertools import combinations, product
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutter.policies.analysis.explanation import MOST_LINES, Explanation, Nearest, Obstacle, RuleState, explain
from cutter.policies.analysis.witnesses import trigger_of
from cutter.policies.domain import Field, FieldValue, Trigger, Whole, Words
from cutter.policies.policy import Between, Equal, OneOf, Pace, Selection, Test, Verdict
from cutter.policies.references import issue
from tests.support.enumerator import (
    Absent,
    Decided,
    Point,
    enumerate_decision,
    enumerate_points,
    fields_of,
    rule_holds,
    values_of,
)
from tests.support.policy_sets import (
    EARLY,
    FIELDS,
    LATE,
    TYPE,
    policy,
    rule,
    selection,
    selections,
    value_in_part,
    witness_of_point,
)

DENY, ESCALATE, ALLOW = Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW


def _explained(chosen: Selection, point: Point) -> Explanation:
    trigger, answers = trigger_of(chosen, witness_of_point(point))
    return explain(chosen, trigger, answers, point.used_up)


def _smallest(chosen: Selection, point: Point, now: Decided) -> int | None:
    """The fewest fields whose change to values of their domains alters verdict or action."""
    fields = fields_of(chosen, TYPE)
    for count in range(1, len(fields) + 1):
        for several in combinations(fields, count):
            for values in product(*[values_of(field) for field in several]):
                changed = point.values | {field.name: value for field, value in zip(several, values, strict=True)}
                other = Point(point.trigger_type, point.as_of, changed, point.used_up)
                if enumerate_decision(chosen, other).effect != now.effect:
                    return count
    return None


@settings(max_examples=60, deadline=None, print_blob=True)
@given(selections(blocked=True), st.data())
def test_the_nearest_change_alters_the_outcome_and_none_is_smaller(chosen: Selection, data: st.DataObject) -> None:
    """Without it people would be told a change that does nothing, or one that is larger than needed."""
    points = list(enumerate_points(chosen, TYPE, whole=True))
    drawn = data.draw(st.sampled_from(points))
    used_up = data.draw(st.sampled_from([frozenset[str](), frozenset(["p0"]), frozenset(["p1"])]))
    point = Point(drawn.trigger_type, drawn.as_of, drawn.values, used_up)
    now, found = enumerate_decision(chosen, point), _explained(chosen, point)
    told = (now.verdict, now.policy, now.rule, now.reason, now.uncertain)
    assert (found.verdict, found.policy, found.rule, found.reason, found.uncertain) == told
    assert found.searched
    assert (len(found.nearest.parts) if found.nearest else None) == _smallest(chosen, point, now)
    if found.nearest is not None:
        _every_value_alters(chosen, point, now, found.nearest)


def _every_value_alters(chosen: Selection, point: Point, now: Decided, nearest: Nearest) -> None:
    domains = {field.name: field for field in fields_of(chosen, TYPE)}
    columns = [[v for v in values_of(domains[p.field]) if value_in_part(p, v)] for p in nearest.parts]
    assert all(columns)
    for values in product(*columns):
        changed = point.values | {part.field: value for part, value in zip(nearest.parts, values, strict=True)}
        other = enumerate_decision(chosen, Point(point.trigger_type, point.as_of, changed, point.used_up))
        assert other.effect != now.effect
        assert (other.verdict, other.policy, other.rule, other.reason) == (
            nearest.verdict,
            nearest.policy,
            nearest.rule,
            nearest.reason,
        )


@settings(max_examples=40, deadline=None, print_blob=True)
@given(selections(blocked=True), st.data())
def test_every_rule_has_its_state(chosen: Selection, data: st.DataObject) -> None:
    """Without it a rule that matched could be told as one that failed, or the other way round."""
    point = data.draw(st.sampled_from(list(enumerate_points(chosen, TYPE, whole=True))))
    if any(each.withdrawn for each in chosen.policies):
        assert _explained(chosen, point).lines == ()
        return
    states = {True: RuleState.YES, False: RuleState.NO, None: RuleState.UNKNOWN}
    effective = {p.id for p in chosen.policies if p.effective_from <= point.as_of < (p.effective_until or "9")}
    for line in _explained(chosen, point).lines:
        (one,) = [r for p in chosen.policies for r in p.rules if (p.id, r.id) == (line.policy, line.rule)]
        expected = states[rule_holds(one, point.values)] if line.policy in effective else RuleState.NO
        assert line.state is expected
        assert (line.obstacle is None) is (line.state is RuleState.YES)
        if line.obstacle in (Obstacle.MISSING, Obstacle.OUTSIDE):
            value = point.values[line.field]
            assert isinstance(value, Absent)
            assert value.why == line.obstacle.value
        if line.obstacle is Obstacle.NOT_MET:
            assert line.needed is not None
            assert not value_in_part(line.needed, point.values[line.field])


def _trigger(as_of: str = EARLY, outside: tuple[str, ...] = (), **values: bool | int | str) -> Trigger:
    fields = tuple(FieldValue(name, values[name]) for name in sorted(values))
    return Trigger(issue("TRG", "0001"), TYPE, as_of, fields, outside)


PATIENT = issue("REC", "0001")
ROUTINE = rule("routine", ALLOW, {"consent": Equal(True), "severity": Between(0, 2)}, "ROUTINE")
NO_CONSENT = rule("no-consent", DENY, {"consent": Equal(False)}, "NO_CONSENT")


def test_no_match_is_explained_too() -> None:
    """Without it the commonest refusal, that nothing matched, would be the one nobody understands."""
    chosen = selection(policy("p", ROUTINE, NO_CONSENT))
    found = explain(chosen, _trigger(consent=True, recipient=PATIENT, severity=4), ())
    assert (found.verdict, found.policy, found.rule, found.reason) == (DENY, "", "", "NO_MATCH")
    assert [(line.rule, line.obstacle, line.field, str(line.needed)) for line in found.lines] == [
        ("no-consent", Obstacle.NOT_MET, "consent", "consent: false"),
        ("routine", Obstacle.NOT_MET, "severity", "severity: 0..2"),
    ]
    assert found.nearest is not None
    assert [str(part) for part in found.nearest.parts] == ["severity: 0..2"]
    assert (found.nearest.verdict, found.nearest.policy, found.nearest.rule) == (ALLOW, "p", "routine")


def test_two_fields_where_one_is_not_enough() -> None:
    """Without it the change would be told that alone does nothing."""
    found = explain(
        selection(policy("p", ROUTINE, NO_CONSENT)), _trigger(consent=False, recipient=PATIENT, severity=4), ()
    )
    assert found.nearest is not None
    assert [str(part) for part in found.nearest.parts] == ["consent: true", "severity: 0..2"]


def test_a_policy_that_is_not_effective_says_when_it_is() -> None:
    """Without it a rule that would match would be shown as failing at nothing."""
    found = explain(selection(policy("p", ROUTINE), policy("q", NO_CONSENT, since=LATE)), _trigger(consent=False), ())
    (line,) = [line for line in found.lines if line.policy == "q"]
    assert (line.state, line.obstacle, str(line.needed)) == (
        RuleState.NO,
        Obstacle.NOT_EFFECTIVE,
        "as_of: 2027-01-01T00:00:00Z..",
    )


def test_what_no_field_can_alter_has_no_nearest_change() -> None:
    """Without it a trigger of a withdrawn policy would be told to change its fields."""
    found = explain(selection(policy("p", ROUTINE, withdrawn=True)), _trigger(consent=True), ())
    assert (found.verdict, found.reason, found.nearest, found.searched) == (DENY, "WITHDRAWN", None, True)


def test_an_answer_outside_its_domain_is_uncertain() -> None:
    """Without it what a view answers would be told as missing although it answered."""
    view = msgspec.structs.replace(selection().views[0], columns=(Field("quota.left", Whole(0, 9)),))
    chosen = selection(policy("p", rule("a", ALLOW, {"quota.left": Between(1, 9)})), views=(view,))
    found = explain(chosen, _trigger(recipient=PATIENT), (FieldValue("quota.left", 10),))
    assert (found.reason, found.lines[0].obstacle) == ("OUTSIDE_DOMAIN", Obstacle.OUTSIDE)
    assert found.nearest is not None
    assert [str(part) for part in found.nearest.parts] == ["quota.left: 0"]


def test_the_pace_is_explained() -> None:
    """Without it an allowed trigger that has to wait would be explained as allowed."""
    chosen = selection(policy("p", rule("a", ALLOW, {"consent": Equal(True)}), pace=Pace(1, 60)))
    found = explain(chosen, _trigger(consent=True, recipient=PATIENT), (), frozenset(["p"]))
    assert (found.verdict, found.reason) == (ESCALATE, "PACE_EXCEEDED")
    assert found.nearest is not None
    assert (found.nearest.verdict, [str(part) for part in found.nearest.parts]) == (DENY, ["consent: false"])


def test_only_the_pace_of_a_policy_that_allows_counts() -> None:
    """Without it the pace of a policy that has nothing to say would be told as what escalates."""
    chosen = selection(
        policy("p", rule("a", ALLOW, {"severity": Equal(1)})),
        policy("q", rule("a", ALLOW, {"severity": Between(1, 2)}), pace=Pace(1, 60)),
        policy("r", NO_CONSENT, pace=Pace(1, 60)),
    )
    denied = _trigger(consent=True, recipient=PATIENT, severity=0)
    found = explain(chosen, denied, (), frozenset(["r"])).nearest
    assert found is not None
    assert (found.verdict, found.policy, found.reason) == (ALLOW, "p", "REASON")
    found = explain(chosen, denied, (), frozenset(["q"])).nearest
    assert found is not None
    assert (found.verdict, found.policy, found.reason) == (ESCALATE, "q", "PACE_EXCEEDED")


OBSTACLES: dict[str, tuple[dict[str, Any], RuleState, Obstacle, str]] = {
    "the first of two that are not met": (
        {"consent": False, "severity": 4, "ward": "er"},
        RuleState.NO,
        Obstacle.NOT_MET,
        "consent",
    ),
    "one that is not met before those that are missing": (
        {"consent": True, "ward": "day"},
        RuleState.NO,
        Obstacle.NOT_MET,
        "ward",
    ),
    "the first of two that are missing": ({"consent": True}, RuleState.UNKNOWN, Obstacle.MISSING, "severity"),
    "what only the action needs": (
        {"consent": True, "severity": 1, "ward": "er"},
        RuleState.UNKNOWN,
        Obstacle.MISSING,
        "recipient",
    ),
}


@pytest.mark.parametrize("name", OBSTACLES)
def test_one_obstacle_is_told(name: str) -> None:
    """Without it a rule would be shown as failing at a condition that is not why it fails."""
    values, state, obstacle, field = OBSTACLES[name]
    one = rule("a", ALLOW, {"consent": Equal(True), "severity": Between(0, 2), "ward": Equal("er")})
    (line,) = explain(selection(policy("p", one)), _trigger(**values), ()).lines
    assert (line.state, line.obstacle, line.field) == (state, obstacle, field)


def test_lines_are_bounded_and_the_decisive_rule_comes_first() -> None:
    """Without it a set of a hundred rules would fill the screen and hide the rule that decided."""
    rules = [rule(f"r{n:02}", ESCALATE, {"severity": Between(0, 1)}, "ASK") for n in range(30)]
    chosen = selection(policy("p", *rules, rule("z", DENY, {"severity": Equal(3)}, "NO")))
    found = explain(chosen, _trigger(severity=3), ())
    assert len(found.lines) == MOST_LINES
    assert found.left_out == 31 - MOST_LINES
    assert (found.lines[0].rule, found.lines[0].state) == ("z", RuleState.YES)


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.items() for each in item for text in _strings(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _strings(each)]
    return [str(value)]


def test_nothing_that_the_trigger_said_is_told() -> None:
    """Without it an explanation would be a way to read triggers."""
    reference, moment = issue("REC", "CANARY77"), "2026-03-03T03:03:03Z"
    fields = tuple(Field("severity", Whole(0, 1000)) if f.name == "severity" else f for f in FIELDS)
    chosen = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 2), "ward": Equal("er")})), fields=fields)
    trigger = _trigger(recipient=reference, seen_at=moment, severity=777, ward="day", as_of=moment)
    told = _strings(msgspec.to_builtins(explain(chosen, trigger, ())))
    assert "NO_MATCH" in told
    assert {reference, moment, "777", "day", trigger.id}.isdisjoint(told)


def test_too_much_to_look_for_is_said() -> None:
    """Without it an explanation could run for hours, or claim that nothing alters the outcome."""
    chosen, trigger = _large()
    found = explain(chosen, trigger, ())
    assert (found.nearest, found.searched, found.reason) == (None, False, "NO_MATCH")


def _large() -> tuple[Selection, Trigger]:
    """A set in which only a change of very many fields alters the outcome."""
    names = [f"f{n:02}" for n in range(22)]
    fields = tuple(Field(name, Words(("a", "b", "c"))) for name in names)
    needed: dict[str, Test] = {name: OneOf(("b", "c")) for name in names}
    only = policy("p", rule("only", ESCALATE, needed, "ALL"))
    trigger = Trigger(issue("TRG", "0001"), TYPE, EARLY, tuple(FieldValue(name, "a") for name in names))
    return selection(only, fields=fields, views=()), trigger

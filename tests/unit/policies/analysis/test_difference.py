"""A difference is every point at which two selections decide otherwise, and nothing else."""

import msgspec
import pytest
from hypothesis import given, settings

from cutter.policies.analysis.difference import Difference, Outcome, difference
from cutter.policies.analysis.regions import TooLarge
from cutter.policies.analysis.witnesses import trigger_of
from cutter.policies.domain import Field, Truth, Whole, Words
from cutter.policies.evaluation import decide
from cutter.policies.policy import Between, Equal, OneOf, Pace, Selection, Verdict, View
from tests.support.enumerator import Absent, Point, enumerate_decision, enumerate_points
from tests.support.policy_sets import (
    FIELDS,
    FIRST,
    QUOTA,
    SECOND,
    TYPE,
    in_region,
    point_of_witness,
    policy,
    rule,
    selection,
    selections,
)

DENY, ESCALATE, ALLOW = Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW


@settings(max_examples=20, deadline=None, print_blob=True)
@given(selections(blocked=True), selections(blocked=True))
def test_the_regions_are_all_that_changes(old: Selection, new: Selection) -> None:
    """Without it a trigger could be newly allowed that no region holds, and a second person sign what is not all."""
    found = difference(old, new)
    held: dict[int, list[Point]] = {number: [] for number in range(len(found.changes))}
    for point in enumerate_points(_both(old, new), TYPE, whole=True):
        told = [_told(each, point) for each in (old, new)]
        holding = [number for number in held for each in found.changes[number].regions if in_region(each, point)]
        assert len(holding) == (told[0] != told[1])
        for number in holding:
            assert [found.changes[number].before, found.changes[number].after] == told
            held[number].append(point)
    for number, change in enumerate(found.changes):
        points = held[number]
        complete = [point for point in points if not any(isinstance(each, Absent) for each in point.values.values())]
        assert point_of_witness(change.witness) in points
        assert not complete or point_of_witness(change.witness) == complete[0], "the smallest"
        for each, outcome in ((old, change.before), (new, change.after)):
            trigger, answers = trigger_of(each, change.witness)
            decision = decide(each, trigger, answers, frozenset())
            assert outcome is not None
            assert (decision.verdict, decision.action) == (outcome.verdict, outcome.action)


def _both(old: Selection, new: Selection) -> Selection:
    """All times of both."""
    return msgspec.structs.replace(old, policies=old.policies + new.policies)


def _told(chosen: Selection, point: Point) -> Outcome:
    """What is decided, with every pace that could escalate it."""
    decided = enumerate_decision(chosen, point)
    if decided.verdict is not ALLOW:
        return Outcome(decided.verdict, decided.action)
    paces = {each.id: each.limits.pace for each in chosen.policies if each.limits.pace is not None}
    used_up = {name: Point(point.trigger_type, point.as_of, point.values, frozenset([name])) for name in sorted(paces)}
    able = [name for name, there in used_up.items() if enumerate_decision(chosen, there) != decided]
    return Outcome(ALLOW, decided.action, paces.get(decided.policy), tuple((name, paces[name]) for name in able))


ONE = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 2)}), rule("no", DENY, {"consent": Equal(False)})))


def test_equal_selections_differ_in_nothing() -> None:
    """Without it a person would be asked to sign nothing."""
    other = msgspec.structs.replace(ONE, policies=tuple(reversed(ONE.policies)))
    assert difference(ONE, other).changes == ()


def test_rules_that_are_written_otherwise_and_decide_alike_are_no_change() -> None:
    """Without it every tidying would look like a change of what is allowed."""
    split = selection(
        policy(
            "q",
            rule("low", ALLOW, {"severity": Between(0, 1)}),
            rule("two", ALLOW, {"severity": Equal(2)}),
            rule("no", DENY, {"consent": Equal(False)}, "OTHER"),
        )
    )
    assert difference(ONE, split).changes == ()


def test_newly_allowed() -> None:
    """Without it a second person would not be asked, or be asked for what is only denied."""
    wider = selection(
        policy("p", rule("a", ALLOW, {"severity": Between(0, 3)}), rule("no", DENY, {"consent": Equal(False)}))
    )
    (change,) = difference(ONE, wider).newly_allowed
    assert (change.before, change.after) == (Outcome(DENY), Outcome(ALLOW, FIRST))
    assert [str(region) for region in change.regions] == [
        "as_of: 2026-01-01T00:00:00Z.., consent: true, recipient: given, severity: 3"
    ]
    assert difference(wider, ONE).newly_allowed == ()


PACES: dict[str, tuple[Pace | None, Pace | None, bool | None]] = {
    "none to none": (None, None, None),
    "slower": (Pace(5, 60), Pace(4, 60), False),
    "over a longer time": (Pace(5, 60), Pace(5, 120), False),
    "faster": (Pace(5, 60), Pace(6, 60), True),
    "over a shorter time": (Pace(5, 60), Pace(5, 30), True),
    "dropped": (Pace(5, 60), None, True),
    "added": (None, Pace(5, 60), False),
}


@pytest.mark.parametrize("name", PACES)
def test_a_pace_is_part_of_what_is_allowed(name: str) -> None:
    """Without it a policy could be let off its pace without anybody being asked."""
    before, after, newly = PACES[name]
    sets = [selection(policy("p", rule("a", ALLOW, {}), pace=pace)) for pace in (before, after)]
    assert [change.newly_allowed for change in difference(*sets).changes] == ([] if newly is None else [newly])


def test_every_policy_that_allows_has_its_pace() -> None:
    """Without it the pace of a second policy could be dropped unseen while the first one keeps its own."""
    one, two = rule("a", ALLOW, {}), rule("a", ALLOW, {"consent": Equal(True)})
    paced = [policy("p", one, pace=Pace(5, 60)), policy("q", two, pace=Pace(2, 60))]
    (change,) = difference(selection(*paced), selection(paced[0], policy("q", two))).newly_allowed
    assert change.before == Outcome(ALLOW, FIRST, Pace(5, 60), (("p", Pace(5, 60)), ("q", Pace(2, 60))))
    assert change.after == Outcome(ALLOW, FIRST, Pace(5, 60), (("p", Pace(5, 60)),))
    assert "consent: true" in str(change.regions[0])


def test_the_witness_says_everything_where_it_can() -> None:
    """Without it a change of ordinary triggers would be shown by one whose field is missing."""
    old = selection(policy("p", rule("all", DENY, {}, "NO")))
    ask = rule("ask", ESCALATE, {"consent": Equal(True)}, "ASK")
    no = rule("no", DENY, {"consent": Equal(False), "severity": Equal(4)}, "NO")
    (change,) = difference(old, selection(policy("p", ask, no))).changes
    assert change.after == Outcome(ESCALATE)
    assert "consent: false, severity: missing | outside" in [str(each).partition(", ")[2] for each in change.regions]
    assert (change.witness.missing, change.witness.outside) == ((), ())


def test_what_people_were_asked_and_are_asked_no_more_is_newly_allowed() -> None:
    """Without it a question could be dropped without a second person."""
    asked = selection(policy("p", rule("a", ESCALATE, {}, "ASK", FIRST)))
    allowed = selection(policy("p", rule("a", ALLOW, {}, "OK", FIRST)))
    (change,) = difference(asked, allowed).newly_allowed
    assert (change.before, change.after) == (Outcome(ESCALATE, FIRST), Outcome(ALLOW, FIRST))
    assert difference(allowed, asked).newly_allowed == ()


@pytest.mark.parametrize("bound", ["MOST_REGIONS", "MOST_STATES"])
def test_beyond_the_bound_nothing_is_claimed(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a difference could be signed of which a part was left out."""
    wider = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 3), "ward": Equal("er")})))
    monkeypatch.setattr(f"cutter.policies.analysis.diagrams.{bound}", 2)
    with pytest.raises(TooLarge):
        difference(ONE, wider)


def test_another_action_is_newly_allowed() -> None:
    """Without it a message could be exchanged for another one that nobody agreed to."""
    other = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 2)}, action=SECOND)))
    mine = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 2)})))
    assert any(
        change.newly_allowed and change.after == Outcome(ALLOW, SECOND) for change in difference(mine, other).changes
    )


def test_a_new_type_and_one_that_vanished() -> None:
    """Without it a whole type could become allowed without a trace."""
    other = selection(policy("p", rule("a", ALLOW, {}), triggers=("lab.other",)), name="lab.other")
    found = difference(ONE, other)
    allowed = Outcome(ALLOW, FIRST)
    told = {(c.trigger_type, c.before, c.after) for c in found.changes}
    assert ("lab.other", None, allowed) in told
    assert (TYPE, allowed, None) in told
    assert ("lab.other", None, Outcome(DENY)) in told
    assert (TYPE, Outcome(DENY), None) in told
    assert {c.newly_allowed for c in found.changes if c.after == allowed} == {True}
    assert not any(c.newly_allowed for c in found.changes if c.trigger_type == TYPE)


CHANGED_FIELDS: dict[str, tuple[Field, str]] = {
    "a wider number": (Field("severity", Whole(0, 6)), "severity: 5..6"),
    "another word": (Field("ward", Words(("icu", "er", "day", "home"))), "ward: home"),
    "a new field": (Field("urgent", Truth()), "urgent: false | true"),
}


@pytest.mark.parametrize("name", CHANGED_FIELDS)
def test_a_domain_that_changed_is_part_of_the_difference(name: str) -> None:
    """Without it a value that was uncertain or refused would be decided on silently."""
    field, expected = CHANGED_FIELDS[name]
    others = [each for each in FIELDS if each.name != field.name]
    fields = tuple(sorted([*others, field], key=lambda each: each.name))
    rules = policy(
        "p",
        rule("a", ALLOW, {"severity": Between(0, 4)}),
        rule("no", DENY, {"ward": Equal("icu")}),
    )
    new = selection(rules, fields=fields)
    old = selection(rules)
    found = difference(old, new)
    told = [str(region) for change in found.changes for region in change.regions]
    assert any(expected in text for text in told)
    for change in found.changes:
        for side, outcome in ((old, change.before), (new, change.after)):
            trigger, answers = trigger_of(new, change.witness)
            if side is old:
                inside = {each.name: each.domain for each in FIELDS}
                trigger, answers = trigger_of(old, change.witness)
                if not {item.name for item in change.witness.fields} <= inside.keys() | {"quota.left"}:
                    continue  # a field that it does not know: refused before it is evaluated
            decision = decide(side, trigger, answers, frozenset())
            assert outcome is not None
            assert (decision.verdict, decision.action) == (outcome.verdict, outcome.action)


def test_a_field_whose_kind_changed() -> None:
    """Without it a value that one selection refuses could be compared as if both understood it."""
    fields = tuple(Field("ward", Whole(1, 2)) if each.name == "ward" else each for each in FIELDS)
    old = selection(policy("p", rule("a", ALLOW, {"ward": OneOf(("icu", "er"))})))
    new = selection(policy("p", rule("a", ALLOW, {"ward": Equal(2)})), fields=fields)
    told = {
        (str(region).partition("ward: ")[2].partition(",")[0], change.before, change.after)
        for change in difference(old, new).changes
        for region in change.regions
        if change.before and change.after and ALLOW in (change.before.verdict, change.after.verdict)
    }
    assert told == {("icu | er", Outcome(ALLOW, FIRST), Outcome(DENY)), ("2", Outcome(DENY), Outcome(ALLOW, FIRST))}


def test_a_view_or_template_with_another_text_is_told() -> None:
    """Without it the same column could come to mean something else under an unchanged name."""
    view = View("quota", "1.1", False, "SELECT false", (), QUOTA.columns, "1" * 64)
    new = selection(*ONE.policies, views=(view,))
    found = difference(ONE, new)
    assert [(each.kind, each.id, each.before_version, each.after_version) for each in found.replaced] == [
        ("view", "quota", "1.0", "1.1")
    ]


def test_what_is_signed_is_bound_to_both_selections() -> None:
    """Without it a yes to one difference could be used for another one that looks alike."""
    wider = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 3)})))
    found = difference(ONE, wider)
    assert found.sha256 == difference(ONE, wider).sha256
    other = difference(ONE, msgspec.structs.replace(wider, sha256="1" * 64))
    assert other.sha256 != found.sha256
    assert msgspec.json.decode(found.body, type=Difference) == found

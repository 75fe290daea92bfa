"""The score of tables is exact: a mutant is killed, decides everything alike, or the missing row tells it apart."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cutter.policies.analysis.mutants import OTHER, Mutant, MutationKind, Surroundings, mutants_of
from cutter.policies.analysis.mutation import generate, mutate
from cutter.policies.analysis.selections import fields_of_type
from cutter.policies.analysis.tables import Expected, Row, Table, action_text, rule_text, run_tables
from cutter.policies.domain import FieldValue
from cutter.policies.policy import Between, Equal, OneOf, Policy, Rule, Selection, Template, Verdict
from tests.support.enumerator import GIVEN, MISSING, OUTSIDE, Decided, Point, enumerate_decision, enumerate_points
from tests.support.policy_sets import EARLY, FIELDS, FIRST, SECOND, TYPE, policy, rule, selection, selections

DENY, ESCALATE, ALLOW = Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW


def _mutants(chosen: Selection) -> list[tuple[Mutant, Selection]]:
    """Every mutant with the whole mutated selection."""
    fields = fields_of_type(chosen, TYPE)
    actions = {r.action for p in chosen.policies for r in p.rules if r.action is not None}
    around = Surroundings(
        {field.name: field.domain for field in fields},
        frozenset(field.name for field in FIELDS),
        sorted(actions, key=action_text),
        [template for template in chosen.templates if not template.withdrawn],
    )
    return [
        (mutant, _mutated(chosen, each, one, changed))
        for each in chosen.policies
        for one in each.rules
        for mutant, changed in mutants_of(each.id, one, around)
    ]


def _mutated(chosen: Selection, each: Policy, one: Rule, changed: Rule) -> Selection:
    rules = tuple(changed if other is one else other for other in each.rules)
    other_policy = msgspec.structs.replace(each, rules=rules)
    policies = tuple(other_policy if other is each else other for other in chosen.policies)
    templates = chosen.templates
    if changed.action is not None and changed.action.template_version.endswith(
        OTHER
    ):  # it stands for one that is there
        assumed = Template(
            changed.action.template,
            changed.action.template_version,
            False,
            changed.action.operation,
            "en",
            "",
            "",
            (),
            "0" * 64,
        )
        templates = (assumed, *templates)
    return msgspec.structs.replace(chosen, policies=policies, templates=templates)


def _told(decided: Decided, *, action: bool = True) -> tuple[object, ...]:
    return decided.verdict, decided.policy, decided.rule, decided.reason, decided.action if action else None


def _point(row: Row) -> Point:
    values: dict[str, object] = {field.name: MISSING for field in (*FIELDS, selection().views[0].columns[0])}
    values |= {item.name: item.value for item in row.fields}
    values |= dict.fromkeys(row.given, GIVEN) | dict.fromkeys(row.outside, OUTSIDE)
    return Point(row.trigger_type, row.as_of, values)  # type: ignore[arg-type]


def _filled(chosen: Selection, row: Row, *, do: bool = True) -> Row:
    """A row with what an owner would write: here, what is decided."""
    decided = enumerate_decision(chosen, _point(row))
    text = action_text(decided.action) if do else None
    expect = Expected(decided.verdict, rule_text(decided.policy, decided.rule), decided.reason, text)
    return msgspec.structs.replace(row, expect=expect)


def _table(chosen: Selection, rows: tuple[Row, ...]) -> Table:
    return Table("t", tuple((each.id, each.version) for each in chosen.policies), rows)


@settings(max_examples=12, deadline=None, print_blob=True)
@given(selections(blocked=True), st.data())
def test_what_is_called_equivalent_decides_every_point_alike(chosen: Selection, data: st.DataObject) -> None:
    """Without it a mutant that opens a hole could be written off, and tables called complete."""
    survivors = {each.mutant: each.row for each in mutate(chosen, ()).survivors}
    points = [(point, _told(enumerate_decision(chosen, point))) for point in enumerate_points(chosen, TYPE, whole=True)]
    if any(each.withdrawn for each in chosen.policies):
        assert survivors == {}
        return
    mutants = _mutants(chosen)
    assert mutate(chosen, ()).mutants == len({mutant for mutant, _ in mutants})
    for mutant, mutated in data.draw(st.lists(st.sampled_from(mutants), max_size=10)):
        row = survivors.get(mutant)
        if row is not None:
            assert _told(enumerate_decision(mutated, _point(row))) != _told(enumerate_decision(chosen, _point(row)))
        else:
            assert [point for point, told in points if _told(enumerate_decision(mutated, point)) != told] == []


@settings(max_examples=25, deadline=None, print_blob=True)
@given(selections(blocked=True))
def test_generated_rows_kill_every_mutant_that_is_not_equivalent(chosen: Selection) -> None:
    """Without it an owner who fills in all generated rows could still have missed something."""
    rows = generate(chosen)
    assert {row.expect for row in rows} <= {Expected(None, "", "")}
    table = _table(chosen, tuple(_filled(chosen, row) for row in rows))
    assert not [failure for failure in run_tables(chosen, (table,)).failures if failure.row]
    score = mutate(chosen, (table,))
    assert score.survivors == ()
    assert score.complete
    assert score.killed + score.equivalent == score.mutants
    assert score.equivalent == mutate(chosen, ()).equivalent


@settings(max_examples=12, deadline=None, print_blob=True)
@given(selections(blocked=True), st.data())
def test_the_score_is_what_running_the_tables_on_each_mutant_gives(chosen: Selection, data: st.DataObject) -> None:
    """Without it a mutant could be called killed although every row holds for it."""
    do = data.draw(st.booleans())
    points = list(enumerate_points(chosen, TYPE, whole=True))
    drawn = data.draw(st.lists(st.sampled_from(points), min_size=1, max_size=6))
    rows = [_filled(chosen, _row(point), do=do) for point in drawn]
    score = mutate(chosen, (_table(chosen, tuple(rows)),))
    killed = {
        mutant
        for mutant, mutated in _mutants(chosen)
        if not any(each.withdrawn for each in chosen.policies)
        for row in rows
        if _told(enumerate_decision(mutated, _point(row)), action=do)
        != _told(enumerate_decision(chosen, _point(row)), action=do)
    }
    assert score.killed == len(killed)
    assert killed.isdisjoint({survivor.mutant for survivor in score.survivors})


def _row(point: Point) -> Row:
    fields = tuple(
        FieldValue(name, value)
        for name, value in sorted(point.values.items())
        if value not in (MISSING, OUTSIDE, GIVEN) and isinstance(value, str | int)
    )
    given = tuple(sorted(name for name, value in point.values.items() if value == GIVEN))
    outside = tuple(sorted(name for name, value in point.values.items() if value == OUTSIDE))
    return Row(point.trigger_type, point.as_of, fields, given, outside, Expected(None, "", ""))


CHOSEN = selection(
    policy(
        "p",
        rule("a", ALLOW, {"severity": Between(1, 3), "ward": OneOf(("icu", "er"))}, "R", SECOND),
        rule("b", DENY, {"consent": Equal(False)}, "NO"),
        rule("c", ESCALATE, {"ward": Equal("day")}, "ASK"),
    )
)


def test_every_kind_of_change_is_made() -> None:
    """Without it a kind of mistake could never be tried, and the score would say nothing of it."""
    made = sorted((m.rule, m.kind.value, m.field, m.detail) for m, _ in _mutants(CHOSEN))
    assert made == sorted(
        [
            ("a", "verdict", "", "deny"),
            ("a", "verdict", "", "escalate"),
            ("a", "condition_dropped", "severity", ""),
            ("a", "bound", "severity", "0..3"),
            ("a", "bound", "severity", "2..3"),
            ("a", "bound", "severity", "1..2"),
            ("a", "bound", "severity", "1..4"),
            ("a", "condition_dropped", "ward", ""),
            ("a", "value_removed", "ward", "er"),
            ("a", "value_removed", "ward", "icu"),
            ("a", "value_added", "ward", "icu | er | day"),
            ("a", "value_swapped", "ward", "day | er"),
            ("a", "value_swapped", "ward", "icu | day"),
            ("a", "reason", "", "R_OTHER"),
            ("a", "action", "", "ready@1.0_OTHER"),
            ("b", "verdict", "", "escalate"),
            ("b", "verdict", "", "allow"),
            ("b", "condition_dropped", "consent", ""),
            ("b", "value_swapped", "consent", "true"),
            ("b", "reason", "", "NO_OTHER"),
            ("c", "verdict", "", "deny"),
            ("c", "verdict", "", "allow"),
            ("c", "condition_dropped", "ward", ""),
            ("c", "value_swapped", "ward", "icu"),
            ("c", "value_swapped", "ward", "er"),
            ("c", "value_added", "ward", "day | icu"),
            ("c", "value_added", "ward", "day | er"),
            ("c", "reason", "", "ASK_OTHER"),
        ]
    )
    assert {kind.value for kind in MutationKind} == {kind for _, kind, _, _ in made}


def test_other_recipients_and_slots_are_tried() -> None:
    """Without it a message to the wrong person would be a change that nobody tried."""
    own = next(field for field in FIELDS if field.name == "recipient")
    others = [msgspec.structs.replace(own, name="other"), msgspec.structs.replace(FIELDS[-1], name="unit")]
    fields = sorted([*FIELDS, *others], key=lambda field: field.name)
    around = Surroundings(
        {field.name: field.domain for field in fields}, frozenset(field.name for field in fields), [SECOND], ()
    )
    changed = [m for m, _ in mutants_of("p", CHOSEN.policies[0].rules[0], around) if m.kind is MutationKind.ACTION]
    assert [(m.field, m.detail) for m in changed] == [
        ("", "ready@1.0_OTHER"),
        ("recipient", "other"),
        ("ward", "ward=unit"),
    ]


def test_a_row_that_does_not_pin_the_action_does_not_kill_another_action() -> None:
    """Without it a table could be called complete although a message to somebody else would pass."""
    rows = generate(CHOSEN)
    loose = _table(CHOSEN, tuple(_filled(CHOSEN, row, do=False) for row in rows))
    kinds = {survivor.mutant.kind for survivor in mutate(CHOSEN, (loose,)).survivors}
    assert kinds == {MutationKind.ACTION}


def _kinds(chosen: Selection) -> list[tuple[str, str, str]]:
    return [(mutant.kind.value, mutant.field, mutant.detail) for mutant, _ in _mutants(chosen)]


def test_mutants_are_rules_that_a_file_could_hold() -> None:
    """Without it the score would count changes that nobody can make, and that any row notices."""
    point = selection(policy("p", rule("a", DENY, {"severity": Between(2, 2)})))
    made = [detail for kind, _, detail in _kinds(point) if kind == "bound"]
    assert made == ["1..2", "2..3"]
    whole = selection(policy("p", rule("a", DENY, {"severity": Between(0, 4)})))
    assert [detail for kind, _, detail in _kinds(whole) if kind == "bound"] == ["1..4", "0..3"]
    assert [detail for kind, _, detail in _kinds(whole) if kind == "verdict"] == ["escalate"], "there is no action"


def test_a_mutant_that_only_a_missing_field_shows_is_not_equivalent() -> None:
    """Without it a rule that protects incomplete triggers could be dropped as if it did nothing."""
    chosen = selection(policy("p", rule("ask", ESCALATE, {}, "ASK"), rule("z", ALLOW, {"consent": Equal(True)}, "OK")))
    survivors = {(s.mutant.rule, s.mutant.kind): s.row for s in mutate(chosen, ()).survivors}
    row = survivors["z", MutationKind.CONDITION_DROPPED]
    assert len(row.fields) + len(row.given) < len(fields_of_type(chosen, TYPE))


def test_outside_is_not_missing() -> None:
    """Without it a row about a value outside its domain would be read as one about a missing field."""
    chosen = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 2), "ward": Equal("er")})))
    row = _filled(chosen, Row(TYPE, EARLY, (), ("recipient",), ("severity",), Expected(None, "", "")))
    assert row.expect.reason == "MISSING_FIELD"
    survivors = {(s.mutant.kind, s.mutant.field) for s in mutate(chosen, (_table(chosen, (row,)),)).survivors}
    assert (MutationKind.CONDITION_DROPPED, "ward") not in survivors
    assert (MutationKind.CONDITION_DROPPED, "severity") in survivors


def test_another_template_is_not_blocked_by_the_first() -> None:
    """Without it a mutant that sends another message where nothing may be sent would be called equivalent."""
    chosen = selection(policy("p", rule("a", ALLOW, {})))
    note, ready = chosen.templates
    templates = (note, msgspec.structs.replace(ready, id="other"), msgspec.structs.replace(ready, withdrawn=True))
    blocked = msgspec.structs.replace(chosen, templates=templates)
    kinds = {survivor.mutant.kind for survivor in mutate(blocked, ()).survivors}
    assert MutationKind.ACTION in kinds


def test_a_mutant_counts_in_every_type_of_its_policy() -> None:
    """Without it a mutant that one type shows could be written off because another does not."""
    both = (TYPE, "lab.zz_other")
    chosen = selection(
        policy("p", rule("a", DENY, {"severity": Between(0, 1)}, "NO"), triggers=both),
        policy("a", rule("all", DENY, {}, "ALL"), triggers=("lab.zz_other",)),
    )
    kinds = tuple(msgspec.structs.replace(chosen.triggers.types[0], name=name) for name in both)
    chosen = msgspec.structs.replace(chosen, triggers=msgspec.structs.replace(chosen.triggers, types=kinds))
    found = {(s.mutant.policy, s.mutant.detail): s.row for s in mutate(chosen, ()).survivors}
    assert found["p", "0..2"].trigger_type == TYPE
    row = _filled(chosen, found["p", "0..2"])
    score = mutate(chosen, (_table(chosen, (row,)),))
    assert ("p", "0..2") not in {(s.mutant.policy, s.mutant.detail) for s in score.survivors}
    assert score.killed > 0
    assert score.killed + score.equivalent + len(score.survivors) == score.mutants
    assert score.equivalent == mutate(chosen, ()).equivalent


def test_one_row_a_rule_is_not_enough() -> None:
    """Without it a table that witnesses every rule once could look complete."""
    chosen = selection(policy("p", rule("a", ALLOW, {"severity": Between(0, 2)}, "R", FIRST)))
    witness = _row(next(point for point in enumerate_points(chosen, TYPE, whole=False) if point.as_of == EARLY))
    table = _table(chosen, (_filled(chosen, witness),))
    assert run_tables(chosen, (table,)).passed
    score = mutate(chosen, (table,))
    missing = [(s.mutant.kind, s.mutant.detail, {i.name: i.value for i in s.row.fields}) for s in score.survivors]
    quiet = {"consent": False, "quota.left": False, "ward": "icu"}
    assert missing == [
        (MutationKind.BOUND, "0..1", quiet | {"severity": 2}),
        (MutationKind.BOUND, "0..3", quiet | {"severity": 3}),
        (MutationKind.CONDITION_DROPPED, "", quiet | {"severity": 3}),
    ]


def test_the_score_has_one_order() -> None:
    """Without it the same tables would be told differently on another day."""
    other = msgspec.structs.replace(CHOSEN, policies=tuple(reversed(CHOSEN.policies)))
    assert mutate(other, ()) == mutate(CHOSEN, ())
    assert generate(other) == generate(CHOSEN)

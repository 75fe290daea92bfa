"""Tables of tests and invariants, from their files: what is read, and every mistake at its place."""

from pathlib import Path

import pytest

from cutter.custody.policies import load_selection
from cutter.custody.policy_invariants import read_invariants
from cutter.custody.policy_places import find_places
from cutter.custody.policy_tables import read_table, written_table
from cutter.policies.analysis.invariants import Claim
from cutter.policies.analysis.tables import Expected, Row
from cutter.policies.domain import FieldValue
from cutter.policies.policy import Between, Condition, Equal, OneOf, Verdict
from cutter.stops import Stop, StopCode
from tests.support.policy_folders import GOOD, write_policies

TABLE, INVARIANTS = "tests/ready.yaml", "invariants.yaml"
ROW = "  - fields: {consent: false, severity: 0, ward: north, recent.under_limit: true}\n"


def test_a_table_is_read(tmp_path: Path) -> None:
    """Without it a row could be asked at another time, or without what the table says of all rows."""
    found = read_table(write_policies(tmp_path) / TABLE, "ready")
    row = found.table.rows[0]

    assert (found.table.name, found.table.policies, len(found.table.rows)) == ("ready", (("result-ready", "1.0"),), 4)
    assert (row.trigger_type, row.as_of, row.given) == ("lab.result_ready", "2026-03-01T00:00:00Z", ("patient",))
    assert [item.name for item in row.fields] == ["consent", "recent.under_limit", "severity", "ward"]
    assert row.expect == Expected(Verdict.DENY, "result-ready/no-consent", "NO_CONSENT", None)
    assert found.places[1].endswith("tests/ready.yaml:7:5")


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        (ROW, f"{ROW}    trigger: lab.other\n", "trigger_type", "lab.other"),
        (ROW, f'{ROW}    as_of: "2027-01-01T00:00:00Z"\n', "as_of", "2027-01-01T00:00:00Z"),
        (ROW, f"{ROW}    given: []\n", "given", ()),
        (ROW, f"{ROW}    outside: [ward, age]\n", "outside", ("age", "ward")),
    ],
)
def test_a_row_can_say_otherwise(tmp_path: Path, old: str, new: str, field: str, value: object) -> None:
    """Without it the table's own words would win, and the row would test something else than it says."""
    folder = write_policies(tmp_path, (old, new), file=TABLE)
    first, second = read_table(folder / TABLE, "").table.rows[:2]

    assert getattr(first, field) == value
    assert getattr(second, field) != value


@pytest.mark.parametrize(
    ("old", "new", "detail", "place"),
    [
        ("trigger: lab.result_ready\n", "", "missing_key", "6:5"),
        ('as_of: "2026-03-01T00:00:00Z"\n', "", "missing_key", "6:5"),
        ("decision: deny", "decision: perhaps", "wrong_value", ""),
        ("reason: NO_CONSENT", "reason: no consent", "wrong_value", ""),
        ("result-ready/no-consent", "no-consent", "wrong_value", ""),
        ('"2026-03-01T00:00:00Z"', "tomorrow", "wrong_value", ""),
        ("    expect: {decision: deny, rule: result-ready/no-consent, reason: NO_CONSENT}\n", "", "missing_key", "7:5"),
        ("given: [patient]", "givn: [patient]", "unknown_key", "5:1"),
        ("cutter.policy-tests/1", "cutter.policy-tests/2", "newer_format", "1:1"),
    ],
)
def test_a_mistake_in_a_table(tmp_path: Path, old: str, new: str, detail: str, place: str) -> None:
    """Without it a row could be left out, or ask what nobody meant, and the table would be green."""
    folder = write_policies(tmp_path, (old, new), file=TABLE)
    with pytest.raises(Stop) as refused:
        read_table(folder / TABLE, "")

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
    assert f"ready.yaml:{place}" in refused.value.where


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Without it generated rows would have to be mended by hand before they are read."""
    selection = load_selection(write_policies(tmp_path))
    fields = (FieldValue("consent", False), FieldValue("severity", 3), FieldValue("ward", "no"))
    empty = Expected(None, "", "", None)
    rows = (
        Row("lab.result_ready", "2026-01-01T00:00:00Z", fields, ("patient",), (), empty),
        Row("lab.result_ready", "1970-01-01T00:00:00Z", (), (), ("severity", "ward"), empty),
    )
    path = tmp_path / "written.yaml"
    path.write_text(written_table(rows, selection), encoding="utf-8")
    found = read_table(path, "").table

    assert found.rows == rows
    assert found.policies == (("result-ready", "1.0"),)
    path.write_text(written_table((), selection), encoding="utf-8")
    assert read_table(path, "").table.rows == ()


def test_invariants_are_read(tmp_path: Path) -> None:
    """Without it something else would be proved than what the file says."""
    text = """\
format: cutter.invariants/1
invariants:
  - {id: first, when: {consent: false, severity: {at_least: 7}, ward: {one_of: [north]}}, never: [allow, escalate]}
  - {id: second, triggers: [lab.result_ready], when: {severity: {at_most: 2}}, always: [deny]}
  - {id: third, never: [deny]}
"""
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    first, second, third = read_invariants(tmp_path / "own.yaml", load_selection(write_policies(tmp_path / "p")))

    assert first.when == (
        Condition("consent", Equal(False)),
        Condition("severity", Between(7, 10)),
        Condition("ward", OneOf(("north",))),
    )
    assert (first.claim, first.verdicts, first.triggers) == (Claim.NEVER, (Verdict.ALLOW, Verdict.ESCALATE), ())
    assert (second.claim, second.verdicts, second.triggers) == (Claim.ALWAYS, (Verdict.DENY,), ("lab.result_ready",))
    assert second.when == (Condition("severity", Between(0, 2)),)
    assert (third.when, third.claim) == ((), Claim.NEVER)


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ("when: {consent: false}", "when: {consnt: false}", "unknown_field"),
        ("when: {consent: false}", "when: {recent.count: 1}", "unknown_field"),
        ("when: {consent: false}", "when: {consent: 0}", "wrong_type"),
        ("when: {consent: false}", "when: {severity: 11}", "outside_domain"),
        ("when: {consent: false}", "when: {severity: true}", "wrong_type"),
        ("when: {consent: false}", "when: {ward: {one_of: [east]}}", "outside_domain"),
        ("when: {consent: false}", "when: {severity: {at_most: 11}}", "outside_domain"),
        ("when: {consent: false}", "when: {severity: {at_least: 7, at_most: 6}}", "empty_range"),
        ("when: {consent: false}", "when: {ward: {at_least: 7}}", "wrong_type"),
        ("when: {consent: false}", "when: {severity: {one_of: [1], at_least: 0}}", "wrong_value"),
        ("when: {consent: false}", "when: {severity: {}}", "wrong_value"),
        ("when: {consent: false}", "when: {patient: x}", "not_finite"),
        ("    never: [allow]\n  - id: severe", "    x: 1\n  - id: severe", "unknown_key"),
        ("    never: [allow]\n  - id: severe", "  - id: severe", "missing_key"),
        ("    never: [allow]\n  - id: severe", "    never: [allow]\n    always: [deny]\n  - id: severe", "missing_key"),
        ("    never: [allow]\n  - id: severe", "    never: []\n  - id: severe", "wrong_value"),
        ("triggers: [lab.result_ready]", "triggers: [lab.other]", "unknown_trigger_type"),
        ("id: severe-is-seen-by-a-person", "id: never-without-consent", "duplicate_id"),
    ],
)
def test_a_mistake_in_invariants(tmp_path: Path, old: str, new: str, detail: str) -> None:
    """Without it an invariant could be about nothing, and hold."""
    folder = write_policies(tmp_path, (old, new), file=INVARIANTS)
    with pytest.raises(Stop) as refused:
        read_invariants(folder / INVARIANTS, load_selection(folder))

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
    assert "invariants.yaml:" in refused.value.where


def test_domains_that_differ_are_refused(tmp_path: Path) -> None:
    """Without it a bound could mean one thing of one type of trigger and another of the next."""
    second = "  lab.other:\n    fields: {consent: boolean, severity: {at_least: 0, at_most: 5}}\n"
    folder = write_policies(tmp_path, ("    views: [recent]\n", f"    views: [recent]\n{second}"), file="triggers.yaml")
    text = "format: cutter.invariants/1\ninvariants: [{id: own, when: {severity: 3}, never: [allow]}]\n"
    (folder / INVARIANTS).write_text(text, encoding="utf-8")
    with pytest.raises(Stop) as refused:
        read_invariants(folder / INVARIANTS, load_selection(folder))

    assert refused.value.detail == "domains_differ"


def test_a_type_without_the_field_is_left_out_unless_it_is_named(tmp_path: Path) -> None:
    """Without it an invariant would either be about no type, or silently not about one that it names."""
    second = "  lab.other:\n    fields: {consent: boolean}\n"
    folder = write_policies(tmp_path, ("    views: [recent]\n", f"    views: [recent]\n{second}"), file="triggers.yaml")
    selection = load_selection(folder)
    text = "format: cutter.invariants/1\ninvariants: [{id: own, when: {severity: 3}, never: [allow]}]\n"
    (folder / INVARIANTS).write_text(text, encoding="utf-8")
    assert read_invariants(folder / INVARIANTS, selection)[0].triggers == ()

    named = text.replace("when:", "triggers: [lab.other, lab.result_ready], when:")
    (folder / INVARIANTS).write_text(named, encoding="utf-8")
    with pytest.raises(Stop) as refused:
        read_invariants(folder / INVARIANTS, selection)
    assert refused.value.detail == "unknown_field"


def test_the_places_of_rules(tmp_path: Path) -> None:
    """Without it a finding would point at another rule."""
    found = find_places(write_policies(tmp_path))
    lines = GOOD["rules/ready.yaml"].splitlines()

    assert lines[found.rules["result-ready", "1.0", "severe"].line - 1] == "  - id: severe"
    assert found.policies["result-ready", "1.0"].file.endswith("rules/ready.yaml")
    assert found.types["lab.result_ready"].line == 6

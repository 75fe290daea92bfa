"""The folder `policies/`: what is loaded, and every mistake at its place."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from cutter.custody.policies import AllVersions, WorkspacePolicies, load_all, load_selection
from cutter.policies.domain import Field, FieldValue, Trigger, Truth, Whole, Words
from cutter.policies.envelope import Refused, read_envelope, references_of
from cutter.policies.evaluation import decide, refused
from cutter.policies.policy import Between, Condition, Equal, OneOf, Pace, Verdict
from cutter.policies.rendering import render
from cutter.stops import Stop, StopCode
from tests.architecture.source import ROOT

TRIGGERS = """format: cutter.triggers/1
issuer: TRG
sources: ["urn:example:lab"]
pipeline: notify
types:
  lab.result:
    fields:
      patient: {reference: PAT}
      consent: boolean
      at: time
      severity: {at_least: 0, at_most: 10}
      ward: {one_of: [north, south]}
    views: [recent]
  lab.other:
    fields:
      severity: {at_least: 0, at_most: 5}
      patient: {reference: PAT}
"""
SELECTION = """format: cutter.selection/1
policies: {results: "1.0"}
views: {recent: "1.0"}
templates: {notice: "1.0"}
"""
POLICY = """format: cutter.policy/1
id: results
version: "1.0"
title: {en: Results, vi: Kết quả}
status: active
effective: {from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"}
triggers: [lab.result]
limits: {pace: {at_most: 20, within: P1DT2H}}
rules:
  - id: routine
    when: {consent: true, severity: {at_most: 3}, ward: {one_of: [south, north]}, recent.under_limit: true}
    decision: allow
    reason: ROUTINE
    do: {comm.send_message@v1: {template: notice@1.0, to: patient, slots: {ward: ward, at: at}}}
  - id: no-consent
    when: {consent: false}
    decision: deny
    reason: NO_CONSENT
"""
VIEW = """format: cutter.view/1
id: recent
version: "1.0"
status: active
sql: SELECT count(*) < 5 AS under_limit FROM comm.message WHERE recipient = %(who)s AND intended_at > %(at)s::date
bind: {who: patient, at: as_of}
columns: {under_limit: boolean, level: {one_of: [low, high]}}
"""
TEMPLATE = """format: cutter.template/1
id: notice
version: "1.0"
status: active
operation: comm.send_message@1
language: en
subject: "{ward}: a result"
body: |
  A result is ready since {at}.
slots:
  at: time
  ward: {labels: {north: North ward, south: South ward, east: East ward}}
"""
FILES = {
    "triggers.yaml": TRIGGERS,
    "selection.yaml": SELECTION,
    "rules/results.yaml": POLICY,
    "views/recent.yaml": VIEW,
    "templates/notice.yaml": TEMPLATE,
}


def _written(folder: Path, **changed: str) -> Path:
    for name, text in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _refusal(folder: Path) -> Stop:
    with pytest.raises(Stop) as caught:
        load_selection(folder)
    return caught.value


def test_what_the_selection_names_is_loaded(tmp_path: Path) -> None:
    """Without it what is written in a policy would not be what is decided."""
    selection = load_selection(_written(tmp_path))
    (policy,) = selection.policies
    assert [rule.id for rule in policy.rules] == ["no-consent", "routine"]
    routine = policy.rules[1]
    assert routine.verdict is Verdict.ALLOW
    assert routine.when == (
        Condition("consent", Equal(True)),
        Condition("recent.under_limit", Equal(True)),
        Condition("severity", Between(0, 3)),
        Condition("ward", OneOf(("north", "south"))),
    )
    assert routine.action is not None
    assert routine.action.operation == "comm.send_message@1"
    assert [(slot.name, slot.field) for slot in routine.action.slots] == [("at", "at"), ("ward", "ward")]
    assert policy.limits.pace == Pace(20, 26 * 3600)
    assert [kind.name for kind in selection.triggers.types] == ["lab.other", "lab.result"]
    assert Field("severity", Whole(0, 10)) in selection.triggers.types[1].fields
    assert selection.views[0].columns == (
        Field("recent.level", Words(("low", "high"))),
        Field("recent.under_limit", Truth()),
    )


# file; what stands there; what stands there by mistake; detail; place (of some the nearest that the reader can tell)
_Mistake = tuple[str, str, str, str, str]
T, S, P, V, M = "triggers.yaml", "selection.yaml", "rules/results.yaml", "views/recent.yaml", "templates/notice.yaml"
MISTAKES: dict[str, _Mistake] = {
    "triggers: an unknown key": (T, "pipeline:", "pipelines:", "unknown_key", "4:1"),
    "triggers: a domain of two kinds": (
        T,
        "{one_of: [north, south]}",
        "{one_of: [north], at_most: 5}",
        "wrong_value",
        "12:7",
    ),
    "triggers: a domain of nothing": (T, "{one_of: [north, south]}", "{}", "wrong_value", "12:7"),
    "triggers: no words": (T, "[north, south]", "[]", "wrong_value", "5:1"),
    "triggers: a word twice": (T, "[north, south]", "[north, north]", "repeated", "12:30"),
    "triggers: a word with capitals": (T, "[north, south]", "[North]", "wrong_value", "5:1"),
    "triggers: an open range": (T, "{at_least: 0, at_most: 10}", "{at_least: 0}", "wrong_value", "11:7"),
    "triggers: an empty range": (T, "{at_least: 0, at_most: 10}", "{at_least: 2, at_most: 1}", "empty_range", "11:7"),
    "triggers: a huge range": (T, "at_most: 10}", "at_most: 10000000000}", "wrong_value", "5:1"),
    "triggers: text": (T, "consent: boolean", "consent: text", "wrong_value", "5:1"),
    "triggers: a field called as_of": (T, "at: time", "as_of: time", "reserved_name", "10:7"),
    "triggers: a field with a dot": (T, "at: time", "recent.at: time", "wrong_value", "10:7"),
    "triggers: an unknown view": (T, "[recent]", "[other]", "unknown_view", "13:13"),
    "triggers: a view twice": (T, "[recent]", "[recent, recent]", "repeated", "13:21"),
    "triggers: an issuer in small letters": (T, "issuer: TRG", "issuer: trg", "wrong_value", "2:1"),
    "triggers: a birth in a source": (T, "urn:example:lab", "urn:example:19850312", "phi_suspected", "3:11"),
    "selection: an unknown version": (S, 'results: "1.0"', 'results: "1.1"', "unknown_version", "2:12"),
    "selection: an unknown policy": (S, "{results:", "{other:", "unknown_version", "2:12"),
    "selection: an unknown view": (S, 'recent: "1.0"', 'recent: "2.0"', "unknown_version", "3:9"),
    "selection: an unknown template": (S, 'notice: "1.0"', 'notice: "1"', "unknown_version", "4:13"),
    "selection: the latest": (S, 'results: "1.0"', "results: latest", "wrong_value", "2:1"),
    "selection: a number": (S, 'results: "1.0"', "results: 1.0", "wrong_value", "2:12"),
    "selection: a version twice": (S, '{results: "1.0"', '{results: "1.0", results: "1.1"', "duplicate_key", "2:28"),
    "policy: a version without quotes": (P, 'version: "1.0"', "version: 1.10", "wrong_value", "3:1"),
    "policy: an unknown status": (P, "status: active", "status: draft", "wrong_value", "5:1"),
    "policy: one title only": (P, ", vi: Kết quả", "", "missing_key", "4:1"),
    "policy: a mail address in a title": (P, "en: Results", "en: ask j@example.org", "phi_suspected", "4:9"),
    "policy: a day that does not exist": (P, "2026-01-01T", "2026-02-30T", "not_a_time", "6:13"),
    "policy: another form of a time": (P, '"2026-01-01T00:00:00Z"', '"2026-01-01"', "wrong_value", "6:13"),
    "policy: ended before it begins": (P, "2027-01-01T", "2025-01-01T", "empty_range", "6:43"),
    "policy: ends as it begins": (P, "2027-01-01T", "2026-01-01T", "empty_range", "6:43"),
    "policy: an unknown trigger type": (P, "[lab.result]", "[lab.result, lab.none]", "unknown_trigger_type", "7:24"),
    "policy: a trigger type twice": (P, "[lab.result]", "[lab.result, lab.result]", "repeated", "7:24"),
    "policy: no trigger type": (P, "[lab.result]", "[]", "wrong_value", "7:1"),
    "policy: no pace": (P, "at_most: 20,", "at_most: 0,", "wrong_value", "8:17"),
    "policy: no time": (P, "P1DT2H", "PT0M", "wrong_value", "8:30"),
    "policy: another form of a duration": (P, "P1DT2H", "1 day", "wrong_value", "8:30"),
    "policy: a regular expression": (P, "{at_most: 3}", "{matches: 3}", "unknown_key", "11:5"),
    "policy: an unknown field": (P, "severity: {at_most: 3}", "severe: {at_most: 3}", "unknown_field", "11:27"),
    "policy: an unknown column": (P, "recent.under_limit", "recent.over_limit", "unknown_column", "11:83"),
    "policy: an unknown view": (P, "recent.under_limit", "other.under_limit", "unknown_column", "11:83"),
    "policy: a word outside the domain": (P, "[south, north]", "[south, east]", "outside_domain", "11:74"),
    "policy: a word twice": (P, "[south, north]", "[south, south]", "repeated", "11:74"),
    "policy: a number outside the domain": (P, "{at_most: 3}", "{at_most: 11}", "outside_domain", "11:38"),
    "policy: a number for a word": (P, "{one_of: [south, north]}", "5", "wrong_type", "11:51"),
    "policy: bounds of words": (P, "{one_of: [south, north]}", "{at_least: 1}", "wrong_type", "11:51"),
    "policy: a word for a truth": (P, "consent: true", "consent: yes", "wrong_type", "11:12"),
    "policy: a number for a truth": (P, "consent: true", "consent: 1", "wrong_type", "11:12"),
    "policy: a truth for a number": (P, "{at_most: 3}", "true", "wrong_type", "11:27"),
    "policy: an empty range": (P, "{at_most: 3}", "{at_least: 4, at_most: 3}", "empty_range", "11:27"),
    "policy: two tests": (P, "{at_most: 3}", "{at_most: 3, one_of: [1]}", "wrong_value", "11:27"),
    "policy: no test": (P, "{at_most: 3}", "{}", "wrong_value", "11:27"),
    "policy: a condition on a reference": (P, "consent: false", "patient: PAT-7KQ2M4XA-55", "not_finite", "16:12"),
    "policy: a condition on a time": (P, "consent: false", 'at: "2026-01-01T00:00:00Z"', "not_finite", "16:12"),
    "policy: a condition twice": (P, "consent: false", "consent: false, consent: true", "duplicate_key", "16:28"),
    "policy: a rule twice": (P, "id: no-consent", "id: routine", "duplicate_rule", "15:5"),
    "policy: a reason in words": (P, "reason: ROUTINE", "reason: because", "wrong_value", "13:5"),
    "policy: an unknown decision": (P, "decision: deny", "decision: maybe", "wrong_value", "17:5"),
    "policy: an allow of nothing": (P, "decision: deny", "decision: allow", "missing_key", "17:5"),
    "policy: a deny that does": (P, "decision: allow", "decision: deny", "unknown_key", "14:5"),
    "policy: another operation": (P, "comm.send_message@v1", "sql.call@1", "unknown_operation", "14:10"),
    "policy: another version of it": (P, "comm.send_message@v1", "comm.send_message@2", "unknown_operation", "14:10"),
    "policy: a template of another operation": (
        P,
        "comm.send_message@v1",
        "comm.create_notification@v1",
        "other_operation",
        "14:40",
    ),
    "policy: an unknown template": (P, "notice@1.0", "notice@1.1", "unknown_template", "14:33"),
    "policy: a template without a version": (P, "notice@1.0", "notice", "wrong_value", "14:5"),
    "policy: a recipient that is no reference": (P, "to: patient", "to: ward", "not_a_reference", "14:55"),
    "policy: an unknown recipient": (P, "to: patient", "to: nobody", "unknown_field", "14:55"),
    "policy: a recipient that a view answers": (P, "to: patient", "to: recent.level", "wrong_value", "14:5"),
    "policy: an undeclared slot": (
        P,
        "slots: {ward: ward,",
        "slots: {wards: ward, ward: ward,",
        "undeclared_slot",
        "14:76",
    ),
    "policy: a slot is missing": (P, ", at: at}", "}", "missing_slot", "14:68"),
    "policy: an unknown field for a slot": (P, "at: at}", "at: when}", "unknown_field", "14:88"),
    "policy: a slot of another domain": (P, "at: at}", "at: severity}", "slot_domain", "14:88"),
    "policy: a key twice": (
        P,
        "    decision: deny\n",
        "    decision: deny\n    decision: allow\n",
        "duplicate_key",
        "18:5",
    ),
    "view: no question": (V, "SELECT count(*)", "DELETE FROM", "not_a_question", "5:1"),
    "view: two statements": (V, "::date", "; SELECT 1", "not_a_question", "5:1"),
    "view: a remark": (V, "::date", " -- x", "not_a_question", "5:1"),
    "view: a writing CTE": (
        V,
        "SELECT count(*)",
        "WITH x AS (INSERT INTO t VALUES (1)) SELECT count(*)",
        "not_a_question",
        "5:1",
    ),
    "view: a lock": (V, "::date", " FOR UPDATE", "not_a_question", "5:1"),
    "view: a table from a question": (V, "AS under_limit", "AS under_limit INTO x", "not_a_question", "5:1"),
    "view: a clock": (V, "%(at)s::date", "%(at)s AND now() > x", "not_deterministic", "5:1"),
    "view: a clock without brackets": (
        V,
        "%(at)s::date",
        "%(at)s AND current_date > x",
        "not_deterministic",
        "5:1",
    ),
    "view: chance": (V, "count(*)", "random()", "not_deterministic", "5:1"),
    "view: an unbound variable": (V, "%(who)s", "%(whom)s", "bind_mismatch", "5:1"),
    "view: a variable that is not used": (V, "{who: patient,", "{who: patient, x: ward,", "bind_mismatch", "5:1"),
    "view: a lone percent sign": (V, "count(*)", "5 % 2", "bind_mismatch", "5:1"),
    "view: an unknown field": (V, "who: patient", "who: nobody", "unknown_field", "6:8"),
    "view: a column that is a reference": (
        V,
        "under_limit: boolean",
        "under_limit: {reference: PAT}",
        "wrong_value",
        "7:11",
    ),
    "view: a column of text": (V, "under_limit: boolean", "under_limit: text", "wrong_value", "7:1"),
    "view: no columns": (V, "{under_limit: boolean, level: {one_of: [low, high]}}", "{}", "wrong_value", "7:1"),
    "template: another operation": (M, "comm.send_message@1", "comm.send_message@2", "unknown_operation", "5:1"),
    "template: no subject": (M, 'subject: "{ward}: a result"\n', "", "missing_key", "1:1"),
    "template: a notification with a subject": (
        M,
        "comm.send_message@1",
        "comm.create_notification@1",
        "unknown_key",
        "7:1",
    ),
    "template: two lines of subject": (M, '"{ward}: a result"', '"{ward}\\r\\nBcc: x"', "forbidden_character", "7:10"),
    "template: a separator in the subject": (
        M,
        '"{ward}: a result"',
        '"{ward}\\u2028x"',
        "forbidden_character",
        "7:10",
    ),
    "template: an undeclared slot": (M, "since {at}", "since {at} in {room}", "undeclared_slot", "8:1"),
    "template: a slot that is not used": (M, "since {at}", "now", "unused_slot", "11:3"),
    "template: a brace": (M, "since {at}", "since {at} {", "wrong_brace", "8:1"),
    "template: a format": (M, "since {at}", "since {at} {at!r}", "wrong_brace", "8:1"),
    "template: a slot of text": (M, "at: time", "at: text", "wrong_value", "10:1"),
    "template: a slot of nothing": (M, "at: time", "at: {}", "wrong_value", "11:3"),
    "template: half a truth": (M, "at: time", "at: {when_true: yes}", "wrong_value", "11:3"),
    "template: two lines in a label": (M, "North ward", '"North\\nward"', "wrong_value", "10:1"),
    "template: a phone": (M, "since {at}", "since {at}, call 090 123 45 67", "phi_suspected", "8:1"),
    "template: a mail address in the subject": (M, ": a result", ": a@example.org", "phi_suspected", "7:1"),
    "template: a birth in a label": (M, "North ward", "North 1985-03-12", "phi_suspected", "12:19"),
}


@pytest.mark.parametrize(("name", "there", "mistake", "detail", "place"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_at_its_place(
    tmp_path: Path, name: str, there: str, mistake: str, detail: str, place: str
) -> None:
    """Without it a policy could mean something else than its author thinks, or be left out in silence."""
    assert there in FILES[name]
    stop = _refusal(_written(tmp_path, **{name: FILES[name].replace(there, mistake, 1)}))
    assert (stop.code, stop.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
    assert stop.where == f"{tmp_path / name}:{place}"
    assert "example.org" not in repr(vars(stop))


HOSTILE = {
    "a key that is a connection string": (P, "consent: false", '"postgresql://u:hunter2@h/d": 1', "wrong_value"),
    "a field that is one": (T, "      consent: boolean", '      "postgresql://u:hunter2@h/d": boolean', "wrong_value"),
    "a slot that is one": (M, "  at: time", '  at: time\n  "postgresql://u:hunter2@h/d": time', "wrong_value"),
    "an id that is one": (S, "{results:", '{"postgresql://u:hunter2@h/d":', "unknown_version"),
    "an operation that is one": (P, "comm.send_message@v1", '"postgresql://u:hunter2@h/d"', "unknown_operation"),
    "a word that is one": (P, "[south, north]", '["postgresql://u:hunter2@h/d"]', "outside_domain"),
    "a variable that is one": (V, "{who: patient,", '{"u:hunter2@h": patient,', "wrong_value"),
}


@pytest.mark.parametrize(("name", "there", "mistake", "detail"), HOSTILE.values(), ids=HOSTILE)
def test_a_refusal_shows_no_text_of_the_file(tmp_path: Path, name: str, there: str, mistake: str, detail: str) -> None:
    """Without it a secret in the wrong place would come out on a screen; or the reader would not come to an end."""
    assert there in FILES[name]
    stop = _refusal(_written(tmp_path, **{name: FILES[name].replace(there, mistake, 1)}))
    assert (stop.code, stop.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
    assert "hunter2" not in repr(vars(stop)) + str(stop)


SECOND = POLICY.replace('version: "1.0"', 'version: "1.10"')
NINTH = POLICY.replace('version: "1.0"', 'version: "1.9"')


def test_every_version_is_loaded_and_one_selected(tmp_path: Path) -> None:
    """Without it the newest would win, or the one that is last in the folder."""
    _written(tmp_path, **{"rules/a.yaml": SECOND, "rules/z.yaml": NINTH})
    assert [policy.version for policy in load_all(tmp_path).policies] == ["1.0", "1.9", "1.10"]
    assert [policy.version for policy in load_selection(tmp_path).policies] == ["1.0"]


@pytest.mark.parametrize(
    ("name", "text"), [("rules/a.yaml", POLICY), ("views/a.yaml", VIEW), ("templates/a.yaml", TEMPLATE)]
)
def test_one_version_stands_in_one_file(tmp_path: Path, name: str, text: str) -> None:
    """Without it the order of names would say which of two texts of one version is in force."""
    stop = _refusal(_written(tmp_path, **{name: text}))
    assert stop.detail == "duplicate_version"


def test_a_withdrawn_version_is_loaded(tmp_path: Path) -> None:
    """Without it a withdrawn policy that is still selected would be as if it were not there, instead of denying."""
    text = POLICY.replace("status: active", "status: withdrawn")
    assert load_selection(_written(tmp_path, **{"rules/results.yaml": text})).policies[0].withdrawn


def test_a_mistake_in_what_is_not_selected_stops_too(tmp_path: Path) -> None:
    """Without it a mistake would be found on the day on which a version is put into force."""
    text = SECOND.replace("severity: {at_most: 3}", "severity: {at_most: 11}")
    assert _refusal(_written(tmp_path, **{"rules/a.yaml": text})).detail == "outside_domain"


def test_a_field_has_one_domain_in_all_types_of_a_policy(tmp_path: Path) -> None:
    """Without it `at_least: 3` would end at one bound for one trigger type and at another for the next."""
    rule = "  - {id: high, when: {severity: {at_least: 3}}, decision: deny, reason: HIGH}\n"
    head = POLICY[: POLICY.index("rules:")].replace("[lab.result]", "[lab.result, lab.other]")
    stop = _refusal(_written(tmp_path, **{"rules/results.yaml": head + "rules:\n" + rule}))
    assert (stop.detail, stop.found) == ("domains_differ", "severity")


def test_two_versions_of_a_view_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Without it a policy would be held against the columns of a version that is not in force."""
    other = VIEW.replace('version: "1.0"', 'version: "2.0"').replace(
        "under_limit: boolean", "under_limit: {one_of: [a]}"
    )
    _written(tmp_path, **{"views/other.yaml": other})
    assert load_selection(tmp_path).views[0].version == "1.0"
    (tmp_path / "selection.yaml").write_text(SELECTION.replace('recent: "1.0"', 'recent: "2.0"'))
    assert _refusal(tmp_path).detail == "wrong_type"


def test_digests_are_over_what_is_meant(tmp_path: Path) -> None:
    """Without it a remark would be another policy, or a changed bound the same one."""
    before = load_selection(_written(tmp_path))
    (tmp_path / "rules" / "results.yaml").rename(tmp_path / "rules" / "renamed.yaml")
    remark = POLICY.replace("rules:", "# a remark\nrules:").replace("[south, north]", "[north, south]")
    (tmp_path / "rules" / "renamed.yaml").write_text(remark)
    assert load_selection(tmp_path) == before
    (tmp_path / "rules" / "renamed.yaml").write_text(POLICY.replace("{at_most: 3}", "{at_most: 4}"))
    after = load_selection(tmp_path)
    assert after.policies[0].sha256 != before.policies[0].sha256
    assert after.sha256 != before.sha256


@pytest.mark.parametrize("name", [T, M])
def test_everything_is_in_the_digest_of_the_selection(tmp_path: Path, name: str) -> None:
    """Without it a trigger type or a text could change under a run that is pinned."""
    before = load_selection(_written(tmp_path)).sha256
    changed = FILES[name].replace("pipeline: notify", "pipeline: notices").replace("A result", "Your result")
    assert changed != FILES[name]
    assert load_selection(_written(tmp_path, **{name: changed})).sha256 != before


@pytest.mark.parametrize("name", ["triggers.yaml", "selection.yaml"])
def test_a_missing_file_is_a_mistake(tmp_path: Path, name: str) -> None:
    """Without it a workspace without policies would end in a traceback, or allow something."""
    _written(tmp_path)
    (tmp_path / name).unlink()
    stop = _refusal(tmp_path)
    assert (stop.code, stop.detail, stop.where) == (
        StopCode.STOP_CONFIG_INVALID,
        "file_missing",
        str(tmp_path / name),
    )


def test_a_folder_may_be_missing(tmp_path: Path) -> None:
    """Without it a workspace without views could not have policies."""
    files = {T: TRIGGERS.replace("    views: [recent]\n", ""), S: "format: cutter.selection/1\npolicies: {}\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert load_selection(tmp_path).policies == ()


@pytest.mark.parametrize("name", ["triggers.yaml", "selection.yaml", "rules/results.yaml", "rules"])
def test_no_link_is_followed(tmp_path: Path, name: str) -> None:
    """Without it whoever can make a link could put another file's policies into force."""
    folder = _written(tmp_path / "policies")
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    assert _refusal(folder).code is StopCode.STOP_PATH_UNSAFE


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """Without it one file could fill the memory."""
    stop = _refusal(_written(tmp_path, **{"rules/results.yaml": POLICY + "#" * 300_000}))
    assert (stop.code, stop.detail) == (StopCode.STOP_CONFIG_INVALID, "limit_262144_bytes")


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """Without it a note beside the policies would stop every run."""
    _written(tmp_path)
    (tmp_path / "rules" / "README.md").write_text("not a policy")
    assert len(load_selection(tmp_path).policies) == 1


def test_the_workspace_asks_anew_every_time(tmp_path: Path) -> None:
    """Without it a policy that was withdrawn a minute ago would still allow."""

    class Known:
        def known(self, references: Sequence[str]) -> frozenset[str]:
            return frozenset(references[:1])

        def reaches(self, reference: str) -> bool:
            return reference == "a"

    class Keyed:
        def commitment(self, purpose: str, *parts: str) -> str:
            return "/".join((purpose, *parts))

    policies = WorkspacePolicies(_written(tmp_path), Known(), Keyed())
    assert not policies.select().policies[0].withdrawn
    (tmp_path / "rules" / "results.yaml").write_text(POLICY.replace("status: active", "status: withdrawn"))
    assert policies.select().policies[0].withdrawn
    assert policies.knows(("a", "b")) == {"a"}
    assert (policies.reaches("a"), policies.reaches("b")) == (True, False)
    assert policies.commitment("trigger", "a", "b") == "trigger/a/b"


def test_the_demo_is_loaded() -> None:
    """Without it the policies that newcomers see first could have a mistake."""
    every = load_all(ROOT / "policies")
    assert isinstance(every, AllVersions)
    selection = load_selection(ROOT / "policies")
    assert len(selection.policies) == len(every.selected.policies) == 3
    assert sum(len(policy.rules) for policy in selection.policies) == 13


EXAMPLES = {
    "allowed.json": (True, "allow", "ROUTINE_RESULT", ()),
    "cloud-event.json": (True, "allow", "APPOINTMENT_SOON", ()),
    "notification.json": (None, "allow", "CRITICAL_RESULT", ()),
    "denied.json": (True, "deny", "NO_CONSENT", ()),
    "uncertain.json": (True, "escalate", "MISSING_FIELD", ("proceed", "refuse")),
    "unknown-type.json": (None, "deny", "UNKNOWN_TRIGGER", ()),
}


@pytest.mark.parametrize(
    ("name", "under_limit", "verdict", "reason", "options"), [(k, *v) for k, v in EXAMPLES.items()]
)
def test_the_examples_of_the_demo_are_decided_as_they_are_called(
    name: str, under_limit: bool | None, verdict: str, reason: str, options: tuple[str, ...]
) -> None:
    """Without it the first thing that newcomers try could come out another way than its name says."""
    selection = load_selection(ROOT / "policies")
    trigger = read_envelope((ROOT / "policies" / "examples" / name).read_bytes(), selection.triggers)
    answers = () if under_limit is None else (FieldValue("recent.under_limit", under_limit),)
    if isinstance(trigger, Refused):
        decision = refused(trigger.reason, selection)
    else:
        decision = decide(selection, trigger, answers, frozenset())
        assert references_of(trigger, selection.triggers) != ()
    assert (decision.verdict.value, decision.reason, decision.options) == (verdict, reason, options)
    if decision.action is not None and isinstance(trigger, Trigger):
        named = next(t for t in selection.templates if t.id == decision.action.template)
        assert render(named, decision.action, trigger).body

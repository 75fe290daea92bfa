"""`cutter policies` from its arguments to its output: what is planted is found, and what is shown can be explained."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutter.cli.main import run
from cutter.custody.policies import load_selection
from cutter.messages import use_language
from cutter.policies.analysis.mutation import generate
from tests.support.policy_folders import CONFLICT, GAP, LAX, RULES, TRIGGER, write_policies, write_workspace

TWICE = (
    "  - id: severe\n",
    """\
  - id: very-severe
    when: {consent: true, severity: 10}
    decision: escalate
    reason: SEVERE
    do: {comm.create_notification@1: {template: result-ready@1.0, to: patient, slots: {ward: ward}}}
  - id: severe
""",
)
COMMANDS = ("list", "show result-ready", "lint", "test", "test --mutate", "prove", "diff policies policies")


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with good policies, in English."""
    write_workspace(tmp_path / "office")
    monkeypatch.chdir(tmp_path / "office")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "CI", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    use_language("en")
    return tmp_path / "office"


def cutter(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """A command's exit status and output."""
    status = run("cutter", ("policies", *arguments))
    said = capsys.readouterr()
    assert said.err == ""
    return status, said.out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """A command's JSON, which names the status that it ends with."""
    status, out = cutter(capsys, *arguments, "--output", "json")
    found = json.loads(out)
    assert found.get("exit_code", 0) == status
    return found


def explaining(out: str) -> Iterator[tuple[str, ...]]:
    """The commands of a screen that explain witnesses, without `cutter policies`."""
    for line in re.findall(r"cutter policies (explain .*)", out):
        yield tuple(shlex.split(line))


@pytest.mark.parametrize("line", COMMANDS)
def test_good_policies_are_good(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Without it a command could refuse what has no mistake, and people would learn to go on regardless."""
    status, out = cutter(capsys, *line.split())

    if line != "test --mutate":  # the few rows of this folder miss some mutants
        assert status == 0
    assert "STOP_INTERNAL" not in out


@pytest.mark.parametrize("line", COMMANDS)
def test_what_programs_read_is_in_no_language(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Without it a program that reads the documents would work in one country only."""
    english = cutter(capsys, *line.split(), "--output", "json")

    assert cutter(capsys, *line.split(), "--output", "json", "--lang", "vi") == english
    assert json.loads(english[1])["format"].startswith("cutter.polic")


@pytest.mark.parametrize(
    ("code", "edits", "where"),
    [
        ("gap", (GAP,), "policies/triggers.yaml:6:3"),
        ("conflict", (CONFLICT,), "policies/rules/ready.yaml:9:5"),
        ("dead", (TWICE,), "policies/rules/ready.yaml:17:5"),
    ],
)
def test_what_is_planted_is_found_at_its_place(
    capsys: pytest.CaptureFixture[str], workspace: Path, code: str, edits: tuple[tuple[str, str], ...], where: str
) -> None:
    """Without it a gap, a conflict or a file that cannot be read would reach a run."""
    write_policies(workspace / "policies", *edits)
    found = document(capsys, "lint")

    assert found["exit_code"] == 78
    assert [item["code"] for item in found["findings"]] == [code]
    item = found["findings"][0]
    assert f"{item['file']}:{item['line']}:{item['column']}" == where
    assert item["witness"]["trigger"]["format"] == "cutter.trigger/1"


SELECTION, VIEW, TEMPLATE = "selection.yaml", "views/recent.yaml", "templates/ready.yaml"
WITHDRAWN = ("status: active", "status: withdrawn")
NO_TEMPLATE = ('{result-ready: "1.0", result-late: "1.0"}', '{result-late: "1.0"}')
NO_VIEW = ('views: {recent: "1.0"}\n', "")


@pytest.mark.parametrize(
    ("file", "edit", "found"),
    [
        (
            SELECTION,
            NO_TEMPLATE,
            {"error not_selected rules/ready.yaml:17:5", "error not_selected rules/ready.yaml:22:5"},
        ),
        (TEMPLATE, WITHDRAWN, {"error withdrawn rules/ready.yaml:17:5", "error withdrawn rules/ready.yaml:22:5"}),
        (VIEW, WITHDRAWN, {"error withdrawn selection.yaml:3:9"}),
        (SELECTION, NO_VIEW, {"error not_selected triggers.yaml:6:3"}),
        (RULES, WITHDRAWN, {"warning withdrawn selection.yaml:2:12"}),
    ],
    ids=["template not selected", "template withdrawn", "view withdrawn", "view not selected", "policy withdrawn"],
)
def test_what_is_not_in_force_is_found_at_its_place(
    capsys: pytest.CaptureFixture[str], workspace: Path, file: str, edit: tuple[str, str], found: set[str]
) -> None:
    """Without it lint would call policies good by which every trigger of a rule is denied."""
    write_policies(workspace / "policies", edit, file=file)
    linted = document(capsys, "lint")
    told = {
        f"{item['severity']} {item['code']} {item['file'].removeprefix('policies/')}:{item['line']}:{item['column']}"
        for item in linted["findings"]
        if item["code"] != "unsatisfiable"
    }

    assert told == found
    assert linted["exit_code"] == (0 if file == RULES else 78)


OTHER_POLICY = """\
format: cutter.policy/1
id: another
version: "1.0"
title: {en: Another, vi: Khác}
status: active
effective: {from: "2029-01-01T00:00:00Z"}
triggers: [lab.result_ready]
otherwise: deny
rules: [{id: never, when: {consent: false}, decision: deny, reason: NO_CONSENT}]
"""


def test_a_table_is_run_alone(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it a table of one policy would fail because of the rules and mutants of all others."""
    policies = write_policies(
        workspace / "policies", ("policies: {result-ready:", 'policies: {another: "1.0", result-ready:'), file=SELECTION
    )
    (policies / "rules" / "another.yaml").write_text(OTHER_POLICY, encoding="utf-8")
    table = "policies/tests/ready.yaml"

    assert document(capsys, "test")["failures"][0]["name"] == "another/never"
    assert document(capsys, "test", table)["failures"] == []
    mutants = document(capsys, "test", table, "--mutate")["score"]["survived"]
    assert {each["rule"].partition("/")[0] for each in mutants} == {"result-ready"}
    generated = document(capsys, "test", table, "--generate", "gen.yaml")
    assert generated["next"][0]["command"] == f"cutter policies test {table} gen.yaml"


def test_rows_are_generated_once_all_hold(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it people would be told that a row fails, and not which."""
    wrong = ("reason: TOO_MANY}", "reason: ANOTHER}")
    write_policies(workspace / "policies", wrong, file="tests/ready.yaml")
    stopped = document(capsys, "test", "--generate", "-")

    assert stopped["detail"] == "other_reason"
    assert stopped["where"] == "policies/tests/ready.yaml:9:5"
    assert (stopped["found"], stopped["needed"]) == ("TOO_MANY", "ANOTHER")


@pytest.mark.parametrize("words", [("drafts",), ("--policies", "drafts")])
@pytest.mark.parametrize("command", ["test", "prove"])
def test_drafts_are_tested_and_proved(
    capsys: pytest.CaptureFixture[str], workspace: Path, command: str, words: tuple[str, ...]
) -> None:
    """Without it a draft could only be tested by putting it in force."""
    write_policies(workspace / "drafts", LAX)
    found = document(capsys, command, *words)

    assert (found["folder"], found["exit_code"]) == ("drafts", 20)
    assert all("drafts" in step["command"] for step in found["next"])


def test_invariants_are_held_against_other_policies(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it what must never happen could not be proved of a draft before it has a file of its own."""
    write_policies(workspace / "drafts", LAX)
    file = "policies/invariants.yaml"
    found = document(capsys, "prove", file, "--policies", "drafts")

    assert (found["folder"], found["path"], found["exit_code"]) == ("drafts", file, 20)
    assert found["next"][0]["command"] == f"cutter policies prove {file} --policies drafts --witnesses witnesses"


TRIGGERS = "triggers.yaml"
DO = "comm.create_notification@1: {template"
MISTAKES = {
    "another word": (RULES, ("decision: allow", "decision: alow"), "wrong_value", "", "allow|deny|escalate"),
    "a number for a version": (
        RULES,
        ('version: "1.0"', "version: 1.0"),
        "wrong_value",
        "",
        'text in quotes, such as "1.0"',
    ),
    "another number": (RULES, ('version: "1.0"', "version: 1"), "wrong_value", "int", 'text in quotes, such as "1.0"'),
    "a duration": (
        RULES,
        ("triggers:", "limits: {pace: {at_most: 1, within: 24h}}\ntriggers:"),
        "wrong_value",
        "",
        'text in quotes, such as "PT24H"',
    ),
    "a time": (
        RULES,
        ('"2026-01-01T00:00:00Z"', '"2026-01-01"'),
        "wrong_value",
        "",
        'text in quotes, such as "2026-01-01T00:00:00Z"',
    ),
    "another field": (RULES, ("{consent: false}", "{konsent: false}"), "unknown_field", "konsent", "consent"),
    "another column": (
        RULES,
        ("recent.under_limit: true", "recent.limit: true"),
        "unknown_column",
        "recent.limit",
        "recent.under_limit",
    ),
    "another type": (
        RULES,
        ("triggers: [lab.result_ready]", "triggers: [lab.ready]"),
        "unknown_trigger_type",
        "lab.ready",
        "lab.result_ready",
    ),
    "outside its domain": (RULES, ("{at_least: 7}", "{at_least: 70}"), "outside_domain", "70", "0…10"),
    "a text outside its domain": (
        RULES,
        ("severity: {at_least: 7}", "ward: North Pole"),
        "outside_domain",
        "",
        "north|south",
    ),
    "a word outside its domain": (
        RULES,
        ("severity: {at_least: 7}", "ward: nord"),
        "outside_domain",
        "nord",
        "north|south",
    ),
    "another operation": (
        RULES,
        (DO, "comm.send@1: {template"),
        "unknown_operation",
        "",
        "comm.send_message@1|comm.create_notification@1",
    ),
    "another template": (
        RULES,
        ("result-ready@1.0", "result-redy@1.0"),
        "unknown_template",
        "result-redy@1.0",
        "result-ready@1.0|result-late@1.0",
    ),
    "another slot": (RULES, ("slots: {ward: ward}", "slots: {wards: ward}"), "undeclared_slot", "wards", "ward"),
    "a word that has no label": (
        TRIGGERS,
        ("[north, south]", "[north, south, east]"),
        "slot_domain",
        "ward: east",
        "north|south",
    ),
    "a version that is none": (
        SELECTION,
        ('policies: {result-ready: "1.0"', 'policies: {result-ready: "1.1"'),
        "unknown_version",
        "result-ready@1.1",
        "result-ready@1.0",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_what_is_accepted(
    capsys: pytest.CaptureFixture[str], workspace: Path, name: str
) -> None:
    """Without it people would have to guess which words there are, or read a regular expression."""
    file, edit, *told = MISTAKES[name]
    write_policies(workspace / "policies", edit, file=file)
    (found,) = document(capsys, "lint")["findings"]

    assert [found["detail"], found["found"], found["needed"]] == told


def test_every_file_is_looked_at(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it five mistakes in five files would be five lints."""
    for file, edit in (
        (TRIGGERS, ("boolean", "bool")),
        (VIEW, ("status: active", "status: on")),
        (TEMPLATE, ("language: en", "language: English")),
        (SELECTION, ('views: {recent: "1.0"}', "views: [recent]")),
        (RULES, ("decision: allow", "decision: alow")),
    ):
        path = workspace / "policies" / file
        path.write_text(path.read_text(encoding="utf-8").replace(*edit), encoding="utf-8")
    found = document(capsys, "lint")["findings"]

    assert [item["file"].removeprefix("policies/") for item in found] == [TRIGGERS, VIEW, TEMPLATE, SELECTION, RULES]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (('"consent":true', '"consent":1'), ("WRONG_TYPE", "fields.consent", "", "true|false")),
        (('"consent":true', '"canary":1'), ("UNKNOWN_FIELD", "fields", "", "consent|patient|severity|ward")),
        (('"fields"', '\n"id":1,"fields"'), ("MALFORMED_TRIGGER", "trigger.json:2:1", "duplicate_key", "")),
    ],
)
def test_a_refused_trigger_is_explained_by_declared_names(
    capsys: pytest.CaptureFixture[str], workspace: Path, edit: tuple[str, str], told: tuple[str, ...]
) -> None:
    """Without it whoever sends triggers would be told a code, and have to guess the field and the line."""
    (workspace / "trigger.json").write_text(TRIGGER.replace(*edit), encoding="utf-8")
    found = document(capsys, "explain", "trigger.json")
    screen = cutter(capsys, "explain", "trigger.json")[1]

    assert tuple(found[name] for name in ("reason", "where", "case", "needed")) == told
    assert all(word in screen for word in told)
    assert "canary" not in screen


def test_what_is_not_in_force_is_looked_for_by_lint(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it a denial that names no file would lead nowhere."""
    write_policies(workspace / "policies", NO_TEMPLATE, file=SELECTION)
    (workspace / "trigger.json").write_text(TRIGGER, encoding="utf-8")
    found = document(capsys, "explain", "trigger.json", "--answer", "recent.under_limit=true")

    assert (found["reason"], found["next"][0]["command"]) == ("NOT_SELECTED", "cutter policies lint")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("result-ready", ("POLICY", "NO_CONSENT")),
        ("policy/result-ready", ("POLICY", "NO_CONSENT")),
        (
            "template/result-ready",
            ("TEMPLATE", "A result of ward {ward} is ready.", "ward: north|south", "result-ready@1.0"),
        ),
        ("result-late@1.0", ("TEMPLATE", "policies/templates/late.yaml", "none")),
        ("recent", ("VIEW", "SELECT true AS under_limit", "recent.under_limit: true|false", "lab.result_ready")),
        (
            "lab.result_ready",
            ("TRIGGER", "severity: 0…10", "patient: PAT-PAYLOAD-CC", "recent.under_limit: true|false"),
        ),
    ],
)
def test_everything_that_is_listed_is_shown(
    capsys: pytest.CaptureFixture[str], name: str, told: tuple[str, ...]
) -> None:
    """Without it people would be listed names, and have to look for the files of what they mean."""
    status, out = cutter(capsys, "show", name)

    assert status == 0
    assert out.startswith(told[0])
    assert all(word in out for word in told)


@pytest.mark.parametrize(
    ("name", "near"),
    [("view/result-ready", "result-ready@1.0"), ("lab.result_redy", "lab.result_ready"), ("recent@9", "recent@1.0")],
)
def test_what_is_not_there_is_not_shown(capsys: pytest.CaptureFixture[str], name: str, near: str) -> None:
    """Without it another kind or version would be shown for the one that was meant."""
    found = document(capsys, "show", name)

    assert (found["detail"], found["exit_code"]) == ("policy", 2)
    assert near in found["suggestions"]


def test_the_folder_stays_in_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it who mends another folder would be told to look at the workspace's own."""
    assert document(capsys, "lint", "nowhere")["next"][0]["command"] == "cutter policies lint nowhere"


@pytest.mark.parametrize(
    ("edits", "decided"),
    [((GAP,), "DENIED  lab.result_ready · NO_MATCH"), ((CONFLICT,), "ESCALATED  lab.result_ready · CONFLICT")],
)
@pytest.mark.parametrize("folder", [(), ("elsewhere",)])
def test_a_witness_is_explained_by_the_command_that_is_suggested(
    capsys: pytest.CaptureFixture[str],
    workspace: Path,
    edits: tuple[tuple[str, str], ...],
    decided: str,
    folder: tuple[str, ...],
) -> None:
    """Without it lint could show a trigger that no run would take, or one that is decided otherwise."""
    write_policies(workspace / (folder or ("policies",))[0], *edits)
    status, out = cutter(capsys, "lint", *folder, "--witnesses", "found")
    explained = [cutter(capsys, *words) for words in explaining(out)]

    assert status == 78
    assert explained
    assert all(code == 0 and said.startswith(decided) for code, said in explained)


def test_a_mistake_in_a_file_is_a_finding_at_its_place(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it editors and code hosts would not show the first thing that is wrong."""
    write_policies(workspace / "policies", ("decision: deny", "decision: perhaps"))
    found = document(capsys, "lint")
    concise = cutter(capsys, "lint", "--format", "concise")[1]

    assert [item["code"] for item in found["findings"]] == ["STOP_CONFIG_INVALID"]
    assert concise.startswith("policies/rules/ready.yaml:11:5: STOP_CONFIG_INVALID wrong_value")


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("concise", "policies/triggers.yaml:6:3: gap "),
        ("github", "::error file=policies/triggers.yaml,line=6,col=3,title=gap::"),
        ("sarif", '{"$schema":"https://'),
        ("json", '{"format":"cutter.policies-lint/1"'),
        ("full", "REFUSED  policies · 1 mistake · exit 78\n"),
    ],
)
def test_the_forms_of_a_lint(capsys: pytest.CaptureFixture[str], workspace: Path, form: str, start: str) -> None:
    """Without it what reads one form would be given another, or another exit status."""
    write_policies(workspace / "policies", GAP)
    status, out = cutter(capsys, "lint", "--format", form)

    assert status == 78
    assert out.startswith(start)


def test_an_invariant_that_does_not_hold_is_refuted(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it a proof that fails would look like one that holds."""
    write_policies(workspace / "policies", LAX)
    status, out = cutter(capsys, "prove", "--witnesses", "found")
    explained = [cutter(capsys, *words)[1] for words in explaining(out)]

    assert status == 20
    assert out.startswith("REFUSED  STOP_POLICY_TESTS_FAILED · exit 20")
    assert "severe-is-seen-by-a-person  does not hold" in out
    assert "never-without-consent  holds" in out
    assert [said.splitlines()[0] for said in explained] == ["ALLOWED  lab.result_ready · SEVERE"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("decision: deny, rule: result-ready/no-consent", "decision: allow, rule: result-ready/no-consent", "allow"),
        ("rule: result-ready/no-consent", "rule: result-ready/too-many", "result-ready/too-many"),
        ("reason: NO_CONSENT", "reason: NO", "NO"),
        ("consent: false, severity", "consnt: false, severity", "consnt"),
        ("{decision: deny, rule: result-ready/no-consent, reason: NO_CONSENT}", "{}", "expects nothing"),
        ('result-ready: "1.0"', 'result-ready: "9.0"', "another version"),
    ],
)
def test_a_table_cannot_lie(capsys: pytest.CaptureFixture[str], workspace: Path, old: str, new: str, told: str) -> None:
    """Without it a row with another expectation would be green, and the table would prove nothing."""
    write_policies(workspace / "policies", (old, new), file="tests/ready.yaml")
    status, out = cutter(capsys, "test")

    assert status in (20, 78)
    assert told in out or status == 78


def test_what_is_generated_fails_until_it_is_filled_in(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it a machine's guess could become the owner's expectation."""
    on_stdout = cutter(capsys, "test", "--generate", "-")
    status, out = cutter(capsys, "test", "--generate", "missing.yaml")
    again = cutter(capsys, "test", "--generate", "missing.yaml")
    run_again = cutter(capsys, "test", "missing.yaml")

    assert (on_stdout[0], status) == (0, 0)
    assert (workspace / "missing.yaml").read_text(encoding="utf-8") == on_stdout[1]
    assert out.startswith("DONE  ")
    assert again[0] == 2
    assert "file_exists" in again[1]
    assert run_again[0] == 20
    assert "expects nothing" in run_again[1]


def test_all_rows_are_generated_where_there_is_no_table(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it the first table would have to be written by hand."""
    (workspace / "policies" / "tests" / "ready.yaml").unlink()
    status, out = cutter(capsys, "test", "--generate", "-")

    assert status == 0
    assert out.count("expect: {}") == len(generate(load_selection(workspace / "policies"))) > 5


def test_what_does_not_hold_is_mended_before_rows_are_missing(
    capsys: pytest.CaptureFixture[str], workspace: Path
) -> None:
    """Without it mutants would be counted against rows that are wrong themselves."""
    write_policies(workspace / "policies", ("reason: SEVERE}", "reason: SEVERITY}"), file="tests/ready.yaml")
    mutated = document(capsys, "test", "--mutate")
    generated = document(capsys, "test", "--generate", "-")

    assert (mutated["exit_code"], mutated["score"]) == (20, None)
    assert [item["fault"] for item in mutated["failures"] if item["row"]] == ["other_reason"]
    assert generated["stop_code"] == "STOP_POLICY_TESTS_FAILED"


def test_warnings_are_told_and_stop_nothing(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it people would have to write rules apart that one decision already parts."""
    write_policies(
        workspace / "policies", ("severity: {at_most: 6}, recent.under_limit: false", "recent.under_limit: false")
    )
    found = document(capsys, "lint")

    assert (found["exit_code"], found["errors"], found["warnings"]) == (0, 0, 1)
    assert cutter(capsys, "lint")[1].startswith("GOOD  policies · 0 mistakes · 1 warning\n")


VERSION = 'version: "1.0"\ntitle'
EFFECTIVE = 'effective: {from: "2026-01-01T00:00:00Z"}'


@pytest.mark.parametrize(
    ("edit", "state"),
    [
        ((EFFECTIVE, 'effective: {from: "2020-01-01T00:00:00Z"}'), "effective now"),
        ((EFFECTIVE, 'effective: {from: "2020-01-01T00:00:00Z", until: "2999-01-01T00:00:00Z"}'), "effective now"),
        ((EFFECTIVE, 'effective: {from: "2999-01-01T00:00:00Z"}'), "not effective yet"),
        (
            (EFFECTIVE, 'effective: {from: "2020-01-01T00:00:00Z", until: "2021-01-01T00:00:00Z"}'),
            "effective no longer",
        ),
        (("status: active", "status: withdrawn"), "withdrawn"),
    ],
)
def test_how_a_policy_stands(
    capsys: pytest.CaptureFixture[str], workspace: Path, edit: tuple[str, str], state: str
) -> None:
    """Without it a policy that denies everything now could look like one that works."""
    write_policies(workspace / "policies", edit)
    first = cutter(capsys, "show", "result-ready")[1].splitlines()[0]

    assert first.endswith(f"· {state}")


def test_the_version_that_is_selected_is_shown(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it somebody would read rules that are not in force."""
    newer = (workspace / "policies" / "rules" / "ready.yaml").read_text(encoding="utf-8")
    path = workspace / "policies" / "rules" / "newer.yaml"
    path.write_text(newer.replace(VERSION, VERSION.replace("1.0", "1.10")), encoding="utf-8")
    selected = document(capsys, "show", "result-ready")
    named = document(capsys, "show", "result-ready@1.10")
    listed = document(capsys, "list")["policies"]

    assert (selected["version"], selected["selected"], selected["other_versions"]) == ("1.0", True, ["1.10"])
    assert (named["version"], named["selected"], named["path"]) == ("1.10", False, "policies/rules/newer.yaml")
    assert [(item["version"], item["selected"]) for item in listed] == [("1.0", True), ("1.10", False)]


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("show nothing", "policy"),
        ("show result-ready@9.0", "policy"),
        ("explain trigger.json --answer recent.other=true", "answer"),
        ("explain trigger.json --answer recent.under_limit=1", "answer"),
        ("explain trigger.json --answer recent.under_limit=true --answer recent.under_limit=false", "answer"),
        ("diff policies policies --export a --signature b", "together"),
        ("test --mutate --generate -", "together"),
    ],
)
def test_wrong_use_is_refused_and_says_how(
    capsys: pytest.CaptureFixture[str], workspace: Path, line: str, detail: str
) -> None:
    """Without it a mistyped answer would count as none, and explain something that was not asked."""
    (workspace / "trigger.json").write_text(TRIGGER, encoding="utf-8")
    refusal = document(capsys, *line.split())

    assert (refusal["stop_code"], refusal["detail"], refusal["exit_code"]) == ("STOP_INVALID_INPUT", detail, 2)


@pytest.mark.parametrize("line", ["explain gone.json", "test gone.yaml", "prove gone.yaml"])
def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Without it a mistyped path would be an internal fault."""
    refusal = document(capsys, *line.split())

    assert refusal["stop_code"] == "STOP_SOURCE_MISSING"
    assert refusal["where"].endswith(line.split()[1])


UNASKED = """\
Views are not asked here, and a run asks them. Taken to be missing:
  --answer recent.under_limit=true|false
"""


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((), "ESCALATED  lab.result_ready · MISSING_FIELD"),
        (("--answer", "recent.under_limit=true"), "ALLOWED  lab.result_ready · ROUTINE"),
        (("--answer", "recent.under_limit=false"), "DENIED  lab.result_ready · TOO_MANY"),
    ],
)
def test_a_trigger_is_explained(
    capsys: pytest.CaptureFixture[str], workspace: Path, answers: tuple[str, ...], state: str
) -> None:
    """Without it nobody could see why a trigger was decided as it was, before it is one."""
    (workspace / "trigger.json").write_text(TRIGGER, encoding="utf-8")
    status, out = cutter(capsys, "explain", "trigger.json", *answers)

    before, found, _after = out.partition(state)
    assert (status, found) == (0, state)
    assert before == ("" if answers else UNASKED)
    assert len(out.splitlines()) <= 20


SECRETS = ("mai.pham@example.org", "0912345678", "1984-03-07")


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ('"ward":"north"', '"ward":"mai.pham@example.org"', 20),
        ('"ward":"north"', '"0912345678":"north"', 0),
        ('"severity":2', '"severity":"1984-03-07"', 0),
        ("PAT-7KQ2M4XA-55", "mai.pham@example.org", 20),
        ("{", "{{1984-03-07", 0),
    ],
)
@pytest.mark.parametrize("output", ["human", "json"])
def test_nothing_of_a_trigger_is_told(
    capsys: pytest.CaptureFixture[str], workspace: Path, old: str, new: str, status: int, output: str
) -> None:
    """Without it an explanation would carry a person's data onto a screen or into a log."""
    (workspace / "trigger.json").write_text(TRIGGER.replace(old, new, 1), encoding="utf-8")
    found = cutter(capsys, "explain", "trigger.json", "--output", output)

    assert found[0] == status
    assert not any(secret in found[1] for secret in SECRETS)
    assert "PAT-7KQ2M4XA-55" not in found[1]

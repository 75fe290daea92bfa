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
from tests.support.policy_folders import CONFLICT, GAP, LAX, TRIGGER, write_policies, write_workspace

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

    assert status == 0
    assert out.startswith(state)
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

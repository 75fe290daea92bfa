"""`--report` from its arguments to its files: where they go, what is said, and what the exit status is."""

import json
import stat
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from cutter.cli.main import run
from cutter.cli.refusals import result_view
from cutter.cli.report_options import FORMATS, asked_folder, asked_formats
from cutter.cli.reports import JUNIT, MARKDOWN, SUMMARY_LIMIT, with_reports
from cutter.report.result import PhaseLine
from tests.architecture.source import ROOT
from tests.golden.screens.cases import RESULTS

GOOD, BAD = RESULTS["rehearsal"], RESULTS["rows_present"]
ALL = f"--report={','.join(FORMATS)}"


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace, nothing of the surrounding build known in it."""
    (tmp_path / "cutter.yaml").write_text("format: cutter.workspace/1\ndatabase: embedded\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = ("CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "CI")
    for name in (*names, "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


ARGUMENTS: dict[str, tuple[list[str], tuple[str, ...], str]] = {
    "none": (["orchestrate", "cut"], (), ""),
    "one": (["--report", "junit"], ("junit",), ""),
    "with an equals sign": (["--report=junit,github"], ("github", "junit"), ""),
    "twice": (["--report", "junit", "--report", "markdown"], ("junit", "markdown"), ""),
    "an unknown one": (["--report", "pdf"], (), ""),
    "after the end of options": (["--", "--report", "junit"], (), ""),
    "a folder": (["--report-to", "a b", "--report-to=out"], (), "out"),
    "nothing follows": (["--report"], (), ""),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_argv_asks_for(name: str) -> None:
    """A run that the parser refuses is reported too, so the parser cannot be asked."""
    arguments, formats, folder = ARGUMENTS[name]

    assert (asked_formats(arguments), asked_folder(arguments)) == (formats, folder)


def test_files_go_to_the_folder_of_the_run(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who gives no folder finds the reports with the run, private as its other files are."""
    view = with_reports(result_view(GOOD), [ALL])
    folder = workspace / ".cutter" / "reports" / GOOD.run_id
    said = capsys.readouterr()

    assert view == result_view(GOOD)
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()} == {
        JUNIT: "0o600",
        MARKDOWN: "0o600",
    }
    assert said.out == ""
    assert said.err.splitlines()[:2] == [f"report: {folder / JUNIT}", f"report: {folder / MARKDOWN}"]


def test_files_go_where_they_are_sent(workspace: Path) -> None:
    """A build server collects one folder, by its name."""
    with_reports(result_view(GOOD), [ALL, "--report-to", "out/đây đó"])

    assert sorted(path.name for path in (workspace / "out" / "đây đó").iterdir()) == [JUNIT, MARKDOWN]
    assert not (workspace / ".cutter").exists()


def test_a_summary_is_appended(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Several commands of a step share the file; the second must not remove what the first has said."""
    summary = workspace / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    for result in (GOOD, BAD):
        with_reports(result_view(result), ["--report", "github"])
    text, said = summary.read_text(encoding="utf-8"), capsys.readouterr()

    assert text.startswith("before\n### cutter: `rehearsed`\n")
    assert text.count("\n### cutter: ") == 2
    assert "### cutter: `STOP_ROWS_PRESENT`\n\n- stop code: `STOP_ROWS_PRESENT`\n- plan digest: " in text
    assert said.out == ""
    assert [line.partition(" ")[0] for line in said.err.splitlines()] == ["::warning"] * 2 + ["::notice", "::error"]
    assert not (workspace / ".cutter").exists()


@pytest.mark.parametrize("also", ["", ",markdown"])
def test_a_summary_that_is_cut_says_where_the_whole_is(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, also: str
) -> None:
    """A pointer to a file that was not written would be worse than none."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(workspace / "summary.md"))
    phases = tuple(PhaseLine(n, f"phase_{n}", "sql.count@1", "ok", "", 0, {"row_count": n}) for n in range(9000))
    long = msgspec.structs.replace(GOOD, phases=phases)
    with_reports(result_view(long), [f"--report=github{also}", "--report-to", "out"])
    text = (workspace / "summary.md").read_text(encoding="utf-8")
    pointer = str(workspace / "out" / MARKDOWN) if also else f"cutter runs show {GOOD.run_id[:8]}"

    assert SUMMARY_LIMIT - 1000 < len(text.encode()) <= SUMMARY_LIMIT
    assert pointer in text.partition("left out here")[2]
    assert bool(also) == (workspace / "out" / MARKDOWN).exists()


UNWRITABLE = {"a file in place of the folder": "taken", "below a file": "taken/below"}


@pytest.mark.parametrize("folder", UNWRITABLE.values(), ids=UNWRITABLE)
def test_a_report_that_cannot_be_written_is_no_success(
    workspace: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    """A build whose report is missing must not be green; a stop keeps its own exit status."""
    (workspace / "taken").write_text("mine", encoding="utf-8")
    views = [with_reports(result_view(result), [ALL, "--report-to", folder]) for result in (GOOD, BAD)]
    said = capsys.readouterr().err

    assert [view.exit for view in views] == [78, BAD.exit_code]
    assert said.count("STOP_PATH_UNSAFE") == 2
    assert (workspace / "taken").read_text(encoding="utf-8") == "mine"


def test_a_summary_is_not_written_through_a_link(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names a file; whoever can put a link there would choose what is appended to."""
    (workspace / "theirs").write_text("theirs", encoding="utf-8")
    (workspace / "summary.md").symlink_to(workspace / "theirs")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(workspace / "summary.md"))

    assert with_reports(result_view(GOOD), ["--report", "github"]).exit == 78
    assert (workspace / "theirs").read_text(encoding="utf-8") == "theirs"


def test_a_run_that_never_was_is_reported(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipeline that does not lint is the most frequent end in CI; without it the report would be missing then."""
    (workspace / "bad.yaml").write_bytes((ROOT / "tests/golden/pipelines/bad-several-mistakes.yaml").read_bytes())
    status = run("cutter", ["orchestrate", "bad.yaml", ALL, "--output", "json"])
    said = capsys.readouterr()
    suite = ElementTree.parse(workspace / ".cutter" / "reports" / "refused" / JUNIT).getroot()

    assert status == 78
    assert json.loads(said.out)["stop_code"] == "STOP_PIPELINE_INVALID"
    assert [failure.attrib["type"] for failure in suite.iter("failure")] == ["STOP_PIPELINE_INVALID"]
    error = next(line for line in said.err.splitlines() if line.startswith("::error"))
    assert error.startswith("::error file=bad.yaml,line=")


REFUSED: dict[str, tuple[list[str], int]] = {
    "an unknown form": (["orchestrate", "cut", "X", "--report", "pdf"], 2),
    "one of two is unknown": (["orchestrate", "cut", "X", "--report", "junit,pdf"], 2),
    "another command": (["runs", "list", "--report", "junit"], 2),
    "a refused word": (["orchestrate", "cut", "X", "--force", "--report", "github"], 20),
    "a connection as the folder": (["orchestrate", "cut", "X", "--report-to", "postgres://u:hunter2@h/d"], 20),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_has_its_own_exit_status(
    workspace: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """A misspelt form must not be dropped silently, and a report must not tell what the filter has masked."""
    arguments, status = REFUSED[name]

    assert run("cutter", arguments) == status
    assert "hunter2" not in "".join(capsys.readouterr())
    assert not any("hunter2" in path.read_text(encoding="utf-8") for path in workspace.rglob("*") if path.is_file())

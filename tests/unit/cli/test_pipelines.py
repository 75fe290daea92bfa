"""`cutter pipelines` from its arguments to its output: the formats, the languages, the exit statuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from cutter.cli.main import run
from cutter.messages import use_language
from tests.architecture.source import ROOT

BAD = ROOT / "tests" / "golden" / "pipelines" / "bad-several-mistakes.yaml"
MISTAKES = 4


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace, in English, with a bad pipeline beside it."""
    (tmp_path / "cutter.yaml").write_text("format: cutter.workspace/1\ndatabase: embedded\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_bytes(BAD.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    for name in ("CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "CI", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    use_language("en")
    return tmp_path


def cutter(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """A command's exit status and output."""
    status = run("cutter", arguments)
    said = capsys.readouterr()
    assert said.err == ""
    return status, said.out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """A command's JSON."""
    return json.loads(cutter(capsys, *arguments)[1])


@pytest.mark.parametrize("form", ["full", "concise", "json", "sarif", "github"])
@pytest.mark.parametrize(("names", "status"), [(["bad.yaml"], 78), (["cut"], 0), (["cut", "bad.yaml"], 78), ([], 0)])
def test_the_exit_status_is_that_of_what_was_found(
    capsys: pytest.CaptureFixture[str], form: str, names: list[str], status: int
) -> None:
    """Without it a workflow that reads a report would go on over a bad pipeline."""
    assert cutter(capsys, "pipelines", "lint", *names, "--format", form)[0] == status


@pytest.mark.parametrize(
    ("form", "start", "lines"),
    [
        ("concise", "bad.yaml:3:1: P101 ", MISTAKES),
        ("github", "::error file=bad.yaml,line=3,col=1,", MISTAKES),
        ("json", '{"format":"cutter.lint/1"', 1),
        ("sarif", '{"$schema":"https://', 1),
        ("full", "error[P101 unknown-key]: ", 34),
    ],
)
def test_the_forms(capsys: pytest.CaptureFixture[str], form: str, start: str, lines: int) -> None:
    """Without it what reads one form would be given another."""
    out = cutter(capsys, "pipelines", "lint", "bad.yaml", "--format", form)[1]

    assert out.startswith(start)
    assert out.count("\n") == lines


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("github", "::error file=office/bad.yaml,line=3,"),
        ("sarif", '"artifactLocation":{"uri":"office/bad.yaml"}'),
        ("concise", "bad.yaml:3:1: "),
    ],
)
def test_reports_for_a_code_host_name_files_from_its_repository(
    capsys: pytest.CaptureFixture[str], workspace: Path, monkeypatch: pytest.MonkeyPatch, form: str, told: str
) -> None:
    """Without it a workflow that lints in a folder of its repository would annotate files that no change has."""
    office = workspace / "office"
    office.mkdir()
    (office / "bad.yaml").write_bytes(BAD.read_bytes())
    monkeypatch.setenv("GITHUB_WORKSPACE", str(workspace))
    monkeypatch.chdir(office)
    out = cutter(capsys, "pipelines", "lint", "bad.yaml", "--format", form)[1]

    assert told in out
    assert out.startswith(told) or form == "sarif"


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_document_of_json_is_one_line(capsys: pytest.CaptureFixture[str], workspace: Path, form: str) -> None:
    """Without it a separator of lines in a message would break a string of the JSON in two."""
    (workspace / "bad.yaml").write_text("nonsense\u0085x: 1\n\u2028y: 2\n", encoding="utf-8")
    out = cutter(capsys, "pipelines", "lint", "bad.yaml", "--format", form)[1]

    assert out.count("\n") == 1
    assert json.loads(out)


def test_json_is_what_output_json_gives(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it there would be two documents of one lint."""
    asked = cutter(capsys, "pipelines", "lint", "bad.yaml", "--output", "json")

    assert asked == cutter(capsys, "pipelines", "lint", "bad.yaml", "--format", "json")
    assert [d["applicability"] for d in json.loads(asked[1])["files"][0]["diagnostics"]] == [
        "unsafe",
        None,
        "unsafe",
        "unsafe",
    ]


def test_what_programs_read_is_in_no_language(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it a program that reads the forms would work in one country only."""
    for form in ("concise", "json", "sarif", "github"):
        english = cutter(capsys, "pipelines", "lint", "bad.yaml", "--format", form)
        assert cutter(capsys, "pipelines", "lint", "bad.yaml", "--format", form, "--lang", "vi") == english


@pytest.mark.parametrize("command", ["show", "graph"])
def test_a_bad_pipeline_is_refused_with_the_way_to_its_mistakes(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Without it a graph could show half of a pipeline that no run would accept."""
    status, out = cutter(capsys, "pipelines", command, "bad.yaml")

    assert status == 78
    assert "STOP_PIPELINE_INVALID" in out
    assert "cutter pipelines lint bad.yaml" in out


def test_a_graph_needs_a_pipeline_or_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it a bare command would be a traceback or an empty drawing."""
    refusal = document(capsys, "pipelines", "graph", "--output", "json")

    assert (refusal["stop_code"], refusal["detail"], refusal["exit_code"]) == ("STOP_INVALID_INPUT", "missing", 2)


@pytest.mark.parametrize("form", ["tree", "mermaid", "dot"])
@pytest.mark.parametrize("name", ["cut", "void", str(ROOT / "pipelines" / "restore.yaml")])
def test_a_graph_by_name_or_file(capsys: pytest.CaptureFixture[str], name: str, form: str) -> None:
    """Without it a draft could not be drawn before it is put among the pipelines."""
    status, out = cutter(capsys, "pipelines", "graph", name, "--format", form)

    assert status == 0
    assert "GATE_" in out
    if form == "tree":
        assert max(map(len, out.splitlines())) <= 60


def test_a_graph_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it a program would have to read a drawing."""
    graph = document(capsys, "pipelines", "graph", "cut", "--output", "json", "--format", "dot")

    assert (graph["format"], graph["pipeline"], graph["run_id"]) == ("cutter.graph/1", "cut", "")
    assert [node["kind"] for node in graph["phases"]].count("gate") == 2
    assert all(node["status"] == "" for node in graph["phases"])


def test_a_run_that_is_not_there(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    """Without it a mistyped run would be an internal fault."""
    (workspace / "cutter.yaml").write_text(
        "format: cutter.workspace/1\ndatabase: {service: nowhere}\n", encoding="utf-8"
    )
    refusal = document(capsys, "pipelines", "graph", "--run", "ffff", "--output", "json")

    assert refusal["exit_code"] != 0
    assert refusal["stop_code"].startswith("STOP_")


def test_a_pipeline_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it the one page that tells what a pipeline is would be missing, or in the wrong language."""
    english = cutter(capsys, "pipelines", "show", "cut")[1]
    as_json = document(capsys, "pipelines", "show", "cut", "--output", "json")
    vietnamese = cutter(capsys, "pipelines", "show", "cut", "--lang", "vi")[1]
    in_vietnamese = document(capsys, "pipelines", "show", "cut", "--output", "json", "--lang", "vi")

    assert english.startswith("cut  Cut a source document")
    assert vietnamese.startswith("cut  Cắt văn bản nguồn")
    assert as_json == in_vietnamese
    assert (as_json["format"], as_json["sha256"]) == ("cutter.pipeline-shown/1", as_json["sha256"])
    assert as_json["path"].endswith("pipelines/cut.yaml")


def test_the_list_is_in_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it the first thing that a reader of Vietnamese sees of the pipelines would be English."""
    out = cutter(capsys, "pipelines", "list", "--lang", "vi")[1]

    assert "Cắt văn bản nguồn thành các đơn vị thông tin" in out

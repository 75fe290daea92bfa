"""`cutter explain`: codes, statuses, gates, operations and mistakes, as a screen and as JSON, with nothing around."""

import json
from pathlib import Path

import pytest

from cutter.app.explained_pipelines import explain_pipeline_word, pipeline_words
from cutter.cli.main import run
from cutter.operations import OPERATIONS
from cutter.pipeline import Code
from cutter.settings import load_settings
from tests.support.parsing import parse

ROOT = Path(__file__).parents[3]
SECRET = "hunter2"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a workspace."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# the word → what it is, its name, and what stands on its screen
EXPLAINED: dict[str, tuple[str, str, str]] = {
    "drift": ("stop", "STOP_DRIFT", "exit 21"),
    "STOP_BUSY": ("stop", "STOP_BUSY", "Running the same line again may help"),
    "21": ("exit", "21", "STOP_FINGERPRINT_DRIFT"),
    "conflict": ("category", "CONFLICT", "STOP_ROWS_PRESENT"),
    "GATE_CUT_AUTHORIZATION": ("gate", "GATE_CUT_AUTHORIZATION", "sovereign 1"),
    "cut-authorization": ("gate", "GATE_CUT_AUTHORIZATION", "library.cut_leg_a@1"),
    "GATE_FAILURE_ESCALATION": ("gate", "GATE_FAILURE_ESCALATION", "whether it goes on"),
    "library.cut_leg_a": ("operation", "library.cut_leg_a@1", "writes to the database"),
    "library.cut_leg_a@1": ("operation", "library.cut_leg_a@1", "library.information_unit"),
    "P301": ("mistake", "P301", "write-before-gate"),
    "write-before-gate": ("mistake", "P301", "before the first gate"),
    "NO_MATCH": ("reason", "NO_MATCH", "STOP_POLICY_DENIED"),
    "missing-field": ("reason", "MISSING_FIELD", "so that people decide"),
    "AS_OF_IN_FUTURE": ("reason", "AS_OF_IN_FUTURE", "five minutes"),
    "not_selected": ("reason", "NOT_SELECTED", "lint tells which one"),
    "gap": ("finding", "gap", "No rule says what happens here"),
    "dead": ("finding", "dead", "never decides"),
}


@pytest.mark.parametrize("word", EXPLAINED)
def test_explained(word: str, elsewhere: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A code is looked up where it was met: without a workspace, a network or a database."""
    _, name, shown = EXPLAINED[word]
    status = run("cutter", ["explain", word])
    out, err = capfdbinary.readouterr()
    text = " ".join(out.decode().split())

    assert (status, err) == (0, b"")
    assert name in text
    assert shown.lower() in text.lower()
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("word", EXPLAINED)
def test_explained_in_json(word: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A program that met a code asks in the same words."""
    kind, name, _ = EXPLAINED[word]
    status = run("cutter", ["explain", word, "--output", "json"])
    document = json.loads(capfdbinary.readouterr().out)

    assert (status, document["format"], document["kind"], document["name"]) == (0, "cutter.explanation/1", kind, name)
    assert document["meaning"]
    for step in document["next"]:
        parse(step["command"])


UNKNOWN: dict[str, tuple[str, str]] = {
    "a mistyped code": ("STOP_DRIF", "STOP_DRIFT"),
    "a part of a code": ("approval", "STOP_APPROVAL_EXPIRED"),
    "a part of a gate": ("GATE_CUT", "GATE_CUT_AUTHORIZATION"),
    "a mistyped operation": ("library.cut_leg", "library.cut_leg_a"),
    "a number that is no status": ("22222", "21"),
    "a mistyped reason": ("NO_MACH", "NO_MATCH"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_words_lead_to_the_nearest(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Codes are long; whoever mistypes one must not have to read the whole table."""
    word, near = UNKNOWN[name]
    status = run("cutter", ["explain", word, "--output", "json"])
    document = json.loads(capfdbinary.readouterr().out)

    assert (status, document["stop_code"], document["detail"]) == (2, "STOP_INVALID_INPUT", "unknown")
    assert near in document["suggestions"]


@pytest.mark.parametrize("word", [SECRET, f"STOP_{SECRET}", "\x1b[31m", "‮x", "x" * 5000])
def test_unknown_words_are_not_echoed(word: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """What was pasted by mistake may be a password, or move the cursor."""
    assert run("cutter", ["explain", word]) == 2
    out, err = capfdbinary.readouterr()

    assert SECRET not in out.decode() + err.decode()
    assert "\x1b" not in out.decode()
    assert len(out) < 2000


def test_a_broken_workspace_does_not_hide_what_its_stop_means(
    elsewhere: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Who is told STOP_CONFIG_INVALID asks for its meaning in that very workspace."""
    (elsewhere / "cutter.yaml").write_text("format: [", encoding="utf-8")

    assert run("cutter", ["explain", "config-invalid"]) == 0
    assert run("cutter", ["explain", "library.enact"]) == 0
    assert run("cutter", ["explain", "no.such.thing"]) == 2
    assert b"STOP_CONFIG_INVALID" in capfdbinary.readouterr().out


def test_a_gate_of_the_workspace(elsewhere: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """An office's own gates are met as often as the shipped ones."""
    text = (ROOT / "pipelines" / "cut.yaml").read_text(encoding="utf-8")
    (elsewhere / "pipelines").mkdir()
    own = text.replace("id: cut\n", "id: mine\n").replace("GATE_CUT_AUTHORIZATION", "GATE_OF_MINE")
    (elsewhere / "pipelines" / "mine.yaml").write_text(own, encoding="utf-8")

    assert run("cutter", ["explain", "of-mine"]) == 0
    assert b"mine, phase authorize_cut" in capfdbinary.readouterr().out


def test_every_word_of_pipelines_is_explained(elsewhere: Path) -> None:
    """A word that is suggested as the nearest must be explained when it is typed."""
    settings = load_settings(elsewhere, {})
    words = pipeline_words(settings)

    assert len(words) >= len(OPERATIONS) + 2 * len(Code)
    assert [word for word in words if explain_pipeline_word(word, settings) is None] == []


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_lines_fit_the_screen(
    columns: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paragraph that the terminal breaks by itself loses its indent and cuts words."""
    monkeypatch.setenv("COLUMNS", columns)
    run("cutter", ["explain", "GATE_CUT_AUTHORIZATION"])
    lines = capfdbinary.readouterr().out.decode().splitlines()

    assert max(map(len, lines)) < min(int(columns), 78)

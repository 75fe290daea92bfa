"""JSON is of no language: what programs read is the same whatever a person reads."""

from collections.abc import Iterator

import pytest

from cutter.cli.main import run
from cutter.messages import use_language
from cutter.model import Mode
from cutter.report.fold import fold_refusal, refused_result
from cutter.report.machine import encode
from cutter.stops import Stop, StopCode
from tests.architecture.source import ROOT
from tests.golden.screens import cases

COMMANDS = (
    ("explain", "STOP_DRIFT"),
    ("explain", "21"),
    ("explain", "library.cut_leg_a"),
    ("explain", "GATE_CUT_AUTHORIZATION"),
    ("pipelines", "list"),
    ("pipelines", "show", "cut"),
    ("pipelines", "graph", "cut"),
    ("operations", "list"),
    ("operations", "show", "library.void"),
    ("documents", "list"),
    ("runs", "show", "--what"),
    ("say", "cắt văn bản"),
    ("schema", "result"),
)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The workspace of the sources."""
    for name in ("CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)
    yield
    use_language("en")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_json_of_commands(command: tuple[str, ...], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A program that was written in one country must work in another (command-line.md §1 row 13)."""
    said = []
    for language in ("en", "vi"):
        status = run("cutter", [*command, "--output", "json", "--lang", language])
        said.append((status, capfdbinary.readouterr().out))

    assert said[0] == said[1]
    assert said[0][1].startswith(b"{")


@pytest.mark.parametrize("code", StopCode, ids=lambda code: code.name)
def test_json_of_refusals(code: StopCode) -> None:
    """Codes, details and the labels of commands stay: they are keys for programs."""
    stop = Stop(code, "run:7b1de2ab-0000", suggestions=("VN-DEMO",), where="argument 3", found="a digest")
    said = []
    for language in ("en", "vi"):
        use_language(language)
        refused = refused_result(stop, pipeline="cut", mode=Mode.LIVE, document_id="VN-DEMO")
        said.append(encode(fold_refusal(stop, ("runs", "list"))) + encode(refused))

    assert said[0] == said[1]


MADE = {"rehearsed": cases.REHEARSED, "waiting": cases.WAITING, "refused": cases.REFUSED, "done": cases.DONE}


@pytest.mark.parametrize("name", MADE)
def test_json_of_runs(name: str) -> None:
    """The result of a run is kept and compared: it must not depend on who started it."""
    said = []
    for language in ("en", "vi"):
        use_language(language)
        said.append(encode(cases.result(MADE[name], waiting=cases.ASKED)))

    assert said[0] == said[1]

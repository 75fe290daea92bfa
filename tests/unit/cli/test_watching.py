"""`runs show --watch`: it ends when the run stands otherwise, and not before."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cutter.app.runs import ShownRun
from cutter.cli import runs, watching
from cutter.cli.main import run
from cutter.messages import use_language
from cutter.report.result import Result
from tests.golden.screens.cases import RESULTS
from tests.support.records import RUN_ID


def shown(result: Result | None, events: int = 10) -> ShownRun:
    """A run as it is found."""
    return ShownRun(RUN_ID, "/office/.cutter/runs/x", result, (), events)


WAITS, PARTLY, ALL = (
    shown(RESULTS["waiting"]),
    shown(RESULTS["waiting_for_others"]),
    shown(RESULTS["waiting_all_signed"]),
)
MORE = shown(RESULTS["waiting"], 11)

# What is found one after the other, the exit status, and what is told on the way.
WATCHED: dict[str, tuple[Sequence[ShownRun], int, tuple[str, ...]]] = {
    "it is done already": ([shown(RESULTS["done"])], 0, ()),
    "it failed already": ([shown(RESULTS["failed_partly"])], 51, ()),
    "it left nothing": ([shown(None)], 0, ()),
    "nothing changes, then it is refused": ([WAITS, WAITS, WAITS, shown(RESULTS["approval_refused"])], 11, ()),
    "one signs, then all": ([WAITS, PARTLY, PARTLY, ALL], 10, ("signed so far: cuong.vo",)),
    "it goes on elsewhere": ([WAITS, shown(RESULTS["resumed"])], 10, ()),
    "it is done": ([WAITS, MORE, shown(RESULTS["done"])], 0, ("11 events so far",)),
    "it is ended": ([WAITS, shown(RESULTS["aborted"])], 0, ()),
    "it works, then waits": ([shown(RESULTS["unfinished_live"]), WAITS], 10, ()),
}


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A workspace; waiting takes no time."""
    (tmp_path / "cutter.yaml").write_text("format: cutter.workspace/1\ndatabase: embedded\n")
    monkeypatch.chdir(tmp_path)
    for name in ("CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(watching, "_POLL", 0.0)
    yield
    use_language("en")


def watch(monkeypatch: pytest.MonkeyPatch, found: Sequence[ShownRun], *options: str) -> tuple[int, int]:
    """The exit status, and how often the run was looked at."""
    looks = iter(found)
    seen: list[str] = []

    def show_run(_settings: object, prefix: str) -> ShownRun:
        seen.append(prefix)
        return next(looks)

    monkeypatch.setattr(runs, "show_run", show_run)
    monkeypatch.setattr(watching, "show_run", show_run)
    return run("cutter", ["runs", "show", RUN_ID[:8], "--watch", *options]), len(seen)


@pytest.mark.parametrize("name", WATCHED)
def test_watch(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever waits for signatures must learn at once that they are there, and not when nothing has happened."""
    found, status, news = WATCHED[name]
    ended, looks = watch(monkeypatch, found)
    said = capsys.readouterr()

    assert (ended, looks) == (status, len(found))
    assert tuple(line for line in said.err.splitlines() if not line.startswith("watching run")) == news
    assert said.out.count("\nFiles ") == (1 if len(found) == 1 else 2)
    assert "\x1b" not in said.err + said.out
    assert "\r" not in said.err + said.out


def test_a_program_gets_one_document(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Two documents on stdout, or the first in place of the last, would be read as what the run is."""
    ended, _looks = watch(monkeypatch, [WAITS, shown(RESULTS["done"])], "--output", "json")
    said = capsys.readouterr()

    assert ended == 0
    assert said.out.count('"format":"cutter.run/1"') == 1
    assert '"status":"done"' in said.out

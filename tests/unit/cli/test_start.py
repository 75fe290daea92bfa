"""`cutter` alone: the one line, the open runs of this folder, where help is; how to begin where there is nothing."""

import os
import re
from pathlib import Path

import pytest

from cutter.cli.main import run
from tests.support.parsing import parse
from tests.unit.app.test_index import OTHER, RUN, keep, result_of, workspace

__all__ = ["workspace"]


def shown(capfdbinary: pytest.CaptureFixture[bytes]) -> str:
    """The screen."""
    assert run("cutter", []) == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    return out.decode()


def test_outside_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Whoever has just installed it must see how to begin, and nothing may be made by looking."""
    monkeypatch.chdir(tmp_path)
    screen = shown(capfdbinary)

    assert "no cutter.yaml" in screen
    assert "cutter init" in screen
    assert list(tmp_path.iterdir()) == []


def test_the_one_line_runs_as_it_stands(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A line with a placeholder would be typed as it stands, and fail."""
    monkeypatch.chdir(workspace)

    assert "  cutter orchestrate cut ICX-CONST  " in shown(capfdbinary)


def test_open_runs_are_named(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A run that waits is forgotten where nobody is told; one that is done, or was a rehearsal, needs nobody."""
    monkeypatch.chdir(workspace)
    keep(workspace, RUN, result=result_of("waiting"))
    keep(workspace, OTHER, result=result_of("unfinished"))
    keep(workspace, RUN.replace("0f8fad5b", "99999999"), result=result_of("done"))
    keep(workspace, RUN.replace("0f8fad5b", "88888888"), result=result_of("unfinished", "dryrun"))
    screen = shown(capfdbinary)

    assert re.search(r"WAITING +0f8fad5b  cut ICX-CONST", screen)
    assert re.search(r"UNFINISHED +1a2b3c4d  cut ICX-CONST", screen)
    assert "99999999" not in screen
    assert "88888888" not in screen


def test_many_open_runs_are_counted(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The first screen stays one screen."""
    monkeypatch.chdir(workspace)
    for number in range(9):
        keep(workspace, RUN.replace("0f8fad5b", f"{number:08x}"), result=result_of("waiting"))
    screen = shown(capfdbinary)

    assert screen.count("WAITING") == 5
    assert "and 4 more" in screen


def test_every_command_on_it_parses(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The first commands that anybody types must work."""
    monkeypatch.chdir(workspace)
    keep(workspace, RUN, result=result_of("waiting"))
    lines = re.findall(r"  (cutter .*?)(?:  .*)?$", shown(capfdbinary), re.MULTILINE)

    assert len(lines) >= 5
    for line in lines:
        parse(line)


def test_a_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A shell may stand in a folder that somebody removed."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert not os.path.exists(gone)  # noqa: PTH110

    assert "cutter init" in shown(capfdbinary)

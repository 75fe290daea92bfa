"""What goes to which stream, on a terminal and off it."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.e2e.conftest import ROOT, Workspace

ESCAPE = b"\x1b["

COLORED: dict[str, tuple[tuple[str, ...], dict[str, str], bool]] = {
    "a terminal": ((), {"TERM": "xterm"}, True),
    "NO_COLOR": ((), {"TERM": "xterm", "NO_COLOR": "1"}, False),
    "a dumb terminal": ((), {"TERM": "dumb"}, False),
    "never": (("--color", "never"), {"TERM": "xterm"}, False),
    "always wins": (("--color", "always"), {"TERM": "dumb", "NO_COLOR": "1"}, True),
}


def on_terminal(
    workspace: Workspace, *arguments: str, stream: str = "stdout", environ: Mapping[str, str] | None = None
) -> tuple[bytes, bytes]:
    """Run `cutter` with one stream being a terminal: what came there, and what came to the other stream."""
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
    other = "stderr" if stream == "stdout" else "stdout"
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
    process = subprocess.Popen(
        [sys.executable, "-m", "cutter", *arguments],
        cwd=workspace.folder,
        env={**inherited, "PYTHONPATH": path, **(environ or {})},
        **{stream: theirs, other: subprocess.PIPE},  # type: ignore[call-overload]
    )
    os.close(theirs)
    seen = bytearray()
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # Linux: the other end of the terminal was closed
        pass
    rest = getattr(process, other).read()
    process.wait(timeout=60)
    getattr(process, other).close()
    os.close(ours)
    return bytes(seen), rest


@pytest.mark.parametrize("name", COLORED)
def test_colour(fresh: Workspace, name: str) -> None:
    """Only the state is coloured, only where a person looks, and never against their will."""
    arguments, environ, colored = COLORED[name]
    seen, _ = on_terminal(fresh, "documents", "show", "ICX-CONS", *arguments, environ=environ)

    assert (ESCAPE in seen) is colored
    assert b"STOP_DOCUMENT_UNKNOWN" in seen


@pytest.mark.parametrize("name", ["GITHUB_ACTIONS", "PY_COLORS", "CLICOLOR_FORCE"])
def test_no_escapes_in_a_pipe(fresh: Workspace, name: str) -> None:
    """What CI systems set must not put escapes into a file, in help or in a screen (command-line.md §3 row 4)."""
    for arguments in (("--help",), ("db", "--help"), ("db", "url", "--help"), ("documents", "show", "X-1")):
        answer = fresh.cutter(*arguments, environ={name: "1"})
        assert ESCAPE not in answer.out + answer.err


def test_a_table_has_names_only_on_a_terminal(fresh: Workspace) -> None:
    """A person needs the names of the columns; a program needs records and whole values."""
    seen, _ = on_terminal(fresh, "documents", "list")
    piped = fresh.cutter("documents", "list").text

    assert seen.startswith(b"DOCUMENT ")
    assert piped.splitlines()[0].split("\t")[0] == "ICX-CONST"


def test_progress_is_on_stderr(running: Workspace) -> None:
    """Somebody who pipes the JSON still sees how far the run is, and the JSON stays one document."""
    seen, out = on_terminal(running, "orchestrate", "cut", "ICX-CONST", "--output=json", stream="stderr")

    assert len(seen.splitlines()) == 12
    assert seen.startswith(b"phase 1 of 12, discover, ok")
    assert out.startswith(b'{"format":"cutter.result/1"')
    assert out.count(b"\n") == 1


def test_progress_in_a_log_is_plain_lines(running: Workspace) -> None:
    """A log is read line by line: each phase is one, nothing is redrawn; a program that reads JSON hears none."""
    told = running.cutter("orchestrate", "cut", "ICX-CONST").err
    silent = running.cutter("orchestrate", "cut", "ICX-CONST", "--output", "json").err

    assert len(told.splitlines()) == 12
    assert all(line.startswith(b"phase ") for line in told.splitlines())
    assert not {0x1B, 0x0D} & set(told)
    assert silent == b""


def test_progress_on_a_terminal_is_a_list(running: Workspace) -> None:
    """Where it can be redrawn, the phases stand below each other as in the result, each once."""
    environ = {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    seen, out = on_terminal(running, "orchestrate", "cut", "ICX-CONST", stream="stderr", environ=environ)

    assert b"   3 plan" in seen
    assert b"  12 report           ok" in seen
    assert b"phase 3" not in seen
    assert ESCAPE not in out
    assert out.startswith(b"REHEARSAL  cut ICX-CONST")

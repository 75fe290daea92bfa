"""Streams that are closed or full: never a traceback, and never a success that nobody could read."""

import os
import subprocess
import sys

import pytest

from tests.e2e.conftest import ROOT, Workspace

LINES = {
    "a table": ("documents", "list"),
    "a tree": ("documents", "show", "ICX-CONST"),
    "one document": ("documents", "show", "ICX-CONST", "--output=json"),
    "a refusal": ("documents", "show", "NONE-1"),
    "help": ("--help",),
}


def shell(workspace: Workspace, arguments: tuple[str, ...], redirection: str) -> tuple[int, bytes]:
    """Run `cutter` with a redirection: its status, and what came to stderr."""
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "cutter", *arguments],
        cwd=workspace.folder,
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", LINES)
def test_a_closed_stdout_changes_no_status(fresh: Workspace, name: str) -> None:
    """A caller that closes a stream wants the status only; a traceback would end a run that had gone well with 1."""
    status, err = shell(fresh, LINES[name], ">&-")

    assert status == fresh.cutter(*LINES[name]).status
    assert err == b""


@pytest.mark.parametrize("name", LINES)
def test_a_full_disk_is_no_success(fresh: Workspace, name: str) -> None:
    """`cutter … > file` on a full disk must not look as if the file held the answer."""
    status, err = shell(fresh, LINES[name], ">/dev/full")

    assert status != 0
    assert b"ENOSPC" in err
    assert b"Traceback" not in err

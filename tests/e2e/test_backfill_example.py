"""The example of a back-fill: its page is followed as it stands, from the rehearsal to the signed write."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutter.postgres import embedded
from tests.e2e.conftest import ROOT
from tests.plugins.postgres import discard

EXAMPLE = ROOT / "examples" / "backfill"
COMMANDS = [
    line.removeprefix("    $ ")
    for line in (EXAMPLE / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("    $ ")
]
LIVE_FROM = next(n for n, command in enumerate(COMMANDS) if command.startswith("cutter init "))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the example, with `cutter` on the path; its databases are removed at the end."""
    folder = tmp_path_factory.mktemp("example") / "backfill"
    shutil.copytree(EXAMPLE, folder)
    program = folder.parent / "cutter"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cutter "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    yield folder
    for used in (folder, folder / "live"):
        if used.is_dir():
            discard(embedded.locate(used))


def type_in(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """What a shell answers to a line."""
    path = os.pathsep.join((str(folder.parent), str(folder.parent.parent), os.environ["PATH"]))
    python_path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    environ = {**os.environ, "PATH": path, "PYTHONPATH": python_path, "XDG_STATE_HOME": str(folder / "state")}
    environ.pop("CI", None)
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_rehearsal_of_the_page(workspace: Path) -> None:
    """Without it the page could teach what does not work, and a rehearsal could fill in the column."""
    done = [type_in(workspace, command) for command in COMMANDS[:LIVE_FROM]]

    assert [answer.returncode for answer in done] == [0] * LIVE_FROM
    assert all(line.startswith("phase ") for answer in done for line in answer.stderr.splitlines())
    assert "REHEARSAL  backfill" in done[-1].stdout
    assert "Database unchanged: it refused the commit (checked)." in done[-1].stdout
    again = json.loads(type_in(workspace, f"{COMMANDS[LIVE_FROM - 1]} --output json").stdout)
    assert (again["status"], again["effect"]) == ("rehearsed", "rehearsed")
    assert [note["stop_code"] for note in again["would_stop"]] == ["STOP_BACKUP_REFUSED"]


def test_the_live_run_of_the_page(workspace: Path) -> None:
    """Without it nobody would know that the engine serves any governed change, up to the signed write."""
    folder, run, statuses, last = workspace, "", [], ""
    for command in COMMANDS[LIVE_FROM:]:
        if command.startswith("cd "):
            folder = folder / command.removeprefix("cd ")
            continue
        answer = type_in(folder, command.replace("RUN", run))
        statuses.append(answer.returncode)
        found = re.search(r"run ([0-9a-f]{8})", answer.stdout)
        run, last = found[1] if found else run, answer.stdout

    assert statuses == [0, 0, 0, 0, 10, 0, 0, 0]
    assert sorted(last.split()) == ["north|1000", "|2000"]
    repeated = json.loads(type_in(folder, "cutter orchestrate backfill HN --mode live --output json").stdout)
    assert (repeated["stop_code"], repeated["exit_code"]) == ("STOP_REPLAY_CONFLICT", 20)
    assert json.loads(type_in(folder, "cutter ledger verify --output json").stdout)
    assert "Customer" not in type_in(folder, "cutter runs list --output json").stdout
    drilled = type_in(folder, f"cutter backups drill {run}").stdout
    assert "1,000 rows of 1 table decrypted, each file as the manifest says" in drilled
    assert "orchestrate restore" not in drilled  # that is for documents
    assert "backfill HN" in type_in(folder, f"cutter runs show {run}").stdout

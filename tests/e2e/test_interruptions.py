"""A rehearsal that is told to end, or is killed: what it answers and leaves, and that the next one runs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Workspace

LONG = "LONG-1"
ARTICLES = 6000  # a cut of seconds, so that a signal finds it at work


@pytest.fixture(scope="module")
def long(running: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace with a text that takes a while."""
    text = tmp_path_factory.mktemp("texts") / "long.txt"
    text.write_text(
        "\n".join(f"Điều {n}. Tên điều\n1. Khoản một.\n2. Khoản hai." for n in range(1, ARTICLES + 1)) + "\n",
        encoding="utf-8",
    )
    assert running.cutter("documents", "add", str(text), "--document-id", LONG).status == 0
    assert running.cutter("db", "start").status == 0
    return running


def end(workspace: Workspace, number: signal.Signals) -> tuple[int, bytes, bytes, str]:
    """Send a signal to a rehearsal that has begun: its status, its two streams, and its run."""
    runs = workspace.folder / ".cutter" / "runs"
    before = {path.name for path in runs.iterdir()} if runs.is_dir() else set()
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
    process = subprocess.Popen(
        [sys.executable, "-m", "cutter", "orchestrate", "cut", LONG, "--output=json"],
        cwd=workspace.folder,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A test runner in the background ignores Ctrl-C, and what it starts would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    run_id = begun(runs, before)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err, run_id


def begun(runs: Path, before: set[str]) -> str:
    """The run that is new, once it has the sidecar of its second phase."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = [p for p in runs.glob("*/02-*.json") if p.parent.name not in before]
        if found:
            return found[0].parent.name
        time.sleep(0.01)
    raise AssertionError("no run began")


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(signal.SIGINT, 130, "STOP_INTERRUPTED"), (signal.SIGTERM, 143, "STOP_TERMINATED")],
    ids=["SIGINT", "SIGTERM"],
)
def test_a_rehearsal_that_is_told_to_end_says_so(
    long: Workspace, number: signal.Signals, status: int, code: str
) -> None:
    """Without it a service manager would see a silent death, and the run's folder would look like broken evidence."""
    ended, out, err, run_id = end(long, number)
    document = json.loads(out)

    assert (ended, document["exit_code"], document["stop_code"], err) == (status, status, code, b"")
    assert (document["run_id"], document["status"], document["effect"]) == (run_id, "stopped", "none")
    assert document["next"][0]["command"] == f"cutter orchestrate cut {LONG}"
    assert long.cutter("runs", "verify", run_id, "--sidecars").status == 0
    assert long.cutter("orchestrate", "cut", "ICX-CONST").status == 0


def test_a_rehearsal_that_was_killed_is_unfinished(long: Workspace) -> None:
    """Without it the list would call the folder of every killed rehearsal broken evidence."""
    ended, out, _, run_id = end(long, signal.SIGKILL)
    listed = long.cutter("runs", "list", "--output=json").document["runs"]
    row = next(run for run in listed if run["run_id"] == run_id)
    shown = long.cutter("runs", "show", run_id)

    assert (ended, out) == (-signal.SIGKILL, b"")
    assert (row["status"], row["pipeline"], row["document_id"]) == ("unfinished", "cut", LONG)
    assert (shown.status, shown.text.split()[0]) == (0, "UNFINISHED")
    assert long.cutter("orchestrate", "cut", "ICX-CONST").status == 0

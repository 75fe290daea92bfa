"""The program as a process of its own in a live office, as an operator starts it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.live import LiveOffice
from tests.support.runs import DEMO, REPOSITORY

CUT = ("orchestrate", "cut", DEMO)
LIVE = (*CUT, "--mode", "live")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered."""

    status: int
    document: dict[str, Any]


def command(
    live: LiveOffice,
    arguments: Sequence[str],
    *,
    under: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Answer:
    """Run `cutter` in the office, under another program, with other variables, or after a change to its process."""
    state = live.office.workspace.parent / "state"
    known = {name: os.environ[name] for name in ("PATH", "HOME", "PGSERVICEFILE")}
    done = subprocess.run(
        [*under, sys.executable, "-m", "cutter", *arguments, "--output", "json"],
        cwd=live.office.workspace,
        env={**known, "XDG_STATE_HOME": str(state), "PYTHONPATH": str(REPOSITORY), **(environ or {})},
        stdout=subprocess.PIPE,
        timeout=100,
        check=False,
        preexec_fn=before,
    )
    return Answer(done.returncode, json.loads(done.stdout))


def approved(live: LiveOffice) -> str:
    """A run that may go on over its first gate: its request."""
    waiting = live.cut()
    live.sign(waiting.approval_kb_id, "sovereign")
    return waiting.approval_kb_id or ""

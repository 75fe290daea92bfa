"""Watching a run: looking at it again and again until it stands otherwise than it did.

Rules kept here: nothing is written, not even a lock; what is told while it lasts goes to stderr, one line for each
thing that happened and nothing redrawn; interrupting the watch interrupts no run.

Source: command-line.md §1 row 14, §2 (M2).
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress

from cutter.app.runs import ShownRun, show_run
from cutter.messages import _, counted
from cutter.report.next_steps import SHORT_ID
from cutter.report.result import RunStatus
from cutter.report.visible import visible
from cutter.settings import Settings

_POLL = 2.0  # seconds between two looks
_OPEN = frozenset({RunStatus.WAITING, RunStatus.UNFINISHED})


def watch_run(settings: Settings, found: ShownRun, show: Callable[[ShownRun], bool]) -> ShownRun:
    """The run as it is when it stands otherwise; at once where nothing more can come.

    Args:
        settings: the workspace.
        found: the run as it is now.
        show: shows it before the wait; false when nobody reads.
    """
    if found.result is None or found.result.status not in _OPEN or not show(found):
        return found
    _tell(_("watching run {run}; Ctrl-C ends the watch, not the run", run=found.run_id[:SHORT_ID]))
    now = found
    while _stands(now) == _stands(found):
        time.sleep(_POLL)
        before, now = now, show_run(settings, found.run_id)
        if _stands(now) == _stands(found):
            _tell_news(before, now)
    return now


def _stands(run: ShownRun) -> tuple[object, ...]:
    """What a change of ends the watch."""
    result = run.result
    if result is None:
        return ()
    return result.status, result.stop_code, result.gate, result.approval_kb_id, result.exit_code, _complete(run)


def _complete(run: ShownRun) -> bool:
    """Whether the run waits for nobody's signature any more."""
    waiting = run.result.waiting if run.result else None
    return waiting is not None and not waiting.missing


def _tell_news(before: ShownRun, now: ShownRun) -> None:
    signed = [run.result.waiting.signed if run.result and run.result.waiting else () for run in (before, now)]
    if signed[0] != signed[1]:
        _tell(_("signed so far: {persons}", persons=visible(", ".join(signed[1]))))
    elif now.events > before.events:
        _tell(counted(now.events, "{count} event so far|{count} events so far"))


def _tell(line: str) -> None:
    with suppress(OSError):  # what is told on the way decides nothing
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

"""Progress on a terminal: one plain line on stderr as each phase ends, nothing elsewhere.

Source: command-line.md §1 rows 2, 14 (no boxes, no redraw); §3 row 11.
"""

import sys
from contextlib import suppress
from typing import TextIO

from cutter.contracts import Notify
from cutter.events import (
    GateOpened,
    GateRehearsed,
    GateWaiting,
    Published,
    Record,
    Spawned,
    Started,
    Stopped,
    Verified,
    WouldStop,
)


def make_progress() -> Notify:
    """The listener for this process: on a terminal it tells every phase, else nothing."""
    return Progress(sys.stderr) if sys.stderr.isatty() else silent


def silent(record: Record) -> None:
    """Tell nothing."""


class Progress:
    """Tells how each phase ended: `phase 3 of 12, plan, ok`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._phases = 0
        self._index = 0
        self._operates = False
        self._word = "ok"

    def __call__(self, record: Record) -> None:
        """Hear one event."""
        match record.event:
            case Spawned(phases=phases):
                self._phases = phases
            case Started(index=index, operation=operation):
                self._index, self._operates, self._word = index, bool(operation), "ok"
            case WouldStop(exit=status):
                self._word = f"would stop ({status})"
            case GateRehearsed():
                self._word = "would wait"
            case GateOpened():
                self._word = "opened"
            case GateWaiting():
                self._tell(record.phase, "waiting")
            case Stopped(exit=status):
                self._tell(record.phase, f"stopped ({status})")
            case Published() if not self._operates:
                self._tell(record.phase, self._word)
            case Verified():
                self._tell(record.phase, self._word)
            case _:
                return

    def _tell(self, phase: str, word: str) -> None:
        with suppress(OSError):  # progress decides nothing, not even when stderr is gone
            self._stream.write(f"phase {self._index} of {self._phases}, {phase}, {word}\n")
            self._stream.flush()

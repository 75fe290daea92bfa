"""Progress on a terminal: one plain line on stderr as each phase ends, nothing elsewhere.

Source: command-line.md §1 rows 2, 14 (no boxes, no redraw); §3 row 11.
"""

import sys
from contextlib import suppress
from typing import TextIO

from cutter.contracts import Notify
from cutter.events import (
    ApprovalVerified,
    GateRefused,
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
    """Tells how each phase ended: `phase 3 of 12, plan, ok`; of a resumed run also what was proved again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._phases = 0  # how many there are: a resumed run does not say it again
        self._phase = ""
        self._index = 0
        self._operates = False
        self._word = "ok"

    def __call__(self, record: Record) -> None:
        """Hear one event."""
        match record.event:
            case Spawned(phases=phases):
                self._phases = phases
            case Started(index=index, operation=operation):
                self._phase, self._index, self._operates, self._word = record.phase, index, bool(operation), "ok"
            case WouldStop(exit=status):
                self._word = f"would stop ({status})"
            case GateRehearsed():
                self._word = "would wait"
            case ApprovalVerified():
                self._word = "approved"
            case GateWaiting():
                self._tell(record.phase, "waiting")
            case GateRefused(exit=status):
                self._tell(record.phase, f"refused ({status})")
            case Stopped(exit=status):
                self._tell(record.phase, f"stopped ({status})")
            case Published() if not self._operates:
                self._tell(record.phase, self._word)
            case Verified():
                self._tell(record.phase, self._word if record.phase == self._phase else "proved again")
            case _:
                return

    def _tell(self, phase: str, word: str) -> None:
        here = bool(phase) and phase == self._phase
        place = f" {self._index}" if here else ""
        of = f" of {self._phases}" if here and self._phases else ""
        told = f"phase{place}{of}, {phase}, {word}" if phase else f"run {word}"
        with suppress(OSError):  # progress decides nothing, not even when stderr is gone
            self._stream.write(f"{told}\n")
            self._stream.flush()

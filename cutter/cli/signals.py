"""What Ctrl-C and SIGTERM do: the first ends the run well, the second ends the process.

Rules kept here: both become an exception that nothing takes for a refusal, so that every open transaction is rolled
back and the command still says what happened; a signal that the caller ignores (`nohup`, a job in the background)
stays ignored.

Source: command-line.md §1 row 18; DESIGN §7 (exits 130 and 143).
"""

import signal
from types import FrameType

from cutter.stops import Terminated

_ENDING = (signal.SIGINT, signal.SIGTERM)


def take_signals() -> None:
    """Take both signals for this process; for its main thread only."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    for other in _ENDING:
        signal.signal(other, signal.SIG_DFL)  # whoever asks again does not want to wait
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

"""Progress on stderr while a run goes on: a list that is kept up to date on a terminal, plain lines elsewhere.

Rules kept here: a program that reads JSON hears nothing, a person beside it does; where nothing may be redrawn (off a
terminal, on a dumb one, for a screen reader) each phase is one line, and a phase that takes long is told every ten
seconds; what was redrawn is wiped when the result stands on the same screen. Progress decides nothing: a stream that is
gone stops no run.

Source: command-line.md §1 rows 2, 14; §3 row 11.
"""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from itertools import takewhile
from types import TracebackType
from typing import NamedTuple, Protocol, Self, TextIO

import click

from cutter.cli.display import Display, is_accessible
from cutter.events import (
    ApprovalVerified,
    GateRefused,
    GateRehearsed,
    GateWaiting,
    Published,
    Record,
    Skipped,
    Spawned,
    Started,
    Stopped,
    Verified,
    WouldStop,
)
from cutter.messages import _, number
from cutter.report.lines import pad
from cutter.report.visible import width

_OFTEN, _SELDOM = 1.0, 10.0  # seconds between two looks at the clock: of a list, of lines
_NARROW = 40  # cells: a list would not fit a terminal that has fewer
Clock = Callable[[], float]


class Step(NamedTuple):
    """A phase as it is told: `place` is 0 where it is not the one that runs, `phases` where nobody said how many."""

    place: int
    phases: int
    phase: str


class Teller(Protocol):
    """Says how a run goes on."""

    seconds: float
    """How long it waits between two looks at the clock."""

    def begin(self, step: Step) -> None:
        """A phase began."""

    def end(self, step: Step, word: str) -> None:
        """A phase ended, in a word."""

    def wait(self, step: Step, seconds: int) -> None:
        """A phase has been going on for so many seconds."""

    def close(self) -> None:
        """The run has ended."""


class Silence:
    """Tells nothing."""

    def __call__(self, record: Record) -> None:
        """Hear one event."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End."""


class Progress:
    """Hears the events of a run and lets a teller say them; while a phase goes on, also how long."""

    def __init__(self, teller: Teller, clock: Clock = time.monotonic) -> None:
        self._teller = teller
        self._clock = clock
        self._phases = 0  # how many there are: a resumed run does not say it again
        self._step = Step(0, 0, "")
        self._since = 0.0
        self._operates = False
        self._word = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        # A thread of its own would not speak the language of this one.
        self._ticks = threading.Thread(target=copy_context().run, args=(self._tick,), name="progress", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look at the clock."""
        self._ticks.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The run has ended, well or not."""
        self._over.set()
        with self._lock, suppress(OSError, ValueError):
            self._teller.close()

    def __call__(self, record: Record) -> None:
        """Hear one event."""
        with self._lock, suppress(OSError, ValueError):  # ValueError: the stream was closed
            self._hear(record)

    def look(self) -> None:
        """Tell how long the phase has been going on that does."""
        with self._lock, suppress(OSError, ValueError):
            if self._step.phase and not self._over.is_set():
                self._teller.wait(self._step, int(self._clock() - self._since))

    def _tick(self) -> None:
        while not self._over.wait(self._teller.seconds):
            self.look()

    def _hear(self, record: Record) -> None:
        match record.event:
            case Spawned(phases=phases):
                self._phases = phases
            case Started(index=index, operation=operation):
                self._step, self._operates = Step(index, self._phases, record.phase), bool(operation)
                self._word, self._since = _("ok"), self._clock()
                self._teller.begin(self._step)
            case Skipped():
                self._operates, self._word = False, _("skipped")
            case WouldStop(exit=status):
                self._word = _("would stop ({status})", status=status)
            case GateRehearsed():
                self._word = _("would wait")
            case ApprovalVerified():
                self._word = _("approved")
            case GateWaiting():
                self._end(record.phase, _("waiting"))
            case GateRefused(exit=status):
                self._end(record.phase, _("refused ({status})", status=status))
            case Stopped(exit=status):
                self._end(record.phase, _("stopped ({status})", status=status))
            case Published() if not self._operates:
                self._end(record.phase, self._word)
            case Verified():
                self._end(record.phase, self._word if record.phase == self._step.phase else _("proved again"))
            case _:
                return

    def _end(self, phase: str, word: str) -> None:
        step = self._step if phase and phase == self._step.phase else Step(0, 0, phase)
        self._teller.end(step, word)
        if step is self._step:
            self._step = Step(0, self._phases, "")


class Lines:
    """One plain line for each phase: `phase 3 of 12, plan, ok`."""

    seconds = _SELDOM

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def begin(self, step: Step) -> None:
        """Nothing is told before something was done."""

    def end(self, step: Step, word: str) -> None:
        """One line."""
        self._stream.write(f"{_line(step, word)}\n")
        self._stream.flush()

    def wait(self, step: Step, seconds: int) -> None:
        """One line, so that nobody takes a long phase for a dead one."""
        self.end(step, _("running for {seconds} s", seconds=number(seconds)))

    def close(self) -> None:
        """Nothing is left to be said."""


class LiveList:
    """All phases so far, one below the other, the last of them with its time; drawn anew as things change."""

    seconds = _OFTEN

    def __init__(self, stream: TextIO, *, wipes: bool) -> None:
        """`wipes`: the list is taken away at the end, because the result is shown in its place."""
        self._stream = stream
        self._wipes = wipes
        self._ended: list[tuple[Step, str]] = []
        self._drawn: list[str] = []

    def begin(self, step: Step) -> None:
        """A phase more."""
        self._draw((step, _("running")))

    def end(self, step: Step, word: str) -> None:
        """How it ended."""
        self._ended.append((step, word))
        self._draw()

    def wait(self, step: Step, seconds: int) -> None:
        """How long it has been going on."""
        self._draw((step, _("running for {seconds} s", seconds=number(seconds))))

    def close(self) -> None:
        """Leave the list, or take it away."""
        if self._wipes and self._drawn:
            self._stream.write(f"\r\x1b[{len(self._drawn)}A\x1b[J")
            self._stream.flush()

    def _draw(self, *now: tuple[Step, str]) -> None:
        columns, rows = _size(self._stream)
        told = [*self._ended, *now][-max(1, rows - 2) :]
        wide = max(width(step.phase) for step, _word in told)
        lines = [_fit(_row(step, word, wide), columns - 1) for step, word in told]
        same = sum(1 for _line in takewhile(lambda pair: pair[0] == pair[1], zip(lines, self._drawn, strict=False)))
        up = f"\x1b[{len(self._drawn) - same}A" if len(self._drawn) > same else ""
        changed = "".join(f"{line}\x1b[K\n" for line in lines[same:])
        self._stream.write(f"\r{up}{changed}\x1b[J")
        self._stream.flush()
        self._drawn = lines


def make_progress() -> Progress | Silence:
    """The listener of this process, as its command was asked to show itself and as its streams are."""
    context = click.get_current_context(silent=True)
    display = context.find_object(Display) if context is not None else None
    return progress_on(sys.stderr, sys.stdout, os.environ, json=display is not None and display.json)


def progress_on(stream: TextIO, result: TextIO, environ: Mapping[str, str], *, json: bool) -> Progress | Silence:
    """The listener that tells on a stream; `result` is where the result of the run will stand."""
    if json and not stream.isatty():
        return Silence()
    redraws = stream.isatty() and environ.get("TERM", "dumb") != "dumb" and not is_accessible(environ)
    if redraws and _size(stream).columns >= _NARROW:
        return Progress(LiveList(stream, wipes=result.isatty() and not json))
    return Progress(Lines(stream))


def _size(stream: TextIO) -> os.terminal_size:
    """How large the terminal behind a stream is; as the environment says where it cannot be asked."""
    with suppress(OSError, ValueError):
        found = os.get_terminal_size(stream.fileno())
        if found.columns and found.lines:  # a terminal that nobody sized says 0
            return found
    return shutil.get_terminal_size()


def _line(step: Step, word: str) -> str:
    if not step.phase:
        return _("run {word}", word=word)
    if not step.place:
        return _("phase, {phase}, {word}", phase=step.phase, word=word)
    if not step.phases:
        return _("phase {place}, {phase}, {word}", place=step.place, phase=step.phase, word=word)
    return _(
        "phase {place} of {phases}, {phase}, {word}",
        place=step.place,
        phases=step.phases,
        phase=step.phase,
        word=word,
    )


def _row(step: Step, word: str, wide: int) -> str:
    """The phase as it stands in the table of the result."""
    return f"  {step.place or '':>2} {pad(step.phase, wide)}  {word}"


def _fit(text: str, cells: int) -> str:
    """As much of a line as fits: one that is broken by the terminal could not be drawn over."""
    while width(text) > cells:
        text = text[:-1]
    return text

"""Progress lines on a terminal."""

import io

from cutter.cli.progress import Progress, make_progress, silent
from tests.golden.screens.cases import DRIFTED, REHEARSED, WAITING, Told
from tests.support.records import OPENED, PUBLISHED, REFUSED, RESUMED, SIGNED, VERIFIED, acted, number, started
from tests.unit.test_run import WAITED

GOES_ON: Told = (*WAITED, ("", RESUMED), ("plan", VERIFIED), ("gate", started(2, "")), ("gate", SIGNED))
WRITES: Told = (
    ("gate", PUBLISHED),
    ("write", started(3)),
    ("write", OPENED),
    ("write", acted()),
    ("write", PUBLISHED),
    ("write", VERIFIED),
)


def told_by(events: Told) -> list[str]:
    """The lines that a run's events make."""
    stream = io.StringIO()
    progress = Progress(stream)
    for record in number(events):
        progress(record)
    return stream.getvalue().splitlines()


def test_a_rehearsal_tells_each_phase_once() -> None:
    """A screen reader or a log needs one plain line for each phase, in order."""
    lines = told_by(REHEARSED)

    assert len(lines) == 12
    assert lines[0] == "phase 1 of 12, discover, ok"
    assert lines[3] == "phase 4 of 12, authorize_cut, would wait"
    assert lines[4] == "phase 5 of 12, backup, would stop (40)"
    assert lines[11] == "phase 12 of 12, report, ok"


def test_a_stop_is_told() -> None:
    """The last line must not look like a phase that went well."""
    assert told_by(DRIFTED)[-1] == "phase 2 of 12, survey, stopped (21)"


def test_a_gate_is_told() -> None:
    """Somebody who watches must see that the run waits for people."""
    assert told_by(WAITING)[-1] == "phase 4 of 12, authorize_cut, waiting"


def test_a_resumed_run_is_told_from_where_it_goes_on() -> None:
    """Without it a resumed run would be told as `phase 0 of 0`, and a governed phase as `opened`."""
    stream = io.StringIO()
    progress = Progress(stream)
    for record in number((*GOES_ON, *WRITES))[len(WAITED) :]:
        progress(record)

    assert stream.getvalue().splitlines() == [
        "phase, plan, proved again",
        "phase 2, gate, approved",
        "phase 3, write, ok",
    ]


def test_a_refused_approval_is_told() -> None:
    """Somebody who watches must see that the run did not go on."""
    assert told_by((*WAITED, ("", REFUSED)))[-1] == "run refused (11)"


def test_no_progress_without_a_terminal() -> None:
    """A log of a program would fill with lines that nobody asked for (stderr of a test is no terminal)."""
    assert make_progress() is silent


def test_a_terminal_that_went_away_stops_nothing() -> None:
    """Progress decides nothing: a run must not end because a terminal closed."""

    class Gone(io.StringIO):
        def write(self, text: str, /) -> int:
            raise BrokenPipeError

    progress = Progress(Gone())
    for record in number(REHEARSED):
        progress(record)

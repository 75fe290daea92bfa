"""The limits of a pipeline, by a clock that the test moves: a phase's soft cap is told, a run's hard cap stops.

That a single statement may not outlast what is left of a run is tested with the attacks on the engine; which time
counts, in `tests/unit/test_execution.py`.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from cutter.app.system import RandomIds
from cutter.events import Acted, Completed, GateOpened, GateWaiting, Overran, Record, Started, Stopped, Verified
from cutter.model import Inputs, InputValue, Limits, Mode, Pipeline
from cutter.report.fold import fold_result
from cutter.report.human import result_lines
from cutter.report.result import Overrun, Result
from tests.support.runs import DEMO, Office

PHASE, RUN = 60, 120  # seconds; the clock of a live run may be at most 300 s away from the database's
ESCALATION = "GATE_FAILURE_ESCALATION"
_INPUTS = Inputs((InputValue("document_id", DEMO), InputValue("scope", "enacted_only")))


def limited(office: Office) -> Pipeline:
    """The shipped pipeline, with little time."""
    return msgspec.structs.replace(office.pipeline(), limits=Limits(PHASE, RUN))


def perform(
    office: Office, run_id: str, mode: Mode = Mode.LIVE, slow_in: str = "", seconds: int = 0
) -> tuple[Record, ...]:
    """One pass; while a phase acts, so many seconds go by. The next pass has the real time again."""

    def pass_time(record: Record) -> None:
        if isinstance(record.event, Acted) and record.phase == slow_in:
            office.clock.ahead = timedelta(seconds=seconds)

    try:
        return office.perform(mode, run_id, notify=pass_time, pipeline=limited(office))
    finally:
        office.clock.ahead = timedelta()


def result_of(office: Office, records: Sequence[Record]) -> Result:
    """What the run's screen is made of."""
    rehearsed = not isinstance(records[-1].event, Stopped)
    return fold_result(
        records,
        limited(office),
        _INPUTS,
        target_label="test",
        sidecar_dir=None,
        duration_ms=0,
        commit_refused=rehearsed,
    )


@pytest.mark.parametrize("seconds", [PHASE - 5, PHASE + 30])
def test_a_phase_over_its_soft_cap_is_told_and_goes_on(office: Office, seconds: int) -> None:
    """Without it the cap would be an event that nobody sees; or a slow disk would end a run that could end well."""
    records = perform(office, RandomIds().run_id(), Mode.DRYRUN, "backup", seconds)
    result = result_of(office, records)
    told = [line for line in result_lines(result) if line.startswith("Slow")]

    assert isinstance(records[-1].event, Completed)
    if seconds < PHASE:
        assert (result.overran, told) == ((), [])
        return
    [overrun] = result.overran
    assert (overrun.phase, overrun.limit) == ("backup", PHASE)
    assert seconds <= overrun.seconds <= seconds + 10
    assert told == [f"Slow     backup took {overrun.seconds} s, longer than the {PHASE} s that a phase should take"]


def test_every_slow_phase_has_its_line(office: Office) -> None:
    """Of two slow phases the second is the one that is new; both must stand there, on a stopped run's screen too."""
    records = perform(office, RandomIds().run_id(), Mode.DRYRUN, "discover", RUN + 10)
    result = msgspec.structs.replace(
        result_of(office, records), overran=(Overrun("discover", 130, 60), Overrun("plan", 61, 60))
    )
    lines = result_lines(result)

    assert result.stop_code == "STOP_LIMIT_EXCEEDED"
    assert [line.split()[:2] for line in lines if "that a phase should take" in line] == [
        ["Slow", "discover"],
        ["plan", "took"],
    ]


def test_a_rehearsal_over_the_hard_cap_stops(office: Office) -> None:
    """Without it a rehearsal that hangs from phase to phase would hold its lock until somebody notices."""
    records = perform(office, RandomIds().run_id(), Mode.DRYRUN, "plan", RUN + 10)
    result = result_of(office, records)

    assert (result.stop_code, result.detail, result.exit_code) == ("STOP_LIMIT_EXCEEDED", "run", 50)
    assert (records[-1].phase, result.needed) == ("authorize_cut", f"{RUN}s")
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]


def test_a_live_run_over_the_hard_cap_has_written_nothing(office: Office) -> None:
    """Before the first governed write the run is over: the same line again begins nothing, and says how it is ended."""
    run_id = RandomIds().run_id()
    office.approve(perform(office, run_id))
    stopped = perform(office, run_id, slow_in="backup", seconds=RUN + 10)
    again = perform(office, run_id)
    result = result_of(office, again)

    for records in (stopped, again):
        assert isinstance(records[-1].event, Stopped)
        assert (records[-1].event.code, records[-1].event.exit) == ("STOP_LIMIT_EXCEEDED", 50)
    assert not [r for r in again[len(stopped) :] if isinstance(r.event, (Started, Acted))]
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]
    assert [step.label for step in result.next] == ["end it", "run"]


def test_a_run_goes_on_after_the_hard_cap_when_people_say_so(office: Office) -> None:
    """Without it units that are enacted already could neither go on nor be voided: every resume would stop at once."""
    run_id = RandomIds().run_id()
    office.approve(perform(office, run_id))
    stopped = perform(office, run_id, slow_in="cut_leg_a", seconds=RUN + 10)
    assert isinstance(stopped[-1].event, Stopped)
    assert (stopped[-1].event.code, stopped[-1].event.exit) == ("STOP_LIMIT_EXCEEDED", 51)
    assert [r.phase for r in stopped if isinstance(r.event, Overran)] == ["cut_leg_a"]

    asked = perform(office, run_id)
    assert isinstance(asked[-1].event, GateWaiting)
    assert asked[-1].event.gate == ESCALATION
    office.approve(asked)
    gone_on = perform(office, run_id)

    opened = [r.event.gate for r in gone_on[len(asked) :] if isinstance(r.event, GateOpened)]
    assert opened == [ESCALATION]
    assert isinstance(gone_on[-1].event, GateWaiting), gone_on[-1].event
    assert gone_on[-1].event.gate == "GATE_LIFECYCLE_ENACT_AUTHORIZATION"
    assert "cut_leg_b" in [r.phase for r in gone_on[len(asked) :] if isinstance(r.event, Verified)]
    assert sum(isinstance(r.event, Acted) and r.phase == "cut_leg_a" for r in gone_on) == 1


def test_the_time_after_a_decision_is_counted_again(office: Office) -> None:
    """A decision gives the run its time once more, not for ever: the cap holds for what comes after it as well."""
    run_id = RandomIds().run_id()
    office.approve(perform(office, run_id))
    perform(office, run_id, slow_in="cut_leg_a", seconds=RUN + 10)
    office.approve(perform(office, run_id))

    stopped = perform(office, run_id, slow_in="cut_leg_b", seconds=RUN + 10)

    assert isinstance(stopped[-1].event, Stopped)
    assert (stopped[-1].phase, stopped[-1].event.code) == ("verify", "STOP_LIMIT_EXCEEDED")
    assert len([r for r in stopped if isinstance(r.event, Stopped)]) == 2

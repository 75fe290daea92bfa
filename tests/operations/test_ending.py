"""Runs that were ended by a person, or by another run that took back what they wrote: what is told of them after."""

from collections.abc import Callable

import pytest

from cutter.app import index
from cutter.app.ending import abort_run
from cutter.app.runs import show_run
from cutter.report.result import Result, RunStatus
from cutter.stops import StopCode
from tests.support.live import LiveOffice


def open_runs(live: LiveOffice) -> list[str]:
    """The runs that `cutter` alone shows."""
    return [run.run_id for run in index.known_runs(str(live.office.workspace)) if run.is_open]


def result_file(live: LiveOffice, result: Result) -> str:
    """What the run's folder says that it answered."""
    return (live.settings.state / "runs" / result.run_id / "result.json").read_text(encoding="utf-8")


def killed(live: LiveOffice, result: Result) -> None:
    """Leave the run's folder as a kill does that comes before it answers."""
    (live.settings.state / "runs" / result.run_id / "result.json").unlink()


@pytest.mark.parametrize("before", [lambda live, result: None, killed], ids=["waiting", "killed"])
def test_an_aborted_run_is_open_no_more(live: LiveOffice, before: Callable[[LiveOffice, Result], None]) -> None:
    """Without it the first screen would show a run that nobody can do anything about for ever."""
    result = live.cut()
    before(live, result)
    assert open_runs(live) == [result.run_id]

    ended = abort_run(live.settings, result.run_id, "not wanted")

    assert (ended.run_id, ended.late) == (result.run_id, None)
    assert open_runs(live) == []
    assert '"status": "aborted"' in result_file(live, result)


def test_a_run_is_aborted_from_another_host(live: LiveOffice) -> None:
    """Without it ending a run where it has no folder would make one that tells a run of which nothing else is there."""
    result = live.cut()
    folder = live.settings.state / "runs" / result.run_id
    folder.rename(live.office.workspace / "on another host")

    assert abort_run(live.settings, result.run_id, "not wanted").late is None
    assert not folder.exists()


def test_what_cannot_be_written_is_told_beside_the_end(live: LiveOffice) -> None:
    """Without it a run that was ended would look as if it had not been."""
    result = live.cut()
    path = live.settings.state / "runs" / result.run_id / "result.json"
    path.unlink()
    path.mkdir()

    ended = abort_run(live.settings, result.run_id, "not wanted")

    assert ended.late is not None
    assert show_run(live.settings, result.run_id).result.status is RunStatus.ABORTED  # type: ignore[union-attr]


def test_a_run_whose_cut_was_voided_is_open_no_more(live: LiveOffice) -> None:
    """Without it a run that no signature can help would be shown as one that waits for somebody."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    second = live.resume(first.approval_kb_id)
    assert (second.status, open_runs(live)) == (RunStatus.WAITING, [first.run_id])

    voiding = live.complete(pipeline="void")

    shown = show_run(live.settings, first.run_id).result
    assert (voiding.exit_code, open_runs(live)) == (0, [])
    assert '"status": "stopped"' in result_file(live, first)
    assert shown is not None
    told = (shown.status, shown.stop_code, shown.detail, shown.found, shown.exit_code, shown.waiting, shown.gate)
    assert told == (RunStatus.STOPPED, StopCode.STOP_PLAN_CHANGED.name, "voided", voiding.run_id, 22, None, None)
    assert [step.label for step in shown.next] == ["begin", "that run", "run"]
    assert live.resume(second.approval_kb_id).detail == "voided"

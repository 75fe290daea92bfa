"""What a live run says of itself when something fails after it has ended well, or when it is told to end."""

from collections.abc import Callable

import pytest

from cutter.app.orchestration import orchestrate, resume
from cutter.app.pipelines import load_pipeline
from cutter.events import AnyEvent, Completed, GateWaiting, Record, Started
from cutter.model import Mode
from cutter.report.human import result_lines
from cutter.report.result import Result, RunEffect, RunStatus
from cutter.stops import StopCode, Terminated
from tests.support.live import LiveOffice

pytestmark = pytest.mark.attacks

FIRST = "GATE_CUT_AUTHORIZATION"


def line(live: LiveOffice, notify: Callable[[Record], None], document_id: str = "ICX-CONST") -> Result:
    """The live line, heard by somebody."""
    pipeline = load_pipeline(live.settings, "cut")
    given = {item.name: document_id if item.name == "document_id" else None for item in pipeline.inputs}
    return orchestrate(live.settings, pipeline, "cut", given, Mode.LIVE, "test@somewhere", notify)


def at_second_gate(live: LiveOffice) -> Result:
    """A run that waits at the second gate, whose request is signed."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    second = live.resume(first.approval_kb_id)
    live.sign(second.approval_kb_id, "sovereign")
    return second


def block_checkpoints(live: LiveOffice, run_id: str) -> Callable[[], None]:
    """Let no checkpoint be kept; how that is mended."""
    folder = live.settings.state / "checkpoints"
    away = folder.with_name("checkpoints-away")
    if folder.is_dir():
        folder.rename(away)
    folder.write_text("in the way")

    def mend() -> None:
        folder.unlink()
        away.rename(folder)

    return mend


def block_files(live: LiveOffice, run_id: str) -> Callable[[], None]:
    """Let the run's events not be written; how that is mended."""
    return _block_file(live, run_id, "events.jsonl")


def block_result(live: LiveOffice, run_id: str) -> Callable[[], None]:
    """Let the result not be written; how that is mended."""
    return _block_file(live, run_id, "result.json")


def _block_file(live: LiveOffice, run_id: str, name: str) -> Callable[[], None]:
    file = live.settings.state / "runs" / run_id / name
    file.unlink()
    (file / "in-the-way").mkdir(parents=True)

    def mend() -> None:
        (file / "in-the-way").rmdir()
        file.rmdir()

    return mend


Block = Callable[[LiveOffice, str], Callable[[], None]]


def at(
    kind: type[AnyEvent], live: LiveOffice, block: Block, mends: list[Callable[[], None]]
) -> Callable[[Record], None]:
    """Hears a run, and lets something fail from this event on."""

    def listen(record: Record) -> None:
        if isinstance(record.event, kind):
            mends.append(block(live, record.run_id))

    return listen


@pytest.mark.parametrize("block", [block_checkpoints, block_files, block_result])
def test_a_run_that_is_done_is_told_so_whatever_fails_after_it(live: LiveOffice, block: Block) -> None:
    """Without it a full disk after the last commit would be told as a run that wrote nothing."""
    second = at_second_gate(live)
    kb_id, mends = second.approval_kb_id or "", list[Callable[[], None]]()

    done = resume(live.settings, kb_id, "test@somewhere", at(Completed, live, block, mends))
    mends[0]()
    again = live.resume(kb_id)

    assert (done.run_id, done.status, done.effect) == (second.run_id, RunStatus.DONE, RunEffect.COMMITTED)
    assert done.late
    assert done.exit_code == StopCode[done.stop_code or ""].exit != 0
    screen = result_lines(done)
    assert screen[0].startswith("DONE")
    assert any(row.startswith(f"THEN  {done.stop_code}") for row in screen)
    assert done.next[0].command == f"cutter orchestrate resume --approval-kb-id {kb_id}"
    assert (again.exit_code, again.already_done, again.late) == (0, True, False)


def test_a_run_that_waits_is_told_so_whatever_fails_after_it(live: LiveOffice) -> None:
    """Without it nobody would learn that a request was written, and the next line would look like a new one."""
    result = line(live, at(GateWaiting, live, block_checkpoints, []))

    assert (result.status, result.gate, result.late) == (RunStatus.WAITING, FIRST, True)
    assert any("cutter approve" in step.command for step in result.next)


INTERRUPTED: dict[str, tuple[type[BaseException], str, RunEffect, int]] = {
    "Ctrl-C before the first gate": (KeyboardInterrupt, "plan", RunEffect.ROLLED_BACK, 130),
    "SIGTERM before the first gate": (Terminated, "plan", RunEffect.ROLLED_BACK, 143),
    "Ctrl-C after a governed write": (KeyboardInterrupt, "cut_leg_b", RunEffect.PARTIAL, 130),
}


@pytest.mark.parametrize("name", INTERRUPTED)
def test_a_live_run_that_is_told_to_end_says_how_it_stands(live: LiveOffice, name: str) -> None:
    """Without it an operator who pressed Ctrl-C would not know what is written, nor how the run goes on."""
    error, phase, effect, status = INTERRUPTED[name]
    if effect is RunEffect.PARTIAL:
        live.sign(live.cut().approval_kb_id, "sovereign")

    def interrupt(record: Record) -> None:
        if isinstance(record.event, Started) and record.phase == phase:
            raise error

    result = line(live, interrupt)
    again = live.cut()

    told = (result.exit_code, result.status, result.effect, result.late)
    assert told == (status, RunStatus.UNFINISHED, effect, True)
    assert result_lines(result)[0].startswith("UNFINISHED")
    assert "resume" in {step.label for step in result.next}
    assert (again.run_id, again.exit_code) == (result.run_id, 10)


def test_ctrl_c_before_anything_is_recorded_is_nothing(live: LiveOffice) -> None:
    """Without it a run that never began would be told as one of which nothing is known."""

    def interrupt(record: Record) -> None:
        raise KeyboardInterrupt

    result = line(live, interrupt)

    assert (result.exit_code, result.run_id, result.effect) == (130, "", RunEffect.NONE)

"""Which commands help: only those that can."""

import pytest

from cutter.model import Mode
from cutter.report.next_steps import SERVICE, Situation, after_stop
from cutter.stops import Stop, StopCode
from tests.golden.screens.cases import RESULTS

NOWHERE = Situation("", "", "", (), Mode.DRYRUN)


@pytest.mark.parametrize("code", [StopCode.STOP_DATABASE_UNREACHABLE, StopCode.STOP_UNMIGRATED], ids=lambda c: c.name)
def test_commands_of_the_embedded_database_are_not_suggested_for_another(code: StopCode) -> None:
    """`cutter db …` refuses to touch a server of the user's own: to suggest it would lead nowhere."""
    assert [step.command for step in after_stop(Stop(code), NOWHERE)] != []
    assert after_stop(Stop(code, where=f"{SERVICE}library"), NOWHERE) == ()


@pytest.mark.parametrize("code", [StopCode.STOP_INTERRUPTED, StopCode.STOP_TERMINATED], ids=lambda c: c.name)
def test_what_was_interrupted_is_run_again(code: StopCode) -> None:
    """«Run the same line again» must come with the line."""
    for mode, more in ((Mode.DRYRUN, ""), (Mode.LIVE, " --mode live")):
        steps = after_stop(Stop(code), Situation("cut", "ICX-CONST", "", (), mode))

        assert [step.command for step in steps] == [f"cutter orchestrate cut ICX-CONST{more}"]


RUN = "0f8fad5b-d9cb-469f-a165-70867728950e"
OF_RUNS: dict[str, tuple[Stop, list[str]]] = {
    "a lock that a run holds": (
        Stop(StopCode.STOP_BUSY, "locked", found="cutter/0f8fad5b"),
        ["cutter runs show 0f8fad5b", "cutter runs list"],
    ),
    "a lock that another session holds": (
        Stop(StopCode.STOP_BUSY, "locked", found="cutter/decision"),
        ["cutter runs list"],
    ),
    "a lock of nobody": (Stop(StopCode.STOP_BUSY), ["cutter runs list"]),
    "an id of another trigger": (Stop(StopCode.STOP_KEY_CONFLICT, where=RUN), ["cutter runs show 0f8fad5b"]),
    "nothing to send again": (Stop(StopCode.STOP_RESEND_REFUSED, where=RUN), ["cutter runs show 0f8fad5b"]),
    "no run to send again": (Stop(StopCode.STOP_RESEND_REFUSED), []),
    "an abort": (Stop(StopCode.STOP_ABORT_REFUSED, "ended", where=RUN), ["cutter runs show 0f8fad5b"]),
}


@pytest.mark.parametrize("name", OF_RUNS)
def test_the_run_that_stands_in_the_way_is_named(name: str) -> None:
    """Without it people would have to look for the run among all of them."""
    stop, commands = OF_RUNS[name]

    assert [step.command for step in after_stop(stop, NOWHERE)] == commands


RESUME = "cutter orchestrate resume --approval-kb-id approvals/"
STEPS: dict[str, tuple[str, str, str]] = {
    "waiting in a demo": ("waiting_in_a_demo", "sign", "cutter approve 0f8fad5b --as sovereign"),
    "waiting for people elsewhere": ("waiting", "sign", "cutter approve 0f8fad5b"),
    "waiting, and all have signed": ("waiting_all_signed", "resume", RESUME),
    "the time has passed": ("approval_expired", "ask again", "cutter orchestrate cut VN-DEMO-1 --mode live"),
    "killed in the middle": ("unfinished_live", "resume", RESUME),
    "failed after a commit": ("failed_partly", "resume", RESUME),
    "drafts, not in force yet": ("resumed", "undo", "cutter orchestrate void VN-DEMO-1"),
    "the answer to a commit never came": ("commit_unknown", "resume", RESUME),
    "done": ("done", "prove", "cutter runs verify 0f8fad5b"),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_comes_next_in_a_live_run(name: str) -> None:
    """The one line is only easy when every screen says how it goes on."""
    screen, label, command = STEPS[name]
    found = {step.label: step.command for step in RESULTS[screen].next}

    assert found[label].startswith(command)


@pytest.mark.parametrize("name", ["done", "already_done"])
def test_what_is_in_force_is_not_undone(name: str) -> None:
    """Enacted units cannot be voided: to suggest it would lead to a refusal."""
    assert "undo" not in {step.label for step in RESULTS[name].next}

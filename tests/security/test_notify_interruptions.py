"""Messages that are interrupted while they are sent: what is told of them, and how their run goes on."""

import os
import re
import signal
from collections.abc import Callable

import pytest

from cutter.app.decisions import find_question, list_decisions, show_decision
from cutter.app.runs import show_run
from cutter.events import Acted, Attempted, Event
from cutter.report.decisions.results import QuestionState
from cutter.report.human import result_lines
from cutter.report.result import Result, RunStatus
from cutter.stops import Stop
from tests.plugins.proofs import Proof
from tests.support.live_runs import in_child
from tests.support.notify import trigger_of
from tests.support.notify_runs import LiveClinic, interrupt, once

ALLOWED = trigger_of()
NOBODY_KNOWS, NOT_SENT = "Nobody knows whether the message was sent.", "The message was not sent."
# How a run ended in the middle of its message: at which event, how often the message is there, what the same trigger
# comes to and says of it, and how the run stands after one resume of a person.
MIDDLES: dict[str, tuple[type[Event], int, int, str | None, str, tuple[int, str | None]]] = {
    "before the dot": (Attempted, 0, 50, None, NOT_SENT, (0, None)),
    "after the dot": (Acted, 1, 51, "STOP_EFFECT_UNKNOWN", NOBODY_KNOWS, (10, "GATE_FAILURE_ESCALATION")),
}
ENDINGS: dict[str, Callable[[LiveClinic, type[Event]], Result | None]] = {
    "Ctrl-C": lambda clinic, kind: clinic.trigger(ALLOWED, notify=once(kind, interrupt)),
    "kill -9": lambda clinic, kind: killed(clinic, kind),
}


def killed(clinic: LiveClinic, kind: type[Event]) -> None:
    """The process is killed at the first event of this kind in the phase that sends."""
    kill = once(kind, lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert in_child(lambda: clinic.trigger(ALLOWED, notify=kill)) == signal.SIGKILL


@pytest.mark.parametrize("name", MIDDLES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_message_that_was_interrupted(live_clinic: LiveClinic, ending: str, name: str, proof: Proof) -> None:
    """Without it a message that somebody may have would be told as rolled back, and people would write it again."""
    kind, letters, status, stop, says, (ends, gate) = MIDDLES[name]
    asked = live_clinic.trigger(ALLOWED)
    live_clinic.sign(asked)
    ended = ENDINGS[ending](live_clinic, kind)
    server = live_clinic.clinic.server
    server.settle()
    steps = len(server.steps)
    told = [live_clinic.trigger(ALLOWED) for _ in range(2)]
    assert len(server.steps) == steps
    assert [result.exit_code for result in told] == [status] * 2

    for result in filter(None, (ended, *told)):
        words = "\n".join(result_lines(result))
        assert (result.run_id, result.status) == (asked.run_id, RunStatus.UNFINISHED)
        assert result.late is (result is ended and stop is None)
        assert result.next[0].command == f"cutter orchestrate resume --approval-kb-id {asked.approval_kb_id}"
        assert stop is None or result.stop_code == stop
        assert says in words
        assert stop is None or "rolled back" not in words
    assert len(server.stored) == letters

    resumed = live_clinic.resume(asked)
    assert (resumed.exit_code, resumed.gate) == (ends, gate), resumed
    assert len(server.stored) == 1
    proof("notify", f"{ending} {name}, the same trigger twice more, then a resume", f"exit {status}, then {ends}")


def test_an_interrupted_message_is_asked_about_like_any_other(live_clinic: LiveClinic, proof: Proof) -> None:
    """Without it a message that nobody knows of would stand in no list, and nobody would say what became of it."""
    settings, server = live_clinic.live.settings, live_clinic.clinic.server
    asked = live_clinic.trigger(ALLOWED)
    live_clinic.sign(asked)
    killed(live_clinic, Acted)
    server.settle()
    [header] = re.findall(rb"^Message-ID: (<\S+>)", server.stored[0], re.MULTILINE)

    [listed] = list_decisions(settings, due=False).decisions
    shown, seen = show_decision(settings, asked.run_id), show_run(settings, asked.run_id).result
    with pytest.raises(Stop) as early:
        find_question(settings, asked.run_id)
    waiting = live_clinic.resume(asked)

    assert (listed.state, listed.options, listed.message_id) == (QuestionState.NOT_ASKED, (), header.decode())
    assert shown.questions == (listed,)
    assert shown.next[0].command == f"cutter orchestrate resume --approval-kb-id {asked.approval_kb_id}"
    assert seen is not None
    assert (seen.exit_code, seen.stop_code, seen.message_id) == (51, "STOP_EFFECT_UNKNOWN", header.decode())
    assert (early.value.detail, early.value.needed) == ("not_asked", asked.approval_kb_id)
    assert (waiting.exit_code, waiting.gate, waiting.message_id) == (10, "GATE_FAILURE_ESCALATION", header.decode())
    assert find_question(settings, asked.run_id).options == ("sent", "not_sent", "resend")
    live_clinic.sign(waiting)
    assert live_clinic.resume(waiting).exit_code == 0
    assert len(server.stored) == 1
    proof("notify", "killed after the dot", "not asked yet, with the mail log's id; one resume asks, a yes ends it")

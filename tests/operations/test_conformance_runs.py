"""Runs of policies, where only the engine keeps the rule: starters, silence, lateness, and what leaves the house."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import msgspec
import pytest

from cutter.app.system import RandomIds
from cutter.events import GateWaiting
from cutter.model import Mode, OperationPhase, Pipeline, Starter
from cutter.run import Lifecycle, fold
from tests.support.mail_servers import Behaviour
from tests.support.notify import NOTIFICATION, OTHER_PATIENT, PATIENT, TEAM, Clinic, trigger_of
from tests.support.runs import completed, stop_of

NOTHING = (0, 0, 0)
LATE = timedelta(minutes=4, seconds=30)  # past both minutes below, and not so far ahead that clocks count as apart
SHORT = (("approve_within: PT24H", "approve_within: PT1M"), ("execute_within: PT4H", "execute_within: PT1M"))
TRIGGERS = {
    "a decision": (trigger_of(severity=8), "GATE_POLICY_DECISION"),
    "a message": (trigger_of(), "GATE_NOTIFY_AUTHORIZATION"),
    "a notification": (trigger_of(NOTIFICATION), "GATE_NOTIFY_AUTHORIZATION"),
}


@pytest.mark.parametrize("name", TRIGGERS)
def test_silence_is_a_no_with_a_state_of_its_own(clinic: Clinic, name: str) -> None:
    """Without it a question that nobody answered would be asked for ever, or look like one that somebody refused."""
    (data, gate), run_id, pipeline = TRIGGERS[name], RandomIds().run_id(), clinic.altered(*SHORT)
    waiting = clinic.take(Mode.LIVE, data, run_id, pipeline=pipeline)
    assert isinstance(waiting[-1].event, GateWaiting)
    assert waiting[-1].event.gate == gate
    clinic.office.clock.ahead = LATE

    records = clinic.take(Mode.LIVE, data, run_id, pipeline=pipeline)

    assert (stop_of(records).code, stop_of(records).exit) == ("STOP_DECISION_LAPSED", 12)
    assert fold(records).lifecycle is Lifecycle.TERMINATED
    assert clinic.effects == NOTHING


def test_a_yes_to_a_question_is_no_approval_of_a_write(clinic: Clinic) -> None:
    """Without it whoever says that a doubtful case may go on would have sent the message, without having seen it."""
    run_id = RandomIds().run_id()
    asked = clinic.take(Mode.LIVE, trigger_of(severity=8), run_id)
    waiting = asked[-1].event
    assert isinstance(waiting, GateWaiting)
    [(body,)] = clinic.office.rows(f"SELECT body FROM kb.document WHERE kb_id = '{waiting.approval_kb_id}'")
    assert json.loads(bytes(body))["covers"] == []
    clinic.office.approve(asked)

    next_one = clinic.take(Mode.LIVE, trigger_of(severity=8), run_id)[-1].event

    assert isinstance(next_one, GateWaiting)
    assert (waiting.gate, next_one.gate) == ("GATE_POLICY_DECISION", "GATE_NOTIFY_AUTHORIZATION")
    assert clinic.effects == NOTHING


@pytest.mark.parametrize("ahead", [timedelta(), LATE], ids=["in time", "too late"])
def test_what_was_interrupted_is_not_sent_too_late(clinic: Clinic, ahead: timedelta) -> None:
    """Without it a message about this morning would be sent whenever the mail server comes back."""
    run_id, pipeline = RandomIds().run_id(), clinic.altered(*SHORT)
    clinic.office.approve(clinic.take(Mode.LIVE, trigger_of(), run_id, pipeline=pipeline))
    clinic.server.behaviour = Behaviour(cut="RCPT")
    assert stop_of(clinic.take(Mode.LIVE, trigger_of(), run_id, pipeline=pipeline)).code == "STOP_SEND_FAILED"
    clinic.server.behaviour, clinic.office.clock.ahead = Behaviour(), ahead

    records = clinic.take(Mode.LIVE, trigger_of(), run_id, pipeline=pipeline)

    assert completed(records) == (ahead == timedelta()), records[-1].event
    if ahead:
        assert (stop_of(records).code, stop_of(records).detail) == ("STOP_DECISION_LAPSED", "execute_by")
    assert clinic.effects == (1, 0, int(not ahead))


def another_write(pipeline: Pipeline) -> Pipeline:
    """The same with the enacting of a library's units in the place of the message."""
    phases = tuple(
        msgspec.structs.replace(phase, operation="library.enact")
        if isinstance(phase, OperationPhase) and phase.id == "send"
        else phase
        for phase in pipeline.phases
    )
    return msgspec.structs.replace(pipeline, phases=phases)


def a_persons(pipeline: Pipeline) -> Pipeline:
    """The same, as if a person started it."""
    return msgspec.structs.replace(pipeline, started_by=Starter.PERSON)


@pytest.mark.parametrize("alter", [another_write, a_persons])
@pytest.mark.parametrize("mode", [Mode.DRYRUN, Mode.LIVE], ids=lambda mode: mode.value)
def test_the_engine_refuses_what_lint_would(clinic: Clinic, mode: Mode, alter: Callable[[Pipeline], Pipeline]) -> None:
    """Without it a pipeline that no lint has seen could let a policy write anything, or send without a policy."""
    pipeline = alter(clinic.office.pipeline("notify"))
    way = clinic.complete if mode is Mode.LIVE else partial(clinic.take, mode)
    records = way(trigger_of(), pipeline=pipeline)

    stop = stop_of(records)
    assert (stop.code, stop.detail, stop.where) == ("STOP_POLICY_DENIED", "operation", "send")
    assert clinic.effects == NOTHING


def test_what_leaves_the_house_names_no_trigger_and_no_reference(clinic: Clinic) -> None:
    """Without it whoever keeps mail logs would learn which trigger, and which reference, a message is about."""
    assert completed(clinic.complete(trigger_of()))

    [letter] = clinic.server.stored
    assert b"Message-ID: <" in letter
    assert b"X-Correlation-ID:" in letter
    assert clinic.server.saw(b"RCPT TO")
    for named in ("TRG-", "A5K8R2ME", PATIENT, OTHER_PATIENT, TEAM):
        assert named.encode() not in letter
        assert not any(named.encode() in line for line in clinic.server.lines)


ANSWERS = {"a value of its domain": ("3", True), "a number beyond its domain": ("4", False), "a text": ("'x'", False)}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_view_answers_with_values_of_its_domains(clinic: Clinic, name: str) -> None:
    """Without it whatever the database holds could come to stand in a decision, through a view."""
    said, taken = ANSWERS[name]
    clinic.edit("views/recent.yaml", "AS under_limit", f"AS under_limit, {said} AS found")
    clinic.edit(
        "views/recent.yaml", "{under_limit: boolean}", "{under_limit: boolean, found: {at_least: 0, at_most: 3}}"
    )

    records = clinic.take(Mode.DRYRUN, trigger_of())

    assert completed(records) == taken, records[-1].event
    if not taken:
        assert (stop_of(records).code, stop_of(records).detail) == ("STOP_POLICY_DENIED", "VIEW_FAILED")

"""Runs of policies that stop anywhere and go on: a fault at every way to the database, in every phase."""

from collections.abc import Sequence

import pytest

from cutter.app.system import RandomIds
from cutter.approval.request import ESCALATION
from cutter.events import Attempted, Completed, GateOpened, GateWaiting, Record, Stopped
from cutter.model import Mode
from cutter.stops import Stop, StopCode
from tests.operations.test_resuming import ERRORS, Faults, failing
from tests.support.notify import NOTIFICATION, Clinic, trigger_of

KINDS = {"message": trigger_of(severity=8), "notification": trigger_of(NOTIFICATION, urgency=1)}
PHASES = ("decide", "survey", "ask_people", "authorize", "send", "create")
FAILURES = [
    pytest.param(kind, phase, error, id=f"{kind}-{phase}-{error}",
                 marks=[] if phase == "send" and kind == "message" else pytest.mark.crash)
    for kind in KINDS for phase in PHASES for error in ERRORS
]  # fmt: skip


def drive(clinic: Clinic, data: bytes, run_id: str, faults: Faults) -> tuple[Sequence[Record], bool]:
    """Resume a run until it is done, people signing whatever it asks; and whether they were asked what nobody knows."""
    for _ in range(30):
        faults.begin()
        try:
            records = clinic.take(Mode.LIVE, data, run_id, faults.hear)
        except KeyboardInterrupt:
            continue
        match records[-1].event:
            case GateWaiting():
                clinic.office.approve(records)
            case Stopped(code="STOP_WRITE_FAILED" | "STOP_EFFECT_UNKNOWN"):
                continue
            case _ as event:
                assert isinstance(event, Completed), event
                stops = [record.event.code for record in records if isinstance(record.event, Stopped)]
                return records, "STOP_EFFECT_UNKNOWN" in stops
    raise AssertionError("the run never ends")


@pytest.mark.attacks
@pytest.mark.parametrize(("kind", "phase", "error"), FAILURES)
def test_a_run_ends_alike_wherever_it_was_stopped(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, kind: str, phase: str, error: str
) -> None:
    """Without it a stop at some point of a phase could bar the run for ever, send twice, or send nothing and say so."""
    faults = Faults(phase, ERRORS[error])
    monkeypatch.setattr("tests.support.runs.Committing", failing(faults))

    records, unknown = drive(clinic, KINDS[kind], RandomIds().run_id(), faults)

    assert faults.fired >= {"write", "commit"}
    clinic.server.settle()
    messages, notifications, letters = clinic.effects
    assert (messages, notifications) == ((1, 0) if kind == "message" else (0, 1))
    assert letters == messages or (unknown and letters <= messages)
    assert clinic.server.dots <= 1
    used = [r.event.gate for r in records if isinstance(r.event, GateOpened)]
    assert [gate for gate in used if gate != ESCALATION] == ["GATE_POLICY_DECISION", "GATE_NOTIFY_AUTHORIZATION"]
    assert unknown in (False, phase == "send")


def test_a_commit_that_cannot_be_recorded_keeps_the_dot_back(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the dot could be sent with nothing in the ledger that says so, and a resume would send it again."""
    tried = []

    def record(self: object, phase: str, attempted: Attempted) -> None:
        tried.append(attempted.step)
        raise Stop(StopCode.STOP_WRITE_FAILED, detail="injected")

    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    with monkeypatch.context() as patched:
        patched.setattr("cutter.execution.Execution.record_attempt", record)
        records = clinic.take(Mode.LIVE, trigger_of(), run_id)
    clinic.server.settle()
    assert isinstance(records[-1].event, Stopped)
    assert (records[-1].event.code, records[-1].event.exit) == ("STOP_WRITE_FAILED", 50)
    assert clinic.server.dots == 0
    assert tried == ["commit"]

    assert isinstance(clinic.take(Mode.LIVE, trigger_of(), run_id)[-1].event, Completed)
    assert clinic.effects == (1, 0, 1)

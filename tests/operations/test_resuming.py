"""Runs that stop anywhere and go on, and what their operators are told: every stop at every point of a live pass."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import msgspec
import pytest

from cutter.app.ending import abort_run
from cutter.app.resumption import find_repeated
from cutter.app.system import RandomIds
from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, write_envelope
from cutter.approval.packets import primary_fingerprint
from cutter.approval.request import ESCALATION, REJECTION_TYPE, Rejection
from cutter.approval.trust import LoadedTrust, RevokedKey
from cutter.contracts import SurveySession, WriteTransaction
from cutter.custody.files import write_atomic
from cutter.events import (
    ApprovalVerified,
    Completed,
    GateOpened,
    GateRefused,
    GateWaiting,
    Record,
    Stopped,
)
from cutter.evidence import file_name, sidecars
from cutter.model import GatePhase, Mode, OperationPhase
from cutter.operations import CATALOGUE
from cutter.postgres.signing import keep_signature
from cutter.postgres.transact import Committing
from cutter.report.result import Result, RunStatus
from cutter.stops import Stop, StopCode
from tests.support.attacks import altered, story_of
from tests.support.live import LiveOffice
from tests.support.runs import SIGNING, SOVEREIGN_KEY, Office, StaticTrust, completed, outcome_of, stop_of

pytestmark = pytest.mark.attacks

FIRST, SECOND = "GATE_CUT_AUTHORIZATION", "GATE_LIFECYCLE_ENACT_AUTHORIZATION"
PHASES = (
    "discover", "survey", "plan", "authorize_cut", "backup", "cut_leg_a", "cut_leg_b", "verify", "authorize_enact",
    "backup_enact", "enact", "report",
)  # fmt: skip
POLICY = "UPDATE cutter_governance.dot_config SET value = '{}' WHERE key = 'cutter_orchestrator.backup_policy'"


class Faults:
    """What fails once at a phase: each way in which it reaches the database, at most one of them a pass."""

    def __init__(self, phase: str, error: Callable[[], BaseException]) -> None:
        self.phase = phase
        self.fired: set[str] = set()
        self._error = error
        self._here = ""
        self._spent = False

    def begin(self) -> None:
        """A pass begins."""
        self._here, self._spent = "", False

    def hear(self, record: Record) -> None:
        """Know in which phase the run is: that of the last event of a phase."""
        self._here = record.phase or self._here

    def meet(self, way: str) -> None:
        """Fail here, if it is time."""
        if self._here == self.phase and not self._spent and way not in self.fired:
            self._spent = True
            self.fired.add(way)
            raise self._error()


def failing(faults: Faults) -> Callable[..., Committing]:
    """A transactor with these faults."""

    class Failing(Committing):
        @contextmanager
        def survey(self) -> Iterator[SurveySession]:
            faults.meet("survey")
            with super().survey() as session:
                yield session

        @contextmanager
        def verify(self) -> Iterator[SurveySession]:
            faults.meet("verify")
            with super().verify() as session:
                yield session

        @contextmanager
        def write(self, phase: str) -> Iterator[WriteTransaction]:
            faults.meet("write")
            with super().write(phase) as transaction:
                yield transaction
                faults.meet("commit")

    return Failing


def drive(office: Office, run_id: str, faults: Faults) -> Sequence[Record]:
    """Resume a run until it is done, people signing whatever it asks."""
    for _ in range(30):
        faults.begin()
        try:
            records = office.perform(Mode.LIVE, run_id, notify=faults.hear)
        except KeyboardInterrupt:
            continue
        match records[-1].event:
            case GateWaiting():
                office.approve(records)
            case Stopped(code="STOP_WRITE_FAILED"):
                continue
            case _ as event:
                assert isinstance(event, Completed), event
                return records
    raise AssertionError("the run never ends")


def ways_of(office: Office, phase_id: str) -> set[str]:
    """In which ways a phase reaches the database at least."""
    phase = next(phase for phase in office.pipeline().phases if phase.id == phase_id)
    if not isinstance(phase, OperationPhase):
        return {"survey", "write", "commit"}
    return {"write", "commit", "verify"}


ERRORS: dict[str, Callable[[], BaseException]] = {
    "stop": lambda: Stop(StopCode.STOP_WRITE_FAILED, detail="injected"),
    "kill": KeyboardInterrupt,
}
FAILURES = [
    *(pytest.param(phase, "stop", id=f"{phase}-stop") for phase in PHASES),
    *(pytest.param(phase, "kill", id=f"{phase}-kill", marks=pytest.mark.crash) for phase in PHASES),
]


@pytest.mark.parametrize(("phase", "error"), FAILURES)
def test_a_run_ends_alike_wherever_it_was_stopped(
    office: Office, monkeypatch: pytest.MonkeyPatch, phase: str, error: str
) -> None:
    """Without it a stop at some point of a phase could bar the run for ever, or let it write twice."""
    faults = Faults(phase, ERRORS[error])
    monkeypatch.setattr("tests.support.runs.Committing", failing(faults))
    run_id = RandomIds().run_id()

    records = drive(office, run_id, faults)

    assert faults.fired >= ways_of(office, phase)
    units = outcome_of(records, "plan")["row_count"]
    assert office.rows(
        "SELECT count(*), count(*) FILTER (WHERE lifecycle = 'enacted') FROM library.information_unit"
    ) == [(units, units)]
    guards = [p for p in office.pipeline().phases if isinstance(p, OperationPhase) and p.idempotency]
    assert office.rows("SELECT count(*), count(DISTINCT guard) FROM cutter_governance.phase_marker") == [
        (len(guards), len(guards))
    ]
    used = [(r.event.gate, r.event.request_sha256) for r in records if isinstance(r.event, GateOpened)]
    assert sorted(used) == sorted(office.rows("SELECT gate_id, request_sha256 FROM cutter_governance.approval_use"))
    assert [gate for gate, _ in used if gate != ESCALATION] == [FIRST, SECOND]
    made = sidecars(run_id, story_of(office.pipeline(), Mode.LIVE), records)
    assert [file_name(item)[3:-5] for item in made] == list(PHASES)


def reject(office: Office, waiting: GateWaiting) -> None:
    """Let the sovereign sign a no."""
    body = Rejection(request_sha256=waiting.request_sha256, reason_sha256="0" * 64).body
    fpr = primary_fingerprint(SOVEREIGN_KEY)
    signature = EnvelopeSignature(fpr, SIGNING.sign(pae(REJECTION_TYPE, body), fpr))
    envelope = write_envelope(Envelope(REJECTION_TYPE, body, (signature,)))
    keep_signature(office.database.conninfo("sovereign"), "cutter/sign", waiting.approval_kb_id, "rejection", envelope)


def revoke(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the office publish a bundle in which the sovereign's key is revoked."""
    bundle = StaticTrust().load().bundle
    assert bundle is not None
    key = RevokedKey(fpr=primary_fingerprint(SOVEREIGN_KEY), since="2020-01-01T00:00:00Z", reason_code="lost")
    newer = LoadedTrust(msgspec.structs.replace(bundle, version=2, revoked=(key,)))
    monkeypatch.setattr(StaticTrust, "load", lambda self: newer)


@pytest.mark.parametrize(("how", "code"), [("a no", "STOP_APPROVAL_REJECTED"), ("a lost key", "STOP_SIGNER_REFUSED")])
def test_what_people_take_back_before_the_write_is_not_written(
    office: Office, monkeypatch: pytest.MonkeyPatch, how: str, code: str
) -> None:
    """Without it a no, or a revocation, that comes while the backup is made would be overlooked by the write."""
    run_id = RandomIds().run_id()
    waiting = office.perform(Mode.LIVE, run_id)
    office.approve(waiting)

    def take_back(record: Record) -> None:
        if isinstance(record.event, ApprovalVerified):
            asked = waiting[-1].event
            assert isinstance(asked, GateWaiting)
            reject(office, asked) if how == "a no" else revoke(monkeypatch)

    refused = office.perform(Mode.LIVE, run_id, notify=take_back)[-1].event

    assert isinstance(refused, GateRefused)
    assert (refused.gate, refused.code) == (FIRST, code)
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]
    assert office.rows("SELECT count(*) FROM cutter_governance.approval_use") == [(0,)]


def test_a_refusal_names_its_gate_also_where_the_run_did_not_wait(office: Office) -> None:
    """Without it the refusal after a stop would be of no gate, and no screen could say what is refused."""
    run_id = RandomIds().run_id()
    waiting = office.perform(Mode.LIVE, run_id)
    office.approve(waiting)
    documents = office.workspace / "documents"
    away = documents.rename(office.workspace / "away")
    assert stop_of(office.perform(Mode.LIVE, run_id)).code == "STOP_DOCUMENT_UNKNOWN"
    away.rename(documents)
    asked = waiting[-1].event
    assert isinstance(asked, GateWaiting)
    reject(office, asked)

    refused = office.perform(Mode.LIVE, run_id)[-1].event

    assert isinstance(refused, GateRefused)
    assert (refused.gate, refused.request_sha256) == (FIRST, asked.request_sha256)


def test_two_gates_one_after_the_other_are_both_used(office: Office) -> None:
    """Without it the write after them would stand on the first one, which covers nothing, and be refused for ever."""
    gate = next(phase for phase in office.pipeline().phases if isinstance(phase, GatePhase))
    text = office.pipeline().source
    assert gate.gate.id.encode() in text
    double = (
        "  - id: backup\n",
        "  - id: authorize_again\n    gate: {id: GATE_AGAIN, kind: signed, quorum: {sovereign: 1}, "
        "approve_within: PT72H, execute_within: PT24H}\n\n  - id: backup\n",
    )
    records = office.complete(RandomIds().run_id(), pipeline=altered(office, double))

    assert completed(records)
    assert [r.event.gate for r in records if isinstance(r.event, GateOpened)] == [FIRST, "GATE_AGAIN", SECOND]
    assert [r.phase for r in records if isinstance(r.event, GateOpened)] == ["cut_leg_a", "cut_leg_a", "enact"]


def at_second_gate(live: LiveOffice) -> Result:
    """A run that waits at the second gate, whose request is signed."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    second = live.resume(first.approval_kb_id)
    live.sign(second.approval_kb_id, "sovereign")
    return second


def test_the_command_that_a_failure_names_asks_for_the_decision(live: LiveOffice) -> None:
    """Without it a failure between the second gate and its write names a command that is refused."""
    second = at_second_gate(live)
    kept = live.settings.backups.rename(live.settings.backups.with_name("away"))
    live.settings.backups.write_text("in the way")
    failed = live.resume(second.approval_kb_id)
    assert failed.exit_code == 51
    live.settings.backups.unlink()
    kept.rename(live.settings.backups)
    named = next(step.command for step in failed.next if step.label == "resume").split()[-1]

    asked = live.resume(named)
    live.sign(asked.approval_kb_id, "sovereign")
    done = live.resume(asked.approval_kb_id)

    assert (asked.exit_code, asked.gate) == (10, ESCALATION)
    assert (done.exit_code, done.status) == (0, RunStatus.DONE)


def test_a_refused_decision_is_one_about_the_failure(live: LiveOffice) -> None:
    """Without it a name that no request has would be noted of no gate, and the waiting run could not be told."""
    second = at_second_gate(live)
    live.office.alter("UPDATE library.information_unit SET body = body || 'x' WHERE ordinal = 3")
    assert live.resume(second.approval_kb_id).exit_code == 51

    refused = live.cut(approval_kb_id=f"approvals/{second.run_id}/{ESCALATION}/{'0' * 16}")

    assert (refused.exit_code, refused.stop_code, refused.gate) == (11, "STOP_APPROVAL_NOT_FOUND", ESCALATION)
    assert live.cut().gate == ESCALATION


def test_the_same_line_twice_at_once_makes_one_run(live: LiveOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a double click would make two runs that ask people the same, and only one could ever be used."""
    both = Barrier(2)

    def find_together(*args: Any) -> str:
        found = find_repeated(*args)
        with suppress(BrokenBarrierError):  # the second waits for the lock meanwhile, and does not come
            both.wait(timeout=0.3)
        return found

    monkeypatch.setattr("cutter.app.orchestration.find_repeated", find_together)
    results: list[Result] = []
    clicks = [Thread(target=lambda: results.append(live.cut())) for _ in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()

    assert {result.exit_code for result in results} <= {10, 30}
    assert len({result.run_id for result in results if result.exit_code == 10}) == 1
    assert live.office.rows("SELECT count(*) FROM kb.document WHERE kb_id LIKE 'approvals/%'") == [(1,)]


def test_a_run_that_asked_nobody_does_not_stand_in_the_way(live: LiveOffice) -> None:
    """Without it what such a run had found would bar the line for ever once it holds no more."""
    live.office.add_text("LATER", "Điều 1. Một\nNội dung.\nĐiều 2. Hai\nNội dung.\n")
    live.office.alter(POLICY.replace("{}", ""))
    stopped = live.cut("LATER")
    live.office.alter(POLICY)
    live.office.replace_text("LATER", "Điều 1. Một\nNội dung khác.\nĐiều 2. Hai\nNội dung.\n")

    result = live.cut("LATER")

    assert (stopped.stop_code, result.exit_code) == ("STOP_DRIFT", 10)
    assert result.run_id != stopped.run_id


def test_a_run_whose_plan_moved_names_its_end(live: LiveOffice) -> None:
    """Without it the operator would be told to begin a new run, and the old one would answer the line for ever."""
    live.office.add_text("LATER", "Điều 1. Một\nNội dung.\nĐiều 2. Hai\nNội dung.\n")
    first = live.cut("LATER")
    live.sign(first.approval_kb_id, "sovereign")
    live.office.replace_text("LATER", "Điều 1. Một\nNội dung khác.\nĐiều 2. Hai\nNội dung.\n")
    moved = live.resume(first.approval_kb_id)
    steps = {step.label: step.command for step in moved.next}
    assert (moved.stop_code, steps["end it"].split()[:4]) == (
        "STOP_PLAN_CHANGED",
        ["cutter", "runs", "abort", first.run_id[:8]],
    )

    abort_run(live.settings, first.run_id, "moved")

    assert live.cut("LATER").exit_code == 10


def test_an_aborted_run_is_not_resumed_as_a_success(live: LiveOffice) -> None:
    """Without it a script would take a run that somebody ended for one that is done."""
    first = live.cut()
    abort_run(live.settings, first.run_id, "not wanted")

    result = live.resume(first.approval_kb_id)

    assert (result.exit_code, result.stop_code, result.detail) == (22, "STOP_PLAN_CHANGED", "aborted")


def test_an_id_that_is_none_is_refused_before_anything_is_reached(live: LiveOffice) -> None:
    """Without it words of the caller's would stand in the name by which the server knows the session."""
    write_atomic(live.office.workspace / "pg_service.conf", b"")

    result = live.resume("approvals/x y z")

    assert (result.stop_code, result.detail) == ("STOP_APPROVAL_NOT_FOUND", "kb_id")


def test_every_phase_of_the_shipped_pipeline_is_among_those_that_fail(office: Office) -> None:
    """Without it a new phase would not be resumed by any test."""
    assert tuple(phase.id for phase in office.pipeline().phases) == PHASES
    assert all(
        CATALOGUE.find(phase.operation, phase.version)
        for phase in office.pipeline().phases
        if isinstance(phase, OperationPhase)
    )

"""Approvals as the program reaches them: what is read of requests and trust, keeping a signature, using an approval."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from cutter import canon
from cutter.contracts import (
    Consumption,
    CountedSignature,
    KnowledgeDocument,
    Marker,
    RecordedRun,
    RunRow,
    TrustFloor,
)
from cutter.events import Aborted, Record
from cutter.model import Mode
from cutter.postgres.approvals import PostgresApprovals
from cutter.postgres.migrate import migrations
from cutter.postgres.signing import keep_signature
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing, Rehearsing
from cutter.stops import Stop, StopCode
from tests.plugins.postgres import Database
from tests.security.approving import GATE, payload

ZEROS = "0" * 64
RECORDS = PostgresApprovals()


@pytest.fixture
def committing(database: Database) -> Iterator[Committing]:
    """A transactor of the operator that has begun a live run."""
    with closing(Committing(database.conninfo("operator"), "cutter/test", Roles())) as transactor:
        transactor.begin(_run())
        yield transactor


def _run(run_id: str = "", mode: Mode = Mode.LIVE, lock_key: str = "DOC-1") -> RunRow:
    return RunRow(run_id or str(uuid4()), "cut", ZEROS, mode, lock_key)


def _run_id(transactor: Committing) -> str:
    return transactor.runs()[0].run_id


def _ask(transactor: Committing, **changes: object) -> Consumption:
    """Publish a request; its use, nobody counted yet."""
    run_id = _run_id(transactor)
    body = canon.encode(payload(run_id, **changes))
    sha256 = canon.sha256(body)
    kb_id = f"approvals/{run_id}/{GATE}/{sha256[:16]}"
    with transactor.write("") as transaction:
        transaction.publish(KnowledgeDocument(kb_id, "application/json", body))
    return Consumption(kb_id, sha256, GATE, ())


def _sign(database: Database, use: Consumption, login: str, kind: str = "approval", envelope: bytes = b"") -> str:
    given = envelope or f"{login} {kind}".encode()
    return keep_signature(database.conninfo(login), "cutter/approve", use.kb_id, kind, given)


def _counted(database: Database, use: Consumption, *logins: str) -> Consumption:
    counted = tuple(CountedSignature(_sign(database, use, login), login, login, "") for login in logins)
    return Consumption(use.kb_id, use.request_sha256, use.gate, counted)


def _refused(call: Callable[[], object]) -> tuple[StopCode, str]:
    with pytest.raises(Stop) as caught:
        call()
    assert caught.value.__cause__ is None
    return caught.value.code, caught.value.detail


# Reading


def test_the_target_names_the_last_migration(committing: Committing) -> None:
    """Without it an approval would hold for a schema that nobody saw."""
    assert committing.target.schema == migrations()[-1].name


def test_requests_are_read_by_gate_and_id(committing: Committing) -> None:
    """Without it a run would judge an older request than the one that it last wrote, or another gate's."""
    first, second = _ask(committing), _ask(committing, row_count=3)
    run_id = _run_id(committing)
    with committing.survey() as session:
        latest = RECORDS.latest_request(session, run_id, GATE)
        assert latest is not None
        assert (latest.kb_id, latest.run_id, latest.sha256) == (second.kb_id, run_id, second.request_sha256)
        assert canon.sha256(latest.body) == second.request_sha256
        found = RECORDS.request(session, first.kb_id)
        assert found is not None
        assert found.sha256 == first.request_sha256
        assert RECORDS.latest_request(session, run_id, "GATE_CUT") is None
        assert RECORDS.latest_request(session, str(uuid4()), GATE) is None
        assert RECORDS.request(session, f"{first.kb_id}0") is None


def test_a_run_reads_its_own_requests_only(database: Database, committing: Committing) -> None:
    """Without it another run could publish under this one's path, and its request would be judged as the newest."""
    mine = _ask(committing)
    with closing(Committing(database.conninfo("operator"), "cutter/test", Roles())) as other:
        other.begin(_run(lock_key="DOC-2"))
        with other.write("") as transaction:
            transaction.publish(KnowledgeDocument(f"{mine.kb_id[:-16]}{'f' * 16}", "application/json", b"{}"))
    with committing.survey() as session:
        latest = RECORDS.latest_request(session, mine.kb_id.split("/")[1], GATE)
    assert latest is not None
    assert latest.kb_id == mine.kb_id


def test_signatures_are_read_in_order(database: Database, committing: Committing) -> None:
    """Without it nobody could say which signature made the quorum, and when."""
    use = _ask(committing)
    given = [
        (_sign(database, use, "sovereign"), "approval", b"sovereign approval", "sovereign"),
        (_sign(database, use, "content"), "approval", b"content approval", "content"),
        (_sign(database, use, "form", "rejection"), "rejection", b"form rejection", "form"),
    ]
    with committing.survey() as session:
        found = RECORDS.signatures(session, use.request_sha256)
        assert RECORDS.signatures(session, ZEROS) == ()
        now = RECORDS.database_now(session)
    assert [(one.sha256, one.kind, one.envelope, one.person) for one in found] == given
    assert {one.request_sha256 for one in found} == {use.request_sha256}
    assert [one.login for one in found] == [one.person for one in found]
    assert all(now - timedelta(minutes=1) < one.signed_at < now for one in found)


def test_the_clock_is_the_databases_and_goes_on(committing: Committing) -> None:
    """Without it a long transaction would judge an end by the time at which it began."""
    with committing.survey() as session:
        first, second = RECORDS.database_now(session), RECORDS.database_now(session)
    assert first < second
    assert first.tzinfo is UTC
    assert abs(first - datetime.now(UTC)) < timedelta(minutes=1)


def test_who_asked_is_the_login(committing: Committing) -> None:
    """Without it nobody could tell whose approval does not count."""
    run_id = _run_id(committing)
    with committing.survey() as session:
        assert RECORDS.requester(session, run_id) == "operator"
        assert _refused(lambda: RECORDS.requester(session, str(uuid4())))[0] is StopCode.STOP_RUN_NOT_FOUND


def test_settings_are_read(committing: Committing) -> None:
    """Without it an approval would not bind the policy of backups."""
    with committing.survey() as session:
        assert RECORDS.setting(session, "cutter_orchestrator.grant_apply_principal") == "cutter_writer"
        assert RECORDS.setting(session, "cutter_orchestrator.absent") == ""


def test_the_ledger_is_seen_from_its_genesis(database: Database, committing: Committing) -> None:
    """Without it a request could not say which ledger its approvers witnessed."""
    run_id = _run_id(committing)
    with committing.survey() as session:
        empty = RECORDS.ledger_head(session)
        genesis = RECORDS.ledger_hash(session, 0)
    assert (empty.log_id, empty.size, empty.head_sha256, empty.last_at) == (
        committing.target.ledger_log_id,
        0,
        genesis,
        "",
    )
    at = "2026-11-24T07:00:00.000000Z"
    with committing.write("") as transaction:
        transaction.append([Record(1, run_id, "", at, Aborted(reason=ZEROS))])
    with committing.survey() as session:
        head = RECORDS.ledger_head(session)
        assert (head.size, head.last_at) == (1, at)
        assert [RECORDS.ledger_hash(session, seq) for seq in (0, 1, 2)] == [genesis, head.head_sha256, ""]


# Signing


def test_a_signature_is_kept_once(database: Database, committing: Committing) -> None:
    """Without it a signer whose answer was lost could not simply sign again."""
    use = _ask(committing)
    assert _sign(database, use, "content") == _sign(database, use, "content") == canon.sha256(b"content approval")


UNKEPT: dict[str, tuple[str, bytes, tuple[StopCode, str]]] = {
    "by the operator": ("operator", b"e", (StopCode.STOP_CONNECTION_UNSAFE, "not_for_approving")),
    "by a superuser": ("", b"e", (StopCode.STOP_CONNECTION_UNSAFE, "superuser")),
    "too large": ("content", b"x" * 65537, (StopCode.STOP_WRITE_FAILED, "CU007")),
    "somebody else's": ("form", b"content approval", (StopCode.STOP_POLICY_REFUSED, "")),
}


@pytest.mark.parametrize("name", UNKEPT)
def test_a_signature_is_refused(database: Database, committing: Committing, name: str) -> None:
    """Without it a refusal of the database would reach a signer as a traceback."""
    login, envelope, expected = UNKEPT[name]
    use = _ask(committing)
    _sign(database, use, "content")
    conninfo = database.conninfo(login) if login else database.superuser
    assert _refused(lambda: keep_signature(conninfo, "cutter/approve", use.kb_id, "approval", envelope)) == expected
    with committing.survey() as session:
        assert len(RECORDS.signatures(session, use.request_sha256)) == 1


def test_a_request_that_is_not_there_is_not_signed(database: Database, committing: Committing) -> None:
    """Without it a mistyped id would be told as a fault."""
    use = Consumption("approvals/x/GATE_X/0", ZEROS, GATE, ())
    assert _refused(lambda: _sign(database, use, "content")) == (StopCode.STOP_APPROVAL_NOT_FOUND, "no_request")


def test_a_fifth_signature_of_a_person_is_refused(database: Database, committing: Committing) -> None:
    """Without it the limit would be told as a failed write."""
    use = _ask(committing)
    for number in range(4):
        _sign(database, use, "content", envelope=b"%d" % number)
    expected = (StopCode.STOP_SIGNER_REFUSED, "too_many_signatures")
    assert _refused(lambda: _sign(database, use, "content", envelope=b"4")) == expected


# Using


def _consume(transactor: Committing | Rehearsing, *uses: Consumption) -> None:
    with transactor.write("cut_leg_a") as transaction:
        for use in uses:
            transaction.consume(use)


def test_an_approval_is_used_once(database: Database, committing: Committing) -> None:
    """Without it a resume could pass a gate twice."""
    use = _counted(database, _ask(committing), "content", "form")
    _consume(committing, use)
    assert _refused(lambda: _consume(committing, use)) == (StopCode.STOP_APPROVAL_CONSUMED, "")


def test_a_use_is_undone_with_its_transaction(database: Database, committing: Committing) -> None:
    """Without it a write that failed would burn the approval."""
    use = _counted(database, _ask(committing), "content", "form")
    assert _refused(lambda: _consume(committing, use, use)) == (StopCode.STOP_APPROVAL_CONSUMED, "")
    _consume(committing, use)


PAST = "2026-01-01T00:00:00Z"
UNUSED: dict[str, tuple[dict[str, object], tuple[str, ...], tuple[StopCode, str]]] = {
    "too few": ({}, ("content",), (StopCode.STOP_SIGNER_REFUSED, "quorum")),
    "too late": ({"execute_by": PAST}, ("content", "form"), (StopCode.STOP_APPROVAL_EXPIRED, "execute_by")),
    "of another document": ({"lock_key": "DOC-2"}, ("content", "form"), (StopCode.STOP_POLICY_REFUSED, "")),
}


@pytest.mark.parametrize("name", UNUSED)
def test_a_use_is_refused(database: Database, committing: Committing, name: str) -> None:
    """Without it a run would not know what to tell its operator."""
    changes, logins, expected = UNUSED[name]
    use = _counted(database, _ask(committing, **changes), *logins)
    assert _refused(lambda: _consume(committing, use)) == expected


def test_a_use_names_its_gate(database: Database, committing: Committing) -> None:
    """Without it a run could open one gate with what people signed for another."""
    use = _counted(database, _ask(committing), "content", "form")
    other = Consumption(use.kb_id, use.request_sha256, "GATE_OTHER", use.counted)
    assert _refused(lambda: _consume(committing, other)) == (StopCode.STOP_POLICY_REFUSED, "gate")
    _consume(committing, use)


def test_a_rehearsal_uses_no_approval(database: Database, committing: Committing) -> None:
    """Without it a rehearsal could say that a live run would pass its gate."""
    use = _counted(database, _ask(committing), "content", "form")
    with closing(Rehearsing(database.conninfo("operator"), "cutter/test", Roles())) as rehearsing:
        rehearsing.begin(_run(mode=Mode.DRYRUN, lock_key="DOC-2"))
        assert _refused(lambda: _consume(rehearsing, use)) == (StopCode.STOP_POLICY_REFUSED, "")
        with rehearsing.write("") as transaction:
            transaction.raise_floor(TrustFloor(7, ZEROS))
            transaction.open_incident("cut_leg_a", "STOP_VERIFY_FAILED")
        rehearsing.finish()
    with committing.survey() as session:
        assert RECORDS.trust_floor(session) is None


def test_the_floor_of_trust_rises(committing: Committing) -> None:
    """Without it an old trust bundle could be believed again."""
    for version in (1, 2):
        _raise_floor(committing, version)
    expected = (StopCode.STOP_TRUST_REFUSED, "trust_rollback")
    assert _refused(lambda: _raise_floor(committing, 1)) == expected
    with committing.survey() as session:
        assert RECORDS.trust_floor(session) == TrustFloor(2, ZEROS)


def _raise_floor(transactor: Committing, version: int) -> None:
    with transactor.write("") as transaction:
        transaction.raise_floor(TrustFloor(version, ZEROS))


# Runs and documents


def _mark(transactor: Committing, run_id: str, phase: str) -> None:
    with transactor.write(phase) as transaction:
        transaction.mark(Marker("G-CUT-ONCE", (phase,), run_id, phase, "library.cut_leg_a@1", {}))


def _void(database: Database, voided: str, phase: str, by: str) -> None:
    with psycopg.connect(database.superuser, autocommit=True) as superuser:
        superuser.execute(
            "UPDATE cutter_governance.phase_marker SET voided_by = %s WHERE run_id = %s AND phase = %s",
            (by, voided, phase),
        )


def test_runs_are_found(database: Database, committing: Committing) -> None:
    """Without it the same live line would begin a second run beside the one that waits, or go on with an ended one."""
    run_id = _run_id(committing)

    def open_runs(pipeline: str = "cut", lock_key: str = "DOC-1") -> list[str]:
        return [run.run_id for run in committing.find_open_runs(pipeline, lock_key)]

    assert open_runs() == [run_id]
    assert open_runs("other") == open_runs(lock_key="DOC-2") == []
    assert [run.run_id for run in committing.find_runs(run_id[:8])] == [run_id]
    assert committing.find_runs("x") == []
    with committing.write("") as transaction:
        transaction.append([Record(1, run_id, "", "2026-11-24T07:00:00.000000Z", Aborted(reason=ZEROS))])
    assert open_runs() == []
    assert committing.find_runs(run_id)[0].last_event == "aborted"


def test_a_run_is_voided_when_all_of_it_is(database: Database, committing: Committing) -> None:
    """Without it a list would call a run done whose rows are gone, or gone while some stand."""
    run_id, other = _run_id(committing), str(uuid4())

    def listed() -> RecordedRun:
        return committing.find_runs(run_id)[0]

    assert not listed().voided
    _mark(committing, run_id, "cut_leg_a")
    _mark(committing, run_id, "cut_leg_b")
    with closing(Committing(database.conninfo("operator"), "cutter/test", Roles())) as voiding:
        voiding.begin(_run(other, lock_key="DOC-2"))
    _void(database, run_id, "cut_leg_a", other)
    assert not listed().voided
    _void(database, run_id, "cut_leg_b", other)
    assert listed().voided
    assert committing.voided_by(run_id) == other
    assert committing.voided_by(other) == ""


def test_documents_are_read_back(committing: Committing) -> None:
    """Without it a run could not be gone on with from another host."""
    document = KnowledgeDocument(f"runs/{_run_id(committing)}/start", "application/json", b"{}")
    with committing.write("") as transaction:
        transaction.publish(document)
    assert committing.document(document.kb_id) == document
    assert committing.document("runs/absent") is None


# The time that is left

LIMITS = {"less than the session's": (90.5, "90500ms"), "more than the session's": (10_000.0, "15min")}


@pytest.mark.parametrize("name", LIMITS)
def test_statements_get_the_time_that_is_left(committing: Committing, name: str) -> None:
    """Without it one statement could go on long after its run should have ended."""
    seconds, expected = LIMITS[name]
    committing.limit(seconds)
    for look in (committing.survey, committing.verify):
        with look() as session:
            assert session.answer("SELECT current_setting('statement_timeout') AS shown", {}) == {"shown": expected}


def test_no_time_left_is_not_any_time(committing: Committing) -> None:
    """Without it a run at its very end would get no limit at all: to the server, 0 means none."""
    committing.limit(0.0)
    with pytest.raises(Stop) as caught, committing.survey() as session:
        session.rows("SELECT pg_catalog.pg_sleep(5)", {})
    assert caught.value.code is StopCode.STOP_LIMIT_EXCEEDED


def test_a_rehearsal_gets_the_time_that_is_left(database: Database) -> None:
    """Without it a rehearsal could hold its locks longer than its pipeline allows."""
    with closing(Rehearsing(database.conninfo("operator"), "cutter/test", Roles())) as rehearsing:
        rehearsing.begin(_run(mode=Mode.DRYRUN))
        rehearsing.limit(0.2)
        with rehearsing.survey() as session, pytest.raises(Stop) as caught:
            session.rows("SELECT pg_catalog.pg_sleep(5)", {})
    assert caught.value.code is StopCode.STOP_LIMIT_EXCEEDED

"""One phase's transaction, and what runs read of their own records.

Rules kept here: markers, documents and events are written as the appender role, whose inserts the database ties to the
run that was entered; events are bound to the ledger's head under its lock, so appending is the last thing done.

Source: DESIGN §4, §6; approvals-and-evidence §4.
"""

from collections.abc import Sequence

import msgspec
import psycopg
from psycopg import sql

from cutter import canon, chain
from cutter.contracts import (
    Bind,
    Consumption,
    Identity,
    KnowledgeDocument,
    Marker,
    MarkerKey,
    RecordedRun,
    SurveySession,
    TrustFloor,
)
from cutter.events import Record
from cutter.model import Mode
from cutter.postgres.connect import stop_from
from cutter.postgres.session import PostgresSurvey, PostgresWriter
from cutter.postgres.statements import Roles, filled, plain, role
from cutter.run import DECLINED
from cutter.stops import Stop, StopCode

# The kinds of events after which a live run never goes on.
_ENDS = ("completed", "aborted", "declined")
_FINAL = [code.name for code in StopCode if code.value.final]


class PhaseTransaction:
    """The transaction as the engine sees it; somebody else begins and ends it."""

    def __init__(
        self, connection: psycopg.Connection, roles: Roles, identity: Identity, run_id: str, writer: str
    ) -> None:
        self._connection = connection
        self._roles = roles
        self._identity = identity
        self._run_id = run_id
        self.session = PostgresWriter(connection, writer)
        self.surveys: SurveySession = PostgresSurvey(connection)

    def mark(self, marker: Marker) -> None:
        """Record the effect; a taken key is STOP_REPLAY_CONFLICT."""
        self._record(
            "insert_marker",
            {
                "guard": marker.guard,
                "key": list(marker.key),
                "key_sha256": canon.digest(marker.key),
                "run": marker.run_id,
                "phase": marker.phase,
                "operation": marker.operation,
                "outcome": canon.encode(marker.outcome),
            },
        )

    def publish(self, document: KnowledgeDocument) -> None:
        """Put a document into the knowledge base."""
        self._record(
            "insert_document",
            {
                "kb_id": document.kb_id,
                "run": self._run_id,
                "media_type": document.media_type,
                "body": document.body,
                "sha256": canon.sha256(document.body),
            },
        )

    def consume(self, use: Consumption) -> None:
        """Use an approval of this run; the database looks for itself.

        Raises:
            Stop: STOP_APPROVAL_CONSUMED; STOP_APPROVAL_EXPIRED, detail `execute_by`; STOP_SIGNER_REFUSED, detail
                `quorum`; STOP_POLICY_REFUSED: the request is not one of this run and gate, or the run only rehearses.
        """
        gate = self._record(
            "consume",
            {
                "kb_id": use.kb_id,
                "request_sha256": use.request_sha256,
                "signatures": [counted.sha256 for counted in use.counted],
                "roles": [counted.role for counted in use.counted],
            },
        )
        if gate != use.gate:
            raise Stop(StopCode.STOP_POLICY_REFUSED, detail="gate", found=str(gate), needed=use.gate)

    def raise_floor(self, floor: TrustFloor) -> None:
        """Record the trust bundle that was used; an older one is STOP_TRUST_REFUSED, detail `trust_rollback`."""
        self._record("raise_floor", {"version": floor.version, "sha256": floor.sha256})

    def open_incident(self, phase: str, code: str) -> None:
        """Record that the run failed at a phase after a committed governed write."""
        self._record("open_incident", {"phase": phase, "code": code})

    def append(self, records: Sequence[Record]) -> None:
        """Bind the events to the ledger's head and append them."""
        if not records:
            return
        self._connection.execute(filled("as_role", role=role(self._roles.appender)))
        row = self._connection.execute(plain("ledger_head")).fetchone()
        if row is None:
            raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="no_head")
        links = chain.link(records, chain.Head(row[0], row[1]), self._identity.tenant, self._identity.person)
        self._connection.execute(plain("ledger_append"), {"bodies": [link.body for link in links]})

    def _record(self, name: str, values: Bind) -> object:
        """Run a statement as the appender; the value that it returns, if it returns one."""
        try:
            self._connection.execute(filled("as_role", role=role(self._roles.appender)))
            cursor = self._connection.execute(plain(name), values)
            row = cursor.fetchone() if cursor.description else None
        except psycopg.Error as error:
            raise stop_from(error) from None
        return row[0] if row else None


def commit(connection: psycopg.Connection) -> None:
    """COMMIT, and believe only its tag (attack row 52).

    Raises:
        Stop: STOP_DATABASE_UNREACHABLE, detail `commit_unknown`, when the answer did not come: only the database knows,
            and whoever goes on reads it; STOP_WRITE_FAILED, detail `commit_rolled_back` or the SQLSTATE.
    """
    try:
        cursor = connection.execute(sql.SQL("COMMIT"))
    except psycopg.Error as error:
        stop = stop_from(error)
        if stop.code is StopCode.STOP_DATABASE_UNREACHABLE:
            raise Stop(stop.code, detail="commit_unknown") from None
        raise stop from None
    if cursor.statusmessage != "COMMIT":
        raise Stop(StopCode.STOP_WRITE_FAILED, detail="commit_rolled_back")


def find_markers(session: SurveySession, keys: Sequence[MarkerKey]) -> Sequence[Marker]:
    """The markers in force among these keys."""
    bind: Bind = {
        "guards": [key.guard for key in keys],
        "key_digests": [canon.digest(key.key) for key in keys],
    }
    return [
        Marker(guard, tuple(key), run_id, phase, operation, msgspec.json.decode(bytes(outcome)))
        for guard, key, run_id, phase, operation, outcome in session.rows(plain("find_markers").decode(), bind)
    ]


def read_history(session: SurveySession, run_id: str) -> Sequence[Record]:
    """A run's events from the ledger, each link checked against the hash before it."""
    links = [
        chain.Link(seq, bytes(body), sha256, prev)
        for seq, prev, body, sha256 in session.stream(plain("ledger_of_run").decode(), {"run": run_id})
    ]
    return [chain.check(link) for link in links]


def read_runs(
    session: SurveySession, prefix: str = "", pipeline: str | None = None, lock_key: str | None = None
) -> Sequence[RecordedRun]:
    """The runs of the tenant whose id begins so, of a pipeline and lock key (None: of any), newest first."""
    bind: Bind = {"prefix": prefix, "pipeline": pipeline, "lock_key": lock_key}
    bind = {**bind, "final": _FINAL, "declined": list(DECLINED)}
    return [RecordedRun(*row) for row in session.stream(plain("runs").decode(), bind)]


def read_open_runs(session: SurveySession, pipeline: str, lock_key: str) -> Sequence[RecordedRun]:
    """The live runs of a pipeline and lock key that have not ended, newest first."""
    return [run for run in read_live_runs(session, pipeline, lock_key) if run.last_event not in _ENDS]


def read_live_runs(session: SurveySession, pipeline: str, lock_key: str) -> Sequence[RecordedRun]:
    """The live runs of a pipeline and lock key, ended ones too, newest first."""
    found = read_runs(session, pipeline=pipeline, lock_key=lock_key)
    return [run for run in found if run.mode == Mode.LIVE.value]


def read_document(session: SurveySession, kb_id: str) -> KnowledgeDocument | None:
    """A document of the knowledge base."""
    rows = session.rows(plain("document").decode(), {"kb_id": kb_id})
    return KnowledgeDocument(*rows[0]) if rows else None


def lower_limit(connection: psycopg.Connection, seconds: float, most: float) -> None:
    """Let no statement of the session take longer than this, nor longer than `most`; at least a millisecond."""
    # 0 would mean that there is no limit
    milliseconds = max(1, int(min(seconds, most) * 1000))
    connection.execute(plain("limit"), {"milliseconds": str(milliseconds)})

"""One phase's transaction, and what runs read of their own records.

Rules kept here: markers, documents and events are written as the appender role, whose inserts the database ties to the
run that was entered; events are bound to the ledger's head under its lock, so appending is the last thing done.

Source: DESIGN §4, §6; approvals-and-evidence §4.
"""

from collections.abc import Sequence

import msgspec
import psycopg

from cutter import canon, chain
from cutter.contracts import Bind, GateUse, Identity, KnowledgeDocument, Marker, MarkerKey, RecordedRun, SurveySession
from cutter.events import Record
from cutter.postgres.session import PostgresSurvey, PostgresWriter
from cutter.postgres.statements import Roles, filled, plain, role
from cutter.stops import Stop, StopCode


class PhaseTransaction:
    """The transaction as the engine sees it; somebody else begins and ends it."""

    def __init__(self, connection: psycopg.Connection, roles: Roles, identity: Identity, run_id: str) -> None:
        self._connection = connection
        self._roles = roles
        self._identity = identity
        self._run_id = run_id
        self.session = PostgresWriter(connection, roles.writer)
        self.surveys: SurveySession = PostgresSurvey(connection)

    def mark(self, marker: Marker) -> None:
        """Record the effect; a taken key is STOP_REPLAY_CONFLICT."""
        self._insert(
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
        self._insert(
            "insert_document",
            {
                "kb_id": document.kb_id,
                "run": self._run_id,
                "media_type": document.media_type,
                "body": document.body,
                "sha256": canon.sha256(document.body),
            },
        )

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

    def _insert(self, name: str, values: Bind) -> None:
        self._connection.execute(filled("as_role", role=role(self._roles.appender)))
        self._connection.execute(plain(name), values)


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


def read_gate_use(session: SurveySession, run_id: str, gate: str) -> GateUse | None:
    """The approval that a run has consumed at a gate."""
    rows = session.rows(plain("gate_use").decode(), {"run": run_id, "gate": gate})
    return GateUse(gate, rows[0][0], tuple(rows[0][1])) if rows else None


def read_history(session: SurveySession, run_id: str) -> Sequence[Record]:
    """A run's events from the ledger, each link checked against the hash before it."""
    links = [
        chain.Link(seq, bytes(body), sha256, prev)
        for seq, prev, body, sha256 in session.stream(plain("ledger_of_run").decode(), {"run": run_id})
    ]
    return [chain.check(link) for link in links]


def read_runs(session: SurveySession) -> Sequence[RecordedRun]:
    """The runs of the tenant, newest first."""
    return [RecordedRun(*row) for row in session.stream(plain("runs").decode(), {})]

"""The ledger as somebody reads it who verifies it, and where checkpoints are kept beside it.

Rules kept here: everything is read in one snapshot, so that an event that is appended meanwhile is no difference; rows
are streamed; nothing is judged here.

Source: approvals-and-evidence §4.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
import psycopg

from cutter.checkpoints import Checkpoint, LedgerRow, StoredHead, Use
from cutter.contracts import Bind, Identity, SurveySession, Target
from cutter.postgres.run_connection import RunConnection, refusals, roll_back
from cutter.postgres.session import PostgresSurvey
from cutter.postgres.statements import Roles, filled, role
from cutter.postgres.transaction import commit
from cutter.resources import statement
from cutter.stops import Stop, StopCode

APPLICATION = "cutter/ledger"
_NO_SUCH_EVENT = "CU016"


class StoredCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint as the database keeps it; nothing of it is believed yet."""

    log_id: str
    size: int
    envelope: bytes


class StoredBody(msgspec.Struct, frozen=True):
    """A document of the knowledge base: its id and its bytes."""

    kb_id: str
    body: bytes


class StoredWitness(msgspec.Struct, frozen=True):
    """Somebody's signature on a request: an approval or a rejection."""

    request_sha256: str
    kind: str
    person: str
    envelope: bytes


class LedgerConnection:
    """A connection on which the ledger is verified and checkpoints are kept; no transaction is open on it."""

    def __init__(self, connection: psycopg.Connection, roles: Roles, identity: Identity, target: Target) -> None:
        self._connection = connection
        self._roles = roles
        self.identity = identity
        self.target = target

    @contextmanager
    def snapshot(self) -> Iterator[SurveySession]:
        """A read-only transaction that sees one moment."""
        with self._transaction("begin_snapshot"):
            yield PostgresSurvey(self._connection)

    def keep(self, checkpoint: Checkpoint, envelope: bytes) -> None:
        """Keep a checkpoint beside the ledger; the first one of a length stays.

        Raises:
            Stop: STOP_LEDGER_BROKEN, detail `checkpoint_refused`: the ledger has no such event any more; and as
                `transaction.commit`.
        """
        values: Bind = {"size": checkpoint.size, "head_sha256": checkpoint.head_sha256, "envelope": envelope}
        with self._transaction("begin_keeping"):
            self._connection.execute(filled("as_role", role=role(self._roles.appender)))
            try:
                self._connection.execute(_sql("keep_checkpoint").encode(), values)
            except psycopg.Error as error:
                if error.sqlstate != _NO_SUCH_EVENT:
                    raise
                raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="checkpoint_refused") from None
            commit(self._connection)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with refusals():
            self._connection.execute(_sql(begin).encode())
            try:
                yield
            finally:
                roll_back(self._connection)


@contextmanager
def open_ledger(conninfo: str, roles: Roles) -> Iterator[LedgerConnection]:
    """A connection of its own, closed at the end of the block."""
    opened = RunConnection(conninfo, APPLICATION, roles)
    try:
        yield LedgerConnection(opened.connection, roles, opened.identity, opened.target)
    finally:
        opened.connection.close()


def read_head(session: SurveySession) -> StoredHead:
    """The head of the tenant's ledger. Raises STOP_LEDGER_BROKEN, detail `no_head`."""
    rows = session.rows(_sql("head"), {})
    if len(rows) != 1:
        raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="no_head")
    return StoredHead(*rows[0])


def stream_rows(session: SurveySession) -> Iterator[LedgerRow]:
    """All rows of the tenant's ledger, by number. Nothing else can be asked meanwhile."""
    return session.stream(_sql("rows"), {})


def rows_of_run(session: SurveySession, run_id: str) -> Sequence[LedgerRow]:
    """The rows of one run, by number."""
    return tuple(session.stream(_sql("rows_of_run"), {"run": run_id}))


def hashes_at(session: SurveySession, head: StoredHead, sizes: Iterable[int]) -> dict[int, str]:
    """The stored hash of the last event at each of these lengths that the ledger has; at 0 the genesis."""
    asked: Bind = {"sizes": [str(size) for size in sorted(set(sizes))]}
    return {0: head.genesis} | {int(seq): str(sha256) for seq, sha256 in session.stream(_sql("hashes_at"), asked)}


def before_run(session: SurveySession, head: StoredHead, run_id: str) -> StoredHead:
    """The head as it was before the first event of a run; the present one when the run has none."""
    rows = session.rows(_sql("before_run"), {"run": run_id})
    return msgspec.structs.replace(head, size=rows[0][0], sha256=rows[0][1]) if rows else head


def runs_that_did(session: SurveySession, operation: str) -> Sequence[str]:
    """The runs that have a marker in force of an operation, whatever its version."""
    return tuple(run_id for (run_id,) in session.stream(_sql("runs_that_did"), {"operation": operation}))


def read_uses(session: SurveySession) -> Sequence[Use]:
    """The approvals that were used."""
    return tuple(Use(*row) for row in session.stream(_sql("uses"), {}))


def read_documents(session: SurveySession, prefix: str) -> Sequence[StoredBody]:
    """The documents of the knowledge base whose id begins so. The prefix holds no `%` and no `_`."""
    return tuple(StoredBody(*row) for row in session.stream(_sql("documents"), {"pattern": f"{prefix}%"}))


def read_checkpoints(session: SurveySession) -> Sequence[StoredCheckpoint]:
    """The checkpoints that are kept beside the ledger, shortest first."""
    return tuple(StoredCheckpoint(*row) for row in session.stream(_sql("checkpoints"), {}))


def read_witnesses(session: SurveySession) -> Sequence[StoredWitness]:
    """Every signature on every request."""
    return tuple(StoredWitness(*row) for row in session.stream(_sql("signatures"), {}))


def run_ids(session: SurveySession, prefix: str) -> Sequence[str]:
    """The runs whose id begins so, at most six: enough to tell whether there is one."""
    return tuple(run_id for (run_id,) in session.rows(_sql("run_ids"), {"prefix": prefix}))


def voided_by(session: SurveySession, run_id: str) -> str:
    """The run that voided what this run wrote; empty when none did."""
    rows = session.rows(_sql("voided_by"), {"run": run_id})
    return str(rows[0][0]) if rows else ""


def changed_since(session: SurveySession, run_id: str) -> str:
    """The first run of the same lock that wrote after this run's last write; empty when none did."""
    rows = session.rows(_sql("changed_since"), {"run": run_id})
    return str(rows[0][0]) if rows else ""


def _sql(name: str) -> str:
    return statement(f"postgres/sql/ledger/{name}.sql")

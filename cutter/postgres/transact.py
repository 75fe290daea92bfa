"""The two ways in which phases reach the database: committing each, or rehearsing all in one doomed transaction.

Rules kept here:

- One path: both enter the run, hand out the same sessions, write markers, documents and events alike, and name every
  deferrable constraint but the rehearsal's in SET CONSTRAINTS … IMMEDIATE at a phase's end.
- `Committing`: a transaction a phase, READ COMMITTED; after COMMIT its tag is checked (COMMIT of an aborted transaction
  answers ROLLBACK and raises nothing). `verify` is a read-only transaction on a second connection.
- `Rehearsing`: one outer transaction whose first statement inserts the rehearsal's row, which is looked for before
  every phase; a savepoint a phase; at the end the events are appended, the database is made to refuse the commit, and
  everything is rolled back.
- Privileges are taken by SET LOCAL ROLE inside a transaction; the login itself has none.

Source: DESIGN §4 (Two transactors), §6 (the wall).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.pq import TransactionStatus

from cutter.contracts import (
    Identity,
    KnowledgeDocument,
    Marker,
    MarkerKey,
    RecordedRun,
    RunRow,
    SnapshotSession,
    SurveySession,
    Target,
    WriteTransaction,
)
from cutter.events import Record
from cutter.postgres.connect import STATEMENT_LIMIT, connect, stop_from
from cutter.postgres.ledger import LedgerConnection, voided_by
from cutter.postgres.run_connection import RunConnection, beginning, refusals, roll_back
from cutter.postgres.session import PostgresSurvey
from cutter.postgres.snapshot import snapshot_savepoint, snapshot_transaction
from cutter.postgres.statements import Roles, filled, plain, role
from cutter.postgres.transaction import (
    PhaseTransaction,
    commit,
    find_markers,
    lower_limit,
    read_document,
    read_history,
    read_live_runs,
    read_open_runs,
    read_runs,
)
from cutter.stops import Stop, StopCode

REFUSED_COMMIT = "CU009"


class Committing:
    """A transaction a phase."""

    def __init__(self, conninfo: str, application_name: str, roles: Roles) -> None:
        self._run = RunConnection(conninfo, application_name, roles)
        self._proof: psycopg.Connection | None = None
        self._limit: float = STATEMENT_LIMIT

    @property
    def identity(self) -> Identity:
        """Who is connected."""
        return self._run.identity

    @property
    def target(self) -> Target:
        """Which database this is."""
        return self._run.target

    @property
    def ledger(self) -> LedgerConnection:
        """The writing connection, as the ledger is read and checkpoints are kept on it."""
        return LedgerConnection(self._run.connection, self._run.roles, self.identity, self.target)

    def limit(self, seconds: float) -> None:
        """No statement may take longer from now on, on either connection."""
        self._limit = seconds
        with refusals():
            for connection in (self._run.connection, self._proof):
                if connection is not None:
                    lower_limit(connection, seconds, STATEMENT_LIMIT)

    def lock(self, run: RunRow) -> None:
        """Take the courtesy lock before the run begins; it is held until the connection is closed."""
        with beginning():
            self._run.lock(run)

    def begin(self, run: RunRow) -> None:
        """Make the run known, or check that it is this one; take the courtesy lock."""
        with beginning():
            self._run.lock(run)
            self._run.connection.execute(self._run.fill("create_run", run))
            commit(self._run.connection)

    @contextmanager
    def survey(self) -> Iterator[SurveySession]:
        """A read-only transaction on the writing connection."""
        with self._reading(self._run.connection) as session:
            yield session

    @contextmanager
    def verify(self) -> Iterator[SurveySession]:
        """A read-only transaction on a second connection, opened once."""
        with self._reading(self._second()) as session:
            yield session

    @contextmanager
    def snapshot(self, tables: Sequence[str]) -> Iterator[SnapshotSession]:
        """A repeatable, read-only transaction on the second connection."""
        with snapshot_transaction(self._second(), self._run.roles, tables) as session:
            yield session

    @contextmanager
    def write(self, phase: str) -> Iterator[WriteTransaction]:
        """A transaction that commits at the end of the block."""
        opened = self._run
        with refusals():
            try:
                opened.connection.execute(opened.fill_phase("begin_committing", phase))
                yield opened.phase_transaction()
                opened.check_constraints()
                commit(opened.connection)
            except BaseException:
                roll_back(opened.connection)
                raise

    def markers(self, keys: Sequence[MarkerKey]) -> Sequence[Marker]:
        """The markers in force among these."""
        with self.survey() as session:
            return find_markers(session, keys)

    def history(self, run_id: str) -> Sequence[Record]:
        """The run's events."""
        with self.survey() as session:
            return read_history(session, run_id)

    def runs(self) -> Sequence[RecordedRun]:
        """The runs of the tenant, newest first."""
        with self.survey() as session:
            return read_runs(session)

    def find_runs(self, prefix: str) -> Sequence[RecordedRun]:
        """The runs whose id begins so, newest first."""
        with self.survey() as session:
            return read_runs(session, prefix)

    def find_open_runs(self, pipeline: str, lock_key: str) -> Sequence[RecordedRun]:
        """The live runs of a pipeline and lock key that have not ended, newest first; voided ones are among them."""
        with self.survey() as session:
            return read_open_runs(session, pipeline, lock_key)

    def find_live_runs(self, pipeline: str, lock_key: str) -> Sequence[RecordedRun]:
        """The live runs of a pipeline and lock key, ended ones too, newest first."""
        with self.survey() as session:
            return read_live_runs(session, pipeline, lock_key)

    def document(self, kb_id: str) -> KnowledgeDocument | None:
        """A document of the knowledge base."""
        with self.survey() as session:
            return read_document(session, kb_id)

    def voided_by(self, run_id: str) -> str:
        """The run that voided what a run wrote; empty when none did."""
        with self.survey() as session:
            return voided_by(session, run_id)

    def finish(self) -> None:
        """Everything is committed already."""

    def close(self) -> None:
        """Close both connections; what was not committed is gone."""
        self._run.connection.close()
        if self._proof is not None:
            self._proof.close()

    def _second(self) -> psycopg.Connection:
        if self._proof is None or self._proof.closed:  # a lost one held nothing but a look
            self._proof = connect(self._run.conninfo, self._run.application_name)
            self._proof.autocommit = True
            with refusals():
                lower_limit(self._proof, self._limit, STATEMENT_LIMIT)
        return self._proof

    @contextmanager
    def _reading(self, connection: psycopg.Connection) -> Iterator[SurveySession]:
        with refusals():
            connection.execute(plain("begin_reading"))
            try:
                yield PostgresSurvey(connection)
            finally:
                roll_back(connection)


class Rehearsing:
    """All phases in one transaction that the database refuses to commit."""

    def __init__(self, conninfo: str, application_name: str, roles: Roles) -> None:
        self._run = RunConnection(conninfo, application_name, roles)
        self._records: list[Record] = []
        self.commit_refused = False

    @property
    def identity(self) -> Identity:
        """Who is connected."""
        return self._run.identity

    @property
    def target(self) -> Target:
        """Which database this is."""
        return self._run.target

    def limit(self, seconds: float) -> None:
        """No statement may take longer from now on, until the transaction is rolled back."""
        with refusals():
            lower_limit(self._run.connection, seconds, STATEMENT_LIMIT)

    def begin(self, run: RunRow) -> None:
        """Begin the doomed transaction: the rehearsal's row first, then the run's."""
        with beginning():
            self._run.lock(run)
            self._run.connection.execute(self._run.fill("begin_rehearsal", run))

    @contextmanager
    def survey(self) -> Iterator[SurveySession]:
        """Questions are savepoints of the one transaction."""
        self._check_stands()
        with refusals():
            yield PostgresSurvey(self._run.connection)

    @contextmanager
    def verify(self) -> Iterator[SurveySession]:
        """A proof asks read-only as well; there is no other session that could see the rows."""
        with self.survey() as session:
            yield session

    @contextmanager
    def snapshot(self, tables: Sequence[str]) -> Iterator[SnapshotSession]:
        """A savepoint that is read-only and rolled back; nothing else writes meanwhile."""
        self._check_stands()
        with snapshot_savepoint(self._run.connection, self._run.roles, tables) as session:
            yield session

    @contextmanager
    def write(self, phase: str) -> Iterator[WriteTransaction]:
        """A savepoint that is kept at the end of the block; its events wait for `finish`."""
        opened, length = self._run, len(self._records)
        self._check_stands()
        with refusals():
            try:
                opened.connection.execute(opened.fill_phase("begin_phase", phase))
                yield _Buffered(opened.phase_transaction(), self._records)
                opened.check_constraints()
                opened.connection.execute(plain("keep_phase"))
            except BaseException:
                del self._records[length:]  # the savepoint takes its events along
                if opened.connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
                    opened.connection.execute(plain("leave_phase"))
                raise

    def markers(self, keys: Sequence[MarkerKey]) -> Sequence[Marker]:
        """The markers in force among these."""
        with self.survey() as session:
            return find_markers(session, keys)

    def history(self, run_id: str) -> Sequence[Record]:
        """A rehearsal is never resumed."""
        return ()

    def finish(self) -> None:
        """Append all events, prove that the database refuses the commit, roll back.

        Raises:
            Stop: STOP_REHEARSAL_ESCAPED when the refusal is gone; the transaction is rolled back all the same;
                STOP_DATABASE_UNREACHABLE when the connection is: the server rolls back, and nothing was proved.
        """
        opened = self._run
        try:
            with self.write("") as transaction:
                if isinstance(transaction, _Buffered):
                    transaction.flush()
            self._prove_refusal()
        finally:
            roll_back(opened.connection)
        self.commit_refused = True

    def close(self) -> None:
        """Close the connection; the server rolls back what is left."""
        self._run.connection.close()

    def _prove_refusal(self) -> None:
        """Fire what would fire at COMMIT: the deferred trigger on the rehearsal's row must raise."""
        self._check_stands()
        try:
            self._run.connection.execute(plain("rehearsal_refuses"))
        except psycopg.Error as error:
            if error.sqlstate == REFUSED_COMMIT:
                return
            raise stop_from(error) from None
        raise Stop(StopCode.STOP_REHEARSAL_ESCAPED, detail="commit_not_refused")

    def _check_stands(self) -> None:
        connection = self._run.connection
        if connection.closed:
            raise Stop(StopCode.STOP_DATABASE_UNREACHABLE)
        if connection.info.transaction_status is not TransactionStatus.INTRANS:
            raise Stop(StopCode.STOP_REHEARSAL_ESCAPED, detail="transaction_ended")
        with refusals():
            connection.execute(filled("as_role", role=role(self._run.roles.survey)))
            row = connection.execute(plain("rehearsal_stands"), {"run": self._run.run_id}).fetchone()
        if row is None or row[0] != 1:
            raise Stop(StopCode.STOP_REHEARSAL_ESCAPED, detail="row_gone")


class _Buffered:
    """A rehearsed phase's transaction: its events wait, so that the ledger's head is locked only at the end."""

    def __init__(self, inner: PhaseTransaction, records: list[Record]) -> None:
        self._inner = inner
        self._records = records
        self.session = inner.session
        self.surveys = inner.surveys
        self.mark = inner.mark
        self.publish = inner.publish
        self.consume = inner.consume  # the database refuses it: a rehearsal uses no approval
        self.raise_floor = inner.raise_floor
        self.open_incident = inner.open_incident

    def append(self, records: Sequence[Record]) -> None:
        """Keep the events for the end."""
        self._records.extend(records)

    def flush(self) -> None:
        """Append everything that waited, so that every grant is rehearsed."""
        self._inner.append(self._records)

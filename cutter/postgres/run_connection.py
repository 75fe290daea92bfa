"""The connection that a run writes on: opened and checked, locked for the run, and entered phase by phase.

Rules kept here: what the database refuses leaves as a `Stop`; the lock taken here is a courtesy, for an early answer
«busy»: the lock that counts is the transaction's, in `fn_run_enter`.

Source: DESIGN §6 (Sessions, the wall).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from cutter.contracts import RunRow
from cutter.postgres.connect import check_connection, connect, read_target, stop_from
from cutter.postgres.migrate import require_migrated
from cutter.postgres.statements import Roles, filled, role, value
from cutter.postgres.transaction import PhaseTransaction
from cutter.resources import statement
from cutter.stops import Stop, StopCode

# Pauses in seconds between looks at a lock that another run holds, before the answer is «busy»: short at first, since
# the server may still be ending the session of a client that was killed.
LOCK_PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.3, 0.4)


class RunConnection:
    """The connection of a transactor with what both kinds do alike on it."""

    def __init__(self, conninfo: str, application_name: str, roles: Roles) -> None:
        self.conninfo = conninfo
        self.application_name = application_name
        self.roles = roles
        self.run_id = ""
        self.started_by = "person"
        with refusals():
            self.connection = connect(conninfo, application_name)
            try:
                self.identity = check_connection(self.connection)
                require_migrated(self.connection)
                self.target = read_target(self.connection)
                self.connection.autocommit = True  # transactions are begun and ended here by name
            except BaseException:
                self.connection.close()
                raise

    def lock(self, run: RunRow) -> None:
        """Take the run's lock in this session, or answer STOP_BUSY with the holder after a second.

        A courtesy: the lock that counts is the transaction's, in `fn_run_enter`. Polled, because a blocked wait can
        deadlock with CREATE INDEX CONCURRENTLY.
        """
        self.run_id, self.started_by = run.run_id, run.started_by
        parts = {"survey": role(self.roles.survey), "lock_key": value(run.lock_key)}
        for pause in (0, *LOCK_PAUSES):
            time.sleep(pause)
            if self._answer(filled("try_lock", **parts)) is True:
                return
        holder = self._answer(filled("lock_holder", **parts))
        raise Stop(StopCode.STOP_BUSY, detail="locked", found=str(holder or "unknown"), where=run.lock_key)

    def fill(self, name: str, run: RunRow) -> sql.Composed:
        """A statement about a run."""
        return filled(
            name,
            appender=role(self.roles.appender),
            run=value(run.run_id),
            pipeline=value(run.pipeline),
            pipeline_sha256=value(run.pipeline_sha256),
            mode=value(run.mode.value),
            lock_key=value(run.lock_key),
            started_by=value(run.started_by),
        )

    def fill_phase(self, name: str, phase: str) -> sql.Composed:
        """A statement that enters a phase of the run."""
        return filled(name, appender=role(self.roles.appender), run=value(self.run_id), phase=value(phase))

    def phase_transaction(self) -> PhaseTransaction:
        """The transaction that was just entered."""
        writer = self.roles.writer_of(self.started_by)
        return PhaseTransaction(self.connection, self.roles, self.identity, self.run_id, writer)

    def check_constraints(self) -> None:
        """Fire every deferrable constraint but the rehearsal's now: what fails, fails in both modes (row 51)."""
        self.connection.execute(filled("as_role", role=role(self.roles.survey)))
        found = self.connection.execute(statement("postgres/sql/deferrable_constraints.sql").encode()).fetchall()
        if found:
            names = sql.SQL(", ").join(sql.Identifier(schema, name) for schema, name in found)
            self.connection.execute(filled("constraints", constraints=names))

    def _answer(self, query: sql.Composed) -> object:
        """The one value that a batch of statements returns."""
        cursor = self.connection.execute(query)
        while cursor.description is None and cursor.nextset():
            continue
        row = cursor.fetchone()
        return row[0] if row else None


@contextmanager
def beginning() -> Iterator[None]:
    """Where a run begins, a login that may not take cutter's roles is one that is not for running."""
    with refusals():
        try:
            yield
        except psycopg.errors.InsufficientPrivilege:
            raise Stop(StopCode.STOP_CONNECTION_UNSAFE, detail="not_for_running") from None


@contextmanager
def refusals() -> Iterator[None]:
    """What the database refuses is a Stop with SQLSTATE and constraint name, never the server's text."""
    try:
        yield
    except psycopg.Error as error:
        raise stop_from(error) from None


def roll_back(connection: psycopg.Connection) -> None:
    """End whatever transaction is open; a connection that is gone has rolled back already."""
    if not connection.closed and connection.info.transaction_status is not TransactionStatus.IDLE:
        connection.execute(sql.SQL("ROLLBACK"))

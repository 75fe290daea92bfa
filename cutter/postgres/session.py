"""What operations see of a connection: questions as the survey role, and writes as the canonical writer.

Rules kept here: a survey is one extended-protocol cursor over one statement, inside a savepoint that is read-only and
always rolled back, so nothing that it tries lasts; role, mode and transaction are compared afterwards. Read-only is the
wall; the role is not (`set_config('role', …)` inside a SELECT switches it). No session commits or rolls back, and no
text of the server leaves it.

Source: DESIGN §4 (surveys); approvals-and-evidence §7, rows 45–47a.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from cutter.contracts import Bind, Row, stop_write_failed
from cutter.events import Facts
from cutter.postgres.connect import stop_from
from cutter.resources import statement as sql_file
from cutter.stops import Stop, StopCode

_BATCH = 2000
_PLACEHOLDER = re.compile(r"%(?:%|\((?P<name>\w+)\)[sbt])")
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
# Stops of a survey that are not about its text: the server is busy, too slow, or gone.
_OUTER_STOPS = (StopCode.STOP_BUSY, StopCode.STOP_LIMIT_EXCEEDED, StopCode.STOP_DATABASE_UNREACHABLE)

# Current role, read-only or not, start of the transaction: what a survey must leave as it was.
_Standing = tuple[str, str, datetime]


class _SurveyCursor(psycopg.ServerCursor[TupleRow]):
    """A server-side cursor that the rollback to the savepoint closes: a CLOSE of its own would be a round trip more."""

    def close(self) -> None:
        psycopg.Cursor.close(self)


class PostgresSurvey:
    """Questions to the live database, in the transaction that is open on the connection (or a new one)."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn

    def rows(self, statement: str, bind: Bind, limit: int = 1000) -> Sequence[Row]:
        """All rows of one question.

        Args:
            statement: one SELECT, with `%(name)s` where a value is bound (and `%%` for a percent sign).
            bind: the values by name.
            limit: the largest number of rows that is accepted.

        Raises:
            Stop: STOP_SURVEY_REFUSED with the SQLSTATE, `bind`, `statement` or `too_many_rows`; STOP_REHEARSAL_ESCAPED
                when the survey changed role, mode or transaction; STOP_BUSY, STOP_LIMIT_EXCEEDED,
                STOP_DATABASE_UNREACHABLE. The transaction is alive and as before after STOP_SURVEY_REFUSED.
        """
        with self._asked(statement, bind) as cursor:
            found = cursor.fetchmany(limit + 1)
            if len(found) > limit:
                raise Stop(StopCode.STOP_SURVEY_REFUSED, detail="too_many_rows")
            return found

    def answer(self, statement: str, bind: Bind) -> Facts:
        """The single row of one question by column name.

        Raises:
            Stop: STOP_SURVEY_REFUSED with detail `no_row`, `too_many_rows` or `column_twice`; else as `rows`.
        """
        with self._asked(statement, bind) as cursor:
            names = [column.name for column in cursor.description or ()]
            found = cursor.fetchmany(2)
        if len(found) != 1:
            raise Stop(StopCode.STOP_SURVEY_REFUSED, detail="too_many_rows" if found else "no_row")
        if len(set(names)) != len(names):
            raise Stop(StopCode.STOP_SURVEY_REFUSED, detail="column_twice")
        return dict(zip(names, found[0], strict=True))

    def stream(self, statement: str, bind: Bind) -> Iterator[Row]:
        """The rows of one question in batches; nothing else can use the connection meanwhile. Stops as `rows`."""
        with self._asked(statement, bind) as cursor:
            while len(batch := cursor.fetchmany(_BATCH)) == _BATCH:
                yield from batch
            yield from batch

    @contextmanager
    def _asked(self, statement: str, bind: Bind) -> Iterator[_SurveyCursor]:
        _check(statement, bind)
        before = self._enter()
        try:
            cursor = _SurveyCursor(self._conn, "cutter_survey")
            try:
                # The mapping is passed also where nothing is bound: without one, psycopg takes the simple protocol,
                # which runs several statements, a ROLLBACK among them.
                cursor.execute(statement.encode(), dict(bind))
                yield cursor
            finally:
                cursor.close()
        except psycopg.Error as error:
            raise _refusal(error) from None
        except UnicodeError:
            raise Stop(StopCode.STOP_SURVEY_REFUSED, detail="bind") from None
        finally:
            self._leave(before)

    def _enter(self) -> _Standing:
        try:
            return _standing(self._conn.execute(_statement("survey_enter")))
        except psycopg.Error as error:
            raise stop_from(error) from None

    def _leave(self, before: _Standing) -> None:
        status = self._conn.info.transaction_status
        if status is TransactionStatus.IDLE:
            raise Stop(StopCode.STOP_REHEARSAL_ESCAPED, detail="transaction_ended")
        if status not in _OPEN:
            return  # the connection is lost or was interrupted: what is being raised already says so
        try:
            after = _standing(self._conn.execute(_statement("survey_leave")))
        except psycopg.Error as error:
            stop = stop_from(error)
            if stop.code is StopCode.STOP_DATABASE_UNREACHABLE:
                raise stop from None
            raise Stop(StopCode.STOP_REHEARSAL_ESCAPED, detail=error.sqlstate or "savepoint") from None
        if after != before:
            raise Stop(StopCode.STOP_REHEARSAL_ESCAPED, detail="role_or_mode")


class PostgresWriter:
    """Writes as the canonical writer inside a transaction that somebody else opened and ends."""

    def __init__(self, conn: psycopg.Connection, writer_role: str) -> None:
        self._conn = conn
        self._take_role = _statement("take_role").format(role=sql.Identifier(writer_role))

    def rows(self, statement: str, bind: Bind) -> Sequence[Row]:
        """Run one statement as the writer and return its rows; none for a statement without any.

        Raises:
            Stop: STOP_POLICY_REFUSED, STOP_ROWS_PRESENT, STOP_TRANSITION_UNSUPPORTED, STOP_BUSY,
                STOP_LIMIT_EXCEEDED, STOP_DATABASE_UNREACHABLE, STOP_WRITE_FAILED (detail: SQLSTATE). The transaction
                is aborted then.
        """
        try:
            self._conn.execute(self._take_role)
            cursor = self._conn.execute(statement.encode(), dict(bind))
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise stop_from(error) from None

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
        """Stream rows into a staging table of the session, which only `pg_temp` holds; returns their number.

        Raises:
            Stop: STOP_WRITE_FAILED (detail: SQLSTATE, or `rows_lost` when the server counted others); else as `rows`.
        """
        command = _statement("stage_copy").format(
            table=sql.Identifier("pg_temp", table),
            columns=sql.SQL(", ").join(sql.Identifier(column) for column in columns),
        )
        sent = 0
        try:
            self._conn.execute(self._take_role)
            with self._conn.cursor() as cursor:
                with cursor.copy(command) as stream:
                    for row in rows:
                        stream.write_row(row)
                        sent += 1
                if cursor.rowcount != sent:
                    raise stop_write_failed("rows_lost")
        except psycopg.Error as error:
            raise stop_from(error) from None
        return sent


def _statement(name: str) -> sql.SQL:
    return sql.SQL(sql_file(f"postgres/sql/{name}.sql"))


def _check(statement: str, bind: Bind) -> None:
    """Refuse a text whose placeholders are not exactly the bound names.

    psycopg would take `%s` and `%b` for places by position, also inside quotes, and cuts the text at a zero byte.
    """
    names = {match["name"] for match in _PLACEHOLDER.finditer(statement)} - {None}
    if "\0" in statement:
        raise Stop(StopCode.STOP_SURVEY_REFUSED, detail="statement")
    if "%" in _PLACEHOLDER.sub("", statement) or names != set(bind):
        raise Stop(StopCode.STOP_SURVEY_REFUSED, detail="bind")


def _standing(cursor: psycopg.Cursor[TupleRow]) -> _Standing:
    """The row that one of several results holds."""
    while cursor.description is None:
        if not cursor.nextset():
            raise psycopg.InterfaceError("the statements returned no row")
    role, read_only, since = cursor.fetchall()[0]
    return role, read_only, since


def _refusal(error: psycopg.Error) -> Stop:
    stop = stop_from(error)
    if stop.code in _OUTER_STOPS:
        return stop
    return Stop(StopCode.STOP_SURVEY_REFUSED, detail=error.sqlstate or "bind")

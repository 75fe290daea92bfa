"""One unchanging look at the database, with stages to restore a backup into: what backups and drills stand on.

Rules kept here: the stages are made by the database's own function before the look turns read-only; everything is
rolled back at the end; rows leave and enter in COPY's text form under pinned settings, in the order of the primary key
with text in byte order, so that the same rows are the same bytes.

Source: approvals-and-evidence §6.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from cutter.contracts import Bind, Row, SnapshotFacts, SnapshotTable, stop_write_failed
from cutter.postgres.run_connection import refusals, roll_back
from cutter.postgres.session import PostgresSurvey
from cutter.postgres.statements import Roles, filled, role
from cutter.resources import statement
from cutter.stops import Stop, StopCode

_TEXTS = frozenset({"text", "character varying", "character", "name"})


@contextmanager
def snapshot_transaction(connection: psycopg.Connection, roles: Roles, tables: Sequence[str]) -> Iterator["Snapshot"]:
    """A REPEATABLE READ transaction that turns read-only once its stages are made.

    Args:
        connection: an idle connection in autocommit.
        roles: whose survey role looks.
        tables: the tables (`schema.table`) to make stages for.

    Raises:
        Stop: STOP_POLICY_REFUSED (no backup holds the table), STOP_BUSY, STOP_DATABASE_UNREACHABLE.
    """
    with refusals():
        connection.execute(_sql("begin"))
        try:
            yield _open(connection, roles, tables)
        finally:
            roll_back(connection)


@contextmanager
def snapshot_savepoint(connection: psycopg.Connection, roles: Roles, tables: Sequence[str]) -> Iterator["Snapshot"]:
    """The same inside the transaction that is open, as a savepoint. Arguments and stops as `snapshot_transaction`."""
    with refusals():
        connection.execute(_sql("savepoint"))
        try:
            yield _open(connection, roles, tables)
        finally:
            if not connection.closed:
                connection.execute(_sql("leave_savepoint"))


class Snapshot:
    """The look (`contracts.SnapshotSession`)."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._survey = PostgresSurvey(connection)
        self._tables: dict[str, SnapshotTable] = {}

    def facts(self) -> SnapshotFacts:
        """Where and when this is."""
        return SnapshotFacts(*self._survey.rows(_text("facts"), {})[0])

    def table(self, name: str) -> SnapshotTable:
        """What the catalogue says of a table; asked once, since a look does not change."""
        if name not in self._tables:
            self._tables[name] = self._ask(name)
        return self._tables[name]

    def _ask(self, name: str) -> SnapshotTable:
        rows = self._survey.rows(_text("table"), {"table": name})
        if not rows:
            raise Stop(StopCode.STOP_DRIFT, detail="no_table", where=name)
        key = sorted((place, column) for _, column, _, place in rows if place is not None)
        return SnapshotTable(
            oid=rows[0][0],
            name=name,
            columns=tuple((column, kind) for _, column, kind, _ in rows),
            primary_key=tuple(column for _, column in key),
        )

    def rows(self, question: str, bind: Bind) -> Sequence[Row]:
        """The rows of one question."""
        return self._survey.rows(question, bind)

    def copy_out(self, table: SnapshotTable, selection: str, bind: Bind) -> Iterator[bytes]:
        """Rows of a table in COPY's text form, ordered by primary key."""
        return self._copy(table, _bound(selection, bind))

    def copy_staged(self, table: SnapshotTable) -> Iterator[bytes]:
        """The rows of the stage in the same form and order."""
        return self._copy(table, _staged(table))

    def stage(self, table: SnapshotTable, chunks: Iterable[bytes]) -> int:
        """Fill the stage; the number of rows.

        Raises:
            Stop: STOP_WRITE_FAILED with the SQLSTATE when the rows are not the table's.
        """
        command = _sql("copy_in").format(stage=_stage(table), columns=_columns(table))
        with refusals(), self._connection.cursor() as cursor:
            with cursor.copy(command) as stream:
                for chunk in chunks:
                    stream.write(chunk)
            if cursor.rowcount < 0:
                raise stop_write_failed("rows_lost")
            return cursor.rowcount

    def differences(self, table: SnapshotTable, selection: str, bind: Bind) -> int:
        """How many rows are in the stage and not in the selection, or the other way round."""
        query = _sql("differences").format(selection=_bound(selection, bind), staged=_staged(table))
        with refusals():
            row = self._connection.execute(query).fetchone()
        assert row is not None  # noqa: S101  an aggregate has one row
        return int(row[0])

    def _copy(self, table: SnapshotTable, selection: sql.Composable) -> Iterator[bytes]:
        command = _sql("copy_out").format(selection=selection, key=_order(table))
        with refusals(), self._connection.cursor() as cursor, cursor.copy(command) as stream:
            for chunk in stream:
                yield bytes(chunk)


def _open(connection: psycopg.Connection, roles: Roles, tables: Sequence[str]) -> Snapshot:
    connection.execute(filled("as_role", role=role(roles.survey)))
    for table in tables:
        connection.execute(_sql("stage").format(table=sql.Literal(table)))
    connection.execute(_sql("settle"))
    return Snapshot(connection)


def _text(name: str) -> str:
    return statement(f"postgres/sql/snapshot/{name}.sql")


def _sql(name: str) -> sql.SQL:
    return sql.SQL(_text(name))


def _bound(selection: str, bind: Bind) -> sql.Composed:
    """The selection with its values as literals: COPY takes no parameters."""
    parts: list[sql.Composable] = []
    rest = selection
    while rest:
        before, mark, after = rest.partition("%(")
        parts.append(sql.SQL(before))
        if not mark:
            break
        name, _, rest = after.partition(")s")
        parts.append(sql.Literal(bind[name]))
    return sql.Composed(parts)


def _stage(table: SnapshotTable) -> sql.Identifier:
    return sql.Identifier("pg_temp", f"drill_{table.name.rpartition('.')[2]}")


def _columns(table: SnapshotTable) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column, _ in table.columns)


def _staged(table: SnapshotTable) -> sql.Composed:
    return _sql("staged").format(columns=_columns(table), stage=_stage(table))


def _order(table: SnapshotTable) -> sql.Composed:
    """The primary key; text in byte order, else the bytes of a backup would follow the server's locale."""
    kinds = dict(table.columns)
    byte_order = sql.SQL(' COLLATE "C"')
    return sql.SQL(", ").join(
        sql.Identifier(column) + byte_order if kinds[column] in _TEXTS else sql.Identifier(column)
        for column in table.primary_key
    )

"""The view `cutter_governance.audit` as an auditor reads it, and nothing beside it.

Rules kept here: the one question is asked in a read-only transaction, as the role that may read the view only; rows are
streamed and keep the order of the view, which is that of their columns. A login without this role, or of no tenant, is
refused: it would get an empty answer that looks right.

Source: issue 7, rule 9.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import psycopg

from cutter.contracts import Row
from cutter.postgres.connect import check_login, connect, stop_from
from cutter.resources import statement
from cutter.stops import Stop, StopCode

APPLICATION = "cutter/audit"
_BATCH = 2000
# What the database refuses with a code of its own here.
_STOPS = {
    "CU006": (StopCode.STOP_LEDGER_BROKEN, "unreadable"),
    "CU017": (StopCode.STOP_CONNECTION_UNSAFE, "unknown_login"),
    "22023": (StopCode.STOP_UNMIGRATED, "pending"),  # there is no such role
    "42P01": (StopCode.STOP_UNMIGRATED, "pending"),  # there is no such view
    "42501": (StopCode.STOP_CONNECTION_UNSAFE, "not_for_auditing"),
}


def stream_audit(conninfo: str, since: datetime | None, until: datetime | None) -> Iterator[Row]:
    """The rows of the view, in its order; the connection is open until the last was taken, or the stream is closed.

    Args:
        conninfo: how the login is reached; it must be able to take the role `cutter_auditor`, and needs no other.
        since: the first moment; None: from the beginning.
        until: the first moment that no longer belongs; None: to now.

    Raises:
        Stop: STOP_CONNECTION_UNSAFE (detail `not_for_auditing`, `unknown_login`, or as `check_login`), STOP_UNMIGRATED,
            STOP_LEDGER_BROKEN (detail `unreadable`), STOP_DATABASE_UNREACHABLE; nothing was yielded then, unless the
            connection is lost half way.
    """
    with closing(connect(conninfo, APPLICATION)) as connection:
        check_login(connection)
        connection.autocommit = True  # the transaction is begun here by name
        try:
            connection.execute(_sql("begin"))
            connection.execute(_sql("take_role"))
            with psycopg.ServerCursor(connection, "cutter_audit") as cursor:
                cursor.execute(_sql("rows"), {"since": since, "until": until})
                while batch := cursor.fetchmany(_BATCH):
                    yield from batch
        except psycopg.Error as error:
            raise _refusal(error) from None


def _refusal(error: psycopg.Error) -> Stop:
    if error.sqlstate in _STOPS:
        code, detail = _STOPS[error.sqlstate]
        return Stop(code, detail)
    return stop_from(error)


def _sql(name: str) -> bytes:
    return statement(f"postgres/sql/audit/{name}.sql").encode()

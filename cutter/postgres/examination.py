"""Looking at a database for a doctor: which server, whose login, which roles and migrations, what time. Looks only.

Rules kept here: each question answers by itself, so that what is wrong with one does not hide the others; nothing that
the server says leaves this module but versions, names of roles and times.

Source: issue 6, part 6; DESIGN §6.
"""

from collections.abc import Sequence
from datetime import datetime

import psycopg
from psycopg import sql

from cutter.contracts import Identity
from cutter.postgres.connect import STATEMENT_LIMIT, check_connection, connect, stop_from
from cutter.postgres.migrate import pending
from cutter.postgres.transaction import lower_limit
from cutter.resources import statement


class Examination:
    """A connection that is asked about itself.

    Args:
        conninfo: as for `connect`.
        seconds: how long one statement may take.

    Raises:
        Stop: as `connect`.
    """

    def __init__(self, conninfo: str, seconds: float) -> None:
        self._connection = connect(conninfo, "cutter/doctor")
        try:
            lower_limit(self._connection, seconds, STATEMENT_LIMIT)
            self._connection.rollback()
        except BaseException as error:
            self._connection.close()
            if isinstance(error, psycopg.Error):
                raise stop_from(error) from None
            raise

    @property
    def version(self) -> tuple[int, str]:
        """The server's major version, and the version as it tells it."""
        told = self._connection.info.parameter_status("server_version") or ""
        return self._connection.info.server_version // 10_000, told.partition(" ")[0]

    def now(self) -> datetime:
        """The server's clock. Raises STOP_DATABASE_UNREACHABLE, STOP_LIMIT_EXCEEDED."""
        return self._look(())[0]

    def lacking(self, roles: Sequence[str]) -> tuple[str, ...]:
        """Those of these roles that the login may not take, or that do not exist. Raises as `now`."""
        return tuple(self._look(roles)[1])

    def identity(self) -> Identity:
        """Whose login this is. Raises STOP_CONNECTION_UNSAFE, STOP_UNMIGRATED, STOP_DATABASE_UNREACHABLE."""
        return check_connection(self._connection)

    def missing_migrations(self) -> tuple[str, ...]:
        """The migrations that the database lacks. Raises STOP_MIGRATION_CHANGED, STOP_UNMIGRATED (detail `newer`)."""
        return pending(self._connection)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _look(self, roles: Sequence[str]) -> tuple[datetime, list[str]]:
        question = sql.SQL(statement("postgres/sql/examination.sql"))
        try:
            with self._connection.transaction():
                row = self._connection.execute(question, {"roles": list(roles)}).fetchone()
        except psycopg.Error as error:
            raise stop_from(error) from None
        assert row is not None  # noqa: S101  a SELECT without FROM has one row
        return row[0], row[1]

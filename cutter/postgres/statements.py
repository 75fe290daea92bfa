"""The statements of runs (`sql/run/*.sql`), with roles and literals put in by psycopg.sql only.

Rules kept here: a role is an identifier, a value that a statement cannot bind (SET, SAVEPOINT and several statements in
one round trip take no parameters) is a literal; nothing is formatted into SQL text otherwise.
"""

import msgspec
from psycopg import sql

from cutter.resources import statement


class Roles(msgspec.Struct, frozen=True):
    """The database roles that a run takes, as an installation names them."""

    survey: str = "cutter_survey"
    writer: str = "cutter_writer"
    appender: str = "cutter_appender"
    notifier: str = "cutter_notifier"

    def writer_of(self, started_by: str) -> str:
        """Whoever writes for a run: a policy's runs have a writer of their own, who may do almost nothing."""
        return self.notifier if started_by == "policy" else self.writer


def plain(name: str) -> bytes:
    """A statement that binds its values."""
    return statement(f"postgres/sql/run/{name}.sql").encode()


def filled(name: str, **parts: sql.Composable) -> sql.Composed:
    """A statement with identifiers and literals in its places."""
    return sql.SQL(statement(f"postgres/sql/run/{name}.sql")).format(**parts)


def role(name: str) -> sql.Identifier:
    """A role as an identifier."""
    return sql.Identifier(name)


def value(text: str) -> sql.Literal:
    """A value as a literal."""
    return sql.Literal(text)

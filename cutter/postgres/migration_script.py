"""The migrations as one script for psql: what a DBA reads, and runs on a server that cutter never administers.

Rules kept here: the script is made of the very statements that `migrate` runs; it needs no connection, so it holds
nothing of any database; values are literals that psycopg wrote; it does what is missing and may be run again.

Source: DESIGN §6 (Roles: migrations run as superuser, or by the DBA); the manual of psql (`if`, `gset`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from psycopg import sql

from cutter.postgres.migrate import Duty, Login, Migration, migrations
from cutter.resources import statement
from cutter.stops import Stop, StopCode

_LOGIN = re.compile(
    r"(?P<login>[a-z_][a-z0-9_]{0,62}):(?P<tenant>[a-z0-9][a-z0-9_-]{0,62}):(?P<person>[a-z0-9][a-z0-9_-]{0,62}):"
    r"(?P<duty>operate|approve|audit)"
)
_PARAMETER = re.compile(r"%\((\w+)\)s")


def parse_login(text: str) -> Login:
    """A login as it is written on a command line: `NAME:TENANT:PERSON:operate`, `…:approve` or `…:audit`.

    Raises:
        Stop: STOP_IDENTIFIER_INVALID, detail `login`.
    """
    match = _LOGIN.fullmatch(text)
    if match is None:
        raise Stop(StopCode.STOP_IDENTIFIER_INVALID, "login", needed="NAME:TENANT:PERSON:operate|approve|audit")
    return Login(match["login"], match["tenant"], match["person"], Duty[match["duty"].upper()])


def migration_script(logins: Sequence[Login]) -> str:
    """The script that brings a database to this cutter's schema and provisions logins, tenants and privileges.

    Args:
        logins: the logins to make, without passwords; an existing login keeps its tenant and person.

    Returns:
        text for `psql -X -v ON_ERROR_STOP=1 -1`, to be run by a superuser.
    """
    return sql.Composed([*_parts(logins)]).as_string(None)


def _parts(logins: Sequence[Login]) -> Iterator[sql.Composable]:
    known = migrations()
    yield _template(
        "begin",
        lock=_file("migration_lock"),
        numbers=sql.Literal([migration.number for migration in known]),
        digests=sql.Literal([migration.sha256 for migration in known]),
    )
    for migration in known:
        yield _migration(migration)
    yield sql.SQL("\n{};\n").format(_file("database_privileges"))
    for login in logins:
        yield _login(login)
    for tenant in sorted({login.tenant_id for login in logins}):
        for name in ("provision_settings", "provision_ledger"):
            yield sql.SQL("\n{};\n").format(_bound(name, {"tenant": tenant}))


def _migration(migration: Migration) -> sql.Composed:
    record: dict[str, str | int] = {"number": migration.number, "name": migration.name, "sha256": migration.sha256}
    return _template(
        "migration",
        comment=sql.SQL(migration.name),
        number=sql.Literal(migration.number),
        text=sql.SQL(migration.text),
        leave_role=_file("leave_role"),
        record=_bound("migration_record", record),
    )


def _login(login: Login) -> sql.Composed:
    values = {"login": login.login_name, "tenant": login.tenant_id, "person": login.person_id}
    roles = sql.Literal(list(login.duty.value))
    return _template(
        "login",
        comment=sql.SQL(login.login_name),
        provision=_file("provision_login").format(login=sql.Literal(login.login_name), roles=roles),
        record=_bound("record_login", values),
    )


def _template(name: str, **parts: sql.Composable) -> sql.Composed:
    return sql.SQL(statement(f"postgres/sql/script/{name}.sql")).format(**parts)


def _file(name: str) -> sql.SQL:
    return sql.SQL(statement(f"postgres/sql/{name}.sql").rstrip())


def _bound(name: str, values: Mapping[str, str | int]) -> sql.Composed:
    """A statement that binds its values by name, with literals in their places."""
    parts = _PARAMETER.split(statement(f"postgres/sql/{name}.sql").rstrip())
    return sql.Composed([sql.Literal(values[part]) if index % 2 else sql.SQL(part) for index, part in enumerate(parts)])

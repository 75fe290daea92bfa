"""Migrations: numbered SQL files, applied forward only by a superuser, each recorded with its digest.

Rules kept here: a migration is one transaction; two migrations at once wait for one another; a recorded migration whose
file has another digest is refused, never applied again. The program itself never migrates: it asks `pending` as the
ordinary login.

Source: DESIGN §6.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

import psycopg
from psycopg import sql

from cutter.canon import sha256
from cutter.postgres.connect import connect, stop_from
from cutter.resources import package_files, statement
from cutter.stops import Stop, StopCode

_SQL = "postgres/sql/"
_ROLE_NAME = re.compile(r"^[a-z_][a-z0-9_]{0,62}$")


class Duty(Enum):
    """What a login is for, which decides the roles that it may take."""

    OPERATE = ("cutter_survey", "cutter_writer", "cutter_notifier", "cutter_appender", "cutter_auditor")
    APPROVE = ("cutter_survey", "cutter_approver")
    AUDIT = ("cutter_auditor",)


@dataclass(frozen=True, slots=True)
class Login:
    """A database login of one person in one tenant."""

    login_name: str
    tenant_id: str
    person_id: str
    duty: Duty = Duty.OPERATE


DEMO_LOGINS = (
    Login("operator", "demo", "operator"),
    Login("content", "demo", "content", Duty.APPROVE),
    Login("form", "demo", "form", Duty.APPROVE),
    Login("sovereign", "demo", "sovereign", Duty.APPROVE),
)


@dataclass(frozen=True, slots=True)
class Migration:
    """A numbered migration file; `name` is the file's name without its suffix."""

    number: int
    name: str
    text: str
    sha256: str


@cache
def migrations() -> tuple[Migration, ...]:
    """The migrations that this cutter carries, in order."""
    files = (file for file in package_files(".sql") if file.parent.name == "migrations")
    texts = ((file.stem, statement(f"{_SQL}migrations/{file.name}")) for file in files)
    return tuple(Migration(int(name[:4]), name, text, sha256(text.encode())) for name, text in texts)


def migrate(conninfo: str, logins: Sequence[Login] = DEMO_LOGINS) -> tuple[str, ...]:
    """Bring a database to this cutter's schema, and provision its logins, tenants and privileges.

    Args:
        conninfo: how a superuser (or the DBA) reaches the database.
        logins: the logins to make; an existing login keeps its tenant and person.

    Returns:
        The names of the migrations that were applied now; empty when there was nothing to do.

    Raises:
        Stop: STOP_MIGRATION_CHANGED (a recorded digest differs; detail `login_differs`: a login is recorded with
            another tenant or person), STOP_UNMIGRATED (detail `newer`), STOP_IDENTIFIER_INVALID,
            STOP_DATABASE_UNREACHABLE, STOP_WRITE_FAILED (detail: SQLSTATE).
    """
    for login in logins:
        if not _ROLE_NAME.match(login.login_name):
            raise Stop(StopCode.STOP_IDENTIFIER_INVALID, detail="login")
    try:
        with connect(conninfo, "cutter/migrate") as conn:
            conn.autocommit = True
            conn.execute(_statement("migration_session"))
            conn.execute(_statement("migration_lock"))
            applied = _apply(conn)
            with conn.transaction():
                _provision(conn, logins)
            return applied
    except psycopg.Error as error:
        raise stop_from(error) from None


def pending(conn: psycopg.Connection) -> tuple[str, ...]:
    """The migrations that the database lacks, asked in one transaction as the survey role.

    Raises:
        Stop: STOP_MIGRATION_CHANGED, STOP_UNMIGRATED (detail `newer`: the database was migrated by a newer cutter).
    """
    try:
        with conn.transaction():
            conn.execute(_statement("take_survey_role"))
            recorded = conn.execute(_statement("migrations_recorded")).fetchall()
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.InvalidParameterValue,  # the role does not exist
        psycopg.errors.InsufficientPrivilege,  # another database of the cluster is migrated, this one is not
    ):
        recorded = []
    except psycopg.Error as error:
        raise stop_from(error) from None
    return tuple(migration.name for migration in _missing(recorded))


def require_migrated(conn: psycopg.Connection) -> None:
    """Refuse a database that is not migrated to exactly this cutter's schema (STOP_UNMIGRATED)."""
    missing = pending(conn)
    if missing:
        raise Stop(StopCode.STOP_UNMIGRATED, detail="pending", found=str(len(migrations()) - len(missing)))


def _statement(name: str) -> sql.SQL:
    return sql.SQL(statement(f"{_SQL}{name}.sql"))


def _missing(recorded: Sequence[tuple[int, str, str]]) -> tuple[Migration, ...]:
    known = {migration.number: migration for migration in migrations()}
    for number, name, digest in recorded:
        if number not in known:
            raise Stop(StopCode.STOP_UNMIGRATED, detail="newer", found=str(number), needed=str(max(known)))
        if known[number].sha256 != digest:
            raise Stop(StopCode.STOP_MIGRATION_CHANGED, detail=name)
    have = {number for number, _, _ in recorded}
    return tuple(migration for migration in migrations() if migration.number not in have)


def _apply(conn: psycopg.Connection) -> tuple[str, ...]:
    row = conn.execute(_statement("migration_table_exists")).fetchone()
    exists = row is not None and row[0]
    recorded = conn.execute(_statement("migrations_recorded")).fetchall() if exists else []
    missing = _missing(recorded)
    for migration in missing:
        with conn.transaction():
            conn.execute(sql.SQL(migration.text))
            conn.execute(_statement("leave_role"))
            conn.execute(
                _statement("migration_record"),
                {"number": migration.number, "name": migration.name, "sha256": migration.sha256},
            )
    return tuple(migration.name for migration in missing)


def _provision(conn: psycopg.Connection, logins: Sequence[Login]) -> None:
    conn.execute(_statement("database_privileges"))
    for login in logins:
        conn.execute(
            _statement("provision_login").format(
                login=sql.Literal(login.login_name), roles=sql.Literal(list(login.duty.value))
            )
        )
        recorded = conn.execute(
            _statement("record_login"),
            {"login": login.login_name, "tenant": login.tenant_id, "person": login.person_id},
        ).fetchone()
        if recorded != (True,):
            raise Stop(StopCode.STOP_MIGRATION_CHANGED, detail="login_differs")
    for tenant in sorted({login.tenant_id for login in logins}):
        conn.execute(_statement("provision_settings"), {"tenant": tenant})
        conn.execute(_statement("provision_ledger"), {"tenant": tenant})

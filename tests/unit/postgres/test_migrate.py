"""Migrations: applied once, in order, by one at a time; what was recorded is never applied otherwise."""

import threading

import psycopg
import pytest

from cutter.postgres.connect import check_connection, connect, read_target
from cutter.postgres.migrate import DEMO_LOGINS, Login, migrate, migrations, pending, require_migrated
from cutter.stops import Stop, StopCode
from tests.plugins.postgres import Database

NAMES = tuple(migration.name for migration in migrations())


def _superuser(database: Database) -> psycopg.Connection:
    return psycopg.connect(database.superuser, autocommit=True)


def test_migrations_are_numbered_without_gaps() -> None:
    """Without it two migrations of one number would be applied in the order of a file system."""
    assert [migration.number for migration in migrations()] == list(range(1, len(NAMES) + 1))


def test_an_empty_database_is_migrated_once(empty_database: Database) -> None:
    """Without it a second `db migrate` would fail, or do the work again."""
    assert migrate(empty_database.superuser) == NAMES
    assert migrate(empty_database.superuser) == ()
    with _superuser(empty_database) as conn:
        recorded = conn.execute("SELECT name, sha256 FROM cutter_governance.migration ORDER BY number").fetchall()
        settings = conn.execute("SELECT key, value FROM cutter_governance.dot_config ORDER BY key").fetchall()
    assert recorded == [(migration.name, migration.sha256) for migration in migrations()]
    assert settings == [
        ("cutter_orchestrator.backup_policy", '{"drill_max_age":"PT24H","recipients_min":2}'),
        ("cutter_orchestrator.grant_apply_principal", "cutter_writer"),
    ]


def test_two_migrations_at_once_make_one(empty_database: Database) -> None:
    """Without it two first starts would race, and one would fail half way."""
    results: list[tuple[str, ...] | Stop] = []

    def run() -> None:
        try:
            results.append(migrate(empty_database.superuser))
        except Stop as stop:
            results.append(stop)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == sorted([NAMES, (), ()], key=str)


def test_the_ordinary_login_sees_what_is_pending(database: Database, empty_database: Database) -> None:
    """Without it a dry run on a database without the schema would end in an error of the server's."""
    with connect(empty_database.conninfo("operator"), "cutter/test") as conn:
        assert pending(conn) == NAMES
        for refused, detail in ((require_migrated, "pending"), (check_connection, "no_schema")):
            with pytest.raises(Stop) as caught:
                refused(conn)
            assert (caught.value.code, caught.value.detail) == (StopCode.STOP_UNMIGRATED, detail)
    with connect(database.conninfo("operator"), "cutter/test") as conn:
        assert pending(conn) == ()
        require_migrated(conn)


RECORDED_OTHERWISE = {
    "a newer migration": (
        "INSERT INTO cutter_governance.migration (number, name, sha256) VALUES (9999, '9999_later', repeat('0', 64))",
        (StopCode.STOP_UNMIGRATED, "newer"),
    ),
    "another digest": (
        "UPDATE cutter_governance.migration SET sha256 = repeat('0', 64) WHERE number = 2",
        (StopCode.STOP_MIGRATION_CHANGED, NAMES[1]),
    ),
}


@pytest.mark.parametrize("name", RECORDED_OTHERWISE)
def test_a_record_that_differs_is_refused(database: Database, name: str) -> None:
    """Without it a schema that this cutter does not know would be written to, or migrated over."""
    statement, expected = RECORDED_OTHERWISE[name]
    with _superuser(database) as superuser:
        superuser.execute(statement.encode())
    with connect(database.conninfo("operator"), "cutter/test") as conn, pytest.raises(Stop) as caught:
        pending(conn)
    assert (caught.value.code, caught.value.detail) == expected
    with pytest.raises(Stop) as caught:
        migrate(database.superuser)
    assert (caught.value.code, caught.value.detail) == expected


WITH_FUNCTIONS = "0010_void_and_extension"  # what it makes cannot be made twice


def test_a_migration_that_is_missing_alone_is_applied(database: Database) -> None:
    """Without it a database of an older cutter would stay as it is: only what is missing is applied, whole or not."""
    with _superuser(database) as superuser:
        superuser.execute("DELETE FROM cutter_governance.migration WHERE name = %s", (WITH_FUNCTIONS,))
    with connect(database.conninfo("operator"), "cutter/test") as conn:
        assert pending(conn) == (WITH_FUNCTIONS,)
    with pytest.raises(Stop) as caught:  # its functions are there already: the transaction is refused as a whole
        migrate(database.superuser)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_WRITE_FAILED, "42723")


BAD_LOGINS = {
    "a quote": (Login('a"b', "demo", "a"), StopCode.STOP_IDENTIFIER_INVALID),
    "a dollar quote": (Login("a$login$", "demo", "a"), StopCode.STOP_IDENTIFIER_INVALID),
    "too long": (Login("a" * 64, "demo", "a"), StopCode.STOP_IDENTIFIER_INVALID),
    "nothing": (Login("", "demo", "a"), StopCode.STOP_IDENTIFIER_INVALID),
    "another tenant": (Login("operator", "elsewhere", "operator"), StopCode.STOP_MIGRATION_CHANGED),
    "another person": (Login("operator", "demo", "sovereign"), StopCode.STOP_MIGRATION_CHANGED),
}


@pytest.mark.parametrize("name", BAD_LOGINS)
def test_a_login_keeps_its_tenant_and_person(database: Database, name: str) -> None:
    """Without it a second migration could hand a person's login to somebody else, or a name could be SQL."""
    login, code = BAD_LOGINS[name]
    with pytest.raises(Stop) as caught:
        migrate(database.superuser, (*DEMO_LOGINS, login))
    assert caught.value.code is code
    with connect(database.conninfo("operator"), "cutter/test") as conn:
        identity = check_connection(conn)
    assert (identity.login, identity.tenant, identity.person) == ("operator", "demo", "operator")


def test_a_log_survives_another_migration(database: Database) -> None:
    """Without it a second migration would begin the ledger anew, and every approval that saw it would be void."""
    with connect(database.conninfo("operator"), "cutter/test") as conn:
        before = read_target(conn)
        migrate(database.superuser)
        assert read_target(conn) == before
    assert before.database == database.name
    assert before.system_identifier.isdecimal()


def test_an_ordinary_login_cannot_migrate(empty_database: Database) -> None:
    """Without it half a schema could be made by a login that owns it."""
    with pytest.raises(Stop) as caught:
        migrate(empty_database.conninfo("operator"))
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_WRITE_FAILED, "42501")
    with _superuser(empty_database) as conn:
        assert conn.execute("SELECT count(*) FROM pg_namespace WHERE nspname IN ('library', 'kb')").fetchone() == (0,)

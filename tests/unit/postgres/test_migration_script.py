"""The script that a DBA runs does what `migrate` does, in plain psql, and does it once."""

import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from cutter.postgres.migrate import DEMO_LOGINS, migrate, migrations
from cutter.postgres.migration_script import migration_script, parse_login
from cutter.stops import Stop, StopCode
from tests.plugins.postgres import Database

LOGINS = tuple(
    f"{login.login_name}:{login.tenant_id}:{login.person_id}:{login.duty.name.lower()}" for login in DEMO_LOGINS
)
PROVISIONED = {
    "migrations": "SELECT number, name, sha256 FROM cutter_governance.migration ORDER BY number",
    "logins": "SELECT * FROM cutter_governance.login ORDER BY login_name",
    "settings": "SELECT * FROM cutter_governance.dot_config ORDER BY tenant_id, key",
    "ledger": "SELECT tenant_id, system_identifier, size FROM cutter_governance.ledger_head",
    "database": "SELECT datacl::text FROM pg_database WHERE datname = current_database()",
    "members": "SELECT roleid::regrole, member::regrole FROM pg_auth_members ORDER BY 1, 2",
}


def run(database: Database, script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What psql says of the script: any psql, the server's own first."""
    own = database.server.binaries / "psql"
    psql = str(own) if own.exists() else shutil.which("psql")
    assert psql
    command = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, "-d", database.superuser, "-f", "-"]
    return subprocess.run(command, input=script, capture_output=True, text=True, timeout=60, check=False)


def schema(database: Database) -> str:
    """The whole schema as pg_dump writes it."""
    command = [str(database.server.binaries / "pg_dump"), "--schema-only", "--restrict-key=x", "-d", database.superuser]
    return str(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def provisioned(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """The rows that a migration leaves."""
    with psycopg.connect(database.superuser) as conn:
        return {name: conn.execute(query.encode()).fetchall() for name, query in PROVISIONED.items()}


def demo_script() -> str:
    """The script with the demo's logins."""
    return migration_script([parse_login(login) for login in LOGINS])


def test_the_script_makes_what_migrate_makes(empty_database: Database, database: Database) -> None:
    """Without it a DBA's server would have another schema than the one that cutter is tested on."""
    done = run(empty_database, demo_script(), "-1")

    assert (done.returncode, done.stderr) == (0, "")
    assert schema(empty_database) == schema(database)
    assert provisioned(empty_database) == provisioned(database)
    assert migrate(empty_database.superuser) == ()


def test_the_script_runs_again(empty_database: Database) -> None:
    """Without it a DBA who is not sure whether it ran could not simply run it."""
    run(empty_database, demo_script(), "-1")
    before = (schema(empty_database), provisioned(empty_database))

    done = run(empty_database, demo_script(), "-1")

    assert (done.returncode, done.stderr) == (0, "")
    assert (schema(empty_database), provisioned(empty_database)) == before


def test_the_script_goes_on_from_an_older_schema(empty_database: Database, database: Database) -> None:
    """Without it an existing installation could not take a new migration by the same script."""
    last = migrations()[-1]
    script = demo_script()
    run(empty_database, script[: script.index(f"-- migration {last.name}")], "-1")
    with psycopg.connect(empty_database.superuser) as conn:
        found = conn.execute("SELECT max(number) FROM cutter_governance.migration").fetchone()
    assert found == (last.number - 1,)

    done = run(empty_database, script, "-1")

    assert (done.returncode, done.stderr) == (0, "")
    assert schema(empty_database) == schema(database)


def test_the_script_needs_one_transaction(empty_database: Database) -> None:
    """Without it a script that fails half way would leave half a schema, and its objects to a superuser."""
    done = run(empty_database, demo_script())

    assert done.returncode == 3
    assert "SAVEPOINT can only be used in transaction blocks" in done.stderr
    with psycopg.connect(empty_database.superuser) as conn:
        assert conn.execute("SELECT to_regnamespace('library')").fetchone() == (None,)


ANOTHER, DIFFERS = "migrated by another cutter", "recorded with another tenant or person"
REFUSED = {
    "another digest": ("UPDATE cutter_governance.migration SET sha256 = repeat('0', 64) WHERE number = 2", ANOTHER),
    "a newer migration": (
        "INSERT INTO cutter_governance.migration VALUES (9999, '9999_later', repeat('0', 64))",
        ANOTHER,
    ),
    "another person": (
        "UPDATE cutter_governance.login SET person_id = 'mallory' WHERE login_name = 'operator'",
        DIFFERS,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_script_refuses_what_it_does_not_know(database: Database, name: str) -> None:
    """Without it the script would put its objects over a schema of another cutter, or a login in another's hands."""
    change, said = REFUSED[name]
    with psycopg.connect(database.superuser) as conn:
        conn.execute(change.encode())
    before = (schema(database), provisioned(database))

    done = run(database, demo_script(), "-1")

    assert done.returncode == 3
    assert said in done.stderr
    assert (schema(database), provisioned(database)) == before


BAD_LOGINS = (
    "",
    "a",
    "a:b:c",
    "a:b:c:d",
    "a:b:c:operate:",
    "A:b:c:operate",
    "a'b:b:c:operate",
    "a::c:operate",
    "a:b:c\n:operate",
)


@pytest.mark.parametrize("text", BAD_LOGINS)
def test_a_login_has_one_form(text: str) -> None:
    """Without it a mistyped login would become a role of that name on the DBA's server."""
    with pytest.raises(Stop) as caught:
        parse_login(text)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_IDENTIFIER_INVALID, "login")


def test_the_script_is_the_same_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a DBA could not compare what was reviewed with what is run."""
    first = demo_script()
    monkeypatch.chdir(tmp_path)

    assert demo_script() == first
    assert "password" not in first.lower().replace("holds no password", "")

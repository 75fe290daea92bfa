"""What the doctor asks a real database, and that it starts none."""

from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import psycopg
import pytest

from cutter.app.doctor import Finding, Seat, State, examine
from cutter.app.doctor import database as asked
from cutter.postgres import embedded
from tests.plugins.postgres import discard
from tests.support.live import LiveOffice


def findings(live: LiveOffice) -> list[Finding]:
    """All findings in an office."""
    workspace = live.office.workspace
    environ = {"XDG_STATE_HOME": str(workspace.parent / "state"), "HOME": str(workspace)}
    return list(examine(Seat(workspace, environ, workspace / "gnupg", "utf-8")))


def told(live: LiveOffice) -> dict[str, Finding]:
    """The findings by name; of two of one name (there are several fingerprints) the one that is not well."""
    found: dict[str, Finding] = {}
    for finding in findings(live):
        if finding.name not in found or finding.state is not State.OK:
            found[finding.name] = finding
    return found


def change(live: LiveOffice, statement: str) -> None:
    """Let the DBA do something."""
    with psycopg.connect(live.database.superuser, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_an_office_is_well(live: LiveOffice) -> None:
    """Everything that a live run would stop at is looked at before, and nothing of it is wrong in a good office."""
    found = told(live)

    assert {name: str(item.fact) for name, item in found.items() if item.state is not State.OK} == {}
    assert {"database", "clock", "login", "roles", "schema", "fingerprint", "runs", "trust", "runner key"} <= set(found)
    assert "operator of demo" in str(found["login"].fact)


def test_nothing_is_written(live: LiveOffice) -> None:
    """The doctor is asked on a production server."""
    count = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables"
    with psycopg.connect(live.database.superuser, autocommit=True) as connection:
        connection.execute(b"SELECT pg_stat_force_next_flush()")
        before = connection.execute(count.encode()).fetchone()
        findings(live)
        connection.execute(b"SELECT pg_stat_clear_snapshot()")
        after = connection.execute(count.encode()).fetchone()

    assert before == after


# what the DBA did → the check that tells it, how, and a word of its fact
CHANGED: dict[str, tuple[str, str, State, str]] = {
    "a function was changed": (
        "CREATE OR REPLACE FUNCTION library.fn_extra() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "fingerprint",
        State.FAIL,
        "differs from its pin",
    ),
    "a migration is missing": (
        "DELETE FROM cutter_governance.migration WHERE number = (SELECT max(number) FROM cutter_governance.migration)",
        "schema",
        State.FAIL,
        "missing migrations: 1",
    ),
    "a newer cutter migrated it": (
        "INSERT INTO cutter_governance.migration (number, name, sha256) VALUES (9999, '9999_x', repeat('0', 64))",
        "schema",
        State.FAIL,
        "STOP_UNMIGRATED · newer",
    ),
    "the login is nobody": (
        "DELETE FROM cutter_governance.login WHERE login_name = 'operator'",
        "login",
        State.FAIL,
        "unknown_login",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_is_wrong_is_told(name: str, live: LiveOffice) -> None:
    """Each of these ends a run; whoever asks first is told, with the command that helps."""
    statement, check, state, word = CHANGED[name]
    change(live, statement)
    finding = told(live)[check]

    assert finding.state is state
    assert word in str(finding.fact)
    assert finding.fix.startswith("cutter ")


def test_a_login_that_cannot_run(live: LiveOffice) -> None:
    """Somebody who approves has a login of another kind, and learns it here."""
    service = live.office.workspace / "pg_service.conf"
    service.write_text(service.read_text().replace("user=operator", "user=content"), encoding="utf-8")
    finding = told(live)["roles"]

    assert finding.state is State.WARN
    assert "cutter_writer" in str(finding.fact)


def test_a_waiting_run_is_counted(live: LiveOffice) -> None:
    """What is open in the database is told from the database, not from this host's folder."""
    live.cut()
    finding = told(live)["runs"]

    assert (finding.state, finding.fix) == (State.OK, "cutter runs list")
    assert str(finding.fact).startswith("waiting for signatures: 1,")


def test_the_bundle_that_ends_soon(live: LiveOffice) -> None:
    """An expired bundle stops every gate on the day; whoever looks before is told."""
    live.trust(2, expires="2000-01-01T00:00:00Z")

    assert told(live)["trust"].state is State.FAIL
    assert told(live)["trust"].fix == "cutter trust renew"


def test_a_key_that_the_bundle_does_not_know(live: LiveOffice) -> None:
    """A runner key that was exchanged on disk signs what nobody believes."""
    live.trust(2, runner_keys=())
    finding = told(live)["runner key"]

    assert finding.state is State.FAIL
    assert "rotate-runner" in finding.fix


@pytest.mark.parametrize(("minutes", "state"), [(0, State.OK), (2, State.WARN), (-6, State.FAIL)])
def test_clocks_apart(minutes: int, state: State, live: LiveOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines and signatures are judged by time: more than five minutes stops a run."""

    class Shifted(datetime):
        """A clock of this host that is wrong."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            """The time, moved."""
            return datetime.now(tz) + timedelta(minutes=minutes)

    monkeypatch.setattr(asked, "datetime", Shifted)

    assert told(live)["clock"].state is state


def test_a_stopped_server_stays_stopped(tmp_path: Path) -> None:
    """A doctor that starts a server has changed what it was asked about."""
    (tmp_path / "cutter.yaml").write_text("format: cutter.workspace/1\ndatabase: embedded\n", encoding="utf-8")
    cluster = embedded.locate(tmp_path)
    embedded.ensure_running(cluster)
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}
    at = Seat(tmp_path, environ, tmp_path / "gnupg", "utf-8")
    try:
        running = {item.name: item for item in examine(at)}
        embedded.stop(cluster)
        stopped = {item.name: item for item in examine(at)}
        state = embedded.status(cluster).state
    finally:
        discard(cluster)

    assert running["database"].state is State.FAIL  # it runs, and has no login of ours: it was never migrated
    assert (stopped["database"].state, stopped["database"].fix) == (State.WARN, "cutter db start")
    assert "login" not in stopped
    assert state is embedded.State.STOPPED

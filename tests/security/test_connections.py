"""Connections that are wrong, that break, and that meet others: what a live run answers, and that it writes once.

Every server, standby, session and wire is real. Whatever happened, the run is resumed to its end afterwards, and the
database holds the same as after an undisturbed run.
"""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from cutter.app.ledger import verify_ledger
from cutter.app.orchestration import resume
from cutter.app.proofs import verify_run
from cutter.events import Record, Surveyed
from cutter.postgres.connect import check_connection, connect, stop_from
from cutter.postgres.embedded import SUPERUSER, Cluster
from cutter.postgres.migrate import migrate
from cutter.report.result import Result, RunStatus
from cutter.stops import Stop, StopCode
from tests.plugins.keys import Keys
from tests.plugins.postgres import Database
from tests.plugins.proofs import Proof
from tests.support.live import LiveOffice, go_live
from tests.support.runs import REPOSITORY, Office
from tests.support.servers import own_server, standby_of
from tests.support.wire import Cut, rewired, wire

pytestmark = pytest.mark.attacks

PORT = 5432  # only a part of a socket's name
# What one finished cut leaves, each thing once.
ONCE = """
    SELECT (SELECT count(*) FROM library.source_version),
           (SELECT count(*) FROM cutter_governance.change_set),
           (SELECT count(*) = count(DISTINCT (guard, key)) FROM cutter_governance.phase_marker),
           (SELECT count(*) FROM cutter_governance.approval_use),
           (SELECT count(*) FILTER (WHERE lifecycle = 'enacted') FROM library.information_unit),
           (SELECT count(*) FROM library.information_unit)
"""
EVENTS = "SELECT count(*) FROM cutter_governance.ledger_event"
UNITS = 321
ENDED = [(1, 1, True, 2, UNITS, UNITS)]
NOTHING = [(0, 0, True, 0, 0, 0)]


@pytest.fixture
def live(empty_database: Database, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveOffice:
    """An office whose database was migrated where it is: a copy's ledger would be told as one from elsewhere."""
    return begin_office(empty_database, keys, tmp_path / "office", monkeypatch)


def begin_office(database: Database, keys: Keys, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> LiveOffice:
    """An office on an empty database."""
    migrate(database.superuser)
    shutil.copytree(REPOSITORY / "documents", workspace / "documents")
    monkeypatch.setenv("PGSERVICEFILE", str(workspace / "pg_service.conf"))
    return go_live(Office(database, workspace), keys)


def told(result: Result) -> tuple[int, str | None, str | None]:
    """The exit, the code and the detail."""
    return result.exit_code, result.stop_code, result.detail or None


def approved(live: LiveOffice) -> str:
    """A run that may go on over its first gate: its request."""
    waiting = live.cut()
    live.sign(waiting.approval_kb_id, "sovereign")
    return waiting.approval_kb_id or ""


def finish(live: LiveOffice) -> None:
    """Go on to the end; everything is there once, and the ledger holds."""
    result = live.complete()
    assert result.status is RunStatus.DONE, result
    assert live.office.rows(ONCE) == ENDED
    assert verify_run(live.settings, result.run_id).phases
    assert verify_ledger(live.settings).events == live.office.rows(EVENTS)[0][0]


# After which message, and at which one the wire is cut; and what is told.
CUTS: dict[str, tuple[bytes, bytes, Cut, tuple[int, str]]] = {
    "in a survey": (b"fn_run_create", b"cutter_survey", Cut.BEFORE, (69, "")),
    "before the approval is used": (b"", b"fn_consume", Cut.BEFORE, (69, "")),
    "while units are copied": (b"COPY", b"d\x00", Cut.BEFORE, (69, "")),
    "before units are written": (b"", b"library.fn_iu_create_batch(", Cut.BEFORE, (69, "")),
    "the commit of leg A is lost": (b"fn_consume", b"COMMIT", Cut.BEFORE, (69, "commit_unknown")),
    "the answer to the commit of leg A is lost": (b"fn_consume", b"COMMIT", Cut.ANSWER, (69, "commit_unknown")),
    "the commit of leg B is lost": (b"library.fn_region_bind_batch(", b"COMMIT", Cut.BEFORE, (51, "commit_unknown")),
    "the answer to the commit of leg B is lost": (
        b"library.fn_region_bind_batch(",
        b"COMMIT",
        Cut.ANSWER,
        (51, "commit_unknown"),
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_run_whose_connection_is_cut_is_resumed_once(live: LiveOffice, name: str, proof: Proof) -> None:
    """Without it a commit whose answer never came could be done twice, or told as one that did not happen."""
    after, at, cut, expected = CUTS[name]
    request = approved(live)

    with wire(live.database.server.socket, PORT, after, at, cut) as line, rewired(live.office.workspace, line):
        result = live.resume(request)

    assert line.done
    assert result.stop_code == "STOP_DATABASE_UNREACHABLE"
    assert (result.exit_code, result.detail) == expected
    finish(live)
    proof("lost connection", name, f"{expected[0]} {expected[1]}".strip() + ", then resumed: every row once")


def test_a_server_that_is_killed_in_a_phase(
    server: Cluster, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    """Without it a power cut on the database's side could lose what was told as committed, or do it again."""
    with own_server(server, port=PORT) as own:
        cluster = Cluster(own.folder, own.data, own.folder, own.binaries, server.os_user)
        own.program("createdb", "-h", str(own.folder), "-U", SUPERUSER, "cutter")
        live = begin_office(Database(cluster, "cutter"), keys, tmp_path / "office", monkeypatch)
        request = approved(live)

        def crash(record: Record) -> None:
            if record.phase == "cut_leg_b" and isinstance(record.event, Surveyed):
                own.crash()

        result = resume(live.settings, request, "test@somewhere", crash)
        own.start()

        assert (result.exit_code, result.stop_code) == (51, "STOP_DATABASE_UNREACHABLE")  # leg A is committed
        finish(live)
    proof("lost server", "pg_ctl stop -m immediate in leg B", "51, then resumed: every row once")


@contextmanager
def holding(database: Database, *statements: str) -> Iterator[psycopg.Connection]:
    """A session of somebody else's that did this and does not end its transaction."""
    with psycopg.connect(database.superuser) as holder:
        for statement in statements:
            holder.execute(statement.encode())
        yield holder
        holder.rollback()


def test_a_lock_that_somebody_holds_is_told_as_busy(live: LiveOffice, proof: Proof) -> None:
    """Without it a run would wait for ever behind a forgotten session, or fail as if something were wrong with it."""
    request = approved(live)
    with holding(live.database, "LOCK TABLE library.information_unit IN EXCLUSIVE MODE"):
        result = live.resume(request)

    assert (result.exit_code, result.stop_code) == (30, "STOP_BUSY")
    assert live.office.rows(ONCE) == NOTHING
    finish(live)
    proof("conflicts", "a table that is locked by another session", "30 STOP_BUSY, then resumed")


def test_a_deadlock_ends_the_run_and_writes_nothing(live: LiveOffice, proof: Proof) -> None:
    """Without it the run that the server sacrifices could leave half a phase, or be told as something else."""
    request = approved(live)
    first = "LOCK TABLE library.information_unit IN EXCLUSIVE MODE"
    with holding(live.database, "SET deadlock_timeout = '1min'", first) as other:
        thread = threading.Thread(target=_lock_what_the_run_has, args=(live.database, other))
        thread.start()
        result = live.resume(request)
        thread.join()

    assert told(result) == (50, "STOP_WRITE_FAILED", "40P01")
    assert live.office.rows(ONCE) == NOTHING
    finish(live)
    proof("conflicts", "a deadlock with another session", "50 STOP_WRITE_FAILED 40P01, then resumed")


def _lock_what_the_run_has(database: Database, other: psycopg.Connection) -> None:
    """Wait until the run waits for us, then ask for what it holds: the run asked first, so the server ends the run."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    until = time.monotonic() + 30
    with psycopg.connect(database.superuser, autocommit=True) as look:
        while look.execute(waiting.encode()).fetchone() == (0,) and time.monotonic() < until:
            time.sleep(0.01)
    other.execute("LOCK TABLE library.source_document IN ACCESS EXCLUSIVE MODE")


def test_a_serialization_failure_is_a_failed_write(live: LiveOffice, proof: Proof) -> None:
    """Without it a server whose default is SERIALIZABLE could end runs with an error that no page explains."""
    with (
        closing(connect(live.database.superuser, "cutter/test")) as one,
        closing(connect(live.database.superuser, "cutter/test")) as two,
    ):
        for session in (one, two):
            session.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            session.commit()
            session.execute("SELECT count(*) FROM cutter_governance.dot_config")
        for number, session in enumerate((one, two)):
            session.execute("INSERT INTO cutter_governance.dot_config VALUES ('demo', %s, '')", (f"test.{number}",))
        one.commit()
        with pytest.raises(psycopg.Error) as caught:
            two.commit()
    stop = stop_from(caught.value)
    assert (stop.code, stop.detail) == (StopCode.STOP_WRITE_FAILED, "40001")

    live.office.alter(f'ALTER DATABASE "{live.database.name}" SET default_transaction_isolation = serializable')
    finish(live)
    proof("conflicts", "a serialization failure", "STOP_WRITE_FAILED 40001; a run's own transactions cannot have one")


def test_a_superuser_is_refused(live: LiveOffice, proof: Proof) -> None:
    """Without it a run under a login that no wall holds would look like any other."""
    path = live.office.workspace / "pg_service.conf"
    path.write_text(path.read_text(encoding="utf-8").replace("user=operator", f"user={SUPERUSER}"), encoding="utf-8")

    result = live.cut()

    assert told(result) == (31, "STOP_CONNECTION_UNSAFE", "superuser")
    assert live.office.rows("SELECT count(*) FROM cutter_governance.run") == [(0,)]
    proof("sessions", "a live run as a superuser", "31 STOP_CONNECTION_UNSAFE superuser")


def test_a_standby_is_refused(server: Cluster, proof: Proof) -> None:
    """Without it a run would read what the primary has changed since, and fail at its first write."""
    with own_server(server) as primary:
        primary.program("createdb", "-h", str(primary.folder), "-p", str(primary.port), "-U", SUPERUSER, "cutter")
        migrate(primary.conninfo(SUPERUSER, "cutter"))
        with (
            standby_of(primary, server) as standby,
            closing(connect(standby.conninfo("operator", "cutter"), "cutter/test")) as conn,
            pytest.raises(Stop) as caught,
        ):
            check_connection(conn)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONNECTION_UNSAFE, "replica")
    proof("sessions", "a standby that follows the primary", "31 STOP_CONNECTION_UNSAFE replica")

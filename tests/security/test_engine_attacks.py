"""A world that fails in the middle of a run: the server goes, the disk fills, somebody interrupts, time runs out.

Each row says how the run ends, that nothing is claimed that did not happen, and that a committing run can go on.
"""

import os
import signal
import threading
import time
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest

from cutter.app.system import RandomIds
from cutter.contracts import RunRow
from cutter.custody.sidecar import RunFolders
from cutter.events import Acted, AnyEvent, Completed, GateOpened, Overran, Published, Record, Surveyed, Verified
from cutter.model import Mode
from cutter.postgres.statements import Roles, filled, role, value
from cutter.postgres.transact import Committing, Rehearsing
from cutter.postgres.transaction import commit
from cutter.stops import Stop, StopCode
from tests.plugins.proofs import Proof
from tests.support.attacks import MODES, Terminator, altered, kept_files, pin, row_counts
from tests.support.runs import DEMO, Office, completed, stop_of

pytestmark = pytest.mark.attacks

LOST: dict[str, tuple[type[AnyEvent], str, int]] = {
    "after a read": (Acted, "discover", 69),
    "before a commit": (Published, "plan", 69),
    "at an opened gate": (GateOpened, "cut_leg_a", 69),
    "after the first governed effect": (Acted, "cut_leg_a", 69),
    "after a governed commit": (Verified, "cut_leg_b", 51),
    "at the very end": (Completed, "", 51),
}


@pytest.mark.parametrize("name", [name for name in LOST if name != "at an opened gate"])
def test_a_lost_server_ends_a_rehearsal_as_unreachable(office: Office, name: str, proof: Proof) -> None:
    """Without it a lost connection would be told as an escaped rehearsal, or as a fault, and its folder be torn."""
    before = row_counts(office)
    run_id = RandomIds().run_id()
    kind, phase, _ = LOST[name]

    stop = stop_of(office.rehearse(run_id, notify=Terminator(office, run_id, kind, phase)))

    assert (stop.code, stop.exit) == ("STOP_DATABASE_UNREACHABLE", 69)
    assert before == row_counts(office)
    proof("lost server", f"rehearsal, {name}", "69, every table as before")


@pytest.mark.parametrize("name", LOST)
def test_a_committing_run_goes_on_after_a_lost_server(office: Office, name: str, proof: Proof) -> None:
    """Without it a lost connection would be a traceback, hide that governed rows are written, or bar the resume."""
    run_id = RandomIds().run_id()
    kind, phase, status = LOST[name]

    stop = stop_of(office.complete(run_id, notify=Terminator(office, run_id, kind, phase)))

    assert (stop.code, stop.exit) == ("STOP_DATABASE_UNREACHABLE", status)
    assert completed(office.complete(run_id))
    proof("lost server", f"committing run, {name}", f"{status}, then resumed to the end")


def test_the_sidecar_tells_a_stop_that_the_ledger_could_not_take(office: Office) -> None:
    """Without it nothing would tell why a run ended whose database went away (approvals-and-evidence §4)."""
    run_id = RandomIds().run_id()
    office.perform(Mode.LIVE, run_id, notify=Terminator(office, run_id, Published, "plan"))

    told = RunFolders(office.settings.state).read(run_id, "03-plan.json")

    assert told is not None
    assert b'"code":"STOP_DATABASE_UNREACHABLE"' in told


# A trigger of somebody's, in a schema that cutter may not name, ends the session while COMMIT runs.
DIES_AT_COMMIT = """
    CREATE SCHEMA closed;
    CREATE TABLE closed.t (id int);
    CREATE FUNCTION closed.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN PERFORM pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON closed.t DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION closed.die();
    CREATE FUNCTION closed.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN INSERT INTO closed.t VALUES (1); RETURN NULL; END $$;
    CREATE TRIGGER note AFTER INSERT ON library.source_document EXECUTE FUNCTION closed.note()
"""


def test_a_commit_without_an_answer_is_told_as_unknown(office: Office) -> None:
    """Without it a commit that may have happened would be told as one that did not."""
    run_id = RandomIds().run_id()
    office.alter(DIES_AT_COMMIT)
    pin(office)
    office.approve(office.perform(Mode.LIVE, run_id))

    stop = stop_of(office.perform(Mode.LIVE, run_id))

    assert (stop.code, stop.detail) == ("STOP_DATABASE_UNREACHABLE", "commit_unknown")
    office.alter("DROP SCHEMA closed CASCADE")
    pin(office)
    assert stop_of(office.complete(run_id)).code == "STOP_DRIFT"  # its plan was made with the trigger there
    assert completed(office.complete(RandomIds().run_id()))


def test_an_effect_whose_transaction_failed_is_not_in_the_ledger(office: Office) -> None:
    """Without it a stop would record a document as published that was rolled back, and resume would skip the phase."""
    run_id = RandomIds().run_id()
    with psycopg.connect(office.database.superuser) as holder:

        def hold_the_ledger(record: Record) -> None:
            if isinstance(record.event, Published) and record.phase == "plan":
                holder.execute("SELECT FROM cutter_governance.ledger_head FOR UPDATE")
                threading.Timer(6, holder.rollback).start()

        records = office.perform(Mode.LIVE, run_id, notify=hold_the_ledger)

    assert stop_of(records).code == "STOP_BUSY"
    assert not [r for r in records if r.phase == "plan" and isinstance(r.event, (Acted, Published))]
    assert completed(office.complete(run_id))


# A constraint that fires at the end of leg A, and a ledger that takes each event of a run once.
FAILS_AT_PHASE_END = """
    CREATE FUNCTION library.refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION USING ERRCODE = '23514'; END $$;
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON library.information_unit DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION library.refuse();
    CREATE FUNCTION library.number(bytea) RETURNS text LANGUAGE sql IMMUTABLE AS
        $$ SELECT pg_catalog.convert_from($1, 'UTF8')::jsonb ->> 'number' $$;
    CREATE UNIQUE INDEX once ON cutter_governance.ledger_event (run_id, library.number(body));
    GRANT USAGE ON SCHEMA library TO cutter_ledger
"""


@pytest.mark.parametrize("mode", MODES)
def test_events_of_a_phase_that_failed_at_its_end_are_forgotten(office: Office, mode: Mode) -> None:
    """Row 51. Without it a rehearsal would append, at its end, events of a phase that it had rolled back."""
    office.alter(FAILS_AT_PHASE_END)
    pin(office)
    run_id = RandomIds().run_id()

    records = office.rehearse(run_id) if mode is Mode.DRYRUN else office.complete(run_id)

    assert (stop_of(records).code, stop_of(records).exit) == ("STOP_WRITE_FAILED", 50)
    assert [record.number for record in records] == list(range(1, len(records) + 1))
    assert not [r for r in records if r.phase == "cut_leg_a" and isinstance(r.event, (Acted, Published))]


@pytest.mark.parametrize("mode", MODES)
def test_an_interrupt_leaves_no_half_phase(office: Office, mode: Mode) -> None:
    """Without it Ctrl-C inside a governed write could leave rows, or a run that cannot go on."""
    before = row_counts(office)
    run_id = RandomIds().run_id()

    def interrupt(record: Record) -> None:
        if isinstance(record.event, Acted) and record.phase == "cut_leg_a":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.rehearse(run_id, notify=interrupt) if mode is Mode.DRYRUN else office.complete(run_id, notify=interrupt)

    if mode is Mode.DRYRUN:
        assert before == row_counts(office)
    else:
        assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]
        assert completed(office.complete(run_id))


SLOW = ("SELECT count(*) AS policies", "SELECT pg_sleep(60)::text AS slept, count(*) AS policies")


@pytest.mark.parametrize("mode", MODES)
def test_an_interrupt_inside_a_question_is_an_interrupt(office: Office, mode: Mode) -> None:
    """Without it Ctrl-C while the server works would wait for the server, or be told as the server's error."""
    pipeline = altered(office, SLOW)
    run_id = RandomIds().run_id()
    signals: list[threading.Timer] = []

    def interrupt_soon(record: Record) -> None:
        if record.phase == "survey" and not signals:
            signals.append(threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)))
            signals[0].start()

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        office.perform(mode, run_id, notify=interrupt_soon, pipeline=pipeline)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("mode", MODES)
def test_a_folder_that_was_exchanged_stops_the_run_truthfully(office: Office, mode: Mode) -> None:
    """Row 21. Without it files would be written through a link, or the ledger would not tell the stop."""
    run_id = RandomIds().run_id()
    runs, aside = office.settings.state / "runs", office.workspace / "aside"

    def exchange(record: Record) -> None:
        if isinstance(record.event, Acted) and record.phase == "cut_leg_a":
            runs.rename(aside)
            runs.symlink_to(aside)

    records = (
        office.rehearse(run_id, notify=exchange) if mode is Mode.DRYRUN else office.complete(run_id, notify=exchange)
    )

    assert (stop_of(records).code, stop_of(records).exit) == ("STOP_PATH_UNSAFE", 51 if mode is Mode.LIVE else 78)
    assert not [name for name in kept_files(aside / run_id) if "cut_leg_a" in name]
    if mode is Mode.LIVE:
        assert stop_of(office.perform(mode, run_id)).code == "STOP_PATH_UNSAFE"  # a resume that cannot write either
        runs.unlink()
        aside.rename(runs)
        assert completed(office.complete(run_id))


def test_a_folder_behind_a_link_is_not_read(office: Office) -> None:
    """Row 21. Without it `runs verify` would vouch for files that lie somewhere else."""
    run_id = RandomIds().run_id()
    office.rehearse(run_id)
    folders, runs = RunFolders(office.settings.state), office.settings.state / "runs"
    runs.rename(office.workspace / "aside")
    runs.symlink_to(office.workspace / "aside")

    with pytest.raises(Stop) as caught:
        folders.read(run_id, "01-discover.json")

    assert caught.value.code is StopCode.STOP_PATH_UNSAFE


def test_a_run_stops_at_its_limit(office: Office) -> None:
    """Without it `limits.run` would stand in the file and mean nothing."""
    pipeline = altered(office, ("{phase: PT15M, run: PT60M}", "{phase: PT3S, run: PT3S}"), SLOW)

    records = office.perform(Mode.DRYRUN, RandomIds().run_id(), pipeline=pipeline)

    assert (stop_of(records).code, stop_of(records).detail, records[-1].phase) == ("STOP_LIMIT_EXCEEDED", "", "survey")


def test_a_phase_over_its_limit_is_noted(office: Office) -> None:
    """Without it `limits.phase` would stand in the file and mean nothing."""

    def be_slow(record: Record) -> None:
        if isinstance(record.event, Surveyed) and record.phase == "survey":
            office.clock.ahead = timedelta(minutes=16)

    records = office.rehearse(RandomIds().run_id(), notify=be_slow)

    assert completed(records)
    assert [(r.phase, r.event.limit) for r in records if isinstance(r.event, Overran)] == [("survey", 15 * 60)]


def test_a_transaction_that_was_idle_too_long_is_told_as_a_limit(office: Office) -> None:
    """Without it a server that ended an idle transaction would look as if it had refused a statement."""
    connected = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cutter/idle'"
    with closing(Rehearsing(office.database.conninfo("operator"), "cutter/idle", Roles())) as transactor:
        transactor.begin(RunRow(RandomIds().run_id(), "cut", "0" * 64, Mode.DRYRUN, DEMO))
        transactor._run.connection.execute("SET idle_in_transaction_session_timeout = '50ms'")
        while office.rows(connected) != [(0,)]:
            time.sleep(0.01)
        with pytest.raises(Stop) as caught, transactor.survey() as session:
            session.rows("SELECT 1", {})
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_LIMIT_EXCEEDED, "idle_in_transaction")


def test_a_refused_login_leaves_no_connection(office: Office) -> None:
    """Without it a refused connection would stay open until chance closes it."""
    with pytest.raises(Stop) as caught:
        Committing(office.database.superuser, "cutter/unsafe", Roles())
    assert caught.value.code is StopCode.STOP_CONNECTION_UNSAFE
    assert office.rows("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cutter/unsafe'") == [(0,)]


@pytest.mark.parametrize("mode", MODES)
def test_two_runs_of_one_document_exclude_each_other(office: Office, mode: Mode) -> None:
    """Without it a second run could begin while the first works; afterwards the lock must be gone."""
    first, refused = RandomIds().run_id(), []

    def run_another(record: Record) -> None:
        if isinstance(record.event, Acted) and record.phase == "discover":
            for other in MODES:
                with pytest.raises(Stop) as caught:
                    office.perform(other, RandomIds().run_id())
                refused.append((caught.value.code, caught.value.found))

    office.perform(mode, first, notify=run_another)

    assert refused == [(StopCode.STOP_BUSY, f"cutter/{first[:8]}")] * 2
    assert completed(office.rehearse(RandomIds().run_id()))


def test_the_holder_of_another_database_is_not_named(office: Office) -> None:
    """Without it «busy» could name a run of another database of the server."""
    query = filled("lock_holder", survey=role("cutter_survey"), lock_key=value(DEMO))
    number = office.rows("SELECT hashtextextended('demo' || E'\\x1f' || 'ICX-CONST', 0)")[0][0]
    with (
        psycopg.connect(office.database.superuser.replace(office.database.name, "postgres")) as elsewhere,
        psycopg.connect(office.database.conninfo("operator"), autocommit=True) as asking,
    ):
        elsewhere.execute("SELECT pg_advisory_lock(%s)", (number,))
        cursor = asking.execute(query)
        while cursor.description is None:
            assert cursor.nextset()
        assert cursor.fetchone() is None


MOVES = ("SELECT count(*) AS units FROM library.information_unit WHERE doc_prefix = %(prefix)s\n        bind:",
         "SELECT (SELECT count(*) FROM library.iu_lifecycle_vocab) AS words, count(*) AS units"
         " FROM library.information_unit WHERE doc_prefix = %(prefix)s\n        bind:")  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_that_moves_before_the_write_stops_it(office: Office, mode: Mode) -> None:
    """Guarantee 4. Without it a write would stand on an answer that was true only when it was first asked."""
    pipeline = altered(office, MOVES, MOVES)
    run_id = RandomIds().run_id()

    def move(record: Record) -> None:
        match record.event:
            case Surveyed(survey="rows_without_a_cut", inside=False) if record.phase == "cut_leg_a":
                office.alter("INSERT INTO library.iu_lifecycle_vocab VALUES ('other', 'other', 'other')")

    records = office.perform(mode, run_id, pipeline=pipeline, notify=move)
    if mode is Mode.LIVE:
        office.approve(records)
        records = office.perform(mode, run_id, pipeline=pipeline, notify=move)

    assert (stop_of(records).code, stop_of(records).detail) == ("STOP_DRIFT", "moved:rows_without_a_cut")


# What a superuser could take from a rehearsal: its refusal, or its row in the middle.
DISARMED = {
    "commit_not_refused": "ALTER TABLE cutter_governance.rehearsal DISABLE TRIGGER ALL",
    "row_gone": """
        CREATE FUNCTION kb.take() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
            $$ BEGIN DELETE FROM cutter_governance.rehearsal; RETURN NULL; END $$;
        CREATE TRIGGER take AFTER INSERT ON kb.document EXECUTE FUNCTION kb.take()
    """,
}


@pytest.mark.parametrize("detail", DISARMED)
def test_a_rehearsal_that_was_disarmed_is_noticed(office: Office, detail: str) -> None:
    """Guarantee 1. Without it «the database refuses to commit this» would be said without having been tried."""
    office.alter(DISARMED[detail])
    before = row_counts(office)

    with pytest.raises(Stop) as caught:
        office.rehearse(RandomIds().run_id())

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_REHEARSAL_ESCAPED, detail)
    assert before == row_counts(office)


def test_a_missing_grant_on_the_ledger_stops_a_rehearsal(office: Office) -> None:
    """Without it a rehearsal would be green although the live run could not append its first event."""
    office.alter("REVOKE EXECUTE ON FUNCTION cutter_governance.fn_ledger_append(bytea[]) FROM cutter_appender")

    with pytest.raises(Stop) as caught:
        office.rehearse(RandomIds().run_id())

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_WRITE_FAILED, "42501")


def test_a_commit_that_rolled_back_is_not_believed(office: Office) -> None:
    """Row 52. Without it COMMIT of a failed transaction would be taken for a commit: the driver raises nothing."""
    with closing(Committing(office.database.conninfo("operator"), "cutter/tag", Roles())) as transactor:
        connection = transactor._run.connection
        connection.execute("BEGIN")
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT 1 / 0")
        with pytest.raises(Stop) as caught:
            commit(transactor._run.connection)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_WRITE_FAILED, "commit_rolled_back")

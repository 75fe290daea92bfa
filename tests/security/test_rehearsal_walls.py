"""The rehearsal that cannot commit (guarantee 1), and rows 51 and 52 of the attack table: what happens at a commit."""

import psycopg
import pytest
from psycopg import sql

from cutter.resources import statement
from tests.plugins.proofs import Proof
from tests.security.ground import ENACT, Opened, Walls, bind, cut

DEFERRABLE = statement("postgres/sql/deferrable_constraints.sql")
COUNT = "SELECT count(*) FROM cutter_governance.rehearsal WHERE run_id = %s"


def _whole_cut(opened: Opened) -> None:
    cut(opened)
    bind(opened)
    opened.call("cutter_writer", ENACT, opened.ids.change_set, 2)


def test_a_rehearsal_cannot_be_committed(walls: Walls, proof: Proof) -> None:
    """Guarantee 1. Without it a dry run would be a live run whenever anything sends COMMIT."""
    with walls.unwritten():
        opened = walls.rehearse()
        _whole_cut(opened)
        assert opened.call("cutter_survey", "SELECT count(*) FROM library.information_unit") == 2
        with pytest.raises(psycopg.Error) as caught:
            opened.conn.commit()
        assert caught.value.sqlstate == "CU009"
        assert opened.conn.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
    proof("rehearsal", "COMMIT after a whole cut was rehearsed", "CU009, and no row is there afterwards")


DISARMS = {
    "set constraints all immediate": ("SET CONSTRAINTS ALL IMMEDIATE", "CU009"),
    "set constraints by name": ("SET CONSTRAINTS cutter_governance.rehearsal_never_commits IMMEDIATE", "CU009"),
    "delete the row": ("DELETE FROM cutter_governance.rehearsal", "42501"),
    "change the row": ("UPDATE cutter_governance.rehearsal SET run_id = gen_random_uuid()", "42501"),
    "truncate the table": ("TRUNCATE cutter_governance.rehearsal", "42501"),
    "drop the table": ("DROP TABLE cutter_governance.rehearsal", "42501"),
    "disable the trigger": ("ALTER TABLE cutter_governance.rehearsal DISABLE TRIGGER ALL", "42501"),
    "drop the trigger": ("DROP TRIGGER rehearsal_never_commits ON cutter_governance.rehearsal", "42501"),
    "replication role": ("SET LOCAL session_replication_role = replica", "42501"),
    "change the constraint": (
        "ALTER TABLE cutter_governance.rehearsal ALTER CONSTRAINT rehearsal_never_commits NOT DEFERRABLE",
        "42501",
    ),
}


ROLES = ("operator", "cutter_survey", "cutter_writer", "cutter_appender")


@pytest.mark.parametrize("name", DISARMS)
def test_a_rehearsal_cannot_be_disarmed(walls: Walls, name: str, proof: Proof) -> None:
    """Guarantee 1, row 50. Without it the app could take the refusal away and commit what it rehearsed."""
    text, expected = DISARMS[name]
    with walls.unwritten():
        opened = walls.rehearse()
        cut(opened)
        for role in ROLES:
            # a login that took no role may not even name the constraint
            unnamed = (name, role) == ("set constraints by name", "operator")
            assert opened.refused(role, text) == ("42501" if unnamed else expected)
            assert opened.call("cutter_survey", COUNT, opened.ids.run) == 1
        with pytest.raises(psycopg.Error) as caught:
            opened.conn.commit()
        assert caught.value.sqlstate == "CU009"
    proof("rehearsal", f"{name}, as each app role, then COMMIT", f"{expected}, then CU009")


def test_a_rehearsal_of_a_superuser_cannot_be_committed_either(walls: Walls, proof: Proof) -> None:
    """Guarantee 1. Without it a session that replicates, where ordinary triggers sleep, would commit a rehearsal."""
    with walls.unwritten(), pytest.raises(psycopg.Error) as caught, walls.superuser.transaction():
        walls.superuser.execute("SET LOCAL session_replication_role = replica")
        walls.superuser.execute("SELECT cutter_governance.fn_rehearsal_begin(gen_random_uuid())")
    assert caught.value.sqlstate == "CU009"
    proof("rehearsal", "COMMIT under session_replication_role = replica, as superuser", "CU009")


ENDS = {
    "and chain": ("COMMIT AND CHAIN", "CU009"),
    "in two phases": ("PREPARE TRANSACTION 'kept'", "CU009 55000"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_rehearsal_cannot_be_committed_by_another_word(walls: Walls, name: str, proof: Proof) -> None:
    """Guarantee 1. Without it another spelling of COMMIT would do what COMMIT cannot."""
    text, expected = ENDS[name]
    with walls.unwritten():
        opened = walls.rehearse()
        cut(opened)
        with pytest.raises(psycopg.Error) as caught:
            opened.conn.execute(text.encode())
        assert caught.value.sqlstate in expected.split()
        opened.conn.rollback()
    proof("rehearsal", f"commit {name}", str(caught.value.sqlstate))


def test_a_rehearsal_in_a_function_cannot_commit(walls: Walls, proof: Proof) -> None:
    """Guarantee 1. Without it a DO block, which may end transactions, would commit from inside."""
    with walls.unwritten():
        opened = walls.rehearse()
        assert opened.refused("operator", "DO $$ BEGIN COMMIT; END $$") == "2D000"
    proof("rehearsal", "COMMIT inside a DO block", "2D000")


# Row 51: constraints that fire at commit only


def _deferred_note(walls: Walls) -> None:
    """A user's table whose key is checked at commit."""
    walls.superuser.execute(
        "CREATE SCHEMA notes;"
        "CREATE TABLE notes.note (id int PRIMARY KEY, answers int REFERENCES notes.note DEFERRABLE INITIALLY DEFERRED);"
        "GRANT USAGE ON SCHEMA notes TO cutter_appender; GRANT INSERT ON notes.note TO cutter_appender"
    )


def test_a_deferred_constraint_fires_before_the_commit(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 51. Without it a rehearsal would be green and the live run would fail at COMMIT."""
    _deferred_note(walls)
    opened = walls.open(mode)
    opened.take("cutter_appender")
    opened.conn.execute("INSERT INTO notes.note VALUES (1, 2)")
    named = opened.conn.execute(DEFERRABLE.encode()).fetchall()
    assert named == [("notes", "note_answers_fkey")]
    constraints = sql.SQL(", ").join(sql.Identifier(*name) for name in named)
    with walls.unwritten():
        text = sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(constraints).as_string(opened.conn)
        assert opened.refused("cutter_appender", text) == "23503"
    proof("51", f"{mode}: a deferred foreign key that fails only at commit", "23503 at the end of the phase")


def test_naming_the_constraints_leaves_the_rehearsal_armed(walls: Walls, proof: Proof) -> None:
    """Row 51. Without it the end of a phase would fire the rehearsal's refusal, or spend it."""
    _deferred_note(walls)
    with walls.unwritten():
        opened = walls.rehearse()
        opened.take("cutter_appender")
        opened.conn.execute("INSERT INTO notes.note VALUES (1, 1)")
        opened.conn.execute("SET CONSTRAINTS notes.note_answers_fkey IMMEDIATE")
        cut(opened)
        with pytest.raises(psycopg.Error) as caught:
            opened.conn.commit()
        assert caught.value.sqlstate == "CU009"
    proof("51", "SET CONSTRAINTS of all but the rehearsal's, then COMMIT", "CU009")


def test_constraints_of_a_closed_schema_are_left_out(walls: Walls) -> None:
    """Row 51. Without it a deferrable key of another application, which cutter may not name, would stop every run."""
    walls.superuser.execute("CREATE SCHEMA closed; CREATE TABLE closed.t (id int UNIQUE DEFERRABLE)")
    opened = walls.rehearse()
    opened.take("cutter_appender")
    assert opened.conn.execute(DEFERRABLE.encode()).fetchall() == []


# Row 52: COMMIT of a transaction that failed


def test_a_failed_transaction_commits_nothing_and_says_so(walls: Walls, proof: Proof) -> None:
    """Row 52. Without the tag a COMMIT that rolled back would be taken for a commit: the driver raises nothing."""
    opened = walls.commit()
    with walls.unwritten():
        cut(opened)
        with pytest.raises(psycopg.Error):
            opened.call("cutter_writer", ENACT, opened.ids.change_set, 3)
        assert opened.conn.execute("COMMIT").statusmessage == "ROLLBACK"
    proof("52", "COMMIT of an aborted transaction", "the tag is ROLLBACK, nothing was written")

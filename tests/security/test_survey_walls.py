"""Rows 45 to 47a of the attack table: what the text of a survey tries, and that nothing of it lasts."""

import psycopg
import pytest

from cutter.postgres.session import PostgresSurvey
from cutter.stops import Stop, StopCode
from tests.plugins.proofs import Proof
from tests.security.ground import PREFIX, Ids, Opened, Walls, enter

STANDING = "SELECT current_user::text, current_setting('transaction_read_only'), transaction_timestamp()"

SURVEYS = {
    "rollback": ("ROLLBACK", "42601"),
    "rollback and chain": ("ROLLBACK AND CHAIN", "42601"),
    "rollback to the savepoint": ("ROLLBACK TO SAVEPOINT cutter_survey", "42601"),
    "release of the savepoint": ("RELEASE SAVEPOINT cutter_survey", "42601"),
    "commit": ("COMMIT", "42601"),
    "prepare transaction": ("PREPARE TRANSACTION 'kept'", "42601"),
    "rollback as second statement": ("SELECT 1; ROLLBACK; SELECT 2", "42601"),
    "commit as second statement": ("SELECT 1; COMMIT", "42601"),
    "set": ("SET search_path = public", "42601"),
    "set role": ("SET LOCAL ROLE cutter_writer", "42601"),
    "set constraints": ("SET CONSTRAINTS ALL IMMEDIATE", "42601"),
    "insert": ("INSERT INTO library.iu_lifecycle_vocab VALUES ('x', 'x', 'x') RETURNING code", "42601"),
    "writing with": ("WITH gone AS (DELETE FROM library.information_unit RETURNING 1) SELECT * FROM gone", "0A000"),
    "select into": ("SELECT 1 AS one INTO public.taken", "42601"),
    "copy to program": ("COPY (SELECT 1) TO PROGRAM 'touch /tmp/taken'", "42601"),
    "do": ("DO $$ BEGIN ROLLBACK; END $$", "42601"),
    "lock rows": ("SELECT 1 FROM library.iu_lifecycle_vocab FOR UPDATE", "25006"),
    "function that writes": ("SELECT cutter_governance.fn_rehearsal_begin(gen_random_uuid())", "42501"),
    "role switch, then function that writes": (
        "SELECT set_config('role', 'cutter_appender', true), query_to_xml("
        "'SELECT cutter_governance.fn_rehearsal_begin(gen_random_uuid())', true, true, '')",
        "25006",
    ),
    "read-write again": ("SELECT set_config('transaction_read_only', 'off', true)", "25001"),
    "file of the server": ("SELECT pg_read_file('/etc/passwd')", "42501"),
    "percent sign": ("SELECT 'a%b'", "bind"),
    "place by position": ("SELECT %s", "bind"),
    "name that is not bound": ("SELECT %(absent)s", "bind"),
    "syntax": ("SELEC 1", "42601"),
    "nothing": ("", "42601"),
    "statement behind a zero byte": ("SELECT 1\0; ROLLBACK", "statement"),
}


def _standing(conn: psycopg.Connection) -> object:
    return conn.execute(STANDING.encode()).fetchone()


def _rehearses(opened: Opened) -> bool:
    query = "SELECT count(*) FROM cutter_governance.rehearsal WHERE run_id = %s"
    return opened.call("cutter_survey", query, opened.ids.run) == 1


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_cannot_end_the_transaction_or_write(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 45. Without it a survey's text could roll a rehearsal back, and what follows would be committed."""
    text, detail = SURVEYS[name]
    opened = walls.open(mode)
    before = _standing(opened.conn)
    with walls.unwritten(), pytest.raises(Stop) as caught:
        PostgresSurvey(opened.conn).rows(text, {})
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_SURVEY_REFUSED, detail)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert _standing(opened.conn) == before
    assert _rehearses(opened) is (mode == "rehearsing")
    proof("45", f"{mode}: survey with {name}", f"STOP_SURVEY_REFUSED {detail}, the transaction goes on")


ROLE_CHANGES = {
    "for the transaction": "SELECT set_config('role', 'cutter_writer', true) AS role",
    "for the session": "SELECT set_config('role', 'cutter_writer', false) AS role",
    "and fails afterwards": "SELECT set_config('role', 'cutter_writer', false), 1 / (current_user <> '')::int - 1 / 0",
}


@pytest.mark.parametrize("name", ROLE_CHANGES)
def test_a_survey_leaves_role_and_mode_as_they_were(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 46. Without it a survey that switches its role would go on as that role after its savepoint."""
    opened = walls.open(mode)
    before = _standing(opened.conn)
    with walls.unwritten():
        try:
            PostgresSurvey(opened.conn).rows(ROLE_CHANGES[name], {})
            answer = "answered"
        except Stop as stop:
            answer = stop.detail
    assert _standing(opened.conn) == before
    assert before == ("cutter_appender", "off", before[2])  # type: ignore[index]
    proof("46", f"{mode}: survey that takes a role {name}", f"{answer}; role and mode as before")


ESCAPES = {
    "is over": ((), "transaction_ended"),
    "is another one": (("SELECT 1",), "3B001"),
    "is another one with the savepoint's name": (("SAVEPOINT cutter_survey",), "role_or_mode"),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_a_survey_that_escaped_is_noticed(walls: Walls, name: str, proof: Proof) -> None:
    """Row 46. Without it a savepoint that is gone, however that came about, would look like a survey that went well."""
    statements, detail = ESCAPES[name]
    opened = walls.rehearse()
    survey = PostgresSurvey(opened.conn)
    with walls.unwritten(), pytest.raises(Stop) as caught:
        for _ in survey.stream("SELECT 1 FROM generate_series(1, 5000)", {}):
            opened.conn.rollback()
            for statement in statements:
                opened.conn.execute(statement.encode())
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_REHEARSAL_ESCAPED, detail)
    proof("46", f"after a survey the transaction {name}", f"STOP_REHEARSAL_ESCAPED {caught.value.detail}")


UNLOCKS = {
    "all": "SELECT pg_advisory_unlock_all()",
    "by number": "SELECT pg_advisory_unlock(cutter_governance.fn_lock_number('DOC-1'))",
}


@pytest.mark.parametrize("name", UNLOCKS)
def test_a_survey_cannot_free_the_run(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 47a. Without it a survey could let a second run in: its session lock falls, the transaction's must not."""
    opened = Opened(walls.connect(), Ids())
    number = "cutter_governance.fn_lock_number(%s)"
    assert opened.call("cutter_survey", f"SELECT pg_try_advisory_lock({number})", PREFIX) is True
    if mode == "rehearsing":
        opened.call("cutter_appender", "SELECT cutter_governance.fn_rehearsal_begin(%s)", opened.ids.run)
    walls.create_run(opened.conn, opened.ids)
    enter(opened)
    PostgresSurvey(opened.conn).rows(UNLOCKS[name], {})
    second = Opened(walls.connect("colleague"), Ids())
    walls.create_run(second.conn, second.ids)
    assert second.refused(
        "cutter_appender", "SELECT cutter_governance.fn_run_enter(%s, 'cut_leg_a')", second.ids.run
    ) == "55P03"  # fmt: skip
    proof("47a", f"{mode}: survey that frees advisory locks ({name})", "the run's transaction lock holds: 55P03")

"""Runs that a policy started, at the database's wall: they insert messages and notifications, and nothing else."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from cutter.policies.references import issue
from tests.plugins.proofs import Proof
from tests.security.ground import REGISTER, TEXT, TEXT_SHA256, ZEROS, Ids, Opened, Walls, enter

TRIGGER, OTHER, PATIENT = issue("TRG", "A5K8R2ME"), issue("TRG", "B6L9S3NF"), issue("PAT", "7KQ2M4XA")
SEND, NOTIFY = "comm.send_message@1", "comm.create_notification@1"
BOTH = (SEND, NOTIFY)
GATE = "GATE_NOTIFY_AUTHORIZATION"
INTEND = "SELECT comm.fn_message_intend({})"
CREATE = "SELECT comm.fn_notification_create({}::jsonb)"
MESSAGE: dict[str, Any] = {
    "trigger": TRIGGER, "attempt": 1, "message_id": "a" * 64, "policy": "result-ready", "policy_version": "1.0",
    "rule": "routine-en", "template": "result-ready-en", "template_version": "1.0", "recipient": PATIENT,
}  # fmt: skip
NOTIFICATION: dict[str, Any] = {
    **{name: value for name, value in MESSAGE.items() if name not in ("attempt", "message_id")},
    "slots": '{"ward": "north", "urgency": 4, "seen": false, "at": "2026-06-01T08:00:00Z"}',
}
CALLS = {"fn_message_intend": (INTEND, MESSAGE), "fn_notification_create": (CREATE, NOTIFICATION)}
COUNT = "SELECT (SELECT count(*) FROM comm.message), (SELECT count(*) FROM comm.notification)"


def call(writer: str, **changes: Any) -> tuple[str, list[Any]]:
    """A writer's call, sound but for the changes."""
    statement, sound = CALLS[writer]
    values = [*{**sound, **changes}.values()]
    return statement.format(", ".join(["%s"] * len(values))), values


def known(
    walls: Walls, started_by: str = "policy", trigger: str = TRIGGER, mode: str = "live", login: str = "operator"
) -> Opened:
    """A run that is known, in a transaction that has not entered it."""
    opened = Opened(walls.connect(login), Ids())
    create = "SELECT cutter_governance.fn_run_create(%s, 'notify', %s, %s, %s, %s)"
    opened.call("cutter_appender", create, opened.ids.run, ZEROS, mode, trigger, started_by)
    opened.conn.commit()
    return opened


def entered(walls: Walls, covers: tuple[str, ...] = BOTH, started_by: str = "policy", **more: str) -> Opened:
    """A run that was approved for these operations, entered."""
    opened = known(walls, started_by, **more)
    if covers:
        walls.approve(opened.ids.run, covers, more.get("trigger", TRIGGER), 1, GATE)
    enter(opened, "send")
    return opened


@contextmanager
def rehearsing(walls: Walls) -> Iterator[Opened]:
    """A rehearsal of a policy's run, entered."""
    opened = Opened(walls.connect(), Ids())
    opened.call("cutter_appender", "SELECT cutter_governance.fn_rehearsal_begin(%s)", opened.ids.run)
    create = "SELECT cutter_governance.fn_run_create(%s, 'notify', %s, 'dryrun', %s, 'policy')"
    opened.call("cutter_appender", create, opened.ids.run, ZEROS, TRIGGER)
    enter(opened, "send")
    yield opened


@pytest.mark.parametrize("writer", CALLS)
def test_an_approved_run_writes_its_row(walls: Walls, writer: str) -> None:
    """Without it every refusal below could be one of a function that refuses everything."""
    opened = entered(walls)
    statement, values = call(writer)
    opened.call("cutter_notifier", statement, *values)
    opened.conn.commit()
    assert walls.superuser.execute(COUNT).fetchone() == ((1, 0) if writer == "fn_message_intend" else (0, 1))


@pytest.mark.parametrize("writer", CALLS)
def test_a_rehearsal_writes_its_row_and_cannot_keep_it(walls: Walls, writer: str) -> None:
    """Without it a rehearsal could leave a message that was never approved."""
    statement, values = call(writer)
    with walls.unwritten(), rehearsing(walls) as opened:
        opened.call("cutter_notifier", statement, *values)
        with pytest.raises(psycopg.Error) as caught:
            opened.conn.commit()
        assert caught.value.sqlstate == "CU009"


def _approved(covers: tuple[str, ...] = BOTH, trigger: str = TRIGGER, rows: int = 1, gate: str = GATE) -> Any:
    def prepare(walls: Walls) -> Opened:
        opened = known(walls)
        walls.approve(opened.ids.run, covers, trigger, rows, gate)
        enter(opened, "send")
        return opened

    return prepare


def _not_entered(walls: Walls) -> Opened:
    opened = known(walls)
    walls.approve(opened.ids.run, BOTH, TRIGGER, 1, GATE)
    return opened


def _in_a_later_transaction(walls: Walls) -> Opened:
    opened = entered(walls)
    opened.conn.commit()
    return opened


def _by_another_runs_approval(walls: Walls) -> Opened:
    other = known(walls)
    walls.approve(other.ids.run, BOTH, TRIGGER, 1, GATE)
    other.conn.close()
    return entered(walls, ())


def _by_a_person(walls: Walls) -> Opened:
    return entered(walls, started_by="person")


def _in_a_persons_rehearsal(walls: Walls) -> Opened:
    return walls.rehearse(prefix=TRIGGER)


REFUSED: dict[str, Callable[[Walls], Opened]] = {
    "without a run": lambda walls: Opened(walls.connect(), Ids()),
    "before the run is entered": _not_entered,
    "in a later transaction": _in_a_later_transaction,
    "without an approval": lambda walls: entered(walls, ()),
    "under another run's approval": _by_another_runs_approval,
    "under an approval of another trigger": _approved(trigger=OTHER),
    "under an approval of no row": _approved(rows=0),
    "under an approval of two rows": _approved(rows=2),
    "under an approval of other operations": _approved(("library.void@1", "sql.execute@1", "comm.send@1", "comm@1")),
    "under the escalation alone": _approved(gate="GATE_FAILURE_ESCALATION"),
    "in a run that a person started": _by_a_person,
    "in a rehearsal that a person started": _in_a_persons_rehearsal,
}


@pytest.mark.parametrize("condition", REFUSED)
@pytest.mark.parametrize("writer", CALLS)
def test_a_writer_is_refused(walls: Walls, writer: str, condition: str, proof: Proof) -> None:
    """Without it a message or notification could be written that nobody signed for, or by another kind of run."""
    opened = REFUSED[condition](walls)
    statement, values = call(writer)
    with walls.unwritten():
        assert opened.refused("cutter_notifier", statement, *values) == "CU001"
    proof("notify", f"{writer} {condition}", "CU001")


@pytest.mark.parametrize("covers", BOTH)
@pytest.mark.parametrize("writer", CALLS)
def test_an_approval_is_for_its_own_write(walls: Walls, writer: str, covers: str, proof: Proof) -> None:
    """Without it an approval of a notification would send a message."""
    opened = entered(walls, (covers,))
    statement, values = call(writer)
    if (writer == "fn_message_intend") == (covers == SEND):
        opened.call("cutter_notifier", statement, *values)
        return
    with walls.unwritten():
        assert opened.refused("cutter_notifier", statement, *values) == "CU001"
    proof("notify", f"{writer} under an approval of {covers}", "CU001")


@pytest.mark.parametrize("writer", CALLS)
def test_a_row_is_of_its_runs_own_trigger(walls: Walls, writer: str, proof: Proof) -> None:
    """Without it one approved run could write for another trigger, and block it."""
    opened = entered(walls)
    statement, values = call(writer, trigger=OTHER)
    with walls.unwritten():
        assert opened.refused("cutter_notifier", statement, *values) == "CU001"
    proof("notify", f"{writer} with another trigger's id", "CU001")


# Once a trigger

TWICE: dict[str, tuple[str, bool, dict[str, Any]]] = {
    "the same run again": ("fn_message_intend", True, {"attempt": 2, "message_id": "b" * 64}),
    "another run, the same attempt": ("fn_message_intend", False, {"message_id": "b" * 64}),
    "another run, another attempt, the same key": ("fn_message_intend", False, {"attempt": 2}),
    "a notification by the same run": ("fn_notification_create", True, {}),
    "a notification by another run": ("fn_notification_create", False, {}),
}


@pytest.mark.parametrize("name", TWICE)
def test_it_is_written_once(walls: Walls, name: str, proof: Proof) -> None:
    """Without it two hosts, each with an approval, would tell somebody twice."""
    writer, same, changes = TWICE[name]
    opened = entered(walls)
    statement, values = call(writer)
    opened.call("cutter_notifier", statement, *values)
    if not same:
        opened.conn.commit()
        opened = entered(walls)
    statement, values = call(writer, **changes)
    assert opened.refused("cutter_notifier", statement, *values) == "23505"
    proof("notify", f"{writer}: {name}", "23505")


def test_a_second_attempt_by_another_run_is_written(walls: Walls) -> None:
    """Without it what people let be sent again could never be."""
    for attempt, key in ((1, "a" * 64), (2, "b" * 64)):
        opened = entered(walls)
        statement, values = call("fn_message_intend", attempt=attempt, message_id=key)
        opened.call("cutter_notifier", statement, *values)
        opened.conn.commit()
    assert walls.superuser.execute(COUNT).fetchone() == (2, 0)


# Nothing else

APP_ROLES = ("operator", "cutter_survey", "cutter_writer", "cutter_notifier", "cutter_appender")
# What a run of a policy may still do besides its two writes: its own records, and asking who and what it is.
CONTROL_PLANE = {
    "comm.fn_message_intend", "comm.fn_notification_create", "comm.fn_notification_acknowledge",
    "cutter_governance.current_person", "cutter_governance.current_run", "cutter_governance.current_tenant",
    "cutter_governance.fn_checkpoint_keep", "cutter_governance.fn_consume", "cutter_governance.fn_incident_open",
    "cutter_governance.fn_ledger_append", "cutter_governance.fn_ledger_head", "cutter_governance.fn_lock_number",
    "cutter_governance.fn_rehearsal_begin", "cutter_governance.fn_run_create", "cutter_governance.fn_run_enter",
    "cutter_governance.fn_target", "cutter_governance.fn_trust_raise",
}  # fmt: skip
FUNCTIONS = (
    "SELECT p.pronamespace::regnamespace || '.' || p.proname, pg_get_function_identity_arguments(p.oid),"
    " array(SELECT t::regtype::text FROM unnest(p.proargtypes) AS t) FROM pg_proc AS p"
    " WHERE p.pronamespace IN ('library'::regnamespace, 'cutter_governance'::regnamespace, 'comm'::regnamespace,"
    " 'kb'::regnamespace) AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype ORDER BY 1, 2"
)
SAMPLES = {
    "uuid": "00000000-0000-4000-8000-000000000000", "text": TRIGGER, "integer": "1", "bigint": "1", "bytea": "",
    "jsonb": "{}", "text[]": "{}", "bytea[]": "{}", "boolean": "true", "regclass": "comm.message",
}  # fmt: skip
TABLES = (
    "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('library', 'cutter_governance', 'kb', 'comm')"
    " ORDER BY 1, 2"
)
# Tables that a run of a policy may write: its own records, and what it is allowed.
RECORDS = {
    "approval_use", "checkpoint", "incident", "ledger_event", "ledger_head", "phase_marker", "rehearsal",
    "review_decision", "run", "trust_floor", "document", "message", "notification",
}  # fmt: skip


def governed(walls: Walls) -> dict[str, str]:
    """A digest of every table that is none of these."""
    digests = {}
    for schema, table in walls.superuser.execute(TABLES.encode()).fetchall():
        if table not in RECORDS:
            digest = sql.SQL("SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} AS t")
            [found] = walls.superuser.execute(digest.format(sql.Identifier(schema, table))).fetchall()
            digests[f"{schema}.{table}"] = found[0]
    return digests


# Functions that only read, or make a table that ends with the transaction.
PURE = {"library.fn_backup_scope", "library.fn_rows_digest", "library.fn_iu_stage", "library.fn_region_stage"}


def test_a_policys_run_writes_nothing_else_by_any_function(walls: Walls, proof: Proof) -> None:
    """Without it some function of ours would be a way from a policy to the texts of the library."""
    tried = 0
    for name, arguments, types in walls.superuser.execute(FUNCTIONS.encode()).fetchall():
        opened = entered(walls, ("library.cut_leg_a@1", "library.void@1", "custody.restore@1", "sql.execute@1", *BOTH))
        given = sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.Literal(SAMPLES.get(kind)), sql.SQL(kind)) for kind in types
        )
        statement = sql.SQL("SELECT * FROM {}({})").format(sql.Identifier(*name.split(".")), given)
        before = governed(walls)
        for role in APP_ROLES:
            refusal = _refusal(opened, role, statement.as_string(opened.conn))
            allowed = name in CONTROL_PLANE or name in PURE
            assert allowed or refusal in ("42501", "CU001"), f"{role} calls {name}({arguments}): {refusal}"
            tried += 1
        if name != "cutter_governance.fn_rehearsal_begin":  # a rehearsal cannot be committed
            opened.conn.commit()
        assert governed(walls) == before, name
        opened.conn.close()
    assert tried > 100
    proof("notify", f"every function by each role in a run of a policy, {tried} calls", "no row of the library")


REQUIRE = "GRANT EXECUTE ON FUNCTION cutter_governance.fn_require_approval TO cutter_writer"


def _registered(ids: Ids) -> tuple[str, tuple[Any, ...]]:
    """The first governed write of a cut, of a document that is called as the trigger is."""
    return REGISTER, (ids.document, TRIGGER, ids.version, TEXT, TEXT_SHA256, TEXT_SHA256)


@pytest.mark.parametrize("mode", ["committing", "rehearsing"])
def test_the_wall_asks_who_started_the_run(walls: Walls, mode: str, proof: Proof) -> None:
    """Without it an approval, or a rehearsal, of a policy's run would carry the writes of a person's."""
    covers = ("library.cut_leg_a@1", "sql.execute@1")
    walls.superuser.execute(REQUIRE)
    fill: tuple[str, tuple[Any, ...]] = ("SELECT cutter_governance.fn_require_approval('sql.execute', 1)", ())
    person = entered(walls, covers, "person")
    for statement, values in (_registered(person.ids), fill):
        person.call("cutter_writer", statement, *values)
    person.conn.rollback()
    begun = rehearsing(walls) if mode == "rehearsing" else nullcontext(entered(walls, covers))
    with begun as opened:
        for statement, values in (_registered(opened.ids), fill):
            with walls.unwritten():
                assert opened.refused("cutter_writer", statement, *values) == "CU001"
    proof("notify", f"{mode}: a governed write that its approval covers, in a run of a policy", "CU001")


def _refusal(opened: Opened, role: str, statement: str) -> str:
    """The SQLSTATE of a call; empty when it was let through."""
    try:
        with opened.conn.transaction():
            if role != "operator":
                opened.take(role)
            opened.conn.execute(statement.encode())
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return ""


# What the appender inserts directly: a run's own records.
APPENDED = {("cutter_governance", "phase_marker"), ("kb", "document")}


def test_no_role_of_a_policys_run_changes_a_table_itself(walls: Walls, proof: Proof) -> None:
    """Without it a policy's run could write beside the functions that ask for its approval."""
    opened = entered(walls)
    tables = walls.superuser.execute(TABLES.encode()).fetchall()
    assert len(tables) > 20
    for schema, table in tables:
        name = sql.Identifier(schema, table)
        for role in APP_ROLES:
            for verb in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                may = walls.superuser.execute(
                    "SELECT has_table_privilege(%s, %s, %s) OR (%s IN ('INSERT', 'UPDATE')"
                    " AND has_any_column_privilege(%s, %s, nullif(%s, 'DELETE')))",
                    (role, f"{schema}.{table}", verb, verb, role, f"{schema}.{table}",
                     verb if verb in ("INSERT", "UPDATE") else "INSERT"),
                ).fetchone()  # fmt: skip
                allowed = role == "cutter_appender" and verb == "INSERT" and (schema, table) in APPENDED
                assert may == (allowed,), (role, verb, schema, table)
        for role in APP_ROLES:
            if (schema, table) not in APPENDED or role != "cutter_appender":
                delete = sql.SQL("DELETE FROM {}").format(name).as_string(opened.conn)
                assert opened.refused(role, delete) == "42501"
    proof("notify", f"INSERT, UPDATE, DELETE, TRUNCATE of {len(tables)} tables by each role", "42501 but own records")


def test_the_notifier_may_execute_its_functions_only(walls: Walls, proof: Proof) -> None:
    """Without it the role of these runs could grow into a second writer."""
    may = walls.superuser.execute(
        "SELECT p.pronamespace::regnamespace || '.' || p.proname FROM pg_proc AS p"
        " WHERE p.pronamespace::regnamespace::text IN ('library', 'cutter_governance', 'kb', 'comm')"
        " AND has_function_privilege('cutter_notifier', p.oid, 'EXECUTE') ORDER BY 1"
    ).fetchall()
    reads = walls.superuser.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'"
        " AND has_table_privilege('cutter_notifier', schemaname || '.' || tablename, 'SELECT')"
    ).fetchall()
    assert [name for (name,) in may] == [
        "comm.fn_message_intend",
        "comm.fn_notification_acknowledge",
        "comm.fn_notification_create",
        "cutter_governance.current_person",
        "cutter_governance.current_run",
        "cutter_governance.current_tenant",
    ]
    assert reads == []
    proof("notify", "what cutter_notifier may execute and read", "six functions, no table")


@pytest.mark.parametrize("role", ["operator", "cutter_survey", "cutter_writer", "cutter_appender", "cutter_notifier"])
@pytest.mark.parametrize("writer", CALLS)
def test_only_the_notifier_writes(walls: Walls, writer: str, role: str) -> None:
    """Without it the survey, in which a view's own text runs, could write a message."""
    opened = entered(walls)
    statement, values = call(writer)
    if role == "cutter_notifier":
        opened.call(role, statement, *values)
    else:
        assert opened.refused(role, statement, *values) == "42501"


def test_a_survey_cannot_write(walls: Walls, proof: Proof) -> None:
    """Without it the text of a view would be a way to write."""
    opened = entered(walls)
    opened.take("cutter_survey")
    opened.conn.execute("SET LOCAL transaction_read_only = on")
    statement, values = call("fn_message_intend")
    for role in ("cutter_survey", "cutter_notifier"):
        assert opened.refused(role, statement, *values) in ("42501", "25006")
    proof("notify", "a message from a read-only survey, also as cutter_notifier", "42501, 25006")


# Who started a run

MAKE = "cutter_governance.fn_run_create"
FORGED = {
    "made again as a person's": (f"SELECT {MAKE}({{run}}, 'notify', {{sha}}, 'live', {{key}}, 'person')", "CU005"),
    "made again without saying": (f"SELECT {MAKE}({{run}}, 'notify', {{sha}}, 'live', {{key}})", "CU005"),
    "updated": ("UPDATE cutter_governance.run SET started_by = 'person' WHERE run_id = {run}", "42501"),
    "inserted": ("INSERT INTO cutter_governance.run (run_id, pipeline, pipeline_sha256, mode, lock_key, requester,"
                 " requester_login, started_by) VALUES (gen_random_uuid(), 'x', {sha}, 'live', 'x', 'x', 'x', 'x')",
                 "42501"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_who_started_a_run_is_not_changed(walls: Walls, name: str, proof: Proof) -> None:
    """Without it a policy's run could become a person's, and write what persons may."""
    statement, expected = FORGED[name]
    opened = entered(walls)
    text = sql.SQL(statement).format(run=opened.ids.run, sha=ZEROS, key=TRIGGER).as_string(opened.conn)
    with walls.unwritten():
        for role in APP_ROLES:
            assert opened.refused(role, text) in (expected, "42501")
        assert opened.refused("cutter_appender", text) == expected
    proof("notify", f"started_by {name}", expected)


@pytest.mark.parametrize("starter", ["", "robot", "Policy", None])
def test_a_run_is_started_by_a_person_or_a_policy(walls: Walls, starter: str | None) -> None:
    """Without it a third word would pass one check as not a policy's, and another as not a person's."""
    opened = Opened(walls.connect(), Ids())
    statement = "SELECT cutter_governance.fn_run_create(%s, 'notify', %s, 'live', %s, %s)"
    refused = opened.refused("cutter_appender", statement, opened.ids.run, ZEROS, TRIGGER, starter)
    assert refused == ("23502" if starter is None else "23514")


# No words, no addresses

ADDRESS = "canary.person@example.org"
COLUMNS = (
    "SELECT a.attrelid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a"
    " JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relnamespace = 'comm'::regnamespace AND c.relkind IN ('r', 'p')"
    " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum"
)
# Columns that the run or the login fills, never an argument.
FILLED = {"tenant_id", "run_id", "intended_at", "created_at", "acknowledged_at", "acknowledged_by"}
WORDS = {
    "an address": ADDRESS, "a name": "Nguyễn Văn An", "a telephone number": "+84 90 123 45 67", "a space": " ",
    "two lines": "a\nb", "an address behind a sound beginning": f"{TRIGGER}\n{ADDRESS}", "nothing at all": "",
    "a small letter": TRIGGER.lower(), "a long word": "a" * 300,
}  # fmt: skip
MAY_BE_EMPTY = {"policy_id", "policy_version", "rule_id"}
SMALL = {"policy_id", "rule_id", "template_id", "policy_version", "template_version"}


def test_no_column_admits_free_text(walls: Walls, proof: Proof) -> None:
    """Without it the next column could hold a person's name, and nobody would have decided that."""
    columns = walls.superuser.execute(COLUMNS.encode()).fetchall()
    tried = 0
    for table, column, kind in columns:
        if kind in ("uuid", "integer", "timestamp with time zone") or column in FILLED:
            continue
        for name, word in WORDS.items():
            if (name == "nothing at all" and column in MAY_BE_EMPTY) or (name == "a small letter" and column in SMALL):
                continue
            value = json.dumps({"slot": word}) if kind == "jsonb" else word
            if kind == "jsonb" and name == "a small letter":
                continue
            assert _planted(walls, table, column, value) == "23514", f"{table}.{column} takes {name}"
            tried += 1
    assert len(columns) == 12 + 13
    assert tried > 100
    proof("notify", f"{len(WORDS)} kinds of free text into every column of comm, {tried} rows", "23514")


def _planted(walls: Walls, table: str, column: str, value: str) -> str:
    """What the table answers, behind every function and wall, to a row with this value in this column."""
    names = {"trigger": "trigger_id", "policy": "policy_id", "rule": "rule_id", "template": "template_id"}
    sound = MESSAGE if table == "comm.message" else NOTIFICATION
    row = {names.get(name, name): said for name, said in sound.items()} | {column: value}
    row |= {"tenant_id": "demo", "run_id": str(uuid4())}
    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Literal(said) for said in row.values()),
    )
    with pytest.raises(psycopg.Error) as caught, walls.superuser.transaction():
        walls.superuser.execute(insert)
    return caught.value.sqlstate or "?"


SLOTS = {
    "an address": {"a": ADDRESS}, "a sentence": {"a": "two words"}, "a name with a letter of ours": {"a": "Nguyễn"},
    "null": {"a": None}, "a list": {"a": ["x"]}, "an object": {"a": {"b": "x"}}, "an address as a key": {ADDRESS: "x"},
    "a key with a space": {"a b": "x"}, "an empty key": {"": "x"}, "an empty value": {"a": ""},
    "a value behind a line end": {"a": "x\n"}, "a long value": {"a": "x" * 65}, "a key in capitals": {"A": "x"},
    "many slots": {f"slot_{n}": "x" * 60 for n in range(100)},
}  # fmt: skip


@pytest.mark.parametrize("name", SLOTS)
def test_slots_are_closed(walls: Walls, name: str, proof: Proof) -> None:
    """Without it a notification could hold a text in a slot."""
    opened = entered(walls)
    statement, values = call("fn_notification_create", slots=json.dumps(SLOTS[name]))
    with walls.unwritten():
        assert opened.refused("cutter_notifier", statement, *values) == "23514"
    proof("notify", f"slots with {name}", "23514")


@pytest.mark.parametrize("slots", ['"text"', "[]", "1", "null", "true"])
def test_slots_are_an_object(walls: Walls, slots: str) -> None:
    """Without it a bare text would be slots."""
    opened = entered(walls)
    statement, values = call("fn_notification_create", slots=slots)
    assert opened.refused("cutter_notifier", statement, *values) == "23514"


# Tenants


def test_a_login_of_another_tenant_sees_and_does_nothing(walls: Walls, proof: Proof) -> None:
    """Without it one clinic would read whom another tells, or acknowledge what it was told."""
    mine = entered(walls)
    for writer in CALLS:
        statement, values = call(writer)
        mine.call("cutter_notifier", statement, *values)
    mine.conn.commit()
    stranger = Opened(walls.connect("stranger"), mine.ids)
    with walls.unwritten():
        for table in ("comm.message", "comm.notification"):
            assert stranger.call("cutter_survey", f"SELECT count(*) FROM {table}") == 0
        acknowledge = "SELECT comm.fn_notification_acknowledge(%s)"
        assert stranger.call("cutter_notifier", acknowledge, mine.ids.run) is None
        enters = "SELECT cutter_governance.fn_run_enter(%s, 'send')"
        assert stranger.refused("cutter_appender", enters, mine.ids.run) == "CU005"
        stranger.conn.commit()
    mine.conn.execute("SELECT 1")
    assert mine.call("cutter_survey", "SELECT count(*) FROM comm.notification") == 1
    proof("notify", "another tenant's login reads, enters and acknowledges", "no row, CU005, null")


def test_two_tenants_have_triggers_of_one_id(walls: Walls) -> None:
    """Without it one tenant's trigger would block another's."""
    mine = entered(walls)
    statement, values = call("fn_message_intend")
    mine.call("cutter_notifier", statement, *values)
    mine.conn.commit()
    theirs = known(walls, login="stranger")
    walls.superuser.execute(
        "INSERT INTO cutter_governance.approval_use (tenant_id, request_sha256, run_id, gate_id, covers, doc_prefix,"
        " row_count) VALUES ('elsewhere', %s, %s, %s, %s, %s, 1)",
        ("c" * 64, theirs.ids.run, GATE, list(BOTH), TRIGGER),
    )
    enter(theirs, "send")
    theirs.call("cutter_notifier", statement, *values)
    theirs.conn.commit()
    assert walls.superuser.execute(COUNT).fetchone() == (2, 0)


# Acknowledging


def test_a_notification_is_acknowledged_once_and_not_by_a_run(walls: Walls, proof: Proof) -> None:
    """Without it a policy's run could acknowledge what it told, and nobody would have read it."""
    opened = entered(walls)
    statement, values = call("fn_notification_create")
    opened.call("cutter_notifier", statement, *values)
    acknowledge = "SELECT comm.fn_notification_acknowledge(%s)"
    assert opened.refused("cutter_notifier", acknowledge, opened.ids.run) == "CU001"
    opened.conn.commit()
    assert opened.call("cutter_notifier", acknowledge, opened.ids.run) == "operator"
    opened.conn.commit()
    colleague = Opened(walls.connect("colleague"), opened.ids)
    with walls.unwritten():
        assert colleague.call("cutter_notifier", acknowledge, opened.ids.run) == "operator"
        colleague.conn.commit()
    proof("notify", "a run acknowledges its own notification", "CU001")

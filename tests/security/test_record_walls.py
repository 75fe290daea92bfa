"""Rows 18, 26, 30 and 47: what a live run leaves behind is written by its functions only, and never changed."""

import json

import psycopg
import pytest

from tests.plugins.proofs import Proof
from tests.security.approving import ask, begun, consume, provision, sign
from tests.security.ground import ZEROS, Ids, Opened, Walls, enter

RAISE = "SELECT cutter_governance.fn_trust_raise(%s, %s)"
KEEP = "SELECT cutter_governance.fn_checkpoint_keep(%s, %s, %s)"
INCIDENT = "SELECT cutter_governance.fn_incident_open(%s, %s)::text"
APPEND_ONLY = ("signature", "review_decision", "approval_use", "incident", "checkpoint")
RECORDS = (*APPEND_ONLY, "trust_floor")


def _append(opened: Opened) -> tuple[int, str]:
    """Append an event; the ledger's size and hash after it."""
    opened.take("cutter_appender")
    head = "SELECT size, head_sha256 FROM cutter_governance.fn_ledger_head()"
    row = opened.conn.execute(head.encode()).fetchone()
    assert row is not None
    body = {
        "seq": row[0] + 1,
        "prev_sha256": row[1],
        "tenant": "demo" if opened.conn.info.user != "stranger" else "elsewhere",
        "person_id": opened.conn.info.user,
        "run_id": opened.ids.run,
    }
    opened.call("cutter_appender", "SELECT cutter_governance.fn_ledger_append(%s)", [json.dumps(body).encode()])
    row = opened.conn.execute(head.encode()).fetchone()
    assert row is not None
    return row[0], row[1]


def _recorded(walls: Walls) -> Opened:
    """A run that has left a row in every table."""
    provision(walls)
    opened = begun(walls)
    request = ask(opened)
    consume(opened, request, [sign(walls, login, request) for login in ("content", "form")])
    opened.call("cutter_appender", RAISE, 3, ZEROS)
    opened.call("cutter_appender", INCIDENT, "cut_leg_a", "STOP_VERIFY_FAILED")
    opened.call("cutter_appender", KEEP, *_append(opened), b"envelope")
    opened.conn.commit()
    return opened


CHANGES = ("UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {} CASCADE")


@pytest.mark.parametrize("table", RECORDS)
def test_no_login_writes_a_record_itself(walls: Walls, table: str, proof: Proof) -> None:
    """Row 47. Without it a signature, a use or an incident could be written, changed or removed beside its function."""
    opened = _recorded(walls)
    signer = Opened(walls.connect("content"), Ids())
    name = f"cutter_governance.{table}"
    attempts = (f"INSERT INTO {name} DEFAULT VALUES", *(change.format(name) for change in CHANGES))
    with walls.unwritten():
        for role in ("operator", "cutter_survey", "cutter_writer", "cutter_appender"):
            assert {opened.refused(role, attempt) for attempt in attempts} == {"42501"}
        for role in ("content", "cutter_survey", "cutter_approver"):
            assert {signer.refused(role, attempt) for attempt in attempts} == {"42501"}
    proof("47", f"INSERT, UPDATE, DELETE, TRUNCATE of {table} by every role of a runner and of a signer", "42501")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_record_is_never_changed(walls: Walls, table: str, proof: Proof) -> None:
    """Row 26. Without it what people decided could be rewritten by whoever administers the database, unseen."""
    _recorded(walls)
    with walls.unwritten():
        for change in CHANGES:
            for setting in ("origin", "replica"):
                with pytest.raises(psycopg.Error) as caught, walls.superuser.transaction():
                    walls.superuser.execute(f"SET LOCAL session_replication_role = {setting}".encode())
                    walls.superuser.execute(change.format(f"cutter_governance.{table}").encode())
                assert caught.value.sqlstate == "CU008"
    proof("26", f"UPDATE, DELETE, TRUNCATE of {table} by a superuser, also one that replicates", "CU008")


@pytest.mark.parametrize("table", RECORDS)
def test_another_tenant_sees_no_record(walls: Walls, table: str, proof: Proof) -> None:
    """Row 48. Without it one tenant could read who approves what at another."""
    opened = _recorded(walls)
    count = f"SELECT count(*) FROM cutter_governance.{table}"
    assert opened.call("cutter_survey", count) != 0
    for login in ("stranger", "stranger_signs"):
        assert Opened(walls.connect(login), Ids()).call("cutter_survey", count) == 0
    proof("48", f"a login of another tenant reads {table}", "no row")


# The floor of trust

FLOORS: dict[str, tuple[tuple[int, str], str]] = {
    "the same again": ((3, ZEROS), ""),
    "a newer one": ((4, "1" * 64), ""),
    "an older one": ((2, ZEROS), "CU014"),
    "another of the same version": ((3, "1" * 64), "CU014"),
    "one below zero": ((-1, ZEROS), "23514"),
    "one beyond what JSON can say": ((2**53, ZEROS), "23514"),
}


@pytest.mark.parametrize("name", FLOORS)
def test_trust_only_moves_forward(walls: Walls, name: str, proof: Proof) -> None:
    """Row 18. Without it an old bundle, with keys that were revoked since, could be believed again."""
    (version, sha256), refused = FLOORS[name]
    opened = begun(walls)
    opened.call("cutter_appender", RAISE, 3, ZEROS)
    if refused:
        assert opened.refused("cutter_appender", RAISE, version, sha256) == refused
        version, sha256 = 3, ZEROS
    else:
        opened.call("cutter_appender", RAISE, version, sha256)
    opened.take("cutter_survey")
    stored = opened.conn.execute("SELECT version, sha256 FROM cutter_governance.trust_floor").fetchall()
    assert stored == [(version, sha256)]
    proof("18", f"a trust bundle after version 3: {name}", refused or "recorded")


def test_trust_of_a_tenant_is_its_own(walls: Walls, proof: Proof) -> None:
    """Row 48. Without it one tenant could shut another out with a version that it never had."""
    mine, theirs = begun(walls), begun(walls, "stranger")
    theirs.call("cutter_appender", RAISE, 99, ZEROS)
    theirs.conn.commit()
    mine.call("cutter_appender", RAISE, 1, ZEROS)
    proof("48", "another tenant raises its floor", "this tenant's stays")


OUTSIDE = {
    "fn_trust_raise": (RAISE, (1, ZEROS)),
    "fn_incident_open": (INCIDENT, ("cut_leg_a", "STOP_VERIFY_FAILED")),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_run_must_be_entered(walls: Walls, name: str, proof: Proof) -> None:
    """Row 50. Without it a record could be made of a run that nobody holds."""
    statement, values = OUTSIDE[name]
    opened = begun(walls)
    opened.conn.commit()
    with walls.unwritten():
        assert opened.refused("cutter_appender", statement, *values) == "CU001"
    proof("50", f"{name} outside a run", "CU001")


BAD_INCIDENTS = {
    "a text": ("cut_leg_a", "it broke because of Mr X"),
    "no code": ("cut_leg_a", ""),
    "a phase in words": ("the first leg", "STOP_VERIFY_FAILED"),
}


@pytest.mark.parametrize("name", BAD_INCIDENTS)
def test_an_incident_holds_words_only(walls: Walls, name: str, proof: Proof) -> None:
    """Row 44. Without it the text of an error could carry a row value into the records."""
    opened = begun(walls)
    with walls.unwritten():
        assert opened.refused("cutter_appender", INCIDENT, *BAD_INCIDENTS[name]) == "23514"
    proof("44", f"an incident with {name}", "23514")


# Checkpoints


def test_a_checkpoint_is_of_an_event(walls: Walls, proof: Proof) -> None:
    """Row 30. Without it the database would keep statements about events that it never had."""
    opened, theirs = begun(walls), begun(walls, "stranger")
    first, second = _append(opened), _append(opened)
    foreign = _append(theirs)
    opened.conn.commit()
    theirs.conn.commit()
    bad: dict[str, tuple[tuple[object, ...], str]] = {
        "another hash": ((1, ZEROS, b"e"), "CU016"),
        "the hash of another event": ((1, second[1], b"e"), "CU016"),
        "no event": ((0, first[1], b"e"), "CU016"),
        "an event to come": ((3, second[1], b"e"), "CU016"),
        "another tenant's event": ((*foreign, b"e"), "CU016"),
        "an envelope of nothing": ((*first, b""), "CU007"),
        "an envelope of 8 KiB and a byte": ((*first, b"x" * 8193), "CU007"),
    }
    with walls.unwritten():
        for name, (values, expected) in bad.items():
            assert opened.refused("cutter_appender", KEEP, *values) == expected
            proof("30", f"fn_checkpoint_keep of {name}", expected)
        for role in ("operator", "cutter_survey", "cutter_writer"):
            assert opened.refused(role, KEEP, *first, b"e") == "42501"


def test_the_first_checkpoint_of_a_size_stays(walls: Walls) -> None:
    """Without it a pass that appended nothing could not end, or would replace a statement that others have seen."""
    opened = begun(walls)
    head = _append(opened)
    opened.conn.commit()
    for envelope in (b"first", b"first", b"second"):
        opened.call("cutter_appender", KEEP, *head, envelope)
        opened.conn.commit()
    kept = walls.superuser.execute("SELECT size, head_sha256, envelope FROM cutter_governance.checkpoint").fetchall()
    assert kept == [(*head, b"first")]


def test_an_incident_is_of_the_run(walls: Walls) -> None:
    """Without it nobody could tell which failure people are asked to decide about."""
    opened = begun(walls)
    incident = opened.call("cutter_appender", INCIDENT, "cut_leg_a", "STOP_VERIFY_FAILED")
    opened.conn.commit()
    enter(opened)
    stored = walls.superuser.execute(
        "SELECT incident_id::text, run_id::text, phase, code FROM cutter_governance.incident"
    ).fetchall()
    assert stored == [(incident, opened.ids.run, "cut_leg_a", "STOP_VERIFY_FAILED")]

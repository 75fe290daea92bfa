"""The ledger's walls (row 26 of the attack table, and approvals-and-evidence §4): append only, and only what chains."""

import hashlib
import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cutter.postgres.session import PostgresSurvey
from tests.plugins.proofs import Proof
from tests.security.ground import Opened, Walls

APPEND = "SELECT cutter_governance.fn_ledger_append(%s::bytea[])"


def _head(opened: Opened) -> tuple[int, str]:
    opened.take("cutter_appender")
    row = opened.conn.execute("SELECT size, head_sha256 FROM cutter_governance.fn_ledger_head()").fetchone()
    assert row is not None
    return row[0], row[1]


def _event(opened: Opened, **changes: Any) -> dict[str, Any]:
    size, head = _head(opened)
    sound = {
        "seq": size + 1,
        "prev_sha256": head,
        "tenant": "demo",
        "person_id": "operator",
        "run_id": opened.ids.run,
        "event": "started",
    }
    return {**sound, **changes}


def _body(event: dict[str, Any]) -> bytes:
    return json.dumps(event, sort_keys=True, separators=(",", ":")).encode()


def _chained(opened: Opened, count: int) -> list[bytes]:
    """Bodies that chain to the head and to one another, hashed as the specification says."""
    size, head = _head(opened)
    bodies = []
    for seq in range(size + 1, size + count + 1):
        bodies.append(_body(_event(opened, seq=seq, prev_sha256=head)))
        head = hashlib.sha256(
            b"cutter-ledger/v1\n" + bytes.fromhex(head) + seq.to_bytes(8, "big") + bodies[-1]
        ).hexdigest()
    return bodies


def test_events_chain_from_the_genesis(walls: Walls, mode: str) -> None:
    """Without it a verifier that follows the specification would not agree with the database about a single hash."""
    opened = walls.open(mode)
    rows = walls.superuser.execute(
        "SELECT tenant_id, system_identifier, database_oid, log_id::text, head_sha256"
        " FROM cutter_governance.ledger_head WHERE tenant_id = 'demo'"
    ).fetchone()
    assert rows is not None
    genesis = hashlib.sha256("\n".join(["cutter-ledger/v1 genesis", *map(str, rows[:4])]).encode()).hexdigest()
    assert genesis == rows[4] == _head(opened)[1]
    bodies = _chained(opened, 30)
    assert opened.call("cutter_appender", APPEND, bodies[:10]) == 10
    assert opened.call("cutter_appender", APPEND, bodies[10:]) == 30
    stored = PostgresSurvey(opened.conn).rows(
        "SELECT seq, prev_sha256, body, row_sha256 FROM cutter_governance.ledger_event ORDER BY seq", {}
    )
    previous = genesis
    for seq, prev, body, row in stored:
        assert (prev, body) == (previous, bodies[seq - 1])
        previous = hashlib.sha256(
            b"cutter-ledger/v1\n" + bytes.fromhex(prev) + seq.to_bytes(8, "big") + body
        ).hexdigest()
        assert row == previous
    assert _head(opened) == (30, previous)


FORGERIES: dict[str, tuple[dict[str, Any], str]] = {
    "another person": ({"person_id": "sovereign"}, "CU006"),
    "another tenant": ({"tenant": "elsewhere"}, "CU006"),
    "another run": ({"run_id": str(uuid4())}, "CU006"),
    "the first number again": ({"seq": 1}, "CU006"),
    "a number left out": ({"seq": 4}, "CU006"),
    "the number as text": ({"seq": "3"}, "CU006"),
    "another previous event": ({"prev_sha256": "0" * 64}, "CU006"),
    "no person": ({"person_id": None}, "CU006"),
    "too much": ({"pad": "x" * 8192}, "CU007"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_event_is_refused(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 26. Without it the app's login could write what another person did, or break the chain."""
    changes, expected = FORGERIES[name]
    opened = walls.open(mode)
    opened.call("cutter_appender", APPEND, _chained(opened, 2))
    with walls.unwritten():
        assert opened.refused("cutter_appender", APPEND, [_body(_event(opened, **changes))]) == expected
    proof("26", f"{mode}: an event with {name}", expected)


BAD_BODIES = {
    "not JSON": b"{",
    "not UTF-8": b'{"seq": "\xff"}',
    "an array": b"[1]",
    "a number": b"1",
    "nothing": b"",
    "a zero character": b'{"seq": "\\u0000"}',
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_an_event_that_is_no_object_is_refused(walls: Walls, name: str, proof: Proof) -> None:
    """Row 26. Without it the chain would hold what no verifier can read, or the server would quote it in an error."""
    opened = walls.commit()
    with walls.unwritten(), pytest.raises(psycopg.Error) as caught:
        opened.call("cutter_appender", APPEND, [BAD_BODIES[name]])
    assert caught.value.sqlstate == "CU006"
    assert caught.value.diag.message_detail is None
    proof("26", f"an event whose body is {name}", "CU006")


def test_a_key_twice_is_refused(walls: Walls, proof: Proof) -> None:
    """Row 26. Without it two readers of one body could see two different persons."""
    opened = walls.commit()
    body = _body(_event(opened)).replace(b'{"event"', b'{"person_id":"sovereign","event"')
    with walls.unwritten():
        assert opened.refused("cutter_appender", APPEND, [body]) == "CU006"
    proof("26", "an event that names two persons under one key", "CU006")


def test_an_event_outside_a_run_is_refused(walls: Walls, proof: Proof) -> None:
    """Row 26. Without it a run's history could grow in a transaction that never held the run."""
    opened = walls.commit()
    opened.conn.commit()
    with walls.unwritten():
        assert opened.refused("cutter_appender", APPEND, [_body(_event(opened))]) == "CU006"
    proof("26", "an event of a run that the transaction has not entered", "CU006")


CHANGES = {
    "change an event": "UPDATE cutter_governance.ledger_event SET body = ''",
    "delete an event": "DELETE FROM cutter_governance.ledger_event",
    "truncate the events": "TRUNCATE cutter_governance.ledger_event",
    "rewind the head": "UPDATE cutter_governance.ledger_head SET size = size - 1",
    "rename the log": "UPDATE cutter_governance.ledger_head SET size = size + 1, log_id = gen_random_uuid()",
    "delete the head": "DELETE FROM cutter_governance.ledger_head",
    "truncate the heads": "TRUNCATE cutter_governance.ledger_head",
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_ledger_is_append_only(walls: Walls, name: str, proof: Proof) -> None:
    """Row 26. Without it history could be changed by those whom it is about."""
    opened = walls.commit()
    opened.call("cutter_appender", APPEND, _chained(opened, 2))
    opened.conn.commit()
    with walls.unwritten():
        for role in ("operator", "cutter_survey", "cutter_writer", "cutter_appender"):
            assert opened.refused(role, CHANGES[name]) == "42501"
        opened.conn.rollback()
        for setting in ("origin", "replica"):
            with pytest.raises(psycopg.Error) as caught, walls.superuser.transaction():
                walls.superuser.execute(f"SET LOCAL session_replication_role = {setting}".encode())
                walls.superuser.execute(CHANGES[name].encode())
            assert caught.value.sqlstate == "CU008"
    proof("26", f"{name}: by each app role, by a superuser, by a superuser that replicates", "42501, CU008, CU008")


OWN_RECORDS = {
    "a marker": (
        "INSERT INTO cutter_governance.phase_marker (guard, key, key_sha256, run_id, phase, operation, outcome)"
        " VALUES ('G', '{a}', repeat('0', 64), %s, %s, 'o@1', '')"
    ),
    "a document": (
        "INSERT INTO kb.document (kb_id, run_id, media_type, body, sha256)"
        " VALUES (%s || '/' || %s, %s, 'text/plain', '', encode(sha256(''), 'hex'))"
    ),
}


def test_a_run_records_only_for_itself(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 50. Without it one run could mark another's effect as done, or publish in its name."""
    other = str(uuid4())
    opened = walls.open(mode)
    marker, document = OWN_RECORDS["a marker"], OWN_RECORDS["a document"]
    opened.take("cutter_appender")
    opened.conn.execute(marker.encode(), (opened.ids.run, "p"))
    opened.conn.execute(document.encode(), ("a", "b", opened.ids.run))
    with walls.unwritten():
        assert opened.refused("cutter_appender", marker, other, "p") == "42501"
        assert opened.refused("cutter_appender", document, "a", "c", other) == "42501"
        for table in ("cutter_governance.phase_marker", "kb.document"):
            for statement in ("UPDATE {} SET run_id = run_id", "DELETE FROM {}", "TRUNCATE {}"):
                assert opened.refused("cutter_appender", statement.format(table)) == "42501"
        opened.conn.rollback()
        assert opened.refused("cutter_appender", marker, opened.ids.run, "p") == "42501"
    proof("50", f"{mode}: a marker or document for another run, changed, or outside a run", "42501")

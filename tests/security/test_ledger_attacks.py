"""Rows 26–30 of the attack table: whoever owns the database can change every row, and is found out from outside.

The attacks are a superuser's with every trigger taken off. Each is answered with exit 60 and the place.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from uuid import uuid4

import msgspec
import psycopg
import pytest

from cutter import chain
from cutter.app.compose import Reached
from cutter.app.ledger import verify_ledger_at
from cutter.app.system import SystemClock
from cutter.approval.trust import TrustBundle
from cutter.checkpoints import PAYLOAD_TYPE, Checkpoint
from cutter.custody.machine_key import load_runner_key, make_runner_key
from cutter.custody.signing import StubSigning
from cutter.stops import Exit, Stop, StopCode
from tests.plugins.proofs import Proof
from tests.support.ledger import LedgerOffice, open_ledger_office
from tests.support.runs import Office

pytestmark = pytest.mark.attacks

EVENT = "cutter_governance.ledger_event"
HEAD = "cutter_governance.ledger_head"


@pytest.fixture
def ledger(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LedgerOffice:
    """Two runs whose events are in the ledger, with a checkpoint after each."""
    made = open_ledger_office(office, tmp_path / "home", monkeypatch)
    for _ in range(2):
        made.record()
        made.checkpoint()
    return made


def refused(ledger: LedgerOffice, trust: TrustBundle | None = None) -> Stop:
    """The stop that verifying ends with."""
    with pytest.raises(Stop) as caught:
        ledger.verify(trust)
    assert caught.value.code is StopCode.STOP_LEDGER_BROKEN
    assert caught.value.code.exit is Exit.EVIDENCE
    return caught.value


def size_of(ledger: LedgerOffice) -> int:
    """How many events there are."""
    return int(ledger.office.rows(f"SELECT count(*) FROM {EVENT}")[0][0])


def test_a_ledger_that_nobody_touched_is_whole(ledger: LedgerOffice) -> None:
    """Without it every refusal below could be a false alarm."""
    found = ledger.verify()

    assert found.events == found.anchored == size_of(ledger)
    assert {(known.place, known.checkpoints) for known in found.known} == {
        ("workspace", 2),
        ("user", 2),
        ("database", 2),
    }


def test_events_after_the_last_checkpoint_are_told(ledger: LedgerOffice) -> None:
    """Without it a reader would believe that copies vouch for events that nobody else has seen."""
    ledger.record()

    found = ledger.verify()

    assert found.anchored < found.events == size_of(ledger)


def relink(ledger: LedgerOffice, first: int) -> None:
    """Chain every row from `first` on anew, and move the head there: what a forger does to hide a change."""
    rows = ledger.office.rows(f"SELECT seq, prev_sha256, body, row_sha256 FROM {EVENT} ORDER BY seq")
    previous = rows[first - 1][1]
    with psycopg.connect(ledger.office.database.superuser) as connection:
        connection.execute(f"ALTER TABLE {EVENT} DISABLE TRIGGER ALL; ALTER TABLE {HEAD} DISABLE TRIGGER ALL".encode())
        for seq, _, body, _ in rows[first - 1 :]:
            plain = {**msgspec.json.decode(bytes(body)), "prev_sha256": previous}
            chained = msgspec.json.encode(plain, order="sorted")
            sha256 = chain.row_sha256(previous, seq, chained)
            connection.execute(
                f"UPDATE {EVENT} SET prev_sha256 = %s, body = %s, row_sha256 = %s WHERE seq = %s".encode(),
                (previous, chained, sha256, seq),
            )
            previous = sha256
        connection.execute(f"UPDATE {HEAD} SET head_sha256 = %s".encode(), (previous,))
        connection.execute(f"ALTER TABLE {EVENT} ENABLE TRIGGER ALL; ALTER TABLE {HEAD} ENABLE TRIGGER ALL".encode())


def _update(ledger: LedgerOffice) -> None:
    body = "convert_to(replace(convert_from(body, 'UTF8'), '\"at\":\"2', '\"at\":\"1'), 'UTF8')"
    ledger.as_superuser(f"UPDATE {EVENT} SET body = {body} WHERE seq = 5")


def _rehash_one(ledger: LedgerOffice) -> None:
    _update(ledger)
    ledger.as_superuser(
        f"UPDATE {EVENT} SET row_sha256 = encode(sha256('cutter-ledger/v1\n'::bytea || decode(prev_sha256, 'hex')"
        " || int8send(seq) || body), 'hex') WHERE seq = 5"
    )


def _swap(ledger: LedgerOffice) -> None:
    ledger.as_superuser(
        f"UPDATE {EVENT} SET seq = 1005 WHERE seq = 5",
        f"UPDATE {EVENT} SET seq = 5 WHERE seq = 6",
        f"UPDATE {EVENT} SET seq = 6 WHERE seq = 1005",
    )


def _insert(ledger: LedgerOffice) -> None:
    """A further event that chains to the last, without a head that counts it."""
    ledger.as_superuser(
        f"INSERT INTO {EVENT} (tenant_id, seq, run_id, body, row_sha256, prev_sha256)"
        f" SELECT tenant_id, seq + 1, run_id, b, encode(sha256('cutter-ledger/v1\n'::bytea"
        " || decode(row_sha256, 'hex') || int8send(seq + 1) || b), 'hex'), row_sha256 FROM (SELECT *, convert_to("
        " (convert_from(body, 'UTF8')::jsonb || jsonb_build_object('seq', seq + 1, 'prev_sha256', row_sha256))::text,"
        f" 'UTF8') AS b FROM {EVENT} ORDER BY seq DESC LIMIT 1) AS last"
    )


def _shift(ledger: LedgerOffice) -> None:
    """An event put in between: those after it move up."""
    ledger.as_superuser(
        f"UPDATE {EVENT} SET seq = seq + 1000 WHERE seq >= 5",
        f"UPDATE {EVENT} SET seq = seq - 999 WHERE seq >= 1005",
        f"INSERT INTO {EVENT} (tenant_id, seq, run_id, body, row_sha256, prev_sha256)"
        f" SELECT tenant_id, 5, run_id, body, row_sha256, prev_sha256 FROM {EVENT} WHERE seq = 4",
    )


def _move_to_another_run(ledger: LedgerOffice) -> None:
    """The column that runs are read by, with the bytes as they are."""
    ledger.as_superuser(
        f"UPDATE {EVENT} SET run_id = (SELECT run_id FROM {EVENT} ORDER BY seq DESC LIMIT 1) WHERE seq = 5"
    )


ALTERED: dict[str, tuple[Callable[[LedgerOffice], None], str]] = {
    "a body is changed": (_update, "altered_at_5"),
    "a body and its hash are changed": (_rehash_one, "altered_at_6"),
    "an event is deleted": (lambda o: o.as_superuser(f"DELETE FROM {EVENT} WHERE seq = 5"), "gap_at_5"),
    "the first event is deleted": (lambda o: o.as_superuser(f"DELETE FROM {EVENT} WHERE seq = 1"), "gap_at_1"),
    "two events are swapped": (_swap, "altered_at_5"),
    "an event is put in between": (_shift, "altered_at_5"),
    "an event is moved to another run": (_move_to_another_run, "altered_at_5"),
    "a body names no run": (lambda o: _rechained(o, 5, "run_id"), "unreadable_at_5"),
    "the head has another hash": (
        lambda o: o.as_superuser(f"UPDATE {HEAD} SET head_sha256 = repeat('a', 64)"),
        "altered_at_{size}",
    ),
    "an event is added that the head does not count": (_insert, "altered_at_{more}"),
    "the head says that the log was begun elsewhere": (
        lambda o: o.as_superuser(f"UPDATE {HEAD} SET system_identifier = '7'"),
        "altered_at_1",
    ),
}


def _rechained(ledger: LedgerOffice, seq: int, key: str) -> None:
    """A body that lacks a word, with its own hash made right."""
    ledger.as_superuser(
        f"UPDATE {EVENT} SET body = convert_to((convert_from(body, 'UTF8')::jsonb - '{key}')::text, 'UTF8')"
        f" WHERE seq = {seq}",
        f"UPDATE {EVENT} SET row_sha256 = encode(sha256('cutter-ledger/v1\n'::bytea || decode(prev_sha256, 'hex')"
        f" || int8send(seq) || body), 'hex') WHERE seq = {seq}",
    )


@pytest.mark.parametrize("name", ALTERED)
def test_a_changed_row_is_found_with_its_place(ledger: LedgerOffice, name: str, proof: Proof) -> None:
    """Row 26. Without it history could be rewritten by whoever owns the database."""
    attack, detail = ALTERED[name]
    size = size_of(ledger)
    attack(ledger)

    assert refused(ledger).detail == detail.format(size=size, more=size + 1)
    proof("26", name, detail)


def _cut_tail(ledger: LedgerOffice, *, rewind: bool, keep: int) -> None:
    statements = [f"DELETE FROM {EVENT} WHERE seq > {keep}"]
    if rewind:
        hashed = f"SELECT row_sha256 FROM {EVENT} WHERE seq = {keep}"
        genesis = f"SELECT prev_sha256 FROM {EVENT} WHERE seq = 1"
        statements.insert(
            0, f"UPDATE {HEAD} SET size = {keep}, head_sha256 = coalesce(({hashed}), ({genesis})) WHERE size > 0"
        )
    ledger.as_superuser(*statements)


TRUNCATED: dict[str, tuple[bool, int]] = {
    "the tail is deleted": (False, 10),
    "the tail is deleted and the head rewound": (True, 10),
    "the last event is deleted and the head rewound": (True, -1),
    "all events are deleted and the head rewound": (True, 0),
    "all events are deleted": (False, 0),
}


@pytest.mark.parametrize("name", TRUNCATED)
def test_a_truncated_ledger_is_found(ledger: LedgerOffice, name: str, proof: Proof) -> None:
    """Row 27. Without a copy elsewhere a shorter chain is as whole as a longer one."""
    rewind, keep = TRUNCATED[name]
    size = size_of(ledger)
    keep = keep if keep >= 0 else size - 1
    _cut_tail(ledger, rewind=rewind, keep=keep)
    ledger.as_superuser("DELETE FROM cutter_governance.approval_use")

    assert refused(ledger).detail == f"truncated_have_{keep}_seen_{size}"
    proof("27", name, "truncated_have_M_seen_N")


def test_a_request_is_a_witness_when_every_checkpoint_is_gone(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 27. Without it an attacker who also deletes the checkpoints would be believed by those who signed."""
    seen = ledger.office.rows(f"SELECT count(*) FROM {EVENT}")[0][0] // 2
    forget(ledger)
    _cut_tail(ledger, rewind=True, keep=3)
    ledger.as_superuser("DELETE FROM cutter_governance.approval_use")

    stop = refused(ledger)

    assert stop.detail == f"truncated_have_3_seen_{seen}"
    assert stop.where.startswith("approvals/")
    proof("27", "the checkpoints are deleted too: a request says what was", "truncated_have_M_seen_N")


def test_a_ledger_that_was_chained_anew_is_found(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 28. Without a copy elsewhere a chain of new hashes is as good as the old one."""
    _update(ledger)
    relink(ledger, 5)

    assert refused(ledger).detail == "forked"
    proof("28", "an event is changed and all that follow are chained anew", "forked")


def test_a_ledger_of_another_log_is_found(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 28. Without it a whole new log could take the place of the one that was known."""
    columns = "tenant_id, system_identifier, database_oid"
    ledger.as_superuser(
        "DELETE FROM cutter_governance.checkpoint",
        "DELETE FROM cutter_governance.approval_use",
        "DELETE FROM kb.document WHERE kb_id LIKE 'approvals/%'",
        f"DELETE FROM {EVENT}",
        f"UPDATE {HEAD} SET size = 0, log_id = gen_random_uuid()",
        f"UPDATE {HEAD} SET head_sha256 = encode(sha256(convert_to(concat_ws(E'\\n', 'cutter-ledger/v1 genesis',"
        f" {columns}, log_id), 'UTF8')), 'hex')",
    )

    assert refused(ledger).detail == "rollback"
    proof("28", "a new log takes the place of the one that the workspace knows", "rollback")


def test_a_ledger_that_was_restored_elsewhere_is_found(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 29. Without it a clone or a restored backup would go on as if nothing had happened."""
    name = f"clone_{uuid4().hex[:12]}"
    database = ledger.office.database
    with psycopg.connect(database.superuser.replace(database.name, "postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{database.name}"'.encode())
        try:
            connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO PUBLIC'.encode())
            elsewhere = Reached(ledger.reached.conninfo.replace(database.name, name), "clone")
            with pytest.raises(Stop) as caught:
                verify_ledger_at(ledger.settings, elsewhere, ledger.trust, StubSigning(SystemClock().now))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())

    assert (caught.value.detail, caught.value.where) == ("rollback", "database")
    proof("29", "the database is a copy of the one in which the log was begun", "rollback")


def forget(ledger: LedgerOffice) -> None:
    """Delete every checkpoint."""
    shutil.rmtree(ledger.settings.state / "checkpoints")
    shutil.rmtree(ledger.settings.user_state / "checkpoints")
    ledger.as_superuser("DELETE FROM cutter_governance.checkpoint")


def files(ledger: LedgerOffice) -> Iterator[Path]:
    """Every checkpoint file."""
    yield from sorted((ledger.settings.state / "checkpoints").iterdir())
    yield from sorted(p for p in (ledger.settings.user_state / "checkpoints").rglob("*.json"))


def test_one_place_of_checkpoints_may_be_lost(ledger: LedgerOffice) -> None:
    """Row 30. Without two places one deleted folder would leave the ledger without a witness."""
    shutil.rmtree(ledger.settings.state / "checkpoints")

    assert ledger.verify().anchored == size_of(ledger)


def test_without_any_copy_nothing_is_called_whole(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 30. Without it deleting the copies would be the way to make a forged ledger pass."""
    forget(ledger)

    assert (refused(ledger).detail, refused(ledger).found) == ("unanchored", "")
    proof("30", "every checkpoint is deleted", "unanchored")


def test_a_copy_in_the_database_alone_is_none(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 30. Without it whoever rewrites the ledger would also write its only witness."""
    shutil.rmtree(ledger.settings.state / "checkpoints")
    shutil.rmtree(ledger.settings.user_state / "checkpoints")

    assert refused(ledger).detail == "unanchored"
    proof("30", "only the database keeps checkpoints", "unanchored")


def _by_another_key(ledger: LedgerOffice, path: Path) -> bytes:
    stranger = path.parent.parent / "stranger"
    make_runner_key(stranger)
    return load_runner_key(stranger).sign(_body(ledger, path), PAYLOAD_TYPE)


def _of_another_tenant(ledger: LedgerOffice, path: Path) -> bytes:
    """Signed by the same host, for another tenant's log, under this log's name."""
    made = msgspec.structs.replace(_checkpoint(ledger, path), log_id=str(uuid4()))
    return load_runner_key(ledger.settings.credentials).sign(made.body, PAYLOAD_TYPE)


def _of_another_length(ledger: LedgerOffice, path: Path) -> bytes:
    made = msgspec.structs.replace(_checkpoint(ledger, path), size=1)
    return load_runner_key(ledger.settings.credentials).sign(made.body, PAYLOAD_TYPE)


def _of_another_kind(ledger: LedgerOffice, path: Path) -> bytes:
    return load_runner_key(ledger.settings.credentials).sign(_body(ledger, path), "application/json")


def _checkpoint(ledger: LedgerOffice, path: Path) -> Checkpoint:
    log_id, _, size = path.stem.rpartition("-")
    seq = int(size)
    head = ledger.office.rows(f"SELECT row_sha256 FROM {EVENT} WHERE seq = {seq}")[0][0]
    return Checkpoint(log_id=log_id, size=seq, head_sha256=head, at="2026-11-21T10:00:00Z")


def _body(ledger: LedgerOffice, path: Path) -> bytes:
    return _checkpoint(ledger, path).body


SWAPPED: dict[str, Callable[[LedgerOffice, Path], bytes]] = {
    "signed by a key that the bundle does not name": _by_another_key,
    "another tenant's": _of_another_tenant,
    "of another length": _of_another_length,
    "signed as something else": _of_another_kind,
    "with a byte changed": lambda _, path: path.read_bytes().replace(b'"sig":"', b'"sig":"A', 1),
    "with a line end": lambda _, path: path.read_bytes() + b"\n",
    "nothing": lambda _, path: b"",
}


@pytest.mark.parametrize("name", SWAPPED)
@pytest.mark.parametrize("place", ["workspace", "user"])
def test_a_swapped_checkpoint_is_found(ledger: LedgerOffice, name: str, place: str, proof: Proof) -> None:
    """Row 30. Without it a witness could be exchanged for one that says what the attacker wants."""
    path = [*files(ledger)][0 if place == "workspace" else -1]
    path.write_bytes(SWAPPED[name](ledger, path))

    stop = refused(ledger)

    assert (stop.detail, stop.where) == ("checkpoint_signature", str(path))
    proof("30", f"a checkpoint of the {place} is {name}", "checkpoint_signature")


def test_a_checkpoint_outside_the_keys_time_is_none(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 30. Without it a key that was taken out of service could vouch for ever."""
    ended = tuple(msgspec.structs.replace(key, valid_to="2001-01-01T00:00:00Z") for key in ledger.trust.runner_keys)
    for keys in (ended, ()):
        trust = msgspec.structs.replace(ledger.trust, runner_keys=keys)
        assert refused(ledger, trust).detail == "checkpoint_signature"
    proof("30", "the runner key was not valid when the checkpoint was made", "checkpoint_signature")


def test_a_use_without_its_event_is_found(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 26. Without it an approval could be used by a row that no event tells of."""
    run = ledger.office.rows(f"SELECT run_id FROM {EVENT} LIMIT 1")[0][0]
    ledger.as_superuser(
        "INSERT INTO cutter_governance.approval_use"
        " (tenant_id, request_sha256, run_id, gate_id, covers, doc_prefix, row_count)"
        f" VALUES ('demo', repeat('a', 64), '{run}', 'GATE_FORGED', '{{}}', 'X', 1)"
    )

    stop = refused(ledger)

    assert (stop.detail, stop.where) == ("use_without_event", f"{run}/GATE_FORGED")
    proof("26", "a use of an approval is planted", "use_without_event")


def test_an_event_without_its_use_is_found(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 26. Without it the trace of who consumed an approval could be removed."""
    ledger.as_superuser("DELETE FROM cutter_governance.approval_use")

    assert refused(ledger).detail == "event_without_use"
    proof("26", "the uses of approvals are deleted", "event_without_use")


def test_an_altered_request_is_found(ledger: LedgerOffice, proof: Proof) -> None:
    """Row 27. Without it what a witness saw could be changed to what is left of the ledger."""
    changed = "convert_to(replace(convert_from(body, 'UTF8'), '\"gate_index\":4', '\"gate_index\":5'), 'UTF8')"
    kb_id = ledger.office.rows("SELECT min(kb_id) FROM kb.document WHERE kb_id LIKE 'approvals/%'")[0][0]
    ledger.as_superuser(
        f"UPDATE kb.document SET body = {changed}, sha256 = encode(sha256({changed}), 'hex') WHERE kb_id = '{kb_id}'"
    )

    stop = refused(ledger)

    assert (stop.detail, stop.where) == ("request_altered", kb_id)
    proof("27", "a request is altered with its digest", "request_altered")


def test_a_ledger_that_is_written_meanwhile_is_whole(ledger: LedgerOffice) -> None:
    """Without one snapshot a run that goes on while somebody verifies would look like an attack."""
    writer = Thread(target=ledger.record, kwargs={"opened": False})
    writer.start()
    while writer.is_alive():
        ledger.verify()
    writer.join()

    assert ledger.verify().events == size_of(ledger)


def test_the_specification_is_followed(ledger: LedgerOffice) -> None:
    """Without it only cutter itself could verify a ledger: this is the page's recipe, in other words."""
    head = ledger.office.rows(
        f"SELECT tenant_id, system_identifier, database_oid, log_id::text, head_sha256 FROM {HEAD}"
    )
    previous = hashlib.sha256("\n".join(["cutter-ledger/v1 genesis", *map(str, head[0][:4])]).encode()).hexdigest()
    for seq, body in ledger.office.rows(f"SELECT seq, body FROM {EVENT} ORDER BY seq"):
        raw = b"cutter-ledger/v1\n" + bytes.fromhex(previous) + seq.to_bytes(8, "big") + body
        previous = hashlib.sha256(raw).hexdigest()

    assert previous == head[0][4] == ledger.verify().head_sha256

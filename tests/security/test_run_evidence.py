"""Row 20 of the attack table, and what is kept of a run in the knowledge base: every change is found and named."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest

from cutter import canon
from cutter.app.kept import find_kept
from cutter.app.ledger import verify_ledger_at
from cutter.app.proofs import order_of, pipeline_of, prove_finished, replay_run, verify_run
from cutter.app.runs import list_runs, show_run
from cutter.app.sidecars import verify_sidecars
from cutter.app.system import SystemClock
from cutter.execution import Execution
from cutter.journal import Journal
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing
from cutter.stops import Exit, Stop, StopCode
from tests.plugins.proofs import Proof
from tests.support.ledger import AT_GATE, LedgerOffice, open_ledger_office
from tests.support.runs import SIGNING, Office, StaticTrust, completed, ignore

pytestmark = pytest.mark.attacks

PLAN = "03-plan.json"


@pytest.fixture
def ledger(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LedgerOffice:
    """An office whose runs stand in the ledger."""
    return open_ledger_office(office, tmp_path / "home", monkeypatch)


@pytest.fixture
def run(ledger: LedgerOffice) -> tuple[str, Path]:
    """A run of the database with its files on this host."""
    run_id = ledger.record()
    return run_id, ledger.keep_files(run_id)


def test_a_run_that_nobody_touched_is_proved(ledger: LedgerOffice, run: tuple[str, Path]) -> None:
    """Without it every refusal below could be a false alarm."""
    found = verify_run(ledger.settings, run[0][:8])

    assert (found.source, found.phases, found.voided_by) == ("database", ("discover", "plan"), "")
    assert found.documents == 7  # start, four phases, plan and request
    assert (found.files.missing, found.files.earlier) == ((), ())


def _edit(folder: Path) -> None:
    path = folder / PLAN
    path.write_bytes(path.read_bytes().replace(b'"index":3', b'"index":4'))


def _redigest(folder: Path) -> None:
    """An edit whose own digest is right."""
    body = json.loads((folder / PLAN).read_bytes())
    body["prompt"] = "other"
    bare = {**body, "sha256": "", "volatile": {"ended_at": "", "started_at": ""}}
    body["sha256"] = canon.digest(bare)
    (folder / PLAN).write_bytes(canon.encode(body))


def _reorder(folder: Path) -> None:
    first, second = folder / "02-survey.json", folder / PLAN
    bodies = first.read_bytes(), second.read_bytes()
    first.write_bytes(bodies[1])
    second.write_bytes(bodies[0])


def _reindex(folder: Path) -> None:
    path = folder / "index.json"
    body = json.loads(path.read_bytes())
    body["entries"].reverse()
    path.write_bytes(canon.encode(body))


def _forge_event(folder: Path) -> None:
    path = folder / "events.jsonl"
    path.write_bytes(path.read_bytes().replace(b"sovereign", b"operator!", 1))


CHANGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "edited": (_edit, PLAN),
    "edited, its own digest made right": (_redigest, PLAN),
    "exchanged with another": (_reorder, "02-survey.json"),
    "reordered in the index": (_reindex, "index.json"),
    "empty": (lambda folder: (folder / PLAN).write_bytes(b""), PLAN),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_sidecar_is_found(ledger: LedgerOffice, run: tuple[str, Path], name: str, proof: Proof) -> None:
    """Row 20. Without it the files that people read could tell another story than the ledger."""
    change, detail = CHANGED[name]
    change(run[1])

    for verify in (verify_sidecars, verify_run, replay_run):
        with pytest.raises(Stop) as caught:
            verify(ledger.settings, run[0])
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_SIDECAR_CHANGED, detail)
    proof("20", f"a sidecar is {name}", "STOP_SIDECAR_CHANGED")


def test_a_foreign_sidecar_is_found(ledger: LedgerOffice, run: tuple[str, Path], proof: Proof) -> None:
    """Row 20. Without it another run's file could stand for this run's."""
    other = ledger.keep_files(ledger.record())
    shutil.copy(other / PLAN, run[1] / PLAN)

    with pytest.raises(Stop) as caught:
        verify_run(ledger.settings, run[0])

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_SIDECAR_CHANGED, PLAN)
    proof("20", "a sidecar is taken from another run", "STOP_SIDECAR_CHANGED")


def test_a_deleted_sidecar_is_folded_again(ledger: LedgerOffice, run: tuple[str, Path], proof: Proof) -> None:
    """Row 20. Without it a crash, which loses files too, would make a run look forged."""
    (run[1] / PLAN).unlink()

    assert verify_run(ledger.settings, run[0]).files.missing == (PLAN,)
    assert verify_sidecars(ledger.settings, run[0]).missing == (PLAN,)
    proof("20", "a sidecar is deleted", "folded again, noted")


def test_a_run_without_a_folder_is_told_from_the_ledger(ledger: LedgerOffice, run: tuple[str, Path]) -> None:
    """Without it a run that was made on another host, or whose files are gone, could not be shown or proved."""
    shutil.rmtree(ledger.settings.state / "runs")

    shown, proved = show_run(ledger.settings, run[0][:8]), verify_run(ledger.settings, run[0])

    assert shown.result is not None
    assert (shown.run_id, shown.result.status.value) == (run[0], "unfinished")
    assert [item.phase for item in shown.sidecars][:3] == ["discover", "survey", "plan"]
    assert (proved.files.missing, len(proved.phases)) == ((), 2)


def test_files_of_an_earlier_moment_are_noted(ledger: LedgerOffice) -> None:
    """Without it a host from which a run moved away would accuse it."""
    run_id = ledger.record()
    waits = next(
        i for i, told in enumerate(replay_run(ledger.settings, run_id).story, 1) if told.event == "GateWaiting"
    )
    ledger.keep_files(run_id, events=waits)

    found = verify_run(ledger.settings, run_id).files

    assert (found.earlier, found.missing) == ((f"04-{AT_GATE}.json", "index.json"), ("05-backup.json",))


def test_events_of_another_story_are_found(ledger: LedgerOffice, run: tuple[str, Path], proof: Proof) -> None:
    """Row 20. Without it the folder's own chain could say what the ledger never did."""
    _forge_event(run[1])

    with pytest.raises(Stop) as caught:
        verify_run(ledger.settings, run[0])

    assert caught.value.code in (StopCode.STOP_SIDECAR_CHANGED, StopCode.STOP_LEDGER_BROKEN)
    proof("20", "the events of the folder are edited", caught.value.code.name)


DOCUMENTS = ("runs/{run}/03-plan", "runs/{run}/plan", "approvals/{run}/")


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("gone", [False, True], ids=["changed", "gone"])
def test_an_altered_document_is_found(
    ledger: LedgerOffice, run: tuple[str, Path], document: str, gone: bool, proof: Proof
) -> None:
    """Row 20. Without it what people read of a run in the knowledge base could be rewritten, digest and all."""
    prefix = document.format(run=run[0])
    kb_id = ledger.office.rows(f"SELECT min(kb_id) FROM kb.document WHERE kb_id LIKE '{prefix}%'")[0][0]
    where = f"WHERE kb_id = '{kb_id}'"
    changed = "body || ' '::bytea"
    update = f"UPDATE kb.document SET body = {changed}, sha256 = encode(sha256({changed}), 'hex') {where}"
    ledger.as_superuser(f"DELETE FROM kb.document {where}" if gone else update)

    with pytest.raises(Stop) as caught:
        verify_run(ledger.settings, run[0])

    word = "gone" if gone else "changed"
    detail = "document_missing" if gone else "document_changed"
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_VERIFY_FAILED, detail)
    assert caught.value.where == kb_id
    proof("20", f"a document of the knowledge base is {word}", f"STOP_VERIFY_FAILED {detail}")


def test_an_altered_start_is_found(ledger: LedgerOffice, run: tuple[str, Path]) -> None:
    """Without it a run could be resumed with another pipeline than the one that was signed."""
    changed = "convert_to(replace(convert_from(body, 'UTF8'), 'ICX-CONST', 'ICX-RULES'), 'UTF8')"
    ledger.as_superuser(
        f"UPDATE kb.document SET body = {changed}, sha256 = encode(sha256({changed}), 'hex')"
        f" WHERE kb_id = 'runs/{run[0]}/start'"
    )

    with pytest.raises(Stop) as caught:
        verify_run(ledger.settings, run[0])

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_LEDGER_BROKEN, "start")


def test_the_source_that_a_phase_found_is_asked_for_again(ledger: LedgerOffice, run: tuple[str, Path]) -> None:
    """Without it a proof would only compare what cutter itself has written down."""
    text = next((ledger.settings.documents).glob("ICX-CONST*"))
    text.write_bytes(text.read_bytes() + b"x")

    with pytest.raises(Stop) as caught:
        verify_run(ledger.settings, run[0])

    assert caught.value.code.name.startswith("STOP_")


STATUSES: dict[str, tuple[bool, str]] = {"waiting": (False, "waiting"), "beyond": (True, "unfinished")}


@pytest.mark.parametrize("name", STATUSES)
def test_a_run_is_listed_as_it_stands(ledger: LedgerOffice, name: str) -> None:
    """Without it somebody would look for a run that waits for them among those that crashed."""
    opened, status = STATUSES[name]
    run_id = ledger.record(opened=opened)

    assert {(run.run_id, run.status, run.where) for run in list_runs(ledger.settings)} == {(run_id, status, "database")}


def test_a_run_is_listed_once(ledger: LedgerOffice, run: tuple[str, Path]) -> None:
    """Without it a run of the database whose folder lost its start would also be told as a broken rehearsal."""
    (run[1] / "start.json").unlink()

    assert [listed.where for listed in list_runs(ledger.settings)] == ["database"]


def test_a_run_is_replayed_from_its_events(ledger: LedgerOffice, run: tuple[str, Path]) -> None:
    """Without it nobody could read what happened, in order, with who did it."""
    found = replay_run(ledger.settings, run[0])

    assert [told.event for told in found.story][:2] == ["Spawned", "Started"]
    assert {told.person for told in found.story} == {"operator"}
    assert [told.seq for told in found.story] == list(range(1, len(found.story) + 1))
    assert next(told.word for told in found.story if told.event == "ApprovalVerified").endswith(" sovereign")


def prove(ledger: LedgerOffice, run_id: str) -> tuple[str, ...]:
    """Ask every proof of a run again, with the vault that the office's runs have."""
    kept = find_kept(ledger.settings, run_id)
    with closing(Committing(ledger.office.database.conninfo("operator"), "cutter/proof", Roles())) as transactor:
        ports = ledger.office._ports(transactor, ignore, None)
        journal = Journal(run_id, kept.records, SystemClock(), ignore)
        return prove_finished(Execution(ports, order_of(kept, pipeline_of(kept)), journal))


UNIT = "library.information_unit"
ROWS: dict[str, str] = {
    "a text": f"UPDATE {UNIT} SET body = body || 'x' WHERE short_address = (SELECT min(short_address) FROM {UNIT})",
    "a text and its digest": f"UPDATE {UNIT} SET body = body || 'x',"
    " body_sha256 = encode(sha256(convert_to(body || 'x', 'UTF8')), 'hex')"
    f" WHERE short_address = (SELECT min(short_address) FROM {UNIT})",
    "a heading": f"UPDATE {UNIT} SET heading = 'x' WHERE short_address = (SELECT min(short_address) FROM {UNIT})",
    "a region": "UPDATE library.unit_region SET end_byte = end_byte + 1 WHERE start_byte = 0",
}


@pytest.mark.parametrize("name", ROWS)
def test_a_changed_row_of_a_done_run_is_found(ledger: LedgerOffice, name: str, proof: Proof) -> None:
    """Row 26. Without it a unit's text could be rewritten while every event and document stays as it is."""
    run_id = str(uuid4())
    assert completed(ledger.office.complete(run_id))
    assert prove(ledger, run_id)[-1] == "report"
    with psycopg.connect(ledger.office.database.superuser) as connection:
        for table in (UNIT, "library.unit_region"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
        connection.execute(ROWS[name].encode())

    with pytest.raises(Stop) as caught:
        prove(ledger, run_id)

    assert (caught.value.code, caught.value.code.exit) == (StopCode.STOP_VERIFY_FAILED, Exit.EVIDENCE)
    assert caught.value.where in ("cut_leg_a", "cut_leg_b", "verify", "enact")
    proof("26", f"{name} of an enacted unit is changed", f"STOP_VERIFY_FAILED {caught.value.detail}")


def test_who_signed_is_a_witness(ledger: LedgerOffice) -> None:
    """Without it nobody could tell an office whose ledger people have seen from one whose ledger nobody has."""
    assert completed(ledger.office.complete(str(uuid4())))
    ledger.checkpoint()
    bundle = StaticTrust().load().bundle
    assert bundle is not None
    trust = msgspec.structs.replace(bundle, runner_keys=ledger.trust.runner_keys)

    assert verify_ledger_at(ledger.settings, ledger.reached, trust, SIGNING).witnesses == 1
    assert verify_ledger_at(ledger.settings, ledger.reached, ledger.trust, SIGNING).witnesses == 0

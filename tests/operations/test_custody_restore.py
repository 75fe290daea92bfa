"""`custody.restore@1`: the document is as its backup says, to the digest, and can go on from there."""

import json

import psycopg
import pytest
from psycopg import sql

from cutter.app.system import RandomIds
from cutter.custody.vault import BackupVault
from cutter.events import Facts
from cutter.model import Mode
from cutter.operations.custody.restore import rows_of
from cutter.stops import Stop
from tests.plugins.keys import Keys
from tests.support.backups import (
    HOST,
    ReversingCipher,
    complete,
    one_pass,
    restore,
    vault_of,
)
from tests.support.runs import DEMO, Office, completed, outcome_of, stop_of

ENACT = "GATE_LIFECYCLE_ENACT_AUTHORIZATION"
CONTENT = (
    "SELECT (SELECT string_agg(u::text, '|' ORDER BY u.id) FROM library.information_unit AS u),"
    " (SELECT string_agg(r::text, '|' ORDER BY r.unit_id, r.region_index) FROM library.unit_region AS r),"
    " (SELECT string_agg(d::text, '|' ORDER BY d.id) FROM library.source_document AS d),"
    " (SELECT string_agg(v.id || v.text_sha256, '|' ORDER BY v.id) FROM library.source_version AS v)"
)
MARKERS = "SELECT phase, voided_by IS NULL FROM cutter_governance.phase_marker WHERE run_id = '{}' ORDER BY phase"
CHANGE_SETS = "SELECT status FROM cutter_governance.change_set ORDER BY created_at"


@pytest.fixture
def vault(office: Office) -> BackupVault:
    """The office's vault, with something quicker than gpg."""
    return BackupVault(office.workspace / "backups", ReversingCipher(), HOST)


def _cut(office: Office, vault: BackupVault) -> tuple[str, Facts, Facts, list[tuple[object, ...]]]:
    """A run to its end: its id, the outcomes of both backups, and the content when it waited to enact."""
    run_id, seen = RandomIds().run_id(), []

    def look(gate: str) -> None:
        if gate == ENACT:
            seen.extend(office.rows(CONTENT))

    records = complete(office, vault, run_id, before=look)
    return run_id, outcome_of(records, "backup"), outcome_of(records, "backup_enact"), seen


def test_an_enactment_is_undone_to_the_byte(office: Office, keys: Keys) -> None:
    """Without it a restore with real keys could bring back other rows than were there."""
    vault = vault_of(office, keys)
    run_id, _, kept, before = _cut(office, vault)
    records = restore(office, vault, str(kept["backup_id"]))

    assert completed(records)
    assert office.rows(CONTENT) == before
    assert office.rows(CHANGE_SETS) == [("draft",)]
    assert office.rows(MARKERS.format(run_id)) == [("cut_leg_a", True), ("cut_leg_b", True), ("enact", False)]
    assert outcome_of(records, "restore")["rows"] == outcome_of(records, "plan")["row_count"]


def test_a_first_cut_is_undone_to_absence(office: Office, vault: BackupVault) -> None:
    """Without it an empty backup would be no backup."""
    run_id, kept, _, _ = _cut(office, vault)
    assert completed(restore(office, vault, str(kept["backup_id"])))

    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]
    assert office.rows("SELECT count(*) FROM library.unit_region") == [(0,)]
    assert office.rows("SELECT count(*) FROM library.source_version") == [(1,)]
    assert office.rows(CHANGE_SETS) == [("restored",)]
    assert [standing for _, standing in office.rows(MARKERS.format(run_id))] == [False, False, False]


def test_after_a_restore_to_absence_the_document_is_cut_again(office: Office, vault: BackupVault) -> None:
    """Without it a document whose cut was undone could never be cut again."""
    _, kept, _, _ = _cut(office, vault)
    restore(office, vault, str(kept["backup_id"]))
    assert completed(complete(office, vault, RandomIds().run_id()))

    assert office.rows(CHANGE_SETS) == [("restored",), ("enacted",)]


def test_a_restore_is_undone_by_its_own_backup(office: Office, vault: BackupVault) -> None:
    """Without it a mistaken restore would be the end of the rows."""
    run_id, kept, _, _ = _cut(office, vault)
    enacted = office.rows(CONTENT)
    first = restore(office, vault, str(kept["backup_id"]))
    second = restore(office, vault, str(outcome_of(first, "backup")["backup_id"]))

    assert completed(second)
    assert office.rows(CONTENT) == enacted
    assert office.rows(CHANGE_SETS) == [("enacted",)]
    assert [standing for _, standing in office.rows(MARKERS.format(run_id))] == [True, True, True]


def test_a_rehearsal_restores_and_leaves_nothing(office: Office, vault: BackupVault) -> None:
    """Without it the first try of a restore would be the restore."""
    _, kept, _, _ = _cut(office, vault)
    before = office.rows(CONTENT)
    records = restore(office, vault, str(kept["backup_id"]), Mode.DRYRUN)

    assert completed(records)
    assert outcome_of(records, "restore")["units"] == 0
    assert office.rows(CONTENT) == before


def test_a_restore_happens_once(office: Office, vault: BackupVault) -> None:
    """Without it a resume would restore again over what came after."""
    _, kept, _, _ = _cut(office, vault)
    run_id = RandomIds().run_id()
    restore(office, vault, str(kept["backup_id"]), run_id=run_id)
    again = restore(office, vault, str(kept["backup_id"]), run_id=run_id)

    assert completed(again)
    assert office.rows(f"SELECT count(*) FROM cutter_governance.phase_marker WHERE run_id = '{run_id}'") == [(1,)]


MOVED = {
    "a body": "UPDATE library.information_unit SET body = body || 'x' WHERE ordinal = 3",
    "a body with its digest": (
        "UPDATE library.information_unit SET body = 'x', body_sha256 = encode(sha256('x'), 'hex') WHERE ordinal = 3"
    ),
    "a lifecycle": "UPDATE library.information_unit SET lifecycle = 'draft', enacted_at = NULL WHERE ordinal = 3",
    "a heading": "UPDATE library.information_unit SET heading = 'x' WHERE ordinal = 3",
    "a region gone": "DELETE FROM library.unit_region WHERE start_byte = 0",
}


@pytest.mark.parametrize("name", MOVED)
def test_rows_that_somebody_changed_since_are_not_written_over(office: Office, vault: BackupVault, name: str) -> None:
    """Without it a restore would silently destroy later work."""
    _, kept, _, _ = _cut(office, vault)
    office.alter(MOVED[name])
    before = office.rows(CONTENT)

    stop = stop_of(restore(office, vault, str(kept["backup_id"])))

    assert (stop.code, stop.exit, stop.detail) == ("STOP_DRIFT", 21, "rows_moved")
    assert office.rows(CONTENT) == before


@pytest.mark.parametrize("name", MOVED)
def test_rows_that_move_while_people_decide_stop_the_restore(office: Office, vault: BackupVault, name: str) -> None:
    """Without it what was approved would not be what is written over."""
    _, kept, _, _ = _cut(office, vault)
    run_id = RandomIds().run_id()
    waiting = one_pass(office, vault, str(kept["backup_id"]), Mode.LIVE, DEMO, run_id)
    office.approve(waiting)
    office.alter(MOVED[name])
    before = office.rows(CONTENT)

    stop = stop_of(one_pass(office, vault, str(kept["backup_id"]), Mode.LIVE, DEMO, run_id))

    assert (stop.code, stop.detail) == ("STOP_DRIFT", "rows_moved")
    assert office.rows(CONTENT) == before


RESTORE = "SELECT library.fn_restore('ICX-CONST', 0)"


@pytest.mark.parametrize("role", ["cutter_writer", "cutter_survey", "cutter_appender"])
def test_nobody_restores_outside_a_run_that_may(office: Office, role: str) -> None:
    """Without it the wall would not stand before the restoring function."""
    with psycopg.connect(office.database.conninfo("operator")) as connection:
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(RESTORE.encode())
    assert caught.value.sqlstate == ("CU001" if role == "cutter_writer" else "42501")


def test_text_with_every_difficult_character_comes_back(office: Office, vault: BackupVault) -> None:
    """Without it tabs, backslashes and line ends of a text would break a row."""
    office.add_text("HARD-1", 'Điều 1. Một \\N \\t\tvà\r\nhai \\\\.\n\n\\.\nĐiều 2. \x0bBa\x0c {1,"2"}\n')
    run_id, seen = RandomIds().run_id(), []
    records = complete(office, vault, run_id, "HARD-1", before=lambda gate: seen.append(office.rows(CONTENT)))
    kept = outcome_of(records, "backup_enact")

    assert completed(restore(office, vault, str(kept["backup_id"]), document_id="HARD-1"))
    assert office.rows(CONTENT) == seen[-1]


COPIED = {
    "nothing": (b"", []),
    "null and empty": (b"\\N\t\n", [(None, "")]),
    "escapes": (b"a\\tb\\\\N\\n\\r\\b\\f\\v\tc\n", [("a\tb\\N\n\r\b\f\v", "c")]),
    "letters beyond ASCII": ("Điều\t1\n".encode(), [("Điều", "1")]),
}


@pytest.mark.parametrize("name", COPIED)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_rows_are_read_from_copys_text(name: str, size: int) -> None:
    """Without it a chunk that ends in the middle of a letter or an escape would change a row."""
    data, rows = COPIED[name]
    assert list(rows_of(data[i : i + size] for i in range(0, len(data), size))) == rows


def test_text_that_ends_within_a_row_is_refused() -> None:
    """Without it a cut-off stream would restore fewer rows in silence."""
    with pytest.raises(Stop):
        list(rows_of([b"a\tb\nc"]))


def test_the_ledger_of_a_restore_holds_no_text(office: Office, vault: BackupVault) -> None:
    """Without it a restored row could be read in the ledger (guarantee 7)."""
    _, kept, _, _ = _cut(office, vault)
    records = restore(office, vault, str(kept["backup_id"]))
    told = json.dumps([outcome_of(records, phase) for phase in ("plan", "backup", "restore")])
    assert all(heading not in told for (heading,) in office.rows("SELECT title FROM library.source_document"))

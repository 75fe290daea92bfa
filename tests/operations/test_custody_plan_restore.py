"""`custody.plan_restore@1`: a backup is what the ledger says of it."""

import pytest

from cutter.app.system import RandomIds
from cutter.custody.vault import BackupVault
from cutter.events import Acted
from tests.support.backups import HOST, ReversingCipher, complete, restore
from tests.support.runs import Office, outcome_of, stop_of

NOBODY = "00000000-0000-4000-8000-000000000000"


def test_what_is_removed_and_written_is_counted(office: Office) -> None:
    """Without it people would sign a restore without knowing how much it changes."""
    vault = BackupVault(office.workspace / "backups", ReversingCipher(), HOST)
    records = complete(office, vault, RandomIds().run_id())
    units = int(str(outcome_of(records, "plan")["row_count"]))
    kept = outcome_of(records, "backup_enact")
    plan = outcome_of(restore(office, vault, str(kept["backup_id"])), "plan")

    assert (plan["present_units"], plan["restored_units"], plan["row_count"]) == (units, units, 4 * units)
    assert plan["manifest_sha256"] == plan["expected_after_sha256"] == kept["manifest_sha256"]


UNKNOWN = {
    "another run": (f"{NOBODY}/backup.1", "not_in_ledger"),
    "another number": ("{run}/backup.2", "not_in_ledger"),
    "another phase": ("{run}/cut_leg_a.1", "not_in_ledger"),
    "no id": ("../../etc/passwd", "backup_id"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_backup_that_the_ledger_does_not_know_is_refused(office: Office, name: str) -> None:
    """Without it files that somebody put into the folder could be restored."""
    vault = BackupVault(office.workspace / "backups", ReversingCipher(), HOST)
    run_id = RandomIds().run_id()
    complete(office, vault, run_id)
    backup_id, detail = UNKNOWN[name]

    stop = stop_of(restore(office, vault, backup_id.format(run=run_id)))
    assert (stop.code, stop.exit, stop.detail) == ("STOP_BACKUP_UNKNOWN", 2, detail)


def test_a_backup_of_another_document_is_refused(office: Office) -> None:
    """Without it one document could be restored over another."""
    vault = BackupVault(office.workspace / "backups", ReversingCipher(), HOST)
    office.add_text("OTHER-1", "Điều 1. Một.\nĐiều 2. Hai.\n")
    kept = outcome_of(complete(office, vault, RandomIds().run_id()), "backup_enact")

    stop = stop_of(restore(office, vault, str(kept["backup_id"]), document_id="OTHER-1"))
    assert (stop.code, stop.detail) == ("STOP_BACKUP_REFUSED", "other_document")


def test_a_restore_stops_before_its_gate_where_the_run_wrote_nothing(office: Office) -> None:
    """Without it people would be asked to sign for nothing."""
    vault = BackupVault(office.workspace / "backups", ReversingCipher(), HOST)
    run_id = RandomIds().run_id()
    records = complete(office, vault, run_id)
    first = restore(office, vault, str(outcome_of(records, "backup")["backup_id"]))
    assert any(isinstance(record.event, Acted) and record.phase == "restore" for record in first)

    stop = stop_of(restore(office, vault, str(outcome_of(records, "backup_enact")["backup_id"])))
    assert (stop.code, stop.detail) == ("STOP_DRIFT", "rows_moved")

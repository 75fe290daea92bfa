"""`custody.backup@1`: the rows are kept before they are touched; a rehearsal says what would stop a live run."""

from cutter.app.system import RandomIds
from cutter.custody.vault import NoVault
from cutter.events import GateWaiting, WouldStop
from cutter.model import Mode
from tests.support.runs import Office, outcome_of, stop_of


def test_a_first_cut_is_backed_up_as_absence(office: Office) -> None:
    """Without it a first cut would have nothing to be undone to."""
    outcome = outcome_of(office.complete(RandomIds().run_id()), "backup")

    assert (outcome["rows"], outcome["size"]) == (0, 0)
    assert outcome["stored_sha256"]


def test_before_enacting_every_row_of_the_document_is_kept(office: Office) -> None:
    """Without it a backup could miss a table."""
    records = office.complete(RandomIds().run_id())

    units = outcome_of(records, "plan")["row_count"]
    assert 1 + 1 + 2 * int(str(units)) == outcome_of(records, "backup_enact")["rows"]


def test_a_rehearsal_without_recipients_notes_what_would_stop(office: Office) -> None:
    """Without it the first live run would be where a missing key is found."""
    records = office.rehearse(RandomIds().run_id(), vault=NoVault())

    noted = [(r.phase, r.event.code, r.event.exit) for r in records if isinstance(r.event, WouldStop)]
    assert noted == [("backup", "STOP_BACKUP_REFUSED", 40), ("backup_enact", "STOP_BACKUP_REFUSED", 40)]


def test_without_recipients_nothing_is_written(office: Office) -> None:
    """Without it rows could be written that no backup undoes (guarantee 5)."""
    run_id = RandomIds().run_id()
    records = office.perform(Mode.LIVE, run_id)
    assert isinstance(records[-1].event, GateWaiting)
    office.approve(records)

    stop = stop_of(office.perform(Mode.LIVE, run_id, vault=NoVault()))

    assert (stop.code, stop.exit, stop.detail) == ("STOP_BACKUP_REFUSED", 40, "no_recipients")
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]


def test_a_backup_that_is_gone_fails_the_proof_on_resume(office: Office) -> None:
    """Without it a run could go on after its backup was deleted."""
    run_id = RandomIds().run_id()
    records = office.perform(Mode.LIVE, run_id)
    assert isinstance(records[-1].event, GateWaiting)
    office.approve(records)
    office.approve(office.perform(Mode.LIVE, run_id))
    for file in (office.workspace / "vault").iterdir():
        file.unlink()

    stop = stop_of(office.perform(Mode.LIVE, run_id))

    assert (stop.code, stop.detail) == ("STOP_VERIFY_FAILED", "backup_gone")

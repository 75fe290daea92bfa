"""`custody.backup@1`: the rows are kept, encrypted and drilled, before they are touched; a rehearsal says what would
stop a live run.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cutter import canon
from cutter.app.system import RandomIds
from cutter.custody.receipts import BackupPolicy, DrillReceipt, check_receipt, read_policy
from cutter.custody.vault import BackupVault, NoCipher
from cutter.events import Acted, GateWaiting, Record, Verified, WouldStop
from cutter.model import Mode
from cutter.operations.custody.kept import TABLES
from cutter.stops import Stop
from tests.plugins.keys import Keys
from tests.support.backups import HOST, complete, vault_of
from tests.support.runs import Office, completed, outcome_of, stop_of

CUT = "GATE_CUT_AUTHORIZATION"
ENACT = "GATE_LIFECYCLE_ENACT_AUTHORIZATION"


def _none(office: Office) -> BackupVault:
    return BackupVault(office.workspace / "backups", NoCipher(), HOST)


def _approved(office: Office) -> str:
    """A run whose first gate was opened; nothing of it is backed up yet."""
    run_id = RandomIds().run_id()
    records = office.perform(Mode.LIVE, run_id)
    assert isinstance(records[-1].event, GateWaiting)
    office.approve(records)
    return run_id


def _would_stop(records: tuple[Record, ...]) -> list[tuple[str, str, str, int]]:
    events = [(record.phase, record.event) for record in records]
    return [(phase, e.code, e.detail, e.exit) for phase, e in events if isinstance(e, WouldStop)]


def test_a_first_cut_is_backed_up_as_absence(office: Office, keys: Keys) -> None:
    """Without it a first cut would have nothing to be undone to."""
    vault = vault_of(office, keys)
    run_id = RandomIds().run_id()
    records = complete(office, vault, run_id, until=ENACT)
    outcome = outcome_of(records, "backup")

    assert (outcome["rows"], outcome["size"], outcome["drilled_rows"]) == (0, 0, 0)
    assert outcome["backup_id"] == f"{run_id}/backup.1"
    manifest = vault.manifest(outcome["backup_id"], outcome["manifest_sha256"])
    assert [(table.name, table.row_count) for table in manifest.tables] == [(name, 0) for name in TABLES]


def test_before_enacting_every_row_of_the_document_is_kept_and_drilled(office: Office, keys: Keys) -> None:
    """Without it a backup could miss a table, or claim rows that it does not hold."""
    vault = vault_of(office, keys)
    records = complete(office, vault, RandomIds().run_id())
    outcome = outcome_of(records, "backup_enact")

    units = int(str(outcome_of(records, "plan")["row_count"]))
    assert completed(records)
    assert outcome["row_counts"] == dict(zip(TABLES, (1, 1, 1, units, units, 2), strict=True))
    assert outcome["rows"] == outcome["drilled_rows"] == 2 * units + 5
    assert sorted(outcome["recipients"]) == sorted(vault.recipients())
    manifest = vault.manifest(outcome["backup_id"], outcome["manifest_sha256"])
    assert (manifest.snapshot.settings["DateStyle"], manifest.snapshot.settings["TimeZone"]) == ("ISO, YMD", "UTC")


def test_the_manifest_is_in_the_ledger_before_the_first_write(office: Office, keys: Keys) -> None:
    """Without it an exchanged backup could be told from the right one by nothing."""
    records = complete(office, vault_of(office, keys), RandomIds().run_id(), until=ENACT)
    acted = [record.phase for record in records if isinstance(record.event, Acted)]

    assert acted.index("backup") < acted.index("cut_leg_a")
    assert len(str(outcome_of(records, "backup")["manifest_sha256"])) == 64


def test_a_backup_is_private_and_holds_no_plain_text(office: Office, keys: Keys) -> None:
    """Without it whoever reads the disk would read the document."""
    vault = vault_of(office, keys)
    records = complete(office, vault, RandomIds().run_id())
    folder = office.workspace / "backups" / str(outcome_of(records, "backup_enact")["backup_id"])

    assert folder.stat().st_mode & 0o777 == 0o700
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o777 == 0o400
        assert "Điều".encode() not in file.read_bytes()
    assert sorted(file.name for file in folder.iterdir()) == sorted(
        ["manifest.json", *(f"{table}.copy.gpg" for table in TABLES)]
    )


def test_the_manifest_holds_metadata_only(office: Office, keys: Keys) -> None:
    """Without it the one plain file of a backup could tell what the rows say (guarantee 7)."""
    records = complete(office, vault_of(office, keys), RandomIds().run_id())
    backup_id = str(outcome_of(records, "backup_enact")["backup_id"])
    body = (office.workspace / "backups" / backup_id / "manifest.json").read_bytes()

    assert canon.encode(json.loads(body)) == body
    assert body.isascii()
    for (heading,) in office.rows("SELECT heading FROM library.information_unit WHERE heading <> ''"):
        assert json.dumps(heading).encode() not in body


def test_rows_are_as_they_were_whatever_happens_meanwhile(office: Office, keys: Keys) -> None:
    """Without it two tables of a backup could be of two moments (one snapshot)."""
    records = complete(office, vault_of(office, keys), RandomIds().run_id())
    outcome = outcome_of(records, "backup_enact")

    counts = outcome["row_counts"]
    assert counts["library.information_unit"] == counts["library.unit_region"]


def test_a_rehearsal_encrypts_to_nowhere(office: Office, keys: Keys) -> None:
    """Without it the first live run would be where a missing key is found."""
    records = office.rehearse(RandomIds().run_id(), vault=vault_of(office, keys))

    assert completed(records)
    assert _would_stop(records) == []
    assert not (office.workspace / "backups").exists()
    assert outcome_of(records, "backup_enact")["rows"] > 0
    assert outcome_of(records, "backup_enact")["backup_id"] == ""


def _read_only(office: Office, keys: Keys) -> BackupVault:
    (office.workspace / "backups").write_text("in the way")
    return vault_of(office, keys)


VAULTS: dict[str, tuple[Callable[[Office, Keys], BackupVault], str, str, int]] = {
    "nobody": (lambda office, keys: _none(office), "STOP_BACKUP_REFUSED", "no_recipients", 40),
    "one where two are asked": (
        lambda office, keys: vault_of(office, keys, ("sovereign",)), "STOP_BACKUP_REFUSED", "recipients", 40),
    "one person twice": (
        lambda office, keys: vault_of(office, keys, ("form", "form")), "STOP_BACKUP_REFUSED", "recipients", 40),
    "no key to drill with": (
        lambda office, keys: vault_of(office, keys, home=office.workspace / "none"),
        "STOP_DRILL_REFUSED", "no_key", 40),
    "a file for a folder": (_read_only, "STOP_BACKUP_REFUSED", "link_or_folder", 40),
}  # fmt: skip


@pytest.mark.parametrize("name", VAULTS)
def test_what_would_stop_a_live_run_is_told_by_a_rehearsal(office: Office, keys: Keys, name: str) -> None:
    """Without it the first live run would be where a missing key or folder is found."""
    make, code, detail, status = VAULTS[name]
    records = office.rehearse(RandomIds().run_id(), vault=make(office, keys))

    assert completed(records)
    assert _would_stop(records) == [(phase, code, detail, status) for phase in ("backup", "backup_enact")]


@pytest.mark.parametrize("name", VAULTS)
def test_without_a_backup_nothing_is_written(office: Office, keys: Keys, name: str) -> None:
    """Without it rows could be written that no backup undoes (guarantee 5)."""
    make, code, detail, status = VAULTS[name]
    run_id = _approved(office)

    stop = stop_of(office.perform(Mode.LIVE, run_id, vault=make(office, keys)))

    assert (stop.code, stop.detail, stop.exit) == (code, detail, status)
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]
    assert list((office.workspace / "backups").rglob("*.gpg")) == []


def test_a_mended_vault_lets_the_same_run_go_on(office: Office, keys: Keys) -> None:
    """Without it a full disk would burn an approval."""
    run_id = _approved(office)
    stop_of(office.perform(Mode.LIVE, run_id, vault=_none(office)))

    assert completed(complete(office, vault_of(office, keys), run_id))


def test_what_a_killed_backup_left_is_an_orphan(office: Office, keys: Keys) -> None:
    """Without it a half-made backup could be taken for one, or stand in the way of the next."""
    vault = vault_of(office, keys)
    run_id = RandomIds().run_id()
    left = office.workspace / "backups" / run_id / ".backup.1.0011.draft"
    left.mkdir(parents=True, mode=0o700)
    for folder in (left.parent, left.parent.parent):
        folder.chmod(0o700)
    records = complete(office, vault, run_id, until=ENACT)

    assert outcome_of(records, "backup")["backup_id"] == f"{run_id}/backup.1"
    assert vault.listing().orphans == (f"{run_id}/.backup.1.0011.draft",)
    assert vault.listing().backups == (f"{run_id}/backup.1",)


def _gone(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _file_gone(folder: Path) -> None:
    (folder / "library.information_unit.copy.gpg").unlink()


def _cut_short(folder: Path) -> None:
    _alter(folder / "library.unit_region.copy.gpg", lambda data: data[:-10])


def _longer(folder: Path) -> None:
    _alter(folder / "library.unit_region.copy.gpg", lambda data: data + b"\0")


def _flipped(folder: Path) -> None:
    _alter(folder / "library.unit_region.copy.gpg", lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:])


def _edited(folder: Path) -> None:
    _alter(folder / "manifest.json", lambda data: data.replace(b'"row_count":0', b'"row_count":1', 1))


def _alter(file: Path, change: Callable[[bytes], bytes]) -> None:
    data = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(change(data))


CHANGES = {
    "manifest gone": (_gone, "missing", "manifest.json"),
    "file gone": (_file_gone, "missing", "library.information_unit.copy.gpg"),
    "cut short": (_cut_short, "truncated", "library.unit_region.copy.gpg"),
    "longer": (_longer, "digest", "library.unit_region.copy.gpg"),
    "a bit flipped": (_flipped, "digest", "library.unit_region.copy.gpg"),
    "manifest edited": (_edited, "digest", "manifest.json"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_backup_that_changed_fails_the_proof_on_resume(office: Office, keys: Keys, name: str) -> None:
    """Without it a run could go on after its backup was lost; the stop names the file."""
    change, detail, file = CHANGES[name]
    vault = vault_of(office, keys)
    run_id = RandomIds().run_id()
    records = complete(office, vault, run_id, until=ENACT)
    change(office.workspace / "backups" / str(outcome_of(records, "backup")["backup_id"]))
    office.approve(records)

    stop = stop_of(office.perform(Mode.LIVE, run_id, vault=vault))

    assert (stop.code, stop.detail) == ("STOP_BACKUP_REFUSED", detail)
    assert stop.where.endswith(file)


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = BackupPolicy(recipients_min=2, drill_max_age="PT24H")
GOOD = DrillReceipt("m" * 64, "2026-03-01T11:00:00Z", HOST, 5)
RECEIPTS = {
    "fresh": (GOOD, timedelta(), ""),
    "as old as it may be": (GOOD, timedelta(hours=23), ""),
    "too old": (GOOD, timedelta(hours=23, seconds=1), "drill_stale"),
    "of the future": (GOOD, timedelta(hours=-2), "drill_stale"),
    "of another manifest": (DrillReceipt("n" * 64, GOOD.at, HOST, 5), timedelta(), "drill_mismatch"),
    "of another host": (DrillReceipt("m" * 64, GOOD.at, "b" * 64, 5), timedelta(), "drill_mismatch"),
    "of no time": (DrillReceipt("m" * 64, "yesterday", HOST, 5), timedelta(), "drill_mismatch"),
    "of a local time": (DrillReceipt("m" * 64, "2026-03-01T11:00:00", HOST, 5), timedelta(), "drill_mismatch"),
    "never drilled": (DrillReceipt("m" * 64, "", "", 0), timedelta(), "drill_mismatch"),
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_counts_for_its_backup_its_host_and_its_time(name: str) -> None:
    """Row 35. Without it a drill of long ago, or of something else, would stand for this backup."""
    receipt, later, detail = RECEIPTS[name]
    stop = check_receipt(receipt, "m" * 64, POLICY, NOW + later, HOST)
    assert (stop.detail if stop else "") == detail
    assert stop is None or (stop.code.name, int(stop.code.exit)) == ("STOP_DRILL_REFUSED", 40)


def test_a_drill_that_became_too_old_holds_the_write_back(office: Office) -> None:
    """Without it a drill would count for ever once it was made, however long the write takes to come."""
    office.alter(
        """UPDATE cutter_governance.dot_config SET value = '{"drill_max_age":"PT4M","recipients_min":2}'"""
        " WHERE key = 'cutter_orchestrator.backup_policy'"
    )
    run_id = RandomIds().run_id()
    office.approve(office.perform(Mode.LIVE, run_id))

    def be_slow(record: Record) -> None:
        if isinstance(record.event, Verified) and record.phase == "backup":
            office.clock.ahead = timedelta(minutes=4, seconds=30)

    stop = stop_of(office.perform(Mode.LIVE, run_id, notify=be_slow))

    assert (stop.code, stop.detail, stop.exit) == ("STOP_DRILL_REFUSED", "drill_stale", 40)
    assert office.rows("SELECT count(*) FROM library.source_document") == [(0,)]
    assert isinstance(office.perform(Mode.LIVE, run_id)[-1].event, GateWaiting)


BAD_POLICIES = {
    "missing": "",
    "no JSON": "two",
    "none needed": '{"drill_max_age":"PT24H","recipients_min":0}',
    "for ever": '{"drill_max_age":"","recipients_min":2}',
    "no duration": '{"drill_max_age":"PT","recipients_min":2}',
    "days": '{"drill_max_age":"P1D","recipients_min":2}',
    "unknown key": '{"drill_max_age":"PT24H","recipients_min":2,"skip":true}',
    "text for a number": '{"drill_max_age":"PT24H","recipients_min":"2"}',
}


@pytest.mark.parametrize("name", BAD_POLICIES)
def test_a_policy_that_cannot_be_read_is_refused(name: str) -> None:
    """Without it a typing mistake in the policy would mean «no limit»."""
    with pytest.raises(Stop) as caught:
        read_policy(BAD_POLICIES[name])
    assert (caught.value.code.name, caught.value.detail) == ("STOP_BACKUP_REFUSED", "policy")

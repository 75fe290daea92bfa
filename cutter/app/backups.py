"""Backups of the workspace: listing and showing them from their folder, and restoring one in a drill.

Rules kept here: listing and showing read manifests and digests only; a drill opens the files and needs the database,
where it writes into stages that are gone afterwards, and compares the manifest with the ledger.

Source: approvals-and-evidence §6; DESIGN §7.
"""

from collections.abc import Sequence

import msgspec

from cutter.app.compose import opened, reach_database
from cutter.app.system import SystemClock
from cutter.app.vaults import build_vault
from cutter.canon import sha256
from cutter.custody.manifest import Manifest, read_manifest, split_id
from cutter.custody.streams import Tally
from cutter.custody.vault import BackupVault
from cutter.model import Mode
from cutter.operations.custody.drill import drill
from cutter.operations.custody.kept import TABLES
from cutter.operations.custody.recorded import any_backup_of, events_of
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class ListedBackup(msgspec.Struct, frozen=True):
    """A backup as its manifest describes it. `refusal` is empty, or why the manifest cannot be read."""

    backup_id: str
    document_id: str
    taken_at: str
    rows: int
    size: int
    refusal: str


class ListedBackups(msgspec.Struct, frozen=True):
    """All backups of the folder, and what killed runs left there."""

    backups: tuple[ListedBackup, ...]
    orphans: tuple[str, ...]


class ShownTable(msgspec.Struct, frozen=True):
    """A table of a backup. `refusal` is empty when its file is what the manifest says."""

    name: str
    file: str
    rows: int
    size: int
    cipher_sha256: str
    refusal: str


class ShownBackup(msgspec.Struct, frozen=True):
    """A backup with its tables; for whom it is encrypted, and with what."""

    backup_id: str
    document_id: str
    run_id: str
    phase: str
    taken_at: str
    manifest_sha256: str
    recipients: tuple[str, ...]
    tool: str
    server_version: str
    tables: tuple[ShownTable, ...]


class DrilledBackup(msgspec.Struct, frozen=True):
    """A drill that held: the manifest is the ledger's, and every table was restored and copied out again.

    `staged` is false of rows that belong to no document: they were decrypted and compared with the manifest.
    """

    backup_id: str
    document_id: str
    manifest_sha256: str
    tables: int
    rows: int
    drilled_at: str
    drilled_on: str
    staged: bool


def list_backups(settings: Settings) -> ListedBackups:
    """The backups by run and phase. Raises STOP_PATH_UNSAFE, STOP_DISK."""
    vault = build_vault(settings, None)
    found = vault.listing()
    return ListedBackups(tuple(_listed(vault, backup_id) for backup_id in found.backups), found.orphans)


def show_backup(settings: Settings, prefix: str) -> ShownBackup:
    """A backup, by its id or a unique prefix of it.

    Raises:
        Stop: STOP_BACKUP_UNKNOWN; STOP_BACKUP_REFUSED when its manifest cannot be read.
    """
    vault = build_vault(settings, None)
    body, manifest = _manifest(vault, _find(vault, prefix))
    return ShownBackup(
        backup_id=manifest.backup_id,
        document_id=manifest.document_id,
        run_id=manifest.run_id,
        phase=manifest.phase,
        taken_at=manifest.taken_at,
        manifest_sha256=sha256(body),
        recipients=manifest.recipients,
        tool=manifest.tool,
        server_version=manifest.snapshot.server_version,
        tables=tuple(
            ShownTable(
                t.name, t.file, t.row_count, t.part.plain_size, t.part.cipher_sha256,
                vault.refusal_of(manifest.backup_id, t.file, t.part),
            )
            for t in manifest.tables
        ),
    )  # fmt: skip


def drill_backup(settings: Settings, prefix: str) -> DrilledBackup:
    """Restore a backup in a drill, without comparing it with the live rows: those may have moved on.

    Raises:
        Stop: STOP_BACKUP_UNKNOWN (also where the ledger has none of it), STOP_BACKUP_REFUSED, STOP_DRILL_REFUSED; and
            as connecting does.
    """
    vault = build_vault(settings, None)
    backup_id = _find(vault, prefix)
    run_id, phase = split_id(backup_id)
    with opened(settings, reach_database(settings), Mode.LIVE, run_id) as transactor:
        with transactor.survey() as session:
            expected = str(any_backup_of(events_of(session, run_id), phase, backup_id)["manifest_sha256"])
        vault.check(backup_id, expected)
        manifest = vault.manifest(backup_id, expected)
        staged = _of_a_document(manifest)
        if staged:
            with transactor.snapshot([table.name for table in manifest.tables]) as snapshot, vault.unlocked():
                rows = drill(snapshot, lambda file, part: vault.read(backup_id, file, part), manifest, live=False)
        else:
            rows = _read_back(vault, manifest)
    return DrilledBackup(
        backup_id=backup_id,
        document_id=manifest.document_id,
        manifest_sha256=expected,
        tables=len(manifest.tables),
        rows=rows,
        drilled_at=SystemClock().now().strftime(_TIME),
        drilled_on=vault.host(),
        staged=staged,
    )


def _of_a_document(manifest: Manifest) -> bool:
    """Whether these are a document's tables, which the drill's role may stage; other rows belong to their own role."""
    return {table.name for table in manifest.tables} <= set(TABLES)


def _read_back(vault: BackupVault, manifest: Manifest) -> int:
    """Decrypt every file and compare its plain bytes with the manifest; the rows. Raises STOP_DRILL_REFUSED."""
    with vault.unlocked():
        for table in manifest.tables:
            found = Tally().exhaust(vault.read(manifest.backup_id, table.file, table.part)).sha256
            if found != table.part.plain_sha256:
                needed = table.part.plain_sha256[:16]
                raise Stop(
                    StopCode.STOP_DRILL_REFUSED, "drill_mismatch", found=found[:16], needed=needed, where=table.name
                )
    return manifest.rows


def _listed(vault: BackupVault, backup_id: str) -> ListedBackup:
    try:
        _, manifest = _manifest(vault, backup_id)
    except Stop as stop:
        return ListedBackup(backup_id, "", "", 0, 0, stop.detail)
    return ListedBackup(backup_id, manifest.document_id, manifest.taken_at, manifest.rows, manifest.size, "")


def _manifest(vault: BackupVault, backup_id: str) -> tuple[bytes, Manifest]:
    kept = vault.find(backup_id)
    if kept is None:
        raise Stop(StopCode.STOP_BACKUP_REFUSED, detail="missing", where=f"{backup_id}/manifest.json")
    return kept.manifest, read_manifest(kept.manifest, backup_id)


def _find(vault: BackupVault, prefix: str) -> str:
    """The only backup that a prefix fits; a whole id fits itself."""
    known: Sequence[str] = vault.listing().backups
    fits = [name for name in known if name == prefix] or [name for name in known if prefix and name.startswith(prefix)]
    if len(fits) != 1:
        detail = "ambiguous" if fits else "backup_id"
        raise Stop(StopCode.STOP_BACKUP_UNKNOWN, detail=detail, suggestions=tuple(fits[:5]))
    return fits[0]

"""The drill: a backup is decrypted, restored into stages, compared row by row, and written out again. Not an operation.

Rules kept here: a drill believes nothing but digests: of the file, of the plain bytes, of the rows, and of what the
restored rows give when they are copied out again.

Source: approvals-and-evidence §6 (Drill).
"""

from collections.abc import Callable, Iterator

from cutter.contracts import SnapshotSession, SnapshotTable, StoredPart
from cutter.custody.manifest import Manifest, Table
from cutter.custody.streams import Tally
from cutter.operations.custody.kept import selection
from cutter.stops import Stop, StopCode

Read = Callable[[str, StoredPart], Iterator[bytes]]


def drill(snapshot: SnapshotSession, read: Read, manifest: Manifest, *, live: bool) -> int:
    """Restore every table of a backup into its stage.

    Args:
        snapshot: with stages for the manifest's tables.
        read: gives the plain bytes of a file of the backup.
        manifest: what the backup must be.
        live: the backup was taken from this very snapshot, so the live rows must be the same.

    Returns:
        The rows restored.

    Raises:
        Stop: STOP_DRILL_REFUSED, detail `drill_mismatch` (`where` is the table) or `no_key`; STOP_BACKUP_REFUSED.
    """
    return sum(_restore(snapshot, read, manifest.document_id, table, live) for table in manifest.tables)


def _restore(snapshot: SnapshotSession, read: Read, document_id: str, table: Table, live: bool) -> int:
    found = snapshot.table(table.name)
    if found.columns != tuple((column.name, column.type) for column in table.columns):
        raise _mismatch(table, "columns")
    rows = _stage(snapshot, found, read(table.file, table.part), table)
    if rows != table.row_count:
        raise _mismatch(table, f"{rows}_rows", f"{table.row_count}_rows")
    if live and (different := snapshot.differences(found, selection(table.name), {"prefix": document_id})):
        raise _mismatch(table, f"{different}_different")
    again = Tally().exhaust(snapshot.copy_staged(found))
    if again.sha256 != table.part.plain_sha256:
        raise _mismatch(table, again.sha256[:16], table.part.plain_sha256[:16])
    return rows


def _stage(snapshot: SnapshotSession, found: SnapshotTable, chunks: Iterator[bytes], table: Table) -> int:
    try:
        return snapshot.stage(found, chunks)
    except Stop as stop:
        if stop.code is not StopCode.STOP_WRITE_FAILED:
            raise
        raise _mismatch(table, stop.detail) from None


def _mismatch(table: Table, found: str, needed: str = "") -> Stop:
    return Stop(StopCode.STOP_DRILL_REFUSED, detail="drill_mismatch", where=table.name, found=found, needed=needed)

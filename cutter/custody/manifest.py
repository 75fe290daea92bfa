"""The manifest of a backup (`cutter.backup/1`): what was kept, in which form, and for whom. No rows, no text of rows.

Rules kept here: a manifest is canonical bytes or it is refused; its digest stands in the ledger before anything is
written, so it is what says whether files are the backup that they claim to be.

Source: approvals-and-evidence §6.
"""

import re
from typing import Literal

import msgspec

from cutter import canon
from cutter.contracts import SnapshotFacts, StoredPart
from cutter.stops import Stop, StopCode

FORMAT = "cutter.backup/1"
FILE = "manifest.json"
LIMIT = 1 << 20  # bytes
# RUN/PHASE.N: it is made into a path, so nothing else is looked for.
BACKUP_ID = re.compile(
    r"(?P<run>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/(?P<phase>[a-z][a-z0-9_]{0,62})\.(?P<n>[1-9]\d{0,5})"
)


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column: name and type as the server writes them."""

    name: str
    type: str


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table's stream: `schema.table`, its file, and digests of the plain text, of the file, and of the rows."""

    oid: int
    name: str
    file: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    row_count: int
    row_digest_sha256: str
    part: StoredPart


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a backup is."""

    format: Literal["cutter.backup/1"] = "cutter.backup/1"
    backup_id: str
    run_id: str
    phase: str
    plan_sha256: str
    document_id: str
    taken_at: str
    snapshot: SnapshotFacts
    tables: tuple[Table, ...]
    recipients: tuple[str, ...]
    tool: str

    @property
    def body(self) -> bytes:
        """The canonical bytes."""
        return canon.encode(self)

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(table.row_count for table in self.tables)

    @property
    def size(self) -> int:
        """The plain bytes of all tables."""
        return sum(table.part.plain_size for table in self.tables)

    def table(self, name: str) -> Table:
        """A table by name. Raises STOP_BACKUP_REFUSED, detail `manifest`."""
        for table in self.tables:
            if table.name == name:
                return table
        raise refused("manifest", name)


def read_manifest(body: bytes, backup_id: str) -> Manifest:
    """Read a manifest strictly.

    Raises:
        Stop: STOP_BACKUP_REFUSED, detail `manifest` (not the canonical document), `other_run` (of another backup).
    """
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
        canonical = manifest.body == body
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise refused("manifest", FILE) from None
    if not canonical or any(not _plain(table.file) for table in manifest.tables):
        raise refused("manifest", FILE)
    run, phase = split_id(backup_id)
    if (manifest.backup_id, manifest.run_id, manifest.phase) != (backup_id, run, phase):
        raise refused("other_run", FILE)
    return manifest


def split_id(backup_id: str) -> tuple[str, str]:
    """Run and phase of a backup id. Raises STOP_BACKUP_UNKNOWN when it is none."""
    match = BACKUP_ID.fullmatch(backup_id)
    if match is None:
        raise Stop(StopCode.STOP_BACKUP_UNKNOWN, detail="backup_id", needed="RUN/PHASE.N")
    return match["run"], match["phase"]


def file_of(table: str) -> str:
    """The file of a table's stream."""
    return f"{table}.copy.gpg"


def refused(detail: str, where: str = "", found: str = "", needed: str = "") -> Stop:
    """STOP_BACKUP_REFUSED."""
    return Stop(StopCode.STOP_BACKUP_REFUSED, detail=detail, where=where, found=found, needed=needed)


def _plain(name: str) -> bool:
    return re.fullmatch(r"[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*\.copy\.gpg", name) is not None

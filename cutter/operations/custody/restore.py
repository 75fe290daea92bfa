"""`custody.restore@1`: puts units and regions of a document back into the state of a backup.

Rules kept here: a backup is opened by the digest that was approved; its rows go by COPY into stages that the database
makes, and one definer function writes them; afterwards the rows have the digests that the manifest states, or all is
rolled back. Records are kept: change sets and markers are set, never removed.

Source: approvals-and-evidence §6 (Restore); DESIGN §6 (the wall).
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from cutter.contracts import Bind, Row, Vault
from cutter.custody.manifest import Manifest, Table, read_manifest, refused
from cutter.operation import Broken, Held, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.operations.custody.kept import REGIONS, TABLES, UNITS, digest_of, sql
from cutter.stops import Stop, StopCode

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CHARACTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Params(msgspec.Struct, frozen=True):
    """The document, the backup with its manifest's digest, and the rows that are removed and written."""

    document_id: str
    backup_id: str
    manifest_sha256: str
    row_count: int


class Outcome(msgspec.Struct, frozen=True):
    """What is there now: units and regions with their digests, which are those of the manifest."""

    backup_id: str
    manifest_sha256: str
    rows: int
    units: int
    regions: int
    units_sha256: str
    regions_sha256: str


def act(context: WriteContext, params: Params) -> Outcome:
    """Restore.

    Raises:
        Stop: STOP_BACKUP_REFUSED and STOP_DRILL_REFUSED (detail `no_key`) as `Vault.check` and `Vault.read`;
            STOP_POLICY_REFUSED when no approval covers it; STOP_ENSURE_FAILED when the rows are not the manifest's.
    """
    manifest = _open(context.vault, params)
    with context.vault.unlocked():
        for table in manifest.tables:
            context.session.rows(sql("restore_stage"), {"table": table.name})
            _stage(context, params.backup_id, table)
    bind: Bind = {"prefix": params.document_id, "row_count": params.row_count}
    rows = context.session.rows(sql("restore"), bind)[0][0]
    for name in (UNITS, REGIONS):
        _, digest = digest_of(context.surveys, name, params.document_id)
        needed = manifest.table(name).row_digest_sha256
        if digest != needed:
            raise Stop(
                StopCode.STOP_ENSURE_FAILED, detail="rows_differ", found=digest[:16], needed=needed[:16], where=name
            )
    return _outcome(manifest, params, int(rows))


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """A fresh session finds the rows that the manifest states."""
    expected = ((UNITS, outcome.units, outcome.units_sha256), (REGIONS, outcome.regions, outcome.regions_sha256))
    for name, count, sha256 in expected:
        found = digest_of(context.session, name, params.document_id)
        if found != (count, sha256):
            return Broken("other_rows", found=found[1][:16], needed=sha256[:16])
    return Held({"units": outcome.units, "regions": outcome.regions})


def rows_of(chunks: Iterable[bytes]) -> Iterator[Row]:
    r"""The rows of COPY's text form: a line a row, a tab between fields, `\N` for null, backslash escapes."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (_row(line) for line in lines)
    if rest:
        raise refused("truncated")


def _row(line: bytes) -> Row:
    return tuple(None if field == r"\N" else _ESCAPE.sub(_character, field) for field in line.decode().split("\t"))


def _character(match: re.Match[str]) -> str:
    return _CHARACTERS.get(match[1], match[1])


def _open(vault: Vault, params: Params) -> Manifest:
    vault.check(params.backup_id, params.manifest_sha256)
    kept = vault.find(params.backup_id)
    if kept is None:
        raise refused("missing", params.backup_id)
    manifest = read_manifest(kept.manifest, params.backup_id)
    if manifest.document_id != params.document_id:
        raise refused("other_document", params.backup_id)
    if tuple(table.name for table in manifest.tables) != TABLES:
        raise refused("manifest", params.backup_id)
    return manifest


def _stage(context: WriteContext, backup_id: str, table: Table) -> None:
    stage = f"restore_{table.name.rpartition('.')[2]}"
    columns = [column.name for column in table.columns]
    plain = context.vault.read(backup_id, table.file, table.part)
    staged = context.session.copy(stage, columns, rows_of(plain))
    if staged != table.row_count:
        raise refused("digest", f"{backup_id}/{table.file}", str(staged), str(table.row_count))


def _outcome(manifest: Manifest, params: Params, rows: int) -> Outcome:
    units, regions = manifest.table(UNITS), manifest.table(REGIONS)
    return Outcome(
        backup_id=params.backup_id,
        manifest_sha256=params.manifest_sha256,
        rows=rows,
        units=units.row_count,
        regions=regions.row_count,
        units_sha256=units.row_digest_sha256,
        regions_sha256=regions.row_digest_sha256,
    )


OPERATION = TargetOperation(
    name="custody.restore",
    version=1,
    summary="Puts a document's units and regions back into the state of a backup.",
    params=Params,
    outcome=Outcome,
    governs=("library.information_unit", "library.unit_region"),
    undo=Undo.BACKUP,
    crosses=("library",),
    act=act,
    verify=verify,
)

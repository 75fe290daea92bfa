"""Keeping rows, whosever they are: what stands against it, what a backup is told as, how long it counts. Not an
operation.

Rules kept here: a backup that too few could read is refused before a row is read; a rehearsal that can encrypt for
nobody still reads all rows; a drill counts on its own host, and not for ever.

Source: approvals-and-evidence §6; DESIGN guarantee 5.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from cutter import canon
from cutter.contracts import SnapshotSession, SnapshotTable, StoredPart, SurveySession
from cutter.custody.manifest import Column, Manifest, Table, file_of, refused
from cutter.custody.receipts import KEY, BackupPolicy, DrillReceipt, check_receipt, read_policy
from cutter.custody.streams import Tally
from cutter.operation import Broken, ExternalContext, Held, NotHappened, Rehearsed, Settled, Verdict
from cutter.operations.custody.kept import sql
from cutter.stops import Stop, StopCode

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Outcome(msgspec.Struct, frozen=True):
    """What was kept, and the receipt of its drill. In a rehearsal `backup_id` and what follows from it are empty.

    `row_counts` are by table, `size` is the plain bytes of all tables, `plain_sha256` is over the tables' digests.
    """

    backup_id: str
    manifest_sha256: str
    tables: int
    rows: int
    row_counts: dict[str, int]
    size: int
    plain_sha256: str
    recipients: tuple[str, ...]
    drilled_rows: int
    drilled_at: str
    drilled_on: str


def check_possible(context: ExternalContext, snapshot: SnapshotSession) -> None:
    """Raises what stands against a backup: STOP_BACKUP_REFUSED, STOP_DRILL_REFUSED (40)."""
    for stop in _refusals(context, snapshot, 0):
        raise stop


def measure(context: ExternalContext, snapshot: SnapshotSession, rows: Iterable[bytes]) -> StoredPart:
    """Encrypt rows to nowhere; where nobody could read them they are only counted."""
    if any(stop.code is StopCode.STOP_BACKUP_REFUSED for stop in _refusals(context, snapshot, 0)):
        return counted(Tally().exhaust(rows))
    return context.vault.measure(rows)


def counted(plain: Tally) -> StoredPart:
    """A part that was counted and not encrypted."""
    return StoredPart(plain.sha256, plain.size, "", 0)


def table_of(found: SnapshotTable, row_count: int, row_digest_sha256: str, part: StoredPart) -> Table:
    """A table as the manifest lists it."""
    return Table(
        oid=found.oid,
        name=found.name,
        file=file_of(found.name),
        columns=tuple(Column(column, kind) for column, kind in found.columns),
        primary_key=found.primary_key,
        row_count=row_count,
        row_digest_sha256=row_digest_sha256,
        part=part,
    )


def manifest_of(
    context: ExternalContext, snapshot: SnapshotSession, subject: str, backup_id: str, tables: tuple[Table, ...]
) -> Manifest:
    """The manifest of these tables; `subject` is the document's id, or the name of a table of no document."""
    return Manifest(
        backup_id=backup_id,
        run_id=context.run_id,
        phase=context.phase,
        plan_sha256=context.plan_sha256,
        document_id=subject,
        taken_at=context.now.strftime(_TIME),
        snapshot=snapshot.facts(),
        tables=tables,
        recipients=tuple(context.vault.recipients()),
        tool=context.vault.tool(),
    )


def drilled(context: ExternalContext, manifest: Manifest, drilled_rows: int) -> Outcome:
    """The outcome of a backup that was drilled."""
    return msgspec.structs.replace(
        _unkept(manifest),
        backup_id=manifest.backup_id,
        manifest_sha256=canon.sha256(manifest.body),
        drilled_rows=drilled_rows,
        drilled_at=manifest.taken_at,
        drilled_on=context.vault.host(),
    )


def rehearsed(
    context: ExternalContext, snapshot: SnapshotSession, manifest: Manifest, whole: StoredPart
) -> Rehearsed[Outcome]:
    """What a rehearsal learned, `whole` being all rows as they were measured."""
    size = whole.cipher_size or whole.plain_size
    return Rehearsed(_unkept(manifest), tuple(_refusals(context, snapshot, size)))


def plain_digest(parts: Iterable[tuple[str, StoredPart]]) -> str:
    """The digest over the tables' digests, by name."""
    return canon.digest([[name, part.plain_sha256] for name, part in parts])


def settle(context: ExternalContext, params: msgspec.Struct) -> Settled[Outcome]:
    """A new backup is made under the next number: what a killed run left counts for nothing without its receipt."""
    return NotHappened.NOT_HAPPENED


def prove(context: ExternalContext, outcome: Outcome, read_again: Callable[[SnapshotSession], str]) -> Verdict:
    """Every file is there and is what the manifest says; in a rehearsal, the rows read again have the same digest.

    Raises:
        Stop: STOP_BACKUP_REFUSED (40), detail `missing`, `digest`, `truncated`, `other_run`; `where` is the file.
    """
    if outcome.backup_id:
        context.vault.check(outcome.backup_id, outcome.manifest_sha256)
        return Held({"rows": outcome.rows, "manifest_sha256": outcome.manifest_sha256})
    with context.snapshot(()) as snapshot:
        found = read_again(snapshot)
    if found != outcome.plain_sha256:
        return Broken("rows_moved", found=found[:16], needed=outcome.plain_sha256[:16])
    return Held({"rows": outcome.rows, "manifest_sha256": ""})


def still_holds(context: ExternalContext, params: msgspec.Struct, outcome: Outcome) -> None:
    """The drill is of this host and not too old. Raises STOP_DRILL_REFUSED, detail `drill_stale`, `drill_mismatch`."""
    receipt = DrillReceipt(outcome.manifest_sha256, outcome.drilled_at, outcome.drilled_on, outcome.drilled_rows)
    policy, host = _policy(context.session), context.vault.host()
    stop = check_receipt(receipt, receipt.manifest_sha256, policy, context.now, host)
    if stop is not None:
        raise stop


def _refusals(context: ExternalContext, snapshot: SnapshotSession, size: int) -> Sequence[Stop]:
    """What stands against a backup: too few who could read it, or what the vault says."""
    needed, found = _policy(snapshot).recipients_min, len(set(context.vault.recipients()))
    if not found:
        return (refused("no_recipients", needed=str(needed)),)
    if found < needed:
        return (refused("recipients", found=str(found), needed=str(needed)),)
    return context.vault.refusals(size)


def _policy(session: SurveySession | SnapshotSession) -> BackupPolicy:
    """The office's policy. Raises STOP_BACKUP_REFUSED, detail `policy`."""
    rows = session.rows(sql("backup_policy"), {"key": KEY})
    return read_policy(str(rows[0][0]) if rows else "")


def _unkept(manifest: Manifest) -> Outcome:
    return Outcome(
        backup_id="",
        manifest_sha256="",
        tables=len(manifest.tables),
        rows=manifest.rows,
        row_counts={table.name: table.row_count for table in manifest.tables},
        size=manifest.size,
        plain_sha256=plain_digest((table.name, table.part) for table in manifest.tables),
        recipients=manifest.recipients,
        drilled_rows=0,
        drilled_at="",
        drilled_on="",
    )

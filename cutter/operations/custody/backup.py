"""`custody.backup@1`: the rows that the phases up to the next gate may touch, kept before they are touched.

Rules kept here: all tables are read from one unchanging snapshot and streamed, never held; a backup counts only once it
was restored in a drill beside the live rows; of a first cut there are no rows, and that is a backup too: it restores to
absence. A rehearsal encrypts to nowhere and says what would stop a live run.

Source: approvals-and-evidence §6; DESIGN guarantee 5.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from cutter import canon
from cutter.contracts import SnapshotSession, StoredPart
from cutter.custody.manifest import Column, Manifest, Table, file_of
from cutter.custody.receipts import DrillReceipt
from cutter.custody.streams import Tally
from cutter.operation import (
    Broken,
    ExternalContext,
    ExternalOperation,
    Held,
    NotHappened,
    Rehearsed,
    Settled,
    Verdict,
)
from cutter.operations.custody.drill import drill
from cutter.operations.custody.kept import TABLES, check_drill, digest_of, policy_of, selection
from cutter.stops import Stop, StopCode

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Params(msgspec.Struct, frozen=True):
    """Whose rows: those of the document."""

    document_id: str


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


def act(context: ExternalContext, params: Params) -> Outcome:
    """Keep the rows, and restore them in a drill.

    Raises:
        Stop: STOP_BACKUP_REFUSED (40), detail `no_recipients`, `recipients` (fewer than the policy asks), `recipient`,
            `folder`, `no_space`, `disk_…`, `policy`; STOP_DRILL_REFUSED (40), detail `no_key`, `drill_mismatch`.
    """
    with _kept_or_refused(), context.snapshot(TABLES) as snapshot:
        for stop in _refusals(context, snapshot, 0):
            raise stop
        with context.vault.draft(context.run_id, context.phase) as draft:
            tables = tuple(
                _table(snapshot, name, params, draft.keep(file_of(name), _rows(snapshot, name, params)))
                for name in TABLES
            )
            manifest = _manifest(context, snapshot, params, draft.backup_id, tables)
            with context.vault.unlocked():
                drilled = drill(snapshot, draft.read, manifest, live=True)
            draft.finish(manifest.body)
    return _outcome(context, manifest, drilled)


def rehearse(context: ExternalContext, params: Params) -> Rehearsed[Outcome]:
    """Encrypt all rows as one stream to nowhere, where somebody could read it; tell what would stop a live run."""
    with context.snapshot(TABLES) as snapshot:
        able = not any(stop.code is StopCode.STOP_BACKUP_REFUSED for stop in _refusals(context, snapshot, 0))
        plain = {name: Tally() for name in TABLES}
        rows = itertools.chain.from_iterable(plain[name].passing(_rows(snapshot, name, params)) for name in TABLES)
        size = context.vault.measure(rows).cipher_size if able else Tally().exhaust(rows).size
        tables = tuple(_table(snapshot, name, params, _counted(plain[name])) for name in TABLES)
        manifest = _manifest(context, snapshot, params, "", tables)
        would_stop = tuple(_refusals(context, snapshot, size))
    return Rehearsed(_rehearsed(manifest), would_stop)


def settle(context: ExternalContext, params: Params) -> Settled[Outcome]:
    """A new backup is made under the next number: what a killed run left counts for nothing without its receipt."""
    return NotHappened.NOT_HAPPENED


def verify(context: ExternalContext, params: Params, outcome: Outcome) -> Verdict:
    """Every file is there and is what the manifest says; in a rehearsal, the rows read again are the same.

    Raises:
        Stop: STOP_BACKUP_REFUSED (40), detail `missing`, `digest`, `truncated`, `other_run`; `where` is the file.
    """
    if outcome.backup_id:
        context.vault.check(outcome.backup_id, outcome.manifest_sha256)
        return Held({"rows": outcome.rows, "manifest_sha256": outcome.manifest_sha256})
    with context.snapshot(()) as snapshot:
        parts = [_plain(snapshot, name, params) for name in TABLES]
    found = _plain_digest([(name, part) for name, part in zip(TABLES, parts, strict=True)])
    if found != outcome.plain_sha256:
        return Broken("rows_moved", found=found[:16], needed=outcome.plain_sha256[:16])
    return Held({"rows": outcome.rows, "manifest_sha256": ""})


@contextmanager
def _kept_or_refused() -> Iterator[None]:
    """Whatever keeps the files from being written, it is the backup that is missing."""
    try:
        yield
    except Stop as stop:
        if stop.code not in (StopCode.STOP_PATH_UNSAFE, StopCode.STOP_DISK):
            raise
        raise Stop(StopCode.STOP_BACKUP_REFUSED, stop.detail, needed=stop.needed, where=stop.where) from None


def _refusals(context: ExternalContext, snapshot: SnapshotSession, size: int) -> Sequence[Stop]:
    """What stands against a backup: too few who could read it, or what the vault says."""
    needed, found = policy_of(snapshot).recipients_min, len(set(context.vault.recipients()))
    if not found:
        return (Stop(StopCode.STOP_BACKUP_REFUSED, detail="no_recipients", needed=str(needed)),)
    if found < needed:
        return (Stop(StopCode.STOP_BACKUP_REFUSED, detail="recipients", found=str(found), needed=str(needed)),)
    return context.vault.refusals(size)


def _rows(snapshot: SnapshotSession, name: str, params: Params) -> Iterator[bytes]:
    return snapshot.copy_out(snapshot.table(name), selection(name), {"prefix": params.document_id})


def _plain(snapshot: SnapshotSession, name: str, params: Params) -> StoredPart:
    return _counted(Tally().exhaust(_rows(snapshot, name, params)))


def _counted(plain: Tally) -> StoredPart:
    return StoredPart(plain.sha256, plain.size, "", 0)


def _table(snapshot: SnapshotSession, name: str, params: Params, part: StoredPart) -> Table:
    found = snapshot.table(name)
    row_count, digest = digest_of(snapshot, name, params.document_id)
    return Table(
        oid=found.oid,
        name=name,
        file=file_of(name),
        columns=tuple(Column(column, kind) for column, kind in found.columns),
        primary_key=found.primary_key,
        row_count=row_count,
        row_digest_sha256=digest,
        part=part,
    )


def _manifest(
    context: ExternalContext, snapshot: SnapshotSession, params: Params, backup_id: str, tables: tuple[Table, ...]
) -> Manifest:
    return Manifest(
        backup_id=backup_id,
        run_id=context.run_id,
        phase=context.phase,
        plan_sha256=context.plan_sha256,
        document_id=params.document_id,
        taken_at=context.now.strftime(_TIME),
        snapshot=snapshot.facts(),
        tables=tables,
        recipients=tuple(context.vault.recipients()),
        tool=context.vault.tool(),
    )


def _outcome(context: ExternalContext, manifest: Manifest, drilled: int) -> Outcome:
    return msgspec.structs.replace(
        _rehearsed(manifest),
        backup_id=manifest.backup_id,
        manifest_sha256=canon.sha256(manifest.body),
        drilled_rows=drilled,
        drilled_at=manifest.taken_at,
        drilled_on=context.vault.host(),
    )


def _rehearsed(manifest: Manifest) -> Outcome:
    return Outcome(
        backup_id="",
        manifest_sha256="",
        tables=len(manifest.tables),
        rows=manifest.rows,
        row_counts={table.name: table.row_count for table in manifest.tables},
        size=manifest.size,
        plain_sha256=_plain_digest([(table.name, table.part) for table in manifest.tables]),
        recipients=manifest.recipients,
        drilled_rows=0,
        drilled_at="",
        drilled_on="",
    )


def _plain_digest(parts: Sequence[tuple[str, StoredPart]]) -> str:
    return canon.digest([[name, part.plain_sha256] for name, part in parts])


def still_holds(context: ExternalContext, params: Params, outcome: Outcome) -> None:
    """The drill is of this host and not too old. Raises STOP_DRILL_REFUSED, detail `drill_stale`, `drill_mismatch`."""
    check_drill(
        context,
        DrillReceipt(outcome.manifest_sha256, outcome.drilled_at, outcome.drilled_on, outcome.drilled_rows),
    )


OPERATION = ExternalOperation(
    name="custody.backup",
    version=1,
    summary="Keeps the rows that the next phases may touch, encrypted, and restores them in a drill first.",
    params=Params,
    outcome=Outcome,
    crosses=("library",),
    act=act,
    verify=verify,
    rehearse=rehearse,
    settle=settle,
    still_holds=still_holds,
)

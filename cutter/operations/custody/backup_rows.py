"""`custody.backup_rows@1`: rows of a table that is not cutter's, kept before a statement of the pipeline touches them.

Rules kept here: the pipeline file names the rows by one question for all columns of the table; they are read from one
unchanging snapshot and streamed, never held. The drill decrypts what was kept and compares it, byte for byte, with the
rows read again from the same snapshot: cutter has no stage for a table that is not its own. The manifest says what the
columns are; putting rows back is the owner's work, by COPY.

Source: approvals-and-evidence §6; issue 4, part 9; DESIGN guarantee 5.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from cutter import canon
from cutter.contracts import SnapshotSession, SnapshotTable, StoredPart
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
from cutter.operations.custody.kept import check_drill, policy_of
from cutter.pipeline.statements import Question, Variables
from cutter.stops import Stop, StopCode

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_TABLE = re.compile(r"[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}")


class Params(msgspec.Struct, frozen=True):
    """The table (`schema.name`), and which of its rows: `SELECT t.* FROM schema.name AS t …`, with its variables."""

    table: str
    question: Question
    bind: Variables


class Outcome(msgspec.Struct, frozen=True):
    """What was kept, and the receipt of its drill; the fields are those of `custody.backup`.

    In a rehearsal `backup_id` and what follows from it are empty.
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


class _Rows:
    """The rows of a backup as a stream, counted: in COPY's text form every line is one row."""

    def __init__(self, snapshot: SnapshotSession, params: Params) -> None:
        self._snapshot = snapshot
        self._params = params
        self.table = _table(snapshot, params)
        self.count = 0

    def read(self) -> Iterator[bytes]:
        """All rows, in the order of the primary key."""
        self.count = 0
        for chunk in self._snapshot.copy_out(self.table, self._params.question, self._params.bind):
            self.count += chunk.count(b"\n")
            yield chunk


def act(context: ExternalContext, params: Params) -> Outcome:
    """Keep the rows, decrypt them and compare.

    Raises:
        Stop: STOP_BACKUP_REFUSED (40), detail `question` (it is not all columns of the table), `no_primary_key`,
            `no_recipients`, `recipients` and others of the vault; STOP_DRILL_REFUSED (40), detail `no_key`,
            `drill_mismatch`; STOP_DRIFT, detail `no_table`.
    """
    with context.snapshot(()) as snapshot:
        for stop in _refusals(context, snapshot, 0):
            raise stop
        rows = _Rows(snapshot, params)
        with context.vault.draft(context.run_id, context.phase) as draft:
            part = draft.keep(file_of(params.table), rows.read())
            manifest = _manifest(context, snapshot, rows, part, draft.backup_id)
            _drill(manifest, draft.read(file_of(params.table), part), rows)
            draft.finish(manifest.body)
    return msgspec.structs.replace(
        _outcome(manifest),
        backup_id=manifest.backup_id,
        manifest_sha256=canon.sha256(manifest.body),
        drilled_rows=manifest.rows,
        drilled_at=manifest.taken_at,
        drilled_on=context.vault.host(),
    )


def rehearse(context: ExternalContext, params: Params) -> Rehearsed[Outcome]:
    """Encrypt the rows to nowhere, where there is somebody to encrypt for; tell what would stop a live run."""
    with context.snapshot(()) as snapshot:
        able = not any(stop.code is StopCode.STOP_BACKUP_REFUSED for stop in _refusals(context, snapshot, 0))
        rows = _Rows(snapshot, params)
        part = context.vault.measure(rows.read()) if able else _plain(rows)
        outcome = _outcome(_manifest(context, snapshot, rows, part, ""))
        return Rehearsed(outcome, tuple(_refusals(context, snapshot, part.cipher_size)))


def settle(context: ExternalContext, params: Params) -> Settled[Outcome]:
    """A new backup is made under the next number: what a killed run left counts for nothing without its receipt."""
    return NotHappened.NOT_HAPPENED


def verify(context: ExternalContext, params: Params, outcome: Outcome) -> Verdict:
    """The kept file is what the manifest says; in a rehearsal, the rows read again are the same.

    Raises:
        Stop: STOP_BACKUP_REFUSED (40), detail `missing`, `digest`, `truncated`, `other_run`; `where` is the file.
    """
    if outcome.backup_id:
        context.vault.check(outcome.backup_id, outcome.manifest_sha256)
        return Held({"rows": outcome.rows, "manifest_sha256": outcome.manifest_sha256})
    with context.snapshot(()) as snapshot:
        found = canon.digest([[params.table, _plain(_Rows(snapshot, params)).plain_sha256]])
    if found != outcome.plain_sha256:
        return Broken("rows_moved", found=found[:16], needed=outcome.plain_sha256[:16])
    return Held({"rows": outcome.rows, "manifest_sha256": ""})


def _table(snapshot: SnapshotSession, params: Params) -> SnapshotTable:
    """The table, if the question is for all its columns; else what was kept could not be put back."""
    all_columns = rf"\s*SELECT\s+t\.\*\s+FROM\s+{re.escape(params.table)}\s+AS\s+t\b.*"
    if not _TABLE.fullmatch(params.table) or not re.fullmatch(all_columns, params.question, re.DOTALL | re.IGNORECASE):
        raise Stop(StopCode.STOP_BACKUP_REFUSED, detail="question", needed="SELECT_t.*_FROM_schema.table_AS_t")
    table = snapshot.table(params.table)
    if not table.primary_key:
        raise Stop(StopCode.STOP_BACKUP_REFUSED, detail="no_primary_key", where=params.table)
    return table


def _refusals(context: ExternalContext, snapshot: SnapshotSession, size: int) -> Sequence[Stop]:
    """What stands against a backup: too few who could read it, or what the vault says."""
    needed, found = policy_of(snapshot).recipients_min, len(set(context.vault.recipients()))
    if not found:
        return (Stop(StopCode.STOP_BACKUP_REFUSED, detail="no_recipients", needed=str(needed)),)
    if found < needed:
        return (Stop(StopCode.STOP_BACKUP_REFUSED, detail="recipients", found=str(found), needed=str(needed)),)
    return context.vault.refusals(size)


def _plain(rows: _Rows) -> StoredPart:
    counted = Tally().exhaust(rows.read())
    return StoredPart(counted.sha256, counted.size, "", 0)


def _drill(manifest: Manifest, decrypted: Iterator[bytes], rows: _Rows) -> None:
    kept, live = Tally().exhaust(decrypted), Tally().exhaust(rows.read())
    if (kept.sha256, kept.size, manifest.rows) != (live.sha256, live.size, rows.count):
        found, needed = kept.sha256[:16], live.sha256[:16]
        raise Stop(
            StopCode.STOP_DRILL_REFUSED, detail="drill_mismatch", where=rows.table.name, found=found, needed=needed
        )


def _manifest(
    context: ExternalContext, snapshot: SnapshotSession, rows: _Rows, part: StoredPart, backup_id: str
) -> Manifest:
    table = Table(
        oid=rows.table.oid,
        name=rows.table.name,
        file=file_of(rows.table.name),
        columns=tuple(Column(column, kind) for column, kind in rows.table.columns),
        primary_key=rows.table.primary_key,
        row_count=rows.count,
        row_digest_sha256=part.plain_sha256,  # rows stand in the order of their key, so their bytes are their digest
        part=part,
    )
    return Manifest(
        backup_id=backup_id,
        run_id=context.run_id,
        phase=context.phase,
        plan_sha256=context.plan_sha256,
        document_id=rows.table.name,
        taken_at=context.now.strftime(_TIME),
        snapshot=snapshot.facts(),
        tables=(table,),
        recipients=tuple(context.vault.recipients()),
        tool=context.vault.tool(),
    )


def _outcome(manifest: Manifest) -> Outcome:
    return Outcome(
        backup_id="",
        manifest_sha256="",
        tables=len(manifest.tables),
        rows=manifest.rows,
        row_counts={table.name: table.row_count for table in manifest.tables},
        size=manifest.size,
        plain_sha256=canon.digest([[table.name, table.part.plain_sha256] for table in manifest.tables]),
        recipients=manifest.recipients,
        drilled_rows=0,
        drilled_at="",
        drilled_on="",
    )


def still_holds(context: ExternalContext, params: Params, outcome: Outcome) -> None:
    """The drill is of this host and not too old. Raises STOP_DRILL_REFUSED, detail `drill_stale`, `drill_mismatch`."""
    check_drill(
        context,
        DrillReceipt(outcome.manifest_sha256, outcome.drilled_at, outcome.drilled_on, outcome.drilled_rows),
    )


OPERATION = ExternalOperation(
    name="custody.backup_rows",
    version=1,
    summary="Keeps rows of a table of your own, encrypted and drilled, before a statement touches them.",
    params=Params,
    outcome=Outcome,
    crosses=(),
    act=act,
    verify=verify,
    rehearse=rehearse,
    settle=settle,
    still_holds=still_holds,
)

"""`custody.backup_rows@1`: rows of a table that is not cutter's, kept before a statement of the pipeline touches them.

Rules kept here: the pipeline file names the rows by one question for all columns of the table; they are read from one
unchanging snapshot and streamed, never held. The drill decrypts what was kept and compares it, byte for byte, with the
rows read again from the same snapshot: cutter has no stage for a table that is not its own. The manifest says what the
columns are; putting rows back is the owner's work, by COPY.

Source: approvals-and-evidence §6; issue 4, part 9; DESIGN guarantee 5.
"""

import re
from collections.abc import Iterator

import msgspec

from cutter.contracts import SnapshotSession, SnapshotTable, StoredPart
from cutter.custody.manifest import Manifest, file_of, refused
from cutter.custody.streams import Tally
from cutter.operation import ExternalContext, ExternalOperation, Rehearsed, Verdict
from cutter.operations.custody import keeping
from cutter.operations.custody.keeping import Outcome
from cutter.pipeline.statements import Question, Variables
from cutter.stops import Stop, StopCode

_TABLE = re.compile(r"[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}")


class Params(msgspec.Struct, frozen=True):
    """The table (`schema.name`), and which of its rows: `SELECT t.* FROM schema.name AS t …`, with its variables."""

    table: str
    question: Question
    bind: Variables


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
        keeping.check_possible(context, snapshot)
        rows = _Rows(snapshot, params)
        with context.vault.draft(context.run_id, context.phase) as draft:
            part = draft.keep(file_of(params.table), rows.read())
            manifest = _manifest(context, snapshot, rows, part, draft.backup_id)
            _drill(manifest, draft.read(file_of(params.table), part), rows)
            draft.finish(manifest.body)
    return keeping.drilled(context, manifest, manifest.rows)


def rehearse(context: ExternalContext, params: Params) -> Rehearsed[Outcome]:
    """Encrypt the rows to nowhere, where there is somebody to encrypt for; tell what would stop a live run."""
    with context.snapshot(()) as snapshot:
        rows = _Rows(snapshot, params)
        part = keeping.measure(context, snapshot, rows.read())
        return keeping.rehearsed(context, snapshot, _manifest(context, snapshot, rows, part, ""), part)


def verify(context: ExternalContext, params: Params, outcome: Outcome) -> Verdict:
    """What was kept is there, as it was; in a rehearsal, the rows are. Stops as `keeping.prove`."""

    def read_again(snapshot: SnapshotSession) -> str:
        part = keeping.counted(Tally().exhaust(_Rows(snapshot, params).read()))
        return keeping.plain_digest([(params.table, part)])

    return keeping.prove(context, outcome, read_again)


def _table(snapshot: SnapshotSession, params: Params) -> SnapshotTable:
    """The table, if the question is for all its columns; else what was kept could not be put back."""
    all_columns = rf"\s*SELECT\s+t\.\*\s+FROM\s+{re.escape(params.table)}\s+AS\s+t\b.*"
    if not _TABLE.fullmatch(params.table) or not re.fullmatch(all_columns, params.question, re.DOTALL | re.IGNORECASE):
        raise refused("question", needed="SELECT_t.*_FROM_schema.table_AS_t")
    table = snapshot.table(params.table)
    if not table.primary_key:
        raise refused("no_primary_key", params.table)
    return table


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
    # rows stand in the order of their key, so their bytes are their digest
    table = keeping.table_of(rows.table, rows.count, part.plain_sha256, part)
    return keeping.manifest_of(context, snapshot, rows.table.name, backup_id, (table,))


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
    settle=keeping.settle,
    still_holds=keeping.still_holds,
)

"""`custody.backup@1`: the rows that the phases up to the next gate may touch, kept before they are touched.

Rules kept here: all tables are read from one unchanging snapshot and streamed, never held; a backup counts only once it
was restored in a drill beside the live rows; of a first cut there are no rows, and that is a backup too: it restores to
absence. A rehearsal encrypts to nowhere and says what would stop a live run.

Source: approvals-and-evidence §6; DESIGN guarantee 5.
"""

import itertools
from collections.abc import Iterator

import msgspec

from cutter.contracts import SnapshotSession, StoredPart
from cutter.custody.manifest import Table, file_of
from cutter.custody.streams import Tally
from cutter.operation import ExternalContext, ExternalOperation, Rehearsed, Verdict
from cutter.operations.custody import keeping
from cutter.operations.custody.drill import drill
from cutter.operations.custody.keeping import Outcome
from cutter.operations.custody.kept import TABLES, digest_of, selection


class Params(msgspec.Struct, frozen=True):
    """Whose rows: those of the document."""

    document_id: str


def act(context: ExternalContext, params: Params) -> Outcome:
    """Keep the rows, and restore them in a drill.

    Raises:
        Stop: STOP_BACKUP_REFUSED (40), detail `no_recipients`, `recipients` (fewer than the policy asks), `recipient`,
            `folder`, `no_space`, `disk_…`, `link_or_folder`, `policy`; STOP_DRILL_REFUSED (40), detail `no_key`,
            `drill_mismatch`.
    """
    with context.snapshot(TABLES) as snapshot:
        keeping.check_possible(context, snapshot)
        with context.vault.draft(context.run_id, context.phase) as draft:
            tables = tuple(
                _table(snapshot, name, params, draft.keep(file_of(name), _rows(snapshot, name, params)))
                for name in TABLES
            )
            manifest = keeping.manifest_of(context, snapshot, params.document_id, draft.backup_id, tables)
            with context.vault.unlocked():
                restored = drill(snapshot, draft.read, manifest, live=True)
            draft.finish(manifest.body)
    return keeping.drilled(context, manifest, restored)


def rehearse(context: ExternalContext, params: Params) -> Rehearsed[Outcome]:
    """Encrypt all rows as one stream to nowhere, where somebody could read it; tell what would stop a live run."""
    with context.snapshot(TABLES) as snapshot:
        plain = {name: Tally() for name in TABLES}
        rows = itertools.chain.from_iterable(plain[name].passing(_rows(snapshot, name, params)) for name in TABLES)
        whole = keeping.measure(context, snapshot, rows)
        tables = tuple(_table(snapshot, name, params, keeping.counted(plain[name])) for name in TABLES)
        manifest = keeping.manifest_of(context, snapshot, params.document_id, "", tables)
        return keeping.rehearsed(context, snapshot, manifest, whole)


def verify(context: ExternalContext, params: Params, outcome: Outcome) -> Verdict:
    """What was kept is there, as it was; in a rehearsal, the rows are. Stops as `keeping.prove`."""

    def read_again(snapshot: SnapshotSession) -> str:
        return keeping.plain_digest((name, _plain(snapshot, name, params)) for name in TABLES)

    return keeping.prove(context, outcome, read_again)


def _rows(snapshot: SnapshotSession, name: str, params: Params) -> Iterator[bytes]:
    return snapshot.copy_out(snapshot.table(name), selection(name), {"prefix": params.document_id})


def _plain(snapshot: SnapshotSession, name: str, params: Params) -> StoredPart:
    return keeping.counted(Tally().exhaust(_rows(snapshot, name, params)))


def _table(snapshot: SnapshotSession, name: str, params: Params, part: StoredPart) -> Table:
    row_count, digest = digest_of(snapshot, name, params.document_id)
    return keeping.table_of(snapshot.table(name), row_count, digest, part)


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
    settle=keeping.settle,
    still_holds=keeping.still_holds,
)

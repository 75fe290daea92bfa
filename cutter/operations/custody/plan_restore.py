"""`custody.plan_restore@1`: finds the backup in the ledger, and looks whether the document is still what its run left.

Rules kept here: a backup is believed by the digest that the ledger has of its manifest, never by its files; rows that
are not what the run of the backup left (somebody changed them since) are not written over.

Source: approvals-and-evidence §6 (Restore).
"""

from collections.abc import Sequence

import msgspec

from cutter import cutting
from cutter.contracts import Row, SurveySession
from cutter.custody.manifest import split_id
from cutter.cutting.digest import DRAFT
from cutter.events import Record, Spawned
from cutter.operation import Broken, Held, ReadContext, ReadOperation, Verdict
from cutter.operations.custody.kept import REGIONS, UNITS, digest_of, sql
from cutter.operations.custody.recorded import backup_of, events_of, outcomes_of
from cutter.stops import Stop, StopCode

_RESTORE = "custody.restore"
_PLAN = "library.plan_cut"
_WRITE = "library.cut_leg_a"
_ENACT = "library.enact"
_VOID = "library.void"


class Params(msgspec.Struct, frozen=True):
    """The document, and the id of the backup (`RUN/PHASE.N`)."""

    document_id: str
    backup_id: str


class Outcome(msgspec.Struct, frozen=True):
    """The backup, and what restoring it does: `row_count` units and regions are removed and written.

    `expected_after_sha256` is the manifest's digest: what the rows must be is what it says.
    """

    run_id: str
    manifest_sha256: str
    present_units: int
    present_regions: int
    present_units_sha256: str
    present_regions_sha256: str
    restored_units: int
    restored_regions: int
    row_count: int
    expected_after_sha256: str


def act(context: ReadContext, params: Params) -> Outcome:
    """Find the backup and compare the present rows.

    Raises:
        Stop: STOP_BACKUP_UNKNOWN (no such id in the ledger); STOP_BACKUP_REFUSED, detail `other_document`; STOP_DRIFT,
            detail `rows_moved` (the rows are not what that run left) or `nothing_written`; STOP_LEDGER_BROKEN.
    """
    run_id, phase = split_id(params.backup_id)
    events = events_of(context.session, run_id)
    kept = backup_of(events, phase, params.backup_id)
    if not any(isinstance(r.event, Spawned) and r.event.lock_key == params.document_id for r in events):
        raise Stop(StopCode.STOP_BACKUP_REFUSED, detail="other_document", where=params.backup_id)
    _check_present(context.session, events, params.document_id)
    units, regions = (digest_of(context.session, table, params.document_id) for table in (UNITS, REGIONS))
    restored = [int(kept["row_counts"][table]) for table in (UNITS, REGIONS)]
    return Outcome(
        run_id=run_id,
        manifest_sha256=str(kept["manifest_sha256"]),
        present_units=units[0],
        present_regions=regions[0],
        present_units_sha256=units[1],
        present_regions_sha256=regions[1],
        restored_units=restored[0],
        restored_regions=restored[1],
        row_count=units[0] + regions[0] + sum(restored),
        expected_after_sha256=str(kept["manifest_sha256"]),
    )


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The ledger still says the same of the backup. (The rows themselves change by the restore.)"""
    run_id, phase = split_id(params.backup_id)
    found = str(backup_of(events_of(context.session, run_id), phase, params.backup_id)["manifest_sha256"])
    if found != outcome.manifest_sha256:
        return Broken("other_manifest", found=found[:16], needed=outcome.manifest_sha256[:16])
    return Held({"manifest_sha256": found})


def _check_present(session: SurveySession, events: Sequence[Record], document_id: str) -> None:
    """The rows are what the run left: a restore's by their digests, a cut's by its plan, none after a void."""
    restored = outcomes_of(events, _RESTORE)
    if restored:
        found = [digest_of(session, table, document_id)[1] for table in (UNITS, REGIONS)]
        _expect(found, [str(restored[-1]["units_sha256"]), str(restored[-1]["regions_sha256"])])
    elif outcomes_of(events, _VOID):
        _expect([str(digest_of(session, UNITS, document_id)[0])], ["0"])
    elif outcomes_of(events, _WRITE):
        planned = str(outcomes_of(events, _PLAN)[-1]["expected_after_sha256"])
        lifecycle = "enacted" if outcomes_of(events, _ENACT) else DRAFT
        rows = session.stream(sql("present_units"), {"prefix": document_id})
        _expect([cutting.rows_sha256(_as_planned(row, lifecycle) for row in rows)], [planned])
    else:
        raise Stop(StopCode.STOP_DRIFT, detail="nothing_written", where=document_id)


def _as_planned(row: Row, lifecycle: str) -> cutting.UnitRow:
    """The unit as the plan foretold it; one that is in another stage of its life, or not its digest, is as it is."""
    stage = DRAFT if row[14] == lifecycle and row[15] else f"{row[14]}:{row[15]}"
    regions = () if row[11] is None else ((row[11], row[12], row[13]),)
    fields = (*row[:11], stage, regions)
    return cutting.UnitRow(*fields)


def _expect(found: Sequence[str], needed: Sequence[str]) -> None:
    if found != needed:
        raise Stop(StopCode.STOP_DRIFT, detail="rows_moved", found=found[0][:16], needed=needed[0][:16])


OPERATION = ReadOperation(
    name="custody.plan_restore",
    version=1,
    summary="Finds a backup in the ledger and checks that the document is still what the backup's run left.",
    params=Params,
    outcome=Outcome,
    crosses=("library",),
    act=act,
    verify=verify,
)

"""Ending a run for good, and telling where a run's files are that it ended: by a person's word, or by another run that
took back what it wrote.

Rules kept here: what the ledger has of an end stands, whatever becomes of the files; they are written anew only where
this host has the run's folder, and from the ledger alone. Of a run whose operations this cutter no longer has nothing
can be told, so its files stay.

Source: DESIGN §4, §7; approvals-and-evidence §3 (What happens when).
"""

from dataclasses import dataclass

from cutter import canon
from cutter.app import index
from cutter.app.compose import build_ports, opened, reach_database
from cutter.app.recovery import check_not_set_back
from cutter.app.resumption import find_run, read_start
from cutter.app.runfiles import keep_result
from cutter.app.runs import show_run
from cutter.contracts import RunRow
from cutter.custody.sidecar import RunFolders
from cutter.engine import abort
from cutter.events import Record
from cutter.model import Mode, Pipeline
from cutter.operations import CATALOGUE
from cutter.pipeline import Refused, rebuild
from cutter.postgres.transact import Committing
from cutter.run import fold_kept
from cutter.settings import Settings
from cutter.stops import Stop, StopCode


@dataclass(frozen=True, slots=True)
class AbortedRun:
    """A run that was ended, with how many events it has; `late`: why its files here tell an earlier moment."""

    run_id: str
    events: int
    late: Stop | None


def abort_run(settings: Settings, prefix: str, reason: str) -> AbortedRun:
    """End a run that has written nothing governed. The reason is kept by its digest only.

    Neither the workspace's pipeline nor this cutter's operations need to be those of the run.

    Raises:
        Stop: STOP_RUN_NOT_FOUND, STOP_ABORT_REFUSED, STOP_BUSY, STOP_LEDGER_BROKEN.
    """
    reached = reach_database(settings)
    with opened(settings, reached, Mode.LIVE, "abort") as look:
        assert isinstance(look, Committing)  # noqa: S101  what LIVE opens
        found = find_run(look, prefix)
        run_id = found.run_id
        check_not_set_back(settings, look, _pipeline_of(look, run_id))
        spawned = fold_kept(look.history(run_id)).spawned
    if spawned is None:
        raise Stop(StopCode.STOP_ABORT_REFUSED, detail="never_begun", where=run_id)
    run = RunRow(
        run_id, spawned.pipeline, spawned.pipeline_sha256, Mode(spawned.mode), spawned.lock_key, found.started_by
    )
    with opened(settings, reached, Mode.LIVE, run_id) as transactor:
        records = abort(build_ports(settings, transactor, _ignore), run, canon.sha256(reason.encode()))
    try:
        tell_again(settings, run_id)
    except Stop as stop:
        return AbortedRun(run_id, len(records), stop)
    return AbortedRun(run_id, len(records), None)


def tell_again(settings: Settings, run_id: str) -> None:
    """Write what a run answers now.

    Raises:
        Stop: STOP_LEDGER_BROKEN, STOP_PATH_UNSAFE, STOP_DISK, and what connecting raises.
    """
    if not RunFolders(settings.state).names(run_id):
        return
    try:
        result = show_run(settings, run_id).result
    except Stop as stop:
        if stop.detail == "operation_gone":
            return
        raise
    if result is not None:
        keep_result(settings, result)


def tell_voided(settings: Settings, transactor: Committing) -> None:
    """Write anew what those runs of this host answer that were open when another run took back what they wrote.

    Raises as `tell_again`.
    """
    for run in index.known_runs(str(settings.workspace)):
        if run.is_open and transactor.voided_by(run.run_id):
            tell_again(settings, run.run_id)


def _pipeline_of(transactor: Committing, run_id: str) -> Pipeline | None:
    """The pipeline that a run was started with, where this cutter can still build it."""
    start = read_start(transactor, run_id)
    found = rebuild(start.pipeline.encode(), CATALOGUE) if start is not None else None
    return None if isinstance(found, Refused) else found


def _ignore(record: Record) -> None:
    """Nobody listens."""

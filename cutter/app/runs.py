"""Looking at runs: those of the database, and the rehearsals' folders.

Rules kept here: nothing is repaired; what is broken is named with its file or event number; a run of the database is
told from its ledger, whatever this host has in its folder.

Source: DESIGN §7; approvals-and-evidence §5.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC

import msgspec

from cutter.app.compose import build_ports, opened, reach_database
from cutter.app.gates import tell_waiting
from cutter.app.kept import NO_EVENTS, KeptRun, Source, find_kept, read_rehearsal, read_start
from cutter.app.proofs import order_of, pipeline_of
from cutter.app.sidecars import SidecarsVerified, verify_sidecars
from cutter.contracts import RecordedRun
from cutter.custody.sidecar import RESULT, RunFolders
from cutter.events import Record, Spawned
from cutter.evidence import Sidecar, Start
from cutter.model import Mode
from cutter.postgres.transact import Committing
from cutter.report.afterwards import voided_result
from cutter.report.fold import fold_result
from cutter.report.result import Result
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

__all__ = ["ListedRun", "ShownRun", "SidecarsVerified", "list_runs", "show_run", "verify_sidecars"]

VOIDED = "voided"

# How a live run stands, by its last event; with any other it is unfinished. A refused approval leaves it waiting.
_STATUS_OF = {
    "completed": "done",
    "gatewaiting": "waiting",
    "gaterefused": "waiting",
    "stopped": "stopped",
    "aborted": "aborted",
    "declined": "stopped",
}


class ListedRun(msgspec.Struct, frozen=True):
    """One run in a list. `where` is `rehearsal` (a folder of this workspace) or `database`."""

    run_id: str
    pipeline: str
    mode: str
    status: str
    document_id: str
    started_at: str
    where: str


class ShownRun(msgspec.Struct, frozen=True):
    """One run: what it answered, and its files. `folder` is where they are, or would be, on this host."""

    run_id: str
    folder: str
    result: Result | None
    sidecars: tuple[Sidecar, ...]
    events: int


def list_runs(settings: Settings) -> tuple[ListedRun, ...]:
    """All runs, newest first: the rehearsals of this workspace and the runs of the database."""
    recorded = _recorded(settings)
    known = {run.run_id for run in recorded}  # what a folder lacks of a run of the database, the database has
    runs = [*recorded, *(run for run in _rehearsals(settings) if run.run_id not in known)]
    return tuple(sorted(runs, key=lambda run: (run.started_at, run.run_id), reverse=True))


def show_run(settings: Settings, prefix: str) -> ShownRun:
    """One run by a unique prefix of its id. Raises STOP_RUN_NOT_FOUND, STOP_LEDGER_BROKEN."""
    folders = RunFolders(settings.state)
    try:
        kept = find_kept(settings, prefix)
    except Stop as stop:
        if stop.detail != NO_EVENTS:
            raise
        return _show_nothing(folders, prefix, stop)
    result = _result(folders, kept.run_id) if kept.source is Source.REHEARSAL else _fold(settings, kept)
    folder = str(folders.folder(kept.run_id))
    return ShownRun(kept.run_id, folder, result, kept.sidecars(), len(kept.records))


def _show_nothing(folders: RunFolders, prefix: str, stop: Stop) -> ShownRun:
    """A run that was killed before it could keep an event; one that kept a result must have had some."""
    run_id = stop.found or folders.find(prefix)
    if _result(folders, run_id) is not None:
        raise stop
    return ShownRun(run_id, str(folders.folder(run_id)), None, (), 0)


def _fold(settings: Settings, kept: KeptRun) -> Result:
    """The result of a run of the database, from its ledger; of one that waits also what it waits for."""
    pipeline = pipeline_of(kept)
    reached = reach_database(settings)
    with opened(settings, reached, Mode.LIVE, kept.run_id) as transactor:
        ports = build_ports(settings, transactor, _ignore)
        waiting = tell_waiting(settings, ports, order_of(kept, pipeline), kept.records)
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        voided = transactor.voided_by(kept.run_id)
    folder = RunFolders(settings.state).folder(kept.run_id)
    result = fold_result(
        kept.records,
        pipeline,
        kept.start.inputs,
        target_label=reached.label,
        sidecar_dir=str(folder) if folder.is_dir() else None,
        duration_ms=0,
        commit_refused=False,
        waiting=waiting,
    )
    return voided_result(result, voided) if voided else result


def _result(folders: RunFolders, run_id: str) -> Result | None:
    """What the run answered; None when it answered nothing, or when this is not an answer of this cutter."""
    body = folders.read(run_id, RESULT)
    try:
        found = msgspec.json.decode(body, type=Result) if body else None
    except msgspec.MsgspecError:
        return None
    known = found is not None and (found.stop_code is None or found.stop_code in StopCode.__members__)
    return found if known and found is not None and found.run_id == run_id else None


def _rehearsals(settings: Settings) -> Sequence[ListedRun]:
    """The runs of the folders; those of the database are told by it."""
    folders = RunFolders(settings.state)
    listed = []
    for run_id in folders.run_ids():
        try:
            start = read_start(folders, run_id)
            if start.mode is not Mode.DRYRUN:
                continue
            kept, result = read_rehearsal(folders, run_id), _result(folders, run_id)
        except Stop as stop:
            listed.append(_unreadable(folders, run_id, stop))
            continue
        spawned = kept.records[0].event
        status = result.status.value if result else "unfinished"
        key = spawned.lock_key if isinstance(spawned, Spawned) else ""
        story = kept.start.story
        at = kept.records[0].at
        listed.append(ListedRun(run_id, story.pipeline, kept.start.mode.value, status, key, at, "rehearsal"))
    return listed


def _unreadable(folders: RunFolders, run_id: str, stop: Stop) -> ListedRun:
    """A run whose folder cannot be read as a whole; one without events was killed before it could keep them."""
    pipeline, mode, document_id, status = "", Mode.DRYRUN, "", stop.code.name
    with suppress(Stop):
        start = read_start(folders, run_id)
        pipeline, mode, document_id = start.story.pipeline, start.mode, _document_id(start)
        status = "unfinished" if stop.detail == NO_EVENTS else status
    return ListedRun(run_id, pipeline, mode.value, status, document_id, "", "rehearsal")


def _document_id(start: Start) -> str:
    return next((item.value or "" for item in start.inputs.values if item.name == "document_id"), "")


def _recorded(settings: Settings) -> Sequence[ListedRun]:
    reached = reach_database(settings)
    with opened(settings, reached, Mode.LIVE, "list") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        # A row without an event is of a run that was killed before it began: it is nothing that anybody asks about.
        return [_list_recorded(row) for row in transactor.runs() if row.last_event]


def _list_recorded(row: RecordedRun) -> ListedRun:
    at = row.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    status = VOIDED if row.voided else _STATUS_OF.get(row.last_event, "unfinished")
    return ListedRun(row.run_id, row.pipeline, row.mode, status, row.lock_key, at, "database")


def _ignore(record: Record) -> None:
    """Nobody listens."""

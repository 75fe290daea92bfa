"""Looking at runs: those of the database and the rehearsals' folders; and checking a run's sidecars.

Rules kept here: nothing is repaired; what is broken is named with its file or event number.

Source: DESIGN §7; approvals-and-evidence §5, §7 row 20.
"""

from collections.abc import Sequence
from datetime import UTC

import msgspec

from cutter import canon, chain
from cutter.app.compose import opened, reach_database
from cutter.custody.sidecar import EVENTS, INDEX, RESULT, START, RunFolders
from cutter.events import Record, Spawned
from cutter.evidence import Sidecar, Start, file_name, index_of, sidecars
from cutter.model import Mode
from cutter.postgres.transact import Committing
from cutter.report.result import Result
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

# How a live run stands, by its last event; with any other it is unfinished.
_STATUS_OF = {"completed": "done", "gatewaiting": "waiting", "stopped": "stopped", "aborted": "aborted"}


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
    """One run with what its folder holds."""

    run_id: str
    folder: str
    result: Result | None
    sidecars: tuple[Sidecar, ...]
    events: int


class SidecarsVerified(msgspec.Struct, frozen=True):
    """The sidecars of a run are what its events say: how many, and their last digest."""

    run_id: str
    count: int
    folder: str
    sha256: str


class KeptRun(msgspec.Struct, frozen=True):
    """A run as its folder tells it, the chain of its events checked."""

    run_id: str
    start: Start
    records: tuple[Record, ...]
    head_sha256: str


def list_runs(settings: Settings) -> tuple[ListedRun, ...]:
    """All runs, newest first: the rehearsals of this workspace and the runs of the database."""
    runs = [*_rehearsals(settings), *_recorded(settings)]
    return tuple(sorted(runs, key=lambda run: (run.started_at, run.run_id), reverse=True))


def show_run(settings: Settings, prefix: str) -> ShownRun:
    """One run by a unique prefix of its id. Raises STOP_RUN_NOT_FOUND, STOP_LEDGER_BROKEN."""
    folders = RunFolders(settings.state)
    run_id = folders.find(prefix)
    kept = read_run(folders, run_id)
    return ShownRun(
        run_id=run_id,
        folder=str(folders.folder(run_id)),
        result=_result(folders, run_id),
        sidecars=sidecars(run_id, kept.start.story, kept.records),
        events=len(kept.records),
    )


def verify_sidecars(settings: Settings, prefix: str) -> SidecarsVerified:
    """Fold the events of a run again and compare every sidecar and their index, byte for byte.

    Raises:
        Stop: STOP_RUN_NOT_FOUND; STOP_LEDGER_BROKEN when the chain of events is broken; STOP_SIDECAR_CHANGED, detail
            the file's name, when a file is missing or different.
    """
    folders = RunFolders(settings.state)
    run_id = folders.find(prefix)
    kept = read_run(folders, run_id)
    made = sidecars(run_id, kept.start.story, kept.records)
    expected = {file_name(item): canon.encode(item) for item in made}
    expected[INDEX] = canon.encode(index_of(run_id, kept.start.story, made, kept.head_sha256))
    for name, body in expected.items():
        found = folders.read(run_id, name)
        if found != body:
            raise Stop(
                StopCode.STOP_SIDECAR_CHANGED,
                detail=name,
                found="missing" if found is None else canon.sha256(found)[:16],
                needed=canon.sha256(body)[:16],
                where=str(folders.folder(run_id) / name),
            )
    return SidecarsVerified(run_id, len(made), str(folders.folder(run_id)), made[-1].sha256 if made else "")


def read_run(folders: RunFolders, run_id: str) -> KeptRun:
    """A run from its folder. Raises STOP_LEDGER_BROKEN, detail `start` or a place in the chain of events."""
    try:
        start = msgspec.json.decode(folders.read(run_id, START) or b"", type=Start)
    except msgspec.MsgspecError:
        raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="start", where=str(folders.folder(run_id))) from None
    head = chain.rehearsal_genesis(run_id)
    links: list[chain.Link] = []
    for number, body in enumerate((folders.read(run_id, EVENTS) or b"").splitlines(), start=1):
        prev = links[-1].sha256 if links else head.sha256
        links.append(chain.Link(number, body, chain.row_sha256(prev, number, body), prev))
    records = chain.read(links, head)
    if start.run_id != run_id or not records or records[0].run_id != run_id:
        raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="other_run", where=str(folders.folder(run_id)))
    return KeptRun(run_id, start, records, links[-1].sha256)


def _result(folders: RunFolders, run_id: str) -> Result | None:
    body = folders.read(run_id, RESULT)
    try:
        return msgspec.json.decode(body, type=Result) if body else None
    except msgspec.MsgspecError:
        return None


def _rehearsals(settings: Settings) -> Sequence[ListedRun]:
    folders = RunFolders(settings.state)
    listed = []
    for run_id in folders.run_ids():
        try:
            kept = read_run(folders, run_id)
        except Stop as stop:
            listed.append(ListedRun(run_id, "", Mode.DRYRUN.value, stop.code.name, "", "", "rehearsal"))
            continue
        spawned = kept.records[0].event
        result = _result(folders, run_id)
        status = result.status.value if result else "unfinished"
        key = spawned.lock_key if isinstance(spawned, Spawned) else ""
        story = kept.start.story
        at = kept.records[0].at
        listed.append(ListedRun(run_id, story.pipeline, kept.start.mode.value, status, key, at, "rehearsal"))
    return listed


def _recorded(settings: Settings) -> Sequence[ListedRun]:
    reached = reach_database(settings)
    with opened(settings, reached, Mode.LIVE, "list") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        return [
            ListedRun(
                row.run_id,
                row.pipeline,
                row.mode,
                _STATUS_OF.get(row.last_event, "unfinished"),
                row.lock_key,
                row.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "database",
            )
            for row in transactor.runs()
        ]

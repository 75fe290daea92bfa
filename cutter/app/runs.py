"""Looking at runs: those of the database and the rehearsals' folders; and checking a run's sidecars.

Rules kept here: nothing is repaired; what is broken is named with its file or event number.

Source: DESIGN §7; approvals-and-evidence §5, §7 row 20.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC

import msgspec

from cutter import canon, chain
from cutter.app.compose import opened, reach_database
from cutter.custody.sidecar import EVENTS, INDEX, RESULT, START, RunFolders
from cutter.events import Record, Spawned
from cutter.evidence import Sidecar, Start, file_name, index_of, sidecars, start_document
from cutter.model import Mode
from cutter.postgres.transact import Committing
from cutter.report.result import Result
from cutter.run import fold_kept
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

NO_EVENTS = "no_events"  # the detail of the stop for a run that kept none

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
    events: bytes
    head_sha256: str


def list_runs(settings: Settings) -> tuple[ListedRun, ...]:
    """All runs, newest first: the rehearsals of this workspace and the runs of the database."""
    runs = [*_rehearsals(settings), *_recorded(settings)]
    return tuple(sorted(runs, key=lambda run: (run.started_at, run.run_id), reverse=True))


def show_run(settings: Settings, prefix: str) -> ShownRun:
    """One run by a unique prefix of its id. Raises STOP_RUN_NOT_FOUND, STOP_LEDGER_BROKEN."""
    folders = RunFolders(settings.state)
    run_id = folders.find(prefix)
    result = _result(folders, run_id)
    try:
        kept = read_run(folders, run_id)
    except Stop as stop:
        if stop.detail != NO_EVENTS or result is not None:
            raise
        return ShownRun(run_id, str(folders.folder(run_id)), None, (), 0)  # killed before it could keep its events
    return ShownRun(
        run_id=run_id,
        folder=str(folders.folder(run_id)),
        result=result,
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
    _check_start(folders, kept)
    made = sidecars(run_id, kept.start.story, kept.records)
    expected = {START: start_document(kept.start).body, EVENTS: kept.events}
    expected |= {file_name(item): canon.encode(item) for item in made}
    expected[INDEX] = canon.encode(index_of(run_id, kept.start.story, made, kept.head_sha256))
    for name, body in expected.items():
        found = folders.read(run_id, name)
        if found != body:
            raise _changed(folders, run_id, name, "missing" if found is None else canon.sha256(found)[:16], body)
    for name in folders.names(run_id):
        if name not in expected and name != RESULT:
            raise _changed(folders, run_id, name, "added", None)
    return SidecarsVerified(run_id, len(made), str(folders.folder(run_id)), made[-1].sha256 if made else "")


def _changed(folders: RunFolders, run_id: str, name: str, found: str, body: bytes | None) -> Stop:
    return Stop(
        StopCode.STOP_SIDECAR_CHANGED,
        detail=name if body is not None else "not_of_this_run",
        found=found,
        needed="" if body is None else canon.sha256(body)[:16],
        where=str(folders.folder(run_id) / name),
    )


def read_run(folders: RunFolders, run_id: str) -> KeptRun:
    """A run from its folder. Raises STOP_LEDGER_BROKEN, detail `start`, `events` or a place in the chain of events."""
    start = _start(folders, run_id)
    data = folders.read(run_id, EVENTS)
    if data is None:
        raise _broken(folders, run_id, NO_EVENTS, EVENTS)
    head = chain.rehearsal_genesis(run_id)
    links: list[chain.Link] = []
    for number, body in enumerate(data.removesuffix(b"\n").split(b"\n"), start=1):
        prev = links[-1].sha256 if links else head.sha256
        links.append(chain.Link(number, body, chain.row_sha256(prev, number, body), prev))
    try:
        records = chain.read(links, head)
        fold_kept(records)
    except Stop as stop:
        raise _broken(folders, run_id, stop.detail, EVENTS) from None
    if records[0].run_id != run_id:
        raise _broken(folders, run_id, "other_run", EVENTS)
    return KeptRun(run_id, start, records, b"".join(link.body + b"\n" for link in links), links[-1].sha256)


def _check_start(folders: RunFolders, kept: KeptRun) -> None:
    """What a resume would start from is what the first event says by digest."""
    spawned = kept.records[0].event
    said = (canon.digest(kept.start.inputs), canon.sha256(kept.start.pipeline.encode()), kept.start.mode.value)
    if not isinstance(spawned, Spawned) or said != (spawned.inputs_sha256, spawned.pipeline_sha256, spawned.mode):
        where = folders.folder(kept.run_id) / START
        raise Stop(StopCode.STOP_SIDECAR_CHANGED, detail=START, where=str(where))


def _start(folders: RunFolders, run_id: str) -> Start:
    try:
        start = msgspec.json.decode(folders.read(run_id, START) or b"", type=Start)
    except msgspec.MsgspecError:
        raise _broken(folders, run_id, "start", START) from None
    if start.run_id != run_id:
        raise _broken(folders, run_id, "other_run", START)
    return start


def _broken(folders: RunFolders, run_id: str, detail: str, name: str) -> Stop:
    return Stop(StopCode.STOP_LEDGER_BROKEN, detail=detail, where=str(folders.folder(run_id) / name))


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
    folders = RunFolders(settings.state)
    listed = []
    for run_id in folders.run_ids():
        try:
            kept, result = read_run(folders, run_id), _result(folders, run_id)
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
        start = _start(folders, run_id)
        pipeline, mode, document_id = start.story.pipeline, start.mode, _document_id(start)
        status = "unfinished" if stop.detail == NO_EVENTS else status
    return ListedRun(run_id, pipeline, mode.value, status, document_id, "", "rehearsal")


def _document_id(start: Start) -> str:
    return next((item.value or "" for item in start.inputs.values if item.name == "document_id"), "")


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

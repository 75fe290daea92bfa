"""A run as it was kept: a rehearsal by its folder, any other by the database's ledger.

Rules kept here: the source of a run is its chain of events, every link of which is hashed anew; what it was started
with is believed only when the first event says so by digest; of several runs that a prefix fits, none is taken.

Source: DESIGN §4, §8; approvals-and-evidence §4.
"""

from collections.abc import Sequence
from enum import Enum

import msgspec

from cutter import canon, chain
from cutter.app.compose import reach_database, roles_of
from cutter.contracts import SurveySession
from cutter.custody.sidecar import EVENTS, PREFIX, START, RunFolders
from cutter.events import Record, Spawned
from cutter.evidence import Sidecar, Start, sidecars, start_id
from cutter.model import Mode
from cutter.postgres.ledger import open_ledger, read_documents, rows_of_run, run_ids
from cutter.run import fold_kept
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

NO_EVENTS = "no_events"  # the detail of the stop for a run that kept none


class Source(Enum):
    """Where the events of a run are kept."""

    REHEARSAL = "rehearsal"
    DATABASE = "database"


class KeptRun(msgspec.Struct, frozen=True):
    """A run with the chain of its events, checked."""

    run_id: str
    start: Start
    records: tuple[Record, ...]
    links: tuple[chain.Link, ...]
    source: Source

    @property
    def events(self) -> bytes:
        """The bodies, one a line."""
        return b"".join(link.body + b"\n" for link in self.links)

    @property
    def head_sha256(self) -> str:
        """The hash of the last link."""
        return self.links[-1].sha256

    def sidecars(self) -> tuple[Sidecar, ...]:
        """The sidecars that the events make."""
        return sidecars(self.run_id, self.start.story, self.records)


def find_kept(settings: Settings, prefix: str) -> KeptRun:
    """The run whose id begins with `prefix`: a rehearsal of this workspace, or a run of the database.

    Raises:
        Stop: STOP_RUN_NOT_FOUND (detail `ambiguous` with the ids), STOP_LEDGER_BROKEN, STOP_SIDECAR_CHANGED (detail
            `start.json`); what connecting raises, unless the run is a rehearsal.
    """
    folders = RunFolders(settings.state)
    here = _here(folders, prefix)
    if len(here) == 1 and mode_of(folders, here[0]) is Mode.DRYRUN:
        return read_rehearsal(folders, here[0])
    with open_ledger(reach_database(settings).conninfo, roles_of(settings)) as ledger, ledger.snapshot() as session:
        recorded = run_ids(session, prefix) if PREFIX.fullmatch(prefix) else ()
        found = sorted({*here, *recorded})
        if len(found) != 1:
            raise Stop(StopCode.STOP_RUN_NOT_FOUND, detail="ambiguous" if found else "", suggestions=tuple(found[:5]))
        if recorded or mode_of(folders, found[0]) is Mode.LIVE:
            return read_recorded(session, found[0])
    return read_rehearsal(folders, found[0])  # which says what is wrong with its start


def mode_of(folders: RunFolders, run_id: str) -> Mode | None:
    """How a run of a folder was started; None when its start cannot be read."""
    try:
        return read_start(folders, run_id).mode
    except Stop:
        return None


def read_start(folders: RunFolders, run_id: str) -> Start:
    """What a run was started with, by its folder. Raises STOP_LEDGER_BROKEN, detail `start` or `other_run`."""
    try:
        start = msgspec.json.decode(folders.read(run_id, START) or b"", type=Start)
    except msgspec.MsgspecError:
        raise _broken(folders, run_id, "start", START) from None
    if start.run_id != run_id:
        raise _broken(folders, run_id, "other_run", START)
    return start


def read_rehearsal(folders: RunFolders, run_id: str) -> KeptRun:
    """A run from its folder. Raises STOP_LEDGER_BROKEN, detail `start`, `events` or a place in the chain of events."""
    start = read_start(folders, run_id)
    data = folders.read(run_id, EVENTS)
    if data is None:
        raise _broken(folders, run_id, NO_EVENTS, EVENTS)
    links = chain_of(data, run_id)
    try:
        records = chain.read(links, chain.rehearsal_genesis(run_id))
        fold_kept(records)
    except Stop as stop:
        raise _broken(folders, run_id, stop.detail, EVENTS) from None
    if records[0].run_id != run_id:
        raise _broken(folders, run_id, "other_run", EVENTS)
    return KeptRun(run_id, start, records, links, Source.REHEARSAL)


def chain_of(data: bytes, run_id: str) -> tuple[chain.Link, ...]:
    """The links that the lines of an events file make; nothing of them is checked yet."""
    links: list[chain.Link] = []
    prev = chain.rehearsal_genesis(run_id).sha256
    for number, body in enumerate(data.removesuffix(b"\n").split(b"\n"), start=1):
        links.append(chain.Link(number, body, chain.row_sha256(prev, number, body), prev))
        prev = links[-1].sha256
    return tuple(links)


def read_recorded(session: SurveySession, run_id: str) -> KeptRun:
    """A run from the ledger, and its start from the knowledge base.

    Raises:
        Stop: STOP_RUN_NOT_FOUND (detail `no_events`: it recorded nothing), STOP_LEDGER_BROKEN (detail `altered_at_N`,
            `impossible_at_N`, `other_run`, or `start`).
    """
    links = []
    for seq, _, prev, body, sha256 in rows_of_run(session, run_id):
        links.append(chain.Link(seq, body, sha256, prev))
        if len(links) > 1 and links[-2].seq + 1 == seq and links[-2].sha256 != prev:
            raise Stop(StopCode.STOP_LEDGER_BROKEN, detail=f"altered_at_{seq}", where=run_id)
    if not links:
        raise Stop(StopCode.STOP_RUN_NOT_FOUND, detail=NO_EVENTS, found=run_id)
    records = tuple(chain.check(link) for link in links)
    fold_kept(records)
    if records[0].run_id != run_id:
        raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="other_run", where=run_id)
    documents = read_documents(session, start_id(run_id))
    start = _start_in([item.body for item in documents if item.kb_id == start_id(run_id)])
    if start is None or not started_by(start, records[0]):
        raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="start", where=start_id(run_id))
    return KeptRun(run_id, start, records, tuple(links), Source.DATABASE)


def started_by(start: Start, first: Record) -> bool:
    """Whether this is what the run's first event says that it was started with."""
    said = (start.run_id, canon.digest(start.inputs), canon.sha256(start.pipeline.encode()), start.mode.value)
    event = first.event
    return isinstance(event, Spawned) and said == (
        first.run_id,
        event.inputs_sha256,
        event.pipeline_sha256,
        event.mode,
    )


def _start_in(bodies: Sequence[bytes]) -> Start | None:
    try:
        return msgspec.json.decode(bodies[0], type=Start) if bodies else None
    except msgspec.MsgspecError:
        return None


def _here(folders: RunFolders, prefix: str) -> list[str]:
    return [run_id for run_id in folders.run_ids() if prefix and run_id.startswith(prefix)]


def _broken(folders: RunFolders, run_id: str, detail: str, name: str) -> Stop:
    return Stop(StopCode.STOP_LEDGER_BROKEN, detail=detail, where=str(folders.folder(run_id) / name))

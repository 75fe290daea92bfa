"""The files of a run beside what its events say.

Rules kept here: nothing is repaired. A file that is there must be, byte for byte, what the events make: of a run of the
database also what they made earlier, because a run may have gone on elsewhere. A file that is gone is noted: the events
make it again, and a crash looks the same. A file of no such name is none of the run's.

Source: approvals-and-evidence §5, §7 row 20.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from cutter import canon, chain
from cutter.app.kept import KeptRun, Source, chain_of, find_kept, read_start
from cutter.custody.sidecar import EVENTS, INDEX, RESULT, START, RunFolders
from cutter.events import Spawned
from cutter.evidence import IndexEntry, Sidecar, SidecarIndex, file_name, index_of, sidecars, start_document
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

_REVIEW = re.compile(r"review-[A-Z_]+\.html")


class FilesCompared(msgspec.Struct, frozen=True):
    """The files of a run are what its events say: how many sidecars there are, which files are gone (the events make
    them again), and which tell an earlier moment of the run.
    """

    sidecars: int
    missing: tuple[str, ...]
    earlier: tuple[str, ...]


class SidecarsVerified(msgspec.Struct, frozen=True):
    """The sidecars of a run are what its events say: how many, the last one's digest, and which files are gone."""

    run_id: str
    count: int
    folder: str
    sha256: str
    missing: tuple[str, ...]
    earlier: tuple[str, ...]


def verify_sidecars(settings: Settings, prefix: str) -> SidecarsVerified:
    """Fold the events of a run again and compare every file of its folder.

    Raises:
        Stop: STOP_RUN_NOT_FOUND; STOP_LEDGER_BROKEN when the chain of events is broken; STOP_SIDECAR_CHANGED, detail
            the file's name, or `not_of_this_run`.
    """
    folders = RunFolders(settings.state)
    kept = find_kept(settings, prefix)
    compared = compare_files(folders, kept)
    made = kept.sidecars()
    last = made[-1].sha256 if made else ""
    folder = str(folders.folder(kept.run_id))
    return SidecarsVerified(kept.run_id, len(made), folder, last, compared.missing, compared.earlier)


def compare_files(folders: RunFolders, kept: KeptRun) -> FilesCompared:
    """Compare the folder of a run with its events. Raises STOP_SIDECAR_CHANGED, STOP_LEDGER_BROKEN."""
    names = folders.names(kept.run_id)
    made, told = kept.sidecars(), _versions(kept)
    latest = {START, EVENTS, INDEX, *map(file_name, made)}
    for name in names:
        if name not in latest | told.keys() | {RESULT} and not _REVIEW.fullmatch(name):
            raise _changed(folders, kept.run_id, name, "added", None)
    if not names:
        return FilesCompared(len(made), (), ())  # the run went on, or was made, on another host
    _compare_start(folders, kept)
    _compare_events(folders, kept)
    earlier = [name for name in sorted(told) if _compare(folders, kept.run_id, name, told[name], latest=name in latest)]
    if _compare_index(folders, kept, made):
        earlier.append(INDEX)
    return FilesCompared(len(made), tuple(sorted(latest.difference(names))), tuple(earlier))


def _compare_start(folders: RunFolders, kept: KeptRun) -> None:
    """The start is what the first event says by digest; of a rehearsal the file is all that there is of it."""
    spawned, start = kept.records[0].event, kept.start
    said = (canon.digest(start.inputs), canon.sha256(start.pipeline.encode()), start.mode.value)
    if not isinstance(spawned, Spawned) or said != (spawned.inputs_sha256, spawned.pipeline_sha256, spawned.mode):
        raise Stop(StopCode.STOP_SIDECAR_CHANGED, detail=START, where=str(folders.folder(kept.run_id) / START))
    body = start_document(kept.start).body
    found = folders.read(kept.run_id, START)
    if found is not None and found != body:
        read_start(folders, kept.run_id)  # what it is, if it is a start at all, is told first
        raise _changed(folders, kept.run_id, START, canon.sha256(found)[:16], body)


def _compare_events(folders: RunFolders, kept: KeptRun) -> None:
    """The events of the folder are the run's, as far as they go; of a rehearsal they are its source, and exact."""
    found = folders.read(kept.run_id, EVENTS)
    if found is None or (kept.source is Source.REHEARSAL and found == kept.events):
        return
    if kept.source is Source.DATABASE and found.endswith(b"\n"):
        records = chain.read(chain_of(found, kept.run_id), chain.rehearsal_genesis(kept.run_id))
        if records == kept.records[: len(records)]:
            return
    raise _changed(folders, kept.run_id, EVENTS, canon.sha256(found)[:16], kept.events)


def _compare_index(folders: RunFolders, kept: KeptRun, made: Sequence[Sidecar]) -> bool:
    """Whether the index tells an earlier moment; one that tells none is a stop."""
    found = folders.read(kept.run_id, INDEX)
    exact = canon.encode(index_of(kept.run_id, kept.start.story, made, kept.head_sha256))
    if found is None or found == exact:
        return False
    if kept.source is Source.DATABASE:
        index, events = _as_index(found), folders.read(kept.run_id, EVENTS)
        ends = None if events is None else chain_of(events, kept.run_id)[-1].sha256
        if index is not None and ends in (None, index.events_sha256) and index.entries in _indexes(kept):
            same = (index.run_id, index.story) == (kept.run_id, kept.start.story)
            if same:
                return index.entries != _entries(kept, made)
    raise _changed(folders, kept.run_id, INDEX, canon.sha256(found)[:16], exact)


def _as_index(found: bytes) -> SidecarIndex | None:
    try:
        index = msgspec.json.decode(found, type=SidecarIndex)
    except msgspec.MsgspecError:
        return None
    return index if canon.encode(index) == found else None


def _indexes(kept: KeptRun) -> list[tuple[IndexEntry, ...]]:
    return [_entries(kept, made) for made in _moments(kept)]


def _entries(kept: KeptRun, made: Sequence[Sidecar]) -> tuple[IndexEntry, ...]:
    return index_of(kept.run_id, kept.start.story, made, "").entries


def _moments(kept: KeptRun) -> list[tuple[Sidecar, ...]]:
    """The sidecars after each event of the run, the last first: any of them may have been the last that was written."""
    ends = range(len(kept.records), 0, -1) if kept.source is Source.DATABASE else (len(kept.records),)
    return [sidecars(kept.run_id, kept.start.story, kept.records[:end]) for end in ends]


def _versions(kept: KeptRun) -> Mapping[str, list[bytes]]:
    """Every body that a sidecar has had, the last first."""
    told: dict[str, list[bytes]] = {}
    for made in _moments(kept):
        for item in made:
            bodies = told.setdefault(file_name(item), [])
            body = canon.encode(item)
            if body not in bodies:
                bodies.append(body)
    return told


def _compare(folders: RunFolders, run_id: str, name: str, told: Sequence[bytes], *, latest: bool) -> bool:
    """Whether a sidecar tells an earlier moment: by what it says, or because its phase is to be done anew."""
    found = folders.read(run_id, name)
    if found is not None and found not in told:
        raise _changed(folders, run_id, name, canon.sha256(found)[:16], told[0])
    return found is not None and not (latest and found == told[0])


def _changed(folders: RunFolders, run_id: str, name: str, found: str, body: bytes | None) -> Stop:
    return Stop(
        StopCode.STOP_SIDECAR_CHANGED,
        detail=name if body is not None else "not_of_this_run",
        found=found,
        needed="" if body is None else canon.sha256(body)[:16],
        where=str(folders.folder(run_id) / name),
    )

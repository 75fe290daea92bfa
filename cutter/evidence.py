"""What a phase leaves behind, folded from its events: its document in the knowledge base, and its sidecar.

Rules kept here: both are functions of the events alone, so they can be made again at any time and must come out the
same; what depends on the moment or the machine stands in `volatile` and outside the digest; a sidecar names the one
before by digest.

Source: DESIGN §8 (Sidecar), §4.
"""

import itertools
from collections.abc import Sequence
from enum import Enum
from typing import Any

import msgspec

from cutter import canon
from cutter.contracts import KnowledgeDocument
from cutter.events import (
    Acted,
    ApprovalVerified,
    Facts,
    GateOpened,
    GateRefused,
    GateRehearsed,
    GateWaiting,
    Published,
    Record,
    Resumed,
    Skipped,
    Started,
    Stopped,
    Surveyed,
    Verified,
    WouldStop,
)
from cutter.model import Inputs, Mode

NO_PREVIOUS = "0" * 64


class Status(Enum):
    """How a phase ended."""

    OK = "ok"
    WOULD_WAIT = "would_wait"
    WOULD_STOP = "would_stop"
    WAITING = "waiting"
    APPROVED = "approved"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    UNFINISHED = "unfinished"


class Story(msgspec.Struct, frozen=True):
    """What every phase document says of its run, for a reader who has nothing else.

    `request` is what was asked, in the user's words; `invocation` the command line that asks the same.
    """

    pipeline: str
    pipeline_sha256: str
    request: str
    invocation: str

    def prompt(self, phase: str, run_id: str) -> str:
        """The operation form: the request, the phase and the run, without a flag or digest."""
        return f"{self.request} qua orchestrator, giai đoạn {phase}, run_id {run_id}."


class Start(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run was started with (`cutter.start/1`), so that any host can resume it."""

    format: str = "cutter.start/1"
    run_id: str
    story: Story
    mode: Mode
    inputs: Inputs
    pipeline: str


class SurveyAnswer(msgspec.Struct, frozen=True):
    """One survey of the phase: what was expected, what was found (numbers; text by digest)."""

    name: str
    inside: bool
    expected: Facts
    found: Facts
    facts_sha256: str


class Guarded(msgspec.Struct, frozen=True):
    """The marker of the phase's effect."""

    guard: str
    key: tuple[str, ...]
    sha256: str


class Refusal(msgspec.Struct, frozen=True):
    """A stop, or what would stop a live run."""

    code: str
    exit: int
    detail: str


class Span(msgspec.Struct, frozen=True):
    """The first and last of the phase's events, by their number in the run."""

    first: int
    last: int


class Uploaded(msgspec.Struct, frozen=True):
    """The phase's document in the knowledge base."""

    kb_id: str
    sha256: str


class Volatile(msgspec.Struct, frozen=True):
    """What another run of the same would not repeat; outside the digest."""

    started_at: str
    ended_at: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What both the document and the sidecar of a phase tell."""

    run_id: str
    story: Story
    prompt: str
    phase: str
    index: int
    operation: str
    status: Status
    surveys: tuple[SurveyAnswer, ...]
    idempotency: Guarded | None
    gate: str
    outcome: Facts | None
    would_stop: tuple[Refusal, ...]


class PhaseDocument(Account, frozen=True, kw_only=True):
    """The phase as its transaction knew it (`cutter.phase/1`)."""

    format: str = "cutter.phase/1"


class Sidecar(Account, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The phase, folded from all its events (`cutter.sidecar/1`)."""

    format: str = "cutter.sidecar/1"
    verified: Facts | None
    stopped: Refusal | None
    events: Span
    kb_document: Uploaded | None
    previous: str
    sha256: str
    volatile: Volatile


class IndexEntry(msgspec.Struct, frozen=True):
    """One sidecar file of the run."""

    index: int
    name: str
    sha256: str
    size: int


class SidecarIndex(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The list of a run's sidecar files, with the hash that ends its chain of events (`cutter.sidecar-index/1`)."""

    format: str = "cutter.sidecar-index/1"
    run_id: str
    story: Story
    events_sha256: str
    entries: tuple[IndexEntry, ...]


def start_id(run_id: str) -> str:
    """The knowledge-base id of what a run was started with."""
    return f"runs/{run_id}/start"


def start_document(start: Start) -> KnowledgeDocument:
    """The document that a resume needs besides the ledger."""
    return KnowledgeDocument(start_id(start.run_id), "application/json", canon.encode(start))


def phase_document(run_id: str, story: Story, records: Sequence[Record], attempt: int = 1) -> KnowledgeDocument:
    """The knowledge-base document of a phase, from its events so far (before it is published).

    A phase that is done anew (its gate was asked again) has a document for each attempt.
    """
    body = PhaseDocument(**_account(run_id, story, records))
    kb_id = f"runs/{run_id}/{body.index:02d}-{body.phase}" + (f".{attempt}" if attempt > 1 else "")
    return KnowledgeDocument(kb_id, "application/json", canon.encode(body))


def sidecar(run_id: str, story: Story, records: Sequence[Record], previous: str) -> Sidecar:
    """The sidecar of a phase, from all its events.

    Args:
        run_id: the run.
        story: the pipeline and the request in words.
        records: the phase's events of its last attempt, in order, `Started` first.
        previous: the digest of the sidecar before, or `NO_PREVIOUS`.
    """
    bare = Sidecar(
        **_account(run_id, story, records),
        verified=next((r.event.facts for r in records if isinstance(r.event, Verified)), None),
        stopped=next(
            (
                Refusal(r.event.code, r.event.exit, r.event.detail)
                for r in records
                if isinstance(r.event, (Stopped, GateRefused))
            ),
            None,
        ),
        events=Span(records[0].number, records[-1].number),
        kb_document=next(
            (Uploaded(r.event.kb_id, r.event.sha256) for r in records if isinstance(r.event, Published)), None
        ),
        previous=previous,
        sha256="",
        volatile=Volatile("", ""),
    )
    sha256 = canon.digest(bare)
    return msgspec.structs.replace(bare, sha256=sha256, volatile=Volatile(records[0].at, records[-1].at))


def _account(run_id: str, story: Story, records: Sequence[Record]) -> dict[str, Any]:
    """The fields of an `Account`."""
    started = _started(records)
    phase = records[0].phase
    return {
        "run_id": run_id,
        "story": story,
        "prompt": story.prompt(phase, run_id),
        "phase": phase,
        "index": started.index,
        "operation": started.operation,
        "status": _status(records),
        "surveys": _surveys(records),
        "idempotency": _guarded(records),
        "gate": _gate(records),
        "outcome": _outcome(records),
        "would_stop": _would_stop(records),
    }


def file_name(sidecar: Sidecar) -> str:
    """The file of a sidecar in the run's folder."""
    return f"{sidecar.index:02d}-{sidecar.phase}.json"


def sidecars(run_id: str, story: Story, records: Sequence[Record]) -> tuple[Sidecar, ...]:
    """The chained sidecars of every phase that was started, from all events of a run.

    A phase that was started again (after a crash or a stop) is told by its last attempt; a stop at a phase that had
    ended (its proof failed after a resume) is told until the run is resumed; one before its start belongs to the run.
    Where a gate is asked again, what came after it is to be done anew, and is not told until it is.
    """
    attempts: dict[str, list[Record]] = {}
    for record in records:
        if isinstance(record.event, Resumed):
            attempts = {
                phase: [r for r in attempt if not isinstance(r.event, (Stopped, GateRefused))]
                for phase, attempt in attempts.items()
            }
        if isinstance(record.event, Started):
            before = itertools.takewhile(lambda known: known != record.phase, attempts)  # noqa: B023  used up here
            attempts = {phase: attempts[phase] for phase in before} | {record.phase: []}
        elif record.phase not in attempts or _proved_again(record, attempts[record.phase]):
            continue
        attempts[record.phase].append(record)
    chained: list[Sidecar] = []
    for attempt in attempts.values():
        chained.append(sidecar(run_id, story, attempt, chained[-1].sha256 if chained else NO_PREVIOUS))
    return tuple(chained)


def index_of(run_id: str, story: Story, made: Sequence[Sidecar], events_sha256: str) -> SidecarIndex:
    """The index over the exact bytes of the sidecar files; `events_sha256` is the hash of the last event's link."""
    entries = []
    for item in made:
        body = canon.encode(item)
        entries.append(IndexEntry(item.index, file_name(item), canon.sha256(body), len(body)))
    return SidecarIndex(run_id=run_id, story=story, events_sha256=events_sha256, entries=tuple(entries))


def _proved_again(record: Record, attempt: Sequence[Record]) -> bool:
    return isinstance(record.event, Verified) and any(isinstance(r.event, Verified) for r in attempt)


def _started(records: Sequence[Record]) -> Started:
    first = records[0].event
    if not isinstance(first, Started):
        raise RuntimeError("the events of a phase begin with its start")  # noqa: TRY004  a fault of ours
    return first


def _status(records: Sequence[Record]) -> Status:
    status = Status.UNFINISHED
    for record in records:
        match record.event:
            case Stopped() | GateRefused():
                return Status.STOPPED
            case GateWaiting():
                status = Status.WAITING
            case ApprovalVerified():
                status = Status.APPROVED
            case GateRehearsed():
                status = Status.WOULD_WAIT
            case WouldStop():
                status = Status.WOULD_STOP
            case Skipped():
                status = Status.SKIPPED
            case Acted() | Published() if status is Status.UNFINISHED:
                status = Status.OK
            case _:
                continue
    if status is Status.UNFINISHED and not _started(records).operation:
        return Status.OK
    return status


def _surveys(records: Sequence[Record]) -> tuple[SurveyAnswer, ...]:
    return tuple(
        SurveyAnswer(e.survey, e.inside, e.expected, e.found, e.facts_sha256)
        for e in (record.event for record in records)
        if isinstance(e, Surveyed)
    )


def _effect(records: Sequence[Record]) -> Acted | None:
    return next((r.event for r in records if isinstance(r.event, Acted)), None)


def _outcome(records: Sequence[Record]) -> Facts | None:
    effect = _effect(records)
    return effect.outcome if effect else None


def _guarded(records: Sequence[Record]) -> Guarded | None:
    effect = _effect(records)
    if effect is None or not effect.guard:
        return None
    return Guarded(effect.guard, effect.key, canon.digest(effect.key))


def _gate(records: Sequence[Record]) -> str:
    for record in records:
        if isinstance(record.event, (GateWaiting, ApprovalVerified, GateOpened, GateRehearsed)):
            return record.event.gate
    return ""


def _would_stop(records: Sequence[Record]) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(e.code, e.exit, e.detail) for e in (record.event for record in records) if isinstance(e, WouldStop)
    )

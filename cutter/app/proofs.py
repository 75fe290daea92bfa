"""Proving a run again from nothing but what is kept of it; and telling its story from its events.

Rules kept here: it only reads. The chain of events is the source; documents, files, backups and rows are compared with
it, and what is different stops with its name. What a voided run wrote is gone on purpose: its rows are not asked for.
Where rows are no longer as their run left them, a later run of the same lock has to explain that.

Source: DESIGN §4 (finished phases are proved again by `verify`), §7; approvals-and-evidence §5.
"""

from collections.abc import Iterator

import msgspec

from cutter import canon, chain
from cutter.app.compose import build_ports, opened, reach_database, roles_of
from cutter.app.kept import KeptRun, Source, find_kept
from cutter.app.sidecars import FilesCompared, compare_files
from cutter.app.system import SystemClock
from cutter.app.vaults import build_vault
from cutter.contracts import SurveySession
from cutter.custody.sidecar import RunFolders
from cutter.events import (
    Acted,
    AnyEvent,
    ApprovalVerified,
    GateOpened,
    GateRefused,
    GateRehearsed,
    GateWaiting,
    Planned,
    Published,
    Record,
    Started,
    Stopped,
    WouldStop,
)
from cutter.execution import Execution
from cutter.gatekeeping import plan_id
from cutter.journal import Journal
from cutter.model import Mode, OperationPhase, Pipeline
from cutter.operation import Broken, ExternalOperation, Verdict
from cutter.operations import CATALOGUE
from cutter.order import Order
from cutter.pipeline import Refused, rebuild
from cutter.postgres.ledger import changed_since, open_ledger, read_documents, voided_by
from cutter.run import RunState, Step, fold
from cutter.settings import Settings
from cutter.stops import Stop, StopCode


class RunProved(msgspec.Struct, frozen=True, kw_only=True):
    """What was found to be as the events of a run say.

    Attributes:
        source: `database` or `rehearsal`; of a rehearsal the database holds nothing.
        events: how many events the run has; `first` and `last` are their places in the chain.
        documents: how many documents of the knowledge base have the digest that the events state.
        phases: the phases whose rows a fresh read-only session found again.
        backups: the backups whose files were found to be what the ledger says.
        voided_by: the run that voided what this one wrote; empty when none did.
        changed_by: the run that wrote after this one, where the rows are no longer as this one left them.
        files: the run's folder on this host.
    """

    run_id: str
    source: str
    events: int
    first: int
    last: int
    head_sha256: str
    documents: int
    phases: tuple[str, ...]
    backups: tuple[str, ...]
    voided_by: str
    changed_by: str = ""
    files: FilesCompared


class ToldEvent(msgspec.Struct, frozen=True):
    """One event of a run as it is told: when, who, in which phase, what, and a word more."""

    seq: int
    at: str
    person: str
    phase: str
    event: str
    word: str


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """A run folded again from its events, with how it stands by them, and its files compared."""

    run_id: str
    source: str
    pipeline: str
    mode: str
    lifecycle: str
    story: tuple[ToldEvent, ...]
    files: FilesCompared


def verify_run(settings: Settings, prefix: str) -> RunProved:
    """Prove everything that is kept of a run.

    Raises:
        Stop: STOP_RUN_NOT_FOUND; STOP_LEDGER_BROKEN; STOP_SIDECAR_CHANGED; STOP_VERIFY_FAILED (detail
            `document_missing` or `document_changed`, `where` its id; or what a phase's proof found, `where` the phase);
            STOP_BACKUP_REFUSED; STOP_PLAN_CHANGED (detail `operation_gone`).
    """
    kept = find_kept(settings, prefix)
    files = compare_files(RunFolders(settings.state), kept)
    documents, voided, changed = 0, "", ""
    phases: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    if kept.source is Source.DATABASE:
        with (
            open_ledger(reach_database(settings).conninfo, roles_of(settings)) as ledger,
            ledger.snapshot() as session,
        ):
            documents = check_documents(session, kept)
            voided, later = voided_by(session, kept.run_id), changed_since(session, kept.run_id)
        backups = tuple(_check_backups(settings, kept))
        if not voided:
            phases, changed = _rows(settings, kept, later)
    return RunProved(
        run_id=kept.run_id,
        source=kept.source.value,
        events=len(kept.records),
        first=kept.links[0].seq,
        last=kept.links[-1].seq,
        head_sha256=kept.head_sha256,
        documents=documents,
        phases=phases,
        backups=backups,
        voided_by=voided,
        changed_by=changed,
        files=files,
    )


def _rows(settings: Settings, kept: KeptRun, later: str) -> tuple[tuple[str, ...], str]:
    """The phases whose rows are as the run left them; or, where a later run wrote, that run: it is proved by itself."""
    try:
        return prove_rows(settings, kept), ""
    except Stop as stop:
        if stop.code is not StopCode.STOP_VERIFY_FAILED or not later:
            raise
        return (), later


def replay_run(settings: Settings, prefix: str) -> Replayed:
    """Fold the events of a run again and tell them; its files are compared. Raises as `verify_sidecars`."""
    kept = find_kept(settings, prefix)
    state = fold(kept.records)
    return Replayed(
        run_id=kept.run_id,
        source=kept.source.value,
        pipeline=kept.start.story.pipeline,
        mode=kept.start.mode.value,
        lifecycle=state.lifecycle.value,
        story=tuple(_tell(link, record) for link, record in zip(kept.links, kept.records, strict=True)),
        files=compare_files(RunFolders(settings.state), kept),
    )


def check_documents(session: SurveySession, kept: KeptRun) -> int:
    """The run's documents have the digests that its events state; how many there are. Raises STOP_VERIFY_FAILED."""
    found = {item.kb_id: item.body for item in read_documents(session, f"runs/{kept.run_id}/")}
    found |= {item.kb_id: item.body for item in read_documents(session, f"approvals/{kept.run_id}/")}
    stated = dict(_documents(kept))
    for kb_id, sha256 in stated.items():
        body = found.get(kb_id)
        if body is None or canon.sha256(body) != sha256:
            raise Stop(
                StopCode.STOP_VERIFY_FAILED,
                detail="document_missing" if body is None else "document_changed",
                found="" if body is None else canon.sha256(body)[:16],
                needed=sha256[:16],
                where=kb_id,
            )
    return len(stated) + 1  # the start, which was compared when the run was read


def prove_rows(settings: Settings, kept: KeptRun) -> tuple[str, ...]:
    """Ask the proof of every finished phase again, in read-only sessions; the phases that have one.

    Raises:
        Stop: STOP_VERIFY_FAILED, `where` the phase; STOP_PLAN_CHANGED, detail `operation_gone`.
    """
    pipeline = pipeline_of(kept)
    with opened(settings, reach_database(settings), Mode.LIVE, kept.run_id) as transactor:
        ports = build_ports(settings, transactor, _ignore)
        journal = Journal(kept.run_id, kept.records, SystemClock(), _ignore)
        return prove_finished(Execution(ports, order_of(kept, pipeline), journal))


def prove_finished(execution: Execution) -> tuple[str, ...]:
    """The same with ports that are open already."""
    proved = []
    for phase in execution.order.pipeline.phases:
        known = execution.known(phase.id)
        if not isinstance(phase, OperationPhase) or known is None or known.skipped:
            continue
        if known.step is Step.FINISHED:
            _prove(execution, phase)
            proved.append(phase.id)
    return tuple(proved)


def pipeline_of(kept: KeptRun) -> Pipeline:
    """The pipeline as the run was started with it. Raises STOP_PLAN_CHANGED, detail `operation_gone`."""
    pipeline = rebuild(kept.start.pipeline.encode(), CATALOGUE)
    if isinstance(pipeline, Refused):
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="operation_gone", where=kept.start.story.pipeline)
    return pipeline


def _prove(execution: Execution, phase: OperationPhase) -> None:
    operation = execution.operation(phase)
    params = execution.params(phase, operation)
    outcome = msgspec.convert(execution.journal.state.outcome(phase.id), operation.outcome)
    verdict: Verdict
    try:
        with execution.ports.transactor.verify() as session:
            if isinstance(operation, ExternalOperation):
                verdict = operation.verify(execution.external_context(phase.id, session), params, outcome)
            else:
                verdict = operation.verify(execution.read_context(session), params, outcome)
    except Stop as stop:
        if stop.where or stop.code is not StopCode.STOP_VERIFY_FAILED:
            raise
        raise Stop(stop.code, stop.detail, found=stop.found, needed=stop.needed, where=phase.id) from None
    if isinstance(verdict, Broken):
        code = StopCode.STOP_VERIFY_FAILED
        raise Stop(code, detail=verdict.detail, found=verdict.found, needed=verdict.needed, where=phase.id)


def order_of(kept: KeptRun, pipeline: Pipeline) -> Order:
    """The order of the run as its first event and its start tell it; nothing is executed by it."""
    state: RunState = fold(kept.records)
    assert state.spawned is not None  # noqa: S101  the run was folded
    return Order(
        run_id=kept.run_id,
        pipeline=pipeline,
        inputs=kept.start.inputs,
        mode=kept.start.mode,
        actor=state.spawned.actor,
        lock_key=state.spawned.lock_key,
        story=kept.start.story,
        environment=state.spawned.environment,
    )


def _documents(kept: KeptRun) -> Iterator[tuple[str, str]]:
    """Ids and digests of the documents that the run's events state."""
    asked, planned = False, ""
    for record in kept.records:
        match record.event:
            case Published(kb_id=kb_id, sha256=sha256):
                yield kb_id, sha256
            case GateWaiting(approval_kb_id=kb_id, request_sha256=sha256):
                asked = True
                yield kb_id, sha256
            case Planned(plan_sha256=sha256):
                planned = sha256
            case _:
                continue
    if asked:
        yield plan_id(kept.run_id), planned


def _check_backups(settings: Settings, kept: KeptRun) -> Iterator[str]:
    """Every backup that the run made is still what its event says."""
    vault = build_vault(settings, None)
    outcomes = [record.event.outcome for record in kept.records if isinstance(record.event, Acted)]
    for outcome in outcomes:
        if outcome.get("backup_id") and outcome.get("manifest_sha256"):
            vault.check(str(outcome["backup_id"]), str(outcome["manifest_sha256"]))
            yield str(outcome["backup_id"])


def _tell(link: chain.Link, record: Record) -> ToldEvent:
    person = chain.decode(link.body, link.seq).person_id
    kind = type(record.event).__name__
    return ToldEvent(link.seq, record.at, person, record.phase, kind, _word(record.event))


def _word(event: AnyEvent) -> str:
    """What tells an event of its kind from another."""
    match event:
        case Started(operation=word) | Acted(operation=word):
            return word
        case (
            Stopped(code=code, detail=detail)
            | GateRefused(code=code, detail=detail)
            | WouldStop(code=code, detail=detail)
        ):
            return f"{code} {detail}".rstrip()
        case ApprovalVerified(gate=gate, persons=persons):
            return f"{gate} {' '.join(persons)}"
        case GateWaiting(gate=gate) | GateOpened(gate=gate) | GateRehearsed(gate=gate):
            return gate
        case Published(kb_id=word):
            return word
        case _:
            return ""


def _ignore(record: Record) -> None:
    """Nobody listens."""

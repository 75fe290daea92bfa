"""The result of a run, folded from its events; and of a run that was refused before it had any.

Rules kept here: pure; the same events give the same result; nothing is in it that the events, the pipeline and the
inputs do not say.

Source: DESIGN §4, §7 (result object).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cutter.approval.request import ESCALATION
from cutter.events import (
    Aborted,
    Acted,
    AnyEvent,
    ApprovalVerified,
    Completed,
    GateRefused,
    GateWaiting,
    Planned,
    Record,
    Spawned,
    Stopped,
    WouldStop,
)
from cutter.evidence import Sidecar, Story, sidecars
from cutter.model import Inputs, Mode, Pipeline, Starter
from cutter.report.effects import COMMIT_UNKNOWN, effect_is_unknown, interrupted_effect, unknown_message_id
from cutter.report.next_steps import (
    Situation,
    after_live_stop,
    after_run,
    after_stop,
    run_line,
    subject_of,
    trigger_file,
)
from cutter.report.phase_lines import NOT_REACHED, overruns, phase_lines
from cutter.report.result import (
    NextStep,
    Proof,
    Refusal,
    Result,
    RunEffect,
    RunStatus,
    SignedGate,
    Waiting,
    WaitingFacts,
    WouldStopNote,
)
from cutter.stops import Exit, Stop, StopCode

__all__ = ["NOT_REACHED", "fold_refusal", "fold_result", "interrupted_result", "refused_result", "stop_fields"]

REFUSED_TRIGGER = "REFUSED-"  # how the id of a trigger begins that was refused

# Stops that can come at any moment of a run, also after a commit: by themselves they do not say what was written.
_ANYWHERE = frozenset({StopCode.STOP_INTERNAL, StopCode.STOP_INTERRUPTED, StopCode.STOP_TERMINATED})

# Stops of an argument that is not known to be what it must be: it is not told again.
_UNCHECKED = frozenset({StopCode.STOP_INVALID_INPUT, StopCode.STOP_REFUSED_INPUT, StopCode.STOP_APPROVAL_NOT_FOUND})

# Stops that a run ends with are failures when they say that something broke, not that something was refused.
_FAILURES = frozenset({Exit.INTERNAL, Exit.FAILED, Exit.PARTIAL, Exit.EVIDENCE})


def fold_result(
    records: Sequence[Record],
    pipeline: Pipeline,
    inputs: Inputs,
    *,
    target_label: str,
    sidecar_dir: str | None,
    duration_ms: int,
    commit_refused: bool,
    waiting: WaitingFacts | None = None,
    proof: Proof | None = None,
    already_done: bool = False,
) -> Result:
    """The result of a run.

    Args:
        records: all its events, in order, the first being `Spawned`.
        pipeline: what it ran.
        inputs: what it was given.
        target_label: the database's name on screens.
        sidecar_dir: the folder of its sidecars.
        duration_ms: wall time of the command.
        commit_refused: the rehearsal proved that the database refuses to commit it.
        waiting: what is known of the request that it waits for.
        proof: where in the ledger it stands.
        already_done: it had ended before this command.
    """
    told = _tell(records, pipeline)
    asked = _waiting(records, waiting) if told.status is RunStatus.WAITING else None
    result = Result(
        run_id=records[0].run_id,
        pipeline=pipeline.id,
        mode=told.mode,
        status=told.status,
        **stop_fields(told.stop),
        gate=told.gate,
        exit_code=told.exit,
        effect=told.effect,
        document_id=_document_id(inputs),
        plan_digest=next((r.event.plan_sha256 for r in records if isinstance(r.event, Planned)), None),
        counts=_counts(told.sidecars),
        phases=phase_lines(pipeline, told.sidecars, records),
        would_stop=_would_stop(records),
        approval_kb_id=_last_request(records),
        sidecar_dir=sidecar_dir,
        database=target_label,
        commit_refused=commit_refused,
        duration_ms=duration_ms,
        waiting=asked,
        signed=_signed(records),
        proof=proof,
        already_done=already_done,
        last_event_at=records[-1].at,
        line=run_line(pipeline, inputs, told.mode),
        subject=subject_of(pipeline, inputs),
        overran=overruns(records),
        message_id=unknown_message_id(records),
        next=(),
    )
    return msgspec.structs.replace(result, next=_next(result, told.stop, _kept_trigger(pipeline, inputs)))


def refused_result(
    stop: Stop,
    *,
    pipeline: str,
    mode: Mode,
    document_id: str | None,
    target_label: str = "",
    duration_ms: int = 0,
    line: str = "",
) -> Result:
    """The result of a run that was refused before it existed; an input that was refused is not told again.

    Args:
        stop: why.
        pipeline: its id or file, as it was asked for; empty when that is not known.
        mode: how it was to run.
        document_id: the document that was asked for.
        target_label: the database's name on screens.
        duration_ms: wall time of the command.
        line: the command that was used.
    """
    if stop.code is StopCode.STOP_INVALID_INPUT:
        document_id = None
    if stop.code in _UNCHECKED:
        line = ""
    situation = Situation(pipeline, document_id or "", "", _orchestrate(pipeline), mode, line)
    unknown = mode is Mode.LIVE and (stop.detail == COMMIT_UNKNOWN or stop.code in _ANYWHERE)
    return Result(
        run_id="",
        pipeline=pipeline,
        mode=mode,
        status=RunStatus.FAILED if stop.code.exit in _FAILURES else RunStatus.STOPPED,
        **stop_fields(stop),
        gate=None,
        exit_code=int(stop.code.exit),
        effect=RunEffect.UNKNOWN if unknown else RunEffect.NONE,
        document_id=document_id,
        plan_digest=None,
        counts={},
        phases=(),
        would_stop=(),
        approval_kb_id=None,
        sidecar_dir=None,
        database=target_label,
        commit_refused=False,
        duration_ms=duration_ms,
        line=line,
        next=after_stop(stop, situation),
    )


def interrupted_result(
    stop: Stop, pipeline: Pipeline, inputs: Inputs, run_id: str, sidecar_dir: str | None, target_label: str
) -> Result:
    """The result of a rehearsal that was told to end: everything was rolled back, its folder tells how far it came."""
    document_id, mode, line = _document_id(inputs), Mode.DRYRUN, run_line(pipeline, inputs, Mode.DRYRUN)
    refused = refused_result(
        stop, pipeline=pipeline.id, mode=mode, document_id=document_id, target_label=target_label, line=line
    )
    named = run_id if sidecar_dir else ""
    situation = Situation(pipeline.id, document_id or "", named, _orchestrate(pipeline.id), mode, line)
    return msgspec.structs.replace(refused, run_id=run_id, sidecar_dir=sidecar_dir, next=after_stop(stop, situation))


def fold_refusal(stop: Stop, command: Sequence[str]) -> Refusal:
    """The refusal of a command that runs no pipeline; `command` are its words below `cutter`, as far as understood."""
    steps = after_stop(stop, Situation("", "", "", tuple(command), Mode.DRYRUN))
    return Refusal(**stop_fields(stop), exit_code=int(stop.code.exit), next=steps)


def stop_fields(stop: Stop | None) -> dict[str, Any]:
    """What results and refusals alike tell of a stop; of none, that there is none."""
    return {
        "stop_code": stop.code.name if stop else None,
        "category": stop.code.value.category.value if stop else None,
        "retryable": stop.code.value.retryable if stop else False,
        "check": stop.check if stop else 0,
        "detail": stop.detail if stop else "",
        "found": stop.found if stop else "",
        "needed": stop.needed if stop else "",
        "where": stop.where if stop else "",
        "suggestions": stop.suggestions if stop else (),
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """What the events say of the run as a whole."""

    mode: Mode
    status: RunStatus
    exit: int
    effect: RunEffect
    gate: str | None
    stop: Stop | None
    sidecars: tuple[Sidecar, ...]


def _tell(records: Sequence[Record], pipeline: Pipeline) -> _Told:
    spawned = records[0].event
    if not isinstance(spawned, Spawned):
        raise RuntimeError("the events of a run begin with its spawning")  # noqa: TRY004  a fault of ours
    mode = Mode(spawned.mode)
    last = records[-1].event
    marked = any(isinstance(r.event, Acted) and r.event.guard for r in records)
    status, exit_code = _end(last, mode, marked=marked)
    stop, interrupted = _stop(records[-1]), interrupted_effect(records)
    if interrupted is not None:
        stop, exit_code = interrupted, int(interrupted.code.exit)
    no_answer = stop is not None and stop.detail == COMMIT_UNKNOWN
    unknown = mode is Mode.LIVE and (no_answer or effect_is_unknown(records))
    return _Told(
        mode=mode,
        status=status,
        exit=exit_code,
        effect=RunEffect.UNKNOWN if unknown else _effect(status, mode, exit_code, marked=marked),
        gate=ESCALATION if interrupted is not None else _gate(last, mode, exit_code),
        stop=stop,
        sidecars=sidecars(records[0].run_id, Story(pipeline.id, pipeline.sha256, "", ""), records),
    )


def _end(last: AnyEvent, mode: Mode, *, marked: bool) -> tuple[RunStatus, int]:
    match last:
        case Completed():
            return (RunStatus.DONE if mode is Mode.LIVE else RunStatus.REHEARSED), int(Exit.DONE)
        case GateWaiting():
            return RunStatus.WAITING, int(Exit.WAITING)
        case GateRefused(exit=status):
            return RunStatus.WAITING, status
        case Aborted():
            return RunStatus.ABORTED, int(Exit.DONE)
        case Stopped(exit=status):
            return (RunStatus.FAILED if status in _FAILURES else RunStatus.STOPPED), status
        case _:
            partial = marked and mode is Mode.LIVE
            return RunStatus.UNFINISHED, int(Exit.PARTIAL if partial else Exit.FAILED)


def _effect(status: RunStatus, mode: Mode, exit_code: int, *, marked: bool) -> RunEffect:
    if mode is Mode.DRYRUN:
        if status is RunStatus.REHEARSED:
            return RunEffect.REHEARSED
        return RunEffect.ROLLED_BACK if marked else RunEffect.NONE
    if status is RunStatus.DONE:
        return RunEffect.COMMITTED
    if marked:
        return RunEffect.PARTIAL
    return RunEffect.ROLLED_BACK if exit_code == Exit.FAILED else RunEffect.NONE


def _gate(last: AnyEvent, mode: Mode, exit_code: int) -> str | None:
    """The gate at which people decide next."""
    match last:
        case GateWaiting(gate=gate) | GateRefused(gate=gate):
            return gate
        case Stopped() if mode is Mode.LIVE and exit_code == Exit.PARTIAL:
            return ESCALATION
        case _:
            return None


def _waiting(records: Sequence[Record], facts: WaitingFacts | None) -> Waiting | None:
    """What the run waits for: the last request by the events, the rest by what is known of it."""
    asked = _last_waiting(records)
    if asked is None or facts is None:
        return None
    known = {name: getattr(facts, name) for name in WaitingFacts.__struct_fields__}
    return Waiting(
        **known,
        gate=asked.gate,
        approval_kb_id=asked.approval_kb_id,
        request_sha256=asked.request_sha256,
        approve_by=asked.approve_by,
        after=failure_of(records) if asked.gate == ESCALATION else "",
    )


def _last_waiting(records: Sequence[Record]) -> GateWaiting | None:
    return next((r.event for r in reversed(records) if isinstance(r.event, GateWaiting)), None)


def _last_request(records: Sequence[Record]) -> str | None:
    asked = _last_waiting(records)
    return asked.approval_kb_id if asked else None


def failure_of(records: Sequence[Record]) -> str:
    """The last failure that people must decide on, as `STOP_CODE phase`; empty when there was none."""
    stopped = (r for r in reversed(records) if isinstance(r.event, Stopped) and r.event.exit == Exit.PARTIAL)
    return next((f"{r.event.code} {r.event.where or r.phase}" for r in stopped if isinstance(r.event, Stopped)), "")


def _signed(records: Sequence[Record]) -> tuple[SignedGate, ...]:
    """The gates that were signed by enough, each with those who counted last."""
    verified = {r.event.gate: r.event.persons for r in records if isinstance(r.event, ApprovalVerified)}
    return tuple(SignedGate(gate, persons) for gate, persons in verified.items())


def _stop(record: Record) -> Stop | None:
    """The stop that the last event tells; one at a gate is at that gate."""
    match record.event:
        case Stopped(where=where) as event:
            place = where or record.phase
        case GateRefused(gate=gate) as event:
            place = gate
        case _:
            return None
    return Stop(
        StopCode[event.code],
        event.detail,
        found=event.found,
        needed=event.needed,
        where=place,
        suggestions=event.suggestions,
        check=event.check,
    )


def _kept_trigger(pipeline: Pipeline, inputs: Inputs) -> str:
    """The file of the trigger that started a run; empty of one that was refused, for nothing of that is kept."""
    given = {item.name: item.value or "" for item in inputs.values}
    trigger_id = given.get("trigger_id", "")
    kept = pipeline.started_by is Starter.POLICY and trigger_id and not trigger_id.startswith(REFUSED_TRIGGER)
    return trigger_file(trigger_id) if kept else ""


def _next(result: Result, stop: Stop | None, trigger: str) -> tuple[NextStep, ...]:
    if stop is None or result.status is RunStatus.WAITING or result.exit_code == Exit.PARTIAL:
        return after_run(result)
    situation = Situation(
        result.pipeline,
        result.document_id or "",
        result.run_id,
        _orchestrate(result.pipeline),
        result.mode,
        result.line,
        trigger,
    )
    return after_stop(stop, situation) if result.mode is Mode.DRYRUN else after_live_stop(result, stop, situation)


def _orchestrate(pipeline: str) -> tuple[str, ...]:
    return ("orchestrate", pipeline) if pipeline else ("orchestrate",)


def _document_id(inputs: Inputs) -> str | None:
    return next((item.value for item in inputs.values if item.name == "document_id"), None)


def _counts(made: Sequence[Sidecar]) -> dict[str, int]:
    for item in reversed(made):
        counts = (item.outcome or {}).get("counts")
        if isinstance(counts, (list, tuple)):
            return {str(name): int(number) for name, number in counts}
    return {}


def _would_stop(records: Sequence[Record]) -> tuple[WouldStopNote, ...]:
    return tuple(
        WouldStopNote(record.phase, event.code, event.detail, event.exit, event.found, event.where)
        for record in records
        if isinstance(event := record.event, WouldStop)
    )

"""The result of a run, folded from its events; and of a run that was refused before it had any.

Rules kept here: pure; the same events give the same result; nothing is in it that the events, the pipeline and the
inputs do not say.

Source: DESIGN §4, §7 (result object).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from cutter.events import Acted, AnyEvent, Completed, Facts, GateWaiting, Planned, Record, Spawned, Stopped
from cutter.evidence import Sidecar, Story, sidecars
from cutter.model import GatePhase, Inputs, Mode, OperationPhase, Phase, Pipeline
from cutter.report.next_steps import Situation, after_run, after_stop
from cutter.report.result import NextStep, PhaseLine, Refusal, Result, RunEffect, RunStatus, WouldStopNote
from cutter.stops import Exit, Stop, StopCode

NOT_REACHED = "not_reached"

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
    """
    told = _tell(records, pipeline)
    document_id = _document_id(inputs)
    run_id = records[0].run_id
    stop = told.stop
    return Result(
        run_id=run_id,
        pipeline=pipeline.id,
        mode=told.mode,
        status=told.status,
        stop_code=stop.code.name if stop else None,
        check=told.stopped.check if told.stopped else 0,
        detail=stop.detail if stop else "",
        category=stop.code.value.category.value if stop else None,
        found=stop.found if stop else "",
        needed=stop.needed if stop else "",
        where=stop.where if stop else "",
        suggestions=stop.suggestions if stop else (),
        gate=told.gate,
        exit_code=told.exit,
        retryable=stop.code.value.retryable if stop else False,
        effect=told.effect,
        document_id=document_id,
        plan_digest=next((r.event.plan_sha256 for r in records if isinstance(r.event, Planned)), None),
        counts=_counts(told.sidecars),
        phases=_phase_lines(pipeline, told.sidecars),
        would_stop=_would_stop(told.sidecars),
        approval_kb_id=None,
        sidecar_dir=sidecar_dir,
        database=target_label,
        commit_refused=commit_refused,
        duration_ms=duration_ms,
        next=_next(told, pipeline.id, document_id, run_id),
    )


def refused_result(
    stop: Stop,
    *,
    pipeline: str,
    mode: Mode,
    document_id: str | None,
    target_label: str = "",
    duration_ms: int = 0,
) -> Result:
    """The result of a run that was refused before it existed; an input that was refused is not told again.

    Args:
        stop: why.
        pipeline: its id or file, as it was asked for; empty when that is not known.
        mode: how it was to run.
        document_id: the document that was asked for.
        target_label: the database's name on screens.
        duration_ms: wall time of the command.
    """
    if stop.code is StopCode.STOP_INVALID_INPUT:
        document_id = None
    refusal = _refuse(stop, Situation(pipeline, document_id or "", "", _orchestrate(pipeline)))
    return Result(
        run_id="",
        pipeline=pipeline,
        mode=mode,
        status=RunStatus.FAILED if stop.code.exit in _FAILURES else RunStatus.STOPPED,
        stop_code=refusal.stop_code,
        check=0,
        detail=refusal.detail,
        category=refusal.category,
        found=refusal.found,
        needed=refusal.needed,
        where=refusal.where,
        suggestions=refusal.suggestions,
        gate=None,
        exit_code=refusal.exit_code,
        retryable=refusal.retryable,
        effect=RunEffect.NONE,
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
        next=refusal.next,
    )


def interrupted_result(
    stop: Stop, pipeline: str, inputs: Inputs, run_id: str, sidecar_dir: str | None, target_label: str
) -> Result:
    """The result of a rehearsal that was told to end: everything was rolled back, its folder tells how far it came."""
    document_id = _document_id(inputs)
    refused = refused_result(
        stop, pipeline=pipeline, mode=Mode.DRYRUN, document_id=document_id, target_label=target_label
    )
    situation = Situation(pipeline, document_id or "", run_id if sidecar_dir else "", _orchestrate(pipeline))
    return msgspec.structs.replace(refused, run_id=run_id, sidecar_dir=sidecar_dir, next=after_stop(stop, situation))


def fold_refusal(stop: Stop, command: Sequence[str]) -> Refusal:
    """The refusal of a command that runs no pipeline; `command` are its words below `cutter`, as far as understood."""
    return _refuse(stop, Situation("", "", "", tuple(command)))


def _refuse(stop: Stop, situation: Situation) -> Refusal:
    return Refusal(
        stop_code=stop.code.name,
        category=stop.code.value.category.value,
        exit_code=int(stop.code.exit),
        retryable=stop.code.value.retryable,
        detail=stop.detail,
        found=stop.found,
        needed=stop.needed,
        where=stop.where,
        suggestions=stop.suggestions,
        next=after_stop(stop, situation),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What the events say of the run as a whole."""

    mode: Mode
    status: RunStatus
    exit: int
    effect: RunEffect
    gate: str | None
    stopped: Stopped | None
    stop: Stop | None
    sidecars: tuple[Sidecar, ...]


def _tell(records: Sequence[Record], pipeline: Pipeline) -> _Told:
    spawned = records[0].event
    if not isinstance(spawned, Spawned):
        raise RuntimeError("the events of a run begin with its spawning")  # noqa: TRY004  a fault of ours
    mode = Mode(spawned.mode)
    last = records[-1].event
    stopped = last if isinstance(last, Stopped) else None
    marked = any(isinstance(r.event, Acted) and r.event.guard for r in records)
    status, exit_code = _end(last, mode, marked=marked)
    return _Told(
        mode=mode,
        status=status,
        exit=exit_code,
        effect=_effect(status, mode, exit_code, marked=marked),
        gate=last.gate if isinstance(last, GateWaiting) else None,
        stopped=stopped,
        stop=_stop(records[-1]) if stopped else None,
        sidecars=sidecars(records[0].run_id, Story(pipeline.id, pipeline.sha256, "", ""), records),
    )


def _end(last: AnyEvent, mode: Mode, *, marked: bool) -> tuple[RunStatus, int]:
    match last:
        case Completed():
            return (RunStatus.DONE if mode is Mode.LIVE else RunStatus.REHEARSED), int(Exit.DONE)
        case GateWaiting():
            return RunStatus.WAITING, int(Exit.WAITING)
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


def _stop(record: Record) -> Stop | None:
    event = record.event
    if not isinstance(event, Stopped):
        return None
    return Stop(
        StopCode[event.code],
        event.detail,
        found=event.found,
        needed=event.needed,
        where=event.where or record.phase,
        suggestions=event.suggestions,
    )


def _next(told: _Told, pipeline: str, document_id: str | None, run_id: str) -> tuple[NextStep, ...]:
    if told.stop is None:
        return after_run(document_id, run_id)
    return after_stop(told.stop, Situation(pipeline, document_id or "", run_id, _orchestrate(pipeline)))


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


def _phase_lines(pipeline: Pipeline, made: Sequence[Sidecar]) -> tuple[PhaseLine, ...]:
    reached = {item.phase: item for item in made}
    return tuple(_phase_line(n, phase, reached.get(phase.id)) for n, phase in enumerate(pipeline.phases, start=1))


def _phase_line(index: int, phase: Phase, made: Sidecar | None) -> PhaseLine:
    operation = phase.uses if isinstance(phase, OperationPhase) else ""
    gate = phase.gate.id if isinstance(phase, GatePhase) else ""
    if made is None:
        return PhaseLine(index, phase.id, operation, NOT_REACHED, gate, 0, _gate_facts(phase))
    asked = len({answer.name for answer in made.surveys})
    return PhaseLine(index, phase.id, operation, made.status.value, gate, asked, made.outcome or _gate_facts(phase))


def _gate_facts(phase: Phase) -> Facts:
    if not isinstance(phase, GatePhase):
        return {}
    persons = sum(role.persons for role in phase.gate.quorum)
    return {"persons": persons, "approve_within_s": phase.gate.approve_within}


def _would_stop(made: Sequence[Sidecar]) -> tuple[WouldStopNote, ...]:
    return tuple(
        WouldStopNote(item.phase, refusal.code, refusal.detail, refusal.exit)
        for item in made
        for refusal in item.would_stop
    )

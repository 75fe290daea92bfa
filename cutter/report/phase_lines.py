"""How each phase of a run stands, folded from its events: how it ended, what it kept from an earlier pass.

Rules kept here: pure; a pass is what one command did, and begins with `Spawned` or `Resumed`; a phase that an earlier
pass did is told as `kept` only where this pass proved it again.

Source: command-line.md §2 (M4); DESIGN §4 (resume).
"""

from collections.abc import Sequence

from cutter.events import (
    Acted,
    ApprovalVerified,
    Facts,
    GateOpened,
    GateRefused,
    GateRehearsed,
    GateWaiting,
    Overran,
    Record,
    Resumed,
    Started,
    Stopped,
    Verified,
)
from cutter.evidence import Sidecar, Status
from cutter.model import GatePhase, OperationPhase, Phase, Pipeline
from cutter.report.next_steps import DECISION
from cutter.report.result import Overrun, PhaseLine
from cutter.stops import StopCode

NOT_REACHED = "not_reached"
KEPT = "kept"
RUN = "run"
OPENED = "opened"
REFUSED, LAPSED = "refused", "lapsed"

_AT_GATES = (GateWaiting, GateRefused, ApprovalVerified, GateOpened)
_DECLINED = {StopCode.STOP_DECISION_REFUSED.name: REFUSED, StopCode.STOP_DECISION_LAPSED.name: LAPSED}


def phase_lines(pipeline: Pipeline, made: Sequence[Sidecar], records: Sequence[Record]) -> tuple[PhaseLine, ...]:
    """Every phase of the pipeline.

    Args:
        pipeline: what was run.
        made: the sidecars of the phases that were started.
        records: all events of the run, in order.
    """
    reached = {item.phase: item for item in made}
    again = _proved_again(records)
    interrupted = _interrupted(records)
    lines = []
    for index, phase in enumerate(pipeline.phases, start=1):
        item = reached.get(phase.id)
        status = _status(phase, item, records)
        if status == Status.OK.value and phase.id in again:
            status = KEPT
        elif status == Status.OK.value and phase.id == interrupted:
            status = RUN
        lines.append(_line(index, phase, item, status))
    return tuple(lines)


def overruns(records: Sequence[Record]) -> tuple[Overrun, ...]:
    """The phases that were over the soft cap, in order; one that was done anew can stand there twice."""
    return tuple(Overrun(r.phase, r.event.seconds, r.event.limit) for r in records if isinstance(r.event, Overran))


def _line(index: int, phase: Phase, made: Sidecar | None, status: str) -> PhaseLine:
    operation = phase.uses if isinstance(phase, OperationPhase) else ""
    gate = phase.gate.id if isinstance(phase, GatePhase) else ""
    asked = len({answer.name for answer in made.surveys}) if made else 0
    facts = (made.outcome if made else None) or _gate_facts(phase)
    written = made is not None and made.idempotency is not None
    return PhaseLine(index, phase.id, operation, status, gate, asked, facts, written)


def _gate_facts(phase: Phase) -> Facts:
    if not isinstance(phase, GatePhase):
        return {}
    persons = sum(role.persons for role in phase.gate.quorum)
    facts: Facts = {"persons": persons, "approve_within_s": phase.gate.approve_within}
    return {**facts, "kind": DECISION} if phase.gate.kind == DECISION else facts


def _status(phase: Phase, made: Sidecar | None, records: Sequence[Record]) -> str:
    if made is None:
        return NOT_REACHED
    if isinstance(phase, GatePhase) and made.status is not Status.STOPPED:
        return _gate_status(phase.gate.id, records) or made.status.value
    return made.status.value


def _gate_status(gate: str, records: Sequence[Record]) -> str:
    """By the last that happened at the gate; the event that opens it stands in a later phase."""
    if declined := _declined_at(gate, records):
        return declined
    for record in reversed(records):
        match record.event:
            case GateOpened(gate=named) if named == gate:
                return OPENED
            case ApprovalVerified(gate=named) if named == gate:
                return Status.APPROVED.value
            case GateWaiting(gate=named) | GateRefused(gate=named) if named == gate:
                return Status.WAITING.value
            case GateRehearsed(gate=named) if named == gate:
                return Status.WOULD_WAIT.value
            case _:
                continue
    return ""


def _declined_at(gate: str, records: Sequence[Record]) -> str:
    """How people ended the run at a gate, with a no or in silence; empty where they did not."""
    last = records[-1].event
    word = _DECLINED.get(last.code, "") if isinstance(last, Stopped) else ""
    if not word:
        return ""
    at_gates = (r.event for r in reversed(records) if isinstance(r.event, _AT_GATES))
    newest = next(at_gates, None)
    return word if isinstance(newest, GateWaiting | GateRefused) and newest.gate == gate else ""


def _proved_again(records: Sequence[Record]) -> frozenset[str]:
    """The phases that an earlier pass did and this one proved."""
    begin = _pass_begins(records)
    before = {r.phase for r in records[:begin] if isinstance(r.event, Acted)}
    anew = {r.phase for r in records[begin:] if isinstance(r.event, Started | Acted)}
    return frozenset(r.phase for r in records[begin:] if isinstance(r.event, Verified)) & before - anew


def _interrupted(records: Sequence[Record]) -> str:
    """The phase that this pass began with because the one before did not end at a gate; empty when there is none."""
    begin = _pass_begins(records)
    if begin == 0 or isinstance(records[begin - 1].event, GateWaiting | GateRefused):
        return ""
    return next((r.phase for r in records[begin:] if isinstance(r.event, Started)), "")


def _pass_begins(records: Sequence[Record]) -> int:
    """The place of the last `Resumed`; 0 when the run was never resumed."""
    return next((place for place in range(len(records) - 1, 0, -1) if isinstance(records[place].event, Resumed)), 0)

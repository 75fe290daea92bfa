"""The questions of a run, folded from its events; and how one stands when signatures and the time are looked at too.

Rules kept here: pure; the time is an argument; what the ledger has of an end counts before anything else; a time that
is over is told as over whether or not a pass of the run has recorded it.

Source: issue 7, rule 4; policies.md §3.12.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from cutter.approval.checks import Approved, Judgement, Refused
from cutter.approval.request import ESCALATION
from cutter.events import GateWaiting, Record, Stopped
from cutter.model import GatePhase, Pipeline
from cutter.policies.decision import Decision
from cutter.policies.policy import DECIDE
from cutter.report.decisions.results import OPEN, Asked, Question, QuestionState
from cutter.report.effects import effect_is_unknown, unknown_message_id
from cutter.report.next_steps import DECISION, EFFECT_OPTIONS
from cutter.report.result import RunStatus
from cutter.run import Lifecycle, RunState, fold_kept
from cutter.stops import StopCode

_SOON = timedelta(hours=24)
_DECLINED = {
    StopCode.STOP_DECISION_REFUSED.name: QuestionState.REFUSED,
    StopCode.STOP_DECISION_LAPSED.name: QuestionState.LAPSED,
}
# What an answer is called where the question is whether a message counts as sent.
_OF_EFFECT = {
    QuestionState.WAITING: QuestionState.UNKNOWN_EFFECT,
    QuestionState.PROCEED: QuestionState.SENT,
    QuestionState.REFUSED: QuestionState.NOT_SENT,
}


def decision_gates(pipeline: Pipeline) -> frozenset[str]:
    """The gates of a pipeline at which people decide what its policies could not."""
    gates = (phase.gate for phase in pipeline.phases if isinstance(phase, GatePhase))
    return frozenset(gate.id for gate in gates if gate.kind == DECISION)


def decision_of(state: RunState) -> Decision | None:
    """What was decided in a run; None when it came to no decision, or not in a form that this cutter knows."""
    for phase in state.phases:
        if phase.operation == DECIDE and phase.outcome is not None:
            try:
                return msgspec.convert(phase.outcome.get("record"), Decision)
            except msgspec.ValidationError:
                return None
    return None


def fold_questions(records: Sequence[Record], gates: frozenset[str]) -> tuple[Question, ...]:
    """The questions of a run, in the order in which they were asked, as far as its events tell how they stand.

    Args:
        records: all its events.
        gates: those of its gates at which people decide.
    """
    state = fold_kept(records)
    asked = {event.gate: (record.at, event) for record in records if isinstance(event := record.event, GateWaiting)}
    found = [
        _question(state, event, at, Asked.DECISION if gate in gates else Asked.UNKNOWN_EFFECT)
        for gate, (at, event) in asked.items()
        if gate in gates or (gate == ESCALATION and _effect_unknown(records))
    ]
    if ESCALATION not in asked and effect_is_unknown(records) and state.lifecycle is not Lifecycle.TERMINATED:
        found.append(_question(state, None, records[-1].at, Asked.UNKNOWN_EFFECT))
    named = unknown_message_id(records)
    unknown = Asked.UNKNOWN_EFFECT
    return tuple(msgspec.structs.replace(item, message_id=named) if item.asked is unknown else item for item in found)


def judged(question: Question, judgement: Judgement | None, now: str) -> Question:
    """A question whose end the ledger does not have, as it stands now.

    Args:
        question: an open one.
        judgement: what the signatures on its request come to; None where there are none, or they cannot be judged.
        now: the time, `YYYY-MM-DDTHH:MM:SSZ`.
    """
    if question.state not in OPEN:
        return question
    over = bool(question.decide_by) and now > question.decide_by
    state, code = QuestionState.LAPSED if over else QuestionState.WAITING, ""
    match judgement:
        case Approved():
            state = QuestionState.PROCEED
        case Refused(stop=stop) if stop.code is StopCode.STOP_APPROVAL_REJECTED:
            state = QuestionState.REFUSED
        case Refused(stop=stop) if stop.code is StopCode.STOP_APPROVAL_EXPIRED:
            state = QuestionState.LAPSED
        case Refused(stop=stop):
            code = stop.code.name
        case _:
            pass
    return msgspec.structs.replace(question, state=_of(question.asked, state), stop_code=code)


def lapsed_unused(question: Question, execute_by: str, now: str) -> Question:
    """A yes that was not used by its time counts no more: it has lapsed.

    Args:
        question: one that was answered with yes, in a run where that was not used.
        execute_by: until when it could be.
        now: the time.
    """
    yes = question.state in (QuestionState.PROCEED, QuestionState.SENT)
    return msgspec.structs.replace(question, state=QuestionState.LAPSED) if yes and now > execute_by else question


def is_due(question: Question, now: str) -> bool:
    """Whether an open question lapses soon: in the last quarter of its time, at most 24 hours before its end."""
    if question.state not in OPEN or not question.decide_by:
        return False
    since, until, here = (datetime.fromisoformat(at) for at in (question.asked_at, question.decide_by, now))
    return until - here <= min((until - since) / 4, _SOON)


def _question(state: RunState, event: GateWaiting | None, at: str, asked: Asked) -> Question:
    decision = decision_of(state)
    stopped = state.stopped.code if state.stopped is not None and state.lifecycle is Lifecycle.TERMINATED else ""
    options: tuple[str, ...] = EFFECT_OPTIONS if event is not None else ()
    if asked is Asked.DECISION:
        options = decision.options if decision is not None else ()
    action = decision.action if decision is not None else None
    return Question(
        run_id=state.run_id,
        gate=event.gate if event is not None else ESCALATION,
        asked=asked,
        state=_of(asked, _recorded(state, event)) if event is not None else QuestionState.NOT_ASKED,
        approval_kb_id=event.approval_kb_id if event is not None else "",
        trigger=decision.trigger if decision is not None else "",
        trigger_type=decision.trigger_type if decision is not None else "",
        verdict=decision.verdict.value if decision is not None else "",
        policy=decision.policy if decision is not None else "",
        policy_version=decision.policy_version if decision is not None else "",
        rule=decision.rule if decision is not None else "",
        reason=StopCode.STOP_EFFECT_UNKNOWN.name if asked is Asked.UNKNOWN_EFFECT else _reason(decision),
        uncertain=decision.uncertain if decision is not None else (),
        operation=action.operation if action is not None else "",
        options=options,
        asked_at=at,
        decide_by=event.approve_by if event is not None else "",
        run_status=run_status(state),
        stop_code=stopped,
    )


def _reason(decision: Decision | None) -> str:
    return decision.reason if decision is not None else ""


def _recorded(state: RunState, event: GateWaiting) -> QuestionState:
    """How a question stands by the ledger; open where it does not say."""
    verified = {(gate.gate, gate.request_sha256) for gate in state.gates}
    if (event.gate, event.request_sha256) in verified:
        return QuestionState.PROCEED
    if state.lifecycle is not Lifecycle.TERMINATED:
        return QuestionState.WAITING
    code = state.stopped.code if state.stopped is not None else ""
    return _DECLINED.get(code, QuestionState.WITHDRAWN)


def run_status(state: RunState) -> RunStatus:
    """How a live run stands as a whole."""
    if state.aborted:
        return RunStatus.ABORTED
    if state.lifecycle is Lifecycle.TERMINATED:
        return RunStatus.STOPPED if state.stopped is not None else RunStatus.DONE
    if state.waiting_at:
        return RunStatus.WAITING
    return RunStatus.STOPPED if state.stopped is not None else RunStatus.UNFINISHED


def _effect_unknown(records: Sequence[Record]) -> bool:
    stops = (record.event for record in records if isinstance(record.event, Stopped))
    return any(stop.code == StopCode.STOP_EFFECT_UNKNOWN.name for stop in stops)


def _of(asked: Asked, state: QuestionState) -> QuestionState:
    return _OF_EFFECT.get(state, state) if asked is Asked.UNKNOWN_EFFECT else state

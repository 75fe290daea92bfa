"""`policy.decide@1`: what the selected policies say of a trigger; the first thing that a policy's run does.

Rules kept here: a denial ends the run, with the reason and nothing of the trigger; the record of the decision is the
outcome, so that it is in the plan that people sign and decided again before it is used.

Source: issue 7, rules 1, 2 and 4.
"""

from datetime import datetime, timedelta

import msgspec

from cutter.deciding import Reached, denial, reach
from cutter.events import Facts
from cutter.operation import Broken, Held, ReadContext, ReadOperation, Verdict
from cutter.policies.decision import Decision, Reason
from cutter.policies.policy import CREATE_NOTIFICATION, SEND_MESSAGE
from cutter.policies.policy import Verdict as Decided
from cutter.policies.replay import Replayed, replay
from cutter.stops import Stop, StopCode

_PARTS = ("policy", "view", "template")  # what the selection names: where one moves, the selection moves too
_CLOCKS_DIFFER = timedelta(seconds=300)  # as for signatures (approvals-and-evidence §3, check 12)


class Params(msgspec.Struct, frozen=True):
    """The trigger's canonical text."""

    trigger: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided.

    `record` is the whole decision, `decision_sha256` its digest, `pins_sha256` that of the selection; `row_count` is
    how many rows may be written: one, or none where there is nothing to be done.
    """

    escalated: bool
    sends_message: bool
    creates_notification: bool
    options: tuple[str, ...]
    decision_sha256: str
    pins_sha256: str
    row_count: int
    record: Decision


def act(context: ReadContext, params: Params) -> Outcome:
    """Decide.

    Raises:
        Stop: STOP_POLICY_DENIED, detail the reason, or `AS_OF_IN_FUTURE`; STOP_PHI_SUSPECTED; STOP_CONFIG_INVALID: the
            policies have mistakes, or (detail `recipient_without_address`) the message could not be sent, whoever
            signed it.
    """
    reached = reach(context.session, context.policies, params.trigger)
    decision = reached.decision
    if decision.as_of and datetime.fromisoformat(decision.as_of) > context.now + _CLOCKS_DIFFER:
        raise Stop(StopCode.STOP_POLICY_DENIED, detail="AS_OF_IN_FUTURE")
    if decision.reason == Reason.PHI_SUSPECTED.value:
        raise Stop(StopCode.STOP_PHI_SUSPECTED)
    if decision.verdict is Decided.DENY:
        raise denial(reached)
    operation = decision.action.operation if decision.action is not None else ""
    if operation == SEND_MESSAGE and not context.policies.reaches(_recipient(reached)):
        raise Stop(StopCode.STOP_CONFIG_INVALID, detail="recipient_without_address")
    return Outcome(
        escalated=decision.verdict is Decided.ESCALATE,
        sends_message=operation == SEND_MESSAGE,
        creates_notification=operation == CREATE_NOTIFICATION,
        options=decision.options,
        decision_sha256=decision.sha256,
        pins_sha256=reached.selection.sha256,
        row_count=int(bool(operation)),
        record=decision,
    )


def moved(before: Facts, now: Facts) -> tuple[str, ...]:
    """What is otherwise where a decision came out otherwise: `policy/ID@VERSION`, `view/…`, `template/…` as they were
    read; `answer/VIEW.COLUMN`; `pace`, where it is used up; `selection`, where only the rest of what is selected moved.
    """
    then, again = (msgspec.convert(outcome["record"], Decision) for outcome in (before, now))
    gone = [read for read in then.reads if read not in again.reads and read.kind in _PARTS]
    words = [f"{read.kind}/{read.id}@{read.version}" for read in gone]
    words += [f"answer/{field.name}" for field in then.fields if field not in again.fields]
    words += ["pace"] if again.reason == Reason.PACE_EXCEEDED.value != then.reason else []
    return tuple(words) or ("selection",)


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """Deciding again gives the same bytes: from the world until the plan is frozen, later from what was recorded.

    What has moved since then is compared where the approval is used: after that other messages may be counted, and
    policies be others, and what was decided was still decided so. A record that cannot be replayed says so.
    """
    if outcome.record.sha256 != outcome.decision_sha256:
        return Broken("decision_moved", found=outcome.record.sha256[:16], needed=outcome.decision_sha256[:16])
    if not context.plan_sha256:
        again = reach(context.session, context.policies, params.trigger).decision
        if again.sha256 != outcome.decision_sha256:
            return Broken("decision_moved", found=again.sha256[:16], needed=outcome.decision_sha256[:16])
        return Held({"decision_sha256": again.sha256})
    replayed = replay(outcome.record, context.policies.select()).outcome
    if replayed is Replayed.DIFFERS:
        return Broken("decision_moved", found=replayed.value, needed=outcome.decision_sha256[:16])
    return Held({"decision_sha256": outcome.decision_sha256, "replay": replayed.value})


def _recipient(reached: Reached) -> str:
    """The reference that the action goes to; empty where its field is missing."""
    fields = reached.trigger.fields if reached.trigger is not None else ()
    named = reached.decision.action.recipient if reached.decision.action is not None else ""
    return next((str(field.value) for field in fields if field.name == named), "")


OPERATION = ReadOperation(
    name="policy.decide",
    version=1,
    summary="Decides by the selected policies what a trigger may lead to: nothing, a question to people, or one write.",
    params=Params,
    outcome=Outcome,
    crosses=("comm",),
    act=act,
    verify=verify,
    moved=moved,
)

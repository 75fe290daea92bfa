"""What both writes stand on: the decision that people signed for, reached once more, and the trigger's own values."""

from dataclasses import dataclass

import msgspec

from cutter.contracts import Policies, SurveySession
from cutter.deciding import confirm
from cutter.policies.decision import Decision, Reason
from cutter.policies.domain import Trigger
from cutter.policies.policy import Action, Template
from cutter.policies.rendering import find_template
from cutter.stops import Stop, StopCode


class Params(msgspec.Struct, frozen=True):
    """The trigger by id and canonical text, the attempt (counted from 1), and what was decided, by digest."""

    trigger_id: str
    trigger: str
    attempt: str
    decision_sha256: str
    pins_sha256: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A decision that still holds, with the parts of it that the writes use; `recipient` is a reference."""

    decision: Decision
    action: Action
    template: Template
    trigger: Trigger
    recipient: str


def confirmed(session: SurveySession, policies: Policies, params: Params, operation: str) -> Confirmed:
    """The decision, reached again and the same, for this operation.

    Raises:
        Stop: STOP_POLICY_DENIED, detail the reason or `operation`; STOP_PLAN_CHANGED, detail `decision`, `pins`.
    """
    reached = confirm(session, policies, params.trigger, params.decision_sha256)
    decision, trigger, action = reached.decision, reached.trigger, reached.decision.action
    if reached.selection.sha256 != params.pins_sha256:
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="pins")
    if action is None or action.operation != operation or trigger is None:
        raise Stop(StopCode.STOP_POLICY_DENIED, detail="operation")
    if trigger.id != params.trigger_id:
        raise Stop(StopCode.STOP_KEY_CONFLICT, detail="trigger_id")
    template = find_template(action, reached.selection.templates)
    if template is None:
        raise Stop(StopCode.STOP_POLICY_DENIED, detail=Reason.NOT_SELECTED.value)
    recipient = next((str(field.value) for field in trigger.fields if field.name == action.recipient), "")
    return Confirmed(decision, action, template, trigger, recipient)


def is_pinned(policies: Policies, params: Params) -> bool:
    """Whether the policies, views and templates are still those that the run was begun with."""
    return policies.select().sha256 == params.pins_sha256

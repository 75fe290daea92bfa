"""`comm.create_notification@1`: makes one notification, a row of references and closed values.

Rules kept here: the decision is reached again in the transaction that uses the approval; the row holds the template and
the values of its slots, never a text.

Source: issue 7, rule 5.
"""

import msgspec

from cutter import canon
from cutter.operation import Broken, Held, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.operations.comm.confirmed import Confirmed, Params, confirmed, is_pinned
from cutter.policies.policy import CREATE_NOTIFICATION
from cutter.policies.rendering import render
from cutter.resources import statement

_SQL = "operations/comm/sql/"


class Outcome(msgspec.Struct, frozen=True):
    """The notification's id is the run's."""

    notification_id: str
    recipient: str
    template: str
    template_version: str


def act(context: WriteContext, params: Params) -> Outcome:
    """Write the row.

    Raises:
        Stop: STOP_POLICY_DENIED, STOP_PLAN_CHANGED (detail `decision`, `pins`); STOP_POLICY_REFUSED: the database finds
            no approval that covers it.
    """
    found = confirmed(context.surveys, context.policies, params, CREATE_NOTIFICATION)
    render(found.template, found.action, found.trigger)  # what cannot be shown is not made
    decision, action = found.decision, found.action
    context.session.rows(
        statement(_SQL + "create.sql"),
        {
            "trigger": params.trigger_id,
            "policy": decision.policy,
            "policy_version": decision.policy_version,
            "rule": decision.rule,
            "template": action.template,
            "template_version": action.template_version,
            "recipient": found.recipient,
            "slots": canon.encode(_slots(found)).decode(),
        },
    )
    return Outcome(context.run_id, found.recipient, action.template, action.template_version)


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The row is there, and nothing of the policies moved from the run's beginning to its end."""
    bind = {
        "run": outcome.notification_id,
        "trigger": params.trigger_id,
        "recipient": outcome.recipient,
        "template": outcome.template,
        "template_version": outcome.template_version,
    }
    if not context.session.answer(statement(_SQL + "created.sql"), bind)["there"]:
        return Broken("notification_gone", found="0", needed=outcome.notification_id[:16])
    if not context.ended and not is_pinned(context.policies, params):
        return Broken("pins_moved", found="other", needed=params.pins_sha256[:16])
    return Held({"template": outcome.template})


def _slots(found: Confirmed) -> dict[str, str | int | bool]:
    said = {field.name: field.value for field in found.trigger.fields}
    return {slot.name: said[slot.field] for slot in found.action.slots}


OPERATION = TargetOperation(
    name="comm.create_notification",
    version=1,
    summary="Makes one notification: a template with closed values, for the reference of a recipient.",
    params=Params,
    outcome=Outcome,
    governs=("comm.notification",),
    undo=Undo.NEVER,
    crosses=(),
    act=act,
    verify=verify,
)

"""`comm.send_message@1`: sends one message to one recipient, once.

Rules kept here: the decision is reached again in the transaction that uses the approval, and once more before the
server is called; that the server is about to be given the final dot is committed before it is; what is known not to
have been sent may be sent by a resume, what nobody knows is never sent again by itself. No address, no text and no
reply of the server is kept.

Source: issue 7, rules 5 and 7; policies.md §4; RFC 5321 §3.8 (from which this departs: a lost connection after the dot
is unknown, not a reason to try again).
"""

import msgspec

from cutter.contracts import Bind, Letter, Reply, SendOutcome
from cutter.events import Attempted
from cutter.operation import (
    Broken,
    ExternalContext,
    ExternalOperation,
    Held,
    NotHappened,
    Rehearsed,
    Settled,
    Undo,
    Verdict,
    WriteContext,
)
from cutter.operations.comm.confirmed import Confirmed, Params, confirmed, is_pinned
from cutter.policies.policy import SEND_MESSAGE
from cutter.policies.rendering import render
from cutter.resources import statement
from cutter.stops import Stop, StopCode

_SQL = "operations/comm/sql/"
COMMIT, ENDED = "commit", "ended"


class Outcome(msgspec.Struct, frozen=True):
    """`outcome` is `accepted` (the server took responsibility), `presumed` (people decided so) or `rehearsed`.

    `message_id` is the keyed commitment in the Message-ID, `code` and `enhanced` the server's reply codes.
    """

    outcome: str
    message_id: str
    code: int
    enhanced: str


def intend(context: WriteContext, params: Params) -> None:
    """Record that the message is about to be sent, in the transaction that uses the approval.

    Raises:
        Stop: STOP_POLICY_DENIED, STOP_PLAN_CHANGED (detail `decision`, `pins`); STOP_POLICY_REFUSED: the database finds
            no approval that covers it; STOP_REPLAY_CONFLICT, detail `run:ID`: this attempt is another run's.
    """
    found = confirmed(context.surveys, context.policies, params, SEND_MESSAGE)
    bind: Bind = {"trigger": params.trigger_id, "attempt": int(params.attempt), "run": context.run_id}
    other = context.surveys.answer(statement(_SQL + "other_message.sql"), bind)["run"]
    if other is not None:  # it has not ended yet, else its marker would have told
        raise Stop(StopCode.STOP_REPLAY_CONFLICT, detail=f"run:{other}", where=SEND_MESSAGE)
    decision, action = found.decision, found.action
    context.session.rows(
        statement(_SQL + "intend.sql"),
        {
            "trigger": params.trigger_id,
            "attempt": int(params.attempt),
            "message_id": context.policies.commitment("message_id", params.trigger_id, params.attempt),
            "policy": decision.policy,
            "policy_version": decision.policy_version,
            "rule": decision.rule,
            "template": action.template,
            "template_version": action.template_version,
            "recipient": found.recipient,
        },
    )


def act(context: ExternalContext, params: Params) -> Outcome:
    """Send.

    Raises:
        Stop: STOP_SEND_FAILED, detail `unreachable`, `refused`, `timeout`, `rejected`: it was not sent;
            STOP_EFFECT_UNKNOWN: nobody knows; STOP_POLICY_DENIED, STOP_PLAN_CHANGED: it may not be sent now.
    """
    letter = _letter(context, params, confirmed(context.session, context.policies, params, SEND_MESSAGE))
    committed = _attempted(COMMIT, message_id=context.postbox.message_id(letter))
    reply = context.postbox.send(letter, lambda: context.record(committed))
    match reply.outcome:
        case SendOutcome.ACCEPTED:
            return Outcome("accepted", letter.message_id, reply.code, reply.enhanced)
        case SendOutcome.UNKNOWN:
            raise Stop(StopCode.STOP_EFFECT_UNKNOWN, detail="after_the_dot", where=context.phase)
        case _:
            context.record(_attempted(ENDED, reply))
            raise Stop(StopCode.STOP_SEND_FAILED, detail=reply.outcome.value, found=reply.codes, where=reply.at)


def rehearse(context: ExternalContext, params: Params) -> Rehearsed[Outcome]:
    """Write the letter, and ask everything up to the server's authentication what would stop a send."""
    found = confirmed(context.session, context.policies, params, SEND_MESSAGE)
    letter = _letter(context, params, found)
    refusals = tuple(context.postbox.refusals(found.recipient))
    return Rehearsed(Outcome("rehearsed", letter.message_id, 0, ""), refusals)


def settle(context: ExternalContext, params: Params) -> Settled[Outcome]:
    """Before the commit was recorded nothing was sent; after it, only a reply tells."""
    attempted = context.attempted
    if attempted is None or attempted.step == ENDED:
        return NotHappened.NOT_HAPPENED
    return NotHappened.UNKNOWN


def presume(context: ExternalContext, params: Params) -> Outcome:
    """It counts as sent, since people decided that it does."""
    return Outcome("presumed", _message_id(context, params), 0, "")


def verify(context: ExternalContext, params: Params, outcome: Outcome) -> Verdict:
    """The row of what was intended is there, and nothing of the policies moved from the run's beginning to its end."""
    bind = {"run": context.run_id, "trigger": params.trigger_id, "message_id": outcome.message_id}
    if not context.session.answer(statement(_SQL + "intended.sql"), bind)["there"]:
        return Broken("message_gone", found="0", needed=outcome.message_id[:16])
    if not context.ended and not is_pinned(context.policies, params):
        return Broken("pins_moved", found="other", needed=params.pins_sha256[:16])
    return Held({"outcome": outcome.outcome})


def _letter(context: ExternalContext, params: Params, found: Confirmed) -> Letter:
    text = render(found.template, found.action, found.trigger)
    return Letter(
        recipient=found.recipient,
        subject=text.subject,
        body=text.body,
        message_id=_message_id(context, params),
        correlation_id=context.policies.commitment("correlation", params.trigger_id),
        date=context.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _message_id(context: ExternalContext, params: Params) -> str:
    """The commitment that was recorded when the message was intended: another host may have another key."""
    bind: Bind = {"run": context.run_id, "trigger": params.trigger_id, "attempt": int(params.attempt)}
    return str(context.session.answer(statement(_SQL + "message_id.sql"), bind)["message_id"])


def _attempted(step: str, reply: Reply | None = None, message_id: str = "") -> Attempted:
    if reply is None:
        return Attempted(step=step, outcome="", code=0, enhanced="", message_id=message_id)
    return Attempted(step=step, outcome=reply.outcome.value, code=reply.code, enhanced=reply.enhanced)


OPERATION = ExternalOperation(
    name="comm.send_message",
    version=1,
    summary="Sends one message from a template to one recipient, whose address is looked up at that moment, once.",
    params=Params,
    outcome=Outcome,
    crosses=(),
    act=act,
    verify=verify,
    rehearse=rehearse,
    settle=settle,
    governs=("comm.message",),
    undo=Undo.NEVER,
    intend=intend,
    presume=presume,
)

"""The words of decisions on screens: what was decided and why, what a yes leads to, what people are asked.

Rules kept here: reasons, rules, fields, references and options stay as records have them; a question says what it asks
and what silence means.

Source: issue 7, rule 4; command-line.md §2.
"""

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

import msgspec

from cutter.messages import _
from cutter.policies.decision import Decision
from cutter.policies.domain import FieldValue
from cutter.policies.policy import CREATE_NOTIFICATION, SEND_MESSAGE, Verdict
from cutter.report.decisions.results import Asked, QuestionState
from cutter.report.policies.words import named, rule_name, value_word


def decided_rows(decision: Decision) -> Iterator[tuple[str, str]]:
    """What was decided, why, and what it leads to: names of rows and what they say."""
    yield _("Decided"), _decided(decision)
    if decision.uncertain:
        yield "", _("uncertain: {fields}", fields=", ".join(decision.uncertain))
    yield _("Trigger"), " · ".join(part for part in (decision.trigger_type, decision.trigger, decision.as_of) if part)
    if decision.fields:
        yield _("Says"), ", ".join(field_phrase(item) for item in decision.fields)
    yield _("Leads to"), action_phrase(decision)


def record_of(outcome: Mapping[str, Any]) -> Decision | None:
    """The decision in the outcome of a phase that decided; None where there is none that this cutter knows."""
    try:
        return msgspec.convert(outcome.get("record"), Decision)
    except msgspec.ValidationError:
        return None


def outcome_phrase(outcome: Mapping[str, Any]) -> str:
    """What a phase decided, in a line; empty where that is not in it."""
    decision = record_of(outcome)
    return _decided(decision) if decision is not None else ""


def sent_phrase(outcome: Mapping[str, Any]) -> str:
    """How a message ended: the server took it, people count it as sent, or it was only rehearsed."""
    match outcome.get("outcome"):
        case "accepted":
            code, enhanced = outcome.get("code") or "", outcome.get("enhanced") or ""
            return _("1 message, accepted by the mail server ({reply})", reply=f"{code} {enhanced}".strip())
        case "presumed":
            return _("1 message, presumed: people count it as sent, nobody knows that it was")
        case "rehearsed":
            return _("1 message, not sent in a rehearsal")
        case _:
            return ""


def recipient_phrase(outcome: Mapping[str, Any]) -> str:
    """The notification that was made; empty where the outcome has another form."""
    template, version, recipient = (outcome.get(name) for name in ("template", "template_version", "recipient"))
    if not (isinstance(template, str) and isinstance(version, str) and isinstance(recipient, str)):
        return ""
    return _("1 notification for {recipient}, {template}", recipient=recipient, template=named(template, version))


def field_phrase(item: FieldValue) -> str:
    """What a trigger or a view says of a field."""
    return f"{item.name} {value_word(item.value)}"


def verdict_word(verdict: Verdict) -> str:
    """A verdict in a word."""
    match verdict:
        case Verdict.DENY:
            return _("denied")
        case Verdict.ESCALATE:
            return _("people decide")
        case Verdict.ALLOW:
            return _("allowed")
        case _ as never:
            assert_never(never)


def action_phrase(decision: Decision) -> str:
    """What is done when it is allowed, or when people say yes."""
    action = decision.action
    if action is None:
        return _("nothing: people can only say no") if decision.verdict is Verdict.ESCALATE else _("nothing")
    recipient = recipient_of(decision)
    template = named(action.template, action.template_version)
    return f"{action_words(action.operation)} · {template} → {recipient}"


def action_words(operation: str) -> str:
    """One of the two writes in words."""
    words = {SEND_MESSAGE: _("send one message"), CREATE_NOTIFICATION: _("make one notification")}
    return words.get(operation, operation)


def recipient_of(decision: Decision) -> str:
    """The reference of whom it is for; the field's name where the trigger does not say."""
    action = decision.action
    field = action.recipient if action is not None else ""
    return next((str(item.value) for item in decision.fields if item.name == field), field)


def asked_phrase(asked: Asked) -> str:
    """What people are asked."""
    match asked:
        case Asked.DECISION:
            return _("whether it goes on; silence means no")
        case Asked.UNKNOWN_EFFECT:
            return _("whether the message counts as sent; silence means no")
        case _ as never:
            assert_never(never)


def state_word(state: QuestionState) -> str:
    """The word of a state that a screen begins with."""
    words = {
        QuestionState.WAITING: _("WAITING"),
        QuestionState.UNKNOWN_EFFECT: _("WAITING"),
        QuestionState.NOT_ASKED: _("NOT ASKED YET"),
        QuestionState.PROCEED: _("PROCEED"),
        QuestionState.SENT: _("COUNTS AS SENT"),
        QuestionState.REFUSED: _("REFUSED"),
        QuestionState.NOT_SENT: _("NOT SENT"),
        QuestionState.LAPSED: _("LAPSED"),
        QuestionState.WITHDRAWN: _("WITHDRAWN"),
    }
    return words[state]


def state_phrase(state: QuestionState) -> str:
    """How a question stands, in words."""
    words = {
        QuestionState.WAITING: _("waits for an answer"),
        QuestionState.UNKNOWN_EFFECT: _("nobody knows whether it was sent; waits for an answer"),
        QuestionState.NOT_ASKED: _("nobody knows whether it was sent; nobody is asked yet: resume the run"),
        QuestionState.PROCEED: _("answered: proceed"),
        QuestionState.SENT: _("answered: it counts as sent"),
        QuestionState.REFUSED: _("answered: no"),
        QuestionState.NOT_SENT: _("answered: it does not count as sent"),
        QuestionState.LAPSED: _("lapsed: silence means no"),
        QuestionState.WITHDRAWN: _("withdrawn: the run ended otherwise"),
    }
    return words[state]


def option_words(option: str) -> str:
    """What an option means."""
    words = {
        "proceed": _("yes: it goes on to the people who authorize it"),
        "refuse": _("no: nothing is done, and the run ends"),
        "sent": _("yes: it counts as sent, and nothing is sent again"),
        "not_sent": _("no: it does not count as sent, and the run ends"),
        "resend": _("no: the run ends, and the message may be asked for anew"),
    }
    return words.get(option, "")


def _decided(decision: Decision) -> str:
    rule = rule_name(named(decision.policy, decision.policy_version) if decision.policy else "", decision.rule)
    return " · ".join((verdict_word(decision.verdict), decision.reason, rule or _("no rule")))

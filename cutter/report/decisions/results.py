"""What the commands about decisions and notifications answer with: screens and JSON both come from these.

Rules kept here: nothing of a trigger is in them but what its closed domains admit; uncertain fields are told by their
names; a question whose time is over has a state of its own, and never that of an answer.

Source: issue 7, rules 4 and 6; policies.md §3.12.
"""

from enum import Enum

import msgspec

from cutter.model import RoleQuorum
from cutter.policies.decision import Decision
from cutter.report.result import NextStep, RunStatus


class Asked(Enum):
    """What people are asked: whether to go on where policies could not tell, or whether a message counts as sent."""

    DECISION = "decision"
    UNKNOWN_EFFECT = "unknown_effect"


class QuestionState(Enum):
    """How a question stands.

    `waiting` and `unknown_effect` are open; `not_asked`: nobody knows of an effect, and the next pass of the run asks
    people; `proceed` and `sent` are a yes of enough people, `refused` and `not_sent` a
    no; `lapsed`: nobody answered in time, or the yes was not used in time; `withdrawn`: the run ended otherwise.
    """

    WAITING = "waiting"
    UNKNOWN_EFFECT = "unknown_effect"
    NOT_ASKED = "not_asked"
    PROCEED = "proceed"
    SENT = "sent"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({QuestionState.WAITING, QuestionState.UNKNOWN_EFFECT})


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question that a run which a policy started has put to people.

    Attributes:
        run_id, gate, asked: which run asks what, and at which gate.
        state: how it stands now.
        approval_kb_id: its request; empty where people were not asked yet (the next pass of the run does).
        trigger, trigger_type: on which trigger.
        verdict, policy, policy_version, rule, reason, uncertain: what was decided, and why people are asked.
        operation: what happens on a yes; empty where nothing can.
        options: what people can answer; none where they were not asked yet.
        asked_at, decide_by: from when until when (UTC).
        run_status: how the run as a whole stands.
        stop_code: why no answer would count now, or how the run ended; empty for neither.
        message_id: of a message of which nobody knows whether it was sent, as a mail log has it; else empty.
    """

    run_id: str
    gate: str
    asked: Asked
    state: QuestionState
    approval_kb_id: str
    trigger: str
    trigger_type: str
    verdict: str
    policy: str
    policy_version: str
    rule: str
    reason: str
    uncertain: tuple[str, ...]
    operation: str
    options: tuple[str, ...]
    asked_at: str
    decide_by: str
    run_status: RunStatus
    stop_code: str
    message_id: str = ""


class DecisionList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter decisions list` (`cutter.decisions/1`), newest first; `due`: only open ones that lapse soon, the soonest
    first.
    """

    format: str = "cutter.decisions/1"
    due: bool
    decisions: tuple[Question, ...]


class GivenAnswer(msgspec.Struct, frozen=True):
    """A signature on a question's request, as the database stamped it: who gave it, `yes` or `no`, and when."""

    person_id: str
    answer: str
    at: str


class ReplayTold(msgspec.Struct, frozen=True):
    """Whether deciding once more gives the same bytes: `match`, `differs` or `not_replayable`, with what is missing
    and what was changed since.
    """

    outcome: str
    missing: tuple[str, ...]
    changed: tuple[str, ...]


class DecisionShown(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter decisions show` (`cutter.decision-shown/1`).

    `decision` is the document `cutter.decision/1` with `sha256` as its digest; `questions` are what people were asked
    about it, in order (none: the policies could tell), `answers` what was signed to them.
    """

    format: str = "cutter.decision-shown/1"
    run_id: str
    decision: Decision
    sha256: str
    questions: tuple[Question, ...]
    answers: tuple[GivenAnswer, ...]
    replay: ReplayTold
    next: tuple[NextStep, ...]


class DecisionAnswered(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter decide` (`cutter.decision-answered/1`): the option that was signed, as `answer` (`yes` or `no`).

    `signed` and `missing` say who has signed a yes so far, and how many of which role are still to.
    """

    format: str = "cutter.decision-answered/1"
    question: Question
    option: str
    answer: str
    person_id: str
    request_sha256: str
    signature_sha256: str
    signed: tuple[str, ...]
    missing: tuple[RoleQuorum, ...]
    reason_path: str
    next: tuple[NextStep, ...]


class NotificationText(msgspec.Struct, frozen=True):
    """A notification's text, from its template; `known`: that version is still in the workspace."""

    known: bool
    text: str


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One notification. `run_id` is its id; `slots` are the template's closed values; no address is in it."""

    run_id: str
    trigger: str
    policy: str
    policy_version: str
    rule: str
    template: str
    template_version: str
    recipient: str
    slots: dict[str, str | int | bool]
    created_at: str
    acknowledged_at: str
    acknowledged_by: str
    shown: NotificationText


class NotificationList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter notifications list` (`cutter.notifications/1`): those first that nobody acknowledged, then the newest."""

    format: str = "cutter.notifications/1"
    notifications: tuple[Notification, ...]


class NotificationAcknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter notifications ack` (`cutter.notification-acknowledged/1`): `by` whom first; `again`: it was already."""

    format: str = "cutter.notification-acknowledged/1"
    run_id: str
    by: str
    again: bool
    next: tuple[NextStep, ...]

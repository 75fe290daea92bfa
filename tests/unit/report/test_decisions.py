"""The questions of runs that policies started: how each stands, by its events, the signatures on it, and the time."""

import json
from typing import Any

import msgspec
import pytest

from cutter.approval.checks import Approved, Judgement, Refused, StillWaiting
from cutter.approval.request import ESCALATION
from cutter.events import Aborted, Started
from cutter.model import Mode
from cutter.policies.domain import Field, Words
from cutter.policies.policy import SlotForm, Template
from cutter.report.decisions.letters import letter_of
from cutter.report.decisions.notifications import text_of
from cutter.report.decisions.questions import (
    decision_gates,
    decision_of,
    fold_questions,
    is_due,
    judged,
    lapsed_unused,
)
from cutter.report.decisions.results import Asked, DecisionList, Notification, NotificationText, Question, QuestionState
from cutter.report.decisions.screens import listed_rows
from cutter.report.decisions.words import decided_rows, record_of, sent_phrase
from cutter.report.effects import effect_is_unknown
from cutter.report.human import result_lines
from cutter.report.next_steps import options_of
from cutter.report.result import RunStatus
from cutter.run import fold_kept
from cutter.stops import Stop, StopCode
from tests.golden.screens import policy_cases as told
from tests.golden.screens.cases import Told, asks, proves, stopped, verifies
from tests.support.records import DIGEST, RESUMED, number

GATES = decision_gates(told.PIPELINE)
IN_TIME, LATE = "2026-11-24T09:00:00Z", "2026-11-24T10:00:01Z"

ABORTED: Told = (*told.begun(told.UNCERTAIN), ("", Aborted(reason=DIGEST)))
ANSWERED: Told = (
    *told.begun(told.UNCERTAIN),
    ("", RESUMED),
    *proves("decide"),
    ("ask_people", Started(index=3, operation="")),
    *verifies(told.DECIDE_GATE, "ask_people", "binh.le"),
    ("authorize", Started(index=4, operation="")),
    asks(told.NOTIFY_GATE, "authorize"),
)
DENIED_LATER: Told = (
    *told.begun(told.UNCERTAIN),
    ("", RESUMED),
    ("", stopped(StopCode.STOP_POLICY_DENIED, "WITHDRAWN")),
)
# The message was accepted, and what proves it did not hold: people decide on that too, and it is no question of these.
BROKEN: Told = (
    *told.ATTEMPTED,
    *told.sent("accepted", 250)[:2],
    ("send", stopped(StopCode.STOP_VERIFY_FAILED, "pins_moved", 51)),
    ("", RESUMED),
    *proves("decide"),
    asks(ESCALATION, ""),
)
# events → what is asked, how it stands by the ledger, how the run stands
BY_EVENTS: dict[str, tuple[Told, list[tuple[Asked, QuestionState, RunStatus]]]] = {
    "the policies could tell": (told.ALLOWED_WAITS, []),
    "denied": (told.DENIED, []),
    "left open": (told.begun(told.UNCERTAIN), [(Asked.DECISION, QuestionState.WAITING, RunStatus.WAITING)]),
    "declined": (told.DECLINED, [(Asked.DECISION, QuestionState.REFUSED, RunStatus.STOPPED)]),
    "lapsed": (told.LAPSED, [(Asked.DECISION, QuestionState.LAPSED, RunStatus.STOPPED)]),
    "answered with yes": (ANSWERED, [(Asked.DECISION, QuestionState.PROCEED, RunStatus.WAITING)]),
    "aborted": (ABORTED, [(Asked.DECISION, QuestionState.WITHDRAWN, RunStatus.ABORTED)]),
    "denied when it was looked at again": (
        DENIED_LATER,
        [(Asked.DECISION, QuestionState.WITHDRAWN, RunStatus.STOPPED)],
    ),
    "unknown, nobody asked yet": (told.UNSURE, [(Asked.UNKNOWN_EFFECT, QuestionState.NOT_ASKED, RunStatus.STOPPED)]),
    "interrupted, and unknown": (
        told.ATTEMPTED,
        [(Asked.UNKNOWN_EFFECT, QuestionState.NOT_ASKED, RunStatus.UNFINISHED)],
    ),
    "resumed and interrupted once more": (
        (*told.ATTEMPTED, ("", RESUMED), *proves("decide")),
        [(Asked.UNKNOWN_EFFECT, QuestionState.NOT_ASKED, RunStatus.UNFINISHED)],
    ),
    "interrupted before the dot": (told.CRASHED, []),
    "unknown": (
        told.ASKED_EFFECT,
        [(Asked.UNKNOWN_EFFECT, QuestionState.UNKNOWN_EFFECT, RunStatus.WAITING)],
    ),
    "presumed": (told.PRESUMED, [(Asked.UNKNOWN_EFFECT, QuestionState.SENT, RunStatus.DONE)]),
    "not sent": (told.NOT_SENT, [(Asked.UNKNOWN_EFFECT, QuestionState.NOT_SENT, RunStatus.STOPPED)]),
    "another failure that people decide on": (BROKEN, []),
    "a failure that is known": (told.FAILED, []),
}


@pytest.mark.parametrize("name", BY_EVENTS)
def test_a_question_stands_as_the_ledger_says(name: str) -> None:
    """Without it a no, or silence, that a pass has recorded would be told as something that still waits."""
    events, expected = BY_EVENTS[name]
    found = fold_questions(number(events), GATES)

    assert [(item.asked, item.state, item.run_status) for item in found] == expected


LEFT_OPEN = told.begun(told.UNCERTAIN)


def question(events: Told = LEFT_OPEN) -> Question:
    """The only question of a run."""
    (found,) = fold_questions(number(events), GATES)
    return found


def refused(code: StopCode) -> Refused:
    """A judgement that refuses."""
    return Refused(Stop(code, "x"), ())


NO_REQUEST: Any = None  # its parts are not looked at
APPROVED = Approved(NO_REQUEST, DIGEST, "", (), ())
PARTLY = StillWaiting(NO_REQUEST, DIGEST, "", (), ())
# judgement, now → state, why no answer counts
JUDGED: dict[str, tuple[Judgement | None, str, QuestionState, str]] = {
    "nobody signed": (None, IN_TIME, QuestionState.WAITING, ""),
    "nobody signed, and the time is over": (None, LATE, QuestionState.LAPSED, ""),
    "some signed": (PARTLY, IN_TIME, QuestionState.WAITING, ""),
    "some signed, and the time is over": (PARTLY, LATE, QuestionState.LAPSED, ""),
    "enough signed": (APPROVED, IN_TIME, QuestionState.PROCEED, ""),
    "enough signed in time, looked at later": (APPROVED, LATE, QuestionState.PROCEED, ""),
    "a no": (refused(StopCode.STOP_APPROVAL_REJECTED), IN_TIME, QuestionState.REFUSED, ""),
    "a yes that came too late": (refused(StopCode.STOP_APPROVAL_EXPIRED), IN_TIME, QuestionState.LAPSED, ""),
    "no trust": (refused(StopCode.STOP_TRUST_REFUSED), IN_TIME, QuestionState.WAITING, "STOP_TRUST_REFUSED"),
    "no trust, and the time is over": (
        refused(StopCode.STOP_TRUST_REFUSED),
        LATE,
        QuestionState.LAPSED,
        "STOP_TRUST_REFUSED",
    ),
}
OF_EFFECT = {
    QuestionState.WAITING: QuestionState.UNKNOWN_EFFECT,
    QuestionState.PROCEED: QuestionState.SENT,
    QuestionState.REFUSED: QuestionState.NOT_SENT,
}


@pytest.mark.parametrize("name", JUDGED)
def test_an_open_question_stands_as_signatures_and_time_say(name: str) -> None:
    """Without it what nobody answered would look as if it still could be, or as if somebody had said yes."""
    judgement, now, state, code = JUDGED[name]
    decision, effect = judged(question(), judgement, now), judged(question(told.ASKED_EFFECT), judgement, now)

    assert (decision.state, decision.stop_code) == (state, code)
    assert (effect.state, effect.stop_code) == (OF_EFFECT.get(state, state), code)


def test_what_the_ledger_has_is_not_judged_again() -> None:
    """Without it a decision that people made would turn into a lapsed one as soon as its time is over."""
    ended = question(told.DECLINED)

    assert judged(ended, APPROVED, LATE) == ended


def test_a_yes_that_was_not_used_lapses() -> None:
    """Without it a yes whose time to be used is over would be told as one that stands."""
    yes = msgspec.structs.replace(question(), state=QuestionState.PROCEED)

    assert lapsed_unused(yes, LATE, IN_TIME).state is QuestionState.PROCEED
    assert lapsed_unused(yes, IN_TIME, LATE).state is QuestionState.LAPSED
    assert lapsed_unused(question(told.DECLINED), IN_TIME, LATE).state is QuestionState.REFUSED


# asked at, decide by, now → due
DUE: dict[str, tuple[str, str, str, bool]] = {
    "a day, at its beginning": ("2026-11-23T10:00:00.5Z", "2026-11-24T10:00:00Z", "2026-11-23T10:00:01Z", False),
    "a day, before its last quarter": ("2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z", "2026-11-24T03:59:59Z", False),
    "a day, its last quarter": ("2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z", "2026-11-24T04:00:00Z", True),
    "a month, two days before": ("2026-10-24T10:00:00Z", "2026-11-24T10:00:00Z", "2026-11-22T10:00:00Z", False),
    "a month, its last day": ("2026-10-24T10:00:00Z", "2026-11-24T10:00:00Z", "2026-11-23T10:00:00Z", True),
}


@pytest.mark.parametrize("name", DUE)
def test_due(name: str) -> None:
    """Without it either everything is due, or what is about to lapse is found afterwards."""
    asked_at, decide_by, now, due = DUE[name]
    asked = msgspec.structs.replace(question(), asked_at=asked_at, decide_by=decide_by)

    assert is_due(asked, now) is due
    assert not is_due(msgspec.structs.replace(asked, state=QuestionState.LAPSED), now)


def test_a_question_tells_fields_by_name() -> None:
    """Without it a value that was not admitted could stand in a list."""
    asked = question()

    assert (asked.reason, asked.uncertain, asked.options) == ("MISSING_FIELD", ("severity",), ("proceed", "refuse"))
    assert "PAT-7KQ2M4XA-55" not in msgspec.json.encode(asked).decode()


def test_a_record_of_another_form_is_no_decision() -> None:
    """Without it a run of a later cutter would end the whole list."""
    state = fold_kept(number(told.begun(told.UNCERTAIN)))

    assert decision_of(state) == told.UNCERTAIN
    assert record_of({"record": {"format": "cutter.decision/2"}}) is None
    assert record_of({}) is None


def test_nothing_can_be_answered_before_anybody_is_asked() -> None:
    """Without it a list would offer answers that nobody takes."""
    assert question(told.UNSURE).options == ()
    assert question(told.ASKED_EFFECT).options == ("sent", "not_sent", "resend")
    assert listed_rows(DecisionList(due=False, decisions=(question(told.UNSURE),)))[0][6] == "-"


# events → whether the Message-ID is told: who knows what became of a message has no log to search
NAMED: dict[str, tuple[Told, bool]] = {
    "interrupted after the dot": (told.ATTEMPTED, True),
    "unknown": (told.UNSURE, True),
    "unknown, and people are asked": (told.ASKED_EFFECT, True),
    "declined": (told.NOT_SENT, True),
    "interrupted before the dot": (told.CRASHED, False),
    "refused by the server": (told.FAILED, False),
    "accepted": (told.SENT, False),
}


@pytest.mark.parametrize("name", NAMED)
def test_the_message_id_is_told_where_nobody_knows(name: str) -> None:
    """Without it people are sent to a mail log with nothing to look for."""
    events, is_told = NAMED[name]
    result = told.result(events, told.SENDS)
    header = f"<{told.MESSAGE_ID}>" if is_told else ""

    assert result.message_id == header
    assert [item.message_id for item in fold_questions(number(events), GATES)] == [header] * is_told
    assert (f"in the mail server's log: <{told.MESSAGE_ID}>" in " ".join(map(str, result_lines(result)))) is is_told


UNKNOWN: dict[str, tuple[Told, bool]] = {
    "intended only": (told.CRASHED, False),
    "about to be committed": (told.ATTEMPTED, True),
    "refused by the server": (told.FAILED, False),
    "unknown": (told.UNSURE, True),
    "unknown, and people are asked": (told.ASKED_EFFECT, True),
    "declined": (told.NOT_SENT, True),
    "presumed": (told.PRESUMED, False),
    "accepted": (told.SENT, False),
    "sent by a resume": (told.SENT_LATER, False),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_nobody_knows_is_told_as_unknown(name: str) -> None:
    """Without it a screen would say that nothing was written of a message that may have been sent."""
    events, unknown = UNKNOWN[name]

    assert effect_is_unknown(number(events)) is unknown
    assert (told.result(events).effect.value == "unknown") is unknown


def test_the_options_are_those_of_the_record() -> None:
    """Without it a screen would suggest a yes where there is nothing to say yes to."""
    results = told.RESULTS

    assert options_of(results["notify_decision_waits"]) == ("proceed", "refuse")
    assert options_of(results["notify_only_a_no"]) == ("refuse",)
    assert options_of(results["notify_unknown_asked"]) == ("sent", "not_sent", "resend")
    assert options_of(results["notify_waits"]) == ()


def test_a_message_is_never_told_as_delivered() -> None:
    """Without it 250 would be told as more than that the server took it (RFC 5321 §4.2.5)."""
    told_so = sent_phrase({"outcome": "accepted", "code": 250, "enhanced": ""})

    assert "accepted by the mail server (250)" in told_so
    assert "deliver" not in told_so
    assert "nobody knows" in sent_phrase({"outcome": "presumed"})
    assert sent_phrase({"outcome": "of a later cutter"}) == ""


WARDS = Field("ward", Words(("north", "south")))
TEMPLATE = Template(
    id="result-ready-en",
    version="1.0",
    withdrawn=False,
    operation="comm.send_message@1",
    language="en",
    subject="{ward}: ready",
    body="At the {ward}.\n",
    slots=(SlotForm(WARDS, (("north", "North ward"), ("south", "South ward"))),),
    sha256=DIGEST,
)


def test_the_text_is_that_of_the_very_version() -> None:
    """Without it people would sign for one text, and another would be sent."""
    letter = letter_of(told.ALLOWED, (TEMPLATE,))
    other = msgspec.structs.replace(TEMPLATE, version="1.1")

    assert letter is not None
    assert (letter.subject, letter.body) == ("North ward: ready", "At the North ward.\n")
    assert letter_of(told.ALLOWED, (other,)) is None
    assert letter_of(told.ALLOWED, (other, TEMPLATE)) == letter
    assert letter_of(told.HOPELESS, (TEMPLATE,)) is None
    unfilled = told.changed(told.ALLOWED, fields=told.ALLOWED.fields[:2])
    assert letter_of(unfilled, (TEMPLATE,)) is None


def test_a_decision_is_told_without_an_address() -> None:
    """Without it a screen would show more of a person than the reference that was issued."""
    rows = dict(decided_rows(told.UNCERTAIN))

    assert rows["Decided"] == "people decide · MISSING_FIELD · no rule"
    assert rows[""] == "uncertain: severity"
    assert rows["Leads to"] == "send one message · result-ready-en@1.0 → PAT-7KQ2M4XA-55"
    assert dict(decided_rows(told.HOPELESS))["Leads to"] == "nothing: people can only say no"


def test_a_notification_whose_template_is_gone() -> None:
    """Without it a notification would be shown with an empty text, as if it said nothing."""
    gone = Notification(
        run_id=told.result(told.NOTIFIED).run_id,
        trigger=told.TRIGGER,
        policy="critical-result",
        policy_version="1.0",
        rule="urgent",
        template="critical-result",
        template_version="0.9",
        recipient="TEAM-N4RTH-33",
        slots={"ward": "south", "urgency": 4, "seen": False},
        created_at=IN_TIME,
        acknowledged_at="",
        acknowledged_by="",
        shown=NotificationText(known=False, text=""),
    )

    assert text_of(gone) == "critical-result@0.9 is not in this workspace; it says: seen false, urgency 4, ward south"


def test_only_a_decision_gate_asks_for_a_decision() -> None:
    """Without it every gate of a run of a policy would be listed as a question."""
    assert {told.DECIDE_GATE} == GATES
    assert fold_questions(number(told.begun(told.UNCERTAIN)), frozenset()) == ()
    events = number((*told.ALLOWED_WAITS,))
    assert fold_questions(events, GATES) == ()


def test_the_record_is_what_was_decided() -> None:
    """Without it the imaginary runs of these tests would be of no form that the engine writes."""
    assert json.loads(told.ALLOWED.body)["format"] == "cutter.decision/1"
    assert told.result(told.begun(told.ALLOWED, Mode.LIVE)[:5]).phases[0].facts["record"]["rule"] == "routine-en"

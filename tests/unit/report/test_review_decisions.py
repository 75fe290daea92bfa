"""The reviewer's page of a run that a policy started: what was decided, the text that it leads to, how to answer."""

import dataclasses
import re

import msgspec
import pytest

from cutter.approval.request import ESCALATION
from cutter.model import Gate, GatePhase, Inputs, InputValue, Mode
from cutter.plan import Plan, PlannedOutcome
from cutter.policies.decision import Decision
from cutter.policies.policy import CREATE_NOTIFICATION, SEND_MESSAGE
from cutter.policies.rendering import Rendered
from cutter.report.review import ReviewCase, Signer, make_page
from cutter.report.review.verdicts import State, verdicts
from tests.golden.screens import policy_cases as told
from tests.support.records import RUN_ID
from tests.unit.report.test_review import Page

LETTER = Rendered("North ward: a result is ready", "Hello,\n\na result <is> ready.\n")
SIGNERS = (Signer("binh.le", "Lê Bình", ("sovereign",)), Signer("cuong.vo", "Võ Cường", ("content",)))


def gate_of(phase: str) -> Gate:
    """A gate of the shipped pipeline."""
    return next(item.gate for item in told.PIPELINE.phases if isinstance(item, GatePhase) and item.id == phase)


def case_of(decision: Decision, phase: str, *covers: str) -> ReviewCase:
    """A gate of a run on a trigger, as it is put before people."""
    given = Inputs((InputValue("trigger_id", told.TRIGGER), InputValue("trigger", "{}"), InputValue("attempt", "1")))
    index = next(n for n, item in enumerate(told.PIPELINE.phases, start=1) if item.id == phase)
    return ReviewCase(
        pipeline=told.PIPELINE,
        plan=Plan(
            pipeline="notify",
            pipeline_sha256=told.PIPELINE.sha256,
            operations=("policy.decide@1", SEND_MESSAGE, CREATE_NOTIFICATION),
            inputs=given,
            outcomes=(PlannedOutcome("decide", "policy.decide@1", told.outcome_of(decision)),),
            surveys=(),
        ),
        run_id=RUN_ID,
        mode=Mode.LIVE,
        gate=gate_of(phase),
        gate_index=index,
        requester="an.tran",
        target_label="icx-prod",
        issued_at="2026-11-21T09:10:00Z",
        approve_by="2026-11-22T09:10:00Z",
        execute_by="2026-11-22T13:10:00Z",
        covers=covers,
        row_count=1,
        asked=(),
        phases=(),
        signers=SIGNERS,
        document=None,
        decided=decision,
        letter=LETTER,
    )


OPEN = case_of(told.UNCERTAIN, "ask_people")
SENDS = case_of(told.ALLOWED, "authorize", SEND_MESSAGE)
NOTIFIES = dataclasses.replace(
    case_of(told.CRITICAL, "authorize", CREATE_NOTIFICATION), letter=Rendered("", "Critical.\n")
)
UNKNOWN = dataclasses.replace(
    SENDS,
    gate=msgspec.structs.replace(SENDS.gate, id=ESCALATION),
    gate_index=5,
    covers=(SEND_MESSAGE,),
    message_id=f"<{told.MESSAGE_ID}>",
)
HOPELESS = dataclasses.replace(case_of(told.HOPELESS, "ask_people"), letter=None)
CASES = {"open": OPEN, "sends": SENDS, "notifies": NOTIFIES, "unknown": UNKNOWN, "hopeless": HOPELESS}

# case → the sentence at the top, in both languages
SENTENCES = {
    "open": ("to go on to the people who authorize it", "được đi tiếp tới người cho phép"),
    "sends": ("send one message", "gửi một thư"),
    "notifies": ("make one notification", "lập một thông báo"),
    "unknown": ("to count one message as sent, of which nobody knows whether it was", "coi một thư là đã gửi"),
    "hopeless": ("nothing; people can only say no", "chỉ có thể trả lời không"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_first_sentence_says_what_is_asked(name: str) -> None:
    """Without it somebody would sign for a document that there is not, or for rows in place of a message."""
    case = CASES[name]
    words = Page(make_page(case)).words
    english, vietnamese = SENTENCES[name]
    trigger = f"{case.decided.trigger_type} {told.TRIGGER}" if case.decided is not None else ""

    assert f"an.tran asks, for trigger {trigger}: {english}" in words
    assert f"an.tran xin, cho tín hiệu {trigger}: " in words
    assert vietnamese in words
    assert "document text" not in words
    assert make_page(case) == make_page(case)


@pytest.mark.parametrize("name", ["open", "sends", "notifies", "unknown"])
def test_the_whole_text_can_be_read(name: str) -> None:
    """Without it the approval is blind: the text would be known to its recipient alone."""
    case = CASES[name]
    assert case.letter is not None
    page = Page(make_page(case))

    assert case.letter.body in page.words
    assert case.letter.subject in page.words
    assert "PAT-7KQ2M4XA-55" in page.words or "TEAM-N4RTH-33" in page.words
    assert (f"<{told.MESSAGE_ID}>" in page.words) is (name == "unknown")
    assert not re.search(r"[\w.]+@[a-z]+\.[a-z]", page.words.replace(told.MESSAGE_ID, ""))


def test_a_text_that_is_not_here_is_told() -> None:
    """Without it a page without the text would look as good as one with it."""
    found = {item.name: item.state for item in verdicts(dataclasses.replace(SENDS, letter=None))}

    assert found["text"] is State.BAD
    assert {item.name: item.state for item in verdicts(SENDS)}["text"] is State.GOOD


# case → the verdicts that are not plainly good, or to come
LOOK = {
    "open": {"decided", "surveys"},
    "sends": {"surveys", "taken_back"},
    "notifies": {"surveys", "taken_back"},
    "unknown": {"surveys"},
    "hopeless": {"decided", "surveys"},
}


@pytest.mark.parametrize("name", CASES)
def test_what_needs_eyes(name: str) -> None:
    """Without it a message that cannot be called back would be told to be as harmless as a draft."""
    found = {item.name for item in verdicts(CASES[name]) if item.state in (State.DOUBTFUL, State.BAD)}

    assert found == LOOK[name]


# case → the commands that answer
COMMANDS = {
    "open": ["decide 0f8fad5b --option proceed", "decide 0f8fad5b --option refuse --reason 'TEXT'"],
    "unknown": [
        "decide 0f8fad5b --option sent",
        "decide 0f8fad5b --option not_sent --reason 'TEXT'",
        "decide 0f8fad5b --option resend --reason 'TEXT'",
    ],
    "hopeless": ["decide 0f8fad5b --option refuse --reason 'TEXT'"],
    "sends": ["approve 0f8fad5b", "reject 0f8fad5b --reason 'TEXT'"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_how_to_answer(name: str) -> None:
    """Without it people would be told to approve where the record has other options, or none to say yes with."""
    shown = re.findall(r"<code>cutter ((?:decide|approve|reject) [^<]*)</code>", make_page(CASES[name]).decode())
    plain = [command.replace("&#x27;", "'") for command in shown if "port" not in command]

    assert plain == COMMANDS[name]


# case → the phases that the signatures let through
COVERED = {"open": [], "sends": ["send"], "notifies": ["create"], "unknown": ["send"], "hopeless": []}


@pytest.mark.parametrize("name", CASES)
def test_skipped_phases_are_not_let_through(name: str) -> None:
    """Without it the page would say that both writes happen where the request covers one of them."""
    assert [phase.id for phase in CASES[name].covered()] == COVERED[name]


def test_a_phase_that_the_request_does_not_cover_is_not_shown() -> None:
    """Without it the page and the signed request could say different things."""
    both = (SEND_MESSAGE, CREATE_NOTIFICATION)

    assert dataclasses.replace(SENDS, covers=()).covered() == ()
    assert [phase.id for phase in dataclasses.replace(SENDS, covers=both).covered()] == ["send"]


def test_only_a_message_can_be_of_unknown_effect() -> None:
    """Without it people would be asked whether a notification counts as sent, whose row is there or is not."""
    gate = msgspec.structs.replace(NOTIFIES.gate, id=ESCALATION)
    words = Page(make_page(dataclasses.replace(NOTIFIES, gate=gate, gate_index=6))).words

    assert "AFTER A FAILURE" in words
    assert "NOBODY KNOWS" not in words
    assert "NOBODY KNOWS" in Page(make_page(UNKNOWN)).words


def test_rows_that_are_governed_are_named() -> None:
    """Without it «nothing else touched» would be said of a message whose row nobody named."""
    words = Page(make_page(SENDS)).words

    assert "comm.message: at most 1 row." in words
    assert "1 rows" not in words


def test_a_rehearsal_shows_the_line_that_asks() -> None:
    """Without it the page would name `cutter orchestrate notify`, which nobody can start."""
    case = dataclasses.replace(SENDS, mode=Mode.DRYRUN, issued_at="", approve_by="", execute_by="")

    assert f"cutter trigger .cutter/triggers/{told.TRIGGER}.json --mode live" in Page(make_page(case)).words


def test_hostile_words_of_a_template_stay_words() -> None:
    """Without it a template could put markup on the page that people sign by."""
    page = make_page(dataclasses.replace(SENDS, letter=Rendered("<script>", "a\u202eb</pre><b>"))).decode()

    assert "<script>" not in page
    assert "</pre><b>" not in page
    assert "\u202e" not in page

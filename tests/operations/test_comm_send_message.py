"""`comm.send_message@1`: one message, once, and only while the decision that people signed for still stands."""

import subprocess

import pytest

from cutter.app.system import RandomIds
from cutter.events import (
    Acted,
    ApprovalVerified,
    Attempted,
    GateOpened,
    GateRefused,
    GateWaiting,
    Intended,
    Started,
    Verified,
    WouldStop,
)
from cutter.model import Mode
from cutter.run import Lifecycle, fold
from tests.support.mail_servers import Behaviour
from tests.support.notify import ADDRESS, NOTIFICATION, Clinic, trigger_of
from tests.support.notify_edits import OF_MESSAGES
from tests.support.notify_runs import interrupt, once
from tests.support.runs import completed, outcome_of, stop_of

NOTHING, INTENDED, SENT = (0, 0, 0), (1, 0, 0), (1, 0, 1)
USES = "SELECT count(*) FROM cutter_governance.approval_use"
QUICK = ("the policy is withdrawn", "the policy's words", "the answer of a view", "the directory")
SOME = [pytest.param(name, id=name, marks=[] if name in QUICK else pytest.mark.crash) for name in OF_MESSAGES]
MARKERS = "SELECT guard, key FROM cutter_governance.phase_marker"


def test_one_message_is_sent(clinic: Clinic) -> None:
    """Without it nothing would show that the whole way works: decide, sign, intend, attempt, send, prove."""
    records = clinic.complete(trigger_of())

    assert completed(records), records[-1].event
    assert clinic.effects == SENT
    kinds = [type(r.event).__name__ for r in records if r.phase == "send"]
    assert kinds == ["Started", "GateOpened", "Intended", "Attempted", "Acted", "Published", "Verified"]
    outcome = outcome_of(records, "send")
    assert (outcome["outcome"], outcome["code"], outcome["enhanced"]) == ("accepted", 250, "2.0.0")
    [letter] = clinic.server.stored
    assert f"Message-ID: <{outcome['message_id']}@".encode() in letter
    assert ADDRESS.encode() in letter
    assert clinic.office.rows(MARKERS) == [("G-MESSAGE-ONCE", ["TRG-A5K8R2ME-69", "1"])]
    assert clinic.office.rows("SELECT message_id FROM comm.message") == [(outcome["message_id"],)]


def test_a_rehearsal_leaves_nothing_and_names_nobody(clinic: Clinic) -> None:
    """Without it trying a trigger out could send the message, or leave a row that refuses the live one."""

    def dump() -> bytes:
        server = clinic.office.database.server
        command = [str(server.binaries / "pg_dump"), "--restrict-key=x", "-d", clinic.office.database.superuser]
        return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout

    before = dump()
    records = clinic.take(Mode.DRYRUN, trigger_of())

    assert completed(records)
    assert outcome_of(records, "send")["outcome"] == "rehearsed"
    assert [r for r in records if isinstance(r.event, WouldStop)] == []
    assert dump() == before
    assert clinic.effects == NOTHING
    assert not clinic.server.saw(b"RCPT")
    assert clinic.server.saw(b"AUTH")


def test_both_modes_have_the_same_message(clinic: Clinic) -> None:
    """Without it the Message-ID that a rehearsal shows would not be the one in the mail log."""
    rehearsed, sent = clinic.take(Mode.DRYRUN, trigger_of()), clinic.complete(trigger_of())
    assert outcome_of(rehearsed, "send")["message_id"] == outcome_of(sent, "send")["message_id"]


WOULD_STOP = {
    "the server refuses the password": (Behaviour({"AUTH": b"535 5.7.8 wrong\r\n"}), "STOP_SEND_FAILED", "refused"),
    "the certificate is another's": (Behaviour(certificate="wrong name"), "STOP_SEND_FAILED", "refused"),
    "the server is gone": (Behaviour(cut="connect"), "STOP_SEND_FAILED", "unreachable"),
}


@pytest.mark.parametrize("name", WOULD_STOP)
def test_a_rehearsal_says_what_would_stop_a_send(clinic: Clinic, name: str) -> None:
    """Without it people would be asked to sign for a message that cannot be sent."""
    clinic.server.behaviour, code, detail = WOULD_STOP[name]
    records = clinic.take(Mode.DRYRUN, trigger_of())

    assert completed(records)
    assert [(r.event.code, r.event.detail) for r in records if isinstance(r.event, WouldStop)] == [(code, detail)]


@pytest.mark.parametrize("name", SOME)
def test_what_moves_while_people_decide_is_not_sent(clinic: Clinic, name: str) -> None:
    """Without it a signature for one decision would let another one, or one that was taken back, through."""
    move, run_id = OF_MESSAGES[name], RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    move.do(clinic)

    stop = stop_of(clinic.take(Mode.LIVE, trigger_of(), run_id))

    assert (stop.code, stop.detail if move.reason else "") == (move.code, move.reason)
    assert clinic.server.stored == []
    assert clinic.office.rows(USES) == [(0,)]


@pytest.mark.parametrize("name", OF_MESSAGES)
def test_the_decision_is_reached_again_where_the_approval_is_used(clinic: Clinic, name: str) -> None:
    """Without it what moves in the moment between the check and the write would be sent."""
    move, run_id = OF_MESSAGES[name], RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)

    records = clinic.take(Mode.LIVE, trigger_of(), run_id, once(Started, lambda: move.do(clinic)))

    stop = stop_of(records)
    assert any(isinstance(r.event, ApprovalVerified) for r in records)
    assert (stop.code, stop.detail if move.reason else "") == (move.code, move.reason)
    assert clinic.server.steps == []
    assert clinic.office.rows(USES) == [(0,)]
    assert not any(isinstance(r.event, (GateOpened, Intended)) for r in records)
    ended = Lifecycle.TERMINATED if move.code == "STOP_POLICY_DENIED" else Lifecycle.PAUSED
    assert fold(records).lifecycle is ended


@pytest.mark.parametrize("name", SOME)
def test_the_decision_is_reached_again_before_the_server_is_called(clinic: Clinic, name: str) -> None:
    """Without it an interrupted message would be sent on resume by a policy that was withdrawn meanwhile."""
    move, run_id = OF_MESSAGES[name], RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    clinic.server.behaviour = Behaviour(cut="RCPT")
    assert stop_of(clinic.take(Mode.LIVE, trigger_of(), run_id)).code == "STOP_SEND_FAILED"
    clinic.server.behaviour, seen = Behaviour(), len(clinic.server.steps)
    move.do(clinic)

    stop = stop_of(clinic.take(Mode.LIVE, trigger_of(), run_id))

    assert (stop.code, stop.detail if move.reason else "") == (move.code, move.reason)
    assert len(clinic.server.steps) == seen
    assert clinic.server.stored == []


def test_what_moves_while_a_message_is_sent_is_told_at_the_end(clinic: Clinic) -> None:
    """Without it a run could say that it is pinned to policies that were others when it ended."""
    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    records = clinic.take(
        Mode.LIVE, trigger_of(), run_id, once(Acted, lambda: OF_MESSAGES["a policy of something else"].do(clinic))
    )

    stop = stop_of(records)
    assert (stop.code, stop.detail, stop.exit) == ("STOP_VERIFY_FAILED", "pins_moved", 51)
    assert clinic.effects == SENT
    assert fold(records).escalated


def test_another_action_than_the_decided_one_is_refused(clinic: Clinic) -> None:
    """Without it a pipeline could send a message where a notification was allowed."""
    swapped = clinic.altered(
        ("phases.decide.sends_message", "phases.decide.Y"),
        ("phases.decide.creates_notification", "phases.decide.sends_message"),
        ("phases.decide.Y", "phases.decide.creates_notification"),
    )
    stop = stop_of(clinic.complete(trigger_of(NOTIFICATION), pipeline=swapped))

    assert (stop.code, stop.detail) == ("STOP_POLICY_DENIED", "operation")
    assert clinic.effects == NOTHING


def test_a_run_keeps_the_policies_that_it_was_begun_with(clinic: Clinic) -> None:
    """Without it a run that says to which policies it is pinned could stand on others."""
    pinned = clinic.altered(('"${{ phases.decide.pins_sha256 }}"', f'"{"0" * 64}"'))
    stop = stop_of(clinic.complete(trigger_of(), pipeline=pinned))

    assert (stop.code, stop.detail) == ("STOP_PLAN_CHANGED", "pins")
    assert clinic.effects == NOTHING


def test_an_id_of_another_trigger_is_a_conflict(clinic: Clinic) -> None:
    """Without it one trigger's message could be recorded, and locked, under another's id."""
    stop = stop_of(clinic.complete(trigger_of(), trigger_id="TRG-B6L9S3NF-97"))

    assert (stop.code, stop.detail) == ("STOP_KEY_CONFLICT", "trigger_id")
    assert clinic.effects == NOTHING


@pytest.mark.parametrize("mode", [Mode.DRYRUN, Mode.LIVE], ids=lambda mode: mode.value)
def test_another_run_of_the_same_trigger_is_a_replay(clinic: Clinic, mode: Mode) -> None:
    """Without it a second host, or a restored one, would send the message again."""
    run_id = RandomIds().run_id()
    clinic.complete(trigger_of(), run_id)

    stop = stop_of(clinic.take(mode, trigger_of()))

    assert (stop.code, stop.detail) == ("STOP_REPLAY_CONFLICT", f"run:{run_id}")
    assert clinic.effects == SENT


def test_another_run_is_seen_before_it_has_ended(clinic: Clinic) -> None:
    """Without it the marker, which comes after the dot, would be all that keeps two runs apart."""
    run_id, other = RandomIds().run_id(), RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    clinic.approved(trigger_of(), other)
    clinic.server.behaviour = Behaviour(cut="RCPT")
    assert stop_of(clinic.take(Mode.LIVE, trigger_of(), run_id)).code == "STOP_SEND_FAILED"
    clinic.server.behaviour = Behaviour()

    stop = stop_of(clinic.take(Mode.LIVE, trigger_of(), other))

    assert (stop.code, stop.detail) == ("STOP_REPLAY_CONFLICT", f"run:{run_id}")
    assert clinic.effects == INTENDED


def test_a_second_attempt_has_a_key_and_an_approval_of_its_own(clinic: Clinic) -> None:
    """Without it sending again would be taken for the first message, by the database or by the mail log."""
    first = clinic.complete(trigger_of())
    second_run = RandomIds().run_id()
    waiting = clinic.take(Mode.LIVE, trigger_of(), second_run, attempt="2")
    assert isinstance(waiting[-1].event, GateWaiting)
    clinic.office.approve(waiting)

    second = clinic.take(Mode.LIVE, trigger_of(), second_run, attempt="2")

    assert completed(second), second[-1].event
    assert outcome_of(first, "send")["message_id"] != outcome_of(second, "send")["message_id"]
    assert clinic.office.rows(USES) == [(2,)]
    assert len(clinic.server.stored) == 2


STEPS = {
    "before it is intended": (Started, NOTHING, "completed"),
    "once it is attempted": (Attempted, INTENDED, "completed"),
    "once it is sent": (Acted, SENT, "STOP_EFFECT_UNKNOWN"),
    "once it is proved": (Verified, SENT, "completed"),
}


@pytest.mark.parametrize("name", STEPS)
def test_an_interrupted_run_goes_on_honestly(clinic: Clinic, name: str) -> None:
    """Without it a crash could send twice, or call a message unsent that nobody knows about."""
    kind, left, ends = STEPS[name]
    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    with pytest.raises(KeyboardInterrupt):
        clinic.take(Mode.LIVE, trigger_of(), run_id, once(kind, interrupt))
    assert clinic.effects == left

    records = clinic.take(Mode.LIVE, trigger_of(), run_id)

    assert (ends == "completed") == completed(records), records[-1].event
    if ends != "completed":
        stop = stop_of(records[:-2])
        assert (stop.code, stop.exit, stop.detail) == (ends, 51, "")
        asked = records[-1].event
        assert isinstance(asked, GateWaiting), asked
        assert asked.gate == "GATE_FAILURE_ESCALATION"
    assert clinic.effects == SENT
    assert [r.phase for r in records if isinstance(r.event, GateOpened)] == ["send"]


ANSWERS = {"yes": ("approval", "presumed"), "no": ("rejection", "STOP_DECISION_REFUSED")}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("stores", [True, False], ids=["stored", "lost"])
def test_people_decide_what_nobody_knows(clinic: Clinic, answer: str, stores: bool) -> None:
    """Without it an unknown message would be sent again by itself, or bar the trigger for ever."""
    kind, ends = ANSWERS[answer]
    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    clinic.server.behaviour = Behaviour(cut="dot", stores=stores)
    first = stop_of(clinic.take(Mode.LIVE, trigger_of(), run_id))
    assert (first.code, first.detail, first.exit) == ("STOP_EFFECT_UNKNOWN", "after_the_dot", 51)
    clinic.server.behaviour = Behaviour()
    waiting = clinic.take(Mode.LIVE, trigger_of(), run_id)
    assert isinstance(waiting[-1].event, GateWaiting)
    assert waiting[-1].event.gate == "GATE_FAILURE_ESCALATION"
    assert clinic.server.dots == 1
    clinic.office.approve(waiting, kind)

    records = clinic.take(Mode.LIVE, trigger_of(), run_id)

    if answer == "yes":
        assert completed(records), records[-1].event
        assert outcome_of(records, "send")["outcome"] == ends
    else:
        assert (stop_of(records).code, stop_of(records).exit) == (ends, 11)
    assert fold(records).lifecycle is Lifecycle.TERMINATED
    assert clinic.server.dots == 1
    assert clinic.effects == (1, 0, int(stores))


def test_a_no_that_comes_before_the_write_is_heard(clinic: Clinic) -> None:
    """Without it a no that is signed beside a yes would be overlooked by the write, or only pause the run."""
    run_id = RandomIds().run_id()
    waiting = clinic.approved(trigger_of(), run_id)
    say_no = once(Started, lambda: clinic.office.approve(waiting, "rejection"))

    refused = clinic.take(Mode.LIVE, trigger_of(), run_id, say_no)
    records = clinic.take(Mode.LIVE, trigger_of(), run_id)

    assert isinstance(refused[-1].event, GateRefused)
    assert (stop_of(records).code, stop_of(records).exit) == ("STOP_DECISION_REFUSED", 11)
    assert clinic.effects == NOTHING
    assert clinic.office.rows(USES) == [(0,)]


@pytest.mark.parametrize("answer", ["approval", "rejection"])
def test_people_end_a_run_whose_policies_moved(clinic: Clinic, answer: str) -> None:
    """Without it a message that is out could never be closed: nothing undoes it, and policies do not move back."""
    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    clinic.take(Mode.LIVE, trigger_of(), run_id, once(Acted, lambda: OF_MESSAGES["the template's text"].do(clinic)))
    waiting = clinic.take(Mode.LIVE, trigger_of(), run_id)
    clinic.office.approve(waiting, answer)

    records = clinic.take(Mode.LIVE, trigger_of(), run_id)

    if answer == "approval":
        assert completed(records), records[-1].event
        proved = [r.event.facts for r in records if r.phase == "send" and isinstance(r.event, Verified)]
        assert proved == [{"decided": "pins_moved"}]
    else:
        assert (stop_of(records).code, stop_of(records).exit) == ("STOP_DECISION_REFUSED", 51)
    assert fold(records).lifecycle is Lifecycle.TERMINATED
    assert clinic.effects == SENT


def test_a_message_that_is_out_is_closed_whatever_others_did_meanwhile(clinic: Clinic) -> None:
    """Without it other messages to the same person would make the proof of this one's decision fail for ever."""
    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    with pytest.raises(KeyboardInterrupt):
        clinic.take(Mode.LIVE, trigger_of(), run_id, once(Verified, interrupt))
    clinic.plant_messages(5)

    records = clinic.take(Mode.LIVE, trigger_of(), run_id)

    assert completed(records), records[-1].event
    replayed = [r.event.facts.get("replay") for r in records if r.phase == "decide" and isinstance(r.event, Verified)]
    assert replayed == [None, "match", "match"]

"""Triggers that come again: after every way in which a run can have ended, with another payload, and at once."""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from cutter.app.orchestration import orchestrate
from cutter.app.pipelines import load_pipeline
from cutter.model import Mode
from cutter.report.result import Result
from cutter.stops import Stop, StopCode
from tests.plugins.proofs import Proof
from tests.support.live_runs import raced
from tests.support.mail_servers import Behaviour
from tests.support.notify import NOTIFICATION, trigger_of
from tests.support.notify_runs import LiveClinic
from tests.support.runs import ignore

ALLOWED = trigger_of()


def done(clinic: LiveClinic) -> Result:
    """The message was sent."""
    return clinic.complete(ALLOWED)


def notified(clinic: LiveClinic) -> Result:
    """The notification was made."""
    return clinic.complete(trigger_of(NOTIFICATION))


def waiting(clinic: LiveClinic) -> Result:
    """People are asked."""
    return clinic.trigger(ALLOWED)


def refused(clinic: LiveClinic) -> Result:
    """People said no, and the run has ended."""
    asked = clinic.trigger(ALLOWED)
    clinic.refuse(asked)
    return clinic.resume(asked)


def lapsed(clinic: LiveClinic) -> Result:
    """Nobody answered in time."""
    clinic.clinic.altered(("approve_within: PT24H", "approve_within: PT1S"))
    asked = clinic.trigger(ALLOWED)
    clinic.live.office.rows("SELECT pg_sleep(2)")
    return clinic.resume(asked)


def denied(clinic: LiveClinic) -> Result:
    """The policies said no."""
    clinic.clinic.edit("rules/result-ready.yaml", "status: active", "status: withdrawn")
    found = clinic.trigger(ALLOWED)
    clinic.clinic.edit("rules/result-ready.yaml", "status: withdrawn", "status: active")
    return found


def denied_later(clinic: LiveClinic) -> Result:
    """The policies said no after people had signed."""
    asked = clinic.trigger(ALLOWED)
    clinic.sign(asked)
    clinic.clinic.edit("rules/result-ready.yaml", "status: active", "status: withdrawn")
    found = clinic.resume(asked)
    clinic.clinic.edit("rules/result-ready.yaml", "status: withdrawn", "status: active")
    return found


def failed(clinic: LiveClinic) -> Result:
    """The server refused; the message was not sent."""
    clinic.clinic.server.behaviour = Behaviour({"MAIL": b"451 4.1.8 not now\r\n"})
    found = clinic.complete(ALLOWED)
    clinic.clinic.server.behaviour = Behaviour()
    return found


def unknown(clinic: LiveClinic) -> Result:
    """Nobody knows whether the message was sent."""
    clinic.clinic.server.behaviour = Behaviour(cut="dot")
    found = clinic.complete(ALLOWED)
    clinic.clinic.server.behaviour = Behaviour()
    return found


def declined(clinic: LiveClinic) -> Result:
    """Nobody knows, and people said that it does not count as sent."""
    unknown(clinic)
    asked = _escalated(clinic)
    clinic.refuse(asked)
    return clinic.resume(asked)


def _escalated(clinic: LiveClinic) -> Result:
    """The run asks whether the message counts as sent: a person goes on with it."""
    kb_ids = clinic.live.office.rows("SELECT kb_id FROM kb.document WHERE kb_id LIKE 'approvals/%' ORDER BY created_at")
    return clinic.live.resume(kb_ids[-1][0])


def aborted(clinic: LiveClinic) -> Result:
    """A person ended the run."""
    asked = clinic.trigger(ALLOWED)
    clinic.abort(asked)
    return asked


# What came before, and what the same trigger comes to: its exit code and stop, whether the run is the same one, and how
# many letters the server has.
AGAIN: dict[str, tuple[Callable[[LiveClinic], Result], int, str | None, bool, int]] = {
    "done": (done, 0, None, True, 1),
    "notified": (notified, 0, None, True, 0),
    "waiting": (waiting, 10, None, True, 0),
    "refused": (refused, 11, "STOP_DECISION_REFUSED", True, 0),
    "lapsed": (lapsed, 12, "STOP_DECISION_LAPSED", True, 0),
    "denied": (denied, 10, None, False, 0),
    "denied after people signed": (denied_later, 20, "STOP_POLICY_DENIED", True, 0),
    "failed": (failed, 50, "STOP_SEND_FAILED", True, 0),
    "unknown": (unknown, 51, "STOP_EFFECT_UNKNOWN", True, 1),
    "declined": (declined, 11, "STOP_DECISION_REFUSED", True, 1),
    "aborted": (aborted, 10, None, False, 0),
}


@pytest.mark.parametrize("name", AGAIN)
def test_a_trigger_that_comes_again(live_clinic: LiveClinic, name: str, proof: Proof) -> None:
    """Without it a queue that delivers twice would tell somebody twice, or ask people until they say yes."""
    prepare, exit_code, stop, same, letters = AGAIN[name]
    first = prepare(live_clinic)
    runs, steps = live_clinic.runs, len(live_clinic.clinic.server.steps)
    data = trigger_of(NOTIFICATION) if name == "notified" else ALLOWED

    for _ in range(2):
        again = live_clinic.trigger(data)

        assert (again.exit_code, again.stop_code) == (exit_code, stop), again
        assert (again.run_id == first.run_id) == same
    assert live_clinic.runs == runs + (not same)
    assert len(live_clinic.clinic.server.steps) == steps
    assert len(live_clinic.clinic.server.stored) == letters
    proof("notify", f"the same trigger twice more, the first {name}", f"exit {exit_code}, {'told' if same else 'anew'}")


CONFLICTS = {name: prepare for name, (prepare, *_) in AGAIN.items() if name != "notified"}


@pytest.mark.parametrize("name", CONFLICTS)
def test_an_id_that_says_something_else(live_clinic: LiveClinic, name: str, proof: Proof) -> None:
    """Without it an id could be used to slip another message in under what people have signed, or to hide it."""
    CONFLICTS[name](live_clinic)
    runs, sent = live_clinic.runs, len(live_clinic.clinic.server.stored)
    [kept] = (live_clinic.live.settings.state / "triggers").iterdir()
    before, other = kept.read_bytes(), trigger_of(ward="south")

    for resend in (False, True):
        if resend and name != "declined":
            with pytest.raises(Stop) as caught:
                live_clinic.trigger(other, resend=True)
            assert caught.value.code is StopCode.STOP_KEY_CONFLICT
        else:
            found = live_clinic.trigger(other, resend=resend)
            assert (found.exit_code, found.stop_code) == (20, "STOP_KEY_CONFLICT")

    assert live_clinic.runs == runs
    assert len(live_clinic.clinic.server.stored) == sent
    assert kept.read_bytes() == before
    proof("notify", f"the same id with another field, the first {name}", "STOP_KEY_CONFLICT")


NOTHING_TO_SEND_AGAIN = {name: prepare for name, (prepare, *_) in AGAIN.items() if name not in ("declined", "notified")}


@pytest.mark.parametrize("name", NOTHING_TO_SEND_AGAIN)
def test_only_what_was_declined_as_unknown_is_sent_again(live_clinic: LiveClinic, name: str, proof: Proof) -> None:
    """Without it `--resend` would be a way round the one message that a trigger may lead to."""
    NOTHING_TO_SEND_AGAIN[name](live_clinic)
    runs, sent = live_clinic.runs, len(live_clinic.clinic.server.stored)

    with pytest.raises(Stop) as caught:
        live_clinic.trigger(ALLOWED, resend=True)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_KEY_CONFLICT, "attempt")
    assert (live_clinic.runs, len(live_clinic.clinic.server.stored)) == (runs, sent)
    proof("notify", f"--resend, the first {name}", "STOP_KEY_CONFLICT attempt")


def test_a_second_attempt_asks_anew_and_has_a_key_of_its_own(live_clinic: LiveClinic, proof: Proof) -> None:
    """Without it the yes to the first message would send the second, or both would look the same in the mail log."""
    first = declined(live_clinic)

    asked = live_clinic.trigger(ALLOWED, resend=True)
    assert (asked.exit_code, asked.gate) == (10, "GATE_NOTIFY_AUTHORIZATION")
    assert asked.run_id != first.run_id
    for resend in (False, True):
        assert live_clinic.trigger(ALLOWED, resend=resend).run_id == asked.run_id
    assert len(live_clinic.clinic.server.stored) == 1
    live_clinic.sign(asked)
    sent = live_clinic.resume(asked)

    assert sent.exit_code == 0, sent
    assert len(live_clinic.clinic.server.stored) == 2
    rows = live_clinic.live.office.rows("SELECT attempt, message_id FROM comm.message ORDER BY 1")
    assert [attempt for attempt, _ in rows] == [1, 2]
    assert rows[0][1] != rows[1][1]
    for resend in (False, True):
        told = live_clinic.trigger(ALLOWED, resend=resend)
        assert (told.exit_code, told.run_id, told.already_done) == (0, sent.run_id, True)
    assert len(live_clinic.clinic.server.stored) == 2
    proof("notify", "--resend after a declined unknown", "asked anew, attempt 2, another key; a third time told")


def test_an_attempt_that_was_aborted_leaves_what_was_declined(live_clinic: LiveClinic) -> None:
    """Without it the bare trigger would begin a second attempt anew, which nobody has asked for."""
    first = declined(live_clinic)
    live_clinic.abort(live_clinic.trigger(ALLOWED, resend=True))
    runs = live_clinic.runs

    told = live_clinic.trigger(ALLOWED)

    assert (told.exit_code, told.run_id, live_clinic.runs) == (11, first.run_id, runs)


@pytest.mark.parametrize("attempt", ["2", "3", "99"])
def test_an_attempt_that_nobody_declined_is_refused(live_clinic: LiveClinic, attempt: str, proof: Proof) -> None:
    """Without it another program over the same office could count on, and send as often as it likes."""
    done(live_clinic)
    settings = live_clinic.live.settings
    given = {**live_clinic.clinic.given(ALLOWED), "attempt": attempt}

    found = orchestrate(settings, load_pipeline(settings, "notify"), "notify", given, Mode.LIVE, "test", ignore)

    assert (found.stop_code, found.detail) == ("STOP_KEY_CONFLICT", "attempt")
    assert live_clinic.runs == 1
    proof("notify", f"attempt {attempt} beside the command, after a message that was sent", "STOP_KEY_CONFLICT attempt")


CANARY = "canary.person@example.org"
CANARIES = {
    "in a field": trigger_of(ward=CANARY),
    "as a field": trigger_of().replace(b'"ward"', f'"{CANARY}": 1, "ward"'.encode()),
    "as the id": trigger_of(id=CANARY),
    "as the type": trigger_of().replace(b"lab.result_ready", CANARY.encode()),
    "as the time": trigger_of(as_of=CANARY),
    "as a reference": trigger_of(patient=CANARY),
    "as a key": trigger_of().replace(b'"format"', f'"{CANARY}": 1, "format"'.encode()),
    "in broken JSON": trigger_of(ward=CANARY)[:-1],
    "nested": trigger_of(ward={"a": [CANARY]}),
}


@pytest.mark.parametrize("mode", [Mode.DRYRUN, Mode.LIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", CANARIES)
def test_a_refused_trigger_is_recorded_without_its_content(
    live_clinic: LiveClinic, name: str, mode: Mode, proof: Proof
) -> None:
    """Without it what somebody sent by mistake would stand in ledger, knowledge base and files for ever."""
    told = live_clinic.trigger(CANARIES[name], mode)

    assert told.exit_code in (10, 20) if name == "in a field" else told.exit_code == 20, told
    assert CANARY not in json.dumps(told, default=repr)
    rows = live_clinic.live.office.rows(
        "SELECT convert_from(body, 'UTF8') FROM kb.document UNION ALL"
        " SELECT convert_from(body, 'UTF8') FROM cutter_governance.ledger_event UNION ALL"
        " SELECT r::text FROM cutter_governance.run AS r"
    )
    files = [path for path in live_clinic.live.settings.state.rglob("*") if path.is_file()]
    kept = [text.encode() for (text,) in rows] + [
        path.read_bytes() for path in files if path.name != "directory.yaml" and "gnupg" not in path.parts
    ]
    assert len(rows) >= (3 if mode is Mode.LIVE else 0)
    assert len(kept) > 5
    assert not [text for text in kept if CANARY.encode() in text]
    proof("notify", f"{mode.value}: an address {name}", f"{told.stop_code or 'asked'}, in none of {len(kept)} places")


def test_many_hosts_with_one_trigger_send_one_message(live_clinic: LiveClinic, proof: Proof) -> None:
    """Without it two schedulers that deliver one trigger at one moment would each send it."""
    first = Counter(raced([partial(live_clinic.trigger, ALLOWED)] * 4, processes=2, threads=2))
    assert set(first) <= {10, 30}
    asked = live_clinic.trigger(ALLOWED)
    assert live_clinic.runs == 1
    live_clinic.sign(asked)

    commands = [partial(live_clinic.trigger, ALLOWED), partial(live_clinic.resume, asked)] * 4
    second = Counter(raced(commands, processes=2, threads=4))

    assert set(second) <= {0, 10, 30, 50, 51}, second
    assert live_clinic.complete(ALLOWED).exit_code == 0
    assert len(live_clinic.clinic.server.stored) == 1
    assert live_clinic.clinic.effects == (1, 0, 1)
    assert live_clinic.live.office.rows("SELECT count(*) FROM cutter_governance.approval_use") == [(1,)]
    proof(
        "notify", "one trigger given eight times at once", f"one run, one message; exits {dict(sorted(second.items()))}"
    )

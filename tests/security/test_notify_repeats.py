"""Triggers that come again: after every way in which a run can have ended, with another payload, and at once."""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from cutter.app.orchestration import orchestrate
from cutter.app.pipelines import load_pipeline
from cutter.model import Mode
from cutter.report.fold import fold_refusal
from cutter.report.result import Result
from cutter.stops import Stop, StopCode
from tests.plugins.proofs import Proof
from tests.support.live_runs import raced
from tests.support.notify import NOTIFICATION, trigger_of
from tests.support.notify_endings import (
    AGAIN,
    ALLOWED,
    answered_not_sent,
    answered_sent,
    asked_whether_sent,
    commands,
    declined,
    done,
)
from tests.support.notify_runs import LiveClinic
from tests.support.runs import ignore


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

    for mode in Mode:
        found = live_clinic.trigger(other, mode)
        assert (found.exit_code, found.stop_code) == (20, "STOP_KEY_CONFLICT")
        assert commands(found.next) == [f"cutter runs show {found.where[:8]}"]
        with pytest.raises(Stop) as caught:
            live_clinic.trigger(other, mode, resend=True)
        assert (caught.value.code, caught.value.where) == (StopCode.STOP_KEY_CONFLICT, found.where)

    assert live_clinic.runs == runs
    assert len(live_clinic.clinic.server.stored) == sent
    assert kept.read_bytes() == before
    proof("notify", f"the same id with another field, the first {name}", "STOP_KEY_CONFLICT")


NOTHING_TO_SEND_AGAIN = {
    name: prepare
    for name, (prepare, *_) in AGAIN.items()
    if name not in ("declined", "notified") and "answered" not in name and "asked" not in name
}


@pytest.mark.parametrize("name", NOTHING_TO_SEND_AGAIN)
def test_only_what_was_declined_as_unknown_is_sent_again(live_clinic: LiveClinic, name: str, proof: Proof) -> None:
    """Without it `--resend` would be a way round the one message that a trigger may lead to."""
    first = NOTHING_TO_SEND_AGAIN[name](live_clinic)
    runs, sent = live_clinic.runs, len(live_clinic.clinic.server.stored)

    with pytest.raises(Stop) as caught:
        live_clinic.trigger(ALLOWED, resend=True)

    assert caught.value.code is StopCode.STOP_RESEND_REFUSED
    assert commands(fold_refusal(caught.value, ("trigger",)).next) == [f"cutter runs show {first.run_id[:8]}"]
    assert (live_clinic.runs, len(live_clinic.clinic.server.stored)) == (runs, sent)
    proof("notify", f"--resend, the first {name}", "STOP_RESEND_REFUSED")


# What people were asked and answered before --resend, and what it comes to: exit code, gate, whether of the same run.
RESENT: dict[str, tuple[Callable[[LiveClinic], Result], int, str | None, bool]] = {
    "asked whether sent": (asked_whether_sent, 10, "GATE_FAILURE_ESCALATION", True),
    "answered sent": (answered_sent, 0, None, True),
    "answered not sent": (answered_not_sent, 10, "GATE_NOTIFY_AUTHORIZATION", False),
}


@pytest.mark.parametrize("name", RESENT)
def test_what_people_answered_is_done_before_it_is_sent_again(live_clinic: LiveClinic, name: str, proof: Proof) -> None:
    """Without it whoever has just declined a message would be told that there is nothing to send again."""
    prepare, exit_code, gate, same = RESENT[name]
    first = prepare(live_clinic)

    found = live_clinic.trigger(ALLOWED, resend=True)

    assert (found.exit_code, found.gate, found.run_id == first.run_id) == (exit_code, gate, same)
    assert len(live_clinic.clinic.server.stored) == 1
    proof("notify", f"--resend, the first {name}", f"exit {exit_code}")


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

    assert (found.exit_code, found.stop_code) == (20, "STOP_RESEND_REFUSED")
    assert live_clinic.runs == 1
    proof("notify", f"attempt {attempt} beside the command, after a message that was sent", "STOP_RESEND_REFUSED")


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

"""Runs of triggers that cannot go on by themselves: what is mended, declined or aborted, and the way on."""

import json
from collections.abc import Callable

import pytest

from cutter.app.proofs import verify_run
from cutter.app.runs import show_run
from cutter.custody.files import write_atomic
from cutter.model import Mode
from cutter.report.fold import fold_refusal
from cutter.report.human import result_lines
from cutter.report.result import Result, RunStatus
from cutter.stops import Stop, StopCode
from tests.plugins.proofs import Proof
from tests.support.notify import ADDRESS, trigger_of
from tests.support.notify_endings import (
    AGAIN,
    ALLOWED,
    aborted_unsent,
    answered_not_sent,
    asked_whether_sent,
    commands,
    done,
    notified,
    unknown,
)
from tests.support.notify_runs import LiveClinic


def _without_password(clinic: LiveClinic) -> None:
    (clinic.live.settings.credentials / "smtp.password").unlink()


def _without_address(clinic: LiveClinic) -> None:
    directory = clinic.live.settings.credentials / "directory.yaml"
    write_atomic(directory, directory.read_bytes().replace(f"{{address: {ADDRESS}}}".encode(), b"{}"))


def _without_directory(clinic: LiveClinic) -> None:
    (clinic.live.settings.credentials / "directory.yaml").unlink()


DECLINING: dict[str, Callable[[LiveClinic], Result]] = {
    "the message": lambda clinic: _declined(clinic, clinic.trigger(ALLOWED)),
    "the decision": lambda clinic: _declined(clinic, clinic.trigger(trigger_of(severity=8))),
    "that it counts as sent": answered_not_sent,
}


def _declined(clinic: LiveClinic, asked: Result) -> Result:
    clinic.refuse(asked)
    return asked


@pytest.mark.parametrize("name", DECLINING)
def test_a_run_that_was_declined_shows_how_it_ends(live_clinic: LiveClinic, name: str) -> None:
    """Without it who looks at the run is offered answers that nobody takes any more."""
    asked = DECLINING[name](live_clinic)

    found = show_run(live_clinic.live.settings, asked.run_id).result

    assert found is not None
    assert found.waiting is not None
    assert found.waiting.declined
    assert "somebody has said no" in "\n".join(result_lines(found))
    assert commands(found.next) == [
        f"cutter orchestrate resume --approval-kb-id {asked.approval_kb_id}",
        f"cutter runs show {asked.run_id[:8]}",
    ]


# What was wrong on this host, and the stop that it leads to once people have signed.
FAULTS: dict[str, tuple[Callable[[LiveClinic], None], str, str]] = {
    "no password": (_without_password, "STOP_KEY_UNUSABLE", ""),
    "no address": (_without_address, "STOP_CONFIG_INVALID", "recipient_without_address"),
    "no directory": (_without_directory, "STOP_CONFIG_INVALID", "directory_missing"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_mended_on_this_host_goes_on(live_clinic: LiveClinic, name: str, proof: Proof) -> None:
    """Without it a file that was missing for a minute would leave a signed message without a way on."""
    spoil, code, detail = FAULTS[name]
    credentials = live_clinic.live.settings.credentials
    before = {path: path.read_bytes() for path in (credentials / "smtp.password", credentials / "directory.yaml")}
    asked = live_clinic.trigger(ALLOWED)
    live_clinic.sign(asked)

    spoil(live_clinic)
    told = [live_clinic.resume(asked)]
    for path, data in before.items():
        write_atomic(path, data)
    if any(phase.phase == "send" and phase.status == "stopped" for phase in told[0].phases):
        told.append(live_clinic.trigger(ALLOWED))

    resume = f"cutter orchestrate resume --approval-kb-id {asked.approval_kb_id}"
    for result in told:
        assert (result.exit_code, result.stop_code) == (78, code)
        assert detail in result.detail
        assert resume in commands(result.next)
    assert len(live_clinic.clinic.server.stored) == 0
    assert live_clinic.resume(asked).exit_code == 0
    assert len(live_clinic.clinic.server.stored) == 1
    proof("notify", f"{name} after people signed, then mended", "exit 78 with its resume line, then sent once")


@pytest.mark.parametrize("mode", Mode)
def test_a_message_to_nowhere_is_not_asked_about(live_clinic: LiveClinic, mode: Mode, proof: Proof) -> None:
    """Without it people would sign what cannot be sent, whoever signs it."""
    directory = live_clinic.live.settings.credentials / "directory.yaml"
    before = directory.read_bytes()
    _without_address(live_clinic)

    found = live_clinic.trigger(ALLOWED, mode)

    assert (found.exit_code, found.stop_code, found.detail) == (78, "STOP_CONFIG_INVALID", "recipient_without_address")
    assert found.approval_kb_id is None
    assert ADDRESS not in json.dumps(found, default=repr)
    write_atomic(directory, before)
    assert live_clinic.complete(ALLOWED).exit_code == 0
    proof("notify", f"{mode.value}: a recipient without an address", "exit 78 before anybody is asked")


def test_a_run_that_certainly_sent_nothing_can_be_aborted(live_clinic: LiveClinic, proof: Proof) -> None:
    """Without it a message that nobody wants any more could be sent by whoever resumes, and its trigger be barred."""
    first = aborted_unsent(live_clinic)
    assert verify_run(live_clinic.live.settings, first.run_id).run_id == first.run_id
    assert live_clinic.resume(first).stop_code == "STOP_PLAN_CHANGED"

    sent = live_clinic.complete(ALLOWED)

    assert (sent.exit_code, sent.run_id == first.run_id) == (0, False)
    assert len(live_clinic.clinic.server.stored) == 1
    rows = live_clinic.live.office.rows("SELECT attempt, message_id FROM comm.message ORDER BY 1")
    assert [attempt for attempt, _ in rows] == [1, 2]
    assert rows[0][1] != rows[1][1]
    for mode in Mode:
        assert f"cutter runs show {sent.run_id[:8]}" in commands(live_clinic.trigger(ALLOWED, mode).next)
    assert len(live_clinic.clinic.server.stored) == 1
    proof("notify", "aborted after it was not sent, and the trigger again", "asked anew, attempt 2, sent once")


# What cannot be aborted, and why.
KEPT: dict[str, tuple[Callable[[LiveClinic], Result], str]] = {
    "unknown": (unknown, "effect_unknown"),
    "asked whether sent": (asked_whether_sent, "effect_unknown"),
    "answered not sent": (answered_not_sent, "effect_unknown"),
    "done": (done, "ended"),
    "notified": (notified, "ended"),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_may_have_been_sent_is_not_aborted(live_clinic: LiveClinic, name: str, proof: Proof) -> None:
    """Without it an abort would look as if nothing had happened, and the trigger would lead to a second message."""
    prepare, detail = KEPT[name]
    found = prepare(live_clinic)

    with pytest.raises(Stop) as caught:
        live_clinic.abort(found)

    stop = caught.value
    assert (stop.code, stop.detail, stop.where) == (StopCode.STOP_ABORT_REFUSED, detail, found.run_id)
    assert commands(fold_refusal(stop, ("runs", "abort")).next) == [f"cutter runs show {found.run_id[:8]}"]
    proof("notify", f"abort, the first {name}", f"STOP_ABORT_REFUSED {detail}")


TAKEN = {name: prepare for name, (prepare, _, _, same, _) in AGAIN.items() if same and name != "notified"}


@pytest.mark.parametrize("name", TAKEN)
def test_a_rehearsal_names_the_run_that_has_the_trigger(live_clinic: LiveClinic, name: str, proof: Proof) -> None:
    """Without it a rehearsal would promise what no live run of that trigger does."""
    first = TAKEN[name](live_clinic)

    found = live_clinic.trigger(ALLOWED, Mode.DRYRUN)

    assert found.next[0].command == f"cutter runs show {first.run_id[:8]}"
    assert found.exit_code == (0 if found.status is RunStatus.REHEARSED else 20)
    proof("notify", f"a rehearsal, the first {name}", f"names that run; exit {found.exit_code}")

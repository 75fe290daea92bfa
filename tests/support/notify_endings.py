"""Every way in which a trigger's run can stand or have ended, and what the same trigger comes to after it."""

from collections.abc import Callable, Iterable

from cutter.custody.files import write_atomic
from cutter.report.result import NextStep, Result
from tests.support.mail_servers import Behaviour
from tests.support.notify import NOTIFICATION, trigger_of
from tests.support.notify_runs import LiveClinic

ALLOWED = trigger_of()


def commands(steps: Iterable[NextStep]) -> list[str]:
    """The commands that help."""
    return [step.command for step in steps]


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


def asked_whether_sent(clinic: LiveClinic) -> Result:
    """Nobody knows, and people are asked whether it counts as sent."""
    unknown(clinic)
    return _escalated(clinic)


def answered_sent(clinic: LiveClinic) -> Result:
    """People have signed that it counts as sent, and nobody has gone on with the run."""
    asked = asked_whether_sent(clinic)
    clinic.sign(asked)
    return asked


def answered_not_sent(clinic: LiveClinic) -> Result:
    """People have signed that it does not count as sent, and nobody has gone on with the run."""
    asked = asked_whether_sent(clinic)
    clinic.refuse(asked)
    return asked


def denied_at_last(clinic: LiveClinic) -> Result:
    """The policies said no after the approval was used, and the message was not sent."""
    asked = failed(clinic)
    clinic.clinic.edit("rules/result-ready.yaml", "status: active", "status: withdrawn")
    found = clinic.resume(asked)
    clinic.clinic.edit("rules/result-ready.yaml", "status: withdrawn", "status: active")
    return found


def faulty(clinic: LiveClinic) -> Result:
    """The password of the mail server was not there."""
    password = clinic.live.settings.credentials / "smtp.password"
    kept = password.read_bytes()
    password.unlink()
    found = clinic.complete(ALLOWED)
    write_atomic(password, kept)
    return found


def aborted(clinic: LiveClinic) -> Result:
    """A person ended the run."""
    asked = clinic.trigger(ALLOWED)
    clinic.abort(asked)
    return asked


def aborted_unsent(clinic: LiveClinic) -> Result:
    """A person ended the run, whose message was not sent."""
    found = failed(clinic)
    clinic.abort(found)
    return found


# What came before, and what the same trigger comes to: its exit code and stop, whether the run is the same one, and how
# many letters the server has.
AGAIN: dict[str, tuple[Callable[[LiveClinic], Result], int, str | None, bool, int]] = {
    "done": (done, 0, None, True, 1),
    "notified": (notified, 0, None, True, 0),
    "waiting": (waiting, 10, None, True, 0),
    "refused": (refused, 11, "STOP_DECISION_REFUSED", True, 0),
    "lapsed": (lapsed, 12, "STOP_DECISION_LAPSED", True, 0),
    "denied": (denied, 10, None, False, 0),
    "denied after people signed": (denied_later, 10, None, False, 0),
    "denied after its approval was used": (denied_at_last, 20, "STOP_POLICY_DENIED", True, 0),
    "a local fault": (faulty, 78, "STOP_KEY_UNUSABLE", True, 0),
    "failed": (failed, 50, "STOP_SEND_FAILED", True, 0),
    "unknown": (unknown, 51, "STOP_EFFECT_UNKNOWN", True, 1),
    "asked whether sent": (asked_whether_sent, 10, None, True, 1),
    "answered sent": (answered_sent, 0, None, True, 1),
    "answered not sent": (answered_not_sent, 11, "STOP_DECISION_REFUSED", True, 1),
    "declined": (declined, 11, "STOP_DECISION_REFUSED", True, 1),
    "aborted": (aborted, 10, None, False, 0),
    "aborted, not sent": (aborted_unsent, 10, None, False, 0),
}

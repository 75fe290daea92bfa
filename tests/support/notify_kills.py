"""Messages of whole runs that are killed at any step of the mail server's dialogue, and what has to be true of them."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cutter.app.system import RandomIds
from cutter.events import Acted, Attempted, Completed, GateWaiting, Record, Stopped
from cutter.model import Mode
from tests.support.live_runs import Killer, in_child
from tests.support.mail_cases import Case
from tests.support.mail_servers import Behaviour, killing
from tests.support.notify import Clinic, trigger_of

NOT_SENT = ("unreachable", "refused", "timeout", "rejected")
RESUMES = 3


@dataclass
class Post:
    """One clinic's post: many triggers, one after the other, each a run of its own."""

    clinic: Clinic
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        """Let one patient get many messages."""
        self.clinic.edit("rules/result-ready.yaml", "at_most: 20,", "at_most: 100000,")
        self.clinic.edit("views/recent.yaml", "count(*) < 5", "count(*) < 100000")

    def begin(self, case: Case) -> "Sending":
        """A run that is signed and about to send, to a server that behaves so."""
        self.clinic.server.behaviour = Behaviour()
        self.clinic.limit_dialogue(case.seconds)
        sending = Sending(self.clinic, trigger_of(payload=f"KILL{next(self._numbers):05d}"), RandomIds().run_id())
        self.clinic.approved(sending.data, sending.run_id)
        server = self.clinic.server
        server.settle()
        server.stored.clear()
        server.steps.clear()
        server.dots = 0
        server.behaviour = case.behaviour
        return sending


@dataclass(frozen=True)
class Sending:
    """One run that sends."""

    clinic: Clinic
    data: bytes
    run_id: str

    def go(self, notify: Callable[[Record], None] = lambda record: None) -> tuple[Record, ...]:
        """One pass."""
        return self.clinic.take(Mode.LIVE, self.data, self.run_id, notify)

    def killed_at_event(self, event: int) -> None:
        """One pass, killed when it has told of so many events."""
        in_child(lambda: self.go(Killer(event)))
        self.clinic.server.settle()

    def killed_at(self, moment: str) -> bool:
        """One pass, killed at a moment of the dialogue; whether it came to that."""
        server, known, victims = self.clinic.server, threading.Event(), [0]

        def victim() -> int:
            known.wait()
            return victims[0]

        server.spy = killing(moment, victim)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                self.go()
                status = 0
            finally:
                os._exit(status)
        victims[0] = child
        known.set()
        _, waited = os.waitpid(child, 0)
        server.spy = lambda moment: None
        server.settle()
        assert os.WIFSIGNALED(waited) or os.WEXITSTATUS(waited) == 0, "the run failed before it was killed"
        return os.WIFSIGNALED(waited)

    def check(self) -> str:
        """Resume, and look at every end with the server's own count: what is said is true, and nothing comes twice."""
        server = self.clinic.server
        told = ""
        for _ in range(RESUMES):
            told = said(self.go())
            server.settle()
            self._compare(told)
        if told not in ("accepted", "unknown"):
            server.behaviour = Behaviour()
            told = f"{told}, then {said(self.go())}"
            server.settle()
            self._compare(told.rsplit(" ", 1)[-1])
        return told

    def _compare(self, told: str) -> None:
        stored, dots = len(self.clinic.server.stored), self.clinic.server.dots
        assert stored <= 1, f"{told}: sent {stored} times"
        assert dots <= 1 or told in ("accepted", *NOT_SENT), f"{told}: {dots} dots"
        if told == "accepted":
            assert stored == 1, "accepted, and not stored"
        elif told == "unknown":
            assert attempted(self.go()), "unknown, and never attempted"
        else:
            assert stored == 0, f"{told}, and stored"


def attempted(records: tuple[Record, ...]) -> bool:
    """Whether the ledger says that the final dot was about to be sent."""
    return any(isinstance(r.event, Attempted) and r.event.step == "commit" for r in records)


def said(records: tuple[Record, ...]) -> str:
    """What a run says of its message: an outcome, `unknown`, or the stop."""
    for record in reversed(records):
        match record.event:
            case Completed():
                outcome = next(r.event.outcome for r in records if r.phase == "send" and isinstance(r.event, Acted))
                return str(outcome["outcome"])
            case Stopped(code="STOP_EFFECT_UNKNOWN"):
                return "unknown"
            case GateWaiting(gate="GATE_FAILURE_ESCALATION"):
                return "unknown"
            case Stopped(code="STOP_SEND_FAILED", detail=detail):
                return detail
            case Stopped(code=code, detail=detail):
                return f"{code}:{detail}"
            case _:
                continue
    raise AssertionError("the run says nothing")

"""Kills of a sender before and after each step, and what has to be true of every end."""

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.support.mail_cases import LETTER, Case, postbox
from tests.support.mail_sender import COMMIT, DECIDED, OWN_MOMENTS, Job, attempt
from tests.support.mail_servers import MailServer, authority, killing, mail_server

_NOT_SENT = ("unreachable", "refused", "timeout", "rejected")
_RESUMES, _RESUMES_ANEW = 100, 3
_SHORT = 0.4  # seconds; what is said is asked to be true, not to be the same as without haste


@dataclass(frozen=True)
class Senders:
    """The program that sends."""

    process: subprocess.Popen[str]

    def begin(self, job: Job) -> int:
        """Let a sender stand ready; the number of its process."""
        return int(self._ask(msgspec.json.encode(job).decode()))

    def go(self) -> int:
        """Let it go; its exit status, negative where a signal ended it."""
        return int(self._ask("go"))

    def _ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@contextmanager
def senders() -> Iterator[Senders]:
    """The program, running."""
    command = [sys.executable, "-m", "tests.support.mail_sender"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Senders(process)


def moments(case: Case) -> list[str]:
    """Every moment at which a sender to such a server can be killed: before and after each step, and its own."""
    seen: list[str] = []
    with mail_server(case.behaviour) as server:
        server.spy = seen.append
        postbox(server.port, case.seconds).send(LETTER, lambda: None)
    return [*seen, *(OWN_MOMENTS if case.committed else OWN_MOMENTS[2:])]


def hasty(case: Case) -> Case:
    """The same with a short deadline, where the deadline is what ends it."""
    return dataclasses.replace(case, seconds=_SHORT) if case.seconds <= 1 else case


def killed_and_resumed(program: Senders, case: Case, journal: Path, moment: str) -> str:
    """Kill a sender at a moment, then resume; how it ended."""
    with mail_server(case.behaviour) as server:
        own = moment if moment in OWN_MOMENTS else ""
        victim = program.begin(Job(server.port, str(authority()), case.seconds, str(journal), own))
        server.spy = killing(moment, lambda: victim)
        status = program.go()
        return _resumed(server, case, journal, status)


def killed_after(program: Senders, case: Case, journal: Path, seconds: float) -> str:
    """Kill a sender after so many seconds, then resume; how it ended."""
    with mail_server(case.behaviour) as server:
        victim = program.begin(Job(server.port, str(authority()), case.seconds, str(journal)))
        timer = threading.Timer(seconds, os.kill, (victim, signal.SIGKILL))
        timer.start()
        status = program.go()
        timer.cancel()
        timer.join()
        return _resumed(server, case, journal, status)


def _resumed(server: MailServer, case: Case, journal: Path, status: int) -> str:
    """Resume again and again; each time, and at the end, what is said has to be true."""
    assert status in (0, -signal.SIGKILL), status
    told = journal.read_text(encoding="utf-8").split() if journal.exists() else []
    server.settle()
    assert COMMIT in told or not server.stored, "stored, and nothing is recorded"
    connections, outcome = server.steps.count("connect"), ""
    decided = bool(told) and told[-1] in (*DECIDED, COMMIT)
    for _ in range(_RESUMES if decided or case.seconds > 1 else 1):
        outcome = attempt(journal, postbox(server.port, case.seconds))
        server.settle()
        check(outcome, server, journal)
        if outcome in _NOT_SENT and server.steps.count("connect") >= connections + _RESUMES_ANEW:
            break
    if decided:
        assert server.steps.count("connect") == connections, "what is decided was sent again"
    return f"{'killed' if status else 'over already'}, {outcome}"


def check(outcome: str, server: MailServer, journal: Path) -> None:
    """What "accepted", "not sent" and "unknown" mean."""
    stored = len(server.stored)
    assert stored <= 1, "sent twice"
    assert outcome != "accepted" or stored == 1
    assert outcome not in _NOT_SENT or stored == 0
    assert outcome != "unknown" or COMMIT in journal.read_text(encoding="utf-8").split()

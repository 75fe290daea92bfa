"""A process that sends with a journal and can be killed at any moment; and what a run that is resumed does.

The program reads one job a line and does it in a process of its own, so that a kill costs no new interpreter. It tells
the process's number, waits for a line, lets it go, and tells how it ended.
"""

import json
import os
import signal
import sys
from pathlib import Path

import msgspec

from cutter.contracts.policies import Postbox
from tests.support.mail_cases import LETTER, postbox

COMMIT = "commit"
DECIDED = ("accepted", "unknown")
OWN_MOMENTS = ("before the record", "after the record", "before the result")
"""Moments of the sender's own, which no server sees."""


class Job(msgspec.Struct, frozen=True):
    """One attempt: the server, its authority's file, the deadline, the journal, and at which own moment to die."""

    port: int
    authority: str
    seconds: float
    journal: str
    dies: str = ""


def attempt(journal: Path, box: Postbox, dies: str = "") -> str:
    """Send unless the journal tells how it ended; what is known afterwards."""
    told = journal.read_text(encoding="utf-8").split() if journal.exists() else []
    if told and told[-1] in DECIDED:
        return told[-1]
    if told and told[-1] == COMMIT:
        return "unknown"

    def commit() -> None:
        _die("before the record", dies)
        _record(journal, COMMIT)
        _die("after the record", dies)

    outcome = box.send(LETTER, commit).outcome.value
    _die("before the result", dies)
    _record(journal, outcome)
    return outcome


def _record(journal: Path, word: str) -> None:
    """Add a word that lasts."""
    with journal.open("a", encoding="utf-8") as file:
        file.write(word + "\n")
        file.flush()
        os.fsync(file.fileno())


def _die(moment: str, dies: str) -> None:
    if moment == dies:
        os.kill(os.getpid(), signal.SIGKILL)


def _do(job: Job) -> None:
    """Do a job, and end this process."""
    box = postbox(job.port, job.seconds, authorities=lambda: Path(job.authority))
    attempt(Path(job.journal), box, job.dies)
    os._exit(0)


def main() -> None:
    """Do the jobs."""
    for line in sys.stdin:
        job = msgspec.json.decode(line, type=Job)
        wait, go = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(go)
            os.read(wait, 1)
            _do(job)
        os.close(wait)
        print(child, flush=True)
        sys.stdin.readline()
        os.close(go)
        print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])), flush=True)


if __name__ == "__main__":
    main()

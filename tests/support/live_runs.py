"""Live runs in processes of their own: passes that are killed or raced, and what must hold at the end."""

import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from cutter.app.ledger import verify_ledger
from cutter.app.orchestration import orchestrate, resume
from cutter.app.pipelines import load_pipeline
from cutter.app.proofs import verify_run
from cutter.contracts import Notify
from cutter.events import Record
from cutter.model import Mode
from cutter.report.result import Result
from tests.support.forging import DOCUMENT, begin_ledger
from tests.support.live import LiveOffice
from tests.support.runs import ignore

TEXT = "".join(f"Điều {number}. Điều {number}\n1. Một.\n2. Hai.\n" for number in range(1, 6))
# What must be the same however a run was interrupted: no ids of runs, requests or change sets, no times.
_STATE = (
    "SELECT address, type, ordinal, parent_address, body_sha256, lifecycle FROM library.information_unit"
    ' ORDER BY sort_key COLLATE "C"',
    "SELECT u.address, r.region_index, r.start_byte, r.end_byte, r.sha256 FROM library.unit_region AS r"
    " JOIN library.information_unit AS u ON u.id = r.unit_id ORDER BY r.start_byte",
    "SELECT gate_id, doc_prefix, covers, row_count FROM cutter_governance.approval_use ORDER BY 1",
    "SELECT gate_id, person_id, role FROM cutter_governance.review_decision ORDER BY 1, 2",
    "SELECT (SELECT count(*) FROM library.source_document), (SELECT count(*) FROM library.source_version),"
    " (SELECT count(*) FROM cutter_governance.change_set), (SELECT count(*) FROM cutter_governance.phase_marker),"
    " (SELECT count(DISTINCT run_id) FROM cutter_governance.ledger_event),"
    " (SELECT count(*) FROM cutter_governance.incident),"
    " (SELECT count(*) FROM kb.document WHERE kb_id LIKE 'approvals/%')",
    "SELECT convert_from(body, 'UTF8')::jsonb #>> '{data,event}' AS event, count(*) FROM cutter_governance.ledger_event"
    " WHERE convert_from(body, 'UTF8')::jsonb #>> '{data,event}' IN ('gateopened', 'completed', 'spawned')"
    " GROUP BY 1 ORDER BY 1",
)


@dataclass
class Killer:
    """Kills its own process when it has heard of this many events."""

    remaining: int

    def __call__(self, record: Record) -> None:
        self.remaining -= 1
        if self.remaining < 0:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class LiveRun:
    """One live cut, pass by pass; its people sign when it asks."""

    live: LiveOffice
    kb_id: str = ""
    signed: set[str] = field(default_factory=set)

    @classmethod
    def prepared(cls, live: LiveOffice) -> "LiveRun":
        """A run that was not begun, on a host that has seen no other office."""
        shutil.rmtree(live.office.workspace.parent / "state", ignore_errors=True)
        begin_ledger(live)
        live.office.add_text(DOCUMENT, TEXT)
        return cls(live)

    def go(self, notify: Notify = ignore) -> Result:
        """One pass of the run: its live line while nothing is signed, then the resume of what was signed."""
        settings = self.live.settings
        if self.kb_id:
            return resume(settings, self.kb_id, "test@somewhere", notify)
        given = {"document_id": DOCUMENT, "scope": None}
        return orchestrate(settings, load_pipeline(settings, "cut"), "cut", given, Mode.LIVE, "test@somewhere", notify)

    def sign(self, result: Result) -> None:
        """Let the sovereign sign what the run waits for, once."""
        assert result.exit_code == 10, result
        self.kb_id = result.approval_kb_id or ""
        if self.kb_id not in self.signed:
            self.live.sign(self.kb_id, "sovereign")
            self.signed.add(self.kb_id)

    def advance(self, passes: int) -> None:
        """Take so many passes undisturbed."""
        for _ in range(passes):
            self.sign(self.go())

    def finish(self) -> list[list[tuple[str, ...]]]:
        """Go on to the end; the end state, after the program's own checks on it."""
        result = self.go()
        for _ in range(4):
            if result.exit_code != 10:
                break
            self.sign(result)
            result = self.go()
        assert result.exit_code == 0, result
        assert verify_run(self.live.settings, result.run_id) is not None
        assert verify_ledger(self.live.settings) is not None
        return end_state(self.live)


def end_state(live: LiveOffice) -> list[list[tuple[str, ...]]]:
    """What the database holds after a run, ids and times aside."""
    return [[tuple(map(str, row)) for row in live.office.rows(query)] for query in _STATE]


def in_child(work: Callable[[], object], kill_after: float | None = None) -> int:
    """Run in a forked process, killed after so many seconds; the number of the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, waited = os.waitpid(child, 0)
    assert os.WIFSIGNALED(waited) or os.WEXITSTATUS(waited) == 0, "the child failed before it was killed"
    return os.WTERMSIG(waited) if os.WIFSIGNALED(waited) else 0


def raced(commands: Sequence[Callable[[], Result]], processes: int, threads: int) -> list[int]:
    """The exit statuses of commands that are given at one moment, in processes with threads each."""
    context = multiprocessing.get_context("fork")
    told, start = context.SimpleQueue(), context.Barrier(processes)
    shares = [commands[number::processes] for number in range(processes)]
    workers = [context.Process(target=_work, args=(share, threads, start, told)) for share in shares]
    for worker in workers:
        worker.start()
    statuses = [status for _ in workers for status in told.get()]
    for worker in workers:
        worker.join()
    return statuses


def _work(share: Sequence[Callable[[], Result]], threads: int, start, told) -> None:  # type: ignore[no-untyped-def]
    statuses = [-1] * len(share)
    try:
        start.wait()
        with ThreadPoolExecutor(threads) as pool:
            statuses = list(pool.map(lambda command: command().exit_code, share))
    finally:
        told.put(statuses)

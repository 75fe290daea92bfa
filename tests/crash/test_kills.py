"""SIGKILL at every event boundary of a committing run, then resume: the same end state, every row once.

The kill comes from a `Notify` port of the test's own, in a forked process; there is no hook for it in the program.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from cutter import canon
from cutter.app.system import RandomIds
from cutter.events import Record
from tests.plugins.proofs import Proof
from tests.support.runs import Office, completed, ignore

# What must be the same however a run was interrupted: no ids of the run or change set, no times.
UNITS = """
    SELECT address, short_address, type, ordinal, parent_address, parent_id::text, body_sha256, lifecycle
    FROM library.information_unit ORDER BY sort_key COLLATE "C"
"""
REGIONS = """
    SELECT u.address, r.region_index, r.start_byte, r.end_byte, r.sha256
    FROM library.unit_region r JOIN library.information_unit u ON u.id = r.unit_id ORDER BY r.start_byte
"""
ONCE = """
    SELECT
        (SELECT count(*) FROM library.source_document),
        (SELECT count(*) FROM library.source_version),
        (SELECT count(*) FROM cutter_governance.change_set),
        (SELECT count(*) FROM cutter_governance.phase_marker),
        (SELECT count(DISTINCT (guard, key)) FROM cutter_governance.phase_marker),
        (SELECT count(*) FROM kb.document WHERE kb_id LIKE 'runs/%' AND kb_id !~ '[.][0-9]+$'),
        (SELECT count(*) FROM cutter_governance.run)
"""
ACTED = """
    SELECT convert_from(body, 'UTF8')::jsonb ->> 'phase' AS phase, count(*)
    FROM cutter_governance.ledger_event
    WHERE convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'event' = 'acted'
        AND convert_from(body, 'UTF8')::jsonb ->> 'phase' NOT LIKE 'backup%'  -- made anew until its approval is used
    GROUP BY 1 ORDER BY 1
"""


@dataclass
class Killer:
    """Kills its own process when it has heard of this many events."""

    remaining: int

    def __call__(self, record: Record) -> None:
        self.remaining -= 1
        if self.remaining < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def run_in_child(work: Callable[[], object]) -> int:
    """Run in a forked process; the number of the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, waited = os.waitpid(child, 0)
    assert os.WIFSIGNALED(waited) or os.WEXITSTATUS(waited) == 0, "the child failed before it was killed"
    return os.WTERMSIG(waited) if os.WIFSIGNALED(waited) else 0


def end_state(office: Office) -> str:
    """The digest of what the database holds after a run, ids of the run and times aside."""
    told = [[list(map(str, row)) for row in office.rows(query)] for query in (UNITS, REGIONS, ONCE, ACTED)]
    return canon.digest(told)


def finish_after_kill(office: Office, run_id: str) -> str:
    """Resume to the end; the end state, and the program's own checks on it."""
    records = office.complete(run_id)
    assert completed(records), records[-1].event
    return end_state(office)


def boundaries(office: Office) -> tuple[str, int]:
    """An undisturbed run: its end state and the number of its events."""
    heard: list[Record] = []
    records = office.complete(RandomIds().run_id(), notify=heard.append)
    assert completed(records)
    return end_state(office), len(heard)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.crash), 13], ids=["every", "every 13th"])
def test_a_kill_at_an_event_ends_in_the_same_state(
    office: Office, fresh_office: Callable[[], Office], proof: Proof, step: int
) -> None:
    """Without it a crash between an effect and its record could write twice, or lose the run."""
    wanted, events = boundaries(office)
    killed = range(0, events, step)
    for boundary in killed:
        disturbed = fresh_office()
        run_id = RandomIds().run_id()
        sent = run_in_child(partial(disturbed.complete, run_id, notify=Killer(boundary)))
        assert sent == signal.SIGKILL
        assert wanted == finish_after_kill(disturbed, run_id), f"killed at event {boundary + 1}"
    proof.kills(
        f"every {step}. event boundary of {events}", len(killed), {"same end state, every row once": len(killed)}
    )


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_kills_at_random_moments_end_in_the_same_state(
    office: Office, fresh_office: Callable[[], Office], proof: Proof
) -> None:
    """Without it a moment between two events (in a COPY, at COMMIT, while a file is renamed) would never be tried."""
    wanted, _ = boundaries(office)
    chance = random.Random(20261121)
    begun = time.monotonic()
    fresh_office().complete(RandomIds().run_id())
    length = time.monotonic() - begun
    ended = {"same end state": 0, "was finished already": 0}
    for _ in range(200):
        disturbed, run_id = fresh_office(), RandomIds().run_id()
        child = os.fork()
        if child == 0:
            disturbed.complete(run_id)
            os._exit(0)
        time.sleep(chance.uniform(0, length))
        os.kill(child, signal.SIGKILL)
        _, waited = os.waitpid(child, 0)
        assert wanted == finish_after_kill(disturbed, run_id)
        ended["same end state" if os.WIFSIGNALED(waited) else "was finished already"] += 1
    assert ended["same end state"] > 0
    proof.kills("random moments", 200, ended)


def test_a_killed_rehearsal_leaves_nothing(office: Office) -> None:
    """Without it a dry run that is killed could leave rows, a run, or a lock behind."""
    before = end_state(office)
    run_id = RandomIds().run_id()
    from_the_middle = 40

    def rehearse() -> None:
        office.rehearse(run_id, notify=Killer(from_the_middle))

    assert run_in_child(rehearse) == signal.SIGKILL
    assert before == end_state(office)
    assert completed(office.rehearse(RandomIds().run_id(), notify=ignore))

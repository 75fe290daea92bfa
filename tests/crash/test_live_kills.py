"""SIGKILL at every event of a live cut with real gates and signatures, at random moments, and live cuts that race.

However a run was interrupted, its end is the same: every row once, each gate opened once, ledger and run verified. The
kill comes from a `Notify` of the test's own, or from outside; there is no hook for it in the program.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from cutter.app.ledger import verify_ledger
from cutter.events import Record
from tests.plugins.proofs import Proof
from tests.support.forging import begin_ledger
from tests.support.live import LiveOffice
from tests.support.live_runs import TEXT, Killer, LiveRun, end_state, in_child, raced

PASSES = {"asks for the cut": 0, "cuts and asks for the enactment": 1, "enacts": 2}
KILLS = int(os.environ.get("CUTTER_KILLS", "100"))
pytestmark = [pytest.mark.crash, pytest.mark.timeout(7200)]


def undisturbed(live: LiveOffice) -> tuple[list[list[tuple[str, ...]]], list[int], list[float]]:
    """A run that nobody disturbs: its end state, and the events and seconds of each pass."""
    run, events, seconds = LiveRun.prepared(live), [], []
    for _ in PASSES:
        heard: list[Record] = []
        began = time.monotonic()
        result = run.go(heard.append)
        seconds.append(time.monotonic() - began)
        events.append(len(heard))
        if result.exit_code == 10:
            run.sign(result)
    return run.finish(), events, seconds


@pytest.mark.parametrize("name", PASSES)
def test_a_kill_at_every_event_of_a_live_cut(fresh_live: Callable[[], LiveOffice], name: str, proof: Proof) -> None:
    """Row 24. Without it a crash between an effect and its record could write twice, or use an approval for nothing."""
    wanted, events, _ = undisturbed(fresh_live())
    for boundary in range(events[PASSES[name]]):
        run = LiveRun.prepared(fresh_live())
        run.advance(PASSES[name])
        assert in_child(partial(run.go, Killer(boundary))) == signal.SIGKILL
        assert run.finish() == wanted, f"killed at event {boundary + 1} of the pass that {name}"
    count = events[PASSES[name]]
    proof.kills(f"live cut, the pass that {name}, every event", count, {"same end state, every row once": count})


def test_kills_at_random_moments_of_a_live_cut(fresh_live: Callable[[], LiveOffice], proof: Proof) -> None:
    """Row 24. Without it a moment inside a backup, a COPY, a COMMIT or a rename would never be tried."""
    wanted, _, seconds = undisturbed(fresh_live())
    chance = random.Random(20261121)
    ended: Counter[str] = Counter()
    for _ in range(KILLS):
        run, passes = LiveRun.prepared(fresh_live()), chance.randrange(len(PASSES))
        run.advance(passes)
        sent = in_child(run.go, kill_after=chance.uniform(0, seconds[passes]))
        assert run.finish() == wanted, f"killed in pass {passes + 1}"
        ended["same end state" if sent else "the pass was over already"] += 1
    assert ended["same end state"] > 0
    proof.kills("live cut, random moments", KILLS, ended)


def test_a_run_that_is_killed_again_and_again(fresh_live: Callable[[], LiveOffice], proof: Proof) -> None:
    """Row 24. Without it the recovery itself could be what is not safe to interrupt."""
    wanted, _, seconds = undisturbed(fresh_live())
    chance = random.Random(20261122)
    run = LiveRun.prepared(fresh_live())
    for passes in range(len(PASSES)):
        for _ in range(8):
            in_child(run.go, kill_after=chance.uniform(0, seconds[passes]))
        if passes < len(PASSES) - 1:
            result = run.go()
            run.sign(result)
    assert run.finish() == wanted
    proof.kills("one live cut, eight times a pass", 8 * len(PASSES), {"same end state": 1})


def test_two_live_runs_on_one_document(live: LiveOffice, proof: Proof) -> None:
    """Row 23. Without it two operators could cut one document twice, or each ask people for their own."""
    run = LiveRun.prepared(live)

    statuses = Counter(raced([run.go] * 2, processes=2, threads=1))

    assert set(statuses) <= {10, 30}
    assert statuses[10] >= 1
    run.sign(run.go())
    assert live.office.rows("SELECT count(*) FROM cutter_governance.run") == [(1,)]
    run.finish()
    proof("23", "two live lines for one document at one moment", f"one run; exits {dict(statuses)}")


def test_eight_documents_at_once(live: LiveOffice, proof: Proof) -> None:
    """Without it the ledger's one head, or the one home for drills, could make runs of other documents fail."""
    begin_ledger(live)
    names = [f"DOC-{number}" for number in range(8)]
    for name in names:
        live.office.add_text(name, TEXT.replace("Một", name))
    waiting = dict.fromkeys(names, "")
    rounds = 0
    while waiting and rounds < 12:
        rounds += 1
        commands = {
            name: partial(live.resume, kb_id) if kb_id else partial(live.cut, name) for name, kb_id in waiting.items()
        }
        statuses = set(raced(list(commands.values()), processes=4, threads=2))
        assert statuses <= {0, 10, 30}, statuses
        waiting = _asked(live, waiting)
    assert not waiting
    assert live.office.rows("SELECT count(*) FROM cutter_governance.approval_use") == [(16,)]
    assert live.office.rows("SELECT count(DISTINCT doc_prefix) FROM library.information_unit") == [(8,)]
    assert verify_ledger(live.settings) is not None
    proof("23", "eight documents at once", f"eight cuts, each gate opened once, {rounds} rounds")


def _asked(live: LiveOffice, waiting: dict[str, str]) -> dict[str, str]:
    """What is still to be done: each document with the request that was signed for it last."""
    done = {
        row[0]
        for row in live.office.rows("SELECT doc_prefix FROM library.information_unit WHERE lifecycle = 'enacted'")
    }
    left = {}
    for name in waiting.keys() - done:
        result = live.cut(name)
        if result.exit_code == 10:
            kb_id = result.approval_kb_id or ""
            if kb_id != waiting[name]:
                live.sign(kb_id, "sovereign")
            left[name] = kb_id
        elif result.exit_code == 30:
            left[name] = waiting[name]
    return left


def test_five_hundred_resumes_of_one_approval(live: LiveOffice, proof: Proof) -> None:
    """Row 23. Without it a double click, or a queue that delivers twice, could use one approval twice."""
    run = LiveRun.prepared(live)
    run.advance(1)

    statuses = Counter(raced([run.go] * 500, processes=4, threads=8))

    assert set(statuses) <= {0, 10, 30}, statuses
    assert statuses[10] >= 1
    uses = "SELECT gate_id, count(*) FROM cutter_governance.approval_use GROUP BY 1"
    assert live.office.rows(uses) == [("GATE_CUT_AUTHORIZATION", 1)]
    assert live.office.rows("SELECT count(*) FROM library.source_version") == [(1,)]
    run.finish()
    assert end_state(live)
    proof("23", "500 resumes of one approval", f"one use; exits {dict(sorted(statuses.items()))}")

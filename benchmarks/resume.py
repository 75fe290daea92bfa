"""From the start of a resume to done, after `kill -9` between an effect's commit and everything after it.

Ten phases, killed after the fifth; imports aside: the resume runs in a process that has loaded the program already.
"""

import os
import signal
import time
from contextlib import closing

import psycopg

from benchmarks.live_runs import ignore, live_demo
from benchmarks.measure import Row
from benchmarks.ten_phases import PHASES, make_order, make_ports, ten_phases
from cutter.app.compose import reach_database
from cutter.app.system import RandomIds
from cutter.engine import execute
from cutter.events import Completed, Record, Verified
from cutter.model import Pipeline
from cutter.postgres import embedded
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing
from cutter.settings import Settings

ROUNDS = 9
GOAL = 0.1  # seconds
_NOTES = "SELECT count(*) FROM kb.document WHERE kb_id LIKE %s"


def measure() -> list[Row]:
    """The row of this goal: the floor is the goal itself, a tenth of a second."""
    pipeline = ten_phases()
    with live_demo() as settings:
        times = sorted(_killed_and_resumed(settings, pipeline) for _ in range(ROUNDS))
    return [Row(f"resume → done after kill -9, {PHASES} phases", "the goal: 0.1 s", GOAL, times[ROUNDS // 2], 1.0)]


def _killed_and_resumed(settings: Settings, pipeline: Pipeline) -> float:
    run_id = RandomIds().run_id()
    child = os.fork()
    if child == 0:
        _perform(settings, pipeline, run_id, killed=True)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    begun = time.perf_counter()
    records = _perform(settings, pipeline, run_id, killed=False)
    seconds = time.perf_counter() - begun
    assert isinstance(records[-1].event, Completed), records[-1].event
    assert _notes(settings, run_id) == PHASES  # each exactly once
    return seconds


def _perform(settings: Settings, pipeline: Pipeline, run_id: str, *, killed: bool) -> tuple[Record, ...]:
    with closing(Committing(reach_database(settings).conninfo, "cutter/bench", Roles())) as transactor:
        ports = make_ports(settings, transactor, files=True, notify=_kill if killed else ignore)
        return execute(ports, make_order(pipeline, run_id, transactor.target.server_version))


def _kill(record: Record) -> None:
    if record.phase == f"note_{PHASES // 2}" and isinstance(record.event, Verified):
        os.kill(os.getpid(), signal.SIGKILL)


def _notes(settings: Settings, run_id: str) -> int:
    superuser = embedded.conninfo(embedded.locate(settings.workspace), embedded.SUPERUSER)
    with psycopg.connect(superuser) as connection:
        row = connection.execute(_NOTES.encode(), (f"runs/{run_id}/n%",)).fetchone()
    return int(row[0]) if row else 0

"""Ten phases that each write once (survey, act, marker, events, commit, verify), beside the same statements by hand.

By hand: the same transactions on the same tables, through the same adapter, with events that are known beforehand and
nothing that decides. Both have real durability. With sidecars, each phase also syncs a file and its folder.
"""

import dataclasses
import sys
import time
from collections.abc import Sequence
from contextlib import closing

import msgspec
import psycopg

from benchmarks.live_runs import ignore, live_demo
from benchmarks.measure import Row, in_turns
from cutter import canon
from cutter.app.compose import build_ports, reach_database
from cutter.app.orchestration import tell_story
from cutter.app.system import RandomIds, describe_environment
from cutter.contracts import KnowledgeDocument, Marker, Notify, RunRow
from cutter.engine import execute
from cutter.events import Completed, Record
from cutter.model import Inputs, InputValue, Mode, Pipeline
from cutter.operation import Broken, Held, Operation, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.order import Order, Ports
from cutter.pipeline import Refused, build, load
from cutter.postgres import embedded
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing
from cutter.settings import Settings

PHASES = 10
PUBLISHED = "SELECT body FROM kb.document WHERE kb_id = %(kb_id)s"
_HEAD = """\
format: cutter.pipeline/1
id: bench
title: {en: Ten, vi: Mười}
phrases: ["Ten {name}"]
inputs:
  name: {type: string, pattern: "^[a-z]{1,9}$", help: "A name"}
lock: ["${{ inputs.name }}"]
limits: {phase: PT1M, run: PT5M}
phases:
  - id: authorize
    gate:
      id: GATE_BENCH_AUTHORIZATION
      kind: signed
      quorum: {sovereign: 1}
      approve_within: PT72H
      execute_within: PT24H
"""
_QUESTION = "SELECT count(*) AS n FROM kb.document WHERE kb_id = 'none'"


class Params(msgspec.Struct, frozen=True):
    """Which of the ten."""

    number: str


class Outcome(msgspec.Struct, frozen=True):
    """Where it is."""

    kb_id: str


def act(context: WriteContext, params: Params) -> Outcome:
    """Put one small document into the knowledge base."""
    kb_id = f"runs/{context.run_id}/{params.number}"
    context.publish(KnowledgeDocument(kb_id, "application/json", b"{}"))
    return Outcome(kb_id)


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """It is there."""
    rows = context.session.rows(PUBLISHED, {"kb_id": outcome.kb_id})
    return Held({"rows": 1}) if len(rows) == 1 else Broken("gone", found=str(len(rows)), needed="1")


NOTE: Operation = TargetOperation("bench.note", 1, "Notes.", Params, Outcome, (), Undo.NONE, (), act, verify)


class OneOperation:
    """A catalogue of this operation only."""

    def find(self, name: str, version: int) -> Operation | None:
        """The operation, or None."""
        return NOTE if (name, version) == (NOTE.name, NOTE.version) else None

    def names(self) -> tuple[str, ...]:
        """Its name."""
        return (f"{NOTE.name}@{NOTE.version}",)


class NoFiles:
    """Sidecars that nobody keeps."""

    def write(self, run_id: str, name: str, body: bytes) -> None:
        """Nothing is written."""


def measure() -> list[Row]:
    """The rows of these goals."""
    pipeline = ten_phases()
    with live_demo() as settings:
        superuser = embedded.conninfo(embedded.locate(settings.workspace), embedded.SUPERUSER)
        records = _execute(settings, pipeline, files=False)[1]
        floor, bare = in_turns(
            lambda: _statements(settings, records), lambda: _execute(settings, pipeline, files=False)[0], rounds=9
        )
        again, kept = in_turns(
            lambda: _statements(settings, records), lambda: _execute(settings, pipeline, files=True)[0], rounds=9
        )
        inserts, _ = in_turns(lambda: _autocommit(superuser), lambda: 0.0, rounds=9)
    print(f"ten autocommit inserts: {inserts * 1000:.1f} ms", file=sys.stderr)
    return [
        Row("ten phases, exactly once, no sidecars", "the same statements by hand", floor, bare, 1.5),
        Row("same, a synced sidecar a phase", "the same statements by hand", again, kept, 2.5),
    ]


def ten_phases() -> Pipeline:
    """The pipeline. Its gate is taken out again: the builder wants one before any effect, and nobody signs here."""
    document = load((_HEAD + "".join(map(_phase, range(PHASES)))).encode(), "bench.yaml")
    built = document if isinstance(document, Refused) else build(document, OneOperation())
    if isinstance(built, Refused):
        raise SystemExit("\n".join(map(str, built.diagnostics)))
    return msgspec.structs.replace(built, phases=built.phases[1:])


def _phase(number: int) -> str:
    return (
        f"  - id: note_{number}\n    uses: bench.note@1\n    with: {{number: 'n{number}'}}\n    preflight:\n"
        f'      - {{survey: none_yet, sql: "{_QUESTION}", expect: {{n: 0}}, stop: STOP_DRIFT}}\n'
    )


def make_ports(settings: Settings, transactor: Committing, *, files: bool, notify: Notify) -> Ports:
    """The program's own ports, with this catalogue; with or without files."""
    ports = build_ports(settings, transactor, notify)
    kept = ports.sidecars if files else NoFiles()
    return dataclasses.replace(ports, catalogue=OneOperation(), sidecars=kept, checkpoint=lambda: None)


def make_order(pipeline: Pipeline, run_id: str, server: str) -> Order:
    """An order for a live run."""
    inputs = Inputs((InputValue("name", "bench"),))
    story = tell_story(pipeline, inputs, Mode.LIVE)
    return Order(run_id, pipeline, inputs, Mode.LIVE, "bench@here", "bench", story, describe_environment(server))


def _execute(settings: Settings, pipeline: Pipeline, *, files: bool) -> tuple[float, Sequence[Record]]:
    """A run of ten phases: the seconds of the run itself, connected already as the floor is, and its events."""
    conninfo = reach_database(settings).conninfo
    with closing(Committing(conninfo, "cutter/bench", Roles())) as transactor:
        ports = make_ports(settings, transactor, files=files, notify=ignore)
        order = make_order(pipeline, RandomIds().run_id(), transactor.target.server_version)
        begun = time.perf_counter()
        records = execute(ports, order)
        seconds = time.perf_counter() - begun
    assert isinstance(records[-1].event, Completed), records[-1].event
    return seconds, records


def _statements(settings: Settings, wanted: Sequence[Record]) -> float:
    """The statements of such a run, transaction by transaction, with nothing that decides between them."""
    run_id = RandomIds().run_id()
    with closing(Committing(reach_database(settings).conninfo, "cutter/bench", Roles())) as transactor:
        begun = time.perf_counter()
        transactor.begin(RunRow(run_id, "bench", canon.digest("bench"), Mode.LIVE, "bench"))
        for number in range(PHASES):
            phase = f"note_{number}"
            _one_by_hand(transactor, run_id, phase, [r for r in wanted if r.phase == phase])
        return time.perf_counter() - begun


def _one_by_hand(transactor: Committing, run_id: str, phase: str, records: Sequence[Record]) -> None:
    """Survey, act, marker, events, commit; then verify in a transaction of its own."""
    outcome = {"kb_id": f"runs/{run_id}/{phase}"}
    key = (run_id, phase)
    with transactor.write(phase) as transaction:
        transaction.surveys.rows(_QUESTION, {})
        transaction.publish(KnowledgeDocument(outcome["kb_id"], "application/json", b"{}"))
        transaction.mark(Marker(phase, key, run_id, phase, "bench.note@1", outcome))
        transaction.append([msgspec.structs.replace(record, run_id=run_id) for record in records])
    with transactor.verify() as session:
        session.rows(PUBLISHED, outcome)


def _autocommit(conninfo: str) -> float:
    """Ten inserts, each its own transaction: the least that ten durable steps cost."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.note (body bytea NOT NULL)")
        begun = time.perf_counter()
        for _ in range(PHASES):
            connection.execute("INSERT INTO public.note VALUES (%s)", (b"{}",))
        return time.perf_counter() - begun

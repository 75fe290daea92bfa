"""The engine: takes a run through its phases, and knows neither documents nor SQL.

Rules kept here: it does the work and holds no ordering rules (`run.RunState` has them: every event is applied before it
is buffered); the same code rehearses and commits, only the transactor differs; a `Stop` is caught here, once, and
becomes an event; nothing is retried.

The way of one phase (DESIGN §4): survey, then one transaction (enter, survey again, effect, ensure, marker, document,
events last), then a proof in a fresh read-only transaction. The proof's event is committed with the next transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, assert_never

import msgspec

from cutter import canon
from cutter.chain import EVENT_WORD, token
from cutter.contracts import RunRow, SurveySession, WriteTransaction
from cutter.events import (
    Completed,
    GateOpened,
    GateRehearsed,
    GateWaiting,
    Intended,
    Overran,
    Planned,
    Record,
    Resumed,
    Spawned,
    Started,
    Surveyed,
    Verified,
    WouldStop,
)
from cutter.evidence import file_name, sidecars, start_document
from cutter.execution import Execution, Order, Ports
from cutter.gates import Open, Wait, WouldWait, decide
from cutter.journal import Journal
from cutter.model import GatePhase, Mode, OperationPhase, Phase, Question, SurveyPhase
from cutter.operation import (
    Broken,
    ExternalOperation,
    Happened,
    NotHappened,
    Operation,
    ReadOperation,
    TargetOperation,
    Verdict,
)
from cutter.run import Lifecycle, Step
from cutter.stops import Stop, StopCode
from cutter.surveys import Answer


def execute(ports: Ports, order: Order) -> tuple[Record, ...]:
    """Take a run from where it stands to its end, a gate or a stop.

    Args:
        ports: the world.
        order: what to run; a `run_id` that the ledger knows is resumed.

    Returns:
        all events of the run.

    Raises:
        Stop: before the run could record anything: STOP_BUSY, STOP_DATABASE_UNREACHABLE, STOP_PLAN_CHANGED (detail
            `run_differs`, `other_inputs`), STOP_LEDGER_BROKEN, STOP_INVALID_INPUT (detail `lock_key`) …; or when a
            rehearsal's end could not be proved.
    """
    if not token(order.lock_key):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="lock_key", where="lock", needed=EVENT_WORD)
    row = RunRow(order.run_id, order.pipeline.id, order.pipeline.sha256, order.mode, order.lock_key)
    ports.transactor.begin(row)
    history = ports.transactor.history(order.run_id)
    journal = Journal(order.run_id, history, ports.clock, ports.notify)
    _check_inputs(order, journal)
    if journal.state.lifecycle is not Lifecycle.TERMINATED:
        _Pass(Execution(ports, order, journal)).go()
    try:
        ports.transactor.finish()
    except Stop as stop:
        # A run that has stopped claims nothing that a lost connection could leave unproved.
        if journal.state.stopped is None or stop.code is not StopCode.STOP_DATABASE_UNREACHABLE:
            raise
    return tuple(journal.records)


def _check_inputs(order: Order, journal: Journal) -> None:
    """A run goes on with what it was started with; the database compares the other words of its row."""
    spawned = journal.state.spawned
    if spawned is not None and spawned.inputs_sha256 != canon.digest(order.inputs):
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="other_inputs")


class _Pass:
    """One pass over the phases; its only state is the journal, and which sidecars it has written."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._ports = execution.ports
        self._order = execution.order
        self._journal = execution.journal
        self._began = self._ports.clock.monotonic()
        self._written: dict[str, str] = {}
        self._markers_checked = False

    def go(self) -> None:
        """Spawn or resume, run the phases, and end well, at a gate, or stopped."""
        phase_id = ""
        try:
            self._spawn_or_resume()
            for index, phase in enumerate(self._order.pipeline.phases, start=1):
                phase_id = phase.id
                began = self._check_time()
                self._check_markers()
                self._take(index, phase)
                self._note_time(phase_id, began)
                self._write_sidecars()
                if self._journal.state.lifecycle is Lifecycle.PAUSED:
                    return
            phase_id = ""
            self._complete()
        except Stop as stop:
            self._stop(phase_id, stop)

    def _spawn_or_resume(self) -> None:
        order, journal = self._order, self._journal
        if journal.state.lifecycle is Lifecycle.NEW:
            journal.note(
                "",
                Spawned(
                    pipeline=order.pipeline.id,
                    pipeline_sha256=order.pipeline.sha256,
                    mode=order.mode.value,
                    inputs_sha256=canon.digest(order.inputs),
                    lock_key=order.lock_key,
                    phases=len(order.pipeline.phases),
                    actor=order.actor,
                    environment=order.environment,
                ),
            )
            with self._transaction("", 0) as transaction:
                transaction.publish(start_document(order.start()))
        else:
            journal.note("", Resumed(environment=order.environment))
            self._write_sidecars()

    def _check_time(self) -> float:
        """The time; past the run's cap nothing more is begun. What people took at a gate is not counted."""
        now, limit = self._ports.clock.monotonic(), self._order.pipeline.limits.run
        if now - self._began > limit:
            raise Stop(
                StopCode.STOP_LIMIT_EXCEEDED, detail="run", found=f"{now - self._began:.0f}s", needed=f"{limit}s"
            )
        return now

    def _note_time(self, phase: str, began: float) -> None:
        took, limit = self._ports.clock.monotonic() - began, self._order.pipeline.limits.phase
        if took > limit and self._journal.state.lifecycle is Lifecycle.RUNNING:
            self._journal.note(phase, Overran(limit=limit, seconds=round(took)))

    def _write_sidecars(self) -> None:
        """Write the sidecars that are new or have changed: all are folded again, so their chain is always whole."""
        for made in sidecars(self._order.run_id, self._order.story, self._journal.records):
            if self._written.get(made.phase) != made.sha256:
                self._ports.sidecars.write(self._order.run_id, file_name(made), canon.encode(made))
                self._written[made.phase] = made.sha256

    def _take(self, index: int, phase: Phase) -> None:
        known = self._execution.known(phase.id)
        if known is not None and known.step in (Step.PUBLISHED, Step.FINISHED):
            if isinstance(phase, OperationPhase):
                self._prove(phase, self._execution.operation(phase))
            return
        uses = phase.uses if isinstance(phase, OperationPhase) else ""
        self._journal.note(phase.id, Started(index=index, operation=uses))
        match phase:
            case GatePhase():
                self._gate(phase)
            case SurveyPhase():
                self._ask(phase.id, phase.preflight)
                self._close(phase.id, len(self._journal.records))
            case OperationPhase():
                self._operate(phase)
            case _ as never:
                assert_never(never)

    def _gate(self, phase: GatePhase) -> None:
        journal, gate = self._journal, phase.gate
        since = len(journal.records)
        if not journal.state.plan_sha256:
            plan = self._execution.plan()
            journal.note(phase.id, Planned(plan_sha256=plan.sha256, survey_sha256=plan.survey_sha256))
        decision = decide(gate, self._order.mode, self._ports.transactor.gate_use(gate.id))
        match decision:
            case Open(use=use):
                journal.note(phase.id, GateOpened(gate=gate.id, request_sha256=use.request_sha256))
            case WouldWait():
                journal.note(phase.id, GateRehearsed(gate=gate.id))
            case Wait():
                journal.note(phase.id, GateWaiting(gate=gate.id, plan_sha256=journal.state.plan_sha256))
            case _ as never:
                assert_never(never)
        if isinstance(decision, Wait):
            with self._transaction(phase.id, since):
                pass
        else:
            self._close(phase.id, since)

    def _operate(self, phase: OperationPhase) -> None:
        operation = self._execution.operation(phase)
        params = self._execution.params(phase, operation)
        before = self._ask(phase.id, phase.preflight)
        since = len(self._journal.records)
        match operation:
            case ReadOperation():
                with self._ports.transactor.survey() as session:
                    outcome = operation.act(self._execution.read_context(session), params)
                self._execution.note_acted(phase, outcome)
                self._close(phase.id, since)
            case TargetOperation():
                self._write(phase, operation, params, before)
            case ExternalOperation():
                self._reach_out(phase, operation, params)
            case _ as never:
                assert_never(never)
        self._prove(phase, operation)

    def _write(
        self, phase: OperationPhase, operation: TargetOperation[Any, Any], params: Any, before: Sequence[Answer]
    ) -> None:
        with self._transaction(phase.id, len(self._journal.records)) as transaction:
            again = self._ask_in(phase.id, transaction.surveys, phase.preflight)
            _check_unmoved(before, again)
            outcome = operation.act(self._execution.write_context(transaction), params)
            self._execution.note_acted(phase, outcome)
            self._ask_in(phase.id, transaction.surveys, phase.ensure)
            if phase.idempotency is not None:
                transaction.mark(self._execution.marker(phase, outcome))
            self._execution.publish(phase.id, transaction)

    def _reach_out(self, phase: OperationPhase, operation: ExternalOperation[Any, Any], params: Any) -> None:
        since = len(self._journal.records)
        if self._order.mode is Mode.DRYRUN:
            with self._ports.transactor.survey() as session:
                rehearsed = operation.rehearse(self._execution.external_context(phase.id, session), params)
            for stop in rehearsed.would_stop:
                event = WouldStop(code=stop.code.name, detail=stop.detail, exit=int(stop.code.exit))
                self._journal.note(phase.id, event)
            self._execution.note_acted(phase, rehearsed.outcome)
        else:
            outcome = self._settle_or_act(phase, operation, params)
            since = len(self._journal.records)  # what was intended stays: the next pass has to settle it
            self._execution.note_acted(phase, outcome)
        self._close(phase.id, since)

    def _settle_or_act(self, phase: OperationPhase, operation: ExternalOperation[Any, Any], params: Any) -> Any:
        known = self._execution.known(phase.id)
        if known is not None and known.step is Step.INTENDED:
            with self._ports.transactor.survey() as session:
                settled = operation.settle(self._execution.external_context(phase.id, session), params)
            if isinstance(settled, Happened):
                return settled.outcome
            if settled is NotHappened.UNKNOWN:
                raise Stop(StopCode.STOP_EFFECT_UNKNOWN, where=phase.id)
        else:
            since = len(self._journal.records)
            self._journal.note(phase.id, Intended(operation=phase.uses, params_sha256=canon.digest(params)))
            with self._transaction(phase.id, since):
                pass
        with self._ports.transactor.survey() as session:
            return operation.act(self._execution.external_context(phase.id, session), params)

    def _prove(self, phase: OperationPhase, operation: Operation) -> None:
        params = self._execution.params(phase, operation)
        outcome = msgspec.convert(self._journal.state.outcome(phase.id), operation.outcome)
        with self._ports.transactor.verify() as session:
            verdict: Verdict
            if isinstance(operation, ExternalOperation):
                verdict = operation.verify(self._execution.external_context(phase.id, session), params, outcome)
            else:
                verdict = operation.verify(self._execution.read_context(session), params, outcome)
        if isinstance(verdict, Broken):
            raise Stop(
                StopCode.STOP_VERIFY_FAILED,
                detail=verdict.detail,
                found=verdict.found,
                needed=verdict.needed,
                where=phase.id,
            )
        self._journal.note(phase.id, Verified(facts=verdict.facts))

    def _ask(self, phase: str, questions: Sequence[Question]) -> Sequence[Answer]:
        if not questions:
            return ()
        with self._ports.transactor.survey() as session:
            return self._ask_all(phase, session, questions, inside=False)

    def _ask_in(self, phase: str, session: SurveySession, questions: Sequence[Question]) -> Sequence[Answer]:
        return self._ask_all(phase, session, questions, inside=True)

    def _ask_all(
        self, phase: str, session: SurveySession, questions: Sequence[Question], *, inside: bool
    ) -> Sequence[Answer]:
        answers = []
        for question in questions:
            answer = self._execution.ask(session, question)
            self._journal.note(
                phase,
                Surveyed(
                    survey=answer.survey,
                    expected=answer.expected,
                    found=answer.found,
                    facts_sha256=answer.sha256,
                    inside=inside,
                ),
            )
            answers.append(answer)
        return answers

    def _close(self, phase: str, since: int) -> None:
        with self._transaction(phase, since) as transaction:
            self._execution.publish(phase, transaction)

    def _complete(self) -> None:
        since = len(self._journal.records)
        self._journal.note("", Completed(phases=len(self._order.pipeline.phases)))
        with self._transaction("", since):
            pass

    @contextmanager
    def _transaction(self, phase: str, since: int) -> Iterator[WriteTransaction]:
        """A transaction that ends with the pending events; where it does not hold, those after `since` are forgotten.

        What a transaction should have kept never happened: a stop that is recorded after it must not claim it.
        """
        try:
            with self._ports.transactor.write(phase) as transaction:
                yield transaction
                self._execution.append(transaction)
        except Stop:
            self._journal.rewind(since)
            raise
        self._journal.keep()

    def _stop(self, phase: str, stop: Stop) -> None:
        """Record the stop. When the database cannot take it, the sidecar says so, and the run is unfinished there."""
        if self._journal.state.lifecycle is Lifecycle.NEW:
            raise stop  # nothing is recorded of this run
        length = len(self._journal.records)
        self._journal.note(phase, self._execution.stopped(stop))
        try:
            with self._ports.transactor.write(phase) as transaction:
                self._execution.append(transaction)
            self._journal.keep()
        except Stop as lost:
            if not lost.code.value.retryable:
                self._journal.rewind(length)
                raise
        with suppress(Stop):  # the stop that is told is the first one; whoever keeps the folder meets the second again
            self._write_sidecars()

    def _check_markers(self) -> None:
        """Once, as soon as every key of the pipeline can be told: has another run done this already?"""
        if self._markers_checked:
            return
        phases = [p for p in self._order.pipeline.phases if isinstance(p, OperationPhase) and p.idempotency]
        try:
            keys = [self._execution.key(phase) for phase in phases]
        except KeyError:
            return  # an outcome that a key needs is still to come
        self._markers_checked = True
        for marker in self._ports.transactor.markers(keys):
            if marker.run_id != self._order.run_id:
                raise Stop(StopCode.STOP_REPLAY_CONFLICT, detail=f"run:{marker.run_id}", where=marker.phase)


def _check_unmoved(before: Sequence[Answer], again: Sequence[Answer]) -> None:
    for first, second in zip(before, again, strict=True):
        if first.sha256 != second.sha256:
            raise Stop(StopCode.STOP_DRIFT, detail=f"moved:{first.survey}")

"""The engine: takes a run through its phases, and knows neither documents nor SQL.

Rules kept here: it does the work and holds no ordering rules (`run.RunState` has them: every event is applied before it
is buffered); the same code rehearses and commits, only the transactor differs; a `Stop` is caught here, once, and
becomes an event; nothing is retried.

The way of one phase (DESIGN §4): survey, then one transaction (enter, survey again, effect, ensure, marker, document,
events last), then a proof in a fresh read-only transaction. The proof's event is committed with the next transaction.
"""

from collections.abc import Sequence
from typing import Any, assert_never

import msgspec

from cutter import canon
from cutter.chain import token
from cutter.contracts import (
    RunRow,
    SurveySession,
)
from cutter.events import (
    Completed,
    GateOpened,
    GateRehearsed,
    GateWaiting,
    Intended,
    Planned,
    Record,
    Resumed,
    Spawned,
    Started,
    Stopped,
    Surveyed,
    Verified,
    WouldStop,
)
from cutter.evidence import (
    NO_PREVIOUS,
    Sidecar,
    Start,
    file_name,
    sidecar,
    sidecars,
    start_document,
)
from cutter.execution import Execution, Order, Ports
from cutter.gates import Open, Wait, WouldWait, decide
from cutter.journal import Journal
from cutter.model import GatePhase, Mode, OperationPhase, Phase, Survey, SurveyPhase
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
from cutter.plan import Plan, PlannedOutcome, SurveyedFact
from cutter.run import Lifecycle, Step
from cutter.stops import Exit, Stop, StopCode
from cutter.surveys import Answer, ask


def execute(ports: Ports, order: Order) -> tuple[Record, ...]:
    """Take a run from where it stands to its end, a gate or a stop.

    Args:
        ports: the world.
        order: what to run; a `run_id` that the ledger knows is resumed.

    Returns:
        all events of the run.

    Raises:
        Stop: before the run could record anything: STOP_BUSY, STOP_DATABASE_UNREACHABLE, STOP_PLAN_CHANGED …
    """
    row = RunRow(order.run_id, order.pipeline.id, order.pipeline.sha256, order.mode, order.lock_key)
    ports.transactor.begin(row)
    history = ports.transactor.history(order.run_id)
    journal = Journal(order.run_id, history, ports.clock, ports.notify)
    if journal.state.lifecycle is not Lifecycle.TERMINATED:
        _Pass(Execution(ports, order, journal)).go()
    ports.transactor.finish()
    return tuple(journal.records)


class _Pass:
    """One pass over the phases; its only state is the journal and what is derived from it."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._ports = execution.ports
        self._order = execution.order
        self._journal = execution.journal
        self._previous = NO_PREVIOUS
        self._markers_checked = False

    def go(self) -> None:
        """Spawn or resume, run the phases, and end well, at a gate, or stopped."""
        phase_id = ""
        try:
            self._spawn_or_resume()
            for index, phase in enumerate(self._order.pipeline.phases, start=1):
                phase_id = phase.id
                self._check_markers()
                self._take(index, phase)
                if self._journal.state.lifecycle is Lifecycle.PAUSED:
                    return
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
            with self._ports.transactor.write("") as transaction:
                transaction.publish(start_document(_start(order)))
                self._execution.append(transaction)
            self._journal.keep()
        else:
            for kept in sidecars(order.run_id, order.story, journal.records):
                self._write_sidecar(kept)
            journal.note("", Resumed(environment=order.environment))

    def _write_sidecar(self, kept: Sidecar) -> None:
        self._previous = kept.sha256
        self._ports.sidecars.write(self._order.run_id, file_name(kept), canon.encode(kept))

    def _take(self, index: int, phase: Phase) -> None:
        known = self._execution.known(phase.id)
        if known is not None and known.step in (Step.PUBLISHED, Step.FINISHED):
            if isinstance(phase, OperationPhase):
                self._prove(phase, self._execution.operation(phase))
            if known.step is Step.PUBLISHED:
                self._end(phase)
            return
        uses = phase.uses if isinstance(phase, OperationPhase) else ""
        self._journal.note(phase.id, Started(index=index, operation=uses))
        match phase:
            case GatePhase():
                self._gate(phase)
            case SurveyPhase():
                self._ask(phase.id, phase.preflight)
                self._close(phase.id)
            case OperationPhase():
                self._operate(phase)
            case _ as never:
                assert_never(never)
        self._end(phase)

    def _end(self, phase: Phase) -> None:
        records = self._journal.of_phase(phase.id)
        self._write_sidecar(sidecar(self._order.run_id, self._order.story, records, self._previous))

    def _gate(self, phase: GatePhase) -> None:
        journal, gate = self._journal, phase.gate
        if not journal.state.plan_sha256:
            plan = self._plan()
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
            with self._ports.transactor.write(phase.id) as transaction:
                self._execution.append(transaction)
            journal.keep()
        else:
            self._close(phase.id)

    def _plan(self) -> Plan:
        pipeline = self._order.pipeline
        names = {phase.id: phase.uses for phase in pipeline.phases if isinstance(phase, OperationPhase)}
        return Plan(
            pipeline=pipeline.id,
            pipeline_sha256=pipeline.sha256,
            operations=tuple(names.values()),
            inputs=self._order.inputs,
            outcomes=tuple(
                PlannedOutcome(state.id, names[state.id], state.outcome)
                for state in self._journal.state.phases
                if state.outcome is not None
            ),
            surveys=tuple(
                SurveyedFact(record.phase, record.event.survey, record.event.facts_sha256)
                for record in self._journal.records
                if isinstance(record.event, Surveyed)
            ),
        )

    def _operate(self, phase: OperationPhase) -> None:
        operation = self._execution.operation(phase)
        params = self._execution.params(phase, operation)
        before = self._ask(phase.id, phase.preflight)
        match operation:
            case ReadOperation():
                with self._ports.transactor.survey() as session:
                    outcome = operation.act(self._execution.read_context(session), params)
                self._execution.note_acted(phase, outcome)
                self._close(phase.id)
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
        length = len(self._journal.records)
        try:
            with self._ports.transactor.write(phase.id) as transaction:
                again = self._ask_in(phase.id, transaction.surveys, phase.preflight)
                _check_unmoved(before, again)
                outcome = operation.act(self._execution.write_context(transaction), params)
                self._execution.note_acted(phase, outcome)
                self._ask_in(phase.id, transaction.surveys, phase.ensure)
                if phase.idempotency is not None:
                    transaction.mark(self._execution.marker(phase, outcome))
                self._execution.publish(phase.id, transaction)
                self._execution.append(transaction)
        except Stop:
            self._journal.rewind(length)
            raise
        self._journal.keep()

    def _reach_out(self, phase: OperationPhase, operation: ExternalOperation[Any, Any], params: Any) -> None:
        if self._order.mode is Mode.DRYRUN:
            with self._ports.transactor.survey() as session:
                rehearsed = operation.rehearse(self._execution.external_context(phase.id, session), params)
            for stop in rehearsed.would_stop:
                event = WouldStop(code=stop.code.name, detail=stop.detail, exit=int(stop.code.exit))
                self._journal.note(phase.id, event)
            self._execution.note_acted(phase, rehearsed.outcome)
        else:
            self._execution.note_acted(phase, self._settle_or_act(phase, operation, params))
        self._close(phase.id)

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
            self._journal.note(phase.id, Intended(operation=phase.uses, params_sha256=canon.digest(params)))
            with self._ports.transactor.write(phase.id) as transaction:
                self._execution.append(transaction)
            self._journal.keep()
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

    def _ask(self, phase: str, surveys: Sequence[Survey]) -> Sequence[Answer]:
        if not surveys:
            return ()
        with self._ports.transactor.survey() as session:
            return self._ask_all(phase, session, surveys, inside=False)

    def _ask_in(self, phase: str, session: SurveySession, surveys: Sequence[Survey]) -> Sequence[Answer]:
        return self._ask_all(phase, session, surveys, inside=True)

    def _ask_all(
        self, phase: str, session: SurveySession, surveys: Sequence[Survey], *, inside: bool
    ) -> Sequence[Answer]:
        answers = []
        for survey in surveys:
            answer = ask(session, survey, self._order.inputs, self._execution.outcomes())
            self._journal.note(
                phase,
                Surveyed(
                    survey=survey.name,
                    expected=answer.expected,
                    found=answer.found,
                    facts_sha256=answer.sha256,
                    inside=inside,
                ),
            )
            answers.append(answer)
        return answers

    def _close(self, phase: str) -> None:
        with self._ports.transactor.write(phase) as transaction:
            self._execution.publish(phase, transaction)
            self._execution.append(transaction)
        self._journal.keep()

    def _complete(self) -> None:
        self._journal.note("", Completed(phases=len(self._order.pipeline.phases)))
        with self._ports.transactor.write("") as transaction:
            self._execution.append(transaction)
        self._journal.keep()

    def _stop(self, phase: str, stop: Stop) -> None:
        partial = self._order.mode is Mode.LIVE and self._governed_rows_written()
        event = Stopped(
            code=stop.code.name,
            exit=int(Exit.PARTIAL if partial else stop.code.exit),
            category=stop.code.value.category.value,
            check=0,
            detail=stop.detail,
            found=token(stop.found),
            needed=token(stop.needed),
            where=token(stop.where),
            suggestions=tuple(word for word in stop.suggestions if token(word)),
        )
        self._journal.note(phase, event)
        with self._ports.transactor.write(phase) as transaction:
            self._execution.append(transaction)
        self._journal.keep()
        if self._execution.known(phase) is not None:
            records = self._journal.of_phase(phase)
            self._write_sidecar(sidecar(self._order.run_id, self._order.story, records, self._previous))

    def _governed_rows_written(self) -> bool:
        acted = {state.id for state in self._journal.state.phases if state.step.value >= Step.ACTED.value}
        for phase in self._order.pipeline.phases:
            if isinstance(phase, OperationPhase) and phase.id in acted:
                operation = self._execution.operation(phase)
                if isinstance(operation, TargetOperation) and operation.governs:
                    return True
        return False

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


def _start(order: Order) -> Start:
    return Start(
        run_id=order.run_id,
        story=order.story,
        mode=order.mode,
        inputs=order.inputs,
        pipeline=order.pipeline.source.decode(),
    )


def _check_unmoved(before: Sequence[Answer], again: Sequence[Answer]) -> None:
    for first, second in zip(before, again, strict=True):
        if first.sha256 != second.sha256:
            raise Stop(StopCode.STOP_DRIFT, detail=f"moved:{first.survey}")

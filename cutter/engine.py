"""The engine: takes a run through its phases, and knows neither documents nor SQL.

Rules kept here: it does the work and holds no ordering rules (`run.RunState` has them: every event is applied before it
is buffered); the same code rehearses and commits, only the transactor differs; a `Stop` is caught here, once, and
becomes an event; nothing is retried.

The way of one phase (DESIGN §4): survey, then one transaction (enter, survey again, effect, ensure, marker, document,
events last), then a proof in a fresh read-only transaction. The proof's event is committed with the next transaction.
"""

from contextlib import suppress

from cutter import canon
from cutter.approval.checks import Refused, StillWaiting
from cutter.chain import EVENT_WORD, token
from cutter.contracts import RunRow
from cutter.events import (
    Aborted,
    Completed,
    GateRehearsed,
    Overran,
    Planned,
    Record,
    Resumed,
    Skipped,
    Spawned,
    Started,
)
from cutter.evidence import file_name, sidecars, start_document
from cutter.execution import Execution
from cutter.gatekeeping import Gatekeeper
from cutter.journal import Journal
from cutter.model import GatePhase, Mode, OperationPhase, Phase, Starter, SurveyPhase
from cutter.order import Order, Ports
from cutter.run import Lifecycle, Step
from cutter.stages import Stages
from cutter.stops import Exit, Stop, StopCode


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
    execution = _begin(ports, order)
    before = execution.journal.state.lifecycle
    if before is not Lifecycle.TERMINATED:
        _Pass(execution).go()
    if before is Lifecycle.RUNNING and _leaves_unknown(execution.journal):
        _Pass(execution).go()
    _finish(execution)
    return tuple(execution.journal.records)


def abort(ports: Ports, run: RunRow, reason_sha256: str) -> tuple[Record, ...]:
    """End a run that has written nothing governed, or whose message was certainly not sent, because a person says so.

    Its pipeline is not needed: a governed write was committed exactly when an approval was used; and what a policy
    started reaches outside by sending only, which tells how far it came.

    Raises:
        Stop: STOP_ABORT_REFUSED, detail `governed_rows`, `effect_unknown` or `ended`; and as `execute`.
    """
    ports.transactor.begin(run)
    journal = Journal(run.run_id, ports.transactor.history(run.run_id), ports.clock, ports.notify)
    if journal.state.lifecycle in (Lifecycle.NEW, Lifecycle.TERMINATED):
        raise Stop(StopCode.STOP_ABORT_REFUSED, detail="ended", where=run.run_id)
    if any(gate.opened for gate in journal.state.gates):
        last = journal.state.phases[-1]
        if run.started_by != Starter.POLICY.value or last.step is not Step.INTENDED:
            raise Stop(StopCode.STOP_ABORT_REFUSED, detail="governed_rows", where=run.run_id)
        if last.may_have_happened:
            raise Stop(StopCode.STOP_ABORT_REFUSED, detail="effect_unknown", where=run.run_id)
    journal.note("", Aborted(reason=reason_sha256))
    with ports.transactor.write("") as transaction:
        transaction.append(journal.pending)
    journal.keep()
    ports.checkpoint()
    return tuple(journal.records)


def _begin(ports: Ports, order: Order) -> Execution:
    """Lock the run and fold what happened so far."""
    if not token(order.lock_key):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="lock_key", where="lock", needed=EVENT_WORD)
    pipeline = order.pipeline
    started_by = pipeline.started_by.value
    ports.transactor.begin(RunRow(order.run_id, pipeline.id, pipeline.sha256, order.mode, order.lock_key, started_by))
    journal = Journal(order.run_id, ports.transactor.history(order.run_id), ports.clock, ports.notify)
    _check_inputs(order, journal)
    return Execution(ports, order, journal)


def _finish(execution: Execution) -> None:
    """End the pass: a rehearsal proves that it cannot be committed, a live one keeps the ledger's head elsewhere."""
    try:
        execution.ports.transactor.finish()
        if execution.order.mode is Mode.LIVE:
            execution.ports.checkpoint()
    except Stop as stop:
        # A run that has stopped claims nothing that a lost connection could leave unproved.
        stopped = execution.journal.state.stopped
        if stopped is None or stop.code is not StopCode.STOP_DATABASE_UNREACHABLE:
            raise


def _leaves_unknown(journal: Journal) -> bool:
    """Whether a pass has come to an effect of which nobody knows.

    Where it was an earlier pass that was interrupted, whoever resumes the run has been told so already: people are
    asked at once.
    """
    stopped = journal.state.stopped
    return stopped is not None and stopped.code == StopCode.STOP_EFFECT_UNKNOWN.name and not journal.pending


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
        self._gatekeeper = Gatekeeper(execution)
        self._stages = Stages(execution, self._gatekeeper)
        self._began = self._beginning()
        self._written: dict[str, str] = {}
        self._declined: Stop | None = None
        self._markers_checked = False

    def go(self) -> None:
        """Spawn or resume, run the phases, and end well, at a gate, or stopped."""
        phase_id = ""
        self._check_not_voided()
        if self._order.mode is Mode.LIVE and not self._admitted():
            return
        try:
            self._spawn_or_resume()
            self._stages.check_starter()
            if self._declined is not None:
                raise self._declined
            if self._journal.state.escalated:
                self._gatekeeper.escalate()
                self._began = self._beginning()
            for index, phase in enumerate(self._order.pipeline.phases, start=1):
                if self._journal.state.lifecycle is Lifecycle.PAUSED:
                    return
                phase_id = phase.id
                began = self._check_time()
                self._check_markers()
                self._take(index, phase)
                self._note_time(phase_id, began)
                self._write_sidecars()
            phase_id = ""
            if self._journal.state.lifecycle is not Lifecycle.PAUSED:
                self._complete()
        except Stop as stop:
            self._stop(phase_id, stop)

    def _admitted(self) -> bool:
        """Whether there is anything to do: where people have not signed, or signed no, the run waits on."""
        self._gatekeeper.admit()
        try:
            judgement = self._gatekeeper.look()
        except Stop as stop:
            judgement = Refused(stop, ())
        self._declined = self._gatekeeper.declined(judgement)
        if self._declined is not None:
            return True
        if isinstance(judgement, Refused):
            self._gatekeeper.refuse("", judgement.stop)
        return not isinstance(judgement, (Refused, StillWaiting))

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
            with self._execution.transaction("", 0) as transaction:
                transaction.publish(start_document(order.start()))
        else:
            journal.note("", Resumed(environment=order.environment))
            self._write_sidecars()

    def _beginning(self) -> float:
        """When the run would have begun, had it been at work without a break."""
        return self._ports.clock.monotonic() - self._execution.seconds_before

    def _check_time(self) -> float:
        """The time; past the run's cap nothing more is begun, and no statement may outlast it.

        What people took at a gate is not counted.
        """
        now, limit = self._ports.clock.monotonic(), self._order.pipeline.limits.run
        left = limit - (now - self._began)
        if left < 0:
            raise Stop(StopCode.STOP_LIMIT_EXCEEDED, detail="run", found=f"{limit - left:.0f}s", needed=f"{limit}s")
        self._ports.transactor.limit(left)
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
        if known is not None and known.skipped and known.step is Step.FINISHED:
            return
        if self._is_done(phase):
            if not any(gate.opened for gate in self._journal.state.gates):
                self._stages.repeat(phase)
            if isinstance(phase, OperationPhase):
                self._stages.prove(phase)
            return
        uses = phase.uses if isinstance(phase, OperationPhase) else ""
        self._journal.note(phase.id, Started(index=index, operation=uses))
        if not self._execution.is_due(phase):
            self._skip(phase)
        elif isinstance(phase, GatePhase):
            self._gate(phase)
        else:
            self._stages.take(phase)

    def _skip(self, phase: Phase) -> None:
        """Leave a phase out, and say on what it depended."""
        since = len(self._journal.records)
        assert not isinstance(phase, SurveyPhase) and phase.when is not None  # noqa: S101, PT018  it is not due
        self._journal.note(phase.id, Skipped(when=f"{phase.when.phase}.{phase.when.field}"))
        self._execution.close(phase.id, since)

    def _is_done(self, phase: Phase) -> bool:
        """Whether a phase has acted; a gate whose approval was not used yet is asked again."""
        known = self._execution.known(phase.id)
        if known is None or known.step not in (Step.PUBLISHED, Step.FINISHED):
            return False
        return all(gate.phase != phase.id for gate in self._journal.state.unused)

    def _gate(self, phase: GatePhase) -> None:
        if not self._journal.state.plan_sha256:
            plan = self._execution.plan()
            self._journal.note(phase.id, Planned(plan_sha256=plan.sha256, survey_sha256=plan.survey_sha256))
        if self._order.mode is Mode.LIVE:
            self._gatekeeper.take(phase)
        else:
            self._journal.note(phase.id, GateRehearsed(gate=phase.gate.id))
            self._execution.close(phase.id, len(self._journal.records))

    def _complete(self) -> None:
        since = len(self._journal.records)
        self._journal.note("", Completed(phases=len(self._order.pipeline.phases)))
        with self._execution.transaction("", since):
            pass

    def _stop(self, phase: str, stop: Stop) -> None:
        """Record the stop. When the database cannot take it, the sidecar says so, and the run is unfinished there."""
        if self._journal.state.lifecycle is Lifecycle.NEW:
            raise stop  # nothing is recorded of this run
        length = len(self._journal.records)
        try:
            if stop.check:
                self._gatekeeper.refuse(phase, stop)
            else:
                self._record(phase, stop)
        except Stop as lost:
            if not lost.code.value.retryable:
                self._journal.rewind(length)
                raise
        with suppress(Stop):  # the stop that is told is the first one; whoever keeps the folder meets the second again
            self._write_sidecars()

    def _record(self, phase: str, stop: Stop) -> None:
        stopped = self._execution.stopped(stop)
        self._journal.note(phase, stopped)
        with self._ports.transactor.write(phase) as transaction:
            if stopped.exit == Exit.PARTIAL:
                transaction.open_incident(phase, stopped.code)
            self._execution.append(transaction)
        self._journal.keep()

    def _check_not_voided(self) -> None:
        """What this run did is still in force: another run may have voided it while it waited."""
        done = [p for p in self._order.pipeline.phases if isinstance(p, OperationPhase) and p.idempotency]
        skipped = self._execution.skipped
        keys = [self._execution.key(phase) for phase in done if self._is_done(phase) and phase.id not in skipped]
        if not keys:
            return
        mine = [found for found in self._ports.transactor.markers(keys) if found.run_id == self._order.run_id]
        if len(mine) < len(keys):
            raise Stop(StopCode.STOP_PLAN_CHANGED, detail="voided", where=self._order.run_id)

    def _check_markers(self) -> None:
        """Once, as soon as every key of the pipeline can be told: has another run done this already?"""
        if self._markers_checked:
            return
        phases = [p for p in self._order.pipeline.phases if isinstance(p, OperationPhase) and p.idempotency]
        skipped = self._execution.skipped
        try:
            keys = [self._execution.key(phase) for phase in phases if phase.id not in skipped]
        except KeyError:
            return  # an outcome that a key needs is still to come
        self._markers_checked = True
        for marker in self._ports.transactor.markers(keys):
            if marker.run_id != self._order.run_id:
                raise Stop(StopCode.STOP_REPLAY_CONFLICT, detail=f"run:{marker.run_id}", where=marker.phase)

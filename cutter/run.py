"""The state of a run: a fold of its events, and every rule about their order. No I/O.

Rules kept here (an event that breaks one is a fault of ours: RuntimeError, and it never enters):

- the first event is `Spawned`; events are numbered from 1 without a gap;
- spawned → running → paused → terminated; nothing follows the end; a run goes on from a pause or a crash only by
  `Resumed`;
- phases run in the pipeline's order, one at a time; a phase that did not finish is started again, never skipped;
- within a phase: `Started`, then surveys (also where an effect is intended already, after a crash), then its effect at
  most once, then its document, then its proof;
- the plan is frozen once, before the first gate;
- only a rehearsal notes what it would have done (`GateRehearsed`, `WouldStop`), only a live run waits or opens a gate;
- `Completed` comes only when every phase is finished.

Source: DESIGN §4.
"""

from collections.abc import Iterable
from enum import Enum
from typing import TypeAlias, assert_never

import msgspec

from cutter.events import (
    Aborted,
    Acted,
    Completed,
    Environment,
    Facts,
    GateOpened,
    GateRehearsed,
    GateWaiting,
    Intended,
    Overran,
    Planned,
    Published,
    Record,
    Resumed,
    Spawned,
    Started,
    Stopped,
    Surveyed,
    Verified,
    WouldStop,
)
from cutter.model import Mode
from cutter.stops import Stop, StopCode

PhaseEvent: TypeAlias = Surveyed | WouldStop | Intended | Acted | Published | Verified | Overran


class Lifecycle(Enum):
    """Where a run stands as a whole."""

    NEW = "new"
    RUNNING = "running"
    PAUSED = "paused"
    TERMINATED = "terminated"


class Step(Enum):
    """How far a phase has come; a later step never leads back to an earlier one."""

    STARTED = 1
    INTENDED = 2
    ACTED = 3
    PUBLISHED = 4
    FINISHED = 5


class PhaseState(msgspec.Struct, frozen=True):
    """One phase of the run so far."""

    id: str
    index: int
    operation: str
    step: Step
    outcome: Facts | None = None


class RunState(msgspec.Struct, frozen=True):
    """A run, folded from its events."""

    number: int = 0
    lifecycle: Lifecycle = Lifecycle.NEW
    spawned: Spawned | None = None
    run_id: str = ""
    environment: Environment | None = None
    plan_sha256: str = ""
    phases: tuple[PhaseState, ...] = ()
    waiting_at: str = ""
    stopped: Stopped | None = None

    @property
    def mode(self) -> Mode:
        """How the run reaches the database."""
        return Mode(self._spawned().mode)

    @property
    def completed(self) -> bool:
        """Whether every phase was finished and the run has ended well."""
        return self.lifecycle is Lifecycle.TERMINATED and self.stopped is None

    @property
    def finished(self) -> int:
        """How many phases are finished, from the first on."""
        return sum(1 for phase in self.phases if phase.step is Step.FINISHED)

    def outcome(self, phase: str) -> Facts:
        """The outcome of a phase that has acted."""
        for state in self.phases:
            if state.id == phase and state.outcome is not None:
                return state.outcome
        raise KeyError(phase)

    def apply(self, record: Record) -> "RunState":
        """The state after one more event; RuntimeError when the event is impossible here."""
        self._check_place(record)
        return msgspec.structs.replace(self._next(record), number=record.number)

    def _check_place(self, record: Record) -> None:
        event = record.event
        _require(record.number == self.number + 1, "events are numbered without a gap")
        _require(isinstance(event, Spawned) == (self.lifecycle is Lifecycle.NEW), "a run is spawned once, first")
        _require(self.lifecycle is not Lifecycle.TERMINATED, "nothing follows the end of a run")
        _require(not self.run_id or record.run_id == self.run_id, "an event belongs to its run")
        if self.lifecycle is Lifecycle.PAUSED:
            _require(isinstance(event, (Resumed, Aborted)), "a paused run goes on by being resumed")

    def _next(self, record: Record) -> "RunState":
        """Events of the whole run here; those of a phase in `_in_phase`, those of a gate in `_at_gate`."""
        change = msgspec.structs.replace
        match record.event:
            case Spawned() as event:
                running = change(self, lifecycle=Lifecycle.RUNNING, run_id=record.run_id)
                return change(running, spawned=event, environment=event.environment)
            case Resumed(environment=environment):
                running = change(self, lifecycle=Lifecycle.RUNNING, environment=environment)
                return change(running, waiting_at="", stopped=None)
            case Stopped() as event:
                paused = self.mode is Mode.LIVE
                return change(self, lifecycle=Lifecycle.PAUSED if paused else Lifecycle.TERMINATED, stopped=event)
            case Completed(phases=phases):
                _require(self.finished == self._spawned().phases == phases, "a run completes after its last phase")
                return change(self, lifecycle=Lifecycle.TERMINATED)
            case Aborted():
                return change(self, lifecycle=Lifecycle.TERMINATED)
            case Started() as event:
                return self._start(record.phase, event)
            case Planned() | GateWaiting() | GateOpened() | GateRehearsed() as event:
                return self._at_gate(record.phase, event)
            case _ as event:
                return self._in_phase(record.phase, event)

    def _at_gate(self, phase: str, event: Planned | GateWaiting | GateOpened | GateRehearsed) -> "RunState":
        self._current(phase, Step.STARTED)
        if isinstance(event, Planned):
            _require(not self.plan_sha256, "the plan is frozen once")
            return msgspec.structs.replace(self, plan_sha256=event.plan_sha256)
        _require(bool(self.plan_sha256), "the plan is frozen before the first gate")
        needed = Mode.DRYRUN if isinstance(event, GateRehearsed) else Mode.LIVE
        _require(self.mode is needed, f"this event belongs to a {needed.value} run")
        if isinstance(event, GateWaiting):
            return msgspec.structs.replace(self, lifecycle=Lifecycle.PAUSED, waiting_at=event.gate)
        return self._move(Step.ACTED)

    def _in_phase(self, phase: str, event: PhaseEvent) -> "RunState":
        match event:
            case Surveyed():
                self._current(phase, Step.STARTED, Step.INTENDED, Step.ACTED)
                return self
            case WouldStop():
                _require(self.mode is Mode.DRYRUN, "only a rehearsal notes what would stop")
                self._current(phase, Step.STARTED)
                return self
            case Intended():
                self._current(phase, Step.STARTED)
                return self._move(Step.INTENDED)
            case Acted(outcome=outcome):
                self._current(phase, Step.STARTED, Step.INTENDED)
                return self._move(Step.ACTED, outcome)
            case Published():
                self._current(phase, Step.STARTED, Step.ACTED)
                by_itself = not self.phases[-1].operation
                return self._move(Step.FINISHED if by_itself else Step.PUBLISHED)
            case Verified():
                return self._verify(phase)
            case Overran():
                return self
            case _ as never:
                assert_never(never)

    def _start(self, phase: str, event: Started) -> "RunState":
        again = bool(self.phases) and self.phases[-1].id == phase and self.phases[-1].step is not Step.FINISHED
        if again:
            _require(self.phases[-1].step in (Step.STARTED, Step.INTENDED), "an effect is not done again")
            return self
        _require(event.index == len(self.phases) + 1 == self.finished + 1, "phases run in order, one at a time")
        state = PhaseState(phase, event.index, event.operation, Step.STARTED)
        return msgspec.structs.replace(self, phases=(*self.phases, state))

    def _verify(self, phase: str) -> "RunState":
        for state in self.phases:
            if state.id == phase and state.step is Step.FINISHED:
                return self  # proved again, after a resume
        self._current(phase, Step.PUBLISHED)
        return self._move(Step.FINISHED)

    def _current(self, phase: str, *steps: Step) -> None:
        _require(
            bool(self.phases) and self.phases[-1].id == phase and self.phases[-1].step in steps,
            "an event belongs to the phase that is running, at its step",
        )

    def _move(self, step: Step, outcome: Facts | None = None) -> "RunState":
        last = self.phases[-1]
        moved = msgspec.structs.replace(last, step=step, outcome=last.outcome if outcome is None else outcome)
        return msgspec.structs.replace(self, phases=(*self.phases[:-1], moved))

    def _spawned(self) -> Spawned:
        if self.spawned is None:
            raise RuntimeError("the run was not spawned")
        return self.spawned


def fold(records: Iterable[Record]) -> RunState:
    """The state after all these events, from the first on."""
    state = RunState()
    for record in records:
        state = state.apply(record)
    return state


def fold_kept(records: Iterable[Record]) -> RunState:
    """The same of events that were kept elsewhere: one that is missing or cannot stand there is not a fault of ours.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `impossible_at_N`, N being the number of the run's event.
    """
    state = RunState()
    for record in records:
        try:
            state = state.apply(record)
        except (RuntimeError, ValueError):
            raise Stop(StopCode.STOP_LEDGER_BROKEN, detail=f"impossible_at_{record.number}") from None
    return state


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise RuntimeError(rule)

"""The state of a run: a fold of its events, and every rule about their order. No I/O.

Rules kept here (an event that breaks one is a fault of ours: RuntimeError, and it never enters):

- the first event is `Spawned`; events are numbered from 1 without a gap;
- spawned → running → paused → terminated; nothing follows the end; a run goes on from a pause or a crash only by
  `Resumed`;
- phases run in the pipeline's order, one at a time; a phase that did not finish is started again, never skipped;
- within a phase: `Started`, then surveys (also where an effect is intended already, after a crash), then its effect at
  most once, then its document, then its proof; or `Skipped`, then its document;
- how an external effect is attempted (`Attempted`) is told only where it is intended;
- the plan is frozen once, before the first gate;
- only a rehearsal notes what it would have done (`GateRehearsed`, `WouldStop`), only a live run waits or opens a gate;
- an approval that was verified is used once, by `GateOpened` in a later phase; until then its gate may be asked again,
  and what came after the gate is done anew;
- a stop whose code is final ends a run, unless governed rows are committed; that people declined ends it even then;
- a stop after a committed governed write, or where nobody knows whether an effect happened, must be answered at a gate
  of its own (`GATE_FAILURE_ESCALATION`, an event of the whole run) before a phase goes on;
- `Completed` comes only when every phase is finished.

Source: DESIGN §4.
"""

import itertools
from collections.abc import Iterable
from enum import Enum
from typing import TypeAlias, assert_never

import msgspec

from cutter.approval.request import ESCALATION
from cutter.events import (
    COMMIT,
    Aborted,
    Acted,
    ApprovalVerified,
    Attempted,
    Completed,
    Environment,
    Facts,
    GateOpened,
    GateRefused,
    GateRehearsed,
    GateWaiting,
    Intended,
    Overran,
    Planned,
    Published,
    Record,
    Resumed,
    Skipped,
    Spawned,
    Started,
    Stopped,
    Surveyed,
    Verified,
    WouldStop,
)
from cutter.model import Mode
from cutter.stops import Exit, Stop, StopCode

DECLINED = (StopCode.STOP_DECISION_REFUSED.name, StopCode.STOP_DECISION_LAPSED.name)
"""The codes that say what people answered: after them nothing is left to ask."""

GateEvent: TypeAlias = Planned | GateWaiting | GateRefused | ApprovalVerified | GateOpened | GateRehearsed
PhaseEvent: TypeAlias = Surveyed | WouldStop | Intended | Attempted | Skipped | Acted | Published | Verified | Overran


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
    """One phase of the run so far; `attempted` is how far its external effect came, as of the newest attempt."""

    id: str
    index: int
    operation: str
    step: Step
    outcome: Facts | None = None
    attempted: Attempted | None = None
    skipped: bool = False

    @property
    def may_have_happened(self) -> bool:
        """Whether an effect that tells how far it comes (`Attempted`) may have happened: it did not end without."""
        return self.attempted is not None and self.attempted.step == COMMIT


class GateState(msgspec.Struct, frozen=True):
    """A gate whose quorum has signed; `phase` is the gate's, empty for the escalation; `opened` once it was used."""

    gate: str
    phase: str
    request_sha256: str
    opened: bool = False


class RunState(msgspec.Struct, frozen=True):
    """A run, folded from its events."""

    number: int = 0
    lifecycle: Lifecycle = Lifecycle.NEW
    spawned: Spawned | None = None
    run_id: str = ""
    environment: Environment | None = None
    plan_sha256: str = ""
    phases: tuple[PhaseState, ...] = ()
    gates: tuple[GateState, ...] = ()
    asked: tuple[GateWaiting, ...] = ()
    """The newest request of each gate that has asked."""
    waiting_at: str = ""
    stopped: Stopped | None = None
    escalated: bool = False
    aborted: bool = False

    @property
    def mode(self) -> Mode:
        """How the run reaches the database."""
        return Mode(self._spawned().mode)

    @property
    def finished(self) -> int:
        """How many phases are finished, from the first on."""
        return sum(1 for phase in self.phases if phase.step is Step.FINISHED)

    @property
    def unused(self) -> tuple[GateState, ...]:
        """The gates of the pipeline whose approval was verified and not used yet: several where one follows another."""
        return tuple(gate for gate in self.gates if not gate.opened and gate.gate != ESCALATION)

    def request_of(self, gate: str) -> GateWaiting | None:
        """The newest request of a gate, as the ledger says: what else stands in the knowledge base was never asked."""
        return next((asked for asked in self.asked if asked.gate == gate), None)

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
            again = isinstance(event, GateRefused) and event.gate == self.waiting_at
            _require(again or isinstance(event, (Resumed, Aborted)), "a paused run goes on by being resumed")
        if self.escalated:
            answers = (Resumed, Aborted, Stopped, Verified, GateWaiting, GateRefused, ApprovalVerified, GateOpened)
            _require(isinstance(event, answers), "an escalated run goes on when people have decided")

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
                paused = self.mode is Mode.LIVE and not is_final(event)
                ended = change(self, lifecycle=Lifecycle.PAUSED if paused else Lifecycle.TERMINATED, stopped=event)
                return change(ended, escalated=self.escalated or (paused and event.exit == Exit.PARTIAL))
            case Completed(phases=phases):
                _require(self.finished == self._spawned().phases == phases, "a run completes after its last phase")
                return change(self, lifecycle=Lifecycle.TERMINATED)
            case Aborted():
                return change(self, lifecycle=Lifecycle.TERMINATED, aborted=True)
            case Started() as event:
                return self._start(record.phase, event)
            case (
                Planned() | GateWaiting() | GateRefused() | ApprovalVerified() | GateOpened() | GateRehearsed() as event
            ):
                return self._at_gate(record.phase, event)
            case _ as event:
                return self._in_phase(record.phase, event)

    def _at_gate(self, phase: str, event: GateEvent) -> "RunState":
        change = msgspec.structs.replace
        self._check_gate(phase, event)
        match event:
            case Planned(plan_sha256=plan_sha256):
                return change(self, plan_sha256=plan_sha256)
            case GateWaiting(gate=gate):
                others = tuple(known for known in self.asked if known.gate != gate)
                return change(self, lifecycle=Lifecycle.PAUSED, waiting_at=gate, asked=(*others, event))
            case GateRefused(gate=gate):
                return change(self, lifecycle=Lifecycle.PAUSED, waiting_at=gate)
            case ApprovalVerified(gate=gate, request_sha256=request):
                kept = tuple(known for known in self.gates if known.opened or known.gate != gate)
                verified = change(self, gates=(*kept, GateState(gate, phase, request)))
                return verified if gate == ESCALATION else verified._move(Step.ACTED)
            case GateOpened(gate=gate):
                used = tuple(change(known, opened=known.opened or known.gate == gate) for known in self.gates)
                return change(self, gates=used, escalated=self.escalated and gate != ESCALATION)
            case GateRehearsed():
                return self._move(Step.ACTED)
            case _ as never:
                assert_never(never)

    def _check_gate(self, phase: str, event: GateEvent) -> None:
        """Where an event of a gate may stand: at the gate's phase, or, for the escalation, at the run as a whole."""
        if isinstance(event, Planned):
            self._current(phase, Step.STARTED)
            return _require(not self.plan_sha256, "the plan is frozen once")
        _require(bool(self.plan_sha256), "the plan is frozen before the first gate")
        needed = Mode.DRYRUN if isinstance(event, GateRehearsed) else Mode.LIVE
        _require(self.mode is needed, f"this event belongs to a {needed.value} run")
        if isinstance(event, GateOpened):
            unused = {(known.gate, known.request_sha256) for known in self.gates if not known.opened}
            _require((event.gate, event.request_sha256) in unused, "an approval is verified before it is used")
        if event.gate == ESCALATION:
            return _require(self.escalated and not phase, "people decide on a failure where there was one")
        if not isinstance(event, GateRefused):
            self._current(phase, Step.STARTED)
        return None

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
            case Attempted():
                self._current(phase, Step.INTENDED)
                attempted = msgspec.structs.replace(self.phases[-1], attempted=event)
                return msgspec.structs.replace(self, phases=(*self.phases[:-1], attempted))
            case Skipped():
                self._current(phase, Step.STARTED)
                skipped = msgspec.structs.replace(self.phases[-1], step=Step.ACTED, skipped=True)
                return msgspec.structs.replace(self, phases=(*self.phases[:-1], skipped))
            case Acted(outcome=outcome):
                self._current(phase, Step.STARTED, Step.INTENDED)
                return self._move(Step.ACTED, outcome)
            case Published():
                self._current(phase, Step.STARTED, Step.ACTED)
                by_itself = not self.phases[-1].operation or self.phases[-1].skipped
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
        before = self._asked_again(phase)
        finished = all(state.step is Step.FINISHED for state in before)
        _require(finished and event.index == len(before) + 1, "phases run in order, one at a time")
        state = PhaseState(phase, event.index, event.operation, Step.STARTED)
        return msgspec.structs.replace(self, phases=(*before, state))

    def _asked_again(self, phase: str) -> tuple[PhaseState, ...]:
        """The phases that stay when one is started: at a gate whose approval was not used, those before it."""
        if any(gate.phase == phase for gate in self.unused):
            return tuple(itertools.takewhile(lambda state: state.id != phase, self.phases))
        return self.phases

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


def is_final(stopped: Stopped) -> bool:
    """Whether a stop ends a live run: its code does, and people have nothing to decide on what is committed already."""
    return StopCode[stopped.code].value.final and (stopped.exit != Exit.PARTIAL or stopped.code in DECLINED)


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

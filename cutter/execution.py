"""One execution of a run: its ports, its order, its journal, and what follows from them at any moment.

Rules kept here: parameters, keys and contexts are derived from the events, never stored beside them.

Source: DESIGN §4.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, assert_never

import msgspec

from cutter import canon
from cutter.approval.request import ESCALATION, ApprovalRequest
from cutter.approval.trust import TrustStore
from cutter.chain import EVENT_WORD, token
from cutter.contracts import (
    ApprovalRecords,
    Clock,
    FindSetback,
    Ids,
    Marker,
    MarkerKey,
    Notify,
    Pins,
    Sidecars,
    SigningProvider,
    SurveySession,
    TakeFingerprint,
    Texts,
    Transactor,
    Vault,
    WriteTransaction,
)
from cutter.events import (
    Acted,
    Environment,
    Facts,
    GateOpened,
    GateRefused,
    GateWaiting,
    Published,
    Record,
    Resumed,
    Spawned,
    Stopped,
    Surveyed,
)
from cutter.evidence import Start, Story, phase_document
from cutter.journal import Journal
from cutter.model import FingerprintCheck, Gate, Inputs, Mode, Named, OperationPhase, Pipeline, Question, Survey
from cutter.operation import Catalogue, ExternalContext, Operation, ReadContext, TargetOperation, WriteContext
from cutter.pipeline.references import resolve
from cutter.pipeline.statements import BIND, statement_fields
from cutter.plan import Plan, PlannedOutcome, SurveyedFact
from cutter.run import PhaseState, Step
from cutter.stops import Exit, Stop, StopCode
from cutter.surveys import Answer, ask, look


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate asks, for the page that its reviewers read: the request but for the page's own digest.

    Attributes:
        gate: the gate, with what its policy asks for now.
        request: the request; its `review_sha256` is not yet the page's.
        plan: the frozen plan.
        records: the run's events so far.
    """

    gate: Gate
    request: ApprovalRequest
    plan: Plan
    records: tuple[Record, ...]


class Reviews(Protocol):
    """Keeps the pages that reviewers read."""

    def write(self, order: "Order", asked: Asked, /) -> str:
        """Write the page of a request; its sha256. Raises STOP_PATH_UNSAFE, STOP_DISK."""
        ...


@dataclass(frozen=True, slots=True)
class ApprovalPorts:
    """What gates reach the world through. `throwaway_allowed`: the database is a demo's, and takes a demo's keys."""

    records: ApprovalRecords
    signing: SigningProvider
    trust: TrustStore
    reviews: Reviews
    throwaway_allowed: bool


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that the engine reaches the world through.

    `checkpoint` signs the ledger's head and keeps it in other places; called at the end of every pass of a live run.
    """

    transactor: Transactor
    texts: Texts
    vault: Vault
    sidecars: Sidecars
    clock: Clock
    ids: Ids
    notify: Notify
    catalogue: Catalogue
    take_fingerprint: TakeFingerprint
    pins: Pins
    approvals: ApprovalPorts
    checkpoint: Callable[[], None]
    find_setback: FindSetback


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: the pipeline with its inputs, and how it is told in documents.

    `approval_kb_id` is the request that the caller says was signed; empty when only the run was named.
    """

    run_id: str
    pipeline: Pipeline
    inputs: Inputs
    mode: Mode
    actor: str
    lock_key: str
    story: Story
    environment: Environment
    approval_kb_id: str = ""

    def start(self) -> Start:
        """What a resume needs besides the ledger."""
        return Start(
            run_id=self.run_id,
            story=self.story,
            mode=self.mode,
            inputs=self.inputs,
            pipeline=self.pipeline.source.decode(),
        )


@dataclass(frozen=True, slots=True)
class Execution:
    """The ports, the order and the journal, with what can be told from them."""

    ports: Ports
    order: Order
    journal: Journal

    def ask(self, session: SurveySession, question: Question) -> Answer:
        match question:
            case Survey():
                return ask(session, question, self.order.inputs, self.outcomes())
            case FingerprintCheck():
                return look(session, question, self.ports.take_fingerprint, self.ports.pins)
            case _ as never:
                assert_never(never)

    def publish(self, phase: str, transaction: WriteTransaction) -> None:
        before = sum(1 for r in self.journal.records if r.phase == phase and isinstance(r.event, Published))
        records = self.journal.of_phase(phase)
        document = phase_document(self.order.run_id, self.order.story, records, before + 1)
        transaction.publish(document)
        self.journal.note(
            phase, Published(kb_id=document.kb_id, sha256=canon.sha256(document.body), size=len(document.body))
        )

    def append(self, transaction: WriteTransaction) -> None:
        transaction.append(self.journal.pending)

    @contextmanager
    def transaction(self, phase: str, since: int) -> Iterator[WriteTransaction]:
        """A transaction that ends with the pending events; where it does not hold, those after `since` are forgotten.

        What a transaction should have kept never happened: a stop that is recorded after it must not claim it.
        """
        try:
            with self.ports.transactor.write(phase) as transaction:
                yield transaction
                self.append(transaction)
        except Stop:
            self.journal.rewind(since)
            raise
        self.journal.keep()

    def close(self, phase: str, since: int) -> None:
        """End a phase that has no transaction of its own: its document and its events."""
        with self.transaction(phase, since) as transaction:
            self.publish(phase, transaction)

    @property
    def seconds_before(self) -> float:
        """Active seconds of the run's earlier passes: what people took at gates and between passes is not counted.

        A refused approval that is noted while the run waits belongs to no pass; a clock that was set back adds nothing.
        Where people have decided that a failed run goes on, it has its whole time again: else it could only be voided.
        """
        spent, began, last = 0.0, "", ""
        for record in self.journal.records:
            if isinstance(record.event, (Spawned, Resumed)):
                spent, began = spent + _seconds(began, last), record.at
            if began:
                last = record.at
            if isinstance(record.event, (GateWaiting, GateRefused, Stopped)):
                spent, began = spent + _seconds(began, last), ""
            if isinstance(record.event, GateOpened) and record.event.gate == ESCALATION:
                spent, began = 0.0, record.at
        return spent + _seconds(began, last)

    def key(self, phase: OperationPhase) -> MarkerKey:
        if phase.idempotency is None:
            raise RuntimeError("a marker belongs to a phase with idempotency")
        outcomes = self.outcomes()
        parts = tuple(str(resolve(part, self.order.inputs, outcomes)) for part in phase.idempotency.key)
        if not all(token(part) for part in parts):
            raise Stop(StopCode.STOP_INVALID_INPUT, detail="idempotency_key", where=phase.id, needed=EVENT_WORD)
        return MarkerKey(phase.idempotency.guard, parts)

    def marker(self, phase: OperationPhase, outcome: msgspec.Struct) -> Marker:
        key = self.key(phase)
        return Marker(key.guard, key.key, self.order.run_id, phase.id, phase.uses, msgspec.to_builtins(outcome))

    def note_acted(self, phase: OperationPhase, outcome: msgspec.Struct) -> None:
        key = self.key(phase) if phase.idempotency else MarkerKey("", ())
        facts: Facts = msgspec.json.decode(canon.encode(outcome))  # as the ledger will give it back
        self.journal.note(
            phase.id,
            Acted(
                operation=phase.uses,
                outcome=facts,
                outcome_sha256=canon.digest(facts),
                guard=key.guard,
                key=key.key,
            ),
        )

    def plan(self) -> Plan:
        """What the phases before the first gate found. A survey that was asked again counts by its last answer."""
        pipeline, journal = self.order.pipeline, self.journal
        before = {phase.id for phase in pipeline.before_first_gate()}
        names = {phase.id: phase.uses for phase in pipeline.phases if isinstance(phase, OperationPhase)}
        asked = ((r.phase, r.event) for r in journal.records if isinstance(r.event, Surveyed) and r.phase in before)
        facts = {(phase, event.survey): event.facts_sha256 for phase, event in asked}
        return Plan(
            pipeline=pipeline.id,
            pipeline_sha256=pipeline.sha256,
            operations=tuple(names.values()),
            inputs=self.order.inputs,
            outcomes=tuple(
                PlannedOutcome(state.id, names[state.id], state.outcome)
                for state in journal.state.phases
                if state.outcome is not None and state.id in before
            ),
            surveys=tuple(SurveyedFact(phase, survey, sha256) for (phase, survey), sha256 in facts.items()),
        )

    def outcomes_sha256(self, index: int) -> str:
        """The digest over what the phases between the plan and the phase at an index found, as the ledger keeps it."""
        before = {phase.id for phase in self.order.pipeline.before_first_gate()}
        states = [state for state in self.journal.state.phases if state.index < index and state.id not in before]
        return canon.digest(
            [(state.id, state.operation, state.outcome) for state in states if state.outcome is not None]
        )

    def stopped(self, stop: Stop) -> Stopped:
        """The event of a stop: tokens only, and 51 once governed rows are committed, whatever the cause."""
        partial = self.order.mode is Mode.LIVE and self.governed_rows_written
        return Stopped(
            code=stop.code.name,
            exit=int(Exit.PARTIAL if partial else stop.code.exit),
            category=stop.code.value.category.value,
            check=stop.check,
            detail=stop.detail,
            found=token(stop.found),
            needed=token(stop.needed),
            where=token(stop.where),
            suggestions=tuple(word for word in stop.suggestions if token(word)),
        )

    @property
    def governed_rows_written(self) -> bool:
        """Whether an operation that governs has acted, and its transaction was kept."""
        acted = {state.id for state in self.journal.state.phases if state.step.value >= Step.ACTED.value}
        for phase in self.order.pipeline.phases:
            if isinstance(phase, OperationPhase) and phase.id in acted:
                operation = self.operation(phase)
                if isinstance(operation, TargetOperation) and operation.governs:
                    return True
        return False

    def operation(self, phase: OperationPhase) -> Operation:
        found = self.ports.catalogue.find(phase.operation, phase.version)
        if found is None:
            raise Stop(StopCode.STOP_PLAN_CHANGED, detail="operation_gone", where=phase.id)
        return found

    def params(self, phase: OperationPhase, operation: Operation) -> msgspec.Struct:
        outcomes = self.outcomes()
        values: dict[str, Any] = self._resolved(phase.params, outcomes)
        if statement_fields(operation.params):
            values[BIND] = self._resolved(phase.bind, outcomes)
        params: msgspec.Struct = msgspec.convert(values, operation.params)
        return params

    def _resolved(self, named: Sequence[Named], outcomes: dict[str, Facts]) -> dict[str, Any]:
        return {item.name: resolve(item.binding, self.order.inputs, outcomes) for item in named}

    def outcome(self, phase: OperationPhase, operation: Operation) -> msgspec.Struct:
        """What a phase found, as its operation's type. Raises STOP_PLAN_CHANGED when it no longer has that form."""
        try:
            found: msgspec.Struct = msgspec.convert(self.journal.state.outcome(phase.id), operation.outcome)
        except msgspec.ValidationError:
            raise Stop(StopCode.STOP_PLAN_CHANGED, detail="outcome_form", where=phase.id) from None
        return found

    def outcomes(self) -> dict[str, Facts]:
        return {state.id: state.outcome for state in self.journal.state.phases if state.outcome is not None}

    def known(self, phase: str) -> PhaseState | None:
        return next((state for state in self.journal.state.phases if state.id == phase), None)

    def read_context(self, session: SurveySession) -> ReadContext:
        transactor = self.ports.transactor
        return ReadContext(
            session=session,
            identity=transactor.identity,
            run_id=self.order.run_id,
            plan_sha256=self.journal.state.plan_sha256,
            now=self.ports.clock.now(),
            texts=self.ports.texts,
            find_setback=self.ports.find_setback,
        )

    def write_context(self, transaction: WriteTransaction) -> WriteContext:
        return WriteContext(
            session=transaction.session,
            surveys=transaction.surveys,
            identity=self.ports.transactor.identity,
            run_id=self.order.run_id,
            plan_sha256=self.journal.state.plan_sha256,
            now=self.ports.clock.now(),
            texts=self.ports.texts,
            ids=self.ports.ids,
            publish=transaction.publish,
            history=tuple(self.journal.records),
            vault=self.ports.vault,
        )

    def external_context(self, phase: str, session: SurveySession) -> ExternalContext:
        return ExternalContext(
            session=session,
            identity=self.ports.transactor.identity,
            run_id=self.order.run_id,
            phase=phase,
            plan_sha256=self.journal.state.plan_sha256,
            now=self.ports.clock.now(),
            vault=self.ports.vault,
            snapshot=self.ports.transactor.snapshot,
        )


def _seconds(began: str, last: str) -> float:
    """From one moment of the ledger to a later one; none where nothing began, or the clock was set back."""
    if not began:
        return 0.0
    return max(0.0, (datetime.fromisoformat(last) - datetime.fromisoformat(began)).total_seconds())

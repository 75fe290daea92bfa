"""One execution of a run: its ports, its order, its journal, and what follows from them at any moment.

Rules kept here: parameters, keys and contexts are derived from the events, never stored beside them.

Source: DESIGN §4.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, assert_never

import msgspec

from cutter import canon
from cutter.approval.request import ESCALATION
from cutter.chain import EVENT_WORD, token
from cutter.contracts import (
    Marker,
    MarkerKey,
    SurveySession,
    WriteTransaction,
)
from cutter.events import (
    Acted,
    Attempted,
    Facts,
    GateOpened,
    GateRefused,
    GateWaiting,
    Published,
    Resumed,
    Spawned,
    Stopped,
    Surveyed,
)
from cutter.evidence import phase_document
from cutter.journal import Journal
from cutter.model import (
    FingerprintCheck,
    Mode,
    Named,
    OperationPhase,
    Phase,
    Question,
    Survey,
    SurveyPhase,
)
from cutter.operation import ExternalContext, Operation, ReadContext, ReadOperation, WriteContext
from cutter.order import Order, Ports
from cutter.pipeline.references import resolve
from cutter.pipeline.statements import BIND, statement_fields
from cutter.plan import Plan, PlannedOutcome, SurveyedFact
from cutter.run import Lifecycle, PhaseState, Step
from cutter.stops import Exit, Stop, StopCode
from cutter.surveys import Answer, ask, look


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

    def close(self, phase: str, since: int, marker: Marker | None = None) -> None:
        """End a phase that has no transaction of its own: its marker, if it has one, its document and its events."""
        with self.transaction(phase, since) as transaction:
            if marker is not None:
                transaction.mark(marker)
            self.publish(phase, transaction)

    def record_attempt(self, phase: str, attempted: Attempted) -> None:
        """Commit how far an external effect has come; it is durable when this returns."""
        since = len(self.journal.records)
        self.journal.note(phase, attempted)
        with self.transaction(phase, since):
            pass

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
        states = (state for state in self.journal.state.phases if not state.skipped)
        acted = {state.id for state in states if state.step.value >= Step.ACTED.value}
        for phase in self.order.pipeline.phases:
            if isinstance(phase, OperationPhase) and phase.id in acted:
                operation = self.operation(phase)
                if not isinstance(operation, ReadOperation) and operation.governs:
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

    def is_due(self, phase: Phase) -> bool:
        """Whether a phase is to be taken: what it depends on, if anything, holds."""
        if isinstance(phase, SurveyPhase) or phase.when is None:
            return True
        return resolve(phase.when, self.order.inputs, self.outcomes()) is True

    @property
    def skipped(self) -> frozenset[str]:
        """The phases that are not taken in this run, as far as that can be told."""
        known = self.outcomes()
        told = (
            phase
            for phase in self.order.pipeline.phases
            if not isinstance(phase, SurveyPhase) and phase.when is not None and phase.when.phase in known
        )
        return frozenset(phase.id for phase in told if not self.is_due(phase))

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
            policies=self.ports.policies,
            find_setback=self.ports.find_setback,
            ended=self._ended,
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
            policies=self.ports.policies,
            ids=self.ports.ids,
            publish=transaction.publish,
            history=tuple(self.journal.records),
            vault=self.ports.vault,
        )

    def external_context(self, phase: str, session: SurveySession) -> ExternalContext:
        known = self.known(phase)
        return ExternalContext(
            session=session,
            identity=self.ports.transactor.identity,
            run_id=self.order.run_id,
            phase=phase,
            plan_sha256=self.journal.state.plan_sha256,
            now=self.ports.clock.now(),
            vault=self.ports.vault,
            snapshot=self.ports.transactor.snapshot,
            policies=self.ports.policies,
            postbox=self.ports.postbox,
            attempted=known.attempted if known is not None else None,
            record=partial(self.record_attempt, phase),
            ended=self._ended,
        )

    @property
    def _ended(self) -> bool:
        return self.journal.state.lifecycle is Lifecycle.TERMINATED


def _seconds(began: str, last: str) -> float:
    """From one moment of the ledger to a later one; none where nothing began, or the clock was set back."""
    if not began:
        return 0.0
    return max(0.0, (datetime.fromisoformat(last) - datetime.fromisoformat(began)).total_seconds())

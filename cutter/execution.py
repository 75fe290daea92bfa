"""One execution of a run: its ports, its order, its journal, and what follows from them at any moment.

Rules kept here: parameters, keys and contexts are derived from the events, never stored beside them.

Source: DESIGN §4.
"""

from dataclasses import dataclass

import msgspec

from cutter import canon
from cutter.contracts import (
    Clock,
    Ids,
    Marker,
    MarkerKey,
    Notify,
    Sidecars,
    SurveySession,
    Texts,
    Transactor,
    Vault,
    WriteTransaction,
)
from cutter.events import Acted, Environment, Facts, Published
from cutter.evidence import Story, phase_document
from cutter.journal import Journal
from cutter.model import Inputs, Mode, OperationPhase, Pipeline
from cutter.operation import Catalogue, ExternalContext, Operation, ReadContext, WriteContext
from cutter.pipeline.references import resolve
from cutter.run import PhaseState
from cutter.stops import Stop, StopCode


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that the engine reaches the world through."""

    transactor: Transactor
    texts: Texts
    vault: Vault
    sidecars: Sidecars
    clock: Clock
    ids: Ids
    notify: Notify
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: the pipeline with its inputs, and how it is told in documents."""

    run_id: str
    pipeline: Pipeline
    inputs: Inputs
    mode: Mode
    actor: str
    lock_key: str
    story: Story
    environment: Environment


@dataclass(frozen=True, slots=True)
class Execution:
    """The ports, the order and the journal, with what can be told from them."""

    ports: Ports
    order: Order
    journal: Journal

    def publish(self, phase: str, transaction: WriteTransaction) -> None:
        document = phase_document(self.order.run_id, self.order.story, self.journal.of_phase(phase))
        transaction.publish(document)
        self.journal.note(
            phase, Published(kb_id=document.kb_id, sha256=canon.sha256(document.body), size=len(document.body))
        )

    def append(self, transaction: WriteTransaction) -> None:
        transaction.append(self.journal.pending)

    def key(self, phase: OperationPhase) -> MarkerKey:
        if phase.idempotency is None:
            raise RuntimeError("a marker belongs to a phase with idempotency")
        outcomes = self.outcomes()
        parts = tuple(str(resolve(part, self.order.inputs, outcomes)) for part in phase.idempotency.key)
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

    def operation(self, phase: OperationPhase) -> Operation:
        found = self.ports.catalogue.find(phase.operation, phase.version)
        if found is None:
            raise Stop(StopCode.STOP_PLAN_CHANGED, detail="operation_gone", where=phase.id)
        return found

    def params(self, phase: OperationPhase, operation: Operation) -> msgspec.Struct:
        outcomes = self.outcomes()
        values = {item.name: resolve(item.binding, self.order.inputs, outcomes) for item in phase.params}
        params: msgspec.Struct = msgspec.convert(values, operation.params)
        return params

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
        )

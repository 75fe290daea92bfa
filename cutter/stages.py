"""What happens within one phase: survey, act, prove (DESIGN §4).

Rules kept here: a survey is fresh when its phase starts and asked again inside the write transaction; an approval is
used in the transaction of the first governed write after its gate; an external effect is intended before it happens,
and settled when it was interrupted; what a phase claims is proved in a session of its own.
"""

import itertools
from collections.abc import Sequence
from typing import Any, assert_never

import msgspec

from cutter import canon
from cutter.approval.request import ESCALATION
from cutter.contracts import SurveySession
from cutter.events import GateOpened, Intended, Stopped, Surveyed, Verified, WouldStop
from cutter.execution import Execution
from cutter.gatekeeping import Gatekeeper
from cutter.model import GatePhase, Mode, OperationPhase, Phase, Question, Starter, SurveyPhase
from cutter.operation import (
    Broken,
    ExternalOperation,
    Happened,
    Held,
    NotHappened,
    Operation,
    ReadOperation,
    TargetOperation,
    Undo,
    Verdict,
)
from cutter.policies.policy import WRITES
from cutter.run import Step
from cutter.stops import Stop, StopCode
from cutter.surveys import Answer

_UNKNOWN, _BROKEN = StopCode.STOP_EFFECT_UNKNOWN, StopCode.STOP_VERIFY_FAILED


class Stages:
    """The stages of the phases of one pass."""

    def __init__(self, execution: Execution, gatekeeper: Gatekeeper) -> None:
        self._execution = execution
        self._ports = execution.ports
        self._order = execution.order
        self._journal = execution.journal
        self._gatekeeper = gatekeeper

    def check_starter(self) -> None:
        """Before anything: what a policy started writes messages and notifications only, and nobody else writes these.

        Raises:
            Stop: STOP_POLICY_DENIED, detail `operation`.
        """
        pipeline, catalogue = self._order.pipeline, self._ports.catalogue
        for phase in pipeline.phases:
            if not isinstance(phase, OperationPhase):
                continue
            operation = catalogue.find(phase.operation, phase.version)
            if isinstance(operation, (TargetOperation, ExternalOperation)):
                _check_starter(pipeline.started_by, phase)

    def take(self, phase: OperationPhase | SurveyPhase) -> None:
        """Take a phase from its start to its proof."""
        match phase:
            case SurveyPhase():
                self._ask(phase.id, phase.preflight)
                self._execution.close(phase.id, len(self._journal.records))
            case OperationPhase():
                self._operate(phase)
            case _ as never:
                assert_never(never)

    def repeat(self, phase: Phase) -> None:
        """Look again at what the plan stands on, before anything governed is written; the same is not noted.

        Raises:
            Stop: STOP_DRIFT, detail `moved:SURVEY`; STOP_PLAN_CHANGED, detail `outcome:FIELD`; a survey's own code.
        """
        if isinstance(phase, GatePhase):
            return
        with self._ports.transactor.survey() as session:
            for question in phase.preflight:
                answer = self._execution.ask(session, question)
                if answer.sha256 != self._recorded(phase.id, answer.survey):
                    raise Stop(StopCode.STOP_DRIFT, detail=f"moved:{answer.survey}", where=phase.id)
            if isinstance(phase, OperationPhase):
                self._act_again(phase, session)

    def _recorded(self, phase: str, survey: str) -> str:
        """The digest of what a survey answered last."""
        asked = (r.event for r in self._journal.records if r.phase == phase and isinstance(r.event, Surveyed))
        return [event.facts_sha256 for event in asked if event.survey == survey][-1]

    def _act_again(self, phase: OperationPhase, session: SurveySession) -> None:
        operation = self._execution.operation(phase)
        if not isinstance(operation, ReadOperation):
            return
        params = self._execution.params(phase, operation)
        found = msgspec.json.decode(canon.encode(operation.act(self._execution.read_context(session), params)))
        planned = self._journal.state.outcome(phase.id)
        for field, value in planned.items():
            if found.get(field) != value:
                moved = operation.moved(planned, found) if operation.moved is not None else ()
                raise Stop(StopCode.STOP_PLAN_CHANGED, detail=f"outcome:{field}", where=phase.id, suggestions=moved)

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
                self._execution.close(phase.id, since)
            case TargetOperation():
                self._write(phase, operation, params, before)
            case ExternalOperation():
                self._reach_out(phase, operation, params, before)
            case _ as never:
                assert_never(never)
        self.prove(phase)

    def _write(
        self, phase: OperationPhase, operation: TargetOperation[Any, Any], params: Any, before: Sequence[Answer]
    ) -> None:
        with self._execution.transaction(phase.id, len(self._journal.records)) as transaction:
            again = self._ask_all(phase.id, transaction.surveys, phase.preflight, inside=True)
            _check_unmoved(before, again)
            if operation.governs and self._order.mode is Mode.LIVE:
                self._check_still_holds(transaction.surveys)
                self._gatekeeper.use(phase.id, transaction)
            outcome = operation.act(self._execution.write_context(transaction), params)
            self._execution.note_acted(phase, outcome)
            self._ask_all(phase.id, transaction.surveys, phase.ensure, inside=True)
            if phase.idempotency is not None:
                transaction.mark(self._execution.marker(phase, outcome))
            self._execution.publish(phase.id, transaction)

    def _check_still_holds(self, session: SurveySession) -> None:
        """Where an approval waits for this write, what was done outside since its gate still counts: the backup."""
        gates = {gate.phase for gate in self._journal.state.unused}
        since = itertools.dropwhile(lambda state: state.id not in gates, self._journal.state.phases)
        done = {state.id for state in since if not state.skipped}
        for phase in self._order.pipeline.phases:
            if isinstance(phase, OperationPhase) and phase.id in done:
                operation = self._execution.operation(phase)
                if isinstance(operation, ExternalOperation) and operation.still_holds is not None:
                    context = self._execution.external_context(phase.id, session)
                    params = self._execution.params(phase, operation)
                    operation.still_holds(context, params, self._execution.outcome(phase, operation))

    def _reach_out(
        self, phase: OperationPhase, operation: ExternalOperation[Any, Any], params: Any, before: Sequence[Answer]
    ) -> None:
        since = len(self._journal.records)
        if self._order.mode is Mode.DRYRUN:
            if operation.intend is not None:
                with self._execution.transaction(phase.id, since) as transaction:
                    operation.intend(self._execution.write_context(transaction), params)
                since = len(self._journal.records)
            with self._ports.transactor.survey() as session:
                rehearsed = operation.rehearse(self._execution.external_context(phase.id, session), params)
            for stop in rehearsed.would_stop:
                self._journal.note(phase.id, _would_stop(stop))
            outcome = rehearsed.outcome
        else:
            outcome = self._settle_or_act(phase, operation, params, before)
            since = len(self._journal.records)  # what was intended stays: the next pass has to settle it
        self._execution.note_acted(phase, outcome)
        marker = self._execution.marker(phase, outcome) if phase.idempotency is not None else None
        self._execution.close(phase.id, since, marker)

    def _settle_or_act(
        self, phase: OperationPhase, operation: ExternalOperation[Any, Any], params: Any, before: Sequence[Answer]
    ) -> Any:
        known = self._execution.known(phase.id)
        if known is not None and known.step is Step.INTENDED:
            with self._ports.transactor.survey() as session:
                context = self._execution.external_context(phase.id, session)
                settled = operation.settle(context, params)
                if settled is NotHappened.UNKNOWN and operation.presume and self._is_decided(phase.id, _UNKNOWN):
                    settled = Happened(operation.presume(context, params))
            if isinstance(settled, Happened):
                return settled.outcome
            if settled is NotHappened.UNKNOWN:
                raise Stop(_UNKNOWN, where=phase.id)
            if operation.governs:
                with self._ports.transactor.survey() as session:
                    self._gatekeeper.check_in_time(session)
        else:
            self._intend(phase, operation, params, before)
        return self._act_outside(phase, operation, params)

    def _act_outside(self, phase: OperationPhase, operation: ExternalOperation[Any, Any], params: Any) -> Any:
        """Let the effect happen. What is governed records how far it comes, on the first connection."""
        transactor, outcome = self._ports.transactor, None
        try:
            with transactor.verify() if operation.governs else transactor.survey() as session:
                outcome = operation.act(self._execution.external_context(phase.id, session), params)
        except Stop:
            if outcome is None:
                raise
            # It happened: that the session which was only read from did not end well changes nothing of that.
        return outcome

    def _intend(
        self, phase: OperationPhase, operation: ExternalOperation[Any, Any], params: Any, before: Sequence[Answer]
    ) -> None:
        """Commit that the effect is about to happen; what is governed uses its approval here."""
        with self._execution.transaction(phase.id, len(self._journal.records)) as transaction:
            if operation.governs:
                _check_unmoved(before, self._ask_all(phase.id, transaction.surveys, phase.preflight, inside=True))
                self._check_still_holds(transaction.surveys)
                self._gatekeeper.use(phase.id, transaction)
            self._journal.note(phase.id, Intended(operation=phase.uses, params_sha256=canon.digest(params)))
            if operation.intend is not None:
                operation.intend(self._execution.write_context(transaction), params)

    def _is_decided(self, phase: str, code: StopCode, detail: str | None = None) -> bool:
        """Whether people decided, since a phase stopped so, that the run goes on."""
        events = [(r.phase, r.event) for r in self._journal.records if isinstance(r.event, (Stopped, GateOpened))]
        stopped = [
            n
            for n, (at, event) in enumerate(events)
            if at == phase and isinstance(event, Stopped) and event.code == code.name and detail in (None, event.detail)
        ]
        since = [event for _, event in events[stopped[-1] :]] if stopped else []
        return any(isinstance(event, GateOpened) and event.gate == ESCALATION for event in since)

    def prove(self, phase: OperationPhase) -> None:
        """Let a fresh read-only session find what a phase claims.

        What reached people cannot be undone: where they have decided that it stands as it is, it does.

        Raises:
            Stop: STOP_VERIFY_FAILED, STOP_BACKUP_REFUSED.
        """
        operation = self._execution.operation(phase)
        params = self._execution.params(phase, operation)
        outcome = self._execution.outcome(phase, operation)
        with self._ports.transactor.verify() as session:
            verdict: Verdict
            if isinstance(operation, ExternalOperation):
                verdict = operation.verify(self._execution.external_context(phase.id, session), params, outcome)
            else:
                verdict = operation.verify(self._execution.read_context(session), params, outcome)
        if isinstance(verdict, Broken):
            if not _is_final(operation) or not self._is_decided(phase.id, _BROKEN, verdict.detail):
                raise Stop(_BROKEN, verdict.detail, found=verdict.found, needed=verdict.needed, where=phase.id)
            verdict = Held({"decided": verdict.detail})
        self._journal.note(phase.id, Verified(facts=verdict.facts))

    def _ask(self, phase: str, questions: Sequence[Question]) -> Sequence[Answer]:
        if not questions:
            return ()
        with self._ports.transactor.survey() as session:
            return self._ask_all(phase, session, questions, inside=False)

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


def _is_final(operation: Operation) -> bool:
    return not isinstance(operation, ReadOperation) and operation.undo is Undo.NEVER


def _check_starter(started_by: Starter, phase: OperationPhase) -> None:
    """Refuse an operation with an effect in a run that was started so.

    Lint refuses such a pipeline before, and the database its write after this.
    """
    if (started_by is Starter.POLICY) != (phase.uses in WRITES):
        raise Stop(StopCode.STOP_POLICY_DENIED, detail="operation", found=phase.uses, where=phase.id)


def _check_unmoved(before: Sequence[Answer], again: Sequence[Answer]) -> None:
    for first, second in zip(before, again, strict=True):
        if first.sha256 != second.sha256:
            raise Stop(StopCode.STOP_DRIFT, detail=f"moved:{first.survey}")


def _would_stop(stop: Stop) -> WouldStop:
    return WouldStop(
        code=stop.code.name, detail=stop.detail, exit=int(stop.code.exit), found=stop.found, where=stop.where
    )

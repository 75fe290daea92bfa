"""The questions that policies have put to people: which there are, how each stands, and which options it has.

Rules kept here: how a question stands comes from the ledger, the signatures as they are judged now, and the time; one
whose time is over has lapsed, recorded or not; nothing is written here, and an answer is a signature like any other.

Source: issue 7, rule 4; policies.md §3.9, §3.12.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cutter import canon
from cutter.app.comm import build_policies
from cutter.app.compose import opened, reach_database
from cutter.app.gates import judge_waiting
from cutter.app.resumption import find_run, read_start
from cutter.app.system import SystemClock
from cutter.approval.checks import Judgement, Refused
from cutter.approval.identification import timestamp
from cutter.approval.reading import APPROVAL, read_request
from cutter.contracts import RecordedRun, StoredRequest, StoredSignature
from cutter.events import Record
from cutter.model import Mode, Starter
from cutter.operations import CATALOGUE
from cutter.pipeline import Refused as NotBuilt
from cutter.pipeline import rebuild
from cutter.policies.decision import PROCEED, Decision
from cutter.policies.replay import Replayed, replay
from cutter.postgres.approvals import PostgresApprovals
from cutter.postgres.transact import Committing
from cutter.report.decisions.questions import (
    decision_gates,
    decision_of,
    fold_questions,
    is_due,
    judged,
    lapsed_unused,
)
from cutter.report.decisions.results import (
    OPEN,
    DecisionList,
    DecisionShown,
    GivenAnswer,
    Question,
    QuestionState,
    ReplayTold,
)
from cutter.report.next_steps import SHORT_ID, command, decide, resume_step, trigger_file
from cutter.report.result import NextStep
from cutter.run import RunState, fold_kept
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

YES = (PROCEED, "sent")
"""The options that are signed as a yes; every other one is a no."""


def list_decisions(settings: Settings, *, due: bool) -> DecisionList:
    """Every question, newest first; or only the open ones that lapse soon, the soonest first."""
    now = timestamp(SystemClock().now())
    with opened(settings, reach_database(settings), Mode.LIVE, "decisions") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        desk = _Desk(settings, transactor, now)
        runs = [row for row in transactor.runs() if row.started_by == Starter.POLICY.value]
        found = [question for row in runs for question in reversed(desk.questions(row.run_id))]
    if due:
        found = sorted((question for question in found if is_due(question, now)), key=lambda item: item.decide_by)
    return DecisionList(due=due, decisions=tuple(found))


def show_decision(settings: Settings, prefix: str) -> DecisionShown:
    """What was decided in a run, what people were asked about it and answered, and whether it can be replayed.

    Raises:
        Stop: STOP_RUN_NOT_FOUND; STOP_APPROVAL_NOT_FOUND, detail `no_decision`: the run came to no decision.
    """
    with opened(settings, reach_database(settings), Mode.LIVE, "decision") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        run = find_run(transactor, prefix)
        desk = _Desk(settings, transactor, timestamp(SystemClock().now()))
        decision = decision_of(desk.state(run.run_id))
        if decision is None:
            raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="no_decision", where=run.run_id)
        questions = desk.questions(run.run_id)
        answers = tuple(answer for question in questions for answer in desk.answers(question))
        resumed_by = desk.last_request(run.run_id)
    return DecisionShown(
        run_id=run.run_id,
        decision=decision,
        sha256=canon.sha256(decision.body),
        questions=questions,
        answers=answers,
        replay=_replayed(settings, decision),
        next=_next_steps(run, questions, resumed_by),
    )


def find_question(settings: Settings, prefix: str) -> Question:
    """The question that a run waits for.

    Raises:
        Stop: STOP_RUN_NOT_FOUND; STOP_APPROVAL_NOT_FOUND, detail `not_waiting` (it asks nothing), `not_asked` (it asks
            when it is resumed by the request that is `needed`) or `signed_gate` (people are to sign it, nothing is to
            be decided); STOP_DECISION_LAPSED.
    """
    with opened(settings, reach_database(settings), Mode.LIVE, "decide") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        run_id = find_run(transactor, prefix).run_id
        desk = _Desk(settings, transactor, timestamp(SystemClock().now()))
        waiting_at, questions = desk.state(run_id).waiting_at, desk.questions(run_id)
        resumed_by = desk.last_request(run_id)
    if any(item.state is QuestionState.NOT_ASKED for item in questions):
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="not_asked", needed=resumed_by, where=run_id)
    question = next((item for item in questions if item.gate == waiting_at), None)
    if question is None:
        detail = "signed_gate" if waiting_at else "not_waiting"
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail=detail, where=run_id)
    if question.state is QuestionState.LAPSED:
        raise Stop(StopCode.STOP_DECISION_LAPSED, detail="approve_by", needed=question.decide_by, where=run_id)
    return question


def check_option(question: Question, option: str) -> None:
    """Raises STOP_INVALID_INPUT, detail `option`, with those that the question has."""
    if option not in question.options:
        needed = "|".join(question.options)
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="option", where="--option", needed=needed)


def kept_trigger(settings: Settings, question: Question) -> str:
    """Where the workspace has the trigger's text, from the workspace on; empty where it does not."""
    path = trigger_file(question.trigger)
    return path if question.trigger and (settings.workspace / path).is_file() else ""


@dataclass(slots=True)
class _Desk:
    """Looks at runs on one open connection, at one moment; what a pipeline says of gates is built once a command."""

    settings: Settings
    transactor: Committing
    now: str
    gates: dict[str, frozenset[str]] = field(default_factory=dict)

    def state(self, run_id: str) -> RunState:
        return fold_kept(self.transactor.history(run_id))

    def questions(self, run_id: str) -> tuple[Question, ...]:
        """The questions of a run as they stand now."""
        records = self.transactor.history(run_id)
        found = fold_questions(records, self._gates_of(run_id)) if records else ()
        return tuple(self._standing(question, records) for question in found)

    def last_request(self, run_id: str) -> str:
        """The request by which a run is resumed: the last one that it asked; empty where it asked none."""
        return next((asked.approval_kb_id for asked in reversed(self.state(run_id).asked)), "")

    def answers(self, question: Question) -> tuple[GivenAnswer, ...]:
        stored = self._request(question)
        given = self._signatures(stored) if stored is not None else ()
        return tuple(
            GivenAnswer(item.person, "yes" if item.kind == APPROVAL else "no", timestamp(item.signed_at))
            for item in given
        )

    def _standing(self, question: Question, records: Sequence[Record]) -> Question:
        if question.state in OPEN:
            return judged(question, self._judgement(question), self.now)
        gates = fold_kept(records).gates
        unused = any(gate.gate == question.gate and not gate.opened for gate in gates)
        stored = self._request(question) if unused else None
        if stored is None:
            return question
        return lapsed_unused(question, read_request(stored.body, stored.sha256).execute_by, self.now)

    def _judgement(self, question: Question) -> Judgement | None:
        """What the signatures come to; None where nobody has signed, for then only the time can say anything."""
        stored = self._request(question)
        if stored is None or not self._signatures(stored):
            return None
        try:
            return judge_waiting(self.settings, self.transactor, question.run_id).judgement
        except Stop as stop:
            return None if stop.detail == "not_waiting" else Refused(stop, ())

    def _request(self, question: Question) -> StoredRequest | None:
        if not question.approval_kb_id:
            return None
        with self.transactor.survey() as session:
            return PostgresApprovals().request(session, question.approval_kb_id)

    def _signatures(self, stored: StoredRequest) -> Sequence[StoredSignature]:
        with self.transactor.survey() as session:
            return PostgresApprovals().signatures(session, stored.sha256)

    def _gates_of(self, run_id: str) -> frozenset[str]:
        """The gates at which the run's own pipeline lets people decide; none where this cutter cannot build it."""
        start = read_start(self.transactor, run_id)
        if start is None:
            return frozenset()
        source = start.pipeline
        if source not in self.gates:
            pipeline = rebuild(source.encode(), CATALOGUE)
            self.gates[source] = frozenset() if isinstance(pipeline, NotBuilt) else decision_gates(pipeline)
        return self.gates[source]


def _replayed(settings: Settings, decision: Decision) -> ReplayTold:
    """Deciding once more with what the workspace selects now; where that cannot be read, nothing is known."""
    try:
        selection = build_policies(settings).select()
    except Stop as stop:
        return ReplayTold(Replayed.NOT_REPLAYABLE.value, (f"selection {stop.code.name}",), ())
    found = replay(decision, selection)
    return ReplayTold(found.outcome.value, found.missing, found.changed)


def _next_steps(run: RecordedRun, questions: Sequence[Question], resumed_by: str) -> tuple[NextStep, ...]:
    short = run.run_id[:SHORT_ID]
    shown = NextStep("run", command("runs", "show", short))
    if any(question.state is QuestionState.NOT_ASKED for question in questions):
        return (resume_step(resumed_by), shown)
    waiting = [question for question in questions if question.state in OPEN and question.approval_kb_id]
    options = waiting[-1].options if waiting else ()
    return (*(NextStep(option, decide(short, option)) for option in options), shown)

"""Which run goes on: the one of the same live line, or the one whose request was named.

Rules kept here: a run goes on with the pipeline and the inputs that it was started with, from any host; where the
workspace has another pipeline of that name by now, the run stops and says in what they differ.

Source: DESIGN §4, §5; approvals-and-evidence §3 (What happens when).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from cutter import canon
from cutter.app.pipelines import load_pipeline
from cutter.app.system import describe_environment
from cutter.approval.request import ESCALATION, KB_ID
from cutter.contracts import RecordedRun
from cutter.custody.sidecar import PREFIX
from cutter.events import GateWaiting, Intended, Record, Spawned, Stopped
from cutter.evidence import Start, start_id
from cutter.model import Inputs, InputValue, Mode, Pipeline
from cutter.operations import CATALOGUE
from cutter.order import Order
from cutter.pipeline import Refused, rebuild
from cutter.pipeline.difference import differences
from cutter.postgres.transact import Committing, Rehearsing
from cutter.run import Lifecycle, RunState, fold_kept
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

_MOST_DIFFERENCES = 20
_MOST_ATTEMPTS = 99
TRIGGER = "trigger"  # the input that holds the text of what a policy's run was started by
ATTEMPT = "attempt"  # the input that counts how often its message was asked for


@dataclass(frozen=True, slots=True)
class Resumable:
    """A run that can go on, as it was started."""

    run_id: str
    pipeline: Pipeline
    inputs: Inputs
    start: Start
    state: RunState

    def order(self, settings: Settings, server: str) -> Order:
        """The order by which the engine goes on with it."""
        spawned = self.state.spawned
        assert spawned is not None  # noqa: S101  a run that has a start was spawned
        return Order(
            run_id=self.run_id,
            pipeline=self.pipeline,
            inputs=self.inputs,
            mode=Mode.LIVE,
            actor=settings.actor,
            lock_key=spawned.lock_key,
            story=self.start.story,
            environment=describe_environment(server),
        )


def find_repeated(
    transactor: Committing | Rehearsing, pipeline: Pipeline, inputs: Inputs, lock_key: str, approval_kb_id: str
) -> str:
    """The run that the same live line has started and that has not ended; empty when there is none.

    One that stopped before it asked anybody anything is not gone on with.

    Raises:
        Stop: STOP_PLAN_CHANGED, detail `pipeline`, when it was started with another pipeline of the same name;
            STOP_APPROVAL_MISMATCH, detail `wrong_run`, when the approval is another run's.
    """
    assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
    named = run_of(approval_kb_id) if approval_kb_id else ""
    for row in transactor.find_open_runs(pipeline.id, lock_key):
        if row.voided or (named and row.run_id != named):
            continue
        start = read_start(transactor, row.run_id)
        if start is None or start.inputs != inputs or _asked_nobody(transactor, row):
            continue
        _check_pipeline(start, pipeline)
        return row.run_id
    if named:
        raise Stop(StopCode.STOP_APPROVAL_MISMATCH, detail="wrong_run", found=named, check=10)
    return ""


@dataclass(frozen=True, slots=True)
class Prior:
    """What a trigger comes to: the run that it has started, or, without an id, the inputs of the one that it starts."""

    run_id: str
    inputs: Inputs


def find_prior(transactor: Committing, pipeline: Pipeline, inputs: Inputs, lock_key: str) -> Prior:
    """The run that the same trigger has started, whether it has ended or not; of several attempts, the last.

    A trigger may be delivered again at any time: what it led to is told, never done a second time. One that the
    policies denied before an approval was used had no effect, and is decided anew; so is one whose run a person has
    aborted, under an attempt of its own where that run was about to send. An attempt behind the first stands on such a
    run, or on one that people declined to count as sent.

    Raises:
        Stop: STOP_KEY_CONFLICT, when the id was another trigger's; STOP_RESEND_REFUSED; `where` is the run;
            STOP_PLAN_CHANGED, detail `pipeline`.
    """
    before, spent = "", 0
    for row, start in _runs_of(transactor, pipeline, inputs.get(TRIGGER), lock_key):
        records = transactor.history(row.run_id)
        if _left_nothing(row, records):
            spent = max(spent, attempt_of(start.inputs) if was_intended(records) else 0)
        elif attempt_of(start.inputs) >= attempt_of(inputs):
            if row.last_event not in ("completed", "declined"):
                _check_pipeline(start, pipeline)
            return Prior(row.run_id, start.inputs)
        else:
            before = before or row.run_id
    if before and not can_be_sent_again(transactor.history(before)):
        raise Stop(StopCode.STOP_RESEND_REFUSED, where=before)
    return Prior("", _with_attempt(inputs, max(attempt_of(inputs), spent + 1)))


def attempt_to_resend(transactor: Committing, pipeline: Pipeline, text: str | None, lock_key: str) -> int:
    """Which attempt sends again what people declined to count as sent.

    It is the first one while people are still asked: what they have answered is done before.

    Args:
        transactor: an open connection.
        pipeline: what the trigger starts.
        text: the trigger's canonical text.
        lock_key: its id.

    Raises:
        Stop: STOP_KEY_CONFLICT, when the id was another trigger's; STOP_RESEND_REFUSED: there is nothing to send again.
            `where` is the run.
    """
    newest = ""
    for row, start in _runs_of(transactor, pipeline, text, lock_key):
        records = transactor.history(row.run_id)
        if can_be_sent_again(records):
            return min(attempt_of(start.inputs) + 1, _MOST_ATTEMPTS)
        if is_asked_whether_sent(records):
            return attempt_of(start.inputs)
        newest = newest or row.run_id
    raise Stop(StopCode.STOP_RESEND_REFUSED, where=newest)


def _runs_of(
    transactor: Committing, pipeline: Pipeline, text: str | None, lock_key: str
) -> Iterator[tuple[RecordedRun, Start]]:
    """The live runs of a trigger, newest first. Raises STOP_KEY_CONFLICT at one whose trigger says something else."""
    for row in transactor.find_live_runs(pipeline.id, lock_key):
        start = read_start(transactor, row.run_id)
        if start is None:
            continue
        if start.inputs.get(TRIGGER) != text:
            raise Stop(StopCode.STOP_KEY_CONFLICT, where=row.run_id)
        yield row, start


def attempt_of(inputs: Inputs) -> int:
    """Which attempt of its trigger a run is."""
    return int(inputs.get(ATTEMPT) or 1)


def _with_attempt(inputs: Inputs, attempt: int) -> Inputs:
    said = str(min(attempt, _MOST_ATTEMPTS))
    return Inputs(tuple(InputValue(v.name, said if v.name == ATTEMPT else v.value) for v in inputs.values))


def can_be_sent_again(records: Sequence[Record]) -> bool:
    """Whether nobody knew if a run's message was sent, and people said that it does not count as sent."""
    unknown = any(isinstance(r.event, Stopped) and r.event.code == StopCode.STOP_EFFECT_UNKNOWN.name for r in records)
    stopped = fold_kept(records).stopped
    return unknown and stopped is not None and stopped.code == StopCode.STOP_DECISION_REFUSED.name


def is_asked_whether_sent(records: Sequence[Record]) -> bool:
    """Whether a run of a policy waits for people to say what a failure counts as; whatever they say sends nothing."""
    return fold_kept(records).waiting_at == ESCALATION


def was_intended(records: Sequence[Record]) -> bool:
    """Whether an effect outside was begun."""
    return any(isinstance(record.event, Intended) for record in records)


def _left_nothing(row: RecordedRun, records: Sequence[Record]) -> bool:
    """Whether a policy's run can be left as it is: its trigger is decided anew.

    It was aborted, asked nobody, or was denied while no approval had been used. What people signed in it counts for
    no other run.
    """
    if row.last_event == "aborted":
        return True
    if row.last_event not in ("stopped", "declined"):
        return False
    state = fold_kept(records)
    denied = state.stopped is not None and state.stopped.code == StopCode.STOP_POLICY_DENIED.name
    return not state.asked or (denied and not any(gate.opened for gate in state.gates))


def _asked_nobody(transactor: Committing, row: RecordedRun) -> bool:
    """Whether a run stopped before it asked anybody anything: nothing of it needs to be gone on with.

    What it has recorded may never hold again; the same line begins a new run, planned from what holds now.
    """
    if row.last_event not in ("stopped", "declined"):
        return False
    return not any(isinstance(record.event, GateWaiting) for record in transactor.history(row.run_id))


def find_named(settings: Settings, transactor: Committing | Rehearsing, approval_kb_id: str) -> Resumable:
    """The run that a request belongs to.

    Raises:
        Stop: STOP_APPROVAL_NOT_FOUND; STOP_PLAN_CHANGED, also with detail `aborted` or `voided`: an end that is no
            success must not look like one; STOP_LEDGER_BROKEN.
    """
    assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
    run_id = run_of(approval_kb_id)
    if transactor.document(approval_kb_id) is None:
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="no_request", check=1)
    found = read_resumable(settings, transactor, run_id)
    voided = transactor.voided_by(run_id)
    if found.state.aborted or voided:
        detail = "voided" if voided else "aborted"
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail=detail, where=run_id, found=voided)
    return found


def run_of(approval_kb_id: str) -> str:
    """The run that a request's id names. Raises STOP_APPROVAL_NOT_FOUND, detail `kb_id`, before anything is asked."""
    if not KB_ID.fullmatch(approval_kb_id):
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="kb_id", needed="approvals/RUN/GATE/DIGEST", check=1)
    return approval_kb_id.split("/")[1]


def read_start(transactor: Committing, run_id: str) -> Start | None:
    """What a run was started with, as the knowledge base keeps it; None when it is not there or not readable."""
    document = transactor.document(start_id(run_id))
    try:
        return msgspec.json.decode(document.body, type=Start) if document is not None else None
    except msgspec.MsgspecError:
        return None


def find_run(transactor: Committing, prefix: str) -> RecordedRun:
    """The run of the database whose id begins with `prefix`.

    Raises:
        Stop: STOP_RUN_NOT_FOUND, detail `ambiguous` with the ids when there are several.
    """
    found = transactor.find_runs(prefix) if PREFIX.fullmatch(prefix) else ()
    if len(found) == 1:
        return found[0]
    ids = tuple(row.run_id for row in found[:5])
    raise Stop(StopCode.STOP_RUN_NOT_FOUND, detail="ambiguous" if found else "", suggestions=ids)


def read_resumable(settings: Settings, transactor: Committing, run_id: str) -> Resumable:
    """A run as it was started, its start compared with what the ledger says of it. Raises as `find_named`."""
    state = fold_kept(transactor.history(run_id))
    start = read_start(transactor, run_id)
    if start is None or state.spawned is None or not _is_of(start, state.spawned, run_id):
        raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="start", where=start_id(run_id))
    pipeline = rebuild(start.pipeline.encode(), CATALOGUE)
    if isinstance(pipeline, Refused):
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="operation_gone", where=start.story.pipeline)
    if state.lifecycle is not Lifecycle.TERMINATED:
        _check_workspace(settings, start)
    return Resumable(run_id, pipeline, start.inputs, start, state)


def _is_of(start: Start, spawned: Spawned, run_id: str) -> bool:
    """Whether the document is the one that the run was spawned with: the knowledge base is not believed."""
    said = (start.run_id, canon.digest(start.inputs), canon.sha256(start.pipeline.encode()))
    return said == (run_id, spawned.inputs_sha256, spawned.pipeline_sha256)


def _check_workspace(settings: Settings, start: Start) -> None:
    """A workspace that has this pipeline has it as the run was started; one without it goes on with the run's own."""
    try:
        pipeline = load_pipeline(settings, start.story.pipeline)
    except Stop as stop:
        if stop.code is StopCode.STOP_PIPELINE_UNKNOWN:
            return
        raise
    _check_pipeline(start, pipeline)


def _check_pipeline(start: Start, pipeline: Pipeline) -> None:
    if canon.sha256(start.pipeline.encode()) == pipeline.sha256:
        return
    changes = differences(start.pipeline.encode(), pipeline.source)
    told = tuple(str(change) for change in changes[:_MOST_DIFFERENCES])
    raise Stop(StopCode.STOP_PLAN_CHANGED, detail="pipeline", where=start.run_id, suggestions=told)

"""Running a pipeline: from what the caller gave to one `Result`.

Rules kept here: a refusal at any point is a `Result` too; the run's files are written from its events; nothing that the
caller gave reaches a file unless the pipeline declared it; the same live line again goes on with the run that it
started, as long as that run has not ended; what fails once a live run stands as it stands (a file, a checkpoint), and
Ctrl-C, is told beside the run, never instead of it.

Source: DESIGN §1.1, §7; approvals-and-evidence §3 (What happens when).
"""

import dataclasses
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import msgspec

from cutter.app.checkpoints import tell_proof
from cutter.app.compose import Reached, build_ports, opened, reach_database
from cutter.app.ending import tell_voided
from cutter.app.gates import tell_waiting
from cutter.app.recovery import check_not_set_back
from cutter.app.resumption import (
    Resumable,
    find_named,
    find_prior,
    find_repeated,
    is_asked_whether_sent,
    run_of,
    was_intended,
)
from cutter.app.runfiles import hear, keep_result, keep_run, keep_start
from cutter.app.system import RandomIds, SystemClock, describe_environment
from cutter.contracts import Notify, RunRow
from cutter.engine import execute
from cutter.events import Record
from cutter.evidence import Story
from cutter.model import Inputs, InputValue, Mode, Pipeline, Starter
from cutter.order import Order, Ports
from cutter.pipeline import parse_inputs
from cutter.pipeline.references import resolve
from cutter.postgres.transact import Committing, Rehearsing
from cutter.report.afterwards import late_result, taken_result
from cutter.report.fold import fold_result, interrupted_result, refused_result
from cutter.report.next_steps import command, run_line, trigger_file
from cutter.report.result import Result, RunEffect
from cutter.run import Lifecycle, fold_kept
from cutter.settings import Settings
from cutter.stops import Stop, StopCode, Terminated

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for, checked."""

    run_id: str
    pipeline: Pipeline
    inputs: Inputs
    mode: Mode
    actor: str
    approval_kb_id: str = ""

    def order(self, settings: Settings, server: str) -> Order:
        """The order for the engine."""
        return Order(
            run_id=self.run_id,
            pipeline=self.pipeline,
            inputs=self.inputs,
            mode=self.mode,
            actor=self.actor,
            lock_key=lock_key_of(self.pipeline, self.inputs),
            story=tell_story(self.pipeline, self.inputs, self.mode),
            environment=describe_environment(server, signatures=settings.trust is not None),
            approval_kb_id=self.approval_kb_id,
        )


def orchestrate(
    settings: Settings,
    pipeline: Pipeline,
    asked_as: str,
    given: Mapping[str, str | None],
    mode: Mode,
    actor: str,
    notify: Notify,
    approval_kb_id: str = "",
) -> Result:
    """Run a pipeline; live, go on with the run of the same line if there is one that has not ended.

    Args:
        settings: the workspace.
        pipeline: what to run, loaded and checked.
        asked_as: the id or file by which it was asked for, for the commands that help.
        given: the inputs by name, as the caller wrote them; None where an input was not given.
        mode: rehearse or write.
        actor: a label of who acts.
        notify: hears of every event.
        approval_kb_id: the request that was signed; only of a run of this very line.

    Returns:
        what happened, refusals included.
    """

    def run() -> Result:
        inputs = parse_inputs(pipeline, given)
        if mode is Mode.LIVE:
            _check_live(settings)
        reached = reach_database(settings)
        asked = _Asked(RandomIds().run_id(), pipeline, inputs, mode, actor, approval_kb_id)
        return (_begin_or_go_on if mode is Mode.LIVE else _rehearse)(settings, reached, asked, notify)

    line = run_line(pipeline, Inputs(tuple(InputValue(name, value) for name, value in given.items())), mode)
    return _timed(settings, run, asked_as, mode, given.get("document_id"), line)


def resume(settings: Settings, approval_kb_id: str, actor: str, notify: Notify) -> Result:
    """Go on with the run of a request that was signed.

    Args:
        settings: the workspace.
        approval_kb_id: the request, as the waiting run's screen shows it.
        actor: a label of who acts.
        notify: hears of every event.
    """

    def run() -> Result:
        _check_live(settings)
        run_id = run_of(approval_kb_id)
        reached = reach_database(settings)
        with opened(settings, reached, Mode.LIVE, run_id) as look:
            found: Resumable = _find_named(settings, look, approval_kb_id)
            check_not_set_back(settings, look, found.pipeline)
        asked = _Asked(found.run_id, found.pipeline, found.inputs, Mode.LIVE, actor, approval_kb_id)
        return _perform(settings, reached, asked, notify)

    line = command("orchestrate", "resume", "--approval-kb-id", approval_kb_id)
    return _timed(settings, run, "", Mode.LIVE, None, line)


def tell_story(pipeline: Pipeline, inputs: Inputs, mode: Mode) -> Story:
    """The request in words, and as a command line.

    A phrase of the pipeline is the request when every input that it names has a value.
    """
    values = {item.name: item.value for item in inputs.values if item.value is not None}
    said = next((phrase for phrase in pipeline.phrases if _names(phrase) <= values.keys()), pipeline.id)
    return Story(
        pipeline=pipeline.id,
        pipeline_sha256=pipeline.sha256,
        request=said.format(**values),
        invocation=_invocation(pipeline, values, mode),
    )


def _invocation(pipeline: Pipeline, values: Mapping[str, str], mode: Mode) -> str:
    if pipeline.started_by is Starter.POLICY:
        return f"cutter trigger {trigger_file(values.get('trigger_id', ''))} --mode {mode.value}"
    options = "".join(f" --{name.replace('_', '-')} {shlex.quote(value)}" for name, value in values.items())
    return f"cutter orchestrate {pipeline.id}{options} --mode {mode.value}"


def lock_key_of(pipeline: Pipeline, inputs: Inputs) -> str:
    """What runs of a tenant exclude each other by."""
    return "/".join(str(resolve(part, inputs, {})) for part in pipeline.lock)


def _check_live(settings: Settings) -> None:
    """Refuse a live run before it connects, where none is allowed or no signature could ever be believed."""
    if settings.live_refused:
        raise Stop(StopCode.STOP_LIVE_REFUSED, detail="ci", needed="ci: {live: allowed}", where="CI")
    if settings.trust is None:
        raise Stop(StopCode.STOP_LIVE_REFUSED, detail="no_trust", needed="trust: {roots: [...]}", where="cutter.yaml")


def _timed(
    settings: Settings,
    run: Callable[[], Result],
    asked_as: str,
    mode: Mode,
    document_id: str | None,
    line: str,
) -> Result:
    """The result with the time that it took; kept beside the run's other files."""
    clock = SystemClock()
    began = clock.monotonic()
    try:
        result = run()
    except Stop as stop:
        result = refused_result(stop, pipeline=asked_as, mode=mode, document_id=document_id, line=line)
    timed = msgspec.structs.replace(result, duration_ms=round((clock.monotonic() - began) * 1000))
    if timed.run_id and timed.sidecar_dir:
        kept = _Afterwards(mode)
        kept.attempt(partial(keep_result, settings, timed))
        return kept.told(timed)
    return timed


def _begin_or_go_on(settings: Settings, reached: Reached, asked: _Asked, notify: Notify) -> Result:
    """Go on with the run of the same live line, or begin one.

    It is looked for under the lock: of two who give the line at once, the second finds what the first has begun.
    """
    with opened(settings, reached, Mode.LIVE, asked.run_id) as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        pipeline, key = asked.pipeline, lock_key_of(asked.pipeline, asked.inputs)
        transactor.lock(RunRow(asked.run_id, pipeline.id, pipeline.sha256, Mode.LIVE, key))
        check_not_set_back(settings, transactor, pipeline)
        if pipeline.started_by is Starter.POLICY:
            prior = find_prior(transactor, pipeline, asked.inputs, key)
            known, asked = prior.run_id, dataclasses.replace(asked, inputs=prior.inputs)
        else:
            known = find_repeated(transactor, pipeline, asked.inputs, key, asked.approval_kb_id)
        if not known:
            return _execute(settings, transactor, reached, asked, notify)
        found = dataclasses.replace(asked, run_id=known)
        if pipeline.started_by is Starter.POLICY and _only_tells(transactor, known):
            return _execute(settings, transactor, reached, found, notify, only_tell=True)
    return _perform(settings, reached, found, notify)


def _only_tells(transactor: Committing, run_id: str) -> bool:
    """Whether a trigger that is delivered again tells how its run stands, and does nothing: its effect was begun.

    Where people are asked what a failure counts as, their answer ends the run, and sends nothing.
    """
    records = transactor.history(run_id)
    return was_intended(records) and not is_asked_whether_sent(records)


def _rehearse(settings: Settings, reached: Reached, asked: _Asked, notify: Notify) -> Result:
    """Rehearse. Of a trigger that was taken before it is said what a live run says: its id is another's, or by which
    run it was taken.
    """
    pipeline = asked.pipeline
    if pipeline.started_by is not Starter.POLICY:
        return _perform(settings, reached, asked, notify)
    with opened(settings, reached, Mode.LIVE, asked.run_id) as look:
        assert isinstance(look, Committing)  # noqa: S101  what LIVE opens
        prior = find_prior(look, pipeline, asked.inputs, lock_key_of(pipeline, asked.inputs))
    result = _perform(settings, reached, dataclasses.replace(asked, inputs=prior.inputs), notify)
    return taken_result(result, prior.run_id) if prior.run_id else result


def _find_named(settings: Settings, look: Committing | Rehearsing, approval_kb_id: str) -> Resumable:
    """The run of a request; where it is not found because the database was set back, that is told."""
    try:
        return find_named(settings, look, approval_kb_id)
    except Stop:
        check_not_set_back(settings, look)
        raise


def _perform(settings: Settings, reached: Reached, asked: _Asked, notify: Notify) -> Result:
    with opened(settings, reached, asked.mode, asked.run_id) as transactor:
        return _execute(settings, transactor, reached, asked, notify)


def _execute(
    settings: Settings,
    transactor: Committing | Rehearsing,
    reached: Reached,
    asked: _Asked,
    notify: Notify,
    *,
    only_tell: bool = False,
) -> Result:
    order = asked.order(settings, transactor.target.server_version)
    before = transactor.history(order.run_id)
    ended_before = fold_kept(before).lifecycle is Lifecycle.TERMINATED
    keep_start(settings, order)
    heard: list[Record] = []
    afterwards = _Afterwards(asked.mode)
    ports = build_ports(settings, transactor, hear(heard, notify), reached.label)
    ports = dataclasses.replace(ports, checkpoint=partial(afterwards.attempt, ports.checkpoint))
    try:
        records = tuple(before) if only_tell else execute(ports, order)
    except Stop as stop:
        records = tuple(transactor.history(order.run_id))
        if len(records) <= len(before):
            raise  # it did nothing: what was refused is the command
        afterwards.failed.append(stop)
    except KeyboardInterrupt as interrupt:
        told = _told_to_end(interrupt)
        if asked.mode is Mode.DRYRUN:
            folder = keep_run(settings, order, heard, transactor.identity) if heard else None
            return interrupted_result(told, order.pipeline, order.inputs, order.run_id, folder, reached.label)
        records = _committed(transactor, order.run_id, interrupt)
        if not records:
            refused = refused_result(told, pipeline=order.pipeline.id, mode=asked.mode, document_id=None)
            return msgspec.structs.replace(refused, effect=RunEffect.NONE)
        afterwards.failed.append(told)
    result = _tell(settings, transactor, ports, order, records, afterwards, reached.label)
    return afterwards.told(msgspec.structs.replace(result, already_done=ended_before))


def _committed(transactor: Committing | Rehearsing, run_id: str, interrupt: KeyboardInterrupt) -> tuple[Record, ...]:
    """What the ledger has of a run that was told to end; when it cannot be asked, nothing is known but that."""
    try:
        return tuple(transactor.history(run_id))
    except Stop:
        raise interrupt from None


def _tell(
    settings: Settings,
    transactor: Committing | Rehearsing,
    ports: Ports,
    order: Order,
    records: Sequence[Record],
    afterwards: "_Afterwards",
    label: str,
) -> Result:
    """The result of a run as its events tell it, its files written from them."""
    folder = afterwards.attempt(partial(keep_run, settings, order, records, transactor.identity))
    proof = None
    if isinstance(transactor, Committing):
        proof = afterwards.attempt(partial(tell_proof, settings, transactor, order.run_id))
        afterwards.attempt(partial(tell_voided, settings, transactor))
    return fold_result(
        records,
        order.pipeline,
        order.inputs,
        target_label=label,
        sidecar_dir=folder,
        duration_ms=0,
        commit_refused=isinstance(transactor, Rehearsing) and transactor.commit_refused,
        waiting=afterwards.attempt(partial(tell_waiting, settings, ports, order, records)),
        proof=proof,
    )


class _Afterwards:
    """What is done once a run stands as it stands: of a live run, what fails then is told beside it.

    A rehearsal whose files cannot be kept has proved nothing: it is refused.
    """

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self.failed: list[Stop] = []

    def attempt(self, do: Callable[[], T]) -> T | None:
        """What it gives; None when it was stopped."""
        try:
            return do()
        except Stop as stop:
            if self._mode is Mode.DRYRUN:
                raise
            self.failed.append(stop)
            return None

    def told(self, result: Result) -> Result:
        """The result, and beside it the first of what failed."""
        return late_result(result, self.failed[0]) if self.failed else result


def _told_to_end(interrupt: KeyboardInterrupt) -> Stop:
    return Stop(StopCode.STOP_TERMINATED if isinstance(interrupt, Terminated) else StopCode.STOP_INTERRUPTED)


def _names(phrase: str) -> set[str]:
    return {part.split("}", 1)[0] for part in phrase.split("{")[1:]}

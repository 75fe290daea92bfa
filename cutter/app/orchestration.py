"""Running a pipeline: from what the caller gave to one `Result`.

Rules kept here: a refusal at any point is a `Result` too; the run's files are written from its events; nothing that the
caller gave reaches a file unless the pipeline declared it; the same live line again goes on with the run that it
started, as long as that run has not ended.

Source: DESIGN §1.1, §7; approvals-and-evidence §3 (What happens when).
"""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from cutter.app.checkpoints import tell_proof
from cutter.app.compose import Reached, build_ports, opened, reach_database
from cutter.app.gates import tell_waiting
from cutter.app.resumption import Resumable, find_named, find_repeated
from cutter.app.runfiles import hear, keep_run, keep_start
from cutter.app.system import RandomIds, SystemClock, describe_environment
from cutter.contracts import Notify
from cutter.custody.sidecar import RESULT, RunFolders
from cutter.engine import execute
from cutter.events import Record
from cutter.evidence import Story
from cutter.execution import Order
from cutter.model import Inputs, Mode, Pipeline
from cutter.pipeline import parse_inputs
from cutter.pipeline.references import resolve
from cutter.postgres.transact import Committing, Rehearsing
from cutter.report.fold import fold_result, interrupted_result, refused_result
from cutter.report.result import Result
from cutter.run import Lifecycle, fold
from cutter.settings import Settings
from cutter.stops import Stop, StopCode, Terminated


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for, checked."""

    run_id: str
    pipeline: Pipeline
    inputs: Inputs
    mode: Mode
    actor: str
    approval_kb_id: str = ""

    def order(self, server: str) -> Order:
        """The order for the engine."""
        return Order(
            run_id=self.run_id,
            pipeline=self.pipeline,
            inputs=self.inputs,
            mode=self.mode,
            actor=self.actor,
            lock_key=lock_key_of(self.pipeline, self.inputs),
            story=tell_story(self.pipeline, self.inputs, self.mode),
            environment=describe_environment(server),
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
        run_id = RandomIds().run_id()
        if mode is Mode.LIVE:
            with opened(settings, reached, mode, run_id) as look:
                known = find_repeated(look, pipeline, inputs, lock_key_of(pipeline, inputs), approval_kb_id)
            run_id = known or run_id
        return _perform(settings, reached, _Asked(run_id, pipeline, inputs, mode, actor, approval_kb_id), notify)

    return _timed(settings, run, asked_as, mode, given.get("document_id"))


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
        reached = reach_database(settings)
        with opened(settings, reached, Mode.LIVE, approval_kb_id[10:18]) as look:
            found: Resumable = find_named(settings, look, approval_kb_id)
        asked = _Asked(found.run_id, found.pipeline, found.inputs, Mode.LIVE, actor, approval_kb_id)
        return _perform(settings, reached, asked, notify)

    return _timed(settings, run, "", Mode.LIVE, None)


def tell_story(pipeline: Pipeline, inputs: Inputs, mode: Mode) -> Story:
    """The request in words, and as a command line.

    A phrase of the pipeline is the request when every input that it names has a value.
    """
    values = {item.name: item.value for item in inputs.values if item.value is not None}
    said = next((phrase for phrase in pipeline.phrases if _names(phrase) <= values.keys()), pipeline.id)
    options = "".join(f" --{name.replace('_', '-')} {shlex.quote(value)}" for name, value in values.items())
    return Story(
        pipeline=pipeline.id,
        pipeline_sha256=pipeline.sha256,
        request=said.format(**values),
        invocation=f"cutter orchestrate {pipeline.id}{options} --mode {mode.value}",
    )


def lock_key_of(pipeline: Pipeline, inputs: Inputs) -> str:
    """What runs of a tenant exclude each other by."""
    return "/".join(str(resolve(part, inputs, {})) for part in pipeline.lock)


def _check_live(settings: Settings) -> None:
    """Refuse a live run before it connects, where none is allowed or no signature could ever be believed."""
    if settings.live_refused:
        raise Stop(StopCode.STOP_LIVE_REFUSED, detail="ci", needed="ci: {live: allowed}", where="CI")
    if settings.trust is None:
        raise Stop(StopCode.STOP_LIVE_REFUSED, detail="no_trust", needed="trust: {roots: [...]}", where="cutter.yaml")


def _timed(settings: Settings, run: Callable[[], Result], asked_as: str, mode: Mode, document_id: str | None) -> Result:
    """The result with the time that it took; kept beside the run's other files."""
    clock = SystemClock()
    began = clock.monotonic()
    try:
        result = run()
    except Stop as stop:
        result = refused_result(stop, pipeline=asked_as, mode=mode, document_id=document_id)
    timed = msgspec.structs.replace(result, duration_ms=round((clock.monotonic() - began) * 1000))
    if timed.run_id and timed.sidecar_dir:
        RunFolders(settings.state).write(timed.run_id, RESULT, msgspec.json.format(msgspec.json.encode(timed)))
    return timed


def _perform(settings: Settings, reached: Reached, asked: _Asked, notify: Notify) -> Result:
    with opened(settings, reached, asked.mode, asked.run_id) as transactor:
        order = asked.order(transactor.target.server_version)
        ended_before = isinstance(transactor, Committing) and _has_ended(transactor, order.run_id)
        keep_start(settings, order)
        heard: list[Record] = []
        ports = build_ports(settings, transactor, hear(heard, notify), reached.label)
        try:
            records = execute(ports, order)
        except KeyboardInterrupt as interrupt:
            if asked.mode is Mode.LIVE:
                raise  # what is committed is in the ledger, and the run is resumed from there
            folder = keep_run(settings, order, heard, transactor.identity) if heard else None
            stop = _told_to_end(interrupt)
            return interrupted_result(stop, order.pipeline.id, order.inputs, order.run_id, folder, reached.label)
        folder = keep_run(settings, order, records, transactor.identity)
        result = fold_result(
            records,
            order.pipeline,
            order.inputs,
            target_label=reached.label,
            sidecar_dir=folder,
            duration_ms=0,
            commit_refused=isinstance(transactor, Rehearsing) and transactor.commit_refused,
            waiting=tell_waiting(settings, ports, order, records),
            proof=tell_proof(settings, transactor, order.run_id) if isinstance(transactor, Committing) else None,
        )
        return msgspec.structs.replace(result, already_done=ended_before)


def _has_ended(transactor: Committing, run_id: str) -> bool:
    return fold(transactor.history(run_id)).lifecycle is Lifecycle.TERMINATED


def _told_to_end(interrupt: KeyboardInterrupt) -> Stop:
    return Stop(StopCode.STOP_TERMINATED if isinstance(interrupt, Terminated) else StopCode.STOP_INTERRUPTED)


def _names(phrase: str) -> set[str]:
    return {part.split("}", 1)[0] for part in phrase.split("{")[1:]}

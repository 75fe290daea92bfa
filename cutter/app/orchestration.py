"""Running a pipeline: from what the caller gave to one `Result`.

Rules kept here: a refusal at any point is a `Result` too; the run's files are written from its events; nothing that the
caller gave reaches a file unless the pipeline declared it.

Source: DESIGN §1.1, §7.
"""

import shlex
from collections.abc import Mapping, Sequence

import msgspec

from cutter import canon, chain
from cutter.app.compose import build_ports, opened, reach_database
from cutter.app.system import RandomIds, SystemClock, describe_environment
from cutter.contracts import Identity, Notify
from cutter.custody.sidecar import EVENTS, INDEX, RESULT, START, RunFolders
from cutter.engine import execute
from cutter.events import Record
from cutter.evidence import Story, file_name, index_of, sidecars, start_document
from cutter.execution import Order
from cutter.model import Inputs, Mode, Pipeline
from cutter.pipeline import parse_inputs
from cutter.pipeline.references import resolve
from cutter.postgres.transact import Rehearsing
from cutter.report.fold import fold_result, interrupted_result, refused_result
from cutter.report.result import Result
from cutter.settings import Settings
from cutter.stops import Stop, StopCode, Terminated


def orchestrate(
    settings: Settings,
    pipeline: Pipeline,
    asked_as: str,
    given: Mapping[str, str | None],
    mode: Mode,
    actor: str,
    notify: Notify,
) -> Result:
    """Run a pipeline.

    Args:
        settings: the workspace.
        pipeline: what to run, loaded and checked.
        asked_as: the id or file by which it was asked for, for the commands that help.
        given: the inputs by name, as the caller wrote them; None where an input was not given.
        mode: rehearse or write.
        actor: a label of who acts.
        notify: hears of every event.

    Returns:
        what happened, refusals included.
    """
    clock = SystemClock()
    began = clock.monotonic()
    try:
        _refuse_live(mode)
        inputs = parse_inputs(pipeline, given)
        result = _run(settings, pipeline, inputs, mode, actor, notify)
    except Stop as stop:
        result = refused_result(stop, pipeline=asked_as, mode=mode, document_id=given.get("document_id"))
    timed = msgspec.structs.replace(result, duration_ms=round((clock.monotonic() - began) * 1000))
    if timed.run_id and timed.sidecar_dir:
        RunFolders(settings.state).write(timed.run_id, RESULT, msgspec.json.format(msgspec.json.encode(timed)))
    return timed


def _refuse_live(mode: Mode) -> None:
    """Signed gates cannot be opened yet, so a live run could never end: it stops before it connects."""
    if mode is Mode.LIVE:
        raise Stop(StopCode.STOP_LIVE_UNAVAILABLE)


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


def _run(settings: Settings, pipeline: Pipeline, inputs: Inputs, mode: Mode, actor: str, notify: Notify) -> Result:
    run_id = RandomIds().run_id()
    reached = reach_database(settings)
    with opened(settings, reached, mode, run_id) as transactor:
        order = Order(
            run_id=run_id,
            pipeline=pipeline,
            inputs=inputs,
            mode=mode,
            actor=actor,
            lock_key=lock_key_of(pipeline, inputs),
            story=tell_story(pipeline, inputs, mode),
            environment=describe_environment(transactor.target.server_version),
        )
        keep_start(settings, order)
        heard: list[Record] = []
        try:
            records = execute(build_ports(settings, transactor, _hear(heard, notify)), order)
        except KeyboardInterrupt as interrupt:
            if mode is Mode.LIVE:
                raise  # what is committed is in the ledger, and the run is resumed from there
            folder = keep_run(settings, order, heard, transactor.identity) if heard else None
            return interrupted_result(_told_to_end(interrupt), pipeline.id, inputs, run_id, folder, reached.label)
        folder = keep_run(settings, order, records, transactor.identity)
        return fold_result(
            records,
            pipeline,
            inputs,
            target_label=reached.label,
            sidecar_dir=folder,
            duration_ms=0,
            commit_refused=isinstance(transactor, Rehearsing) and transactor.commit_refused,
        )


def keep_start(settings: Settings, order: Order) -> None:
    """Write what the run starts from before it does anything, so that one that was killed can still be told."""
    RunFolders(settings.state).write(order.run_id, START, start_document(order.start()).body)


def keep_run(settings: Settings, order: Order, records: Sequence[Record], identity: Identity) -> str:
    """Write the run's events, the sidecars that they make and their index. Returns the folder.

    The engine has written the sidecar of every phase that ended; that of an interrupted one is written here.
    """
    folders = RunFolders(settings.state)
    links = chain.link(records, chain.rehearsal_genesis(order.run_id), identity.tenant, identity.person)
    made = sidecars(order.run_id, order.story, records)
    index = index_of(order.run_id, order.story, made, links[-1].sha256)
    for item in made:
        if folders.read(order.run_id, file_name(item)) is None:
            folders.write(order.run_id, file_name(item), canon.encode(item))
    folders.write(order.run_id, EVENTS, b"".join(link.body + b"\n" for link in links))
    folders.write(order.run_id, INDEX, canon.encode(index))
    return str(folders.folder(order.run_id))


def _hear(heard: list[Record], notify: Notify) -> Notify:
    """Keep the events as they happen; one with an earlier number replaces what was rolled back."""

    def hear(record: Record) -> None:
        del heard[record.number - 1 :]
        heard.append(record)
        notify(record)

    return hear


def _told_to_end(interrupt: KeyboardInterrupt) -> Stop:
    return Stop(StopCode.STOP_TERMINATED if isinstance(interrupt, Terminated) else StopCode.STOP_INTERRUPTED)


def _names(phrase: str) -> set[str]:
    return {part.split("}", 1)[0] for part in phrase.split("{")[1:]}

"""Which commands help after a run or a refusal.

Rules kept here: a command stands as it can be run (ids quoted for a shell, no placeholder) and exists in this cutter: a
test gives each to the command line's own parser.

Source: DESIGN §7 (Next); command-line.md §1 row 1.
"""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cutter.report.result import NextStep
from cutter.stops import Stop, StopCode

SHORT_ID = 8  # hex digits of a run id on screens
SERVICE = "service "  # how the place of a stop names a database that is not the embedded one


@dataclass(frozen=True, slots=True)
class Situation:
    """What a refusal is about, empty where it is not known; `command` are the words below `cutter` that were used."""

    pipeline: str
    document_id: str
    run_id: str
    command: tuple[str, ...]


def after_run(document_id: str | None, run_id: str) -> tuple[NextStep, ...]:
    """What to look at after a run that went well or waits."""
    shown = (NextStep("document", command("documents", "show", document_id)),) if document_id else ()
    return (*shown, _show_run(run_id))


def after_stop(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """What helps after a refusal; then the run's own record, when there is one."""
    steps = _HELP[stop.code](stop, situation) if stop.code in _HELP else ()
    if stop.code in _PLAIN_HELP:
        label, *words = _PLAIN_HELP[stop.code]
        steps = (NextStep(label, command(*words)),)
    own = (_show_run(situation.run_id),) if situation.run_id else ()
    return steps + tuple(step for step in own if step not in steps)


def _show_run(run_id: str) -> NextStep:
    return NextStep("run", command("runs", "show", run_id[:SHORT_ID]))


def command(*words: str) -> str:
    """A command of cutter as a shell takes it."""
    return shlex.join(("cutter", *words))


def _unknown_document(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    listed = NextStep("list", command("documents", "list"))
    if not stop.suggestions:
        return (listed,)
    nearest = stop.suggestions[0]
    if situation.pipeline:
        return (NextStep("rehearse", command("orchestrate", situation.pipeline, nearest)), listed)
    return (NextStep("show", command("documents", "show", nearest)), listed)


def _rehearse(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    if not (situation.pipeline and situation.document_id):
        return (NextStep("pipelines", command("pipelines", "list")),)
    return (NextStep("rehearse", command("orchestrate", situation.pipeline, situation.document_id)),)


def _drafts_too(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    words = ("orchestrate", situation.pipeline, situation.document_id, "--scope", "all")
    return (NextStep("drafts", command(*words)),) if all(words) else ()


def _other_run(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    other = stop.detail.removeprefix("run:")
    if other == stop.detail:
        return (NextStep("runs", command("runs", "list")),)
    return (NextStep("that run", command("runs", "show", other[:SHORT_ID])),)


def _again(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    if not (situation.pipeline and situation.document_id):
        return ()
    return (NextStep("again", command("orchestrate", situation.pipeline, situation.document_id)),)


def _start_database(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    return _for_embedded(stop, NextStep("start", command("db", "start")))


def _migrate_database(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    return _for_embedded(stop, NextStep("migrate", command("db", "migrate")))


def _for_embedded(stop: Stop, step: NextStep) -> tuple[NextStep, ...]:
    """A step that is for the embedded database: for a server of the user's own there is none."""
    return () if stop.where.startswith(SERVICE) else (step,)


def _usage(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    return (NextStep("help", command(*situation.command, "--help")),)


def _lint(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    named = situation.pipeline or stop.where.rsplit(":", 2)[0]
    return (NextStep("mistakes", command("pipelines", "lint", named)),) if named else ()


_HELP: Mapping[StopCode, Callable[[Stop, Situation], tuple[NextStep, ...]]] = {
    StopCode.STOP_REFUSED_INPUT: _usage,
    StopCode.STOP_INVALID_INPUT: _usage,
    StopCode.STOP_LIVE_UNAVAILABLE: _rehearse,
    StopCode.STOP_DOCUMENT_UNKNOWN: _unknown_document,
    StopCode.STOP_NO_VERSION_IN_FORCE: _drafts_too,
    StopCode.STOP_REPLAY_CONFLICT: _other_run,
    StopCode.STOP_PIPELINE_INVALID: _lint,
    StopCode.STOP_INTERRUPTED: _again,
    StopCode.STOP_TERMINATED: _again,
    StopCode.STOP_DATABASE_UNREACHABLE: _start_database,
    StopCode.STOP_UNMIGRATED: _migrate_database,
}

# What helps whatever the refusal was about: a label, and the words of the command.
_PLAIN_HELP: Mapping[StopCode, tuple[str, ...]] = {
    StopCode.STOP_DOCUMENT_CONFLICT: ("list", "documents", "list"),
    StopCode.STOP_SOURCE_CHANGED: ("list", "documents", "list"),
    StopCode.STOP_SOURCE_MISSING: ("list", "documents", "list"),
    StopCode.STOP_RUN_NOT_FOUND: ("list", "runs", "list"),
    StopCode.STOP_FINGERPRINT_DRIFT: ("differences", "fingerprints", "diff"),
    StopCode.STOP_BUSY: ("runs", "runs", "list"),
    StopCode.STOP_PIPELINE_UNKNOWN: ("list", "pipelines", "list"),
}

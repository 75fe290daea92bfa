"""Which commands help after a refusal, by its code.

Rules kept here: those of `next_steps`.

Source: DESIGN §7 (Next); command-line.md §1 rows 1, 9, §2.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cutter.model import Mode
from cutter.report.result import NextStep
from cutter.stops import Stop, StopCode

SHORT_ID = 8  # hex digits of a run id on screens
SERVICE = "service "  # how the place of a stop names a database that is not the embedded one
_HOLDER = re.compile(r"cutter/([0-9a-f]{8})")  # how the session of a run is named


@dataclass(frozen=True, slots=True)
class Situation:
    """What a refusal is about, empty where it is not known; `command` are the words below `cutter` that were used.

    `line` is the whole command of a run, as it can be run again; `trigger` the file of the trigger that started it.
    """

    pipeline: str
    document_id: str
    run_id: str
    command: tuple[str, ...]
    mode: Mode
    line: str = ""
    trigger: str = ""


def after_stop(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """What helps after a refusal; then the run's own record, when there is one."""
    steps = _HELP[stop.code](stop, situation) if stop.code in _HELP else ()
    if stop.code in _PLAIN_HELP:
        steps = (_PLAIN_HELP[stop.code],)
    own = (show_run(situation.run_id),) if situation.run_id else ()
    return steps + tuple(step for step in own if step not in steps)


def resume_step(approval_kb_id: str) -> NextStep:
    """The command that goes on with the run of a request."""
    return NextStep("resume", command("orchestrate", "resume", "--approval-kb-id", approval_kb_id))


def show_run(run_id: str) -> NextStep:
    """The command that shows a run."""
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


def _moved_run(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """Of a line whose run was begun with another pipeline: that run, which stands in the way."""
    if stop.detail != "pipeline" or situation.run_id or not stop.where:
        return ()
    return (NextStep("that run", command("runs", "show", stop.where[:SHORT_ID])),)


def _units(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """The units that were meant, or are nearest to what was."""
    found = (address.partition("/") for address in stop.suggestions)
    named = [(document_id, below) for document_id, _slash, below in found if below]
    if not named:
        return (NextStep("tree", command("documents", "show", stop.where)),) if stop.where else ()
    return tuple(NextStep("unit", command("documents", "show", *words)) for words in named)


def _registered(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """Where a registered text is meant; another file is for whoever named it to find."""
    if situation.command[:1] not in (("documents",), ("orchestrate",)):
        return ()
    return (NextStep("list", command("documents", "list")),)


def _lapsed(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """The run whose question it was, where that was sought by a command."""
    return () if situation.run_id or not stop.where else (show_run(stop.where),)


def _unknown_run(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """What could have been meant: a run, or one that made a notification."""
    listed = ("notifications" if stop.detail == "no_notification" else "runs", "list")
    return (NextStep("list", command(*listed)),)


def _conflicting(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """The run that stands in the way; of one of its own a run tells the place."""
    return () if situation.run_id or not stop.where else (NextStep("that run", show_run(stop.where).command),)


def _holder(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """The run that holds the lock, where the session that holds it says so."""
    listed = NextStep("runs", command("runs", "list"))
    held = _HOLDER.fullmatch(stop.found)
    return (NextStep("that run", command("runs", "show", held[1])), listed) if held else (listed,)


def _denied(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """Why the policies deny a trigger that was kept; of one that was refused nothing is."""
    return (NextStep("why", command("policies", "explain", situation.trigger)),) if situation.trigger else ()


def _not_waiting(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """The run that was named, when it was one; else all."""
    if stop.where and stop.detail == "signed_gate":
        return (NextStep("sign", command("approve", stop.where[:SHORT_ID])), show_run(stop.where))
    if stop.where and stop.detail == "not_asked":
        return (resume_step(stop.needed), show_run(stop.where))
    if stop.where and stop.detail in _NOT_WAITING:
        return (show_run(stop.where),)
    return (NextStep("list", command("runs", "list")),)


def _again(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    if situation.line:
        return (NextStep("again", situation.line),)
    if not (situation.pipeline and situation.document_id):
        return ()
    live = ("--mode", "live") if situation.mode is Mode.LIVE else ()
    return (NextStep("again", command("orchestrate", situation.pipeline, situation.document_id, *live)),)


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
    StopCode.STOP_LIVE_REFUSED: _rehearse,
    StopCode.STOP_DOCUMENT_UNKNOWN: _unknown_document,
    StopCode.STOP_NO_VERSION_IN_FORCE: _drafts_too,
    StopCode.STOP_UNIT_UNKNOWN: _units,
    StopCode.STOP_REPLAY_CONFLICT: _other_run,
    StopCode.STOP_SOURCE_MISSING: _registered,
    StopCode.STOP_APPROVAL_NOT_FOUND: _not_waiting,
    StopCode.STOP_DECISION_LAPSED: _lapsed,
    StopCode.STOP_RUN_NOT_FOUND: _unknown_run,
    StopCode.STOP_POLICY_DENIED: _denied,
    StopCode.STOP_KEY_CONFLICT: _conflicting,
    StopCode.STOP_RESEND_REFUSED: _conflicting,
    StopCode.STOP_ABORT_REFUSED: _conflicting,
    StopCode.STOP_BUSY: _holder,
    StopCode.STOP_PLAN_CHANGED: _moved_run,
    StopCode.STOP_PIPELINE_INVALID: _lint,
    StopCode.STOP_BACKUP_REFUSED: _again,
    StopCode.STOP_DRILL_REFUSED: _again,
    StopCode.STOP_APPROVAL_EXPIRED: _again,
    StopCode.STOP_CLOCK_UNSAFE: _again,
    StopCode.STOP_INTERRUPTED: _again,
    StopCode.STOP_TERMINATED: _again,
    StopCode.STOP_DATABASE_UNREACHABLE: _start_database,
    StopCode.STOP_UNMIGRATED: _migrate_database,
}

# Details of a request that was sought by its run.
_NOT_WAITING = ("not_waiting", "voided", "ended", "no_decision")

# What helps whatever the refusal was about.
_PLAIN_HELP: Mapping[StopCode, NextStep] = {
    StopCode.STOP_EMBEDDED_UNUSABLE: NextStep("look", "cutter db status"),
    StopCode.STOP_DOCUMENT_CONFLICT: NextStep("list", "cutter documents list"),
    StopCode.STOP_SOURCE_CHANGED: NextStep("list", "cutter documents list"),
    StopCode.STOP_PROFILE_UNKNOWN: NextStep("profiles", "cutter documents profiles"),
    StopCode.STOP_TRUST_REFUSED: NextStep("bundle", "cutter trust show"),
    StopCode.STOP_BACKUP_UNKNOWN: NextStep("list", "cutter backups list"),
    StopCode.STOP_TRANSITION_UNSUPPORTED: NextStep("backups", "cutter backups list"),
    StopCode.STOP_FINGERPRINT_DRIFT: NextStep("differences", "cutter fingerprints diff"),
    StopCode.STOP_PIPELINE_UNKNOWN: NextStep("list", "cutter pipelines list"),
}

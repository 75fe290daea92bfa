"""Which commands help after a run or a refusal.

Rules kept here: a command stands as it can be run (ids quoted for a shell, no placeholder) and exists in this cutter: a
test gives each to the command line's own parser.

Source: DESIGN §7 (Next); command-line.md §1 rows 1, 9, §2.
"""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cutter.model import Inputs, Mode, Pipeline, Starter
from cutter.policies.policy import DECIDE
from cutter.report.result import NextStep, Result, RunEffect, RunStatus, Waiting
from cutter.stops import Exit, Stop, StopCode

SHORT_ID = 8  # hex digits of a run id on screens
# Stops after which the same run may go on once somebody has mended what the stop names.
_PASSING = (Exit.BUSY, Exit.UNSAFE, Exit.BACKUP, Exit.FAILED, Exit.UNREACHABLE, Exit.INTERRUPTED, Exit.TERMINATED)
_DRAFTS, _ENACTED = "library.cut_leg_a", "library.enact"  # the operations that make units, and that put them in force
# Stops that say that what was planned or asked does not hold any more: the way on is a new run.
_OVER = frozenset(
    code.name
    for code in (
        StopCode.STOP_APPROVAL_REJECTED,
        StopCode.STOP_APPROVAL_MISMATCH,
        StopCode.STOP_PLAN_CHANGED,
        StopCode.STOP_DRIFT,
        StopCode.STOP_ROWS_PRESENT,
        StopCode.STOP_REPLAY_CONFLICT,
    )
)
# The run has used up the time that its pipeline gives it: it goes on only where people decide that it does.
_OUT_OF_TIME = (StopCode.STOP_LIMIT_EXCEEDED, "run")
EFFECT_OPTIONS = ("sent", "not_sent", "resend")  # what people answer where nobody knows whether a message was sent
DECISION = "decision"  # the kind of a gate at which people decide what policies could not
SERVICE = "service "  # how the place of a stop names a database that is not the embedded one


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


def after_run(result: Result) -> tuple[NextStep, ...]:
    """What to do after a run that went well, waits, or was left half done."""
    match result.status:
        case RunStatus.WAITING:
            return _while_waiting(result)
        case RunStatus.DONE:
            return _after_done(result)
        case RunStatus.ABORTED:
            return (_show_run(result.run_id),)
        case RunStatus.UNFINISHED | RunStatus.FAILED | RunStatus.STOPPED if result.mode is Mode.LIVE:
            return (_resume(result), *_undo(result), _show_run(result.run_id))
        case _:
            return (*_document(result), _show_run(result.run_id))


def after_live_stop(result: Result, stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """What helps after the stop of a live run that exists: where what was in the way can pass, the run goes on."""
    steps = after_stop(stop, situation)
    if stop.code is StopCode.STOP_DECISION_REFUSED and result.effect is RunEffect.UNKNOWN and result.line:
        return (NextStep("send again", f"{result.line} --resend"), *steps)
    if (stop.code, stop.detail) == _OUT_OF_TIME:
        return (*steps[:-1], *_end(result), *_undo(result), steps[-1])
    if result.approval_kb_id is None:
        return steps
    if stop.code.name in _OVER:
        return (*steps[:-1], *_end(result), *_undo(result), steps[-1])
    if result.exit_code not in _PASSING:
        return steps
    again = _live_line(result)
    return (*(step for step in steps[:-1] if step.command != again), _resume(result), steps[-1])


def after_late_stop(result: Result) -> tuple[NextStep, ...]:
    """What helps where the run stands well and something beside it failed: going on with it does that again."""
    if result.status is RunStatus.DONE and result.approval_kb_id is not None:
        return (_resume(result), *result.next)
    return result.next


def after_voiding(result: Result, by: str) -> tuple[NextStep, ...]:
    """What helps where another run took back what this one wrote: the same line begins anew."""
    begin = NextStep("begin", _live_line(result))
    return (begin, NextStep("that run", command("runs", "show", by[:SHORT_ID])), _show_run(result.run_id))


def _while_waiting(result: Result) -> tuple[NextStep, ...]:
    """Who can sign does; who asked looks at the run; a refusal that no signature mends is answered by its own step."""
    short = result.run_id[:SHORT_ID]
    shown = _show_run(result.run_id)
    if result.stop_code in _OVER:
        return (*_end(result), *_undo(result), shown)
    if result.stop_code == StopCode.STOP_TRUST_REFUSED.name:
        return (NextStep("bundle", command("trust", "show")), shown)
    if is_spent(result):
        return (NextStep("ask again", _live_line(result)), shown)
    if result.waiting is not None and not result.waiting.missing:
        approve = [_resume(result)]
    elif options := options_of(result):
        words = _signers(result.waiting)[0]
        answers = (NextStep(option.replace("_", " "), decide(short, option, *words)) for option in options)
        return (*answers, NextStep("watch", command("runs", "show", short, "--watch")))
    else:
        approve = [NextStep("sign", command("approve", short, *words)) for words in _signers(result.waiting)]
    no = NextStep("say no", command("reject", short, *_signers(result.waiting)[0]))
    return (*approve, no, *_undo(result), NextStep("watch", command("runs", "show", short, "--watch")))


def options_of(result: Result) -> tuple[str, ...]:
    """What people can answer where a run of a policy waits for a decision; none where they only sign."""
    record = next((phase.facts.get("record") for phase in result.phases if phase.operation == DECIDE), None)
    if not isinstance(record, Mapping):
        return ()
    if result.waiting is not None and is_unknown_effect(result.waiting.after):
        return EFFECT_OPTIONS
    decides = any(phase.gate == result.gate and phase.facts.get("kind") == DECISION for phase in result.phases)
    return tuple(str(option) for option in record.get("options", ())) if decides else ()


def decide(short: str, option: str, *words: str) -> str:
    """The command that answers with an option."""
    return command("decide", short, "--option", option, *words)


def is_unknown_effect(failure: str) -> bool:
    """Whether a failure that people decide on (`STOP_CODE phase`) is that nobody knows whether an effect happened."""
    return failure.partition(" ")[0] == StopCode.STOP_EFFECT_UNKNOWN.name


def is_spent(result: Result) -> bool:
    """Whether no signature can mend the request that the run waits for: a new one, or a new run, is the way on."""
    over = result.stop_code in _OVER or result.stop_code == StopCode.STOP_POLICY_CHANGED.name
    return over or result.exit_code == Exit.APPROVAL_EXPIRED


def _end(result: Result) -> tuple[NextStep, ...]:
    """A run that cannot go on is ended, where it has written nothing governed."""
    if any(phase.written for phase in result.phases):
        return ()
    rejected = result.stop_code == StopCode.STOP_APPROVAL_REJECTED.name
    reason = "rejected" if rejected else result.stop_code or ""
    return (NextStep("end it", command("runs", "abort", result.run_id[:SHORT_ID], "--reason", reason)),)


def _signers(waiting: Waiting | None) -> tuple[tuple[str, ...], ...]:
    """The words by which those who can sign do so: in a demo one person after the other, else each of them."""
    if waiting is None or not waiting.throwaway:
        return ((),)
    people = [signer.person_id for signer in waiting.can_sign] or waiting.signed
    return tuple(("--as", person) for person in people) or ((),)


def _after_done(result: Result) -> tuple[NextStep, ...]:
    prove = NextStep("prove", command("runs", "verify", result.run_id[:SHORT_ID]))
    return (*_document(result), prove, *_undo(result), _show_run(result.run_id))


def _document(result: Result) -> tuple[NextStep, ...]:
    return (NextStep("document", command("documents", "show", result.document_id)),) if result.document_id else ()


def _resume(result: Result) -> NextStep:
    """By the last request when there was one, else by the line that began the run."""
    if result.approval_kb_id is None:
        return NextStep("resume", _live_line(result))
    return NextStep("resume", command("orchestrate", "resume", "--approval-kb-id", result.approval_kb_id))


def run_line(pipeline: Pipeline, inputs: Inputs, mode: Mode) -> str:
    """The command that runs a pipeline with these inputs, as short as it can be."""
    given = {item.name: item.value for item in inputs.values}
    live = ("--mode", "live") if mode is Mode.LIVE else ()
    if pipeline.started_by is Starter.POLICY:
        return command("trigger", trigger_file(given.get("trigger_id") or ""), *live)
    arguments: list[str] = []
    options: list[str] = []
    for declared in pipeline.inputs:
        value = given.get(declared.name)
        if value is None or value == declared.default:
            continue
        if declared.positional and not value.startswith("-"):
            arguments.append(value)
        else:
            options.extend((f"--{declared.name.replace('_', '-')}", value))
    return command("orchestrate", pipeline.id, *arguments, *options, *live)


def trigger_file(trigger_id: str) -> str:
    """Where a workspace keeps the canonical text of a trigger that it was given, as a path from the workspace on."""
    return f".cutter/triggers/{trigger_id}.json"


def subject_of(pipeline: Pipeline, inputs: Inputs) -> str:
    """What a run is of: the values of its positional inputs."""
    named = {declared.name for declared in pipeline.inputs if declared.positional}
    return " ".join(item.value for item in inputs.values if item.name in named and item.value is not None)


def _live_line(result: Result) -> str:
    if result.line:
        return result.line
    document = (result.document_id,) if result.document_id else ()
    return command("orchestrate", result.pipeline, *document, "--mode", "live")


def _undo(result: Result) -> tuple[NextStep, ...]:
    """Drafts can be voided; what was enacted cannot."""
    written = {phase.operation.partition("@")[0] for phase in result.phases if phase.written}
    if not result.document_id or _DRAFTS not in written or _ENACTED in written:
        return ()
    return (NextStep("undo", command("orchestrate", "void", result.document_id)),)


def after_stop(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """What helps after a refusal; then the run's own record, when there is one."""
    steps = _HELP[stop.code](stop, situation) if stop.code in _HELP else ()
    if stop.code in _PLAIN_HELP:
        steps = (_PLAIN_HELP[stop.code],)
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
    return () if situation.run_id or not stop.where else (_show_run(stop.where),)


def _unknown_run(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """What could have been meant: a run, or one that made a notification."""
    listed = ("notifications" if stop.detail == "no_notification" else "runs", "list")
    return (NextStep("list", command(*listed)),)


def _denied(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """Why the policies deny a trigger that was kept; of one that was refused nothing is."""
    return (NextStep("why", command("policies", "explain", situation.trigger)),) if situation.trigger else ()


def _not_waiting(stop: Stop, situation: Situation) -> tuple[NextStep, ...]:
    """The run that was named, when it was one; else all."""
    if stop.where and stop.detail == "signed_gate":
        return (NextStep("sign", command("approve", stop.where[:SHORT_ID])), _show_run(stop.where))
    if stop.where and stop.detail in _NOT_WAITING:
        return (_show_run(stop.where),)
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
    StopCode.STOP_BUSY: NextStep("runs", "cutter runs list"),
    StopCode.STOP_PIPELINE_UNKNOWN: NextStep("list", "cutter pipelines list"),
}

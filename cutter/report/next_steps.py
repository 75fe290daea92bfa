"""Which commands help after a run or a refusal.

Rules kept here: a command stands as it can be run (ids quoted for a shell, no placeholder) and exists in this cutter: a
test gives each to the command line's own parser.

Source: DESIGN §7 (Next); command-line.md §1 rows 1, 9, §2.
"""

from collections.abc import Mapping

from cutter.model import Inputs, Mode, Pipeline, Starter
from cutter.policies.policy import DECIDE
from cutter.report.result import NextStep, Result, RunEffect, RunStatus, Waiting
from cutter.report.stop_steps import SERVICE, SHORT_ID, Situation, after_stop, command, resume_step, show_run
from cutter.stops import Exit, Stop, StopCode

__all__ = ["SERVICE", "SHORT_ID", "Situation", "after_stop", "command", "resume_step"]

# Stops after which the same run may go on once somebody has mended what the stop names.
_PASSING = (
    Exit.BUSY,
    Exit.UNSAFE,
    Exit.BACKUP,
    Exit.FAILED,
    Exit.UNREACHABLE,
    Exit.CONFIGURATION,
    Exit.INTERRUPTED,
    Exit.TERMINATED,
)
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


def after_run(result: Result) -> tuple[NextStep, ...]:
    """What to do after a run that went well, waits, or was left half done."""
    match result.status:
        case RunStatus.WAITING:
            return _while_waiting(result)
        case RunStatus.DONE:
            return _after_done(result)
        case RunStatus.ABORTED:
            return (show_run(result.run_id),)
        case RunStatus.UNFINISHED | RunStatus.FAILED | RunStatus.STOPPED if result.mode is Mode.LIVE:
            return (_resume(result), *_undo(result), show_run(result.run_id))
        case _:
            return (*_document(result), show_run(result.run_id))


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
    return (begin, NextStep("that run", command("runs", "show", by[:SHORT_ID])), show_run(result.run_id))


def after_taking(result: Result, by: str) -> tuple[NextStep, ...]:
    """What helps after a rehearsal of a trigger that was taken before: first the run that it was taken by."""
    taken = NextStep("taken by", command("runs", "show", by[:SHORT_ID]))
    return (taken, *(step for step in result.next if step.command != taken.command))


def _while_waiting(result: Result) -> tuple[NextStep, ...]:
    """Who can sign does; who asked looks at the run; a refusal that no signature mends is answered by its own step."""
    short = result.run_id[:SHORT_ID]
    shown = show_run(result.run_id)
    if result.stop_code in _OVER:
        return (*_end(result), *_undo(result), shown)
    if result.stop_code == StopCode.STOP_TRUST_REFUSED.name:
        return (NextStep("bundle", command("trust", "show")), shown)
    if is_spent(result):
        return (NextStep("ask again", _live_line(result)), shown)
    if result.waiting is not None and result.waiting.declined:
        return (_resume(result), *_undo(result), shown)
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
    return (*_document(result), prove, *_undo(result), show_run(result.run_id))


def _document(result: Result) -> tuple[NextStep, ...]:
    return (NextStep("document", command("documents", "show", result.document_id)),) if result.document_id else ()


def _resume(result: Result) -> NextStep:
    """By the last request when there was one, else by the line that began the run."""
    if result.approval_kb_id is None:
        return NextStep("resume", _live_line(result))
    return resume_step(result.approval_kb_id)


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

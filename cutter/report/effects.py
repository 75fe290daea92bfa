"""What a run did to the world, in a sentence: rows, and the message of a run that a policy started.

Rules kept here: what nobody knows is said to be unknown; a message is accepted by the mail server, never delivered; of
a message that was not sent nothing is said to be rolled back.

Source: command-line.md §1 row 1; issue 7, rule 7.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from cutter.events import Aborted, Acted, Attempted, Completed, GateRefused, GateWaiting, Record, Stopped
from cutter.evidence import Status
from cutter.messages import _
from cutter.model import Mode
from cutter.policies.policy import DECIDE, SEND_MESSAGE
from cutter.report.phase_lines import NOT_REACHED
from cutter.report.result import PhaseLine, Result, RunEffect, RunStatus
from cutter.stops import Stop, StopCode

COMMIT_UNKNOWN = "commit_unknown"  # the detail of a stop: a commit was sent, and its answer never came
COMMIT = "commit"  # the step of `Attempted` after which the effect may have happened
_TELL_THEMSELVES = (Stopped, GateWaiting, GateRefused, Completed, Aborted)
_NOT_TAKEN = (NOT_REACHED, Status.SKIPPED.value)


def effect_words(result: Result) -> str:
    """What the run did."""
    if sends_message(result.phases) and result.mode is Mode.LIVE and result.detail != COMMIT_UNKNOWN:
        if result.effect is RunEffect.UNKNOWN:
            return _("Nobody knows whether the message was sent. Nothing sends it again by itself.")
        if not any(phase.written for phase in result.phases):
            return _("The message was not sent.")
    return _row_words(result)


def sends_message(phases: Iterable[PhaseLine]) -> bool:
    """Whether a run came to the phase that sends a message."""
    return any(phase.operation == SEND_MESSAGE and phase.status not in _NOT_TAKEN for phase in phases)


def of_policy(phases: Iterable[PhaseLine]) -> bool:
    """Whether it is a run that a policy started: it begins with a decision."""
    return any(phase.operation == DECIDE for phase in phases)


def effect_is_unknown(records: Sequence[Record]) -> bool:
    """Whether an effect outside the database may have happened, and nothing tells whether it did."""
    unknown = False
    for record in records:
        match record.event:
            case Attempted(step=step):
                unknown = step == COMMIT
            case Stopped(code=code):
                unknown = unknown or code == StopCode.STOP_EFFECT_UNKNOWN.name
            case Acted():
                unknown = False
            case _:
                continue
    return unknown


def unknown_message_id(records: Sequence[Record]) -> str:
    """The Message-ID of a message of which nobody knows whether it was sent, as a mail log has it; else empty."""
    if not effect_is_unknown(records):
        return ""
    attempts = (record.event for record in reversed(records) if isinstance(record.event, Attempted))
    named = next((event.message_id for event in attempts if event.message_id), "")
    return f"<{named}>" if named else ""


def look_for(message_id: str) -> str:
    """What to look for where nobody knows whether a message was sent; empty where it has no Message-ID."""
    return _("the Message-ID in the mail server's log: {message_id}", message_id=message_id) if message_id else ""


def interrupted_effect(records: Sequence[Record]) -> Stop | None:
    """That nobody knows of an effect because the run was interrupted, which no event says; None of any other run.

    A run that has stopped says it by itself, and one that waits or has ended says more.
    """
    if isinstance(records[-1].event, _TELL_THEMSELVES) or not effect_is_unknown(records):
        return None
    attempted = next(record for record in reversed(records) if isinstance(record.event, Attempted))
    return Stop(StopCode.STOP_EFFECT_UNKNOWN, "interrupted", where=attempted.phase)


def _row_words(result: Result) -> str:
    match result.effect:
        case RunEffect.REHEARSED if result.commit_refused:
            return _("Database unchanged: it refused the commit (checked).")
        case RunEffect.REHEARSED | RunEffect.ROLLED_BACK:
            return _("Everything was rolled back; nothing was written.")
        case RunEffect.NONE if result.status is RunStatus.ABORTED and result.mode is Mode.LIVE:
            return _("The run was ended by a person. Nothing governed was written.")
        case RunEffect.NONE:
            return _("Nothing was written.")
        case RunEffect.PARTIAL if result.status is RunStatus.UNFINISHED:
            return _(
                "Some phases are committed; what was interrupted was rolled back, and a resume goes on from there."
            )
        case RunEffect.PARTIAL:
            return _("Some phases are committed; the others did not happen.")
        case RunEffect.COMMITTED:
            return _("Everything is committed and was read back.")
        case RunEffect.UNKNOWN if result.detail == COMMIT_UNKNOWN or not result.run_id:
            return _(
                "Whether the last phase is committed is not known here; the same line again reads it in the ledger."
            )
        case RunEffect.UNKNOWN:
            return _("Nobody knows whether the effect outside the database happened.")
        case _ as never:
            assert_never(never)

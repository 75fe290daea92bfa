"""What a person reads: the result of a run, or a refusal, as lines of text.

Rules kept here: the first word is the state; then what happened, what did not, and last the commands that help, each on
a line of its own and never wrapped; ids, codes and commands are never cut; every number on a screen is in the result;
text of foreign origin is made visible; no meaning by colour alone (there is none here at all).

Source: command-line.md §1 rows 1, 5, §2.
"""

from collections.abc import Iterator
from typing import assert_never

import msgspec

from cutter.messages import _, counted, number, seconds
from cutter.report.changes import count_lines
from cutter.report.done import done_lines
from cutter.report.effects import effect_words, look_for, sends_message
from cutter.report.lines import (
    block,
    count_phrase,
    exit_part,
    explain_line,
    head,
    moment,
    next_lines,
    run_part,
    table_lines,
    why_lines,
)
from cutter.report.overruns import overrun_lines
from cutter.report.paragraphs import Line
from cutter.report.phase_lines import NOT_REACHED
from cutter.report.phase_table import phase_rows
from cutter.report.result import Refusal, Result, RunStatus
from cutter.report.visible import visible
from cutter.report.waiting import refused_lines, waiting_lines
from cutter.stops import Exit, StopCode

__all__ = ["count_phrase", "counted", "refusal_lines", "result_lines", "table_lines"]

_FAILED = frozenset({Exit.INTERNAL, Exit.FAILED, Exit.PARTIAL, Exit.EVIDENCE})
_REFUSED = frozenset({Exit.USAGE, Exit.APPROVAL_REFUSED, Exit.APPROVAL_EXPIRED, Exit.STOPPED, Exit.UNSAFE, Exit.BACKUP})


def result_lines(result: Result) -> tuple[str, ...]:
    """The screen of a run."""
    if result.late:
        return tuple(_late(result))
    match result.status:
        case RunStatus.WAITING:
            return tuple(waiting_lines(result) if result.stop_code is None else refused_lines(result))
        case RunStatus.DONE:
            return tuple(done_lines(result))
        case RunStatus.REHEARSED:
            return tuple(_ended(result, _("REHEARSAL")))
        case RunStatus.UNFINISHED if result.stop_code is None:
            return tuple(_ended(result, _("UNFINISHED")))
        case RunStatus.ABORTED:
            return tuple(_ended(result, _("ABORTED")))
        case RunStatus.STOPPED | RunStatus.FAILED | RunStatus.UNFINISHED:
            return tuple(_stopped(result))
        case _ as never:
            assert_never(never)


def refusal_lines(refusal: Refusal) -> tuple[str, ...]:
    """The screen of any other command that was refused."""
    first = head(_stop_state(refusal.exit_code), (refusal.stop_code, exit_part(refusal.exit_code)))
    return (first, *why_lines(refusal), explain_line(refusal.stop_code), *next_lines(refusal.next))


def _ended(result: Result, state: str) -> Iterator[str]:
    last = ""
    if result.status is RunStatus.UNFINISHED and result.last_event_at:
        last = _("last event {moment}", moment=moment(result.last_event_at))
    status = exit_part(result.exit_code) if result.exit_code else ""
    yield head(state, (_subject(result), run_part(result.run_id), visible(result.database), last, status))
    yield from phase_rows(result, result.phases)
    yield from count_lines(result)
    yield from _doubts(result)
    yield from overrun_lines(result)
    yield _effect(result)
    yield from next_lines(result.next)


def _stopped(result: Result) -> Iterator[str]:
    run, status = run_part(result.run_id), exit_part(result.exit_code)
    state = _("UNFINISHED") if result.status is RunStatus.UNFINISHED else _stop_state(result.exit_code)
    yield head(state, (result.stop_code or "", _subject(result), run, status))
    yield from phase_rows(result, [phase for phase in result.phases if phase.status != NOT_REACHED])
    yield from why_lines(result)
    yield from overrun_lines(result)
    yield _effect(result)
    if result.message_id:
        yield block(_("Look for"), look_for(result.message_id))
    if result.gate and result.exit_code == Exit.PARTIAL:
        gate = visible(result.gate)
        if sends_message(result.phases):
            yield Line(_("It goes on only when people have decided at {gate} whether it counts as sent.", gate=gate))
        else:
            yield Line(_("It goes on, or is voided, only by people: {gate} must be signed.", gate=gate))
    yield explain_line(result.stop_code or StopCode.STOP_INTERNAL.name)
    yield from next_lines(result.next)


def _late(result: Result) -> Iterator[str]:
    """The run as it stands, and what came after that."""
    yield from result_lines(msgspec.structs.replace(result, stop_code=None, late=False, next=()))
    yield head(_("THEN"), (result.stop_code or "", exit_part(result.exit_code)))
    yield from why_lines(result)
    yield explain_line(result.stop_code or StopCode.STOP_INTERNAL.name)
    yield from next_lines(result.next)


def _stop_state(exit_code: int) -> str:
    if exit_code in _FAILED:
        return _("FAILED")
    if exit_code == Exit.BUSY:
        return _("BUSY")
    return _("REFUSED") if exit_code in _REFUSED else _("STOPPED")


def _subject(result: Result) -> str:
    return visible(" ".join(part for part in (result.pipeline, result.subject or result.document_id) if part))


def _doubts(result: Result) -> Iterator[str]:
    doubts = next((p.facts["doubts"] for p in result.phases if isinstance(p.facts.get("doubts"), int)), None)
    if not isinstance(doubts, int):
        return
    told = number(doubts) if doubts else _("none")
    if doubts and result.document_id:
        command = f"cutter documents show {result.document_id}"
        told = _("{count}, with their lines in: {command}", count=number(doubts), command=command)
    yield block(_("Doubts"), told)


def _effect(result: Result) -> Line:
    took = f" {seconds(result.duration_ms)}" if result.duration_ms else ""
    return Line(f"{effect_words(result)}{took}")

"""What a person reads: the result of a run, or a refusal, as lines of text.

Rules kept here: the first word is the state; then what happened, what did not, and last the commands that help, each on
a line of its own and never wrapped; ids, codes and commands are never cut; every number on a screen is in the result;
text of foreign origin is made visible; no meaning by colour alone (there is none here at all).

Source: command-line.md §1 rows 1, 5, §2.
"""

from collections.abc import Iterator
from typing import assert_never

import msgspec

from cutter.model import Mode
from cutter.report.changes import count_lines
from cutter.report.done import done_lines
from cutter.report.lines import block, count_phrase, counted, moment, next_lines, table_lines, why_lines
from cutter.report.next_steps import SHORT_ID
from cutter.report.phase_lines import NOT_REACHED
from cutter.report.phase_table import phase_rows
from cutter.report.result import Refusal, Result, RunEffect, RunStatus
from cutter.report.visible import visible
from cutter.report.waiting import refused_lines, waiting_lines
from cutter.stops import Exit

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
            return tuple(_ended(result, "REHEARSAL"))
        case RunStatus.UNFINISHED:
            return tuple(_ended(result, "UNFINISHED"))
        case RunStatus.ABORTED:
            return tuple(_ended(result, "ABORTED"))
        case RunStatus.STOPPED | RunStatus.FAILED:
            return tuple(_stopped(result))
        case _ as never:
            assert_never(never)


def refusal_lines(refusal: Refusal) -> tuple[str, ...]:
    """The screen of any other command that was refused."""
    head = f"{_stop_state(refusal.exit_code)}  {refusal.stop_code} · exit {refusal.exit_code}"
    return (head, *why_lines(refusal), *next_lines(refusal.next))


def _ended(result: Result, state: str) -> Iterator[str]:
    parts = [_subject(result), f"run {result.run_id[:SHORT_ID]}", visible(result.database)]
    if result.status is RunStatus.UNFINISHED and result.last_event_at:
        parts.append(f"last event {moment(result.last_event_at)}")
    if result.exit_code:
        parts.append(f"exit {result.exit_code}")
    yield f"{state}  {' · '.join(part for part in parts if part)}"
    yield from phase_rows(result, result.phases)
    yield from count_lines(result)
    yield from _doubts(result)
    yield _effect(result)
    yield from next_lines(result.next)


def _stopped(result: Result) -> Iterator[str]:
    run = f"run {result.run_id[:SHORT_ID]}" if result.run_id else ""
    parts = [result.stop_code or "", _subject(result), run, f"exit {result.exit_code}"]
    yield f"{_stop_state(result.exit_code)}  {' · '.join(part for part in parts if part)}"
    yield from phase_rows(result, [phase for phase in result.phases if phase.status != NOT_REACHED])
    yield from why_lines(result)
    yield _effect(result)
    if result.gate and result.exit_code == Exit.PARTIAL:
        yield f"It goes on, or is voided, only by people: {visible(result.gate)} must be signed."
    yield from next_lines(result.next)


def _late(result: Result) -> Iterator[str]:
    """The run as it stands, and what came after that."""
    yield from result_lines(msgspec.structs.replace(result, stop_code=None, late=False, next=()))
    yield f"THEN  {result.stop_code} · exit {result.exit_code}"
    yield from why_lines(result)
    yield from next_lines(result.next)


def _stop_state(exit_code: int) -> str:
    if exit_code in _FAILED:
        return "FAILED"
    if exit_code == Exit.BUSY:
        return "BUSY"
    return "REFUSED" if exit_code in _REFUSED else "STOPPED"


def _subject(result: Result) -> str:
    return visible(" ".join(part for part in (result.pipeline, result.subject or result.document_id) if part))


def _doubts(result: Result) -> Iterator[str]:
    doubts = next((p.facts["doubts"] for p in result.phases if isinstance(p.facts.get("doubts"), int)), None)
    if doubts is None:
        return
    place = (
        f", with their lines in: cutter documents show {result.document_id}" if doubts and result.document_id else ""
    )
    yield block("Doubts", f"{doubts:,}{place}" if doubts else "none")


def _effect(result: Result) -> str:
    milliseconds = result.duration_ms
    took = f"{milliseconds / 1000:.1f} s" if milliseconds >= 1000 else f"{milliseconds} ms"
    return f"{_effect_words(result)} {took}" if milliseconds else _effect_words(result)


def _effect_words(result: Result) -> str:
    match result.effect:
        case RunEffect.REHEARSED if result.commit_refused:
            return "Database unchanged: it refused the commit (checked)."
        case RunEffect.REHEARSED | RunEffect.ROLLED_BACK:
            return "Everything was rolled back; nothing was written."
        case RunEffect.NONE if result.status is RunStatus.ABORTED and result.mode is Mode.LIVE:
            return "The run was ended by a person. Nothing governed was written."
        case RunEffect.NONE:
            return "Nothing was written."
        case RunEffect.PARTIAL if result.status is RunStatus.UNFINISHED:
            return "Some phases are committed; what was interrupted was rolled back, and a resume goes on from there."
        case RunEffect.PARTIAL:
            return "Some phases are committed; the others did not happen."
        case RunEffect.COMMITTED:
            return "Everything is committed and was read back."
        case RunEffect.UNKNOWN:
            return "Whether the last phase is committed is not known here; the same line again reads it in the ledger."
        case _ as never:
            assert_never(never)

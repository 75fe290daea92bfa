"""The screen of a live run that is done: what is written, who signed, what proves it, and what stays open.

Rules kept here: `DONE` stands only over a run whose last event says so; nothing is claimed that the result does not
hold.

Source: command-line.md §2 (M5).
"""

from collections.abc import Iterator

from cutter.report.changes import change_word, count_lines
from cutter.report.lines import block, blocks, counted, moment, next_lines
from cutter.report.next_steps import SHORT_ID
from cutter.report.phase_lines import RUN
from cutter.report.phase_table import phase_rows, written_phrases
from cutter.report.result import Proof, Result
from cutter.report.visible import visible


def done_lines(result: Result) -> Iterator[str]:
    """The screen."""
    subject = visible(" ".join(part for part in (result.pipeline, result.subject or result.document_id) if part))
    head = f"DONE  {subject} · run {result.run_id[:SHORT_ID]} · {visible(result.database)}"
    yield f"{head} · already done" if result.already_done else head
    if result.already_done:
        yield f"  Already   done at {moment(result.last_event_at)}; nothing ran again, this is its result"
    elif any(phase.status == RUN for phase in result.phases):
        yield from phase_rows(result, result.phases)
        yield "Nothing ran twice."
    yield from count_lines(result)
    yield from blocks(change_word(result), written_phrases(result) or ("nothing governed",))
    yield block("Proved", "each of these was read back in a fresh session, after its commit")
    yield from blocks("Signed", (visible(f"{', '.join(g.persons)} at {g.gate}") for g in result.signed))
    if result.proof is not None:
        yield block("Proof", _proof(result.proof))
    yield from not_done_lines(result)
    yield from next_lines(result.next)


def not_done_lines(result: Result) -> Iterator[str]:
    """What a person still has to look at."""
    doubts = next((p.facts["doubts"] for p in result.phases if isinstance(p.facts.get("doubts"), int)), 0)
    if doubts:
        shown = f"cutter documents show {result.document_id}" if result.document_id else ""
        yield block("Not done", f"{counted(doubts, 'doubt')} to look at: {shown}".rstrip(": "))


def _proof(proof: Proof) -> str:
    events = f"ledger events {proof.ledger_first:,} to {proof.ledger_last:,}"
    if not proof.checkpoint_size:
        return f"{events}; no checkpoint"
    places = counted(len(proof.places), "place")
    return f"{events}; checkpoint at {proof.checkpoint_size:,} kept in {places}: {visible(', '.join(proof.places))}"

"""The screen of a live run that is done: what is written, who signed, what proves it, and what stays open.

Rules kept here: `DONE` stands only over a run whose last event says so; nothing is claimed that the result does not
hold.

Source: command-line.md §2 (M5).
"""

from collections.abc import Iterator

from cutter.messages import Countable, _, counted, number
from cutter.policies.policy import SEND_MESSAGE
from cutter.report.changes import change_word, count_lines
from cutter.report.lines import block, blocks, head, moment, next_lines, run_part
from cutter.report.overruns import overrun_lines
from cutter.report.paragraphs import Line
from cutter.report.phase_lines import RUN
from cutter.report.phase_table import phase_rows, written_phrases
from cutter.report.result import Proof, Result, SignedGate
from cutter.report.visible import visible


def done_lines(result: Result) -> Iterator[str]:
    """The screen."""
    subject = visible(" ".join(part for part in (result.pipeline, result.subject or result.document_id) if part))
    already = _("already done") if result.already_done else ""
    yield head(_("DONE"), (subject, run_part(result.run_id), visible(result.database), already))
    if result.already_done:
        told = _("done at {moment}; nothing ran again, this is its result", moment=moment(result.last_event_at))
        yield block(_("Already"), told, 2)
    elif any(phase.status == RUN for phase in result.phases):
        yield from phase_rows(result, result.phases)
        yield Line(_("Nothing ran twice."))
    yield from count_lines(result)
    yield from blocks(change_word(result), written_phrases(result) or (_("nothing governed"),))
    yield block(_("Proved"), _proved(result))
    yield from blocks(_("Signed"), (_signed(signed) for signed in result.signed))
    if result.proof is not None:
        yield block(_("Proof"), _proof(result.proof))
    yield from overrun_lines(result)
    yield from not_done_lines(result)
    yield from next_lines(result.next)


def _proved(result: Result) -> str:
    if any(phase.operation == SEND_MESSAGE and phase.written for phase in result.phases):
        return _("that it was intended was read back in a fresh session; what the server did is its own word")
    return _("each of these was read back in a fresh session, after its commit")


def not_done_lines(result: Result) -> Iterator[str]:
    """What a person still has to look at."""
    doubts = next((p.facts["doubts"] for p in result.phases if isinstance(p.facts.get("doubts"), int)), 0)
    if not doubts:
        return
    command = f"cutter documents show {result.document_id}" if result.document_id else ""
    if command:
        shown = counted(
            doubts, "{count} doubt to look at: {command}|{count} doubts to look at: {command}", command=command
        )
    else:
        shown = counted(doubts, "{count} doubt to look at|{count} doubts to look at")
    yield block(_("Not done"), shown)


def _signed(signed: SignedGate) -> str:
    return visible(_("{persons} at {gate}", persons=", ".join(signed.persons), gate=signed.gate))


def _proof(proof: Proof) -> str:
    first, last, size = number(proof.ledger_first), number(proof.ledger_last), number(proof.checkpoint_size)
    if not proof.checkpoint_size:
        return _("ledger events {first} to {last}; no checkpoint", first=first, last=last)
    what = Countable(
        "ledger events {first} to {last}; checkpoint at {size} kept in {count} place: {places}"
        "|ledger events {first} to {last}; checkpoint at {size} kept in {count} places: {places}"
    )
    places = visible(", ".join(proof.places))
    return counted(len(proof.places), what, first=first, last=last, size=size, places=places)

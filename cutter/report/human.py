"""What a person reads: the result of a run, or a refusal, as lines of text.

Rules kept here: the first word is the state; then what happened, what did not, and last the commands that help, each on
a line of its own and never wrapped; ids, codes and commands are never cut; every number on a screen is in the result;
text of foreign origin is made visible; no meaning by colour alone (there is none here at all).

Source: command-line.md §1 rows 1, 5, §2 (M1).
"""

import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cutter.events import Facts
from cutter.report.next_steps import SHORT_ID
from cutter.report.result import NextStep, PhaseLine, Refusal, Result, RunEffect, RunStatus
from cutter.report.visible import visible, width
from cutter.stops import Exit, StopCode

_STATES = {
    RunStatus.REHEARSED: "REHEARSAL",
    RunStatus.WAITING: "WAITING",
    RunStatus.FAILED: "FAILED",
    RunStatus.DONE: "DONE",
    RunStatus.UNFINISHED: "UNFINISHED",
}
_FAILED = frozenset({Exit.INTERNAL, Exit.FAILED, Exit.PARTIAL, Exit.EVIDENCE})
_REFUSED = frozenset({Exit.USAGE, Exit.APPROVAL_REFUSED, Exit.APPROVAL_EXPIRED, Exit.STOPPED, Exit.UNSAFE, Exit.BACKUP})

_STATUS_WORDS = {
    "ok": "ok",
    "would_wait": "would wait",
    "would_stop": "would stop",
    "waiting": "waiting",
    "opened": "opened",
    "stopped": "stopped",
    "unfinished": "unfinished",
    "not_reached": "not reached",
}

# What is worth a line of an operation's outcome; of one that is not listed, its numbers are shown. Behind a number's
# colon stands what is counted, in the singular and, where it is not made with an s, in the plural.
_FACTS = {
    "documents.discover": "version {version_string}, {text_size:byte}",
    "library.plan_cut": "{row_count:unit}, {gaps:gap}, {doubts:doubt}",
    "custody.backup": "{rows:row} of {tables:table}, {size:byte}",
    "library.cut_leg_a": "{units:unit as a draft|units as drafts}",
    "library.cut_leg_b": "{regions:region}, {parents:parent}",
    "library.verify_cut": "{units:unit} read back, {bytes:byte} rebuilt",
    "library.enact": "{enacted:unit} enacted",
    "report.publish": "report of {size:byte}",
}

# The words of Vietnamese law for what its readers count; units of other types are told as `other`.
_TYPE_WORDS = {"CH": "Chương", "ART": "Điều", "CL": "Khoản", "PT": "Điểm"}

_MARGIN = 9  # width of the words that begin a block: Cut, Doubts, Next
_HOUR = 3600  # seconds


def result_lines(result: Result) -> tuple[str, ...]:
    """The screen of a run."""
    if result.stop_code is not None:
        return tuple(_stopped(result))
    return tuple(_ended(result))


def refusal_lines(refusal: Refusal) -> tuple[str, ...]:
    """The screen of any other command that was refused."""
    head = f"{_stop_state(refusal.exit_code)}  {refusal.stop_code} · exit {refusal.exit_code}"
    return (head, *_why(refusal), *_next(refusal.next))


def table_lines(rows: Sequence[Sequence[str]], *, aligned: bool) -> tuple[str, ...]:
    """Records, one a line: in columns for a terminal, else separated by tabs with whole values."""
    shown = [[visible(cell) for cell in row] for row in rows]
    if not aligned:
        return tuple("\t".join(row) for row in shown)
    widths = [max(width(cell) for cell in column) for column in zip(*shown, strict=True)]
    return tuple("  ".join(_pad(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in shown)


def counted(number: int, what: str) -> str:
    """A number with what is counted: `1 unit`, `2,000 units`. A plural of another kind stands behind a bar."""
    singular, _, plural = what.partition("|")
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"


class _Counting(string.Formatter):
    """Fills a template of `_FACTS`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return counted(value, format_spec) if format_spec else str(value)


def count_phrase(counts: Mapping[str, int]) -> str:
    """Units by TYPE in the words of the document's family, and their sum."""
    named = [f"{counts[type_]:,} {word}" for type_, word in _TYPE_WORDS.items() if counts.get(type_)]
    other = sum(number for type_, number in counts.items() if type_ not in _TYPE_WORDS)
    if other:
        named.append(f"{other:,} other")
    return f"{' · '.join(named)} = {sum(counts.values()):,}"


def _ended(result: Result) -> Iterator[str]:
    parts = [_subject(result), f"run {result.run_id[:SHORT_ID]}", visible(result.database)]
    if result.exit_code:
        parts.append(f"exit {result.exit_code}")
    if result.gate:
        parts.insert(0, result.gate)
    yield f"{_STATES.get(result.status, 'STOPPED')}  {' · '.join(part for part in parts if part)}"
    yield from _phases(result, result.phases)
    if result.counts:
        yield _block("Cut", count_phrase(result.counts))
    yield from _doubts(result)
    yield _effect(result)
    yield from _next(result.next)


def _stopped(result: Result) -> Iterator[str]:
    run = f"run {result.run_id[:SHORT_ID]}" if result.run_id else ""
    parts = [result.stop_code or "", _subject(result), run, f"exit {result.exit_code}"]
    yield f"{_stop_state(result.exit_code)}  {' · '.join(part for part in parts if part)}"
    yield from _phases(result, [phase for phase in result.phases if phase.status != "not_reached"])
    yield from _why(result)
    yield _effect(result)
    yield from _next(result.next)


def _stop_state(exit_code: int) -> str:
    if exit_code in _FAILED:
        return "FAILED"
    if exit_code == Exit.BUSY:
        return "BUSY"
    return "REFUSED" if exit_code in _REFUSED else "STOPPED"


def _subject(result: Result) -> str:
    return visible(" ".join(part for part in (result.pipeline, result.document_id) if part))


def _phases(result: Result, phases: Sequence[PhaseLine]) -> Iterator[str]:
    name_width = max((width(phase.phase) for phase in phases), default=0)
    status_width = max((len(_STATUS_WORDS.get(phase.status, phase.status)) for phase in phases), default=0)
    number_width = len(str(len(result.phases)))
    for phase in phases:
        status = _STATUS_WORDS.get(phase.status, phase.status)
        facts = visible(_facts(result, phase))
        line = f"  {phase.index:>{number_width}} {_pad(phase.phase, name_width)}  {status:<{status_width}}  {facts}"
        yield line.rstrip()


def _facts(result: Result, phase: PhaseLine) -> str:
    if phase.gate:
        return _gate_facts(phase.facts)
    stops = [note for note in result.would_stop if note.phase == phase.phase]
    if stops:
        return ", ".join(f"({note.exit_code}) {note.stop_code} {note.detail}".rstrip() for note in stops)
    if not phase.operation:
        return f"{phase.surveys} of {counted(phase.surveys, 'answer')} as expected" if phase.surveys else ""
    return _outcome_facts(phase)


def _gate_facts(facts: Facts) -> str:
    persons, seconds = facts.get("persons"), facts.get("approve_within_s")
    if not isinstance(persons, int) or not isinstance(seconds, int):
        return ""
    people = "1 person" if persons == 1 else f"{persons} people"
    span = f"{seconds // _HOUR} h" if seconds % _HOUR == 0 else f"{seconds} s"
    return f"{people} to sign within {span}"


def _outcome_facts(phase: PhaseLine) -> str:
    template = _FACTS.get(phase.operation.partition("@")[0])
    try:
        if template is not None:
            return _Counting().vformat(template, (), phase.facts)
    except (KeyError, ValueError, TypeError):
        pass  # an older or newer version of the operation has other fields: show its numbers
    numbers = (f"{name} {value:,}" for name, value in phase.facts.items() if type(value) is int)
    return ", ".join(numbers)


def _doubts(result: Result) -> Iterator[str]:
    doubts = next((p.facts["doubts"] for p in result.phases if isinstance(p.facts.get("doubts"), int)), None)
    if doubts is None:
        return
    place = (
        f", with their lines in: cutter documents show {result.document_id}" if doubts and result.document_id else ""
    )
    yield _block("Doubts", f"{doubts:,}{place}" if doubts else "none")


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
        case RunEffect.NONE:
            return "Nothing was written."
        case RunEffect.PARTIAL:
            return "Some phases are committed; the others did not happen."
        case RunEffect.COMMITTED:
            return "Everything is committed and was read back."


def _why(refusal: Result | Refusal) -> Iterator[str]:
    declared = StopCode[refusal.stop_code or StopCode.STOP_INTERNAL.name].value
    yield f"  {declared.meaning}"
    nearest = ", ".join(refusal.suggestions)
    rows = (
        ("where", refusal.where),
        ("case", refusal.detail),
        ("found", refusal.found),
        ("needed", refusal.needed),
        ("nearest", nearest),
        ("do", declared.remedy),
    )
    for name, value in rows:
        if value:
            yield f"    {name:<8} {visible(value)}"


def _next(steps: Sequence[NextStep]) -> Iterator[str]:
    label_width = max((width(step.label) for step in steps), default=0)
    for place, step in enumerate(steps):
        yield _block(
            "" if place else "Next", f"{_pad(step.label, label_width)}  {visible(step.command, compose=False)}"
        )


def _block(name: str, text: str) -> str:
    return f"{name:<{_MARGIN}}{text}"


def _pad(text: str, wide: int) -> str:
    return text + " " * (wide - width(text))

"""The phases of a run as a table: place, name, how it ended, and what is worth telling of its outcome.

Rules kept here: every number is one of the result's; an operation whose outcome has another shape is told by its
numbers.

Source: command-line.md §2 (M1, M4).
"""

import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cutter.events import Facts
from cutter.evidence import Status
from cutter.messages import Countable, Message, _, counted, number
from cutter.policies.policy import CREATE_NOTIFICATION, DECIDE, SEND_MESSAGE
from cutter.report.decisions.words import outcome_phrase, recipient_phrase, sent_phrase
from cutter.report.graph_words import span, status_word
from cutter.report.lines import pad
from cutter.report.paragraphs import Line
from cutter.report.phase_lines import KEPT, RUN
from cutter.report.result import PhaseLine, Result, WouldStopNote
from cutter.report.visible import visible, width

# What is worth a line of an operation's outcome; of one that is not listed, its numbers are shown. Behind a number's
# colon stands what is counted, in the singular and, where it is not made with an s, in the plural; it is no part of the
# translation.
_FACTS = {
    "documents.discover": Message("version {version_string}, {text_size:byte}"),
    "library.plan_cut": Message("{row_count:unit}, {gaps:gap}, {doubts:doubt}"),
    "library.find_cut": Message("{drafts:draft}, {regions:region}"),
    "custody.plan_restore": Message("{restored_units:unit} in the backup, {present_units:unit} there"),
    "sql.count": Message("{row_count:row}"),
    "custody.backup": Message("{rows:row} of {tables:table}, {size:byte}"),
    "custody.backup_rows": Message("{rows:row} of {tables:table}, {size:byte}"),
    "library.cut_leg_a": Message("{units:unit as a draft|units as drafts}"),
    "library.cut_leg_b": Message("{regions:region}, {parents:parent}"),
    "library.verify_cut": Message("{units:unit} read back, {bytes:byte} rebuilt"),
    "library.enact": Message("{enacted:unit} enacted"),
    "library.void": Message("{units:draft} and {regions:region} deleted, {markers:marker} voided"),
    "custody.restore": Message("{units:unit} and {regions:region} as in the backup"),
    "sql.execute": Message("{rows:row}"),
    "report.publish": Message("report of {size:byte}"),
}


# Operations whose outcome is told by words of its own.
_TOLD: Mapping[str, Callable[[Facts], str]] = {
    DECIDE: outcome_phrase,
    SEND_MESSAGE: sent_phrase,
    CREATE_NOTIFICATION: recipient_phrase,
}


def phase_rows(result: Result, phases: Sequence[PhaseLine]) -> Iterator[Line]:
    """A line for each of these phases."""
    name_width = max((width(phase.phase) for phase in phases), default=0)
    status_width = max((width(status_word(phase.status)) for phase in phases), default=0)
    number_width = len(str(len(result.phases)))
    for phase in phases:
        place = f"  {phase.index:>{number_width}} {pad(phase.phase, name_width)}"
        start = f"{place}  {pad(status_word(phase.status), status_width)}  "
        yield Line(f"{start}{visible(_facts(result, phase))}".rstrip(), width(start))


def written_phrases(result: Result) -> tuple[str, ...]:
    """What the phases that wrote have written; one that has nothing to tell of it is named."""
    return tuple(visible(outcome_facts(phase) or phase.phase) for phase in result.phases if phase.written)


def outcome_facts(phase: PhaseLine) -> str:
    """What is worth telling of an operation's outcome."""
    if phase.operation in _TOLD and (told := _TOLD[phase.operation](phase.facts)):
        return told
    template = _FACTS.get(phase.operation.partition("@")[0])
    try:
        if template is not None:
            return _Counting().vformat(_(template), (), phase.facts)
    except (KeyError, ValueError, TypeError):
        pass  # an older or newer version of the operation has other fields: show its numbers
    numbers = (f"{name} {number(value)}" for name, value in phase.facts.items() if type(value) is int)
    return ", ".join(numbers)


class _Counting(string.Formatter):
    """Fills a template of `_FACTS`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return counted(value, format_spec) if format_spec else str(value)


def _facts(result: Result, phase: PhaseLine) -> str:
    if phase.status == Status.SKIPPED.value:
        return ""
    if phase.gate:
        return _gate_facts(phase.facts)
    stops = [note for note in result.would_stop if note.phase == phase.phase]
    if stops:
        return ", ".join(f"({note.exit_code}) {would_stop_words(note)}" for note in stops)
    if not phase.operation:
        return _answers(phase)
    told = outcome_facts(phase)
    if phase.status == KEPT:
        return _("proved again: {facts}", facts=told) if told else _("proved again")
    if phase.status == RUN and phase.written:
        if phase.operation == SEND_MESSAGE:
            return _("{facts}; nothing had been sent before", facts=told)
        return _("{facts}; what was interrupted had been rolled back", facts=told)
    return told


def would_stop_words(note: WouldStopNote) -> str:
    """What would stop a live run, in a line: its code, and what is known of it."""
    return " · ".join(word for word in (f"{note.stop_code} {note.detail}".rstrip(), note.found, note.where) if word)


def _answers(phase: PhaseLine) -> str:
    """How many surveys answered as expected; of a phase that one of them stopped, how many did before."""
    if not phase.surveys:
        return ""
    if phase.status == Status.STOPPED.value:
        return counted(phase.surveys, "answer as expected before it|answers as expected before it")
    return counted(
        phase.surveys,
        "{all} of {count} answer as expected|{all} of {count} answers as expected",
        all=number(phase.surveys),
    )


def _gate_facts(facts: Facts) -> str:
    persons, seconds = facts.get("persons"), facts.get("approve_within_s")
    if not isinstance(persons, int) or not isinstance(seconds, int):
        return ""
    what = Countable("{count} person to sign within {span}|{count} people to sign within {span}")
    return counted(persons, what, span=span(seconds))

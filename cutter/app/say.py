"""What a sentence asks for in this workspace: a pipeline with its inputs, or a question. No database.

Rules kept here: a phrase is understood when exactly one reading of it has every value, each of the form that its input
declares, and documents among those that the index lists; a nearest value is told and never taken; whatever a phrase
says, what comes of it is a rehearsal.

Source: issue 6, part 3.
"""

import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import msgspec

from cutter import pipeline as pipelines
from cutter.app.pipelines import list_pipelines, load_pipeline
from cutter.custody.documents import read_index
from cutter.messages import language
from cutter.model import Input, Inputs, InputValue, Mode, Pipeline
from cutter.pipeline import parse_inputs
from cutter.pipeline.names import DASHES
from cutter.pipeline.phrases import (
    Courtesies,
    Politeness,
    Reading,
    Sense,
    SpokenWord,
    bare,
    find_readings,
    nearest_phrases,
    tell_words,
    words_in,
)
from cutter.report.next_steps import command, run_line
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

DOCUMENT = "document_id"
SUGGESTIONS = 10
_POLITENESS = "politeness.toml"
_LIKE = 0.6  # how much a value is like another that is suggested for it, of 1
_LISTS = {DOCUMENT: ("documents", "list"), "backup_id": ("backups", "list")}


class Choice(msgspec.Struct, frozen=True):
    """A value that an input can have here; of a document also its title."""

    value: str
    title: str = ""


class Question(msgspec.Struct, frozen=True):
    """What is to be said yet: an input, and what it can be, the nearest to what was said first."""

    input: str
    help: str
    choices: tuple[Choice, ...]


class Meant(msgspec.Struct, frozen=True):
    """What could be meant: a pipeline's phrase, and its command where every value is known."""

    pipeline: str
    phrase: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What was asked for: `command` rehearses it, `live` is the command that would write."""

    pipeline: Pipeline
    reading: Reading
    command: str
    live: str

    @property
    def given(self) -> Mapping[str, str | None]:
        """The inputs by name."""
        return {item.name: item.value for item in self.reading.values}


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why nothing is run: the stop, each word, and what there is to choose from.

    `reading` lacks what `question` asks; without it no answer mends the sentence.
    """

    stop: Stop
    words: tuple[SpokenWord, ...]
    question: Question | None = None
    could_be: tuple[Meant, ...] = ()
    reading: Reading | None = None
    next: tuple[NextStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What can be said in a workspace: its pipelines by id, its documents, and politeness."""

    pipelines: Mapping[str, Pipeline]
    documents: tuple[Choice, ...]
    politeness: Politeness

    def choices(self, declared: Input) -> tuple[Choice, ...]:
        """What an input can be; empty where nothing is listed."""
        if declared.enum:
            return tuple(map(Choice, declared.enum))
        return self.documents if declared.name == DOCUMENT else ()


def know(settings: Settings) -> Known:
    """What can be said: phrases of the workspace's pipelines and of those that cutter ships; ids of the index.

    Pipelines with mistakes say nothing: they could not be run.

    Raises:
        Stop: what reading the documents' index raises.
    """
    found = {}
    for listed in list_pipelines(settings):
        with suppress(Stop):
            found[listed.id] = load_pipeline(settings, listed.id)
    documents = read_index(settings.documents).documents
    titled = (Choice(item.id, item.title.get(language()) or item.title.get(item.language, "")) for item in documents)
    return Known(found, tuple(titled), read_politeness())


def understand(known: Known, text: str) -> Understood | Unclear:
    """What a sentence asks for. Raises STOP_INVALID_INPUT (detail `length`, `words`, `characters`)."""
    words = words_in(text)
    readings = find_readings(words, tuple(known.pipelines.values()), known.politeness)
    return _judge(readings, known) if readings else _not_understood(words, known)


def answer(known: Known, unclear: Unclear, value: str) -> Understood | Unclear:
    """What is asked for when the open question has this answer."""
    if unclear.reading is None or unclear.question is None:
        return unclear
    name = unclear.question.input
    values = (*unclear.reading.values, InputValue(name, value))
    missing = tuple(item for item in unclear.reading.missing if item != name)
    return _judge((msgspec.structs.replace(unclear.reading, values=values, missing=missing),), known)


def read_politeness() -> Politeness:
    """The expressions of politeness of every language."""
    path = Path(pipelines.__file__).with_name(_POLITENESS)
    found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, Courtesies])
    return tuple(found.values())


def _judge(readings: Sequence[Reading], known: Known) -> Understood | Unclear:
    """One whole reading is taken; else what is missing is asked for, then what is wrong is told."""
    faults = {n: _fault(reading, known) for n, reading in enumerate(readings)}
    good = [reading for n, reading in enumerate(readings) if faults[n] is None]
    whole = [reading for reading in good if not reading.missing]
    if len(whole) == 1:
        return _understood(whole[0], known)
    if whole:
        return _ambiguous(whole, known)
    if good:
        most = max(len(reading.values) for reading in good)
        open_ = [reading for reading in good if len(reading.values) == most]
        return _missing(open_[0], known) if len(open_) == 1 else _ambiguous(open_, known)
    n = min(faults, key=lambda place: len(readings[place].missing))
    stop = faults[n]
    assert stop is not None  # noqa: S101  none is good
    return _wrong(readings[n], stop, known)


def _understood(reading: Reading, known: Known) -> Understood:
    pipeline = known.pipelines[reading.pipeline]
    return Understood(pipeline, reading, _line(reading, known), _line(reading, known, Mode.LIVE))


def _line(reading: Reading, known: Known, mode: Mode = Mode.DRYRUN) -> str:
    return run_line(known.pipelines[reading.pipeline], Inputs(reading.values), mode)


def _fault(reading: Reading, known: Known) -> Stop | None:
    """What is wrong with the values of a reading; None when nothing is."""
    pipeline = known.pipelines[reading.pipeline]
    for item in reading.values:
        declared = next(found for found in pipeline.inputs if found.name == item.name)
        stop = _fault_of(pipeline, declared, item.value or "", [choice.value for choice in known.choices(declared)])
        if stop is not None:
            return stop
    return None


def _fault_of(pipeline: Pipeline, declared: Input, value: str, choices: Sequence[str]) -> Stop | None:
    near = tuple(choice for choice in _nearest(value, choices) if _likeness(value, choice) >= _LIKE)
    if value[:1] in DASHES:
        return Stop(StopCode.STOP_INVALID_INPUT, detail="dash", where=declared.name, suggestions=near)
    try:
        parse_inputs(msgspec.structs.replace(pipeline, inputs=(declared,)), {declared.name: value})
    except Stop as stop:
        return Stop(stop.code, stop.detail, needed=stop.needed, where=declared.name, suggestions=near)
    if declared.name != DOCUMENT:
        return None
    if value not in choices:
        return Stop(StopCode.STOP_DOCUMENT_UNKNOWN, detail="not_listed", where="documents/index.yaml", suggestions=near)
    same = tuple(choice for choice in choices if bare(choice) == value)
    if len(same) > 1:  # the full stop could be the sentence's or the id's
        return Stop(StopCode.STOP_PHRASE_UNCLEAR, detail="punctuation", where=declared.name, suggestions=same)
    return None


def _nearest(value: str, choices: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(choices, key=lambda choice: _likeness(value, choice), reverse=True))


def _likeness(value: str, choice: str) -> float:
    return SequenceMatcher(None, value.casefold(), choice.casefold(), autojunk=False).ratio()


def _question(reading: Reading, name: str, said: str, known: Known) -> Question:
    declared = next(item for item in known.pipelines[reading.pipeline].inputs if item.name == name)
    choices = {choice.value: choice for choice in known.choices(declared)}
    return Question(name, declared.help, tuple(choices[value] for value in _nearest(said, tuple(choices))))


def _missing(reading: Reading, known: Known) -> Unclear:
    """Ask for the first input that has no value."""
    question = _question(reading, reading.missing[0], "", known)
    values = tuple(choice.value for choice in question.choices)
    stop = Stop(
        StopCode.STOP_PHRASE_UNCLEAR,
        detail="missing",
        needed=question.help,
        where=", ".join(reading.missing),
        suggestions=values[:SUGGESTIONS],
    )
    next_ = _commands(reading, question, known) if len(reading.missing) == 1 else ()
    return Unclear(stop, reading.words, question, (), reading, (*next_, *_list(question.input)))


def _wrong(reading: Reading, stop: Stop, known: Known) -> Unclear:
    """A value that is none: the nearest are told."""
    name = DOCUMENT if stop.code is StopCode.STOP_DOCUMENT_UNKNOWN else stop.where
    said = next(item.value or "" for item in reading.values if item.name == name)
    question = _question(reading, name, said, known)
    others = tuple(item for item in reading.values if item.name != name)
    near = Question(name, "", tuple(choice for choice in question.choices if choice.value in stop.suggestions))
    open_ = msgspec.structs.replace(reading, values=others)
    next_ = () if reading.missing else _commands(open_, near, known)
    return Unclear(stop, reading.words, question, next=(*next_, *_list(name)))


def _ambiguous(readings: Sequence[Reading], known: Known) -> Unclear:
    could_be = tuple(
        Meant(reading.pipeline, reading.phrase, "" if reading.missing else _line(reading, known))
        for reading in readings
    )
    names = tuple(dict.fromkeys(meant.pipeline for meant in could_be))
    stop = Stop(StopCode.STOP_PHRASE_UNCLEAR, detail="ambiguous", suggestions=names)
    next_ = tuple(NextStep("rehearse", meant.command) for meant in could_be if meant.command)
    return Unclear(stop, readings[0].words, None, could_be, None, next_)


def _not_understood(words: Sequence[str], known: Known) -> Unclear:
    near = nearest_phrases(words, tuple(known.pipelines.values()))
    phrase = near[0][1] if near else ""
    values = [
        InputValue(declared.name, choice.value)
        for pipeline, _ in near[:1]
        for declared in pipeline.inputs
        for choice in known.choices(declared)
    ]
    told = tell_words(words, phrase, values, known.politeness)
    place = next((n for n, word in enumerate(told, start=1) if word.sense is Sense.UNKNOWN), 0)
    could_be = tuple(Meant(pipeline.id, said) for pipeline, said in near)
    stop = Stop(
        StopCode.STOP_PHRASE_UNKNOWN,
        detail="words" if place else "order" if words else "empty",
        where=f"word {place}" if place else "",
        suggestions=tuple(meant.phrase for meant in could_be)[:SUGGESTIONS],
    )
    return Unclear(stop, told, None, could_be, None, (NextStep("pipelines", command("pipelines", "list")),))


def _commands(reading: Reading, question: Question, known: Known) -> tuple[NextStep, ...]:
    """The command for each of the first choices."""
    lines = (
        _line(msgspec.structs.replace(reading, values=(*reading.values, InputValue(question.input, c.value))), known)
        for c in question.choices[:SUGGESTIONS]
    )
    return tuple(NextStep("rehearse", line) for line in lines)


def _list(name: str) -> tuple[NextStep, ...]:
    return (NextStep("list", command(*_LISTS[name])),) if name in _LISTS else ()

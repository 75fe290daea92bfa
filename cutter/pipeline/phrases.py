"""What a sentence asks for: the phrases of pipelines, found in the words of a person. Pure, and it never guesses.

Rules kept here:

- Every word of the sentence is a word of one phrase, in its order, or the value of an input where the phrase names it,
  or politeness; one word more makes it no reading at all. So a negation, or a word of another effect, matches nothing.
- Words are compared as letters, in any Unicode normal form and case, with Eth for Đ and the tone on either vowel; a
  value is taken as it was written, and is one word.
- A word that begins with a dash is never a value.
- A missing input is told as missing; together with it the words that lead to it may be missing, and no others.

Source: issue 6, part 3; DESIGN §5 (`phrases`).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import Enum
from functools import cache
from typing import TypeAlias

import msgspec

from cutter.model import Input, InputValue, Pipeline
from cutter.pipeline.names import DASHES
from cutter.stops import Stop, StopCode

LONGEST = 500  # characters of a sentence, composed
MOST_WORDS = 32
_MOST_SLOTS = 4  # inputs in a phrase that can be missing one by one
_SPACES = "\t\n\r"
# Controls, formats (bidi, zero width, tags), surrogates, private and unassigned characters, separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PUNCTUATION = ".,;:!?…¿¡·•。，！？、\"'“”„‟‘’‚‛‹›«»「」『』()[]"
_LONE = frozenset("-–—")  # a dash between words; one that begins a word is a part of it
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # grave, acute, tilde, hook above, dot below
_ALIKE = {0x00F0: "đ", 0x0256: "đ", 0x2019: "'", 0x02BC: "'"}  # Eth and African D in small letters; apostrophes
_SLOT = re.compile(r"\{([^{}]+)\}")


class Courtesies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The expressions of politeness of one language, by where they may stand."""

    anywhere: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


Politeness: TypeAlias = tuple[Courtesies, ...]


class Sense(Enum):
    """What a word was understood as."""

    PHRASE = "phrase"
    VALUE = "value"
    POLITE = "polite"
    UNKNOWN = "unknown"


class SpokenWord(msgspec.Struct, frozen=True):
    """One word of a sentence, composed and without the punctuation around it; `input` is whose value it is."""

    text: str
    sense: Sense
    input: str = ""


class Reading(msgspec.Struct, frozen=True):
    """One way to understand a whole sentence; `missing` are required inputs that it has no value for."""

    pipeline: str
    phrase: str
    values: tuple[InputValue, ...]
    missing: tuple[str, ...]
    words: tuple[SpokenWord, ...]


class _Fixed(msgspec.Struct, frozen=True):
    """A word of a phrase, folded."""

    key: str


class _Slot(msgspec.Struct, frozen=True):
    """Where a phrase names an input."""

    name: str


_Step: TypeAlias = _Fixed | _Slot


def words_in(text: str) -> tuple[str, ...]:
    """The words of a sentence, composed, without the punctuation around them.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `length`, `words` or `characters`; the sentence itself is not told.
    """
    if len(text) > 4 * LONGEST or len(composed := unicodedata.normalize("NFC", text)) > LONGEST:
        raise _refused("length", needed=f"at most {LONGEST} characters")
    for place, character in enumerate(composed, start=1):
        if unicodedata.category(character) in _UNSEEN and character not in _SPACES:
            raise _refused("characters", found=f"U+{ord(character):04X}", where=f"character {place}")
    words = tuple(word for written in composed.split() if (word := bare(written)) and word not in _LONE)
    if len(words) > MOST_WORDS:
        raise _refused("words", needed=f"at most {MOST_WORDS} words")
    return words


def bare(word: str) -> str:
    """A word without the punctuation around it."""
    return word.strip(_PUNCTUATION)


def fold(word: str) -> str:
    """The letters of a word as words are compared: small, decomposed, Đ for Eth, a single tone at the end."""
    small = unicodedata.normalize("NFC", word).casefold().translate(_ALIKE)
    letters = unicodedata.normalize("NFD", small)
    tones = [letter for letter in letters if letter in _TONES]
    return letters.replace(tones[0], "") + tones[0] if len(tones) == 1 else letters


def find_readings(words: Sequence[str], pipelines: Sequence[Pipeline], politeness: Politeness) -> tuple[Reading, ...]:
    """Every way to understand a sentence, one for each pipeline with the same values.

    Args:
        words: of `words_in`.
        pipelines: whose phrases may be said.
        politeness: the expressions that have no meaning here, by language.
    """
    found: dict[tuple[str, tuple[InputValue, ...]], Reading] = {}
    courtesy = _Courtesy(words, politeness)
    for pipeline in pipelines:
        for phrase in pipeline.phrases:
            for steps in _forms(phrase):
                for spoken in _align(words, steps, courtesy):
                    reading = _reading(pipeline, phrase, spoken)
                    found.setdefault((reading.pipeline, reading.values), reading)
    return tuple(found.values())


def nearest_phrases(words: Sequence[str], pipelines: Sequence[Pipeline]) -> tuple[tuple[Pipeline, str], ...]:
    """The phrases that can be said: first the one most of whose words were said; of equals, the most alike."""
    keys = tuple(map(fold, words))
    said = " ".join(keys)

    def likeness(item: tuple[Pipeline, str]) -> tuple[float, float]:
        fixed = [step.key for step in _steps(item[1]) or () if isinstance(step, _Fixed)]
        alike = SequenceMatcher(None, " ".join(fixed), said, autojunk=False).ratio()
        return sum(key in keys for key in fixed) / len(fixed), alike

    return tuple(sorted(_spoken_phrases(pipelines), key=likeness, reverse=True))


def tell_words(
    words: Sequence[str], phrase: str, values: Sequence[InputValue], politeness: Politeness
) -> tuple[SpokenWord, ...]:
    """Each word of a sentence that has no reading, seen beside a phrase: what it could be by itself.

    Args:
        words: of `words_in`.
        phrase: the nearest one.
        values: known values of the inputs that the phrase names.
        politeness: as `find_readings`.
    """
    fixed = {step.key for step in _steps(phrase) or () if isinstance(step, _Fixed)}
    named = {item.value: item.name for item in values}
    known = [place for place, word in enumerate(words) if word in named or fold(word) in fixed]
    polite = _Courtesy(words, politeness).places(known or [len(words)])
    return tuple(
        SpokenWord(word, Sense.VALUE, named[word])
        if word in named
        else SpokenWord(word, Sense.PHRASE)
        if place in known
        else SpokenWord(word, Sense.POLITE if place in polite else Sense.UNKNOWN)
        for place, word in enumerate(words)
    )


def _reading(pipeline: Pipeline, phrase: str, spoken: tuple[SpokenWord, ...]) -> Reading:
    given = {word.input: _as_declared(pipeline, word) for word in spoken if word.sense is Sense.VALUE}
    values = tuple(InputValue(item.name, given[item.name]) for item in pipeline.inputs if item.name in given)
    missing = tuple(
        item.name for item in pipeline.inputs if item.required and item.default is None and item.name not in given
    )
    named = (name for name in _SLOT.findall(phrase) if name not in given and name not in missing)
    return Reading(pipeline.id, phrase, values, (*missing, *named), spoken)


def _as_declared(pipeline: Pipeline, word: SpokenWord) -> str:
    """A value of a list is spelt as the list spells it, whatever normal form it was typed in."""
    declared: Sequence[Input] = [item for item in pipeline.inputs if item.name == word.input]
    listed = (value for item in declared for value in item.enum)
    return next((value for value in listed if unicodedata.normalize("NFC", value) == word.text), word.text)


def _spoken_phrases(pipelines: Sequence[Pipeline]) -> Iterator[tuple[Pipeline, str]]:
    for pipeline in pipelines:
        yield from ((pipeline, phrase) for phrase in pipeline.phrases if _steps(phrase) is not None)


def _steps(phrase: str) -> tuple[_Step, ...] | None:
    """A phrase word by word; None for one that cannot be said: without a word, or with an input inside of one."""
    steps: list[_Step] = []
    for written in phrase.split():
        word = bare(written)
        slot = _SLOT.fullmatch(word)
        if slot is not None:
            steps.append(_Slot(slot[1]))
        elif "{" in word:
            return None
        elif word and word not in _LONE:
            steps.append(_Fixed(fold(word)))
    return tuple(steps) if any(isinstance(step, _Fixed) for step in steps) else None


def _forms(phrase: str) -> tuple[tuple[_Step, ...], ...]:
    """The phrase as it stands, and with inputs missing: an input alone, or with the words that lead to it."""
    steps = _steps(phrase) or ()
    places = [place for place, step in enumerate(steps) if isinstance(step, _Slot)]
    if not steps or len(places) > _MOST_SLOTS:
        return (steps,) if steps else ()
    forms: list[tuple[_Step, ...]] = [()]
    begin = 0
    for number, place in enumerate(places):
        lead, slot = steps[begin:place], steps[place]
        begin = place + 1
        ways = [(*lead, slot), lead, *([()] if number and lead else [])]
        forms = [(*form, *way) for form in forms for way in ways]
    whole = ((*form, *steps[begin:]) for form in forms)
    return tuple(form for form in whole if any(isinstance(step, _Fixed) for step in form))


class _Courtesy:
    """Where expressions of politeness stand in a sentence."""

    def __init__(self, words: Sequence[str], politeness: Politeness) -> None:
        self._keys = tuple(map(fold, words))
        anywhere = frozenset(_folded(e) for language in politeness for e in language.anywhere)
        self._before = anywhere | {_folded(e) for language in politeness for e in language.before}
        self._after = anywhere | {_folded(e) for language in politeness for e in language.after}
        self._anywhere = anywhere

    def lengths(self, at: int, *, before: bool, after: bool) -> Iterator[int]:
        """Of how many words an expression is that begins at a place, before or after a phrase, or (neither) inside."""
        allowed = self._before if before else self._after if after else self._anywhere
        longest = max(map(len, allowed), default=0)
        return (n for n in range(1, longest + 1) if self._keys[at : at + n] in allowed and at + n <= len(self._keys))

    def places(self, known: Sequence[int]) -> frozenset[int]:
        """The places of words of politeness around those that are known to be of a phrase."""
        found: set[int] = set()
        for at in range(len(self._keys)):
            lengths = self.lengths(at, before=at < known[0], after=at > known[-1])
            found.update(range(at, at + max(lengths, default=0)))
        return frozenset(found)


def _folded(expression: str) -> tuple[str, ...]:
    return tuple(map(fold, expression.split()))


def _align(words: Sequence[str], steps: tuple[_Step, ...], courtesy: _Courtesy) -> Iterator[tuple[SpokenWord, ...]]:
    """Every way to lay the words over the steps, one for each choice of values."""

    @cache
    def rest(at: int, step: int) -> dict[tuple[str, ...], tuple[SpokenWord, ...]]:
        if at == len(words):
            return {(): ()} if step == len(steps) else {}
        found: dict[tuple[str, ...], tuple[SpokenWord, ...]] = {}
        for n in courtesy.lengths(at, before=step == 0, after=step == len(steps)):
            polite = tuple(SpokenWord(word, Sense.POLITE) for word in words[at : at + n])
            for values, spoken in rest(at + n, step).items():
                found.setdefault(values, (*polite, *spoken))
        taken = _take(words[at], steps[step]) if step < len(steps) else None
        if taken is not None:
            own = (taken.text,) if taken.input else ()
            for values, spoken in rest(at + 1, step + 1).items():
                found[own + values] = (taken, *spoken)
        return found

    yield from rest(0, 0).values()


def _take(word: str, step: _Step) -> SpokenWord | None:
    match step:
        case _Fixed(key=key):
            return SpokenWord(word, Sense.PHRASE) if fold(word) == key else None
        case _Slot(name=name):
            return None if word[0] in DASHES else SpokenWord(word, Sense.VALUE, name)


def _refused(detail: str, *, found: str = "", needed: str = "", where: str = "") -> Stop:
    return Stop(StopCode.STOP_INVALID_INPUT, detail=detail, found=found, needed=needed, where=where or "PHRASE")

"""Whether a profile makes sense: what its types cannot say, before anything is cut with it.

Rules kept here: every level can be reached from the document, and some level is what people cite; what is printed can
be read back, and be written in ASCII, as one number only; nothing that is looked for is empty; expressions end in time.

Source: cutting.md §1, §2; issue 5, "Bad input".
"""

from collections.abc import Iterator
from typing import NamedTuple

from cutter.cutting.address import FRONT, HEAD, QUOTED, TAIL
from cutter.cutting.doubts import DoubtCode
from cutter.cutting.expressions import fault_of
from cutter.cutting.profile import DOCUMENT, Level, Profile, Rank, Series

# Levels of a profile; each line is held against those that begin like it.
MOST_LEVELS = 100


class Fault(NamedTuple):
    """What is wrong with a profile.

    Args:
        detail: the word that a stop shows.
        path: where, such as `$.levels[3].within`.
        found: what stands there, where that helps.
    """

    detail: str
    path: str
    found: str = ""


def faults_of(profile: Profile) -> Iterator[Fault]:
    """What is wrong with a profile. Details:

    - `too_many`, `duplicate_level`, `unknown_level`, `unreachable_level` (no chain of holders ends at the document),
      `no_basic_level`, `no_heading` (a level says nothing of its headings), `reserved_type` (of units without a level),
      `bad_columns`;
    - `empty`, `not_letters`, `repeated`: words, signs and numbers that cannot be told from nothing, or from another;
    - `no_alias`, `bad_alias`: letters that an ASCII address cannot show, or shows as others;
    - `bad_expression`, `empty_match` (it matches nothing, so every line), `nested_repeat` (see `expressions`);
    - `unknown_doubt`.
    """
    yield from _structure(profile)
    for place, level in enumerate(profile.levels):
        yield from _level(level, f"$.levels[{place}]")
    yield from _alias(profile)
    yield from _marks(profile)
    yield from _expressions(profile)
    if unknown := set(profile.stops) - {code.value for code in DoubtCode}:
        yield Fault("unknown_doubt", "$.stops", min(unknown))


def _structure(profile: Profile) -> Iterator[Fault]:
    if len(profile.levels) > MOST_LEVELS:
        yield Fault("too_many", "$.levels", str(len(profile.levels)))
    ids = [DOCUMENT]
    for place, level in enumerate(profile.levels):
        if level.id in ids:
            yield Fault("duplicate_level", f"$.levels[{place}].id", level.id)
        ids.append(level.id)
    reached, before = {DOCUMENT}, 0
    while len(reached) != before:
        before = len(reached)
        reached |= {level.id for level in profile.levels if reached & set(level.within)}
    for place, level in enumerate(profile.levels):
        if unknown := set(level.within) - set(ids):
            yield Fault("unknown_level", f"$.levels[{place}].within", min(unknown))
        if level.id not in reached:
            yield Fault("unreachable_level", f"$.levels[{place}].within", level.id)
    if not any(level.rank is Rank.BASIC for level in profile.levels):
        yield Fault("no_basic_level", "$.levels")


def _level(level: Level, path: str) -> Iterator[Fault]:
    if not (level.words or level.words_after or level.numbers or level.hashes or level.underline):
        yield Fault("no_heading", path)
    if not level.numbers and not level.unnumbered:
        yield Fault("no_heading", f"{path}.numbers")
    if level.type in (FRONT, QUOTED, HEAD, TAIL):
        yield Fault("reserved_type", f"{path}.type", level.type)
    if level.columns is not None and level.columns[0] > level.columns[1]:
        yield Fault("bad_columns", f"{path}.columns")
    for name, words in (("words", level.words), ("words_after", level.words_after)):
        yield from _words(words, f"{path}.{name}")
    for place, numbers in enumerate(level.numbers):
        if isinstance(numbers, Series):
            yield from _series(numbers, f"{path}.numbers[{place}]")
    if level.behind and (fault := fault_of(level.behind)) not in (None, "empty_match"):
        yield Fault(fault or "", f"{path}.behind")


def _words(words: tuple[str, ...], path: str) -> Iterator[Fault]:
    for place, word in enumerate(words):
        if not word or word != " ".join(word.split()):
            yield Fault("empty", f"{path}[{place}]", word)
    if len(set(words)) != len(words):
        yield Fault("repeated", path)


def _series(series: Series, path: str) -> Iterator[Fault]:
    if not series.letters and not series.ordinals:
        yield Fault("empty", path)
    yield from _letters(series.letters, f"{path}.letters")
    yield from _words(series.ordinals, f"{path}.ordinals")
    if series.before != " ".join(series.before.split()):
        yield Fault("empty", f"{path}.before", series.before)


def _letters(letters: str, path: str) -> Iterator[Fault]:
    if letters and not letters.isalpha():
        yield Fault("not_letters", path, letters)
    if len(set(letters)) != len(letters):
        yield Fault("repeated", path, letters)


def _alias(profile: Profile) -> Iterator[Fault]:
    yield from _letters(profile.suffixes, "$.suffixes")
    series = [numbers for level in profile.levels for numbers in level.numbers if isinstance(numbers, Series)]
    alphabets = [profile.suffixes, *(numbers.letters for numbers in series)]
    known = {letter for letter, _ in profile.ascii}
    for letter in sorted({letter for alphabet in alphabets for letter in alphabet} - known):
        if not letter.isascii():
            yield Fault("no_alias", "$.ascii", letter)
    shown = [alias for _, alias in profile.ascii]
    for place, (letter, alias) in enumerate(profile.ascii):
        if len(letter) != 1 or letter.isascii() or not alias.isascii() or not alias.isalpha():
            yield Fault("bad_alias", f"$.ascii[{place}]", letter)
        elif shown.count(alias) > 1 or any(_may_be(alias, alphabet) for alphabet in alphabets):
            yield Fault("bad_alias", f"$.ascii[{place}]", alias)


def _may_be(alias: str, alphabet: str) -> bool:
    """Whether an alias is also a number of letters, or a part of one: a letter, or two where a run goes on with aa."""
    doubles = len(alphabet) == 26 and alphabet.isascii()
    return len(alias) <= (2 if doubles else 1) and set(alias) <= set(alphabet)


def _marks(profile: Profile) -> Iterator[Fault]:
    quotes = profile.quotes
    if quotes is not None:
        marks = (quotes.opening, quotes.closing, quotes.plain)
        if any(len(mark) != 1 or mark.isspace() for mark in marks):
            yield Fault("empty", "$.quotes")
        if len(set(marks)) != len(marks):
            yield Fault("repeated", "$.quotes")
    yield from _words(profile.contents, "$.contents")


def _expressions(profile: Profile) -> Iterator[Fault]:
    lines = [(f"$.evidence[{place}].lines", each.lines) for place, each in enumerate(profile.evidence)]
    if profile.closing is not None:
        lines += [(f"$.closing.lines[{place}]", line) for place, line in enumerate(profile.closing.lines)]
    for path, expression in lines:
        if (fault := fault_of(expression)) is not None:
            yield Fault(fault, path)

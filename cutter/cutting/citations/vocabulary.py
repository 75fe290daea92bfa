"""The words of a profile's citations, compiled once: which words name which TYPE, and how a number may be written.

Words are compared in the shadow of the text and without letter case, so that normal form, Eth letters, no-break
spaces and capitals do not matter.

Source: issue 5, part 4; cutting.md §1, rules 1–4, §2 stage 0.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from cutter.cutting.citations.akn import USUAL
from cutter.cutting.numbers import Roman, read
from cutter.cutting.profile import CitationStyle, Profile, Series
from cutter.cutting.shadow import fold

_ORDINAL_ENDING = re.compile(r"([0-9]+)(?:st|nd|rd|th)")
_ROMAN = Roman()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a citation of a family of documents is made of.

    Args:
        types: all TYPEs that an address may hold, of a level or of a stage.
        before: words before a number, with the TYPEs that they name; after: those behind a number.
        alone: words that need no number.
        word, word_after, between, itself: their regular expressions; `between` are the words between two parts.
        ordinal, ordinals: regular expression of the ordinal words, and their values; `ordinal_prefix` stands before.
        unnumbered_eids: eIds that are one word (`preface`), without letter case, where it is no word of a citation.
        aliases: what stands for a letter in an ASCII alias, with the letter.
    """

    types: frozenset[str]
    before: dict[str, frozenset[str]]
    after: dict[str, frozenset[str]]
    alone: frozenset[str]
    word: re.Pattern[str]
    word_after: re.Pattern[str]
    between: re.Pattern[str]
    itself: re.Pattern[str]
    ordinal: re.Pattern[str]
    ordinal_prefix: re.Pattern[str]
    ordinals: dict[str, int]
    unnumbered_eids: frozenset[str]
    aliases: tuple[tuple[str, str], ...]

    def forms(self, number: str) -> tuple[str, ...]:
        """What a written number may be in the index, the most literal first: `xv` and `15`; `dd` and `đ`."""
        found = [number, number.lstrip("0") or number]
        if number in self.ordinals:
            found.append(str(self.ordinals[number]))
        if ending := _ORDINAL_ENDING.fullmatch(number):
            found.append(ending[1].lstrip("0"))
        if (roman := read(_ROMAN, number.upper())) is not None:
            found.append(str(roman.value))
        found.extend(number.replace(alias, letter) for alias, letter in self.aliases if alias in number)
        return tuple(dict.fromkeys(found))


def folded(text: str) -> str:
    """Text as words are compared: its shadow, without letter case, white space as single spaces."""
    return " ".join(fold(fold(text).casefold()).split())


@cache
def vocabulary(profile: Profile) -> Vocabulary:
    """The vocabulary of a profile."""
    before: dict[str, set[str]] = {}
    after: dict[str, set[str]] = {}
    alone: set[str] = set()
    for each in (*_words_of_styles(profile), *_words_of_levels(profile)):
        word = folded(each.word).rstrip(". ")
        known = after if each.behind else before
        if not word or (each.heading and word in known and each.type not in known[word]):
            continue
        known.setdefault(word, set()).add(each.type)
        if each.alone:
            alone.add(word)
    ordinals = dict(_ordinals(profile))
    styles = profile.citations.values()
    return Vocabulary(
        types=frozenset(_types(profile)),
        before={word: frozenset(types) for word, types in before.items()},
        after={word: frozenset(types) for word, types in after.items()},
        alone=frozenset(alone),
        word=_any_of(before),
        word_after=_any_of(after),
        between=_any_of(word for style in styles for word in (*style.between, style.join.strip(" ,;"))),
        itself=_any_of(word for style in styles for word in style.itself),
        ordinal=_any_of(ordinals),
        ordinal_prefix=_any_of(series.before for series in _series(profile)),
        ordinals=ordinals,
        unnumbered_eids=frozenset(_unnumbered_eids(profile)) - before.keys(),
        aliases=tuple((folded(alias), folded(letter)) for letter, alias in profile.ascii),
    )


def words_around(template: str) -> tuple[str, str]:
    """The words before and behind the number in a template of a citation: `Article` of `Article {n}`."""
    before, _, after = template.partition("{")
    return before.strip(" ([."), after.partition("}")[2].strip(" )].")


def types_of_word(template: str, compiled: Vocabulary) -> frozenset[str]:
    """The TYPEs that the words of a template name; none when it has no words, as `({n})`."""
    before, after = words_around(template)
    if before:
        return compiled.before.get(folded(before).rstrip(". "), frozenset())
    return compiled.after.get(folded(after), frozenset())


def _types(profile: Profile) -> Iterator[str]:
    yield from (type_ for type_ in USUAL if "/" not in type_)
    yield from (level.type for level in profile.levels)
    if profile.closing is not None:
        yield profile.closing.type


class _Word(NamedTuple):
    """A word that names a TYPE, whether it stands behind the number, without one, and in headings only."""

    type: str
    word: str
    behind: bool = False
    alone: bool = False
    heading: bool = False


def _words_of_styles(profile: Profile) -> Iterator[_Word]:
    for style in profile.citations.values():
        for type_, template in _templates(style):
            before, after = words_around(template)
            yield _Word(type_, before or after, behind=not before, alone="{" not in template)


def _words_of_levels(profile: Profile) -> Iterator[_Word]:
    """The words of headings; one by which people cite another TYPE (a Schedule's `Section 5`) is only that."""
    for level in profile.levels:
        yield from (_Word(level.type, word, alone=level.unnumbered, heading=True) for word in level.words)
        yield from (_Word(level.type, word, behind=True, heading=True) for word in level.words_after)


def _templates(style: CitationStyle) -> Iterator[tuple[str, str]]:
    yield from style.parts.items()
    for type_, words in style.also.items():
        numbered = "{" in style.parts.get(type_, "{")
        for word in words:
            yield type_, word if "{" in word or not numbered else f"{word} {{n}}"


def _series(profile: Profile) -> Iterator[Series]:
    return (numbers for level in profile.levels for numbers in level.numbers if isinstance(numbers, Series))


def _ordinals(profile: Profile) -> Iterator[tuple[str, int]]:
    for series in _series(profile):
        for value, word in enumerate(series.ordinals, start=1):
            yield folded(word), value


def _unnumbered_eids(profile: Profile) -> Iterator[str]:
    for names in (USUAL.values(), profile.akn.values()):
        yield from (folded(name.part) for name in names if name.number == "none")


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A regular expression of words, the longest first, that ends where the word ends; of nothing where none is."""
    known = sorted({folded(word) for word in words} - {""}, key=lambda word: (-len(word), word))
    if not known:
        return re.compile(r"(?!)")
    return re.compile("|".join(re.escape(word) + (r"(?![^\W\d_])" if word[-1].isalpha() else "") for word in known))

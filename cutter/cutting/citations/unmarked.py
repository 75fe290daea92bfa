"""Citations typed without the marks of letters: `dieu 2 khoan 1` for `Điều 2 khoản 1`.

Rules kept here:

- Only words that people cite by get their marks back, and only whole words of at least three letters: `d` stays `d`.
- A word that two words of the profile become without their marks is left as it was typed: nothing is guessed.

Source: issue 5, part 4.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from cutter.cutting.citations.vocabulary import folded, vocabulary
from cutter.cutting.profile import Profile, Series

_SHORTEST_WORD = 3
# Words that a refusal names: one for each level.
_MOST_NAMED = 12
# Letters that are no composition, and so keep their mark in every normal form.
_LETTERS = str.maketrans({"đ": "d"})


def with_marks(text: str, profile: Profile) -> str:
    """A folded citation with the marks of the profile's words; one that has a mark itself is left as it is."""
    if not text.isascii():
        return text
    pattern, marked = _words(profile)
    return pattern.sub(lambda found: marked[found[0]], text)


def words_named(profile: Profile) -> str:
    """The words by which units of this kind of document are cited, from the outermost: `Chương, Điều, khoản`."""
    style = next(iter(profile.citations.values()), None)
    templates = (style.parts.get(level.type, "") for level in profile.levels) if style else iter(())
    words = dict.fromkeys(template.partition("{")[0].strip(" (.") for template in templates)
    return ", ".join([word for word in words if word][:_MOST_NAMED])


@cache
def _words(profile: Profile) -> tuple[re.Pattern[str], dict[str, str]]:
    marked: dict[str, set[str]] = {}
    for word in _all(profile):
        marked.setdefault(_without_marks(word), set()).add(word)
    known = {
        plain: min(words)
        for plain, words in marked.items()
        if len(words) == 1 and plain not in words and plain.isascii() and len(plain) >= _SHORTEST_WORD
    }
    longest_first = sorted(known, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?![^\W\d_])"), known


def _all(profile: Profile) -> Iterator[str]:
    words = vocabulary(profile)
    yield from words.before
    yield from words.after
    yield from words.ordinals
    for style in profile.citations.values():
        yield from map(folded, (*style.between, *style.itself))
    for level in profile.levels:
        yield from (folded(each.before) for each in level.numbers if isinstance(each, Series) and each.before)


def _without_marks(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.translate(_LETTERS))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))

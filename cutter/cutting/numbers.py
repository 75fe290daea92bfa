"""Numbers as documents print them: decimal, roman, ordinal words, letters, bullets, each with an optional suffix.

A number system is a frozen value of a closed union; this module reads a print form in a system and says whether one
number follows another. Nothing is re-numbered: 217a stays 217a (cutting.md §1, rules 2 and 3).
"""

import re
from dataclasses import dataclass
from typing import TypeAlias, assert_never

import msgspec

from cutter.cutting.profile import Numbers, Series

# Digits that a printed number may have: no real run is longer, and an unbounded one would make integers of any size.
MOST_DIGITS = 6

# Inserted numbers of texts that count in Latin: 5, 5bis, 5ter.
_LATIN = ("bis", "ter", "quater", "quinquies", "sexies", "septies", "octies")
_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_DECIMAL = re.compile(rf"([0-9]{{1,{MOST_DIGITS}}})([^\W\d_]*)")
_BULLETS = "-*+•–"
# What follows a letter that was inserted: a, a1, a2.
_DIGITS = "123456789"


class Number(msgspec.Struct, frozen=True, order=True, gc=False):
    """A read number: its value and its suffix in lower case ("" when it has none)."""

    value: int
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Decimal:
    """1, 2, 3; with `suffixes` also 5a, in the order of that alphabet, and 5bis."""

    suffixes: str = ""


@dataclass(frozen=True, slots=True)
class Roman:
    """I, II, III in capitals, or `small` i, ii, iii; with `suffixes` also Va."""

    suffixes: str = ""
    small: bool = False


@dataclass(frozen=True, slots=True)
class OrdinalWords:
    """Words, after a prefix word where there is one, any letter case: `thứ nhất` is 1; `words` are in order from 1."""

    prefix: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of an alphabet in order from its first letter; an ASCII alphabet goes on with aa, ab. Also a1, a2."""

    alphabet: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """Signs that number nothing."""


NumberSystem: TypeAlias = Decimal | Roman | OrdinalWords | Letters | Bullets


def system_of(numbers: Numbers, suffixes: str) -> NumberSystem:
    """The number system that a profile names."""
    match numbers:
        case "decimal":
            return Decimal(suffixes)
        case "roman":
            return Roman(suffixes)
        case "small_roman":
            return Roman(small=True)
        case "bullet":
            return Bullets()
        case Series(letters=""):
            return OrdinalWords(numbers.before, numbers.ordinals)
        case Series():
            return Letters(numbers.letters)
        case _:
            assert_never(numbers)


def pattern(system: NumberSystem) -> str:
    """The regular expression (without groups) of the print forms of a system."""
    match system:
        case Decimal(suffixes):
            return rf"[0-9]{{1,{MOST_DIGITS}}}" + _optional(suffixes)
        case Roman(suffixes, small):
            return ("[ivxlcdm]{1,15}" if small else "[IVXLCDM]{1,15}") + _optional(suffixes)
        case OrdinalWords(prefix, words):
            longest_first = "|".join(_spoken(word) for word in sorted(words, key=len, reverse=True))
            return rf"(?i:{_spoken(prefix)} +(?:{longest_first}))" if prefix else rf"(?i:{longest_first})"
        case Letters(alphabet):
            return f"[{alphabet}]{'{1,2}' if _doubles(alphabet) else ''}[1-9]?"
        case Bullets():
            return f"[{re.escape(_BULLETS)}]"
        case _:
            assert_never(system)


def initials(system: NumberSystem) -> str:
    """The characters that a print form of a system may begin with."""
    match system:
        case Decimal():
            return "0123456789"
        case Roman(_, small):
            return "ivxlcdm" if small else "IVXLCDM"
        case OrdinalWords(prefix, words):
            first = [prefix] if prefix else list(words)
            return "".join(sorted({sign for word in first for sign in (word[0].lower(), word[0].upper())}))
        case Letters(alphabet):
            return alphabet
        case Bullets():
            return _BULLETS
        case _:
            assert_never(system)


def read(system: NumberSystem, print_form: str) -> Number | None:
    """The number that a print form (from the shadow) has in a system, or None when it is not one of its forms."""
    match system:
        case Decimal():
            if print_form.isascii() and print_form.isdigit() and len(print_form) <= MOST_DIGITS:
                return Number(int(print_form))
            found = _DECIMAL.fullmatch(print_form)
            return Number(int(found[1]), found[2]) if found and (system.suffixes or not found[2]) else None
        case Roman(suffixes, small):
            letters, suffix = _split(print_form, "" if small else suffixes)
            capitals = letters.upper()
            return Number(_roman_value(capitals), suffix) if letters and _ROMAN.fullmatch(capitals) else None
        case OrdinalWords(prefix, words):
            spoken = " ".join(print_form.lower().split())
            word = spoken.removeprefix(prefix).lstrip(" ")
            return Number(words.index(word) + 1) if spoken.startswith(prefix) and word in words else None
        case Letters(alphabet):
            letters, suffix = _split(print_form, _DIGITS)
            return Number(_letters_value(letters, alphabet), suffix) if letters else None
        case Bullets():
            return Number(1)
        case _:
            assert_never(system)


def follows(number: Number, previous: Number, suffixes: str) -> bool:
    """Whether a number stands directly after another in a run: 6 after 5 or 5a; 5a after 5; 5b after 5a."""
    if not number.suffix:
        return number.value == previous.value + 1
    if number.value != previous.value:
        return False
    for series in (suffixes, _LATIN, _DIGITS):
        if number.suffix in series:
            place = series.index(number.suffix)
            return place == (series.index(previous.suffix) + 1 if previous.suffix in series and previous.suffix else 0)
    return False


def _spoken(words: str) -> str:
    return re.escape(words).replace(r"\ ", " +")


def _optional(suffixes: str) -> str:
    return f"(?:{'|'.join(_LATIN)}|[{suffixes}])?" if suffixes else ""


def _split(print_form: str, suffixes: str) -> tuple[str, str]:
    last = print_form[-1:]
    return (print_form[:-1], last) if last and last in suffixes else (print_form, "")


def _doubles(alphabet: str) -> bool:
    """Whether a run goes on behind its last letter; the alias `dd` of a Vietnamese letter must stay its own."""
    return alphabet.isascii() and len(alphabet) == 26


def _letters_value(letters: str, alphabet: str) -> int:
    value = 0
    for letter in letters:
        value = value * len(alphabet) + alphabet.index(letter) + 1
    return value


def _roman_value(letters: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in letters]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))

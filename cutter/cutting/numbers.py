"""Numbers as documents print them: decimal, roman, ordinal words, letters, each with an optional suffix letter.

A number system is a frozen value of a closed union; this module reads a print form in a system and says whether one
number follows another. Nothing is re-numbered: 217a stays 217a (cutting.md §1, rules 2 and 3).
"""

import re
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, assert_never

# Digits that a printed number may have: no real run is longer, and an unbounded one would make integers of any size.
MOST_DIGITS = 6

_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


class Number(NamedTuple):
    """A read number: its value from 1 and its suffix letter in lower case ("" when it has none)."""

    value: int
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Decimal:
    """1, 2, 3; with `suffixes` also 5a, in the order of that alphabet."""

    suffixes: str = ""


@dataclass(frozen=True, slots=True)
class Roman:
    """I, II, III in capitals; with `suffixes` also Va."""

    suffixes: str = ""


@dataclass(frozen=True, slots=True)
class OrdinalWords:
    """Words after a prefix word, any letter case: `thứ nhất` is 1; `words` are in order from 1."""

    prefix: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of an alphabet in order, from its first letter."""

    alphabet: str


NumberSystem: TypeAlias = Decimal | Roman | OrdinalWords | Letters


def pattern(system: NumberSystem) -> str:
    """The regular expression (without groups) of the print forms of a system."""
    match system:
        case Decimal(suffixes):
            return rf"[0-9]{{1,{MOST_DIGITS}}}" + _optional(suffixes)
        case Roman(suffixes):
            return r"[IVXLCDM]{1,15}" + _optional(suffixes)
        case OrdinalWords(prefix, words):
            longest_first = sorted(words, key=len, reverse=True)
            return rf"(?i:{prefix} +(?:{'|'.join(word.replace(' ', ' +') for word in longest_first)}))"
        case Letters(alphabet):
            return f"[{alphabet}]"
        case _:
            assert_never(system)


def read(system: NumberSystem, print_form: str) -> Number | None:
    """The number that a print form (from the shadow) has in a system, or None when it is not one of its forms."""
    match system:
        case Decimal(suffixes):
            digits, suffix = _split(print_form, suffixes)
            if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS) or int(digits) == 0:
                return None
            return Number(int(digits), suffix)
        case Roman(suffixes):
            letters, suffix = _split(print_form, suffixes)
            return Number(_roman_value(letters), suffix) if letters and _ROMAN.fullmatch(letters) else None
        case OrdinalWords(prefix, words):
            first, *rest = print_form.lower().split()
            word = " ".join(rest)
            return Number(words.index(word) + 1) if first == prefix and word in words else None
        case Letters(alphabet):
            found = alphabet.find(print_form) if len(print_form) == 1 else -1
            return Number(found + 1) if found >= 0 else None
        case _:
            assert_never(system)


def is_first(number: Number) -> bool:
    """Whether a number opens a run."""
    return number.value == 1 and not number.suffix


def follows(number: Number, previous: Number, suffixes: str) -> bool:
    """Whether a number stands directly after another in a run: 6 after 5 or 5a; 5a after 5; 5b after 5a."""
    if not number.suffix:
        return number.value == previous.value + 1
    if number.value != previous.value:
        return False
    return suffixes.find(number.suffix) == (suffixes.find(previous.suffix) + 1 if previous.suffix else 0)


def _optional(suffixes: str) -> str:
    return f"[{suffixes}]?" if suffixes else ""


def _split(print_form: str, suffixes: str) -> tuple[str, str]:
    last = print_form[-1:]
    return (print_form[:-1], last) if last and last in suffixes else (print_form, "")


def _roman_value(letters: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in letters]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))

r"""How a family of documents words its references, compiled once of its profile: one expression for all tokens.

Every quantifier of the expression is bounded or stands over one class of signs, so a pass over a text is linear. It is
made for levelled text: words in their shadow, one space between two, `\n` where a line ends, `\n\n` for blank lines.

Source: issue 5, part 7; cutting.md §1, rules 1–4.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from cutter.cutting.numbers import Bullets, Decimal, Letters, OrdinalWords, Roman, pattern, read, system_of
from cutter.cutting.profile import AmendingWords, Level, Profile, Rank, ReferenceWords, Run, Series
from cutter.cutting.vocabulary import folded, vocabulary

# 5, 5a, 5bis, 217đ; XV; xv; a, aa, a1. Then .2.1 and .8a: the parts of a path.
NUMBER = (
    r"(?:[0-9]{1,6}[^\W\d_]{0,3}|[IVXLCDM]{1,15}|[ivxlcdm]{1,8}|[^\W\d_]{1,2}[0-9]?)"
    r"(?:\.[0-9]{1,6}[^\W\d_]{0,2}){0,12}(?!\w)"
)
# A number in brackets: digits, a letter, a small roman number, a doubled letter, or up to three other letters.
BRACKET = r"\([0-9]{1,6}[^\W\d_]{0,3}\)|\([ivxlcdm]{1,8}\)|\([^\W\d_]{1,3}[0-9]?\)"


@dataclass(frozen=True, slots=True)
class Wording:
    """What references of a family of documents are made of.

    Args:
        profile: of which it was made.
        token: the expression of all tokens; the name of the group says which kind it is.
        follows: what may stand behind a number that goes on a list without a word of its own.
        types: TYPEs by folded word, and whether the word announces several numbers.
        after: TYPEs by folded word behind an ordinal word.
        titles: TYPEs by folded word for a title.
        accepts: by TYPE, how its numbers are printed.
        depth: by TYPE, how far inside it stands; annexes and schedules outermost.
        inner: by TYPE, TYPEs of what may stand directly in it, outermost first.
        here, external, external_before: what says to which document a citation belongs.
    """

    profile: Profile
    token: re.Pattern[str]
    follows: re.Pattern[str]
    types: dict[str, tuple[frozenset[str], bool]]
    after: dict[str, frozenset[str]]
    titles: dict[str, str]
    accepts: dict[str, re.Pattern[str]]
    depth: dict[str, int]
    inner: dict[str, tuple[str, ...]]
    here: re.Pattern[str]
    external: re.Pattern[str]
    external_before: re.Pattern[str]

    def accepted(self, types: Iterable[str], number: str) -> tuple[str, ...]:
        """Those of some TYPEs whose numbers are printed so, outermost first."""
        main = number.partition(".")[0]
        found = (type_ for type_ in types if type_ in self.accepts and self.accepts[type_].fullmatch(main))
        return tuple(sorted(found, key=lambda type_: (self.depth.get(type_, 0), type_)))

    def keys(self, type_: str, number: str) -> tuple[str, ...]:
        """What a written number may be in an address, the most literal first: `v` and `5`."""
        literal = number.casefold().lstrip("0") or "0"
        found = [literal]
        for level in self.profile.levels:
            for numbers in level.numbers if level.type == type_ else ():
                system = system_of(numbers, self.profile.suffixes)
                if isinstance(system, Roman | OrdinalWords | Letters) and re.fullmatch(pattern(system), number):
                    value = read(system, number)
                    if value is not None:
                        found.append(f"{value.value}{value.suffix}")
        return tuple(dict.fromkeys(found))

    def segment(self, type_: str, number: str) -> str:
        """How a cited unit would be called in an address: ART-05, PART-03, PT-a."""
        level = next(level for level in self.profile.levels if level.type == type_)
        small = any(numbers == "small_roman" or isinstance(numbers, Series) and numbers.letters for numbers in level.numbers[:1])
        key = self.keys(type_, number)[0 if small else -1]
        digits = key[: len(key) - len(key.lstrip("0123456789"))]
        return f"{type_}-{int(digits):0{level.pad}d}{key[len(digits) :]}" if digits else f"{type_}-{number}"

    def inner_type(self, outer: str, number: str) -> str:
        """The TYPE that a number in brackets has inside a unit of some TYPE; empty when the profile has none."""
        types = self.accepted(self.inner.get(outer, ()), f"({number})")
        return types[0] if types else ""


@cache
def wording(profile: Profile) -> Wording | None:
    """The wording of a profile; None where it says nothing of references."""
    words = profile.references
    if words is None:
        return None
    types = _types(profile, words)
    amending = words.amending or AmendingWords()
    titles = {folded(word): type_ for type_, several in amending.titles.items() for word in several}
    between = _between(profile, words, amending)
    itself = [_literal(word) for style in profile.citations.values() for word in style.itself]
    joined = f"(?:(?:{_any_of(between)})\\s)?"
    follow = _any_of([*types, *words.conjunctions, *words.ranges, *between, *words.this_after, *words.previous_after])
    return Wording(
        profile=profile,
        token=re.compile(_token(profile, words, types, titles, between, amending.beside)),
        follows=re.compile(rf"\s?(?:[^\w\s(]|(?:{follow})(?!\w)|\Z)"),
        types=types,
        after=vocabulary(profile).after,
        titles=titles,
        accepts=_accepts(profile),
        depth=_depths(profile),
        inner=_inner(profile),
        here=_behind(joined, [*itself, *words.here]),
        external=_behind(joined, words.external),
        external_before=re.compile(f"(?:{'|'.join(words.external_before) or '(?!)'})\\Z"),
    )


def _types(profile: Profile, words: ReferenceWords) -> dict[str, tuple[frozenset[str], bool]]:
    known = vocabulary(profile)
    types = {word: (set(types), False) for word, types in known.before.items()}
    for several, plural in ((words.singular, False), (words.plural, True)):
        for type_, forms in several.items():
            for form in forms:
                types.setdefault(folded(form), (set(), plural))[0].add(type_)
    return {word: (frozenset(found), plural) for word, (found, plural) in types.items() if word}


def _between(profile: Profile, words: ReferenceWords, amending: AmendingWords) -> list[str]:
    joins = [word for style in profile.citations.values() for word in (*style.between, style.join.strip(" ,;"))]
    return [word for word in (*joins, *words.between, *amending.into) if word.strip()]


def _token(
    profile: Profile,
    words: ReferenceWords,
    types: Mapping[str, object],
    titles: Mapping[str, object],
    between: Iterable[str],
    beside: Iterable[str],
) -> str:
    after = vocabulary(profile).after
    counted = [rf"(?:{_ordinals(level)})\s(?:{_any_of(after)})" for level in profile.levels if level.words_after]
    kinds = (
        ("after", f"(?:{'|'.join(counted) or '(?!)'})(?!\\w)"),
        ("title", f"(?:{_any_of(titles)})(?!\\w)"),
        ("beside", f"(?:{_any_of(beside)})(?!\\w)"),
        ("word", f"(?<!-)(?:{_any_of(types)})(?!\\w)"),
        ("this_before", f"(?:{_any_of(words.this_before)})(?!\\w)"),
        ("this_after", f"(?:{_any_of(words.this_after)})(?!\\w)"),
        ("previous_before", f"(?:{_any_of(words.previous_before)})(?!\\w)"),
        ("previous_after", f"(?:{_any_of(words.previous_after)})(?!\\w)"),
        ("between", f"(?:{_any_of(between)})(?!\\w)"),
        ("conjunction", f"(?:{_any_of(words.conjunctions)})(?!\\w)"),
        ("range", f"(?:{_any_of(words.ranges)})(?!\\w)"),
        ("from", f"(?:{_any_of(words.from_words)})(?!\\w)"),
        ("ordinal", "|".join(f"(?:{_ordinals(level)})(?!\\w)" for level in profile.levels if level.words) or "(?!)"),
        ("number", NUMBER),
    )
    names = "|".join(f"(?P<{name}>{expression})" for name, expression in kinds)
    return rf"(?<!\w)(?:{names})|(?P<bracket>{BRACKET})|(?P<comma>,)"


def _ordinals(level: Level) -> str:
    systems = (system_of(numbers, "") for numbers in level.numbers if isinstance(numbers, Series))
    said = (pattern(system).replace(" +", r"\s") for system in systems if isinstance(system, OrdinalWords))
    return "|".join(said) or "(?!)"


def _accepts(profile: Profile) -> dict[str, re.Pattern[str]]:
    forms: dict[str, list[str]] = {}
    for level in profile.levels:
        found = forms.setdefault(level.type, [])
        if level.run is Run.COUNTED:
            found.append("[0-9]{1,6}")
        bracketed = "(" in level.opens and " " not in level.opens
        for numbers in level.numbers:
            system = system_of(numbers, profile.suffixes)
            if isinstance(system, Decimal):
                found.append(r"[0-9]{1,6}[^\W\d_]{0,3}")
            elif not isinstance(system, Bullets):
                form = pattern(system).replace(" +", r"\s")
                found.append(rf"\({form}\)" if bracketed else rf"{form}|\((?:{form})\)")
        if any(numbers == "decimal" for numbers in level.numbers):
            found.append(r"\([0-9]{1,6}[^\W\d_]{0,3}\)")
    return {type_: re.compile("|".join(found) or "(?!)") for type_, found in forms.items()}


def _depths(profile: Profile) -> dict[str, int]:
    depths: dict[str, int] = {}
    for index, level in enumerate(profile.levels):
        depths.setdefault(level.type, -1 if level.scope or level.opaque else index)
    return depths


def _inner(profile: Profile) -> dict[str, tuple[str, ...]]:
    ids = {level.id: level.type for level in profile.levels}
    inner: dict[str, dict[str, None]] = {}
    for level in profile.levels:
        for holder in level.within:
            if holder in ids and level.rank is not Rank.ZONE:
                inner.setdefault(ids[holder], {})[level.type] = None
    return {type_: tuple(found) for type_, found in inner.items()}


def _any_of(words: Iterable[str]) -> str:
    """An expression of words without letter case, the longest first; of nothing where none is."""
    known = sorted({folded(word) for word in words} - {""}, key=lambda word: (-len(word), word))
    alternatives = "|".join(map(_literal, known))
    return f"(?i:{alternatives})" if known else "(?!)"


def _literal(word: str) -> str:
    return re.escape(word).replace(r"\ ", r"\s")


def _behind(joined: str, expressions: Iterable[str]) -> re.Pattern[str]:
    """An expression of what stands behind a citation, with a word that may join it."""
    known = "|".join(expressions)
    return re.compile(rf"\s?[,;]?\s?{joined}(?:{known})" if known else "(?!)", re.IGNORECASE)

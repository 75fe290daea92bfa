r"""How a family of documents words its references, compiled once of its profile: one expression for all tokens.

Every quantifier of the expression is bounded or stands over one class of signs, so a pass over a text is linear. It is
made for levelled text: words in their shadow, one space between two, `\n` where a line ends, `\n\n` for blank lines.

Source: issue 5, part 7; cutting.md §1, rules 1–4.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from cutter.cutting.citations.vocabulary import folded, vocabulary
from cutter.cutting.numbers import Bullets, Decimal, Letters, OrdinalWords, Roman, pattern, read, system_of
from cutter.cutting.profile import AmendingWords, Level, Numbers, Profile, Quotes, Rank, ReferenceWords, Run, Series

# 5, 5a, 5bis, 217đ; XV; xv; a, aa, a1. Then .2.1 and .8a: the parts of a path.
NUMBER = (
    r"(?:[0-9]{1,6}[^\W\d_]{0,3}|[IVXLCDM]{1,15}|[ivxlcdm]{1,8}|[^\W\d_]{1,2}[0-9]?)"
    r"(?:\.[0-9]{1,6}[^\W\d_]{0,2}){0,12}(?!\w)"
)
# A number in brackets: digits, a letter, a small roman number, a doubled letter, or up to three other letters.
BRACKET = r"\([0-9]{1,6}[^\W\d_]{0,3}\)|\([ivxlcdm]{1,8}\)|\([^\W\d_]{1,3}[0-9]?\)"

_DECIMAL = re.compile(r"[0-9]{1,6}[^\W\d_]{0,3}")


@dataclass(frozen=True, slots=True)
class Wording:
    """What references of a family of documents are made of.

    Args:
        profile: of which it was made; quotes: marks of passages of another text.
        token: the expression of all tokens; the name of the group says which kind it is.
        follows: what may stand behind a number that goes on a list without a word of its own.
        types: TYPEs by folded word, and whether the word announces several numbers.
        after: TYPEs by folded word behind an ordinal word.
        titles: TYPEs by folded word for a title.
        accepts: by TYPE, how its numbers are printed.
        depth: by TYPE, how far inside it stands; annexes and schedules outermost.
        skipped: what does not end a citation, though it stands in it.
        here, external, external_before: what says to which document a citation belongs.
    """

    profile: Profile
    quotes: Quotes | None
    token: re.Pattern[str]
    follows: re.Pattern[str]
    types: dict[str, tuple[frozenset[str], bool]]
    after: dict[str, frozenset[str]]
    titles: dict[str, str]
    accepts: dict[str, re.Pattern[str]]
    depth: dict[str, int]
    skipped: re.Pattern[str]
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

    def segment(self, type_: str, number: str, outer: str = "") -> str:
        """How a cited unit would be called in an address, inside a unit of the level `outer`: ART-05, PART-03, PT-a."""
        level = self.level_of(type_, number, outer)
        if level is None:
            return f"{type_}-{number.casefold()}"
        first = level.numbers[0] if level.numbers else "decimal"
        literal = first == "small_roman" or (isinstance(first, Series) and first.letters != "")
        key = number if number[:1].isdigit() else self.keys(type_, number)[0 if literal else -1]
        digits = key[: len(key) - len(key.lstrip("0123456789"))]
        return f"{type_}-{int(digits):0{level.pad}d}{key[len(digits) :]}" if digits else f"{type_}-{key}"

    def level_of(self, type_: str, number: str, outer: str) -> Level | None:
        """The level of a TYPE (of any, when it is empty) whose numbers are printed so, best one inside `outer`."""
        fitting = [
            level
            for level in self.profile.levels
            if (level.type == type_ or not type_)
            and level.rank is not Rank.ZONE
            and any(self.printed_so(numbers, number) for numbers in level.numbers)
        ]
        inside = (level for level in fitting if outer in level.within)
        return next(inside, fitting[0] if fitting and type_ else None)

    def printed_so(self, numbers: Numbers, number: str) -> bool:
        """Whether a number, without brackets, is printed as one of these."""
        if numbers == "decimal":
            return _DECIMAL.fullmatch(number) is not None
        system = system_of(numbers, self.profile.suffixes)
        return re.fullmatch(pattern(system).replace(" +", r"\s+"), number) is not None


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
        quotes=profile.quotes or words.quotes,
        token=re.compile(_token(profile, words, types, titles, between, amending.beside)),
        follows=re.compile(rf"\s?(?:[^\w\s(]|(?:{follow})|\Z)"),
        types=types,
        after=vocabulary(profile).after,
        titles=titles,
        accepts=_accepts(profile),
        depth=_depths(profile),
        skipped=re.compile("|".join(words.skipped) or "(?!)"),
        here=_behind(joined, [*itself, *words.here], re.IGNORECASE),
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
        ("compound", f"(?:{_any_of(words.compounds)})"),
        ("after", f"(?:{'|'.join(counted) or '(?!)'})(?!\\w)"),
        ("title", f"(?:{_any_of(titles)})"),
        ("beside", f"(?:{_any_of(beside)})"),
        ("word", f"(?<!-)(?:{_any_of(types)})"),
        ("this_before", f"(?:{_any_of(words.this_before)})"),
        ("this_after", f"(?:{_any_of(words.this_after)})"),
        ("previous_before", f"(?:{_any_of(words.previous_before)})"),
        ("previous_after", f"(?:{_any_of(words.previous_after)})"),
        ("between", f"(?:{_any_of(between)})"),
        ("conjunction", f"(?:{_any_of(words.conjunctions)})"),
        ("range", f"(?:{_any_of(words.ranges)})"),
        ("from", f"(?:{_any_of(words.from_words)})"),
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
                found.append(_DECIMAL.pattern)
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


def _any_of(words: Iterable[str]) -> str:
    """An expression of words without letter case, the longest first; of nothing where none is."""
    known = sorted({folded(word) for word in words} - {""}, key=lambda word: (-len(word), word))
    alternatives = "|".join(map(_literal, known))
    return f"(?i:{alternatives})" if known else "(?!)"


def _literal(word: str) -> str:
    """An expression of one word that ends where the word ends; a sign such as § may stand directly before a number."""
    return re.escape(word).replace(r"\ ", r"\s") + (r"(?!\w)" if word[-1].isalnum() else "")


def _behind(joined: str, expressions: Iterable[str], flags: int = 0) -> re.Pattern[str]:
    """An expression of what stands behind a citation, with a word that may join it."""
    known = "|".join(expressions)
    return re.compile(rf"\s?{joined}(?:{known})" if known else "(?!)", flags)

"""What the headings of a profile's levels look like, compiled once: from a `Level` to what recognises its lines.

A form is held against the shadow of a line. What a level states must all hold; a keyword heading whose rest reads as
prose is told apart from a heading here, because only the form knows where the rest begins.

Source: cutting.md §2 stage 2, §3 cases 3, 6, 8–15, 19.
"""

import re
from dataclasses import dataclass, field
from functools import cache

import msgspec

from cutter.cutting import numbers
from cutter.cutting.numbers import Number, NumberSystem
from cutter.cutting.profile import DOCUMENT, Level, Profile, Run, Title
from cutter.cutting.shadow import BLANK_CHARACTERS, Text, fold, printed, unfolded

# What the first byte of a line says of it, besides 0: no candidate.
VISIBLE, MAYBE_BLANK = 1, 2

# Print forms that are remembered for each level.
_REMEMBERED = 4096
# A note's mark behind a number in consolidated texts: `Điều 173.[5]`.
_NOTE = r"(?:\[[0-9]{1,4}\])?"
# After a keyword heading's number: nothing, a delimiter with or without a title, or a title in capitals.
_DELIMITER = re.compile(rf" *[.:]+{_NOTE}(?!\d) *(?:[-–—] +)?| +[-–—] +")
# Components before the last one of a number that is printed with those around it.
_PATH = r"(?:[0-9A-Za-zđ]{1,8}\.)"


class Option(msgspec.Struct, frozen=True, gc=False):
    """One reading of a line.

    Args:
        level: index of the level in the profile.
        number: the number; None for a heading without one.
        segment: its segment of an address; empty for none.
        prefix: of a number that is printed with those around it, theirs: 3.2 of 3.2.1.
        printed: the number as printed; empty for none.
    """

    level: int
    number: Number | None
    segment: str
    prefix: str
    printed: str


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A line that may be a heading.

    Args:
        line: index of the line where its unit begins, from 0: that of its title where the title stands above.
        label_line: index of the line with the number.
        column: where the text behind the number begins, from 0.
        options: how it may be read, most likely first.
        title: the title on the line (or above it) as printed; empty for none.
        refused: a keyword and a number, but the rest reads as prose.
    """

    line: int
    label_line: int
    column: int
    options: tuple[Option, ...]
    title: str
    refused: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How the headings of one level are recognised."""

    index: int
    level: Level
    start: re.Pattern[str]  # from the line's start to behind the number; the number is its group 1
    systems: tuple[tuple[NumberSystem, re.Pattern[str]], ...]
    keyword: bool
    short: bool  # the start of the line is enough, all of it need not be read
    remembered: dict[str, tuple[Option, ...]] = field(default_factory=dict)

    def read(self, text: Text, index: int, line: str, shadow: str) -> Candidate | None:
        """What a line is in this form; None when it is nothing. `line` may end early where the form is `short`."""
        found = self.start.match(shadow)
        if found is None:
            return None
        if self.short:
            options = self.options(found[1])
            if shadow is not line and options:
                options = self._as_printed(options, printed(line, *found.span(1)))
            return Candidate(index, index, found.end(), options, "") if options else None
        if not self._stands(text, index, shadow):
            return None
        return self._read_whole(index, text.line(index), text.normal)

    def options(self, label: str) -> tuple[Option, ...]:
        """The readings of a print form, most likely first."""
        known = self.remembered.get(label)
        if known is not None:
            return known
        prefix, _, last = label.rpartition(".") if self.level.path else ("", "", label)
        found = tuple(
            Option(self.index, number, self._segment(system, number, last), prefix, label)
            for system, whole in self.systems
            if whole.fullmatch(last) and (number := numbers.read(system, last)) is not None
        )
        if len(self.remembered) < _REMEMBERED:
            self.remembered[label] = found
        return found

    def _read_whole(self, index: int, line: str, normal: bool) -> Candidate | None:
        shadow = fold(line, normal=normal).rstrip(" ")
        found = self.start.match(shadow)
        if found is None:
            return None
        label = found[1]
        options = self.options(label) if label else (Option(self.index, None, "", "", ""),)
        if not options or not (label or self.level.unnumbered):
            return None
        if label and shadow is not line.rstrip(" "):
            options = self._as_printed(options, printed(line, *found.span(1)))
        behind = found.end() if label else len(shadow[: found.end()].rstrip(" "))
        begin, refused = self._rest(shadow, behind)
        if refused and not (label and self.keyword):
            return None
        title = printed(line, begin, len(shadow)).rstrip() if self.level.title is not Title.NONE else ""
        return Candidate(index, index, begin, options, _without_hashes(title) if self.level.hashes else title, refused)

    def _rest(self, shadow: str, start: int) -> tuple[int, bool]:
        """Where the title begins in what follows a number, and whether it reads as prose instead."""
        rest = shadow[start:]
        if self.level.alone:
            return len(shadow), re.fullmatch(self.level.behind or "[ .:]*", rest) is None
        if not self.keyword or self.level.closes.strip():
            return start + len(rest) - len(rest.lstrip(" ")), False
        delimiter = _DELIMITER.match(rest)
        begin = start + (delimiter.end() if delimiter else len(rest) - len(rest.lstrip(" ")))
        refused = delimiter is None and bool(rest.strip(" ")) and not (rest[0] == " " and rest.isupper())
        return begin, refused

    def _stands(self, text: Text, index: int, shadow: str) -> bool:
        """Whether the lines around it are as the level states."""
        level = self.level
        if level.after_blank and index and not text.is_blank(index - 1):
            return False
        if not level.underline or (level.hashes and shadow.startswith("#")):
            return True
        return is_underlined(text, index, level.underline)

    def _as_printed(self, options: tuple[Option, ...], label: str) -> tuple[Option, ...]:
        return tuple(msgspec.structs.replace(option, printed=label) for option in options)

    def _segment(self, system: NumberSystem, number: Number, last: str) -> str:
        """The segment of a numbered unit, without occurrence (cutting.md §1, rules 2–4)."""
        level = self.level
        if level.run is Run.COUNTED:
            return ""
        if isinstance(system, numbers.Roman) and system.small:
            return f"{level.type}-{last}"
        if isinstance(system, numbers.Letters) and system is self.systems[0][0]:
            return f"{level.type}-{last}"
        return f"{level.type}-{number.value:0{level.pad}d}{number.suffix}"


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a profile.

    Args:
        first_bytes: for each of 256 bytes, what it says of a line that begins with it.
        by_initial: the forms by the first character that shows.
        any_initial: the forms that may begin with any character.
        underlines: bytes that the line below a heading may be made of.
    """

    first_bytes: bytes
    by_initial: dict[str, tuple[Form, ...]]
    any_initial: tuple[Form, ...]
    underlines: bytes


def is_underlined(text: Text, index: int, signs: str) -> bool:
    """Whether the line below is made of one of the signs, three times or more."""
    if index + 1 >= text.lines:
        return False
    below = text.source[text.starts[index + 1] : text.starts[index + 2]].strip()
    return len(below) >= 3 and chr(below[0]) in signs and below.count(below[:1]) == len(below)


@cache
def forms_of(profile: Profile) -> Forms:
    """The forms of a profile."""
    forms = [_form(index, level, profile) for index, level in enumerate(profile.levels)]
    by_initial: dict[str, list[Form]] = {}
    for form in forms:
        for initial in _initials(form):
            by_initial.setdefault(initial, []).append(form)
    everywhere = tuple(form for form in forms if form.level.underline)
    first = bytearray(256)
    for source in {source for initial in by_initial for source in unfolded(initial)}:
        first[source.encode()[0]] = VISIBLE
    for blank in BLANK_CHARACTERS:
        first[blank.encode()[0]] = MAYBE_BLANK
    return Forms(
        bytes(first),
        {initial: tuple(sorted({*found, *everywhere}, key=lambda f: f.index)) for initial, found in by_initial.items()},
        everywhere,
        "".join(sorted({sign for level in profile.levels for sign in level.underline})).encode(),
    )


def _form(index: int, level: Level, profile: Profile) -> Form:
    systems = tuple(numbers.system_of(one, profile.suffixes) for one in level.numbers)
    keyword = bool(level.words or level.words_after) and not level.hashes
    return Form(
        index,
        level,
        re.compile(_indent(level) + _marks(level) + _words(level) + _number(level, systems)),
        tuple((system, re.compile(numbers.pattern(system))) for system in systems),
        keyword,
        short=not (keyword or level.hashes or level.underline or level.alone or level.after_blank)
        and level.title is Title.NONE
        and not level.unnumbered,
    )


def _indent(level: Level) -> str:
    first, last = level.columns or (0, None)
    return f" {{{first},{'' if last is None else last}}}(?! )"


def _marks(level: Level) -> str:
    if not level.hashes:
        return ""
    marks = rf"(?:{'|'.join('#' * count for count in sorted(level.hashes, reverse=True))})(?!#) *"
    return f"(?:{marks})?" if level.underline else marks


def _words(level: Level) -> str:
    words = "|".join(re.escape(word).replace(r"\ ", " +") for word in sorted(level.words, key=len, reverse=True))
    return rf"(?:{words})(?![^\W\d]) *" if words else ""


def _number(level: Level, systems: tuple[NumberSystem, ...]) -> str:
    """The number with the signs around it; a blank among the signs says that there may be none."""
    if not systems:
        return "()"
    number = "|".join(numbers.pattern(system) for system in systems)
    opens = _signs(level.opens)
    behind = rf"{_signs(level.closes)}{_NOTE}" if level.closes.strip() else ""
    if level.words_after:
        behind += rf" +(?:{'|'.join(map(re.escape, level.words_after))})(?!\w)"
    elif level.opens or level.path or " " in level.closes or level.hashes or level.underline:
        behind += "(?= |$)"
    else:
        behind += "(?![0-9])" if level.closes else r"(?!\w)"
    around = _PATH + ("{0,12}" if DOCUMENT in level.within else "{1,12}") if level.path else ""
    found = rf"{opens}({around}(?:{number})){behind}"
    return f"(?:{found})?" if level.unnumbered else found


def _signs(signs: str) -> str:
    shown = signs.strip()
    if not shown:
        return ""
    return f"[{re.escape(shown)}]" + ("?" if " " in signs else "")


def _initials(form: Form) -> set[str]:
    """The characters that a heading of a form may begin with, in the shadow."""
    level = form.level
    if level.hashes:
        return {"#"}
    if level.words:
        return {word[0] for word in level.words}
    signs = set(level.opens.strip())
    if signs and " " not in level.opens:
        return signs
    if level.path:
        return signs | set("0123456789abcdefghijklmnopqrstuvwxyzđABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return signs | {sign for system, _ in form.systems for sign in numbers.initials(system)}


def _without_hashes(title: str) -> str:
    """A Markdown heading may close with number signs (CommonMark §4.2)."""
    bare = title.rstrip("#")
    return bare.rstrip() if not bare or bare.endswith(" ") else title

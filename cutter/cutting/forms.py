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
from cutter.cutting.expressions import LONGEST_SEEN
from cutter.cutting.numbers import Number, NumberSystem
from cutter.cutting.profile import DOCUMENT, Level, Profile, Run, Title
from cutter.cutting.shadow import Text, first_bytes, fold, printed

# Print forms, and beginnings of lines, that are remembered.
_REMEMBERED = 4096
# The beginning of a line: its indent and its first word, with the blank behind it; bytes of that word.
LONGEST_WORD = 24
_HEAD = re.compile(rb" *[^ \r\n]{1,%d} " % LONGEST_WORD)
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


class Head(msgspec.Struct, frozen=True, gc=False):
    """What the first word of a line says of it.

    Args:
        forms: those that must see all of the line; where there are any, the rest says nothing.
        options: how the line may be read; none when it is no heading.
        column: where the text behind the number begins.
    """

    forms: "tuple[Form, ...]"
    options: tuple[Option, ...] = ()
    column: int = 0


class Numbering(msgspec.Struct, frozen=True, gc=False):
    """One way in which the numbers of a level are printed.

    Args:
        system: the number system.
        whole: the expression of its print forms.
        by_letters: its print form stands in addresses, not its value and suffix: PT-a, PT-iv.
        segment: its segment of an address as a %-format, without occurrence (cutting.md §1, rules 2–4).
    """

    system: NumberSystem
    whole: re.Pattern[str]
    by_letters: bool
    segment: str


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How the headings of one level are recognised.

    Args:
        index: that of the level in the profile.
        start: from the line's start to behind the number, which is its group 1.
        numberings: how its numbers are printed, most likely first.
        words: the first word of each keyword that it may begin with; none when it may begin otherwise.
        keyword: a word is printed with the number.
        titled: a title may stand on the line.
        counted: its numbers are not looked at.
        placed: the lines around it are looked at.
        behind: what may follow the number where it stands alone.
        delimited: without a sign behind the number, what follows on its line is prose.
        short: the first word of a line is enough to tell.
    """

    index: int
    level: Level
    start: re.Pattern[str]
    numberings: tuple[Numbering, ...]
    words: tuple[str, ...]
    keyword: bool
    titled: bool
    counted: bool
    placed: bool
    behind: re.Pattern[str]
    delimited: bool
    short: bool
    remembered: dict[str, tuple[Option, ...]] = field(default_factory=dict)

    def read(self, text: Text, index: int, line: str, shadow: str) -> Candidate | None:
        """What a line is in this form; None when it is nothing."""
        found = self.start.match(shadow)
        if found is None or (self.placed and not self._stands(text, index, shadow)):
            return None
        label = found[1]
        options = self.options(label) if label else (Option(self.index, None, "", "", ""),)
        if not options or not (label or self.level.unnumbered):
            return None
        if label and shadow is not line:
            options = self._as_printed(options, printed(line, *found.span(1)))
        behind = found.end() if label else len(shadow[: found.end()].rstrip(" "))
        begin, refused = (behind, False) if self.short else self._rest(shadow, behind)
        if refused and not (label and self.keyword):
            return None
        title = ""
        if self.titled:
            title = (shadow[begin:] if shadow is line else printed(line, begin)).rstrip()
        return Candidate(index, index, begin, options, _without_hashes(title) if self.level.hashes else title, refused)

    def read_head(self, line: str, shadow: str) -> tuple[tuple[Option, ...], int]:
        """The readings of a line in a form for which its first word is enough, and where the number ends."""
        found = self.start.match(shadow)
        if found is None:
            return (), 0
        options = self.options(found[1])
        if shadow is not line:
            options = self._as_printed(options, printed(line, *found.span(1)))
        return options, found.end()

    def may_begin(self, shadow: str) -> bool:
        """Whether a heading may begin with these characters, as far as keywords tell."""
        return not self.words or shadow.lstrip(" ").startswith(self.words)

    def options(self, label: str) -> tuple[Option, ...]:
        """The readings of a print form, most likely first."""
        known = self.remembered.get(label)
        if known is not None:
            return known
        prefix, _, last = label.rpartition(".") if self.level.path else ("", "", label)
        sole = len(self.numberings) == 1  # its expression is a part of `start`
        options: tuple[Option, ...] = ()
        for each in self.numberings:
            number = numbers.read(each.system, last) if sole or each.whole.fullmatch(last) else None
            if number is not None:
                shown = last if each.by_letters else (number.value, number.suffix)
                segment = "" if self.counted else each.segment % shown
                options += (Option(self.index, number, segment, prefix, label),)
        if len(self.remembered) < _REMEMBERED:
            self.remembered[label] = options
        return options

    def _rest(self, shadow: str, start: int) -> tuple[int, bool]:
        """Where the title begins in what follows a number, and whether it reads as prose instead."""
        if self.level.alone:
            return len(shadow), len(shadow) - start > LONGEST_SEEN or self.behind.fullmatch(shadow, start) is None
        delimiter = _DELIMITER.match(shadow, start) if self.delimited else None
        if delimiter is not None:
            return delimiter.end(), False
        rest = shadow[start:]
        shown = rest.lstrip(" ")
        refused = self.delimited and shown != "" and not (rest[0] == " " and rest.isupper())
        return start + len(rest) - len(shown), refused

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


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """The forms of a profile.

    Args:
        may_begin: by the first byte of a line, whether a heading may begin with it.
        may_underline: by the first byte of the line below, whether a heading may stand above it; None for never.
        by_initial: the forms by the first character that shows.
        any_initial: the forms that may begin with any character.
        heads: what was found of first words.
    """

    may_begin: bytes
    may_underline: bytes | None
    by_initial: dict[str, tuple[Form, ...]]
    any_initial: tuple[Form, ...]
    heads: dict[bytes, Head] = field(default_factory=dict)

    def of(self, shadow: str) -> tuple[Form, ...]:
        """The forms that may begin with the first character that shows."""
        return self.by_initial.get(shadow.lstrip(" ")[:1], self.any_initial)

    def head(self, text: Text, index: int) -> Head | None:
        """What the first word of a line says of it; None when the line has to be read."""
        found = _HEAD.match(text.source, text.starts[index])
        if found is None:
            return None
        head = self.heads.get(found[0])
        if head is None and (head := self._read_head(found[0].decode())) is not None:
            if len(self.heads) >= _REMEMBERED:
                self.heads.clear()
            self.heads[found[0]] = head
        return head

    def _read_head(self, line: str) -> Head | None:
        shadow = fold(line)
        if not shadow.strip(" "):
            return None
        forms = tuple(form for form in self.of(shadow) if form.may_begin(shadow))
        if not all(form.short for form in forms):
            return Head(forms)
        readings = [form.read_head(line, shadow) for form in forms]
        options = tuple(option for found, _ in readings for option in found)
        return Head((), options, next((column for found, column in readings if found), 0))


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
    underlines = {ord(sign) for form in everywhere for sign in form.level.underline}
    return Forms(
        first_bytes(by_initial),
        bytes(byte in underlines for byte in range(256)) if underlines else None,
        {initial: tuple(sorted({*found, *everywhere}, key=lambda f: f.index)) for initial, found in by_initial.items()},
        everywhere,
    )


def _form(index: int, level: Level, profile: Profile) -> Form:
    systems = tuple(numbers.system_of(one, profile.suffixes) for one in level.numbers)
    keyword = bool(level.words or level.words_after) and not level.hashes
    titled = level.title is not Title.NONE
    one_word = not level.unnumbered and not any(isinstance(system, numbers.OrdinalWords) for system in systems)
    more = keyword or titled or level.hashes or level.underline or level.alone or level.after_blank
    return Form(
        index,
        level,
        re.compile(_indent(level) + _marks(level) + _words(level) + _number(level, systems)),
        tuple(_numbering(level, system, first=place == 0) for place, system in enumerate(systems)),
        () if level.hashes else tuple(word.partition(" ")[0] for word in level.words),
        keyword,
        titled,
        counted=level.run is Run.COUNTED,
        placed=level.after_blank or bool(level.underline),
        behind=re.compile(level.behind or "[ .:]*"),
        delimited=keyword and not level.closes.strip(),
        short=one_word and not more,
    )


def _numbering(level: Level, system: NumberSystem, *, first: bool) -> Numbering:
    by_letters = isinstance(system, numbers.Roman) and system.small
    by_letters = by_letters or (first and isinstance(system, numbers.Letters))
    segment = f"{level.type}-%s" if by_letters else f"{level.type}-%0{level.pad or ''}d%s"
    return Numbering(system, re.compile(numbers.pattern(system)), by_letters, segment)


def _indent(level: Level) -> str:
    first, last = level.columns or (0, None)
    return f" {{{first},{'' if last is None else last}}}(?! )"


def _marks(level: Level) -> str:
    if not level.hashes:
        return ""
    marks = rf"(?:{'|'.join('#' * count for count in sorted(level.hashes, reverse=True))})(?!#) *"
    return f"(?:{marks}|(?!#))" if level.underline else marks


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
    return signs | {sign for each in form.numberings for sign in numbers.initials(each.system)}


def _without_hashes(title: str) -> str:
    """A Markdown heading may close with number signs (CommonMark §4.2)."""
    bare = title.rstrip("#")
    return bare.rstrip() if not bare or bare.endswith(" ") else title

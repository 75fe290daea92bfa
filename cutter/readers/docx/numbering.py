"""Automatic numbers as Word shows them: `Điều 1.`, `2.1.`, `a)`.

They stand nowhere in the document: paragraphs say to which list and level they belong, and Word counts. Lists that
share a definition count on together, unless one says that it starts anew.

Where a number shows a level that was not counted yet, the level's first number is shown, as Word does, with a remark;
a form of numbers that is not known here is written in digits, with a remark.

Source: ECMA-376 part 1 §17.9 (numbering), §17.18.59 (ST_NumberFormat).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cutter.readers.docx.names import attribute, child, integer, is_on, name_of
from cutter.readers.docx.package import Element
from cutter.readers.docx.styles import Numbered, Styles
from cutter.readers.extracted import RemarkCode
from cutter.readers.numerals import repeated_letters, roman

LEVELS = 9
BULLET = "•"
_SYMBOL_FONTS = frozenset({"symbol", "wingdings", "wingdings 2", "wingdings 3", "webdings"})
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_PLACE = re.compile(r"%([1-9])")
# Longer labels are no numbers; Word itself allows about 255 characters.
_LONGEST_LABEL = 300


def _two_digits(number: int) -> str:
    return f"{number:02d}"


def _upper_letters(number: int) -> str:
    return repeated_letters(number).upper()


def _upper_roman(number: int) -> str:
    return roman(number).upper()


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _nothing(_number: int) -> str:
    return ""


_FORMATS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "decimal": str,
        "decimalZero": _two_digits,
        "lowerLetter": repeated_letters,
        "upperLetter": _upper_letters,
        "lowerRoman": roman,
        "upperRoman": _upper_roman,
        "ordinal": _ordinal,
        "none": _nothing,
    }
)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: its first number, the form of numbers, the label with `%1` … for numbers, what follows."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    legal: bool = False
    style: str = ""
    custom: bool = False


@dataclass(frozen=True, slots=True)
class _List:
    """One list (`num`): its definition, its own levels, and where it starts anew."""

    definition: int
    levels: Mapping[int, Level]
    starts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Label:
    """A number as shown; `apart` when white space follows it."""

    text: str
    apart: bool
    remarks: tuple[RemarkCode, ...] = ()


class Numbering:
    """The lists of a document, and how far each has counted.

    Args:
        root: of the part `numbering`, or None.
        styles: for definitions that a style holds.
    """

    def __init__(self, root: Element, styles: Styles) -> None:
        self._definitions: dict[int, Mapping[int, Level]] = {}
        self._lists: dict[int, _List] = {}
        self._linked: dict[int, str] = {}
        self._styles = styles
        self._counted: dict[int, list[int | None]] = {}
        self._started: set[tuple[int, int]] = set()
        for element in () if root is None else root:
            match name_of(element):
                case "abstractNum":
                    self._add_definition(element)
                case "num":
                    self._add_list(element)

    def _add_definition(self, element: Element) -> None:
        number = _own_number(element, "abstractNumId")
        self._definitions[number] = _levels(element)
        if (link := child(element, "numStyleLink")) is not None:
            self._linked[number] = attribute(link) or ""

    def _add_list(self, element: Element) -> None:
        levels: dict[int, Level] = {}
        starts: dict[int, int] = {}
        for override in element:
            if name_of(override) == "lvlOverride":
                levels |= _levels(override)
                if (start := child(override, "startOverride")) is not None:
                    starts[_own_number(override, "ilvl")] = integer(start, 1)
        definition = integer(child(element, "abstractNumId"), -1)
        self._lists[_own_number(element, "numId")] = _List(definition, levels, starts)

    def label(self, direct: Numbered | None, style: str) -> Label | None:
        """Count one paragraph, and give its number; None when it has none.

        Args:
            direct: what the paragraph itself says.
            style: the id of its style.
        """
        inherited = self._styles.numbered(style)
        said = inherited[0] if inherited else None
        list_id = direct.list_id if direct is not None and direct.list_id is not None else said and said.list_id
        if not list_id or (found := self._resolved(list_id)) is None:
            return None
        level = direct.level if direct is not None and direct.level is not None else None
        if level is None and (direct is None or direct.list_id is None) and inherited:
            level = inherited[0].level
            if level is None:
                level = next((i for i, one in found.levels.items() if one.style == inherited[1]), None)
        level = min(max(level or 0, 0), LEVELS - 1)
        self._count(list_id, found, level)
        return self._written(found, level)

    def _resolved(self, list_id: int) -> _List | None:
        """A list with all its levels, found through styles that hold the definition."""
        found = self._lists.get(list_id)
        if found is None:
            return None
        definition = found.definition
        for _ in range(LEVELS):
            held = self._styles.numbered(self._linked.get(definition, ""))
            inner = self._lists.get(held[0].list_id or 0) if held else None
            if inner is None:
                break
            definition = inner.definition
        return _List(definition, {**self._definitions.get(definition, {}), **found.levels}, found.starts)

    def _count(self, list_id: int, found: _List, level: int) -> None:
        counted = self._counted.setdefault(found.definition, [None] * LEVELS)
        start = found.starts.get(level, found.levels.get(level, Level()).start)
        before = counted[level]
        anew = level in found.starts and (list_id, level) not in self._started
        self._started.add((list_id, level))
        counted[level] = start if before is None or anew else before + 1
        for deeper in range(level + 1, LEVELS):
            restart = found.levels.get(deeper, Level()).restart
            if restart is None or level < restart:
                counted[deeper] = None

    def _written(self, found: _List, level: int) -> Label:
        own = found.levels.get(level, Level())
        counted = self._counted[found.definition]
        remarks: list[RemarkCode] = []

        def number(match: re.Match[str]) -> str:
            shown = int(match[1]) - 1
            its = found.levels.get(shown, Level())
            value = counted[shown]
            if value is None:
                remarks.append(RemarkCode.NUMBER_SKIPPED)
                value = found.starts.get(shown, its.start)
            form = "decimal" if own.legal and its.form != "none" else its.form
            if form not in _FORMATS or its.custom:
                remarks.append(RemarkCode.NUMBER_FORMAT)
            return _FORMATS.get(form, str)(value)

        if own.form == "bullet":
            return Label(own.text, own.suffix != "nothing")
        text = _PLACE.sub(number, own.text)
        return Label(text, own.suffix != "nothing", tuple(remarks))


def _levels(element: Element) -> dict[int, Level]:
    found = (inner for inner in element if name_of(inner) == "lvl")
    return {number: _level(inner) for inner in found if 0 <= (number := _own_number(inner, "ilvl")) < LEVELS}


def _level(element: Element) -> Level:
    form, custom = child(element, "numFmt"), False
    if form is None:
        form, custom = child(element, "mc:AlternateContent", "mc:Fallback", "numFmt"), True
    text, suffix, restart = (child(element, name) for name in ("lvlText", "suff", "lvlRestart"))
    style = child(element, "pStyle")
    shown = ("" if text is None else attribute(text) or "")[:_LONGEST_LABEL]
    written = "decimal" if form is None else attribute(form) or "decimal"
    return Level(
        start=integer(child(element, "start")),
        form=written,
        text=_bullet(element, shown) if written == "bullet" else shown,
        suffix="tab" if suffix is None else attribute(suffix) or "tab",
        restart=None if restart is None else integer(restart),
        legal=bool(is_on(child(element, "isLgl"))),
        style="" if style is None else attribute(style) or "",
        custom=custom and form is not None,
    )


def _bullet(element: Element, text: str) -> str:
    """A bullet as a letter: what a symbol font draws has no letter of its own."""
    fonts = child(element, "rPr", "rFonts")
    font = "" if fonts is None else (attribute(fonts, "ascii") or attribute(fonts, "hAnsi") or "").lower()
    drawn = font in _SYMBOL_FONTS or (font.startswith("courier") and text == "o")
    return BULLET if text and (drawn or _PRIVATE.search(text)) else text


def _own_number(element: Element, name: str) -> int:
    value = attribute(element, name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else -1

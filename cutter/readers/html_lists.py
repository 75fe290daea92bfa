"""The numbers and bullets of HTML lists, and what a `style` attribute says of display and lists.

Source: WHATWG HTML §4.4.5 (`ol`: type, start, reversed), §4.4.8 (`li`: value), §15.3.7; CSS Lists 3 §3.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from cutter.readers.numerals import counted_letters, roman

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

BULLET = "•"

_LONGEST_STYLE = 4000
_INTEGER = re.compile(r"\s{0,9}([-+]?[0-9]{1,9})")
_STRING = re.compile(r"\"([^\"]{0,20})\"|'([^']{0,20})'")


def _leading_zero(number: int) -> str:
    return f"{number:02d}"


def _upper_letters(number: int) -> str:
    return counted_letters(number).upper()


def _upper_roman(number: int) -> str:
    return roman(number).upper()


_NUMBERS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "decimal": str,
        "decimal-leading-zero": _leading_zero,
        "lower-alpha": counted_letters,
        "lower-latin": counted_letters,
        "upper-alpha": _upper_letters,
        "upper-latin": _upper_letters,
        "lower-roman": roman,
        "upper-roman": _upper_roman,
    }
)
_BULLETS = frozenset({"disc", "circle", "square", "disclosure-open", "disclosure-closed"})
# The attribute `type` tells capitals from small letters.
_TYPES = MappingProxyType(
    {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
)


@dataclass(frozen=True, slots=True)
class Style:
    """What the attributes of one element say: whether it is shown, its display, and how its items are marked."""

    hidden: bool = False
    display: str = ""
    list_style: str = ""


_PLAIN = Style()


def style_of(node: "LexborNode") -> Style:
    """The style of an element by its own attributes."""
    attributes = node.attrs
    hidden = "hidden" in attributes or (node.tag == "dialog" and "open" not in attributes)
    hidden = hidden or (node.tag == "input" and (attributes.get("type") or "").lower() == "hidden")
    text = attributes.get("style") or ""
    if len(text) > _LONGEST_STYLE:  # what is cut off is whole declarations
        text = text[:_LONGEST_STYLE].rpartition(";")[0]
    if not text:
        return Style(hidden=True) if hidden else _PLAIN
    stated = dict(_declarations(text))
    display = stated.get("display", "").lower()
    unseen = stated.get("visibility", "").lower() in ("hidden", "collapse")
    list_style = stated.get("list-style-type", stated.get("list-style", ""))
    return Style(hidden or display == "none" or unseen, display, _list_style(list_style))


def _declarations(text: str) -> Sequence[tuple[str, str]]:
    pairs = (part.partition(":") for part in text.split(";"))
    return [(name.strip().lower(), value.replace("!important", "").strip()) for name, _, value in pairs]


def _list_style(value: str) -> str:
    """The one word of `list-style` that says how items are marked; a string stays in its quotes."""
    if match := _STRING.search(value):
        return match[0]
    words = value.lower().split()
    return next((word for word in words if word in _NUMBERS or word in _BULLETS or word == "none"), "")


class List:
    """One list while its items are walked.

    Args:
        list_style: how its items are marked, a word of CSS.
        number: of the first item.
        step: 1, or -1 for a reversed list.
    """

    def __init__(self, list_style: str, number: int, step: int) -> None:
        self.list_style = list_style
        self._number = number
        self._step = step

    def next_marker(self, item: "LexborNode", style: Style) -> str:
        """What stands before this item: `3.`, `c.`, a bullet, or nothing."""
        number = _integer(item.attrs.get("value"), self._number)
        self._number = number + self._step
        own = _TYPES.get(item.attrs.get("type") or "", "")
        return _marker(style.list_style or own or self.list_style, number)


def _marker(list_style: str, number: int) -> str:
    if list_style in _NUMBERS:
        return f"{_NUMBERS[list_style](number)}."
    if match := _STRING.fullmatch(list_style):
        return (match[1] or match[2] or "").strip()
    return "" if list_style == "none" else BULLET


def list_of(node: "LexborNode", tag: str, style: Style) -> List:
    """The list that an `ol`, `ul`, `menu` or `dir` begins."""
    if tag != "ol":
        return List(style.list_style or "disc", 1, 1)
    stated = style.list_style or _TYPES.get(node.attrs.get("type") or "", "decimal")
    if "reversed" in node.attrs:
        return List(stated, _integer(node.attrs.get("start"), _items(node)), -1)
    return List(stated, _integer(node.attrs.get("start"), 1), 1)


def _items(node: "LexborNode") -> int:
    return sum(1 for child in node.iter() if child.tag == "li" and not style_of(child).hidden)


def _integer(text: str | None, otherwise: int) -> int:
    match = _INTEGER.match(text or "")
    return int(match[1]) if match else otherwise

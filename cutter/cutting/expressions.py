r"""Regular expressions that people write into profiles: which are taken, and how much of a line they see.

An expression can take time that doubles with every character: `(\w+ ?)*x` tries each way of dividing the words. It
does so where what is repeated without bound may itself be long or short, or one of several, so that its turns can begin
at more than one place. Such expressions are refused, unless every turn begins with a sign that nothing else in it can
be, as in `(\.[0-9]+)*`. What is left grows with a power of the length, so expressions see a part of a line.

Source: issue 5, "Bad input".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Characters of a line, or of what stands behind a number on it, that an expression sees.
LONGEST_SEEN = 1000

# One element: an escape, a class, the begin or end of a group, a bar, any other sign; and how often it may come.
_ELEMENT = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:[aiLmsux-]*:|P<\w+>|<?[=!]))?|\(\?[a-z]+\)|[)|]|.", re.DOTALL
)
_REPEAT = re.compile(r"([*+?]|\{(\d*)(,?)(\d*)\})[?+]?")


@dataclass(slots=True)
class _Group:
    """A group while it is read: the elements that it is made of, and what is repeated or left to choice in it."""

    elements: list[str] = field(default_factory=list)
    first_is_sure: bool = False  # its first element comes exactly once
    varies: bool = False  # it holds alternatives, or what may come more or less often


def fault_of(expression: str) -> str | None:
    """Why an expression is not taken, as a word: `bad_expression`, `empty_match`, `nested_repeat`; None when it is."""
    try:
        compiled = re.compile(expression)
    except (re.error, OverflowError, RecursionError):
        return "bad_expression"
    if compiled.match(""):
        return "empty_match"
    return "nested_repeat" if has_nested_repeat(expression) else None


def has_nested_repeat(expression: str) -> bool:
    """Whether an expression, which compiles, repeats without bound what may be divided in several ways."""
    groups = [_Group()]
    for element, least, most in _elements(expression):
        if element.startswith("(") and not element.endswith(")"):
            groups.append(_Group())
            continue
        inner = groups.pop() if element == ")" else None
        if inner is not None and most is None and inner.varies and not _turns_are_told(inner):
            return True
        here = groups[-1]
        if not here.elements:
            here.first_is_sure = least == most == 1 and inner is None
        here.varies = here.varies or least != most or element == "|" or (inner is not None and inner.varies)
        here.elements += [element] if inner is None else inner.elements or [""]
    return False


def _turns_are_told(group: _Group) -> bool:
    """Whether each turn of a repeated group begins with a sign that nothing else in the group can be."""
    first = group.elements[0]
    sign = first[1:] if first.startswith("\\") and not first[1:].isalnum() else first
    if not group.first_is_sure or len(sign) != 1 or first in ("|", ".", "^", "$"):
        return False
    others = [element for element in group.elements[1:] if element]
    return "|" not in others and not any(re.fullmatch(element, sign) for element in others)


def _elements(expression: str) -> Iterator[tuple[str, int, int | None]]:
    """The elements of an expression, and how often each comes at least and at most (None: without bound)."""
    place = 0
    while (found := _ELEMENT.match(expression, place)) is not None:
        repeat = _REPEAT.match(expression, found.end())
        place = repeat.end() if repeat else found.end()
        if repeat is None:
            yield found[0], 1, 1
        elif repeat[1] in ("*", "+", "?"):
            yield found[0], int(repeat[1] == "+"), 1 if repeat[1] == "?" else None
        else:
            least = int(repeat[2] or 0)
            yield found[0], least, int(repeat[4]) if repeat[4] else (None if repeat[3] else least)

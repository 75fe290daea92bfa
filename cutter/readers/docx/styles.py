"""Styles: what a paragraph or a run inherits of hiding, capitals and automatic numbers.

Source: ECMA-376 part 1 §17.7 (styles), §17.3.2.41 (vanish), §17.3.2.5 (caps).
"""

from dataclasses import dataclass

from cutter.readers.docx.names import attribute, child, integer, is_on, name_of
from cutter.readers.docx.package import Element

# A chain of styles that is longer goes in a circle.
_LONGEST_CHAIN = 40


@dataclass(frozen=True, slots=True)
class Numbered:
    """Which list (`numId`) a paragraph belongs to, and at which level from 0; None where it does not say."""

    list_id: int | None
    level: int | None


@dataclass(frozen=True, slots=True)
class _Style:
    based_on: str
    numbered: Numbered | None
    vanish: bool | None
    caps: bool | None


def numbered_of(properties: Element) -> Numbered | None:
    """What the properties of a paragraph or a style (`pPr`) say of automatic numbers; None: nothing."""
    found = None if properties is None else child(properties, "numPr")
    if found is None:
        return None
    list_id, level = child(found, "numId"), child(found, "ilvl")
    return Numbered(
        None if list_id is None else integer(list_id),
        None if level is None else integer(level),
    )


class Styles:
    """The styles of a document.

    Args:
        root: of the part `styles`, or None.
    """

    def __init__(self, root: Element) -> None:
        self._styles: dict[str, _Style] = {}
        self.default = ""
        for element in () if root is None else root:
            if name_of(element) == "style":
                self._add(element)

    def _add(self, element: Element) -> None:
        name = attribute(element, "styleId") or ""
        based_on, run = child(element, "basedOn"), child(element, "rPr")
        self._styles[name] = _Style(
            based_on="" if based_on is None else attribute(based_on) or "",
            numbered=numbered_of(child(element, "pPr")),
            vanish=None if run is None else is_on(child(run, "vanish")),
            caps=None if run is None else is_on(child(run, "caps")),
        )
        if attribute(element, "type") == "paragraph" and (attribute(element, "default") or "0") in ("1", "true", "on"):
            self.default = name

    def _chain(self, name: str) -> list[tuple[str, _Style]]:
        found: list[tuple[str, _Style]] = []
        while (style := self._styles.get(name)) is not None and len(found) < _LONGEST_CHAIN:
            found.append((name, style))
            name = style.based_on
        return found

    def numbered(self, name: str) -> tuple[Numbered, str] | None:
        """What a paragraph style says of automatic numbers, and the style of its chain that says it."""
        return next(((style.numbered, owner) for owner, style in self._chain(name) if style.numbered), None)

    def hides(self, name: str) -> bool:
        """Whether text in this style is not shown."""
        return next((style.vanish for _, style in self._chain(name) if style.vanish is not None), False)

    def capitals(self, name: str) -> bool:
        """Whether text in this style is shown in capitals."""
        return next((style.caps for _, style in self._chain(name) if style.caps is not None), False)

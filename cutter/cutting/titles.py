"""The titles of headings: on the line of the number, below it, or above it.

Source: cutting.md §3 case 6.
"""

from collections.abc import Iterator
from typing import assert_never

from cutter.cutting.address import Piece
from cutter.cutting.candidates import LONGEST_TITLE
from cutter.cutting.profile import Title
from cutter.cutting.shadow import Text

# Titles for which more is read than the line of the number and what stands above it.
READ_BELOW = (Title.PRINTED, Title.NEXT, Title.BELOW)


def title_of(text: Text, piece: Piece, kind: Title, end: int) -> str:
    """The title of a piece as printed, on one line; empty when it has none. `end` is the next piece's first line."""
    match kind:
        case Title.NONE | Title.LINE | Title.ABOVE:
            return piece.title
        case Title.PRINTED:
            return text.line(piece.label_line).strip()
        case Title.NEXT:
            return piece.title or next(_shown(text, piece.label_line + 1, end), "")
        case Title.BELOW:
            lines = [piece.title] if piece.title else []
            lines.extend(_below(text, piece.label_line + 1, end, has_title=bool(piece.title)))
            return " ".join(lines)
        case _:
            assert_never(kind)


def _shown(text: Text, first: int, end: int) -> Iterator[str]:
    for index in range(first, min(end, first + LONGEST_TITLE)):
        if not text.is_blank(index):
            yield text.line(index).strip()


def _below(text: Text, first: int, end: int, *, has_title: bool) -> Iterator[str]:
    """The title lines below a heading: the first shown line, then lines all in capitals."""
    for index in range(first, min(end, first + LONGEST_TITLE)):
        shadow = text.shadow(index).strip(" ")
        if shadow.startswith("("):  # (Ban hành kèm theo …)
            continue
        if shadow:
            if has_title and not shadow.isupper():
                return
            yield text.line(index).strip()
            has_title = True
        elif has_title:
            return

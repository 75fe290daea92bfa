"""The titles of headings: on the line of the number, below it, or above it.

Source: cutting.md §3 case 6.
"""

from collections.abc import Iterator

from cutter.cutting.candidates import LONGEST_TITLE
from cutter.cutting.profile import Level, Title
from cutter.cutting.sequence import Choice
from cutter.cutting.shadow import Text


def title_of(text: Text, choice: Choice, level: Level, end: int) -> str | None:
    """The title of a heading as printed, on one line; None when it has none. `end` is the next unit's first line."""
    match level.title:
        case Title.NONE:
            return None
        case Title.PRINTED:
            return text.line(choice.label_line).strip()
        case Title.LINE | Title.ABOVE:
            return choice.title or None
        case Title.NEXT if choice.title:
            return choice.title
        case Title.NEXT:
            return next(_shown(text, choice.label_line + 1, end), None)
        case Title.BELOW:
            lines = [choice.title] if choice.title else []
            lines.extend(_below(text, choice.label_line + 1, end, has_title=bool(choice.title)))
            return " ".join(lines) or None


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

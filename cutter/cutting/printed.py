"""The printed head of a unit told from the text below it: its label (`Điều 5.`), its title, and the rest.

Rules kept here: nothing is added or lost: label, title and rest in the order in which they stand are the own text of
the unit, but for white space between them; what is not found stays in the rest. Looking stops a few hundred characters
behind the start, so that the time does not depend on the length of a text.

Source: cutting.md §1 (rule 2), §3 case 6; Akoma Ntoso 3.0 (`num`, `heading`).
"""

import re
from collections.abc import Sequence

import msgspec

# Where a number may begin, and how much may stand between it and the title, in characters: a keyword and its signs.
_NEAR = 200
# A title that is longer is not looked for: it would be a paragraph.
_LONGEST_TITLE = 4000

# What may stand between number and title: no letters, or the end of the number's line (`Twenty-Seventh Amendment`).
_BETWEEN = re.compile(r"[\W\d_]*|[^\r\n]{0,80}[\r\n]\s*")
# What closes a number, with the mark of an endnote: `.`, `)`, `.[5]`.
_CLOSING = re.compile(r"[.):\]/]*(\[\d{1,4}\][.)]*)?")
# White space between two words of a title, its lines being some blank lines apart at most.
_SPACE = re.compile(r"\s{1,200}")
# A word behind the number that ends its line (`First Amendment`).
_WORD_AFTER = re.compile(r"[ \t]{1,9}[^\W\d_]{1,40}[ \t]{0,9}(?=[\r\n]|\Z)")


class Printed(msgspec.Struct, frozen=True, gc=False):
    """The own text of a unit in parts.

    Args:
        label: the number with the words and signs around it, such as `Điều 5.`; empty when there is none.
        heading: the title, as printed, over as many lines as it has; empty when there is none.
        rest: the text below them, or behind them on the same line.
        heading_first: the title stands before the number.
    """

    label: str
    heading: str
    rest: str
    heading_first: bool = False

    @property
    def shown_label(self) -> str:
        """The label on one line, without Markdown's number signs and the dash before a title."""
        label = " ".join(self.label.split()).lstrip("# \ufeff")
        return label.rstrip(" -\u2013\u2014") or label

    @property
    def shown(self) -> str:
        """Label and title on one line, in the order in which they are printed, without Markdown's number signs."""
        parts = (self.heading, self.label) if self.heading_first else (self.label, self.heading)
        return " ".join(" ".join(parts).split()).lstrip("# \ufeff")


def read_head(text: str, number: str, heading: str | None) -> Printed:
    """Tell the label and the title of a unit from the rest of its own text.

    Args:
        text: the own text.
        number: the number as printed, without the words and signs around it; empty for none.
        heading: the title on one line; None for none.
    """
    number_words = number.split()
    title_words = heading.split() if heading and len(heading) <= _LONGEST_TITLE else []
    found = _find(text, number_words, 0) if number_words else (0, 0)
    if found is None:
        return Printed("", "", text)
    if title_words:
        if title := _title_after(text, title_words, found[1]):
            return _titled(text, title)
        if title := _title_after(text, title_words, 0):
            return _titled_above(text, title, number_words)
    if not number_words:
        return Printed("", "", text)
    end = _label_end(text, found[1])
    return Printed(text[:end].strip(), "", text[end:])


def _titled(text: str, title: tuple[int, int]) -> Printed:
    label = text[: title[0]].strip()
    if any(sign.isalnum() for sign in label):
        return Printed(label, text[title[0] : title[1]], text[title[1] :])
    return Printed("", text[: title[1]].strip(), text[title[1] :])  # number signs of Markdown belong to the title


def _titled_above(text: str, title: tuple[int, int], number: Sequence[str]) -> Printed:
    found = _find(text, number, title[1]) if number else None
    if found is None:
        return Printed("", text[: title[1]].strip(), text[title[1] :])
    end = _label_end(text, found[1])
    return Printed(text[title[1] : end].strip(), text[: title[1]].strip(), text[end:], heading_first=True)


def _title_after(text: str, words: Sequence[str], start: int) -> tuple[int, int] | None:
    """Where the words of the title stand, when nothing but signs is between `start` and them."""
    limit = start + _NEAR + len(words[0])
    position = text.find(words[0], start, limit)
    while position >= 0:
        if _BETWEEN.fullmatch(text, start, position) and (end := _end_of(text, words, position)) is not None:
            return position, end
        position = text.find(words[0], position + 1, limit)
    return None


def _find(text: str, words: Sequence[str], start: int) -> tuple[int, int] | None:
    """Where words stand near `start`, told from letters and digits around them."""
    limit = start + _NEAR + len(words[0])
    position = text.find(words[0], start, limit)
    while position >= 0:
        end = _end_of(text, words, position)
        if end is not None and not text[position - 1 : position].isalnum() and not text[end : end + 1].isalnum():
            return position, end
        position = text.find(words[0], position + 1, limit)
    return None


def _end_of(text: str, words: Sequence[str], position: int) -> int | None:
    """Where words that begin at a position end, whatever white space is between them; None when others stand there."""
    for count, word in enumerate(words):
        if count:
            space = _SPACE.match(text, position)
            if space is None:
                return None
            position = space.end()
        if not text.startswith(word, position):
            return None
        position += len(word)
    return position


def _label_end(text: str, number_end: int) -> int:
    closing = _CLOSING.match(text, number_end)
    end = closing.end() if closing else number_end
    if end == number_end and (word := _WORD_AFTER.match(text, end)):
        return word.end()
    return end

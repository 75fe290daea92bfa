"""HTML written by hand: a type for text that is safe, so that a type checker finds what was not escaped.

Rules kept here: a `Html` is made by `text`, `source` or `element` (or joined from such), nowhere else; what could move,
hide or reorder text (bidi marks, controls, NUL) is shown as an escape in a `<b class="unseen">`, so that it can be told
from the same letters in the text; attributes are always quoted.

Source: command-line.md §3 row 7, §4 (Rules).
"""

import html
import unicodedata
from collections.abc import Iterable

from cutter.report.visible import visible


class Html(str):
    """Text that is safe to stand in a page as it is."""

    __slots__ = ()


NOTHING = Html("")
SPACE = Html(" ")


def text(foreign: str) -> Html:
    """Any text as HTML: escaped, in NFC, with unseen characters shown; a line end is unseen too."""
    escaped = html.escape(unicodedata.normalize("NFC", foreign))
    return Html(escaped if escaped.isprintable() else escaped.translate(_shown(escaped, kept="")))


def source(foreign: str) -> Html:
    """Text of several lines as HTML: line ends (LF or CRLF) stay line ends, for an element that keeps them."""
    escaped = html.escape(unicodedata.normalize("NFC", foreign.replace("\r\n", "\n")))
    return Html(escaped.translate(_shown(escaped, kept="\n")))


def element(name: str, *children: Html, **attributes: str) -> Html:
    """An element. A trailing underscore of an attribute's name falls off, others become hyphens."""
    told = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(v)}"' for key, v in attributes.items())
    return Html(f"<{name}{told}>{''.join(children)}</{name}>")


def join(parts: Iterable[Html], between: str = "") -> Html:
    """Parts one after another, with white space or punctuation between them."""
    return Html(html.escape(between).join(parts))


def both(en: Html, vi: Html) -> Html:
    """One phrase in both languages, within a line."""
    return join((element("span", en, lang="en", class_="en"), element("span", vi, lang="vi", class_="vi")), " ")


def say(en: str, vi: str) -> Html:
    """One phrase in both languages, of words that need no elements of their own; what is the same in both, once."""
    if en == vi:
        return text(en)
    return both(text(en), text(vi))


def halves(en: Html, vi: Html) -> Html:
    """A paragraph in both languages, side by side where there is room."""
    left = element("div", en, lang="en", class_="en")
    return element("div", left, element("div", vi, lang="vi", class_="vi"), class_="halves")


def paragraph(en: str, vi: str) -> Html:
    """A paragraph of plain words in both languages."""
    return halves(element("p", text(en)), element("p", text(vi)))


def code(literal: str) -> Html:
    """A word to be read letter by letter: an id, a digest, a command."""
    return element("code", text(literal))


def commands(*lines: str) -> Html:
    """Commands, each in a block of its own, which can be copied whole."""
    return join(element("pre", element("code", text(line)), class_="command", tabindex="0") for line in lines)


def table(caption: Html, heads: Iterable[Html], rows: Iterable[Iterable[Html]]) -> Html:
    """A table with a caption; the first cell of each row is its heading."""
    head = element("tr", *(element("th", cell, scope="col") for cell in heads))
    body = Html("".join(_row(list(row)) for row in rows))
    made = element("table", element("caption", caption), element("thead", head), element("tbody", body))
    return element("div", made, class_="scroll", tabindex="0", role="region", aria_label="table")


def folded(summary: Html, *children: Html, class_: str = "fold") -> Html:
    """What is shown when it is asked for."""
    return element("details", element("summary", summary), *children, class_=class_)


def section(anchor: str, en: str, vi: str, *children: Html) -> Html:
    """A part of the page with its heading in both languages."""
    return element("section", element("h2", say(en, vi), id=f"h-{anchor}"), *children, id=anchor)


def _row(cells: list[Html]) -> Html:
    return element("tr", element("th", cells[0], scope="row"), *(element("td", cell) for cell in cells[1:]))


def _shown(escaped: str, kept: str) -> dict[int, str]:
    """What stands for each unseen character of a text; `visible` says which they are and how they are written."""
    unseen = (sign for sign in set(escaped) if not sign.isprintable() and sign not in kept)
    shown = {sign: visible(sign, compose=False) for sign in unseen}
    return {ord(sign): f'<b class="unseen">{escape}</b>' for sign, escape in shown.items() if escape != sign}

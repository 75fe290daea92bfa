r"""The Markdown export: the text of a document to read, with an anchor for every unit.

Rules kept here: containers and basic units are headings by their depth, all others paragraphs; every unit begins with
an anchor whose id is its address; each line of the text stays a line. The text is never understood as Markdown: every
sign that CommonMark or GitHub's Markdown could read is behind a backslash, and white space at the start of a line,
which could make code of it, is left out. (Fences would keep each space, but show long lines of law unbroken.)
Number signs that mark a heading in a Markdown source are not repeated, and a control character shows as U+FFFD.

Source: CommonMark 0.31.2 §2.4 (backslash escapes), §6.7 (hard line breaks); GitHub Flavored Markdown.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cutter.cutting.printed import read_head
from cutter.cutting.profile import Rank
from cutter.cutting.record import DocumentFacts, UnitRecord
from cutter.report.export.xml_text import quoteattr

_DEEPEST_HEADING = 6
# Signs that mean something wherever they stand.
_SIGNS = re.compile(r"[\\`*_\[\]<>&~|$!]")
# Signs that mean something at the start of a line: headings, lists, quotations, rules, underlines, tables.
_LINE_START = re.compile(r"[#+=:-]")
_LIST_NUMBER = re.compile(r"(\d+)([.)])")
_BREAK = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def write_markdown(units: Iterable[UnitRecord], facts: DocumentFacts, out: BinaryIO) -> None:
    """Write the title of the document, if it is known, and its units."""
    if facts.title:
        out.write(f"# {_escape(facts.title)}\n".encode())
    top = 2 if facts.title else 1
    for unit in units:
        for block in _blocks(unit, top):
            out.write(f"\n{block}\n".encode())


def _blocks(unit: UnitRecord, top: int) -> Iterator[str]:
    """The heading, if any, and the paragraphs of a unit's own text."""
    anchor, text = f"<a id={quoteattr(unit.address)}></a>", unit.own_text
    if unit.rank in (Rank.CONTAINER, Rank.BASIC):
        head = read_head(text, unit.number, unit.heading)
        if shown := _escape(head.shown):
            yield f"{'#' * min(top + unit.depth, _DEEPEST_HEADING)} {anchor}{shown}"
            anchor, text = "", head.rest
    for paragraph in _paragraphs(text):
        yield anchor + paragraph
        anchor = ""
    if anchor:
        yield anchor


def _paragraphs(text: str) -> Iterator[str]:
    """Stretches of lines between blank lines; a backslash at the end of a line keeps it a line."""
    lines: list[str] = []
    for line in text.splitlines():
        if shown := _escape(line):
            lines.append(shown)
        elif lines:
            yield "\\\n".join(lines)
            lines = []
    if lines:
        yield "\\\n".join(lines)


def _escape(line: str) -> str:
    """One line of text as Markdown that shows it."""
    line = _CONTROLS.sub("\ufffd", _BREAK.sub(" ", line)).strip()
    line = _SIGNS.sub(r"\\\g<0>", line)
    line = _LIST_NUMBER.sub(r"\1\\\2", line, count=1) if _LIST_NUMBER.match(line) else line
    return f"\\{line}" if _LINE_START.match(line) else line

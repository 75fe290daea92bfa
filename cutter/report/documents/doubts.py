"""Doubts as people and programs read them: full, concise, json, github, sarif.

Rules kept here: a doubt is a place and a word, and no form shows text of the document but the full one; of many doubts
of one code the first are shown, with how many there are; JSON has all.

Source: command-line.md §1 row 6; workflow commands of GitHub Actions.
"""

from collections.abc import Iterator, Sequence

import msgspec

from cutter.cutting import Doubt
from cutter.cutting.shadow import read_text
from cutter.messages import _, number
from cutter.report.documents.results import DoubtReport, by_code, listed_doubts
from cutter.report.documents.sarif import sarif_log
from cutter.report.documents.words import doubt_count, doubt_meaning
from cutter.report.lines import block
from cutter.report.visible import visible

FORMS = ("full", "concise", "json", "sarif", "github")
# Doubts of one code that a screen shows before it counts the others.
MOST_SHOWN = 20
_LONGEST_EXCERPT = 70


def summary(doubts: Sequence[Doubt]) -> str:
    """The line that counts them: `Doubts   3: 2 gap · 1 repeated`."""
    if not doubts:
        return block(_("Doubts"), _("none"))
    codes = " · ".join(f"{number(len(found))} {code.value}" for code, found in by_code(doubts))
    return block(_("Doubts"), f"{number(len(doubts))}: {codes}")


def doubt_lines(doubts: Sequence[Doubt], source: bytes, *, everything: bool) -> Iterator[str]:
    """The doubts by code, each with its place, its word, and the beginning of its line.

    Args:
        doubts: in the order of lines.
        source: the text that they are of.
        everything: all of them; else the first of each code.
    """
    text = read_text(source) if doubts else None
    for code, found in by_code(doubts):
        yield f"  {code.value}  {doubt_count(len(found))}: {doubt_meaning(code)}"
        shown = found if everything else found[:MOST_SHOWN]
        places = [f"{doubt.line}:{doubt.column}" for doubt in shown]
        wide, deep = max(map(len, places)), max(len(doubt.detail) for doubt in shown)
        for place, doubt in zip(places, shown, strict=True):
            excerpt = _excerpt(text.line(doubt.line - 1)) if text is not None else ""
            yield f"    {place:>{wide}}  {visible(doubt.detail):<{deep}}  {excerpt}".rstrip()
        if len(shown) < len(found):
            yield f"    {_('and {count} more', count=number(len(found) - len(shown)))}"


def rendered(form: str, name: str, doubts: Sequence[Doubt]) -> tuple[str, ...]:
    """The doubts of a file in one of the forms besides `full`."""
    match form:
        case "concise":
            return tuple(_concise(name, doubt) for doubt in doubts)
        case "github":
            return tuple(_github(name, doubt) for doubt in doubts)
        case "sarif":
            return (msgspec.json.encode(sarif_log(name, doubts)).decode(),)
        case _:
            return (msgspec.json.encode(DoubtReport(file=name, doubts=listed_doubts(doubts))).decode(),)


def _concise(name: str, doubt: Doubt) -> str:
    place = f"{visible(name, compose=False)}:{doubt.line}:{doubt.column}"
    return f"{place}: {doubt.code.value} {visible(doubt.detail)}".rstrip()


def _excerpt(line: str) -> str:
    plain = " ".join(visible(line.replace("\t", " ").rstrip("\r\n")).split())
    return plain if len(plain) <= _LONGEST_EXCERPT else f"{plain[:_LONGEST_EXCERPT].rstrip()}…"


def _github(name: str, doubt: Doubt) -> str:
    place = f"file={_escaped(name, ':,')},line={doubt.line},col={doubt.column},title={doubt.code.value}"
    return f"::warning {place}::{_escaped(doubt.detail)}"


def _escaped(text: str, more: str = "") -> str:
    """A value of a workflow command: what would end it, or begin another one, is escaped."""
    signs = ("%", "\r", "\n", *more)
    for sign in signs:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return visible(text)

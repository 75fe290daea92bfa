"""Doubts as people and programs read them: full, concise, json, github, sarif.

Rules kept here: a doubt is a place and a word, and no form shows text of the document but the full one; of many doubts
of one code the first are shown, with how many there are; JSON has all.

Source: command-line.md §1 row 6; workflow commands of GitHub Actions.
"""

from collections.abc import Iterator, Sequence

from cutter.cutting import Doubt
from cutter.cutting.shadow import read_text
from cutter.messages import _, number
from cutter.report.documents.results import DoubtReport, by_code, listed_doubts
from cutter.report.documents.words import DOUBT_MEANINGS, doubt_count, doubt_meaning
from cutter.report.lines import block
from cutter.report.machine import encoded_line
from cutter.report.problems import Problem, Rule, Severity, concise_lines, github_lines
from cutter.report.sarif import sarif_log
from cutter.report.visible import visible
from cutter.stops import Exit

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


def rendered(form: str, name: str, place: str, doubts: Sequence[Doubt]) -> tuple[str, ...]:
    """The doubts of a file in one of the forms besides `full`.

    Args:
        form: one of `FORMS`.
        name: the file as it was given, for JSON.
        place: the file as the other forms name it.
        doubts: in the order of lines.
    """
    problems = tuple(_problem(place, doubt) for doubt in doubts)
    match form:
        case "concise":
            return tuple(concise_lines(problems))
        case "github":
            return tuple(github_lines(problems))
        case "sarif":
            return (encoded_line(sarif_log(problems, (place,), Exit.DONE)),)
        case _:
            return (encoded_line(DoubtReport(file=name, doubts=listed_doubts(doubts))),)


def _problem(place: str, doubt: Doubt) -> Problem:
    meaning = str(DOUBT_MEANINGS[doubt.code])
    return Problem(
        file=place,
        line=doubt.line,
        column=doubt.column,
        rule=Rule(code=doubt.code.value, meaning=meaning),
        severity=Severity.WARNING,
        message=doubt.detail,
        sentence=": ".join(part for part in (meaning, doubt.detail) if part),
    )


def _excerpt(line: str) -> str:
    plain = " ".join(visible(line.replace("\t", " ").rstrip("\r\n")).split())
    return plain if len(plain) <= _LONGEST_EXCERPT else f"{plain[:_LONGEST_EXCERPT].rstrip()}…"

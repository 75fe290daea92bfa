"""What every screen is made of: words of states, blocks, columns, and the commands at its end.

Rules kept here: names of blocks and rows are given as they are shown, in the language of the process; a command is
never broken, a `Line` may be where it is shown.

Source: command-line.md §1 row 1, §2, §3 rows 7–9.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from cutter.messages import Message, _, counted, label, language, number
from cutter.model import RoleQuorum
from cutter.policies.decision import Reason
from cutter.report.next_steps import SHORT_ID
from cutter.report.paragraphs import Line
from cutter.report.result import NextStep, Refusal, Result
from cutter.report.visible import visible, width
from cutter.stops import StopCode

__all__ = ["counted"]

# What readers count, in the language of the document, as they cite it; units of other types are told as `other`.
_TYPE_WORDS = {
    "vi": {"CH": "Chương", "ART": "Điều", "CL": "Khoản", "PT": "Điểm"},
    "en": {"CH": "Chapters", "SEC": "Sections", "ART": "Articles", "CL": "paragraphs", "PT": "points"},
}

_MARGINS = {"en": 9, "vi": 10}  # width of the words that begin a block: Cut, Doubts, Next
_NAMES = 8  # least width of the names of indented lines
_REASONS = frozenset(reason.value for reason in Reason)  # of denials that no rule made
# What of a refused argument is told in words, because its value never is.
_WORDED = (Message("a connection string"), Message("a digest"))
_DIGITS = 4  # hex digits of a digest that stand together


def margin() -> int:
    """How wide the word that begins a block is, with the space behind it."""
    return _MARGINS[language()]


def block(name: str, text: str, indent: int = 0) -> Line:
    """A line that begins with its word; without one it goes on with the line above."""
    start = f"{'':<{indent}}{pad(name, margin() - 1)} "
    return Line(f"{start}{text}", width(start))


def blocks(name: str, texts: Iterable[str]) -> Iterator[Line]:
    """Several lines under one word."""
    for place, text in enumerate(texts):
        yield block("" if place else name, text)


def pad(text: str, wide: int) -> str:
    """The text in so many cells."""
    return text + " " * (wide - width(text))


def head(state: str, parts: Iterable[str]) -> Line:
    """The first line of a screen: the word of a state, and what it is of."""
    return Line(f"{state}  {' · '.join(part for part in parts if part)}", width(state) + 2)


def run_part(run_id: str) -> str:
    """A run by the beginning of its id; empty for none."""
    return _("run {run}", run=run_id[:SHORT_ID]) if run_id else ""


def exit_part(status: int) -> str:
    """An exit status in the first line of a screen."""
    return _("exit {status}", status=status)


def next_lines(steps: Sequence[NextStep]) -> Iterator[str]:
    """The last block: commands that run as they stand, one a line, never wrapped."""
    labels = [label(step.label) for step in steps]
    label_width = max((width(shown) for shown in labels), default=0)
    for place, (shown, step) in enumerate(zip(labels, steps, strict=True)):
        told = f"{pad(shown, label_width)}  {visible(step.command, compose=False)}"
        yield str(block("" if place else _("Next"), told))


def why_lines(refusal: Result | Refusal) -> Iterator[Line]:
    """What a stop code means, where and what it was about, and what to do."""
    declared = StopCode[refusal.stop_code or StopCode.STOP_INTERNAL.name].value
    yield Line(f"  {_(declared.meaning)}", 2)
    rows = (
        (_where_word(refusal), _place(refusal.where)),
        (_("case"), refusal.detail),
        (_("found"), _(refusal.found) if refusal.found in _WORDED else refusal.found),
        (_("needed"), refusal.needed),
        _suggested(refusal),
        (_("do"), _(declared.remedy)),
    )
    yield from named_lines(rows)


def _suggested(refusal: Result | Refusal) -> tuple[str, str]:
    """What lies near, with its name; of a plan that holds no more, what was changed."""
    if refusal.stop_code != StopCode.STOP_PLAN_CHANGED.name:
        return _("nearest"), ", ".join(refusal.suggestions)
    return _("changed"), ", ".join(map(_changed, refusal.suggestions))


def _changed(part: str) -> str:
    """A part of a decision in words (`policy.decide` names them); whatever else was changed as it is told."""
    kind, _slash, name = part.partition("/")
    words = {
        "policy": _("policy {name}", name=name),
        "view": _("view {name}", name=name),
        "template": _("template {name}", name=name),
        "answer": _("the answer of the view: {name}", name=name),
        "selection": _("the selection"),
        "pace": _("the pace is used up"),
    }
    return words.get(kind, part)


def _where_word(refusal: Result | Refusal) -> str:
    """What the place of a stop is: of a trigger that was denied, the rule that denied it."""
    denied = refusal.stop_code == StopCode.STOP_POLICY_DENIED.name
    phases = refusal.phases if isinstance(refusal, Result) else ()
    by_rule = denied and refusal.detail not in _REASONS and all(phase.phase != refusal.where for phase in phases)
    return _("rule") if by_rule else _("where")


def _place(where: str) -> str:
    """The place of a stop; one of the command line in words."""
    argument = where.removeprefix("argument ")
    return _("argument {number}", number=argument) if argument != where and argument.isdecimal() else where


def explain_line(code: str) -> str:
    """The command that explains a stop code at length."""
    return str(block(label("Why"), f"cutter explain {code}"))


def named_lines(rows: Iterable[tuple[str, str]]) -> Iterator[Line]:
    """Indented lines of a name and a value; without a value there is no line."""
    shown = [(name, value) for name, value in rows if value]
    wide = max((width(name) for name, _value in shown), default=0)
    for name, value in shown:
        start = f"    {pad(name, max(_NAMES, wide))} "
        yield Line(f"{start}{visible(value)}", width(start))


def table_lines(rows: Sequence[Sequence[str]], *, aligned: bool) -> tuple[str, ...]:
    """Records, one a line: in columns for a terminal, else separated by tabs with whole values."""
    shown = [[visible(cell) for cell in row] for row in rows]
    if not aligned:
        return tuple("\t".join(row) for row in shown)
    widths = [max(width(cell) for cell in column) for column in zip(*shown, strict=True)]
    return tuple("  ".join(pad(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in shown)


def count_phrase(counts: Mapping[str, int], language: str) -> str:
    """Units by TYPE in the words of the document's language (English for one that has none here), and their sum."""
    words = _TYPE_WORDS.get(language.partition("-")[0], _TYPE_WORDS["en"])
    named = [
        f"{number(counts[type_])} {_one(word, counts[type_])}" for type_, word in words.items() if counts.get(type_)
    ]
    other = sum(count for type_, count in counts.items() if type_ not in words)
    if other:
        named.append(_("{count} other", count=number(other)))
    return f"{' · '.join(named)} = {number(sum(counts.values()))}"


def _one(word: str, count: int) -> str:
    """The word for one, of those whose plural is written with an s."""
    return word.removesuffix("s") if count == 1 else word


def role_word(role: str) -> str:
    """What people sign as; a role that this cutter has no word for is shown as it is."""
    words = {"content": _("content"), "form": _("form"), "sovereign": _("sovereign")}
    return words.get(role) or visible(role)


def role_phrase(roles: Sequence[RoleQuorum]) -> str:
    """How many persons of which role, by the names that policies have: `content 1 · sovereign 2`."""
    return " · ".join(f"{visible(item.role)} {item.persons}" for item in roles)


def quorum_phrase(roles: Sequence[RoleQuorum]) -> str:
    """How many persons of which role, in words."""
    return " · ".join(f"{role_word(item.role)} {item.persons}" for item in roles)


def moment(stated: str) -> str:
    """A moment of an event or request (`2026-11-24T09:10:00Z`, with or without a fraction) as people read it here.

    It is told in the time zone of this host, with its offset.
    """
    if "T" not in stated:
        return ""
    try:
        here = datetime.fromisoformat(stated).astimezone()
    except (ValueError, OverflowError):
        return visible(stated)
    offset = here.strftime("%z")
    zone = "UTC" if offset == "+0000" else f"{offset[:3]}:{offset[3:5]}"
    date = here.strftime("%d/%m/%Y" if language() == "vi" else "%Y-%m-%d")
    return _("{date} {time} {zone}", date=date, time=here.strftime("%H:%M:%S"), zone=zone)


def digest_phrase(sha256: str) -> str:
    """The beginning of a digest, for eyes that compare: `3f9c a41e`. Who needs all of it finds it in the JSON."""
    return f"{sha256[:_DIGITS]} {sha256[_DIGITS : 2 * _DIGITS]}"

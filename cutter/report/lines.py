"""What every screen is made of: counted words, blocks, columns, and the commands at its end.

Source: command-line.md §1 row 1, §3 rows 7–9.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cutter.model import RoleQuorum
from cutter.report.result import NextStep, Refusal, Result
from cutter.report.visible import visible, width
from cutter.stops import StopCode

# The words of Vietnamese law for what its readers count; units of other types are told as `other`.
_TYPE_WORDS = {"CH": "Chương", "ART": "Điều", "CL": "Khoản", "PT": "Điểm"}

_MARGIN = 9  # width of the words that begin a block: Cut, Doubts, Next
_DIGITS = 4  # hex digits of a digest that stand together


def block(name: str, text: str) -> str:
    """A line that begins with its word; without one it goes on with the line above."""
    return f"{name:<{_MARGIN}}{text}"


def blocks(name: str, texts: Iterable[str]) -> Iterator[str]:
    """Several lines under one word."""
    for place, text in enumerate(texts):
        yield block("" if place else name, text)


def pad(text: str, wide: int) -> str:
    """The text in so many cells."""
    return text + " " * (wide - width(text))


def next_lines(steps: Sequence[NextStep]) -> Iterator[str]:
    """The last block: commands that run as they stand, one a line, never wrapped."""
    label_width = max((width(step.label) for step in steps), default=0)
    yield from blocks(
        "Next", (f"{pad(step.label, label_width)}  {visible(step.command, compose=False)}" for step in steps)
    )


def why_lines(refusal: Result | Refusal) -> Iterator[str]:
    """What a stop code means, where and what it was about, and what to do."""
    declared = StopCode[refusal.stop_code or StopCode.STOP_INTERNAL.name].value
    yield f"  {declared.meaning}"
    rows = (
        ("where", refusal.where),
        ("case", refusal.detail),
        ("found", refusal.found),
        ("needed", refusal.needed),
        ("nearest", ", ".join(refusal.suggestions)),
        ("do", declared.remedy),
    )
    yield from named_lines(rows)


def named_lines(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Indented lines of a name and a value; without a value there is no line."""
    for name, value in rows:
        if value:
            yield f"    {name:<8} {visible(value)}"


def table_lines(rows: Sequence[Sequence[str]], *, aligned: bool) -> tuple[str, ...]:
    """Records, one a line: in columns for a terminal, else separated by tabs with whole values."""
    shown = [[visible(cell) for cell in row] for row in rows]
    if not aligned:
        return tuple("\t".join(row) for row in shown)
    widths = [max(width(cell) for cell in column) for column in zip(*shown, strict=True)]
    return tuple("  ".join(pad(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in shown)


def counted(number: int, what: str) -> str:
    """A number with what is counted: `1 unit`, `2,000 units`. A plural of another kind stands behind a bar."""
    singular, _, plural = what.partition("|")
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"


def count_phrase(counts: Mapping[str, int]) -> str:
    """Units by TYPE in the words of the document's family, and their sum."""
    named = [f"{counts[type_]:,} {word}" for type_, word in _TYPE_WORDS.items() if counts.get(type_)]
    other = sum(number for type_, number in counts.items() if type_ not in _TYPE_WORDS)
    if other:
        named.append(f"{other:,} other")
    return f"{' · '.join(named)} = {sum(counts.values()):,}"


def role_phrase(roles: Sequence[RoleQuorum]) -> str:
    """How many persons of which role: `content 1 · sovereign 2`."""
    return " · ".join(f"{visible(item.role)} {item.persons}" for item in roles)


def moment(stated: str) -> str:
    """A moment of an event or request (`2026-11-24T09:10:00Z`, with or without a fraction) as people read it."""
    date, _, time = stated.removesuffix("Z").partition("T")
    return f"{date} {time.partition('.')[0]} UTC" if time else ""


def digest_phrase(sha256: str) -> str:
    """The beginning of a digest, for eyes that compare: `3f9c a41e`. Who needs all of it finds it in the JSON."""
    return f"{sha256[:_DIGITS]} {sha256[_DIGITS : 2 * _DIGITS]}"

"""What a stop code, an exit status or a category means, how it arises and how it is mended. Offline, from cutter's own
declarations and the texts beside them.

Rules kept here: the declarations in `cutter.stops` say what a code is; `cutter/stops/causes.toml` and `exits.toml`
say more, once; texts here are English, which is what JSON has and what translations go by.

Source: issue 6, part 6; command-line.md §1 rows 4, 5.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from cutter.messages import Message
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.stops import Category, Exit, StopCode

_TEXTS = Path(__file__).parents[1] / "stops"
_CAUSES, _EXITS = "causes.toml", "exits.toml"

_CATEGORIES = {
    Category.MODE_VIOLATION: Message(
        "What was asked is not allowed in this mode: a live act without its gate, or where only rehearsals may run."
    ),
    Category.VALIDATION_ERROR: Message(
        "Something that was given does not have the form that it must have: an argument, a file, a text, a key."
    ),
    Category.INVARIANT_VIOLATION: Message(
        "Something that must always hold does not: what is stored, signed, pinned or "
        "expected differs from what is found."
    ),
    Category.NOT_FOUND: Message("Something that was named is not there."),
    Category.CONFLICT: Message("What was asked collides with something that exists or happened before."),
    Category.UNSUPPORTED_OPERATION: Message("There is no such operation, on purpose."),
    Category.INTERNAL_ERROR: Message("The program, the operating system or the server failed."),
}


_OF_POLICIES = Message(
    "As the reason of a decision, and where cutter policies lint finds it: rules of policies hold together and want "
    "different things, so that people decide."
)


class Fact(msgspec.Struct, frozen=True):
    """One more thing to know, by name."""

    name: str
    value: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a word means (`cutter.explanation/1`).

    `kind` is `stop`, `exit`, `category`, `gate`, `operation`, `mistake`, or of policies `reason` or `finding`;
    `exit_code` is null where none belongs to it; `codes` are the stop codes of an exit status, a category or a reason.
    """

    format: str = "cutter.explanation/1"
    kind: str
    name: str
    meaning: str
    cause: str = ""
    remedy: str = ""
    exit_code: int | None = None
    exit_meaning: str = ""
    category: str = ""
    retryable: bool = False
    facts: tuple[Fact, ...] = ()
    codes: tuple[str, ...] = ()
    next: tuple[NextStep, ...] = ()


class _Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section of the files: paragraphs, and words of commands below `cutter`."""

    cause: str
    mend: str
    see: tuple[str, ...]


def explain_word(word: str) -> Explanation | None:
    """What a stop code, an exit status or a category means; None for any other word.

    A code can be written as people do: `drift`, `fingerprint-drift`, `stop_drift`.
    """
    name = normal_name(word)
    if name.isascii() and name.isdecimal():
        return next((explain_exit(status) for status in Exit if str(status.value) == name), None)
    for code in (name, f"STOP_{name}"):
        if code in StopCode.__members__:
            return explain_stop(StopCode[code])
    return explain_category(Category[name]) if name in Category.__members__ else None


def normal_name(word: str) -> str:
    """A word as names of codes are written."""
    return word.strip().upper().replace("-", "_")


def explain_stop(code: StopCode) -> Explanation:
    """A stop code."""
    declared, text = code.value, _read(_CAUSES, code.name)
    return Explanation(
        kind="stop",
        name=code.name,
        meaning=str(declared.meaning),
        cause=_line(text.cause),
        remedy=_line(text.mend),
        exit_code=int(declared.exit),
        exit_meaning=str(declared.exit.meaning),
        category=declared.category.value,
        retryable=declared.retryable,
        next=_steps(text.see),
    )


def explain_exit(status: Exit) -> Explanation:
    """An exit status, with the codes that end so."""
    text = _read(_EXITS, str(status.value))
    return Explanation(
        kind="exit",
        name=str(status.value),
        meaning=f"{status.meaning[:1].upper()}{status.meaning[1:]}.",
        cause=_line(text.cause),
        remedy=_line(text.mend),
        exit_code=int(status),
        exit_meaning=str(status.meaning),
        codes=tuple(code.name for code in StopCode if code.exit is status),
        next=_steps(text.see),
    )


def explain_category(category: Category) -> Explanation:
    """A category, with its codes."""
    return Explanation(
        kind="category",
        name=category.value,
        meaning=str(_CATEGORIES[category]),
        cause=str(_OF_POLICIES) if category is Category.CONFLICT else "",
        codes=tuple(code.name for code in StopCode if code.value.category is category),
        next=(NextStep("codes", command("help", "exit-codes")),),
    )


def translatable_texts() -> Iterator[str]:
    """Every text of a stop, an exit status or a category that people read, for the catalogues of translations."""
    for code in StopCode:
        explained = explain_stop(code)
        yield from (explained.meaning, code.value.remedy, explained.cause, explained.remedy)
    for status in Exit:
        told = explain_exit(status)
        yield from (status.meaning, told.meaning, told.cause, told.remedy)
    yield from (*_CATEGORIES.values(), _OF_POLICIES)


def _read(name: str, section: str) -> _Text:
    """One section of a file of texts; only it is parsed, because a whole file takes longer than everything else."""
    text = (_TEXTS / name).read_text(encoding="utf-8")
    _, found, rest = text.partition(f"\n[{section}]\n")
    if not found:
        raise KeyError(section)
    return msgspec.convert(tomllib.loads(rest.partition("\n[")[0]), _Text)


def _line(paragraph: str) -> str:
    return " ".join(paragraph.split())


def _steps(see: tuple[str, ...]) -> tuple[NextStep, ...]:
    return tuple(NextStep("see", command(*words.split())) for words in see)

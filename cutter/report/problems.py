"""Problems at their places in files, and their forms of one line each: for people and editors, and for GitHub.

Rules kept here: a problem is one line whatever its text is; nothing of a file can end an annotation or begin another
command of the workflow; below the repository a file is named without it. These lines are read by programs too, so
nothing in them is translated.

Source: command-line.md §1 row 6; GitHub, "Workflow commands" (the escapes are those of its toolkit's `command.ts`).
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from posixpath import normpath

import msgspec

from cutter.report.visible import visible


class Severity(Enum):
    """How much a problem matters, in the word that GitHub and SARIF share."""

    ERROR = "error"
    WARNING = "warning"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What a problem is an instance of: its code, that in words or empty, and what it means in a sentence."""

    code: str
    word: str = ""
    meaning: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem at its place.

    Attributes:
        file: as tools of the repository name it (`place_of`).
        line, column: from 1; the column in characters (code points).
        length: characters that are wrong; 0 where that is not known.
        rule: its code.
        severity: how much it matters.
        message: what is wrong, for a reader who knows the code.
        sentence: what is wrong, for a reader who does not; empty where `message` says it.
        path: where it is within the file by the file's own names, such as a YAML path; empty for nowhere.
        facts: what else is known, by its name.
    """

    file: str
    line: int
    column: int
    length: int = 0
    rule: Rule
    severity: Severity
    message: str
    sentence: str = ""
    path: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def place_of(path: str, folder: PurePath, root: PurePath) -> str:
    """A file's path as tools of a repository name it.

    Args:
        path: the file, meant from `folder`.
        folder: that the command was given in.
        root: the repository's; a file below it is named without it, any other from the file system's root.
    """
    whole = PurePath(normpath(folder / path))
    return (whole.relative_to(root) if whole.is_relative_to(root) else whole).as_posix()


def concise_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """`file:line:column: CODE message`."""
    for item in problems:
        place = f"{visible(item.file, compose=False)}:{item.line}:{item.column}"
        yield f"{place}: {item.rule.code} {visible(item.message)}".rstrip()


def github_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Workflow commands that GitHub shows at their lines."""
    for item in problems:
        place = {"file": visible(item.file, compose=False), "line": str(item.line), "col": str(item.column)}
        end = {"endColumn": str(item.column + item.length)} if item.length else {}
        title = {"title": f"{item.rule.code} {item.rule.word}".rstrip()}
        lines = (visible(item.message), *(f"{name}: {visible(said)}" for name, said in item.facts))
        yield annotation(item.severity.value, {**place, **end, **title}, "\n".join(lines))


def annotation(kind: str, properties: Mapping[str, str], message: str) -> str:
    """One workflow command: `error`, `warning` or `notice`, with values that cannot end it."""
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

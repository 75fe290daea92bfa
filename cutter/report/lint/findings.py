"""The findings of a lint (`cutter.lint/1`): every mistake with its place, and what would mend it.

Rules kept here: a suggestion says whether it is safe; cutter applies none; codes, messages and paths are those of the
loader, never translated.

Source: command-line.md §1 row 6.
"""

import unicodedata
from collections.abc import Iterator
from enum import Enum

import msgspec

from cutter.pipeline.diagnostics import Code, Diagnostic
from cutter.report.problems import Problem, Rule, Severity


class Applicability(Enum):
    """Whether a suggestion can be applied unread.

    `safe`: the word is the suggested one in another spelling (letter case, dashes, form of Unicode), so that nothing
    else can be meant; `unsafe`: the suggested word is only the most similar one.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake at its place; its fields are those of a diagnostic.

    `line` and `column` count from 1, `column` and `length` in characters (code points). `applicability` is null where
    nothing is suggested.
    """

    file: str
    line: int
    column: int
    code: Code
    path: str
    message: str
    found: str
    needed: str
    help: str
    suggestion: str
    applicability: Applicability | None
    length: int


class LintedFile(msgspec.Struct, frozen=True):
    """One file that was checked: its mistakes, or the digest of a good pipeline."""

    path: str
    diagnostics: tuple[Finding, ...]
    sha256: str


class LintReport(msgspec.Struct, frozen=True, kw_only=True):
    """All files of one lint."""

    format: str = "cutter.lint/1"
    files: tuple[LintedFile, ...]
    exit_code: int


def finding(item: Diagnostic, text: str) -> Finding:
    """A diagnostic as a finding; `text` is that of its file."""
    values = {name: getattr(item, name) for name in Diagnostic.__struct_fields__}
    return Finding(**values, applicability=_applicability(item, text))


def problems_of(checked: LintedFile) -> Iterator[Problem]:
    """The findings of a file as the forms for tools have them, at the path that the file is told with."""
    for item in checked.diagnostics:
        yield Problem(
            file=checked.path,
            line=item.line,
            column=item.column,
            length=item.length,
            rule=Rule(code=item.code.value, word=item.code.word, meaning=item.code.meaning),
            severity=Severity.ERROR,
            message=item.message,
            sentence=f"{item.message}; needed: {item.needed}" if item.needed else "",
            path=item.path,
            facts=tuple(_facts(item)),
        )


def line_of(text: str, number: int) -> str:
    """A line of the text, counted from 1, without its end; empty where there is none."""
    lines = text.split("\n")
    return lines[number - 1].removesuffix("\r") if 0 < number <= len(lines) else ""


def _facts(item: Finding) -> Iterator[tuple[str, str]]:
    applicability = item.applicability.value if item.applicability else ""
    facts = (
        ("found", item.found),
        ("needed", item.needed),
        ("help", item.help),
        ("suggestion", item.suggestion),
        ("applicability", applicability),
    )
    return (fact for fact in facts if fact[1])


def _applicability(item: Diagnostic, text: str) -> Applicability | None:
    if not item.suggestion:
        return None
    written = line_of(text, item.line)[item.column - 1 : item.column - 1 + item.length]
    same = _spelled_alike(written.strip("\"'")) == _spelled_alike(item.suggestion)
    return Applicability.SAFE if same else Applicability.UNSAFE


def _spelled_alike(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold().replace("-", "_")

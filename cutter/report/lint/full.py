"""The full form: each mistake with its line, a caret under what is wrong, and what was found and is needed.

Rules kept here: text of the file is shown with its control characters visible; the caret stands under what is wrong
also where letters are decomposed or wide; a long line is shown near what is wrong.

Source: DESIGN §5; command-line.md §1 row 5 (the error form).
"""

import unicodedata
from collections.abc import Iterator

from cutter.messages import _, language, number
from cutter.report.lint.findings import Applicability, Finding, LintedFile, line_of
from cutter.report.visible import visible, width
from cutter.stops import Exit

_CONTEXT = 60  # characters of a long line that are shown before what is wrong
_SHOWN = 120  # characters of a long line that are shown at all


def full_lines(checked: LintedFile, text: str) -> Iterator[str]:
    """One file as people read it.

    Args:
        checked: the file with its findings.
        text: its text, for the lines that are shown.
    """
    if not checked.diagnostics:
        yield f"ok  {visible(checked.path)}  sha256:{checked.sha256}"
        return
    for item in checked.diagnostics:
        yield from _finding_lines(item, text)
        yield ""
    count = len(checked.diagnostics)
    mistakes = _("1 mistake") if count == 1 else _("{count} mistakes", count=number(count))
    place = _("{mistakes} in {path}", mistakes=mistakes, path=visible(checked.path))
    yield f"{place} · exit {Exit.CONFIGURATION}"


def _finding_lines(item: Finding, text: str) -> Iterator[str]:
    before, marked, after = _cut(line_of(text, item.line), item.column - 1, item.length)
    margin = " " * len(str(item.line))
    yield f"error[{item.code.value} {item.code.word}]: {visible(item.message)}"
    yield f"{margin}--> {visible(item.file)}:{item.line}:{item.column}"
    yield f"{margin} |"
    yield f"{item.line} | {before}{marked}{after}".rstrip()
    yield f"{margin} | {' ' * width(before)}{'^' * max(1, width(marked))}"
    for word, said in _facts(item):
        if said:
            yield f"{margin} = {word}: {visible(said)}"


def _facts(item: Finding) -> Iterator[tuple[str, str]]:
    if language() != "en":  # the message of the loader is English: the meaning of its code is not
        yield _("meaning"), _(item.code.meaning)
    yield _("path"), item.path
    yield _("found"), item.found
    yield _("needed"), item.needed
    yield _("help"), item.help or _suggested(item)


def _suggested(item: Finding) -> str:
    match item.applicability:
        case Applicability.SAFE:
            return _("did you mean `{word}`? (safe: the same word, spelled as it must be)", word=item.suggestion)
        case Applicability.UNSAFE:
            return _("did you mean `{word}`? (unsafe: it is the nearest word)", word=item.suggestion)
        case None:
            return ""


def _cut(line: str, start: int, length: int) -> tuple[str, str, str]:
    """What stands before, in and after the marked stretch of a line, all visible; of a long line, what is near it."""
    end = _whole(line, start + length)
    start = _whole_before(line, min(start, len(line)))
    first = _whole_before(line, max(0, start - _CONTEXT)) if len(line) > _SHOWN else 0
    last = max(start, _whole(line, min(len(line), first + _SHOWN)))
    before = ("…" if first else "") + visible(line[first:start])
    after = visible(line[min(end, last) : last]) + ("…" if last < len(line) else "")
    return before, visible(line[start : min(end, last)]), after


def _whole(line: str, end: int) -> int:
    """The end of the letter that a stretch ends in: marks that combine belong to it."""
    while end < len(line) and _combines(line[end]):
        end += 1
    return end


def _whole_before(line: str, start: int) -> int:
    """The start of the letter that a stretch begins in."""
    while 0 < start < len(line) and _combines(line[start]):
        start -= 1
    return start


def _combines(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me")

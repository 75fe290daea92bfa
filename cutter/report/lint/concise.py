"""One line a mistake: for people who know the codes and tools that jump to a place, and as annotations of GitHub.

Rules kept here: a mistake is one line whatever its text is; nothing of a file can end an annotation or begin another
command of the workflow. These lines are read by programs too, so nothing in them is translated.

Source: command-line.md §1 row 6; GitHub, "Workflow commands" (the escapes are those of its toolkit's `command.ts`).
"""

from collections.abc import Iterator
from pathlib import PurePath

from cutter.report.lint.findings import Finding, LintedFile, place_of
from cutter.report.visible import visible


def concise_lines(checked: LintedFile, base: PurePath) -> Iterator[str]:
    """`file:line:col: CODE message`; nothing for a good file. Paths below `base` are told without it."""
    path = visible(place_of(checked.path, base), compose=False)
    for item in checked.diagnostics:
        yield f"{path}:{item.line}:{item.column}: {item.code.value} {visible(item.message)}"


def github_lines(checked: LintedFile, base: PurePath) -> Iterator[str]:
    """Workflow commands that GitHub shows at their lines; nothing for a good file."""
    path = visible(place_of(checked.path, base), compose=False)
    for item in checked.diagnostics:
        properties = {
            "file": path,
            "line": str(item.line),
            "col": str(item.column),
            "endColumn": str(item.column + item.length),
            "title": f"{item.code.value} {item.code.word}",
        }
        told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::error {told}::{_data(_message(item))}"


def _message(item: Finding) -> str:
    applicability = item.applicability.value if item.applicability else ""
    facts = (
        ("found", item.found),
        ("needed", item.needed),
        ("help", item.help),
        (f"nearest ({applicability})", item.suggestion),
    )
    return "\n".join((visible(item.message), *(f"{name}: {visible(said)}" for name, said in facts if said)))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

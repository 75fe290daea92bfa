"""`cutter policies lint`: gaps, conflicts, and rules that decide nothing, each with a trigger that shows it."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, assert_never

import msgspec
import typer

from cutter.app.policies.checking import lint_policies
from cutter.cli.exits import epilog
from cutter.cli.policies.group import APP, FolderOrNone, Witnesses
from cutter.cli.session import open_settings, repository
from cutter.cli.view import View
from cutter.report.machine import encoded_line
from cutter.report.policies.lint import PolicyLint, lint_lines, problems_of
from cutter.report.problems import Problem, concise_lines, github_lines, place_of
from cutter.report.sarif import sarif_log


class LintFormat(Enum):
    """How findings are shown."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


LintForm = Annotated[
    LintFormat,
    typer.Option("--format", help="Show findings in full, one a line, as JSON or SARIF, or as GitHub annotations."),
]


@APP.command(epilog=epilog())
def lint(folder: FolderOrNone = None, witnesses: Witnesses = None, form: LintForm = LintFormat.FULL) -> View:
    """Prove that the selected policies have no gaps and conflicts. Warnings are told, and stop nothing."""
    found = lint_policies(open_settings(), folder, witnesses)
    match form:
        case LintFormat.FULL:
            return View(found, tuple(lint_lines(found)), found.exit_code, stated=True)
        case LintFormat.CONCISE:
            return View(found, tuple(concise_lines(_problems(found, Path.cwd()))), found.exit_code)
        case LintFormat.GITHUB:
            return View(found, tuple(github_lines(_problems(found, repository()))), found.exit_code)
        case LintFormat.SARIF:
            return _sarif(found)
        case LintFormat.JSON:
            return View(found, (encoded_line(found),), found.exit_code)
        case _ as never:
            assert_never(never)


def _problems(found: PolicyLint, root: Path) -> Iterator[Problem]:
    for item in problems_of(found.findings):
        yield msgspec.structs.replace(item, file=place_of(item.file, Path.cwd(), root))


def _sarif(found: PolicyLint) -> View:
    files = [place_of(file, Path.cwd(), repository()) for file in found.files]
    log = sarif_log(tuple(_problems(found, repository())), files, found.exit_code)
    return View(log, (encoded_line(log),), found.exit_code)

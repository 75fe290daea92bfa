"""`cutter pipelines list|lint`: which pipelines there are, and every mistake in one at its place. No database.

Source: DESIGN §5 (diagnostics); command-line.md §1 row 5.
"""

from typing import Annotated

import click
import msgspec
import typer

from cutter.app.pipelines import Linted, ListedPipeline, lint_pipeline, list_pipelines
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.pipeline import Diagnostic, render
from cutter.report.visible import visible
from cutter.stops import Exit

APP = typer.Typer(
    name="pipelines",
    help="List and check pipelines.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)


class PipelineList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter pipelines list` (`cutter.pipelines/1`)."""

    format: str = "cutter.pipelines/1"
    pipelines: tuple[ListedPipeline, ...]


class LintedFile(msgspec.Struct, frozen=True):
    """One file that was checked: its mistakes, or the digest of a good pipeline."""

    path: str
    diagnostics: tuple[Diagnostic, ...]
    sha256: str


class LintReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter pipelines lint` (`cutter.lint/1`)."""

    format: str = "cutter.lint/1"
    files: tuple[LintedFile, ...]
    exit_code: int


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog()
    return group


@APP.command("list", epilog=epilog())
def list_all() -> View:
    """List the pipelines that can be run by name."""
    found = list_pipelines(open_settings())
    rows = [(p.id, str(p.phases), str(p.gates), p.title_en if p.valid else "does not lint", p.path) for p in found]
    table = Table(("PIPELINE", "PHASES", "GATES", "TITLE", "FILE"), rows, "No pipelines.")
    return View(PipelineList(pipelines=found), table)


@APP.command(epilog=epilog(Exit.CONFIGURATION))
def lint(
    names: Annotated[list[str] | None, typer.Argument(metavar="[FILE|NAME]...")] = None,
) -> View:
    """Check pipelines and show every mistake at its place. All of them when none is named; no database is needed."""
    settings = open_settings()
    checked = [lint_pipeline(settings, name) for name in names or [p.path for p in list_pipelines(settings)]]
    status = int(Exit.CONFIGURATION if any(found.diagnostics for found in checked) else Exit.DONE)
    files = tuple(LintedFile(found.path, found.diagnostics, found.sha256) for found in checked)
    lines = tuple(line for found in checked for line in _lines(found))
    return View(LintReport(files=files, exit_code=status), lines, status)


def _lines(found: Linted) -> tuple[str, ...]:
    if not found.diagnostics:
        return (f"ok  {visible(found.path)}  sha256:{found.sha256}",)
    number = len(found.diagnostics)
    mistakes = "1 mistake" if number == 1 else f"{number} mistakes"
    shown = render(found.diagnostics, found.text).split("\n")
    return (*shown, "", f"{mistakes} in {visible(found.path)} · exit {Exit.CONFIGURATION}")

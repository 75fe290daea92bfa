"""`cutter pipelines list|show|graph|lint`: which pipelines there are, what each does, and every mistake in one at its
place. No database, unless a run of one is shown.

Source: DESIGN §5 (diagnostics); command-line.md §1 rows 5, 6; issue 6, part 4.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import Annotated, assert_never

import click
import msgspec
import typer

from cutter.app.pipelines import (
    Linted,
    ListedPipeline,
    graph_pipeline,
    graph_run,
    lint_pipeline,
    list_pipelines,
    show_pipeline,
)
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings, repository
from cutter.cli.view import Table, View
from cutter.messages import _, language
from cutter.report.graph import Graph
from cutter.report.graph_dot import dot_lines
from cutter.report.graph_mermaid import mermaid_lines
from cutter.report.graph_tree import tree_lines
from cutter.report.lint.findings import LintedFile, LintReport, finding, problems_of
from cutter.report.lint.full import full_lines
from cutter.report.machine import encoded_line
from cutter.report.pipeline_page import page_lines
from cutter.report.problems import Problem, concise_lines, github_lines, place_of
from cutter.report.sarif import sarif_log
from cutter.stops import Exit, Stop, StopCode

APP = typer.Typer(
    name="pipelines",
    help="List, show and check pipelines.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_NARROW, _WIDE = 40, 100  # cells: what is narrower cannot be read, what is wider is not


class LintFormat(Enum):
    """How findings are shown."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


class GraphFormat(Enum):
    """How a graph is drawn."""

    TREE = "tree"
    MERMAID = "mermaid"
    DOT = "dot"


Names = Annotated[list[str] | None, typer.Argument(metavar="[FILE|NAME]...")]
Name = Annotated[str, typer.Argument(metavar="FILE|NAME")]
NameOrNone = Annotated[str | None, typer.Argument(metavar="[FILE|NAME]")]
LintForm = Annotated[
    LintFormat,
    typer.Option("--format", help="Show mistakes in full, one a line, as JSON or SARIF, or as GitHub annotations."),
]
GraphForm = Annotated[GraphFormat, typer.Option("--format", help="Draw for a terminal, for mermaid or for graphviz.")]
RunOrNone = Annotated[
    str | None, typer.Option("--run", metavar="RUN", help="Show the pipeline of this run, and how each phase stands.")
]


class PipelineList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter pipelines list` (`cutter.pipelines/1`)."""

    format: str = "cutter.pipelines/1"
    pipelines: tuple[ListedPipeline, ...]


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog()
    return group


@APP.command("list", epilog=epilog())
def list_all() -> View:
    """List the pipelines that can be run by name."""
    found = list_pipelines(open_settings())
    rows = [(p.id, str(p.phases), str(p.gates), _title(p), p.path) for p in found]
    columns = (_("PIPELINE"), _("PHASES"), _("GATES"), _("TITLE"), _("FILE"))
    return View(PipelineList(pipelines=found), Table(columns, rows, _("No pipelines.")))


@APP.command(epilog=epilog())
def show(name: Name) -> View:
    """Show what a pipeline takes, does and waits for, and who signs."""
    found = show_pipeline(open_settings(), name)
    return View(found, tuple(page_lines(found, columns=_columns())))


@APP.command(epilog=epilog(Exit.CHANGED, Exit.UNSAFE, Exit.EVIDENCE, Exit.UNREACHABLE))
def graph(name: NameOrNone = None, run: RunOrNone = None, form: GraphForm = GraphFormat.TREE) -> View:
    """Draw the phases of a pipeline or of a run. What each does, what flows into it, and where people decide."""
    settings = open_settings()
    if run is not None:
        found = graph_run(settings, run, name)
    elif name is not None:
        found = graph_pipeline(settings, name)
    else:
        raise Stop(StopCode.STOP_INVALID_INPUT, "missing", needed="FILE, NAME or --run")
    return View(found, tuple(_drawing(found, form)))


@APP.command(epilog=epilog(Exit.CONFIGURATION))
def lint(names: Names = None, form: LintForm = LintFormat.FULL) -> View:
    """Check pipelines and show every mistake at its place. All of them when none is named; no database is needed."""
    settings = open_settings()
    checked = [lint_pipeline(settings, name) for name in names or [p.path for p in list_pipelines(settings)]]
    status = int(Exit.CONFIGURATION if any(found.diagnostics for found in checked) else Exit.DONE)
    files = tuple(_findings(found) for found in checked)
    report = LintReport(files=files, exit_code=status)
    match form:
        case LintFormat.FULL:
            lines = (full_lines(file, found.text) for file, found in zip(files, checked, strict=True))
            return View(report, tuple(chain.from_iterable(lines)), status)
        case LintFormat.CONCISE:
            return View(report, tuple(concise_lines(_problems(_placed(files, Path.cwd())))), status)
        case LintFormat.GITHUB:
            return View(report, tuple(github_lines(_problems(_placed(files, repository())))), status)
        case LintFormat.SARIF:
            placed = _placed(files, repository())
            return _document(sarif_log(_problems(placed), [file.path for file in placed], status), status)
        case LintFormat.JSON:
            return _document(report, status)
        case _ as never:
            assert_never(never)


def _findings(found: Linted) -> LintedFile:
    items = tuple(finding(item, found.text) for item in found.diagnostics)
    return LintedFile(found.path, items, found.sha256)


def _placed(files: Iterable[LintedFile], root: Path) -> tuple[LintedFile, ...]:
    """The files as tools of the repository `root` name them."""
    return tuple(msgspec.structs.replace(file, path=place_of(file.path, Path.cwd(), root)) for file in files)


def _problems(files: Iterable[LintedFile]) -> tuple[Problem, ...]:
    return tuple(chain.from_iterable(problems_of(file) for file in files))


def _document(document: msgspec.Struct, status: int) -> View:
    """A view whose lines are its document."""
    return View(document, (encoded_line(document),), status)


def _drawing(found: Graph, form: GraphFormat) -> Iterator[str]:
    match form:
        case GraphFormat.TREE:
            return tree_lines(found, columns=_columns(), drawn=_drawn())
        case GraphFormat.MERMAID:
            return mermaid_lines(found)
        case GraphFormat.DOT:
            return dot_lines(found)
        case _ as never:
            assert_never(never)


def _columns() -> int:
    return min(max(shutil.get_terminal_size().columns, _NARROW), _WIDE)


def _drawn() -> bool:
    """Lines are drawn where they can be seen: not for a screen reader, a file, or a terminal without the letters."""
    letters = (sys.stdout.encoding or "").lower().startswith("utf")
    return letters and sys.stdout.isatty() and not os.environ.get("CUTTER_ACCESSIBLE")


def _title(listed: ListedPipeline) -> str:
    if not listed.valid:
        return _("does not lint")
    return listed.title_vi if language() == "vi" else listed.title_en

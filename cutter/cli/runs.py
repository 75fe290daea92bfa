"""`cutter runs list|show|verify`: what was run, what it left, and whether that is still what its events say.

Source: DESIGN §7; issue 3, part 9.
"""

from typing import Annotated

import click
import msgspec
import typer

from cutter.app.runs import ListedRun, ShownRun, list_runs, show_run, verify_sidecars
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.evidence import Sidecar
from cutter.report.human import counted, result_lines, table_lines
from cutter.report.next_steps import SHORT_ID, command
from cutter.report.result import NextStep, Result
from cutter.report.visible import visible
from cutter.stops import Exit, Stop, StopCode

APP = typer.Typer(
    name="runs",
    help="List, show and verify runs.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

RunPrefix = Annotated[str, typer.Argument(metavar="RUN")]


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs list` (`cutter.runs/1`), newest first."""

    format: str = "cutter.runs/1"
    runs: tuple[ListedRun, ...]


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs show` (`cutter.run/1`). `result` is null when the run left none."""

    format: str = "cutter.run/1"
    run_id: str
    folder: str
    events: int
    result: Result | None
    sidecars: tuple[Sidecar, ...]


class SidecarReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs verify --sidecars` (`cutter.sidecars-verified/1`)."""

    format: str = "cutter.sidecars-verified/1"
    run_id: str
    sidecars: int
    folder: str
    sha256: str
    exit_code: int


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog()
    return group


@APP.command("list", epilog=epilog(Exit.UNSAFE, Exit.UNREACHABLE))
def list_all() -> View:
    """List all runs, newest first. Those of the database, and this workspace's rehearsals."""
    found = list_runs(open_settings())
    rows = [(r.run_id[:SHORT_ID], r.status, r.mode, r.pipeline, r.document_id, r.started_at, r.where) for r in found]
    columns = ("RUN", "STATUS", "MODE", "PIPELINE", "DOCUMENT", "STARTED", "KEPT IN")
    return View(RunList(runs=found), Table(columns, rows, "No runs yet."))


@APP.command(epilog=epilog(Exit.EVIDENCE))
def show(run: RunPrefix) -> View:
    """Show how a run ended, and the files that it left. RUN is its id, or a beginning that no other has."""
    found = show_run(open_settings(), run)
    report = RunReport(
        run_id=found.run_id, folder=found.folder, events=found.events, result=found.result, sidecars=found.sidecars
    )
    return View(report, _shown(found), stated=found.result is not None)


@APP.command(epilog=epilog(Exit.CHANGED, Exit.EVIDENCE))
def verify(
    run: RunPrefix,
    sidecars: Annotated[bool, typer.Option("--sidecars", help="Compare its sidecars with its events.")] = False,
) -> View:
    """Prove that what a run left is what its events say. RUN is its id, or a beginning that no other has."""
    if not sidecars:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="missing", needed="--sidecars")
    found = verify_sidecars(open_settings(), run)
    report = SidecarReport(
        run_id=found.run_id, sidecars=found.count, folder=found.folder, sha256=found.sha256, exit_code=int(Exit.DONE)
    )
    head = f"DONE  run {found.run_id[:SHORT_ID]} · {counted(found.count, 'sidecar')}, each as its events say, chained"
    lines = (head, f"  folder   {visible(found.folder)}", f"  last     sha256:{found.sha256}")
    return View(report, lines, stated=True)


def _shown(found: ShownRun) -> tuple[str, ...]:
    short = found.run_id[:SHORT_ID]
    head = result_lines(_further(found.result, short)) if found.result else _unfinished(short)
    rows = [("", f"{item.index:02d}-{item.phase}.json", item.status.value, item.sha256) for item in found.sidecars]
    files = (f"Files    {visible(found.folder)}, {counted(found.events, 'event')}", *table_lines(rows, aligned=True))
    at = next((n for n, line in enumerate(head) if line.startswith("Next")), len(head))
    return (*head[:at], *files, *head[at:])


def _unfinished(short: str) -> tuple[str, ...]:
    return (f"UNFINISHED  run {short} · it left no result; what it did in the database was rolled back",)


def _further(result: Result, short: str) -> Result:
    """The result with the step that comes after looking at a run, in place of looking at it."""
    here = command("runs", "show", short)
    steps = (*(step for step in result.next if step.command != here), NextStep("prove", _proof(short)))
    return msgspec.structs.replace(result, next=steps)


def _proof(short: str) -> str:
    return command("runs", "verify", short, "--sidecars")

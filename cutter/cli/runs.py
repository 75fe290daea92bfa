"""`cutter runs list|show|events|verify|replay|evidence|abort`: what was run, what it left, whether that is still so.

Source: DESIGN §7; issue 3, part 9; approvals-and-evidence §5.
"""

import time
from pathlib import Path
from typing import Annotated

import click
import msgspec
import typer

from cutter import app
from cutter.app.evidence import Subject, write_evidence
from cutter.app.proofs import Replayed, RunProved, replay_run, verify_run
from cutter.app.run_events import follow_events, read_events
from cutter.app.runs import ListedRun, ShownRun, list_runs, show_run
from cutter.app.sidecars import verify_sidecars
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.run_screens import (
    aborted_lines,
    evidence_lines,
    proved_lines,
    replayed_lines,
    run_lines,
    run_table,
    sidecar_lines,
)
from cutter.cli.session import open_settings
from cutter.cli.streaming import KeepsDisplay, kept_display, show_now
from cutter.cli.view import View
from cutter.cli.watching import watch_run
from cutter.evidence import Sidecar
from cutter.report.event_lines import RunEvent, event_lines
from cutter.report.result import Result
from cutter.stops import Exit

APP = typer.Typer(
    name="runs",
    help="List, show, verify and replay runs; write their evidence; end one.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_POLL = 1.0  # seconds between two looks at the ledger

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


class EventsReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs events` (`cutter.run-events/1`). With --follow each event is a document of its own, one a line."""

    format: str = "cutter.run-events/1"
    run_id: str
    source: str
    events: tuple[RunEvent, ...]


class SidecarReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs verify --sidecars` (`cutter.sidecars-verified/1`). `missing` files are gone, and the events make
    them again; `earlier` ones tell an earlier moment of a run that went on elsewhere.
    """

    format: str = "cutter.sidecars-verified/1"
    run_id: str
    sidecars: int
    folder: str
    sha256: str
    missing: tuple[str, ...]
    earlier: tuple[str, ...]
    exit_code: int


class ProofReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs verify` (`cutter.run-proved/1`)."""

    format: str = "cutter.run-proved/1"
    proved: RunProved
    exit_code: int


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs replay` (`cutter.run-replayed/1`)."""

    format: str = "cutter.run-replayed/1"
    replayed: Replayed


class EvidenceReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs evidence` (`cutter.evidence-written/1`). `public` is the key that signed it, in hex."""

    format: str = "cutter.evidence-written/1"
    run_id: str
    path: str
    sha256: str
    public: str
    subjects: tuple[Subject, ...]
    notes: tuple[str, ...]


class AbortReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter runs abort` (`cutter.run-aborted/1`). `stop_code`: why its files here, if so, tell an earlier
    moment.
    """

    format: str = "cutter.run-aborted/1"
    run_id: str
    events: int
    stop_code: str | None


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog()
    return group


@APP.command("list", epilog=epilog(Exit.UNSAFE, Exit.UNREACHABLE))
def list_all() -> View:
    """List all runs, newest first. Those of the database, and this workspace's rehearsals."""
    found = list_runs(open_settings())
    return View(RunList(runs=found), run_table(found))


@APP.command(epilog=epilog(Exit.EVIDENCE))
def show(
    run: RunPrefix,
    watch: Annotated[
        bool, typer.Option("--watch", help="Wait until it stands otherwise; then end with its exit status.")
    ] = False,
) -> View:
    """Show how a run ended, and the files that it left. RUN is its id, or a beginning that no other has."""
    settings = open_settings()
    found = show_run(settings, run)
    if not watch:
        return _run_view(found)
    display = kept_display()
    found = watch_run(settings, found, lambda seen: display.json or show_now(_run_view(seen), display))
    return _run_view(found, found.result.exit_code if found.result is not None else int(Exit.DONE))


def _run_view(found: ShownRun, status: int = int(Exit.DONE)) -> View:
    report = RunReport(
        run_id=found.run_id, folder=found.folder, events=found.events, result=found.result, sidecars=found.sidecars
    )
    return View(report, run_lines(found), status, stated=True)


@APP.command(cls=KeepsDisplay, epilog=epilog(Exit.UNSAFE, Exit.EVIDENCE, Exit.UNREACHABLE))
def events(
    run: RunPrefix,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with those that come, until the run has ended.")
    ] = False,
) -> View | None:
    """List the events of a run, one a line, in the time of this host. RUN is its id, or a beginning of it."""
    if not follow:
        found = read_events(open_settings(), run)
        report = EventsReport(run_id=found.run_id, source=found.source, events=found.events)
        return View(report, event_lines(found.events))
    display = kept_display()
    for batch in follow_events(open_settings(), run, lambda: time.sleep(_POLL)):
        if not all(show_now(View(told, event_lines((told,))), display) for told in batch.events):
            break
    return None


@APP.command(epilog=epilog(Exit.CHANGED, Exit.BACKUP, Exit.EVIDENCE, Exit.UNREACHABLE))
def verify(
    run: RunPrefix,
    sidecars: Annotated[bool, typer.Option("--sidecars", help="Compare only its files with its events.")] = False,
) -> View:
    """Prove that what a run left is what its events say. RUN is its id, or a beginning that no other has.

    Its events are hashed anew; its documents, files and backups are compared with them; its rows are read again.
    """
    if sidecars:
        return _sidecars_verified(run)
    found = verify_run(open_settings(), run)
    return View(ProofReport(proved=found, exit_code=int(Exit.DONE)), proved_lines(found), stated=True)


@APP.command(epilog=epilog(Exit.CHANGED, Exit.EVIDENCE, Exit.UNREACHABLE))
def replay(run: RunPrefix) -> View:
    """Tell a run from its events. When, who, which phase. RUN is its id, or a beginning that no other has."""
    found = replay_run(open_settings(), run)
    return View(ReplayReport(replayed=found), replayed_lines(found), stated=True)


@APP.command(epilog=epilog(Exit.CHANGED, Exit.EVIDENCE, Exit.UNREACHABLE))
def evidence(
    run: RunPrefix,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write it.")] = None,
) -> View:
    """Write the evidence of a live run. One signed line of JSON; docs/checking-evidence.md says how it is checked."""
    made = write_evidence(open_settings(), run, out)
    report = EvidenceReport(
        run_id=made.run_id,
        path=made.path,
        sha256=made.sha256,
        public=made.public,
        subjects=made.subjects,
        notes=made.notes,
    )
    return View(report, evidence_lines(made), stated=True)


@APP.command(epilog=epilog(Exit.BUSY, Exit.EVIDENCE, Exit.UNREACHABLE))
def abort(
    run: RunPrefix,
    reason: Annotated[str, typer.Option("--reason", help="Why; only its digest is kept.")],
) -> View:
    """End a paused run that has written nothing governed. RUN is its id, or a beginning that no other has."""
    ended = app.abort_run(open_settings(), run, reason)
    late = ended.late.code.name if ended.late is not None else None
    report = AbortReport(run_id=ended.run_id, events=ended.events, stop_code=late)
    status = int(ended.late.code.exit) if ended.late is not None else int(Exit.DONE)
    return View(report, aborted_lines(ended), status, stated=True)


def _sidecars_verified(run: str) -> View:
    found = verify_sidecars(open_settings(), run)
    report = SidecarReport(
        run_id=found.run_id,
        sidecars=found.count,
        folder=found.folder,
        sha256=found.sha256,
        missing=found.missing,
        earlier=found.earlier,
        exit_code=int(Exit.DONE),
    )
    return View(report, sidecar_lines(found), stated=True)

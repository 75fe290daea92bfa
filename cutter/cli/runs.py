"""`cutter runs list|show|verify|replay|evidence|abort`: what was run, what it left, and whether that is still so.

Source: DESIGN §7; issue 3, part 9; approvals-and-evidence §5.
"""

from pathlib import Path
from typing import Annotated

import click
import msgspec
import typer

from cutter import app
from cutter.app.evidence import Subject, write_evidence
from cutter.app.proofs import Replayed, RunProved, ToldEvent, replay_run, verify_run
from cutter.app.runs import ListedRun, ShownRun, list_runs, show_run
from cutter.app.sidecars import FilesCompared, verify_sidecars
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.evidence import Sidecar
from cutter.report.human import counted, result_lines, table_lines
from cutter.report.next_steps import SHORT_ID, command
from cutter.report.result import NextStep, Result
from cutter.report.visible import visible
from cutter.stops import Exit

APP = typer.Typer(
    name="runs",
    help="List, show, verify and replay runs; write their evidence; end one.",
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
    """`cutter runs abort` (`cutter.run-aborted/1`)."""

    format: str = "cutter.run-aborted/1"
    run_id: str
    events: int


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
    return View(ProofReport(proved=found, exit_code=int(Exit.DONE)), _proved(found), stated=True)


@APP.command(epilog=epilog(Exit.CHANGED, Exit.EVIDENCE, Exit.UNREACHABLE))
def replay(run: RunPrefix) -> View:
    """Tell a run from its events. When, who, which phase. RUN is its id, or a beginning that no other has."""
    found = replay_run(open_settings(), run)
    head = f"REPLAYED  run {found.run_id[:SHORT_ID]} · {found.pipeline} · {found.mode} · {_STANDS[found.lifecycle]}"
    return View(ReplayReport(replayed=found), (head, *_story(found.story), *_file_notes(found.files)), stated=True)


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
    return View(report, _evidence(report), stated=True)


@APP.command(epilog=epilog(Exit.BUSY, Exit.EVIDENCE, Exit.UNREACHABLE))
def abort(
    run: RunPrefix,
    reason: Annotated[str, typer.Option("--reason", help="Why; only its digest is kept.")],
) -> View:
    """End a paused run that has written nothing governed. RUN is its id, or a beginning that no other has."""
    records = app.abort_run(open_settings(), run, reason)
    run_id = records[-1].run_id
    head = f"ABORTED  run {run_id[:SHORT_ID]} · {counted(len(records), 'event')} · nothing governed was written"
    return View(AbortReport(run_id=run_id, events=len(records)), (head,), stated=True)


def _evidence(report: EvidenceReport) -> tuple[str, ...]:
    rows = [("", subject.name, f"sha256:{subject.digest.sha256}") for subject in report.subjects]
    return (
        f"WRITTEN  evidence of run {report.run_id[:SHORT_ID]}",
        f"  file     {visible(report.path)}",
        f"  digest   sha256:{report.sha256}",
        f"  signed   by the runner key {report.public}",
        *table_lines(rows, aligned=True),
        *(f"  note     {visible(note)}" for note in report.notes),
    )


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
    head = f"DONE  run {found.run_id[:SHORT_ID]} · {counted(found.count, 'sidecar')}, each as its events say, chained"
    notes = _file_notes(FilesCompared(found.count, found.missing, found.earlier))
    lines = (head, f"  folder   {visible(found.folder)}", f"  last     sha256:{found.sha256}", *notes)
    return View(report, lines, stated=True)


def _proved(found: RunProved) -> tuple[str, ...]:
    short = found.run_id[:SHORT_ID]
    head = f"DONE  run {short} · everything that is kept of it is what its {counted(found.events, 'event')} say"
    rows = [
        ("", "events", f"{found.first:,} to {found.last:,} of the {_SOURCES[found.source]}, chained"),
        ("", "head", f"sha256:{found.head_sha256}"),
        ("", "documents", f"{found.documents} in the knowledge base, by digest"),
        ("", "rows", _rows_proved(found)),
        ("", "backups", ", ".join(found.backups) or "none"),
        ("", "files", f"{counted(found.files.sidecars, 'sidecar')}, as the events make them"),
    ]
    if found.source == "rehearsal":
        rows = [row for row in rows if row[1] not in ("documents", "rows", "backups")]
    return (head, *table_lines(rows, aligned=True), *_file_notes(found.files))


# How a run stands, in words that are no exit status: `terminated` is one.
_STANDS = {"new": "not begun", "running": "not ended", "paused": "paused", "terminated": "ended"}

_SOURCES = {"database": "ledger", "rehearsal": "rehearsal's own file"}


def _rows_proved(found: RunProved) -> str:
    if found.voided_by:
        return f"voided by run {found.voided_by[:SHORT_ID]}: not asked for"
    if found.changed_by:
        return f"changed since by run {found.changed_by[:SHORT_ID]}, which is proved by itself"
    return f"read again in a fresh session, {counted(len(found.phases), 'phase')}: {', '.join(found.phases)}"


def _story(story: tuple[ToldEvent, ...]) -> tuple[str, ...]:
    rows = [("", f"{told.seq:,}", told.at, told.person, told.phase or "-", told.event, told.word) for told in story]
    return table_lines(rows, aligned=True)


def _file_notes(files: FilesCompared) -> tuple[str, ...]:
    gone = (f"  gone     {visible(name)}: the events make it again" for name in files.missing)
    earlier = (f"  earlier  {visible(name)}: the run went on after it was written" for name in files.earlier)
    return (*gone, *earlier)


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
    seen = (here, _proof(short))
    steps = (*(step for step in result.next if step.command not in seen), NextStep("prove", _proof(short)))
    return msgspec.structs.replace(result, next=steps)


def _proof(short: str) -> str:
    return command("runs", "verify", short)

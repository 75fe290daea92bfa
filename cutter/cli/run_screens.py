"""The screens of `cutter runs`: a run with its files, what proves it, its story, and what was written of it.

Rules kept here: what is shown of a run's result is the result's own screen; digests and commands are never broken.
"""

from collections.abc import Iterator, Sequence

import msgspec

from cutter.app.ending import AbortedRun
from cutter.app.evidence import WrittenEvidence
from cutter.app.proofs import Replayed, RunProved, ToldEvent
from cutter.app.runs import ListedRun, ShownRun
from cutter.app.sidecars import FilesCompared, SidecarsVerified
from cutter.cli.view import Table
from cutter.messages import Countable, Message, _, counted, number
from cutter.report.human import result_lines
from cutter.report.lines import block, exit_part, explain_line, head, named_lines, next_lines, run_part, table_lines
from cutter.report.next_steps import SHORT_ID, command
from cutter.report.result import NextStep, Result
from cutter.report.visible import visible

# How a run stands, in words that are no exit status: `terminated` is one.
_STANDS = {
    "new": Message("not begun"),
    "running": Message("not ended"),
    "paused": Message("paused"),
    "terminated": Message("ended"),
}


def run_table(runs: Sequence[ListedRun]) -> Table:
    """All runs, one a line."""
    rows = [(r.run_id[:SHORT_ID], r.status, r.mode, r.pipeline, r.document_id, r.started_at, r.where) for r in runs]
    columns = (_("RUN"), _("STATUS"), _("MODE"), _("PIPELINE"), _("SUBJECT"), _("STARTED"), _("KEPT IN"))
    return Table(columns, rows, _("No runs yet."))


def run_lines(found: ShownRun) -> tuple[str, ...]:
    """A run: how it stands, its files, and what can be done now."""
    result = _further(found.result, found.run_id[:SHORT_ID]) if found.result else None
    if result is None:
        told = _("it left no result; what it did in the database was rolled back")
        lines: tuple[str, ...] = (head(_("UNFINISHED"), (run_part(found.run_id), told)),)
        steps: tuple[str, ...] = ()
    else:
        lines = result_lines(msgspec.structs.replace(result, next=()))
        steps = tuple(next_lines(result.next))
    return (*lines, *_files(found), *steps)


def _files(found: ShownRun) -> tuple[str, ...]:
    what = Countable("{folder}, {count} event")
    rows = [("", f"{item.index:02d}-{item.phase}.json", item.status.value, item.sha256) for item in found.sidecars]
    folder = block(_("Files"), counted(found.events, what, folder=visible(found.folder)))
    return (folder, *table_lines(rows, aligned=True))


def _further(result: Result, short: str) -> Result:
    """The result with the step that comes after looking at a run, in place of looking at it."""
    proof = command("runs", "verify", short)
    seen = (command("runs", "show", short), proof)
    steps = (*(step for step in result.next if step.command not in seen), NextStep("prove", proof))
    return msgspec.structs.replace(result, next=steps)


def proved_lines(found: RunProved) -> tuple[str, ...]:
    """That everything that is kept of a run agrees."""
    what = Countable(
        "everything that is kept of it is what its {count} event says"
        "|everything that is kept of it is what its {count} events say"
    )
    rows = _proved_rows(found)
    return (
        head(_("DONE"), (run_part(found.run_id), counted(found.events, what))),
        *named_lines(rows),
        *_file_notes(found.files),
    )


def _proved_rows(found: RunProved) -> Iterator[tuple[str, str]]:
    first, last = number(found.first), number(found.last)
    if found.source == "rehearsal":
        yield _("events"), _("{first} to {last} of the rehearsal's own file, chained", first=first, last=last)
        yield _("head"), f"sha256:{found.head_sha256}"
    else:
        yield _("events"), _("{first} to {last} of the ledger, chained", first=first, last=last)
        yield _("head"), f"sha256:{found.head_sha256}"
        yield _("documents"), _("{count} in the knowledge base, by digest", count=number(found.documents))
        yield _("rows"), _rows_proved(found)
        yield _("backups"), ", ".join(found.backups) or _("none")
    what = Countable("{count} sidecar, as the events make it|{count} sidecars, as the events make them")
    yield _("files"), counted(found.files.sidecars, what)


def _rows_proved(found: RunProved) -> str:
    if found.voided_by:
        return _("voided by run {run}: not asked for", run=found.voided_by[:SHORT_ID])
    if found.changed_by:
        return _("changed since by run {run}, which is proved by itself", run=found.changed_by[:SHORT_ID])
    what = Countable(
        "read again in a fresh session, {count} phase: {phases}|read again in a fresh session, {count} phases: {phases}"
    )
    return counted(len(found.phases), what, phases=", ".join(found.phases))


def sidecar_lines(found: SidecarsVerified) -> tuple[str, ...]:
    """That the files of a run are what its events say."""
    what = Countable("{count} sidecar, as its events say, chained|{count} sidecars, each as its events say, chained")
    return (
        head(_("DONE"), (run_part(found.run_id), counted(found.count, what))),
        *named_lines(((_("folder"), found.folder), (_("last"), f"sha256:{found.sha256}"))),
        *_file_notes(FilesCompared(found.count, found.missing, found.earlier)),
    )


def _file_notes(files: FilesCompared) -> Iterator[str]:
    gone = [(_("gone"), _("{file}: the events make it again", file=name)) for name in files.missing]
    earlier = [(_("earlier"), _("{file}: the run went on after it was written", file=name)) for name in files.earlier]
    return named_lines((*gone, *earlier))


def replayed_lines(found: Replayed) -> tuple[str, ...]:
    """A run told from its events."""
    parts = (run_part(found.run_id), found.pipeline, found.mode, _(_STANDS[found.lifecycle]))
    return (head(_("REPLAYED"), parts), *_story(found.story), *_file_notes(found.files))


def _story(story: tuple[ToldEvent, ...]) -> tuple[str, ...]:
    rows = [("", number(told.seq), told.at, told.person, told.phase or "-", told.event, told.word) for told in story]
    return table_lines(rows, aligned=True)


def evidence_lines(made: WrittenEvidence) -> tuple[str, ...]:
    """Where the evidence of a run was written, and what it vouches for."""
    rows = [
        (_("file"), made.path),
        (_("digest"), f"sha256:{made.sha256}"),
        (_("signed"), _("by the runner key {key}", key=made.public)),
    ]
    subjects = [("", subject.name, f"sha256:{subject.digest.sha256}") for subject in made.subjects]
    return (
        head(_("WRITTEN"), (_("evidence of run {run}", run=made.run_id[:SHORT_ID]),)),
        *named_lines(rows),
        *table_lines(subjects, aligned=True),
        *named_lines((_("note"), note) for note in made.notes),
    )


def aborted_lines(ended: AbortedRun) -> tuple[str, ...]:
    """That a run was ended; and what came after that."""
    told = _("nothing governed was written")
    first = head(_("ABORTED"), (run_part(ended.run_id), counted(ended.events, "event"), told))
    if ended.late is None:
        return (first,)
    then = head(_("THEN"), (ended.late.code.name, exit_part(ended.late.code.exit), visible(ended.late.where)))
    return (first, then, explain_line(ended.late.code.name))

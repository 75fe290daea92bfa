"""`cutter backups list|show|drill`: which backups there are, whether their files are whole, and whether they restore.

Source: DESIGN §7; approvals-and-evidence §6.
"""

from collections.abc import Sequence
from typing import Annotated

import click
import msgspec
import typer

from cutter.app.backups import (
    DrilledBackup,
    ListedBackup,
    ShownBackup,
    drill_backup,
    list_backups,
    show_backup,
)
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.messages import Countable, _, counted
from cutter.report.lines import head, next_lines, pad
from cutter.report.next_steps import command
from cutter.report.paragraphs import Line
from cutter.report.result import NextStep
from cutter.report.visible import visible, width
from cutter.stops import Exit

APP = typer.Typer(
    name="backups",
    help="List and show backups, and restore one in a drill.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_EXITS = (Exit.BACKUP, Exit.CONFIGURATION)
_NAMES = 10  # least width of the names of rows
Backup = Annotated[str, typer.Argument(metavar="BACKUP", help="RUN/PHASE.N, or a unique prefix.")]


class BackupList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter backups list` (`cutter.backups/1`): all, by run and phase; `orphans` were left by killed runs."""

    format: str = "cutter.backups/1"
    backups: tuple[ListedBackup, ...]
    orphans: tuple[str, ...]


class BackupReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter backups show` (`cutter.backup-shown/1`)."""

    format: str = "cutter.backup-shown/1"
    backup: ShownBackup
    exit_code: int


class DrillReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter backups drill` (`cutter.drill/1`)."""

    format: str = "cutter.drill/1"
    drill: DrilledBackup


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog(*_EXITS)
    return group


@APP.command("list", epilog=epilog(*_EXITS))
def list_all() -> View:
    """List the backups by run and phase. Also what killed runs left; no database."""
    found = list_backups(open_settings())
    rows = [
        (b.backup_id, b.document_id, b.taken_at, str(b.rows), str(b.size), b.refusal or "ok") for b in found.backups
    ] + [(visible(name), "", "", "", "", _("orphan")) for name in found.orphans]
    columns = (_("BACKUP"), _("DOCUMENT"), _("TAKEN"), _("ROWS"), _("BYTES"), _("MANIFEST"))
    table = Table(columns, rows, _("No backups yet."))
    return View(BackupList(backups=found.backups, orphans=found.orphans), table)


@APP.command(epilog=epilog(*_EXITS))
def show(backup: Backup) -> View:
    """Show a backup, and whether its files are what its manifest says. No database."""
    found = show_backup(open_settings(), backup)
    status = int(Exit.BACKUP if any(table.refusal for table in found.tables) else Exit.DONE)
    prove = NextStep("prove", command("backups", "drill", found.backup_id))
    lines = (*_shown(found), *next_lines([prove]))
    return View(BackupReport(backup=found, exit_code=status), lines, status)


@APP.command(epilog=epilog(*_EXITS, Exit.UNSAFE, Exit.UNREACHABLE))
def drill(backup: Backup) -> View:
    """Restore a backup in a drill. Into tables that are gone afterwards; nothing live is touched."""
    found = drill_backup(open_settings(), backup)
    what = Countable("{count} row of {tables} restored and read back|{count} rows of {tables} restored and read back")
    if not found.staged:
        what = Countable(
            "{count} row of {tables} decrypted, each file as the manifest says"
            "|{count} rows of {tables} decrypted, each file as the manifest says"
        )
    proved = counted(found.rows, what, tables=counted(found.tables, "table"))
    ledger = _("{digest}, as in the ledger", digest=f"sha256:{found.manifest_sha256}")
    lines = (
        head(_("OK"), (found.backup_id, proved)),
        *_rows([(_("manifest"), ledger)]),
        *next_lines(_restore(found)),
    )
    return View(DrillReport(drill=found), lines)


def _restore(found: DrilledBackup) -> tuple[NextStep, ...]:
    """Rehearsing its restore, where a document's rows were kept; other rows are put back by hand."""
    if not found.staged:
        return ()
    words = ("orchestrate", "restore", found.document_id, "--backup-id", found.backup_id)
    return (NextStep("rehearse", command(*words)),)


def _shown(found: ShownBackup) -> tuple[str, ...]:
    rows = [
        (_("manifest"), f"sha256:{found.manifest_sha256}"),
        (_("server"), visible(found.server_version)),
        (_("encrypted"), counted(len(found.recipients), "{tool}, for {count} recipient", tool=visible(found.tool))),
        *(("", fpr) for fpr in found.recipients),
    ]
    for table in found.tables:
        held = f"{table.name}  {counted(table.rows, 'row')}, {counted(table.size, 'byte')}"
        rows.append((table.refusal or _("ok"), held))
    return (f"{found.backup_id} · {visible(found.document_id)} · {found.taken_at}", *_rows(rows))


def _rows(rows: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Indented names with what belongs to them."""
    wide = max(_NAMES, *(width(name) for name, _text in rows))
    return tuple(Line(f"  {pad(name, wide)}  {text}", wide + 4) for name, text in rows)

"""`cutter audit export`: what auditors may see of all that happened, for programs and people outside.

Source: issue 7, rule 9; docs/audit.md.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import click
import typer

from cutter.app.audit import FORMS, export_to, open_audit, write_to
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Bytes, View
from cutter.report.audit import exported_lines
from cutter.stops import Exit

APP = typer.Typer(
    name="audit",
    help="Export what auditors may see: metadata, no identifiers.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

STDOUT = "-"
_EXITS = (Exit.UNSAFE, Exit.EVIDENCE, Exit.UNREACHABLE)


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog(*_EXITS)
    return group


@APP.callback()
def group() -> None:
    """Export what auditors may see: metadata, no identifiers."""


@APP.command(epilog=epilog(*_EXITS))
def export(
    since: Annotated[str | None, typer.Option(metavar="DATE", help="The first day, in UTC.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The first day that is left out, in UTC.")] = None,
    form: Annotated[
        str, typer.Option("--format", click_type=click.Choice(FORMS), help="JSON Lines, one JSON document, or CSV.")
    ] = FORMS[0],
    to: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A new file; - for stdout. [default: -, on a terminal a file]"),
    ] = None,
) -> View | Bytes:
    """Write what happened, an event a row, in closed columns."""
    found = open_audit(open_settings(), since, until)
    if to == STDOUT or (to is None and not sys.stdout.isatty()):
        return Bytes(partial(write_to, found, form))
    report = export_to(found, form, Path(to) if to else None)
    return View(report, tuple(exported_lines(report)), stated=True)

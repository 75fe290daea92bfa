"""`cutter documents export`: a cut document for other programs."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import click
import typer

from cutter.app.cuts import open_cut
from cutter.app.units import FORMS, export_to, write_to
from cutter.cli.documents.group import APP, DocumentId, Version, version_of
from cutter.cli.exits import epilog
from cutter.cli.session import open_settings
from cutter.cli.view import Bytes, View
from cutter.report.documents.document import exported_lines

STDOUT = "-"


@APP.command(epilog=epilog())
def export(
    document_id: DocumentId,
    form: Annotated[str, typer.Option("--format", click_type=click.Choice(tuple(FORMS)), help="Which format.")],
    to: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A new file; - for stdout. [default: -, on a terminal a file]"),
    ] = None,
    version: Version = None,
    short_eids: Annotated[bool, typer.Option("--short-eids", help="art_5, not chp_I__art_5.")] = False,
) -> View | Bytes:
    """Write all units for other programs. JSON Lines (a unit a line), JSON, CSV, Markdown or Akoma Ntoso."""
    found = open_cut(open_settings(), *version_of(document_id, version))
    if to == STDOUT or (to is None and not sys.stdout.isatty()):
        return Bytes(partial(write_to, found, FORMS[form], containers=not short_eids))
    report = export_to(found, FORMS[form], Path(to) if to else None, containers=not short_eids)
    return View(report, tuple(exported_lines(report)), stated=True)

"""`cutter documents cut|show|diff`: how a text is cut, and what differs between two."""

from pathlib import Path
from typing import Annotated

import click
import typer

from cutter.app.cuts import compare, cut_file, explain_line, open_cut
from cutter.app.units import show_unit
from cutter.cli.documents.group import APP, DocumentId, FileName, ProfileId, Version, version_of
from cutter.cli.exits import epilog
from cutter.cli.session import open_settings, repository
from cutter.cli.view import View
from cutter.report.documents.changes import diff_lines
from cutter.report.documents.document import cut_lines, explained_lines, show_lines
from cutter.report.documents.doubts import FORMS, rendered
from cutter.report.documents.results import diff_report, document_report, file_report, line_report
from cutter.report.documents.unit import unit_lines
from cutter.report.problems import place_of
from cutter.stops import Exit

All = Annotated[bool, typer.Option("--all", help="Show everything, however long.")]


@APP.command(epilog=epilog())
def cut(
    file: FileName,
    profile: ProfileId = None,
    document_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The prefix of addresses. [default: from the file's name]")
    ] = None,
    explain: Annotated[
        int | None, typer.Option(metavar="LINE", help="Say only why this line was taken as a heading, or was not.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", click_type=click.Choice(FORMS), help="All, or the doubts alone, for programs.")
    ] = "full",
    everything: All = False,
) -> View:
    """Cut a file without registering it. Profile, counts, tree, doubts; nothing is kept."""
    if explain is not None:
        return _explained(file, profile, explain)
    found = cut_file(open_settings(), file, profile, document_id)
    if form != "full":
        place = place_of(found.name, Path.cwd(), Path.cwd() if form == "concise" else repository())
        return View(file_report(found), rendered(form, found.name, place, found.cut.doubts))
    return View(file_report(found), tuple(cut_lines(found, everything=everything)), stated=True)


@APP.command(epilog=epilog())
def show(
    document_id: DocumentId,
    citation: Annotated[str | None, typer.Argument(metavar="[CITATION]")] = None,
    version: Version = None,
    doubts: Annotated[bool, typer.Option("--doubts", help="Show only the doubts, and all of them.")] = False,
    everything: All = False,
) -> View:
    """Show how a document is cut, or one unit of it. CITATION is "Article 5(2)", an address, or an eId."""
    settings = open_settings()
    document_id, version = version_of(document_id, version)
    if citation is not None:
        report = show_unit(settings, document_id, citation, version)
        return View(report, tuple(unit_lines(report, version)), stated=True)
    found = open_cut(settings, document_id, version)
    lines = show_lines(found, everything=everything, only_doubts=doubts)
    return View(document_report(found), tuple(lines), stated=True)


@APP.command(epilog=epilog(said={Exit.CHANGED: "the documents differ"}))
def diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE")],
    after: Annotated[str, typer.Argument(metavar="AFTER")],
    profile: ProfileId = None,
    everything: All = False,
) -> View:
    """Compare two documents by address. Each is ID, ID@VERSION, or a file."""
    documents, changes = compare(open_settings(), before, after, profile)
    report = diff_report(documents, changes)
    lines = diff_lines(report, documents, changes, everything=everything)
    return View(report, tuple(lines), report.exit_code, stated=True)


def _explained(file: Path, profile: str | None, line: int) -> View:
    found, explanation = explain_line(open_settings(), file, profile, line)
    report = line_report(found, explanation)
    return View(report, tuple(explained_lines(found, report)), stated=True)

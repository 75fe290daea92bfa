"""`cutter documents add|list|show`: the source texts of the workspace. No database.

Source: issue 3, part 8; DESIGN §5.1 (discover).
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import click
import msgspec
import typer

from cutter import cutting
from cutter.app.documents import ListedDocument, ShownDocument, add_document, list_documents, show_document
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.contracts import CatalogVersion
from cutter.report.human import count_phrase, counted
from cutter.report.lines import next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible

APP = typer.Typer(
    name="documents",
    help="Register, list and show source documents.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)


class AddedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents add` (`cutter.document-added/1`)."""

    format: str = "cutter.document-added/1"
    version: CatalogVersion


class DocumentList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents list` (`cutter.documents-listed/1`)."""

    format: str = "cutter.documents-listed/1"
    documents: tuple[ListedDocument, ...]


class ShownUnit(msgspec.Struct, frozen=True):
    """One unit without its text. `start` and `end` are byte offsets into the source."""

    address: str
    type: str
    rank: cutting.Rank
    number: str
    heading: str | None
    start: int
    end: int
    sha256: str


class ShownDoubt(msgspec.Struct, frozen=True):
    """One doubt, by line and column from 1."""

    code: cutting.DoubtCode
    line: int
    column: int
    detail: str


class DocumentReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents show` (`cutter.document/1`)."""

    format: str = "cutter.document/1"
    version: CatalogVersion
    size: int
    counts: dict[str, int]
    units: tuple[ShownUnit, ...]
    doubts: tuple[ShownDoubt, ...]


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog()
    return group


@APP.command(epilog=epilog())
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    document_id: Annotated[str, typer.Option(metavar="ID", help="The prefix of its addresses.")],
    version: Annotated[str | None, typer.Option(metavar="NAME", help="Its name. [default: from its digest]")] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Its title. [default: the id]")] = None,
    status: Annotated[str, typer.Option(metavar="enacted|draft", help="Is it in force?")] = "enacted",
) -> View:
    """Register FILE as a document, or as a version of one. The text is UTF-8 and is copied."""
    added = add_document(open_settings(), file, document_id, version, title, status)
    name = f"{added.document_id}, version {added.version}, {added.status}"
    lines = (
        f"DONE  {visible(name)}",
        f"  sha256   {added.text_sha256}",
        *next_lines(_rehearse(added.document_id)),
    )
    return View(AddedDocument(version=added), lines, stated=True)


@APP.command("list", epilog=epilog())
def list_all() -> View:
    """List the documents with their versions, oldest first."""
    found = list_documents(open_settings())
    rows = [(d.document_id, v.version, v.status, d.language, d.title) for d in found for v in d.versions]
    table = Table(("DOCUMENT", "VERSION", "STATUS", "LANGUAGE", "TITLE"), rows, "No documents yet.")
    return View(DocumentList(documents=found), table)


@APP.command(epilog=epilog())
def show(document_id: Annotated[str, typer.Argument(metavar="ID")]) -> View:
    """Show how a document is cut. Its newest text: tree, counts and doubts; nothing is written."""
    found = show_document(open_settings(), document_id)
    report = DocumentReport(
        version=found.version,
        size=found.cut.size,
        counts=dict(cutting.counts(found.cut)),
        units=tuple(
            ShownUnit(u.address, u.type, u.rank, u.number_raw, u.heading, u.start, u.end, u.sha256)
            for u in found.cut.units
        ),
        doubts=tuple(ShownDoubt(d.code, d.line, d.column, d.detail) for d in found.cut.doubts),
    )
    return View(report, tuple(_tree(found)))


def _tree(found: ShownDocument) -> Iterator[str]:
    made, version = found.cut, found.version
    yield f"{found.document_id}  {visible(found.title)}"
    size = counted(made.size, "byte")
    yield f"version {visible(version.version)}, {version.status}, {size}, sha256:{version.text_sha256}"
    inside = Counter(
        address for unit in made.units if unit.rank is cutting.Rank.SUB for address in _above(unit.address)
    )
    for unit in made.units:
        if unit.rank is not cutting.Rank.SUB:
            depth = unit.address.count("/")
            below = f"  ({inside[unit.address]} inside)" if inside[unit.address] else ""
            heading = f"  {visible(unit.heading)}" if unit.heading else ""
            yield f"{'  ' * depth}{unit.address.rpartition('/')[2]}{heading}{below}"
    yield f"Cut      {count_phrase(dict(cutting.counts(made)))}"
    yield f"Doubts   {len(made.doubts) or 'none'}"
    for doubt in made.doubts:
        yield f"  line {doubt.line}, column {doubt.column}: {doubt.code.value.replace('_', ' ')} ({doubt.detail})"
    yield from next_lines(_rehearse(found.document_id))


def _above(address: str) -> Iterator[str]:
    while "/" in address:
        address = address.rpartition("/")[0]
        yield address


def _rehearse(document_id: str) -> tuple[NextStep, ...]:
    return (NextStep("rehearse", command("orchestrate", "cut", document_id)),)

"""`cutter documents add|list`: the source texts of the workspace."""

from typing import Annotated

import msgspec
import typer

from cutter.app.documents import ListedDocument, add_document, list_documents
from cutter.cli.documents.group import APP, FileName, ProfileId
from cutter.cli.exits import epilog
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.messages import _
from cutter.report.documents.document import added_lines


class DocumentList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents list` (`cutter.documents-listed/1`)."""

    format: str = "cutter.documents-listed/1"
    documents: tuple[ListedDocument, ...]


@APP.command(epilog=epilog())
def add(
    file: FileName,
    document_id: Annotated[str, typer.Option(metavar="ID", help="The prefix of its addresses.")],
    version: Annotated[str | None, typer.Option(metavar="NAME", help="Its name. [default: from its digest]")] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Its title. [default: the id]")] = None,
    status: Annotated[str, typer.Option(metavar="enacted|draft", help="Is it in force?")] = "enacted",
    profile: ProfileId = None,
    language: Annotated[str | None, typer.Option(metavar="TAG", help="[default: that of its profile]")] = None,
    source_uri: Annotated[str | None, typer.Option(metavar="URI", help="Where it is from; never fetched.")] = None,
) -> View:
    """Register FILE as a document, or as a version of one. Its text is copied; FILE is UTF-8 text, HTML or Word."""
    settings = open_settings()
    added = add_document(
        settings, file, document_id, version, title, status, profile=profile, language=language, source_uri=source_uri
    )
    return View(added, tuple(added_lines(added)), stated=True)


@APP.command("list", epilog=epilog())
def list_all() -> View:
    """List the documents with their versions, oldest first."""
    found = list_documents(open_settings())
    rows = [(d.document_id, v.version, v.status, d.language, d.title) for d in found for v in d.versions]
    columns = (_("DOCUMENT"), _("VERSION"), _("STATUS"), _("LANGUAGE"), _("TITLE"))
    return View(DocumentList(documents=found), Table(columns, rows, _("No documents yet.")))

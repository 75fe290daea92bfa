"""`cutter documents cite|verify-quote`: how people cite a unit, and whether it says what is quoted."""

from pathlib import Path
from typing import Annotated

import typer

from cutter.app.units import check_quote, cite_unit, read_quote
from cutter.cli.documents.group import APP, DocumentId, Version, version_of
from cutter.cli.exits import epilog
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.messages import _
from cutter.report.documents.unit import quote_lines
from cutter.stops import Exit, Stop, StopCode


@APP.command(epilog=epilog())
def cite(
    document_id: DocumentId,
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    style: Annotated[str | None, typer.Option(metavar="vi|vi.short|en", help="[default: all that there are]")] = None,
    version: Version = None,
) -> View:
    """Say how a unit is cited. ADDRESS is its address, short or not, an eId, or a citation in any style."""
    document_id, version = version_of(document_id, version)
    cited = cite_unit(open_settings(), document_id, address, version, style)
    empty = _("The profile of this document says nothing of citations.")
    return View(cited, Table((_("STYLE"), _("CITATION")), tuple(cited.citations.items()), empty))


@APP.command("verify-quote", epilog=epilog(said={Exit.CHANGED: "the quotation does not stand there as it is written"}))
def verify_quote(
    document_id: DocumentId,
    quote: Annotated[str | None, typer.Argument(metavar="[QUOTE]")] = None,
    cited: Annotated[str, typer.Option("--cite", metavar="CITATION", help="The unit that it is quoted from.")] = "",
    quote_file: Annotated[Path | None, typer.Option(metavar="FILE", help="A file that holds the quotation.")] = None,
    version: Version = None,
) -> View:
    """Hold a quotation against the unit that it is quoted from."""
    said = _given(quote, quote_file, cited)
    document_id, version = version_of(document_id, version)
    report = check_quote(open_settings(), document_id, cited, said, version)
    return View(report, tuple(quote_lines(report, version)), report.exit_code, stated=True)


def _given(quote: str | None, file: Path | None, cited: str) -> str:
    """The quotation, from the one place where it is given."""
    if not cited:
        raise Stop(StopCode.STOP_INVALID_INPUT, "missing", where="--cite", needed="the unit that it is quoted from")
    if (quote is None) == (file is None):
        raise Stop(StopCode.STOP_INVALID_INPUT, "quote", needed="QUOTE or --quote-file FILE, one of the two")
    return read_quote(file) if file is not None else quote or ""

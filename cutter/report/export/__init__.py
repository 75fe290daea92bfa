"""Exports of a cut document: JSON Lines, JSON, CSV, Markdown and Akoma Ntoso, each written unit by unit.

Rules kept here: the same cut and facts give the same bytes; the text is written as it is, or in the escapes of the
format, and never understood as the format's own signs; a unit is written before the next one is made, so that memory
does not grow with the document.

A stop may come when part of the bytes are written: write to a new file, and move it in place afterwards.

Source: issue 5, part 6.
"""

from collections.abc import Iterable
from typing import BinaryIO, Literal, TypeAlias, assert_never

from cutter.cutting.record import DocumentFacts, Reference, records
from cutter.cutting.unit import Cut
from cutter.report.export.akn import refuse_unwritable, write_akn
from cutter.report.export.json_documents import ExportedDocument, write_json, write_jsonl
from cutter.report.export.markdown import write_markdown
from cutter.report.export.tables import write_csv

__all__ = ["ExportForm", "ExportedDocument", "write_export"]

ExportForm: TypeAlias = Literal["jsonl", "json", "csv", "md", "akn"]


def write_export(
    form: ExportForm,
    made: Cut,
    facts: DocumentFacts,
    out: BinaryIO,
    *,
    eids: Iterable[str] | None = None,
    references: Iterable[Reference] = (),
    quoted_targets: Iterable[Reference] = (),
) -> None:
    """Write a cut in a format, in UTF-8.

    Args:
        form: jsonl (a unit a line), json (one document), csv (a unit a row, without texts), md, or akn.
        made: the cut.
        facts: what the index states of the document's version.
        out: where the bytes go; buffered by whoever opened it.
        eids: the eId of every unit, in document order.
        references: what the text points at.
        quoted_targets: what quotations of the text change.

    Raises:
        Stop: STOP_TEXT_NOT_XML with line and column (akn only, before anything is written), STOP_TEXT_TOO_LARGE
            for too many levels.
    """
    if form == "akn":
        refuse_unwritable(made)
    units = records(made, facts, eids=eids, references=references, quoted_targets=quoted_targets)
    match form:
        case "jsonl":
            write_jsonl(units, out)
        case "json":
            write_json(units, made, facts, out)
        case "csv":
            write_csv(units, out)
        case "md":
            write_markdown(units, facts, out)
        case "akn":
            write_akn(units, made.document_id, facts, out)
        case _ as never:
            assert_never(never)

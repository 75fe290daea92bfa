"""Exports of a cut document: JSON Lines, JSON, CSV, Markdown and Akoma Ntoso, each written unit by unit.

Rules kept here: the same cut and facts give the same bytes; the text is written as it is, or in the escapes of the
format, and never understood as the format's own signs; a unit is written before the next one is made, so that memory
does not grow with the document.

A stop may come when part of the bytes are written: write to a new file, and move it in place afterwards.

Source: issue 5, part 6.
"""

from collections.abc import Iterable
from typing import BinaryIO, Literal, TypeAlias, assert_never

from cutter.cutting.citations.akn import eids
from cutter.cutting.profile import Profile
from cutter.cutting.record import DocumentFacts, records
from cutter.cutting.referring.amendments import QuotedTarget
from cutter.cutting.referring.references import Reference
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
    profile: Profile,
    facts: DocumentFacts,
    out: BinaryIO,
    *,
    containers: bool = True,
    references: Iterable[Reference] = (),
    quoted_targets: Iterable[QuotedTarget] = (),
) -> None:
    """Write a cut in a format, in UTF-8.

    Args:
        form: jsonl (a unit a line), json (one document), csv (a unit a row, without texts), md, or akn.
        made: the cut.
        profile: that it was cut with; the elements and eIds of Akoma Ntoso come from it.
        facts: what the index states of the document's version.
        out: where the bytes go; buffered by whoever opened it.
        containers: the eId of an article carries its chapter (chp_I__art_5, else art_5).
        references: what the text points at, in document order.
        quoted_targets: what it changes in other documents, in document order.

    Raises:
        Stop: STOP_TEXT_NOT_XML with line and column (akn only, before anything is written), STOP_TEXT_TOO_LARGE
            for too many levels.
    """
    if form == "akn":
        refuse_unwritable(made)
    named = None if form == "md" else eids(made, profile, containers=containers)
    units = records(made, facts, eids=named, references=references, quoted_targets=quoted_targets)
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
            write_akn(units, made.document_id, profile, facts, out)
        case _ as never:
            assert_never(never)

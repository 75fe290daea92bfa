"""Units of registered documents: one found by how people cite it, cited, quoted, and all of them exported.

Source: issue 5, parts 4–6.
"""

import hashlib
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from cutter.app.cuts import open_cut
from cutter.custody.files import creating, read_plain
from cutter.cutting import Unit
from cutter.cutting.citations.akn import eids
from cutter.cutting.citations.citation import parse_citation
from cutter.cutting.citations.citing import cite
from cutter.cutting.citations.places import AddressBook
from cutter.cutting.quotes import LONGEST_QUOTE, Standing, verify_quote
from cutter.cutting.record import UnitRecord, records
from cutter.cutting.referring.amendments import find_quoted_targets
from cutter.cutting.referring.references import Reference
from cutter.report.documents.results import (
    CitedUnit,
    DocumentCut,
    ExportReport,
    FoundReference,
    QuoteReport,
    UnitReport,
    listed_doubts,
)
from cutter.report.export import ExportForm, write_export
from cutter.settings import Settings
from cutter.stops import Exit, Stop, StopCode

FORMS: dict[str, ExportForm] = {"jsonl": "jsonl", "json": "json", "csv": "csv", "md": "md", "akn": "akn"}
_SUFFIXES = {"akn": "xml"}
# Exports may be published: others may read them.
_MODE = 0o644
_BYTES_A_SIGN = 4
_PIECE = 1 << 20


def show_unit(settings: Settings, document_id: str, citation: str, version: str | None) -> UnitReport:
    """All that is known of the unit that a citation leads to.

    Raises:
        Stop: as `open_cut`; STOP_INVALID_INPUT for a citation that is not understood; STOP_UNIT_UNKNOWN, detail
            `not_found`, `ambiguous` (with every unit that it may mean) or `other_document`.
    """
    found = open_cut(settings, document_id, version)
    book = AddressBook(found.cut, found.profile, found.names)
    index = book.index_of(find_unit(book, citation))
    record = _record(found, index)
    out, into = _references(found, record)
    last = record.full_lines.last
    return UnitReport(
        unit=record,
        eid_short=next(islice(eids(found.cut, found.profile, containers=False), index, None)),
        citations=citations_of(book, found.cut.units[index]),
        references=out,
        referred_to_by=into,
        doubts=listed_doubts([doubt for doubt in found.cut.doubts if record.full_lines.first <= doubt.line <= last]),
    )


def cite_unit(settings: Settings, document_id: str, citation: str, version: str | None, style: str | None) -> CitedUnit:
    """How people cite a unit, in one style or in all that the document's profile has.

    Raises:
        Stop: as `show_unit`; STOP_INVALID_INPUT, detail `style_unknown`, with the styles that there are.
    """
    found = open_cut(settings, document_id, version, referring=False)
    book = AddressBook(found.cut, found.profile, found.names)
    unit = find_unit(book, citation)
    citations = citations_of(book, unit) if style is None else {style: cite(book, unit, style)}
    return CitedUnit(document_id=document_id, version=found.facts.version, address=unit.address, citations=citations)


def check_quote(settings: Settings, document_id: str, citation: str, quote: str, version: str | None) -> QuoteReport:
    """Whether words stand in a unit as they are quoted.

    Raises:
        Stop: as `show_unit`; STOP_INVALID_INPUT, detail `quote_empty` or `quote_longer_than_20000`.
    """
    found = open_cut(settings, document_id, version, referring=False)
    unit = find_unit(AddressBook(found.cut, found.profile, found.names), citation)
    verdict = verify_quote(found.cut, quote, unit)
    different = verdict.standing is Standing.DIFFERENT
    return QuoteReport(
        document_id=document_id,
        version=found.facts.version,
        address=unit.address,
        citation=citation,
        verdict=verdict,
        exit_code=int(Exit.CHANGED if different else Exit.DONE),
    )


def read_quote(file: Path) -> str:
    """A quotation from a file.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_TEXT_NOT_UTF8, STOP_TEXT_TOO_LARGE, STOP_PATH_UNSAFE.
    """
    try:
        data = read_plain(file, _BYTES_A_SIGN * LONGEST_QUOTE, shared=True, too_large=StopCode.STOP_TEXT_TOO_LARGE)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, "no_such_file", where=str(file)) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Stop(StopCode.STOP_TEXT_NOT_UTF8, f"byte_{error.start}", where=str(file)) from None


def export_to(found: DocumentCut, form: ExportForm, file: Path | None, *, containers: bool) -> ExportReport:
    """Write an export into a new file, which appears as a whole; never over an existing one.

    Args:
        found: the cut that is exported.
        form: in which format.
        file: None: named after document and version, in the current folder.
        containers: eIds of basic units carry the containers around them.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `file_exists`; STOP_SOURCE_MISSING, detail `no_such_folder`;
            STOP_PATH_UNSAFE, STOP_DISK; else as `write_export`.
    """
    path = file or Path(f"{found.cut.document_id}-{found.facts.version}.{_SUFFIXES.get(form, form)}")
    try:
        with creating(path.absolute(), _MODE) as out:
            write_to(found, form, out, containers=containers)
            size, digest = out.tell(), hashlib.sha256()
            out.seek(0)
            while piece := out.read(_PIECE):
                digest.update(piece)
    except FileExistsError:
        raise Stop(StopCode.STOP_INVALID_INPUT, "file_exists", where=str(path)) from None
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, "no_such_folder", where=str(path.parent)) from None
    return ExportReport(
        document_id=found.cut.document_id,
        version=found.facts.version,
        form=form,
        path=str(path),
        size=size,
        units=len(found.cut.units),
        sha256=digest.hexdigest(),
    )


def write_to(found: DocumentCut, form: ExportForm, out: BinaryIO, *, containers: bool) -> None:
    """Write an export unit by unit. Arguments as for `export_to`, stops as `write_export`."""
    write_export(
        form,
        found.cut,
        found.profile,
        found.facts,
        out,
        containers=containers,
        references=found.references,
        quoted_targets=find_quoted_targets(found.cut, found.profile),
    )


def find_unit(book: AddressBook, citation: str) -> Unit:
    """The unit that a citation means; where it may mean several, the refusal names every one. Stops as `show_unit`."""
    try:
        return book.resolve(citation)[0]
    except Stop as stop:
        if stop.code is not StopCode.STOP_UNIT_UNKNOWN:
            raise
        near, where = stop.suggestions, book.cut.document_id
        if stop.detail == "ambiguous":
            meant = book.look_up(parse_citation(citation, book.profile, book.names))
            near = tuple(book.cut.units[index].address for index in meant)
        raise Stop(
            stop.code, stop.detail, found=stop.found, needed=stop.needed, where=where, suggestions=near
        ) from None


def citations_of(book: AddressBook, unit: Unit) -> dict[str, str]:
    """The citation of a unit in every style of its profile."""
    return {style: cite(book, unit, style) for style in book.profile.citations}


def _record(found: DocumentCut, index: int) -> UnitRecord:
    """The record of one unit, with what its own text points at and changes."""
    address = found.cut.units[index].address
    every = records(
        found.cut,
        found.facts,
        eids=eids(found.cut, found.profile, containers=True),
        references=(each for each in found.references if each.address == address),
        quoted_targets=(each for each in find_quoted_targets(found.cut, found.profile) if each.address == address),
    )
    return next(islice(every, index, None))


def _references(
    found: DocumentCut, record: UnitRecord
) -> tuple[tuple[FoundReference, ...], tuple[FoundReference, ...]]:
    """The references out of a unit and those below it, and those into them from elsewhere."""
    out: list[FoundReference] = []
    into: list[FoundReference] = []
    for each in found.references:
        inside = _is_within(each.address, record.address)
        if inside:
            out.append(_found(each))
        elif any(_is_within(target, record.address) for target in each.targets):
            into.append(_found(each))
    return tuple(out), tuple(into)


def _is_within(address: str, around: str) -> bool:
    return address == around or address.startswith(f"{around}/")


def _found(reference: Reference) -> FoundReference:
    reason = reference.reason.value if reference.reason else None
    return FoundReference(
        reference.address, reference.line, reference.column, reference.targets, reason, reference.missing
    )

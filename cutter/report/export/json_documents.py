"""JSON exports: a record a line, or one document with all records.

Keys stand in the order in which their types declare them, without white space between them; letters beyond ASCII are
written as they are. A line ends with LF, and no record holds one: line ends in texts are escaped. Programs must split
the file at LF alone, since texts may hold other line separators (U+2028).

Source: RFC 8259; https://jsonlines.org.
"""

from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from cutter.cutting.record import Anchored, DocumentFacts, UnitRecord
from cutter.cutting.unit import Cut

FORMAT = "cutter.export/1"


class ExportedDocument(msgspec.Struct, frozen=True):
    """A cut document with all its records.

    Args:
        document_id, version, title, language, status, effective_from, effective_to: what its index states.
        profile: the id of the profile that it was cut with.
        size: of the source in bytes.
        format: `cutter.export/1`.
        units: the records in document order; their own texts joined are the document.
    """

    document_id: str
    version: str
    title: str
    language: str
    status: Anchored
    effective_from: Anchored
    effective_to: Anchored
    profile: str
    size: int
    format: str = FORMAT
    units: tuple[UnitRecord, ...] = ()


def write_jsonl(units: Iterable[UnitRecord], out: BinaryIO) -> None:
    """Write a record a line."""
    encoder, line = msgspec.json.Encoder(), bytearray()
    for unit in units:
        encoder.encode_into(unit, line)
        line += b"\n"
        out.write(line)
        line.clear()


def write_json(units: Iterable[UnitRecord], made: Cut, facts: DocumentFacts, out: BinaryIO) -> None:
    """Write one `ExportedDocument`, record by record."""
    head = ExportedDocument(
        made.document_id,
        facts.version,
        facts.title,
        facts.language,
        facts.status,
        facts.effective_from,
        facts.effective_to,
        made.profile,
        made.size,
    )
    out.write(msgspec.json.encode(head).removesuffix(b"]}"))
    separator = b"\n"
    for unit in units:
        out.write(separator + msgspec.json.encode(unit))
        separator = b",\n"
    out.write(b"\n]}\n")

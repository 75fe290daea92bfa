"""The CSV export: a table of the units for people, who open it in a spreadsheet.

Rules kept here:

- RFC 4180: comma, quotation marks where needed, CRLF; UTF-8 with a byte order mark, without which Excel shows
  Vietnamese letters wrongly.
- The texts of units are left out: a cell of Excel holds 32,767 characters, and an article may have ten times as many.
  `jsonl` has them. Number, label and heading come from the text.
- A cell that a spreadsheet would run as a formula (it begins with = + - @, their full-width forms, a tab or a line end)
  gets an apostrophe in front, as spreadsheets write it for text. Other programs remove the first apostrophe of a cell
  that begins with one and such a sign.

Source: RFC 4180; OWASP, CSV Injection.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple

from cutter.cutting.record import UnitRecord

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
_CRUMB = " › "
_NOWHERE = "?"  # a reference that leads to no unit of the document


class _Row(NamedTuple):
    """The columns, in their order."""

    document_id: str
    version: str
    address: str
    short_address: str
    address_ascii: str
    eid: str | None
    sort_key: str
    type: str
    rank: str
    depth: int
    ordinal: int
    children: int
    number: str
    label: str
    heading: str | None
    breadcrumb: str
    first_line: int
    last_line: int
    full_last_line: int
    start: int
    end: int
    full_end: int
    sha256: str
    references: str
    quoted_targets: str
    doubts: str
    status: str | None
    status_anchor: str
    effective_from: str | None
    effective_from_anchor: str
    effective_to: str | None
    effective_to_anchor: str


def write_csv(units: Iterable[UnitRecord], out: BinaryIO) -> None:
    """Write a header and a row a unit."""
    row = io.StringIO(newline="")
    writer = csv.writer(row, lineterminator="\r\n")
    writer.writerow(_Row._fields)
    out.write(b"\xef\xbb\xbf")
    for unit in units:
        _flush(row, out)
        writer.writerow(map(_cell, _row(unit)))
    _flush(row, out)


def _row(unit: UnitRecord) -> _Row:
    return _Row(
        document_id=unit.document_id,
        version=unit.version,
        address=unit.address,
        short_address=unit.short_address,
        address_ascii=unit.address_ascii,
        eid=unit.eid,
        sort_key=unit.sort_key,
        type=unit.type,
        rank=unit.rank.value,
        depth=unit.depth,
        ordinal=unit.ordinal,
        children=unit.children,
        number=unit.number,
        label=unit.label,
        heading=unit.heading,
        breadcrumb=_CRUMB.join(unit.breadcrumb),
        first_line=unit.own_lines.first,
        last_line=unit.own_lines.last,
        full_last_line=unit.full_lines.last,
        start=unit.own_range.start,
        end=unit.own_range.end,
        full_end=unit.full_range.end,
        sha256=unit.sha256,
        references=" ".join(_shown(reference.targets) for reference in unit.references),
        quoted_targets=" ".join(_shown(target.targets) for target in unit.quoted_targets),
        doubts=" ".join(f"{doubt.code}:{doubt.line}:{doubt.column}" for doubt in unit.doubts),
        status=unit.status.value,
        status_anchor=unit.status.anchor.value,
        effective_from=unit.effective_from.value,
        effective_from_anchor=unit.effective_from.anchor.value,
        effective_to=unit.effective_to.value,
        effective_to_anchor=unit.effective_to.anchor.value,
    )


def _shown(targets: Sequence[str]) -> str:
    return ",".join(targets) or _NOWHERE


def _flush(row: io.StringIO, out: BinaryIO) -> None:
    out.write(row.getvalue().encode())
    row.seek(0)
    row.truncate()


def _cell(value: str | int | None) -> str | int:
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value

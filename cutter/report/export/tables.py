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
from collections.abc import Callable, Iterable
from typing import BinaryIO

from cutter.cutting.record import UnitRecord

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
_CRUMB = " › "

_COLUMNS: dict[str, Callable[[UnitRecord], str | int | None]] = {
    "document_id": lambda unit: unit.document_id,
    "version": lambda unit: unit.version,
    "address": lambda unit: unit.address,
    "short_address": lambda unit: unit.short_address,
    "address_ascii": lambda unit: unit.address_ascii,
    "eid": lambda unit: unit.eid,
    "sort_key": lambda unit: unit.sort_key,
    "type": lambda unit: unit.type,
    "rank": lambda unit: unit.rank.value,
    "depth": lambda unit: unit.depth,
    "ordinal": lambda unit: unit.ordinal,
    "children": lambda unit: unit.children,
    "number": lambda unit: unit.number,
    "label": lambda unit: unit.label,
    "heading": lambda unit: unit.heading,
    "breadcrumb": lambda unit: _CRUMB.join(unit.breadcrumb),
    "first_line": lambda unit: unit.own_lines.first,
    "last_line": lambda unit: unit.own_lines.last,
    "full_last_line": lambda unit: unit.full_lines.last,
    "start": lambda unit: unit.own_range.start,
    "end": lambda unit: unit.own_range.end,
    "full_end": lambda unit: unit.full_range.end,
    "sha256": lambda unit: unit.sha256,
    "references": lambda unit: " ".join(reference.target or "?" for reference in unit.references),
    "quoted_targets": lambda unit: " ".join(reference.target or "?" for reference in unit.quoted_targets),
    "doubts": lambda unit: " ".join(f"{doubt.code}:{doubt.line}:{doubt.column}" for doubt in unit.doubts),
    "status": lambda unit: unit.status.value,
    "status_anchor": lambda unit: unit.status.anchor.value,
    "effective_from": lambda unit: unit.effective_from.value,
    "effective_from_anchor": lambda unit: unit.effective_from.anchor.value,
    "effective_to": lambda unit: unit.effective_to.value,
    "effective_to_anchor": lambda unit: unit.effective_to.anchor.value,
}


def write_csv(units: Iterable[UnitRecord], out: BinaryIO) -> None:
    """Write a header and a row a unit."""
    row = io.StringIO(newline="")
    writer = csv.writer(row, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    out.write(b"\xef\xbb\xbf")
    for unit in units:
        _flush(row, out)
        writer.writerow([_cell(column(unit)) for column in _COLUMNS.values()])
    _flush(row, out)


def _flush(row: io.StringIO, out: BinaryIO) -> None:
    out.write(row.getvalue().encode())
    row.seek(0)
    row.truncate()


def _cell(value: str | int | None) -> str | int:
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value

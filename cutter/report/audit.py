"""What an auditor gets: the rows of the view `audit`, as JSON lines, one JSON document or CSV.

Rules kept here: a row has exactly the columns of the view; rows are written one by one as they come. An export always
says what it is: JSON lines begin with a line of the format and the columns and end with a line that counts the rows, so
that an empty export is not an empty file and one that was cut off is seen; CSV has its header.

Source: issue 7, rule 9; RFC 4180; https://jsonlines.org.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO, TypeAlias

import msgspec

from cutter.messages import _, counted, number
from cutter.report.lines import head, named_lines
from cutter.report.visible import visible

FORMAT = "cutter.audit/1"


class AuditRow(msgspec.Struct, frozen=True):
    """One event, metadata only (`cutter_governance.audit`). What does not apply to an event is null.

    Attributes:
        at: UTC, cut to the minute, `YYYY-MM-DDTHH:MMZ`.
        pipeline, mode, started_by: of the run.
        phase: empty of an event of the whole run.
        event: its kind.
        operation, gate: of the phase, where the event names one.
        stop_code, exit_code, category: of a stop.
        verdict, reason: what policies decided, and why.
        outcome: how an attempt to send ended.
    """

    at: str | None
    pipeline: str | None
    mode: str | None
    started_by: str | None
    phase: str | None
    event: str | None
    operation: str | None
    gate: str | None
    stop_code: str | None
    exit_code: int | None
    category: str | None
    verdict: str | None
    reason: str | None
    outcome: str | None


COLUMNS: tuple[str, ...] = AuditRow.__struct_fields__


class AuditDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An export as one document (`cutter.audit/1`). `since` is its first day, `until` the first one after it, null
    where it is open. Rows are ordered by their columns from left to right.
    """

    format: str = FORMAT
    since: str | None
    until: str | None
    columns: tuple[str, ...] = COLUMNS
    rows: tuple[AuditRow, ...] = ()


class AuditExported(msgspec.Struct, frozen=True, kw_only=True):
    """An export that was written into a file (`cutter.audit-exported/1`). `form` is jsonl, json or csv."""

    format: str = "cutter.audit-exported/1"
    since: str | None
    until: str | None
    form: str
    path: str
    rows: int
    size: int
    sha256: str


Write: TypeAlias = Callable[[AuditDocument, Iterable[AuditRow], BinaryIO], int]


def write_jsonl(about: AuditDocument, rows: Iterable[AuditRow], out: BinaryIO) -> int:
    """Write a line that says what this is, a line a row, and a line that counts them; how many rows."""
    opening = {name: getattr(about, name) for name in ("format", "since", "until", "columns")}
    out.write(msgspec.json.encode(opening) + b"\n")
    encoder, count = msgspec.json.Encoder(), 0
    for row in rows:
        out.write(encoder.encode(row) + b"\n")
        count += 1
    out.write(msgspec.json.encode({"rows": count}) + b"\n")
    return count


def write_json(about: AuditDocument, rows: Iterable[AuditRow], out: BinaryIO) -> int:
    """Write one `AuditDocument`, row by row; how many rows."""
    out.write(msgspec.json.encode(about).removesuffix(b"]}"))
    encoder, count = msgspec.json.Encoder(), 0
    for row in rows:
        out.write((b",\n" if count else b"\n") + encoder.encode(row))
        count += 1
    out.write(b"\n]}\n")
    return count


def write_csv(about: AuditDocument, rows: Iterable[AuditRow], out: BinaryIO) -> int:
    """Write a header and a row an event; how many. No value begins with a sign that a spreadsheet runs."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    writer.writerow(about.columns)
    count = 0
    for row in rows:
        _flush(line, out)
        writer.writerow(["" if value is None else value for value in msgspec.structs.astuple(row)])
        count += 1
    _flush(line, out)
    return count


WRITERS: Mapping[str, Write] = {"jsonl": write_jsonl, "json": write_json, "csv": write_csv}


def exported_lines(report: AuditExported) -> Iterator[str]:
    """An export that was written into a file."""
    said = counted(report.rows, "{count} event|{count} events") if report.rows else _("no events")
    yield head(_("DONE"), (_("audit export"), said))
    rows = [
        (_("file"), visible(report.path, compose=False)),
        (_("bytes"), number(report.size)),
        (_("digest"), f"sha256:{report.sha256}"),
    ]
    if report.since is not None:
        rows.append((_("since"), report.since))
    if report.until is not None:
        rows.append((_("until"), _("{day}, not included", day=report.until)))
    yield from named_lines(rows)


def _flush(line: io.StringIO, out: BinaryIO) -> None:
    out.write(line.getvalue().encode())
    line.seek(0)
    line.truncate()

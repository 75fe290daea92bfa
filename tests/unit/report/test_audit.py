"""The forms of an audit export: each says what it is, also when nothing happened, and loses no row."""

import csv
import io
import json
from collections.abc import Iterator

import msgspec
import pytest

from cutter.report.audit import COLUMNS, WRITERS, AuditDocument, AuditExported, AuditRow, exported_lines

ROW = AuditRow(
    "2026-01-02T03:04Z", "cut", "live", "person", "cut_leg_a", "stopped", None, None, "STOP_BUSY", 30, "CONFLICT",
    None, None, None,
)  # fmt: skip
BARE = AuditRow(*[None] * len(COLUMNS))
ABOUT = AuditDocument(since="2026-01-01", until=None)
FORBIDDEN = ("tenant", "actor", "person", "run", "request", "trigger", "document", "sha256", "digest", "seq", "number",
             "payload", "param", "row", "lock", "key", "input", "cursor", "login", "id")  # fmt: skip


def written(form: str, *rows: AuditRow) -> tuple[int, bytes]:
    """An export of rows in a form: how many were counted, and the bytes."""
    out = io.BytesIO()
    count = WRITERS[form](ABOUT, iter(rows), out)
    return count, out.getvalue()


def test_no_column_is_for_what_may_not_be_told() -> None:
    """Rule 9. Without it a column for an identifier could be added, and be called metadata."""
    assert not [name for name in COLUMNS for word in name.split("_") if word in FORBIDDEN]
    assert COLUMNS == ("at", "pipeline", "mode", "started_by", "phase", "event", "operation", "gate", "stop_code",
                       "exit_code", "category", "verdict", "reason", "outcome")  # fmt: skip


@pytest.mark.parametrize("form", WRITERS)
def test_an_empty_export_says_so(form: str) -> None:
    """Without it «nothing happened» and «the export failed» would be the same empty file."""
    count, data = written(form)
    assert count == 0
    match form:
        case "jsonl":
            first, last = map(json.loads, data.splitlines())
            assert (first["format"], first["since"], first["until"]) == ("cutter.audit/1", "2026-01-01", None)
            assert (first["columns"], last) == (list(COLUMNS), {"rows": 0})
        case "json":
            document = msgspec.json.decode(data, type=AuditDocument)
            assert (document.format, document.since, document.rows) == ("cutter.audit/1", "2026-01-01", ())
        case _:
            assert data == ",".join(COLUMNS).encode() + b"\r\n"


def test_json_lines_hold_every_row_and_their_number() -> None:
    """Without it an export that was cut off could not be told from a whole one."""
    count, data = written("jsonl", ROW, BARE, ROW)
    _head, *rows, last = map(json.loads, data.splitlines())
    assert (count, last) == (3, {"rows": 3})
    assert rows == [msgspec.to_builtins(row) for row in (ROW, BARE, ROW)]


def test_one_document_holds_every_row() -> None:
    """Without it the document would be written row by row into something that no program reads."""
    count, data = written("json", ROW, BARE)
    assert count == 2
    assert msgspec.json.decode(data, type=AuditDocument) == msgspec.structs.replace(ABOUT, rows=(ROW, BARE))


def test_csv_holds_every_row() -> None:
    """Without it a spreadsheet would show values below the wrong names."""
    count, data = written("csv", ROW, BARE)
    head, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
    assert (count, tuple(head)) == (2, COLUMNS)
    assert rows == [
        ["" if value is None else str(value) for value in msgspec.structs.astuple(row)] for row in (ROW, BARE)
    ]


@pytest.mark.parametrize("form", WRITERS)
def test_rows_are_written_as_they_come(form: str) -> None:
    """Without it the export of a large ledger would need as much memory as the ledger."""
    out, before = io.BytesIO(), []

    def rows() -> Iterator[AuditRow]:
        for _number in range(100):
            before.append(out.tell())
            yield ROW

    WRITERS[form](ABOUT, rows(), out)

    assert len(set(before)) >= 99


@pytest.mark.parametrize(("rows", "word"), [(0, "no events"), (1, "1 event"), (2000, "2,000 events")])
def test_a_person_reads_how_much_it_is(rows: int, word: str) -> None:
    """Without it a person would have to open the file to see that it holds nothing."""
    told = AuditExported(
        since="2026-01-01", until="2026-02-01", form="csv", path="a.csv", rows=rows, size=9, sha256="0"
    )
    lines = [str(line) for line in exported_lines(told)]
    assert lines[0] == f"DONE  audit export · {word}"
    assert any("2026-02-01, not included" in line for line in lines)
    assert any("a.csv" in line for line in lines)

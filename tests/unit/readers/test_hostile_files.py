"""Files made to exhaust or mislead a reader: each ends in a stop or a text, within bounded time and memory."""

import struct
import subprocess
import sys
import time
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from cutter.readers import read_original
from cutter.readers.confined import Limits, read_confined
from cutter.readers.docx.document import read_docx
from cutter.readers.docx.package import LARGEST_PART, LARGEST_UNPACKED, MOST_ENTRIES
from cutter.readers.html import LARGEST_PAGE, MOST_TAGS, read_html
from cutter.stops import Stop, StopCode
from tests.support.docx_files import docx, entries, p, package, part

UNREADABLE = StopCode.STOP_FILE_UNREADABLE
SMALL = Limits(cpu_seconds=2, wall_seconds=30, memory_bytes=1024 * 1024 * 1024)

# A process that reads standard input within limits that the test sets, and says how it ended.
READER = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from cutter.readers import read_original
from cutter.stops import Stop
try:
    print("text", len(read_original(sys.stdin.buffer.read(), "x").text))
except Stop as stop:
    print(stop.code.name, stop.detail)
"""


def _read_within(data: bytes, memory_bytes: int) -> str:
    command = [sys.executable, "-P", "-c", READER, str(memory_bytes)]
    environment = {"PYTHONPATH": ":".join(part for part in sys.path if part)}
    done = subprocess.run(command, input=data, capture_output=True, env=environment, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.decode().strip()


def _refused(data: bytes) -> tuple[StopCode, str]:
    with pytest.raises(Stop) as caught:
        read_docx(data)
    return caught.value.code, caught.value.detail


def _bomb(size: int, name: str = "word/document.xml") -> bytes:
    """A document whose part `name` is `size` spaces."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for entry, text in entries(p("a")).items():
            if entry != name:
                archive.writestr(entry, text)
        with archive.open(name, "w", force_zip64=True) as file:
            for _ in range(size // 1_000_000):
                file.write(b" " * 1_000_000)
    return target.getvalue()


def test_a_zip_bomb_is_refused_by_what_it_declares() -> None:
    """Without it a file of some kilobytes would fill the memory or the disk."""
    assert _refused(_bomb(60_000_000)) == (UNREADABLE, "ratio")
    assert _refused(_bomb(LARGEST_PART + 1_000_000)) == (UNREADABLE, f"limit_{LARGEST_PART}_bytes")
    assert _refused(_bomb(LARGEST_UNPACKED + 2_000_000, "word/media/a.png")) == (
        UNREADABLE,
        f"limit_{LARGEST_UNPACKED}_bytes",
    )


def _lying(declared: int) -> bytes:
    """A document whose main part holds far more than its zip headers declare."""
    data = docx(p("a" * 3_000_000))
    with ZipFile(BytesIO(data)) as archive:
        size = struct.pack("<I", archive.getinfo("word/document.xml").file_size)
    assert data.count(size) == 2
    return data.replace(size, struct.pack("<I", declared))


@pytest.mark.parametrize("declared", [10, 500_000_000])
def test_a_zip_that_lies_about_a_size_is_refused(declared: int) -> None:
    """Without it a bomb could declare a small size, or a part be read in part."""
    code, detail = _refused(_lying(declared))
    assert (code, detail in ("damaged_zip", f"limit_{LARGEST_PART}_bytes")) == (UNREADABLE, True)


def _with(name: str, text: str = "<x/>") -> bytes:
    return package({**entries(p("a")), name: text})


def _twice() -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, text in [*entries(p("a")).items(), ("word/Document.xml", part("document", p("b")))]:
            archive.writestr(name, text)
    return target.getvalue()


def _encrypted() -> bytes:
    data = bytearray(docx(p("a")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


ENTITIES = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
DOCUMENT = part("document", f"<w:body>{p('&b;')}</w:body>").partition("?>")[2]

HOSTILE = {
    "name that leads out": (_with("../../etc/passwd"), UNREADABLE, "entry_name"),
    "name from the root": (_with("/etc/passwd"), UNREADABLE, "entry_name"),
    "name with backslashes": (_with("word\\..\\..\\a"), UNREADABLE, "entry_name"),
    "name of a drive": (_with("C:/a"), UNREADABLE, "entry_name"),
    "name twice": (_twice(), UNREADABLE, "entry_twice"),
    "entities": (_with("word/document.xml", ENTITIES + DOCUMENT), UNREADABLE, "entity_declaration"),
    "entities in the styles": (
        package({**entries(p("a"), styles=""), "word/styles.xml": ENTITIES + part("styles", "").partition("?>")[2]}),
        UNREADABLE,
        "entity_declaration",
    ),
    "no xml": (_with("word/document.xml", "hello"), UNREADABLE, "malformed_xml"),
    "half of xml": (_with("word/document.xml", "<w:document"), UNREADABLE, "malformed_xml"),
    "no body": (_with("word/document.xml", part("document", "")), UNREADABLE, "no_body"),
    "other root": (_with("word/document.xml", part("styles", "<w:body/>")), UNREADABLE, "no_body"),
    "half of a zip": (docx(p("a"))[:400], UNREADABLE, "damaged_zip"),
    "zip of nothing": (b"PK\x05\x06" + bytes(18), StopCode.STOP_FILE_UNSUPPORTED, "zip"),
    "password": (_encrypted(), StopCode.STOP_FILE_UNSUPPORTED, "encrypted"),
}


@pytest.mark.parametrize(("data", "code", "detail"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused(data: bytes, code: StopCode, detail: str) -> None:
    """Without it a made-up document could reach files, blow up, be read in two ways, or end in a traceback."""
    assert _refused(data) == (code, detail)


def test_entities_in_another_encoding_are_refused() -> None:
    """Without it a declaration could be hidden from the search for it by UTF-16."""
    files = entries(p("a"))
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, text in files.items():
            wide = name == "word/document.xml"
            archive.writestr(name, (ENTITIES + DOCUMENT).encode("utf-16") if wide else text.encode())
    assert _refused(target.getvalue()) == (UNREADABLE, "entity_declaration")


def test_a_wrong_checksum_is_refused() -> None:
    """Without it a damaged document would be read as if it were whole."""
    data = docx(p("a"))
    with ZipFile(BytesIO(data)) as archive:
        check = struct.pack("<I", archive.getinfo("word/document.xml").CRC)
    assert _refused(data.replace(check, struct.pack("<I", zlib.crc32(b"other")))) == (UNREADABLE, "damaged_zip")


def test_too_many_entries_are_refused() -> None:
    """Without it a zip of a million names would take all the time there is."""
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for number in range(MOST_ENTRIES + 1):
            archive.writestr(str(number), "")
    assert _refused(target.getvalue()) == (UNREADABLE, f"limit_{MOST_ENTRIES}_entries")


@pytest.mark.parametrize("depth", [90, 200, 3_000])
def test_deep_tables_are_stopped(depth: int) -> None:
    """Without it ten thousand tables in each other would end in a traceback or a crash."""
    body = "<w:tbl><w:tr><w:tc>" * depth + p("a") + "</w:tc></w:tr></w:tbl>" * depth
    with pytest.raises(Stop) as caught:
        read_confined("docx", docx(body), SMALL)
    assert (caught.value.code, caught.value.detail) in {(UNREADABLE, "malformed_xml"), (UNREADABLE, "too_deep")}


PAGES = {
    "nested 10,000 deep": (b"<div>" * 10_000 + b"a", "text 2"),
    "nested inline": (b"<span>" * 10_000 + b"a", "text 2"),
    "lists in lists": (b"<ul><li>" * 3_000 + b"a", "text"),
    "tables in tables": (b"<table><tr><td>" * 3_000 + b"a", "text 2"),
    "rows in cells": (b"<table><tr><td>a<td>" * 2_000, "text"),
    "huge attribute": (b"<p title='" + b"a" * 20_000_000 + b"'>a", "text 2"),
    "huge style": (b"<p style='" + b"display:none;" * 1_000_000 + b"'>a</p>b", "text 2"),
    "entities": (b"<p>[<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]&b;&amp;" + b"&lt;" * 1_000_000, "text"),
    "open formats": (b"".join(b"<b id=%d>" % n for n in range(1_000)) + b"<p>a" * 1_000, "text"),
    "never closed comment": (b"<html><p>a<!--" * 100_000, "text 2"),
    "one line of text": (b"<html>" + b"a " * 10_000_000, "text 20000000"),
    "only tags": (b"<html>" + b"<i>" * 300_000 + b"a", "text 2"),
}


@pytest.mark.parametrize(("page", "shown"), PAGES.values(), ids=PAGES)
def test_a_hostile_page_is_read_within_bounds(page: bytes, shown: str) -> None:
    """Without it a page of some kilobytes could take minutes or all the memory."""
    began = time.monotonic()
    assert _read_within(b"<!DOCTYPE html>" + page, 2 * 1024**3).startswith(shown)
    assert time.monotonic() - began < 15


def test_a_page_that_costs_too_much_is_stopped() -> None:
    """Without it a page whose parsing takes the square of its size would hold the command for hours."""
    began = time.monotonic()
    with pytest.raises(Stop) as caught:
        read_confined("html", b"<div>" * 1_000_000, SMALL)
    assert (caught.value.code, caught.value.detail) == (UNREADABLE, "time_limit")
    assert time.monotonic() - began < 10


def test_a_page_that_takes_too_much_memory_is_stopped() -> None:
    """Without it one document could bring the machine down."""
    few = Limits(cpu_seconds=20, wall_seconds=30, memory_bytes=192 * 1024 * 1024)
    with pytest.raises(Stop) as caught:
        read_confined("html", b"<p>a</p>" * 1_000_000, few)
    assert caught.value.code is UNREADABLE
    assert caught.value.detail in ("memory_limit", "reader_failed")


def test_larger_pages_than_documents_are_refused_unread() -> None:
    """Without it the tree of a page of 100 MB would be built first."""
    for page, detail in ((b" " * (LARGEST_PAGE + 1), "bytes"), (b"<i>" * (MOST_TAGS + 1), "tags")):
        with pytest.raises(Stop) as caught:
            read_html(page)
        assert caught.value.detail.endswith(detail)


def test_a_text_in_one_line_of_100_mb_is_passed_on() -> None:
    """Without it a huge line would be copied again and again before it is refused or cut."""
    assert _read_within(b"a" * 100_000_000, 700 * 1024 * 1024) == "text 100000000"


def test_the_reading_process_gets_no_environment_and_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a parser that a file subverts would hold the caller's secrets."""
    seen: dict[str, object] = {}
    real = subprocess.run

    def run(command: list[str], **given: object) -> object:
        seen.update(given)
        return real(command, **given)  # type: ignore[call-overload]

    monkeypatch.setenv("CANARY_SECRET", "hunter2")
    monkeypatch.setattr(subprocess, "run", run)
    assert read_original(b"<html><p>a", "a").text == b"a\n"
    assert seen["env"] is not None
    assert "hunter2" not in repr(seen["env"])

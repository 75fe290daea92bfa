"""What a file is, and what is said of one that cannot be read: by its content, with a place and no text."""

import gzip
from io import BytesIO
from zipfile import ZipFile

import pytest

from cutter.canon import sha256
from cutter.readers import Extracted, read_original
from cutter.stops import Stop, StopCode

LAW = "Điều 1. Phạm vi\r\n1. Luật này quy định quyền của người được nước bảo hộ.\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def _zip(*names: str) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as package:
        for name in names:
            package.writestr(name, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a", "a.docx", "a.html", "a.pdf"])
@pytest.mark.parametrize(
    "data",
    [LAW.encode(), b"\xef\xbb\xbf" + LAW.encode(), b"# A\r\n\r\nb \t\n", b"A & B, 1 < 2"],
    ids=["crlf", "bom", "markdown", "signs"],
)
def test_text_is_passed_on_byte_for_byte(data: bytes, name: str) -> None:
    """Without it offsets would not hold for the file that somebody registered."""
    assert read_original(data, name) == Extracted(data, "text", sha256(data))


KINDS = {
    "pdf": (b"%PDF-1.7\n1 0 obj\n", "pdf"),
    "word 97": (OLE + "WordDocument".encode("utf-16-le"), "word_97"),
    "docx with a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "other ole": (OLE, "ole"),
    "rtf": (b"{\\rtf1\\ansi", "rtf"),
    "gzip": (gzip.compress(b"x"), "gzip"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0", "png"),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(50), "program"),
    "windows program": (b"MZ\x90\0\x03\0\0\0" * 9, "program"),
    "zip": (_zip("a.txt"), "zip"),
    "odt": (_zip("mimetype", "content.xml"), "odt"),
    "xlsx": (_zip("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
    "xml": (b'<?xml version="1.0"?><akomaNtoso/>', "xml"),
    "xml without declaration": (b'<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0">', "xml"),
    "mhtml": (b"From: <x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n", "mhtml"),
    "binary": (bytes(range(256)) * 20, "binary"),
}


@pytest.mark.parametrize(("data", "seems"), KINDS.values(), ids=KINDS)
def test_a_file_of_another_kind_is_named(data: bytes, seems: str) -> None:
    """Without it a PDF or a program that is named .txt would be cut as text, or refused without a reason."""
    with pytest.raises(Stop) as caught:
        read_original(data, "law.txt")
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_FILE_UNSUPPORTED, seems)


ENCODINGS = {
    "utf-16 le with mark": (b"\xff\xfe" + LAW.encode("utf-16-le"), "byte_0", "UTF-16 LE (byte order mark)"),
    "utf-16 be with mark": (b"\xfe\xff" + LAW.encode("utf-16-be"), "byte_0", "UTF-16 BE (byte order mark)"),
    "utf-16 le": ("Article 1. Scope\n".encode("utf-16-le"), "nul_byte_1", "UTF-16 LE"),
    "utf-16 be": ("Article 1. Scope\n".encode("utf-16-be"), "nul_byte_0", "UTF-16 BE"),
    "utf-32 le": ("Article 1. Scope\n".encode("utf-32-le"), "nul_byte_1", "UTF-32 LE"),
    "tcvn3": ("§iÒu 1. QuyÒn cña ng\xadêi ®\xadîc\n".encode("latin-1"), "byte_0", "TCVN3 (ABC fonts)"),
    "vni": ("A\nÑieàu 1. Quyeàn cuûa ngöôøi\n".encode("latin-1"), "byte_2", "VNI"),
    "windows-1258": ("A\r\nB\r\nĐiê\u0300u 1. Quyê\u0300n cu\u0309a ngươ\u0300i\n".encode("cp1258"), "byte_6",
                     "windows-1258"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "detail", "seems"), ENCODINGS.values(), ids=ENCODINGS)
def test_a_text_in_another_encoding_is_named(data: bytes, detail: str, seems: str) -> None:
    """Without it whoever has an old file would not know from which encoding to convert it."""
    with pytest.raises(Stop) as caught:
        read_original(data, "law.txt")
    stop = caught.value
    line = 3 if detail == "byte_6" else 2 if detail == "byte_2" else 1
    assert (stop.code, stop.detail) == (StopCode.STOP_TEXT_NOT_UTF8, detail)
    assert (stop.found, stop.needed) == (f"line {line}; seems to be {seems}", "UTF-8")


def test_one_bad_byte_or_nul_is_placed() -> None:
    """Without it one broken byte in a long text could not be found; and nothing of the text may be shown."""
    for data, detail in (("Bí mật\rhai\nĐi\xff".encode("latin-1", "ignore"), "byte_1"), (b"a\r\nb\0c", "nul_byte_4")):
        with pytest.raises(Stop) as caught:
            read_original(data, "a.txt")
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_TEXT_NOT_UTF8, detail)
        assert "hai" not in repr(vars(caught.value))


def test_latin_text_gets_a_suggestion_of_a_library() -> None:
    """Without it a French or German text in Latin-1 would be refused without a word about what it is."""
    text = "Artikel 1. Geltungsbereich. Dieses Gesetz gilt für alle Bürger; Änderungen müssen veröffentlicht werden.\n"
    with pytest.raises(Stop) as caught:
        read_original((text * 30).encode("latin-1"), "a.txt")
    assert "seems to be" in caught.value.found


def test_an_empty_file_is_refused() -> None:
    """Without it an empty file would be registered as a document."""
    for name in ("a.txt", "a.html"):
        with pytest.raises(Stop) as caught:
            read_original(b"", name)
        assert caught.value.code is StopCode.STOP_TEXT_EMPTY


PAGES = {
    "doctype": b"<!DOCTYPE html>\n<p>x",
    "element": b"  <HTML><p>x",
    "after comment and declaration": b'<?xml version="1.0"?>\n<!-- a -->\n<html xmlns="http://www.w3.org/1999/xhtml">x</html>',
    "with mark": b"\xef\xbb\xbf<html><p>x",
    "utf-16": b"\xff\xfe" + "<html><p>x".encode("utf-16-le"),
}


@pytest.mark.parametrize("data", PAGES.values(), ids=PAGES)
def test_a_page_is_known_by_its_content(data: bytes) -> None:
    """Without it a page that was saved as .txt would be cut with its tags as text."""
    assert read_original(data, "page.txt").text == b"x\n"


def test_a_part_of_a_page_is_known_by_its_name() -> None:
    """Without it a page without its head would be cut with its tags, or Markdown with tags be read as a page."""
    data = b"<div>a</div><div>b</div>"
    assert read_original(data, "/some/Part.HTM").text == b"a\nb\n"
    assert read_original(data, "part.md").text == data

"""Registering originals: what may not be kept here is refused with the file's name, and nothing is written."""

from pathlib import Path

import pytest

from cutter.app.cuts import open_cut
from cutter.app.documents import add_document, find_original
from cutter.settings import Settings, load_settings
from cutter.stops import Stop, StopCode
from tests.support.docx_files import definition, docx, level, num, numbered, p

LAW = "MẬT\nĐiều 1. Phạm vi\n1. Một.\n2. Hai.\na) x;\nb) y.\nĐiều 2. Hiệu lực\n"


def _settings(folder: Path, documents: str = "") -> Settings:
    (folder / "cutter.yaml").write_text(
        f"format: cutter.workspace/1\ndatabase: embedded\n{documents}", encoding="utf-8"
    )
    return load_settings(folder, {})


def _add(settings: Settings, name: str, data: bytes) -> Stop | None:
    file = settings.workspace / name
    file.write_bytes(data)
    try:
        add_document(settings, file, "AB", None, None, "enacted")
    except Stop as stop:
        refused = stop
    else:
        return None
    assert refused.where == str(file)
    assert not settings.documents.exists()
    return refused


def test_a_word_document_is_cut_with_the_numbers_that_its_pages_show(tmp_path: Path) -> None:
    """Without it a law that Word numbers would be registered without its articles."""
    numbering = definition(1, level(0, "decimal", "Điều %1."), level(1, "decimal", "%2.")) + num(1, 1)
    body = "".join(
        [p("LUẬT"), numbered("Phạm vi", 1), numbered("Một.", 1, 1), numbered("Hai.", 1, 1), numbered("Hiệu lực", 1)]
    )
    settings = _settings(tmp_path)
    (tmp_path / "Luật.docx").write_bytes(docx(body, numbering=numbering))
    added = add_document(settings, tmp_path / "Luật.docx", "AB", None, None, "enacted")
    addresses = [unit.address for unit in open_cut(settings, "AB").cut.units]
    assert {"AB/ART-01/CL-2", "AB/ART-02"} <= set(addresses)
    original = find_original(settings, added.version)
    assert original is not None
    assert (original.file, original.kind) == ("Luật.docx", "docx")


def test_a_stamped_document_is_refused_unless_the_workspace_allows_it(tmp_path: Path) -> None:
    """Without it secret documents would be copied into workspaces that are no place for them."""
    stop = _add(_settings(tmp_path), "law.txt", LAW.encode())
    assert stop is not None
    assert (stop.code, stop.detail) == (StopCode.STOP_DOCUMENT_STAMPED, "mat")
    assert _add(_settings(tmp_path, "documents: {allow_stamps: [MẬT]}\n"), "law.txt", LAW.encode()) is None


def test_a_stamp_in_a_page_header_counts(tmp_path: Path) -> None:
    """Without it a Word document with the stamp in its header would pass, because headers are not part of the text."""
    body = "".join(p(line) for line in LAW.splitlines()[1:])
    stop = _add(_settings(tmp_path), "law.docx", docx(body, header1=p("TỐI MẬT")))
    assert stop is not None
    assert (stop.code, stop.detail) == (StopCode.STOP_DOCUMENT_STAMPED, "toi_mat")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7", StopCode.STOP_FILE_UNSUPPORTED),
        (b"PK\x03\x04broken", StopCode.STOP_FILE_UNREADABLE),
        (LAW.encode("utf-16"), StopCode.STOP_TEXT_NOT_UTF8),
        (docx(p()), StopCode.STOP_TEXT_EMPTY),
        (b"<html></html>", StopCode.STOP_TEXT_EMPTY),
    ],
    ids=["pdf", "damaged", "utf-16", "empty docx", "empty page"],
)
def test_what_cannot_be_read_is_refused_with_its_file(tmp_path: Path, data: bytes, code: StopCode) -> None:
    """Without it whoever registers many files would not know which one is refused."""
    stop = _add(_settings(tmp_path), "law.txt", data)
    assert stop is not None
    assert stop.code is code

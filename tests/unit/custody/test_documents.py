"""The workspace's index of source texts: read strictly, grown without touching what stands in it."""

from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from cutter.canon import sha256
from cutter.contracts import CatalogVersion, Texts
from cutter.custody.documents import Registration, WorkspaceTexts, read_index, register
from cutter.custody.originals import Original
from cutter.custody.profiles import Profiles
from cutter.readers import Extracted
from cutter.stops import Stop, StopCode

FIRST = "Điều 1. Tên gọi\n".encode()
SECOND = "Điều 1. Tên khác\n".encode()
TWICE = "a" * 64
URI = "https://example.vn/luat?id=1"

INDEX = f"""# the texts of an office
format: cutter.documents/1

documents:
  # first came the charter
  - id: AB-CHARTER   # never change this id
    title: {{vi: "Hiến chương", en: 'Charter'}}
    language: vi
    versions:
      - version: 2024-01-01
        file: charter.txt
        sha256: {sha256(FIRST)}
        status: enacted   # in force
    counts: {{CH: 1, ART: 1}}

  - id: AB-RULES
    title:
      en: Rules
    language: en
    versions: [{{version: "1", file: rules.md, sha256: {TWICE}, status: draft}}]
# the end
"""

PROFILES = Profiles(Path("nowhere"))


def _accept(_read: Extracted) -> None:
    """Any bytes are a source text."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of texts with an index that people keep by hand; the text of its second document is missing."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "index.yaml").write_text(INDEX, encoding="utf-8")
    (folder / "charter.txt").write_bytes(FIRST)
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A text outside the workspace."""
    path = tmp_path / "outside.md"
    path.write_bytes(SECOND)
    return path


def _refused(act: Callable[[], object]) -> tuple[StopCode, str]:
    with pytest.raises(Stop) as caught:
        act()
    return caught.value.code, caught.value.detail


def test_the_index_lists_texts_and_reads_them_by_digest(folder: Path) -> None:
    """Without it no document of the workspace could be found, or it would come with another title or version."""
    texts: Texts = WorkspaceTexts(folder, PROFILES)
    assert list(texts.document_ids()) == ["AB-CHARTER", "AB-RULES"]
    expected = CatalogVersion("AB-CHARTER", "Hiến chương", "vi", "2024-01-01", "enacted", sha256(FIRST))
    assert list(texts.versions("AB-CHARTER")) == [expected]
    assert list(texts.versions("AB")) == []
    assert texts.read(sha256(FIRST)) == FIRST


def test_a_workspace_without_texts_is_no_mistake(tmp_path: Path) -> None:
    """Without it a new workspace could not run a document of the library, nor register its first text."""
    assert list(WorkspaceTexts(tmp_path / "documents", PROFILES).document_ids()) == []


def test_a_text_is_hashed_whenever_it_is_read(folder: Path) -> None:
    """Without it a text edited after its registration would be cut as if it were the registered one."""
    texts = WorkspaceTexts(folder, PROFILES)
    (folder / "charter.txt").write_bytes(SECOND)
    assert _refused(lambda: texts.read(sha256(FIRST))) == (StopCode.STOP_SOURCE_CHANGED, "")
    (folder / "charter.txt").unlink()
    assert _refused(lambda: texts.read(sha256(FIRST))) == (StopCode.STOP_SOURCE_MISSING, "no_such_file")
    (folder / "charter.txt").symlink_to("rules.md")
    assert _refused(lambda: texts.read(sha256(FIRST))) == (StopCode.STOP_PATH_UNSAFE, "link_or_folder")
    assert _refused(lambda: texts.read(sha256(SECOND))) == (StopCode.STOP_SOURCE_MISSING, "not_listed")


MISTAKES = {
    "unknown key": ("    language: en", "    langauge: en", "unknown_key", "19:5"),
    "newer format": ("documents/1", "documents/2", "newer_format", "2:1"),
    "same id twice": ("id: AB-RULES", "id: AB-CHARTER", "duplicate_document_id", "16:5"),
    "same file twice": ("rules.md", "charter.txt", "duplicate_file", "20:31"),
    "file above the folder": ("charter.txt", "../charter.txt", "wrong_value", "11:9"),
    "file at a root": ("charter.txt", "/etc/passwd", "wrong_value", "11:9"),
    "file in a folder": ("charter.txt", "old/charter.txt", "wrong_value", "11:9"),
    "hidden file": ("charter.txt", ".git", "wrong_value", "11:9"),
    "id in lower case": ("AB-RULES", "ab-rules", "wrong_value", "16:5"),
    "id with a line end": ("id: AB-RULES", 'id: "AB-RULES\\n"', "wrong_value", "16:5"),
    "unknown status": ("status: draft", "status: valid", "wrong_value", "20:121"),
    "digest of 63 digits": (f"{TWICE},", f"{TWICE[1:]},", "wrong_value", "20:47"),
    "number as version": ('version: "1"', "version: 1", "wrong_value", "20:17"),
    "source with a fragment": ("status: draft", "source_uri: 'https://a.vn/#b', status: draft", "source_uri", "20:121"),
    "source without text": ("status: draft", "source_uri: '', status: draft", "wrong_value", "20:121"),
    "no versions": ("versions: [", "versions: [] # [", "wrong_value", "20:5"),
}


@pytest.mark.parametrize(("before", "after", "detail", "place"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_index_is_shown_at_its_place(
    folder: Path, before: str, after: str, detail: str, place: str
) -> None:
    """Without it a wrong index would be half read: a text could be taken from elsewhere or under another id."""
    assert before in INDEX
    (folder / "index.yaml").write_text(INDEX.replace(before, after), encoding="utf-8")
    with pytest.raises(Stop) as caught:
        WorkspaceTexts(folder, PROFILES)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
    assert caught.value.where == f"{folder / 'index.yaml'}:{place}"


@pytest.mark.parametrize("other", ["version", "sha256"])
def test_a_document_has_each_version_and_each_text_once(folder: Path, other: str) -> None:
    """Without it one version could stand for two texts, or one text be two versions of a document."""
    entry = {"version": '"1"', "file": "more.md", "sha256": TWICE, "status": "draft"}
    entry |= {"version": '"2"'} if other == "sha256" else {"sha256": "b" * 64}
    more = ", {" + ", ".join(f"{key}: {value}" for key, value in entry.items()) + "}]"
    (folder / "index.yaml").write_text(INDEX.replace("draft}]", "draft}" + more), encoding="utf-8")
    assert _refused(lambda: read_index(folder)) == (StopCode.STOP_CONFIG_INVALID, f"duplicate_{other}")


def test_registering_adds_and_leaves_the_rest_of_the_index_as_it_is(folder: Path, source: Path) -> None:
    """Without it registering a text would drop the comments and layout of an index that people keep by hand."""
    added = register(folder, source, Registration("AB-CHARTER", "vi", version="2025"), _accept)
    assert added == CatalogVersion("AB-CHARTER", "Hiến chương", "vi", "2025", "enacted", sha256(SECOND))
    register(folder, source, Registration("NEW-ONE", "vi", title='Nội "quy": 1', status="draft"), _accept)
    after = (folder / "index.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in INDEX.splitlines() if line not in after] == []
    texts = WorkspaceTexts(folder, PROFILES)
    assert [version.version for version in texts.versions("AB-CHARTER")] == ["2024-01-01", "2025"]
    assert texts.versions("NEW-ONE")[0].title == 'Nội "quy": 1'
    assert texts.read(sha256(SECOND)) == SECOND
    assert (folder / "AB-CHARTER.2025.md").read_bytes() == SECOND


@pytest.mark.parametrize("layout", ["offset", "flush", "flow"])
def test_registering_keeps_the_layout_of_lists(tmp_path: Path, source: Path, layout: str) -> None:
    """Without it an index in another of YAML's layouts would be turned upside down, or become unreadable."""
    version = f'{{version: "1", file: a.txt, sha256: {TWICE}, status: draft}}'
    text = {
        "offset": f"documents:\n  - id: AB\n    title: {{vi: A}}\n    language: vi\n    versions:\n      - {version}\n",
        "flush": f"documents:\n- id: AB\n  title: {{vi: A}}\n  language: vi\n  versions:\n  - {version}\n",
        "flow": f"documents: [{{id: AB, title: {{vi: A}}, language: vi, versions: [{version}]}}]\n",
    }[layout]
    (tmp_path / "index.yaml").write_text("format: cutter.documents/1\n" + text, encoding="utf-8")
    register(tmp_path, source, Registration("AB", "vi"), _accept)
    register(tmp_path, source, Registration("CD", "vi"), _accept)
    after = (tmp_path / "index.yaml").read_text(encoding="utf-8")
    if layout != "flow":
        assert [line for line in text.splitlines() if line not in after.splitlines()] == []
    assert [len(document.versions) for document in read_index(tmp_path).documents] == [2, 1]


def test_the_first_registration_makes_folder_and_index(tmp_path: Path, source: Path) -> None:
    """Without it nobody could register a text in a new workspace."""
    added = register(tmp_path / "documents", source, Registration("AB", "vi"), _accept)
    assert added == CatalogVersion("AB", "AB", "vi", sha256(SECOND)[:8], "enacted", sha256(SECOND))
    assert WorkspaceTexts(tmp_path / "documents", PROFILES).read(sha256(SECOND)) == SECOND


def test_a_version_of_digits_only_stays_text(tmp_path: Path, source: Path) -> None:
    """Without it one in fifty automatic versions (only digits) would make the index unreadable."""
    for version in ("12345678", "1234e567", "0", "1.0"):
        source.write_bytes(version.encode())
        register(tmp_path, source, Registration("AB", "vi", version=version), _accept)
    assert [v.version for v in read_index(tmp_path).documents[0].versions] == ["12345678", "1234e567", "0", "1.0"]


def test_the_same_text_again_changes_nothing(folder: Path, source: Path) -> None:
    """Without it repeating a command would add a second version of the same text."""
    first = register(folder, source, Registration("AB-CHARTER", "vi"), _accept)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert register(folder, source, Registration("AB-CHARTER", "vi"), _accept) == first
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "registration", "code", "detail"),
    [
        (SECOND, Registration("AB-CHARTER", "vi", "2024-01-01"), StopCode.STOP_DOCUMENT_CONFLICT, "other_bytes"),
        (FIRST, Registration("AB-CHARTER", "vi", "2025"), StopCode.STOP_DOCUMENT_CONFLICT, "other_version"),
        (FIRST, Registration("AB-CHARTER", "vi", status="draft"), StopCode.STOP_DOCUMENT_CONFLICT, "other_status"),
        (SECOND, Registration("AB-CHARTER", "en"), StopCode.STOP_DOCUMENT_CONFLICT, "other_language"),
        (SECOND, Registration("ab", "vi"), StopCode.STOP_INVALID_INPUT, "document_id"),
        (SECOND, Registration("../X", "vi"), StopCode.STOP_INVALID_INPUT, "document_id"),
        (SECOND, Registration("A", "vi"), StopCode.STOP_INVALID_INPUT, "document_id"),
        (SECOND, Registration("A" * 64, "vi"), StopCode.STOP_INVALID_INPUT, "document_id"),
        (SECOND, Registration("AB\n", "vi"), StopCode.STOP_INVALID_INPUT, "document_id"),
        (SECOND, Registration("AB", "Tiếng Việt"), StopCode.STOP_INVALID_INPUT, "language"),
        (SECOND, Registration("AB", "vi", "../1"), StopCode.STOP_INVALID_INPUT, "version"),
        (SECOND, Registration("AB", "vi", title="x" * 501), StopCode.STOP_INVALID_INPUT, "title"),
        (SECOND, Registration("AB", "vi", source_uri="http://a.vn/"), StopCode.STOP_INVALID_INPUT, "source_uri"),
        (FIRST, Registration("AB-CHARTER", "vi", source_uri=URI), StopCode.STOP_DOCUMENT_CONFLICT, "other_source_uri"),
    ],
)
def test_a_registration_that_contradicts_is_refused(
    folder: Path, source: Path, text: bytes, registration: Registration, code: StopCode, detail: str
) -> None:
    """Without it an id and version could come to mean other bytes, or a file could be written outside the folder."""
    source.write_bytes(text)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert _refused(lambda: register(folder, source, registration, _accept)) == (code, detail)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_text_is_checked_before_anything_is_written(tmp_path: Path, source: Path) -> None:
    """Without it a text that cannot be cut would be registered first and refused later."""

    def refuse(_read: Extracted) -> None:
        raise Stop(StopCode.STOP_TEXT_NOT_UTF8, detail="byte_0")

    folder = tmp_path / "documents"
    found = _refused(lambda: register(folder, source, Registration("AB", "vi"), refuse))
    assert found == (StopCode.STOP_TEXT_NOT_UTF8, "byte_0")
    assert not folder.exists()
    assert _refused(lambda: register(folder, tmp_path / "no", Registration("AB", "vi"), _accept))[1] == "no_such_file"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, source: Path) -> None:
    """Without it a workspace with a file called `documents` would end in a traceback."""
    (tmp_path / "documents").write_bytes(b"")
    found = _refused(lambda: register(tmp_path / "documents", source, Registration("AB", "vi"), _accept))
    assert found == (StopCode.STOP_PATH_UNSAFE, "link_or_folder")


def test_a_registration_that_was_interrupted_can_be_repeated(folder: Path, source: Path) -> None:
    """Without it a crash between the copy and the index would block the document id for ever."""
    (folder / "NEW.1.md").write_bytes(SECOND)
    register(folder, source, Registration("NEW", "vi", "1"), _accept)
    assert WorkspaceTexts(folder, PROFILES).read(sha256(SECOND)) == SECOND


def test_somebody_elses_file_is_not_overwritten(folder: Path, source: Path) -> None:
    """Without it an unlisted file in the folder would be lost to a registration of the same name."""
    (folder / "NEW.1.md").write_bytes(b"theirs")
    found = _refused(lambda: register(folder, source, Registration("NEW", "vi", "1"), _accept))
    assert found == (StopCode.STOP_DOCUMENT_CONFLICT, "file_exists")
    assert (folder / "NEW.1.md").read_bytes() == b"theirs"


def _register_one(folder: Path, source: Path, number: int) -> None:
    register(folder, source, Registration(f"DOC-{number}", "vi"), _accept)


def test_two_registrations_at_once_are_both_kept(tmp_path: Path, source: Path) -> None:
    """Without it one of two simultaneous registrations would vanish from the index in silence."""
    processes = get_context("fork").Process
    running = [processes(target=_register_one, args=(tmp_path / "documents", source, number)) for number in range(4)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0] * 4
    assert sorted(WorkspaceTexts(tmp_path / "documents", PROFILES).document_ids()) == [
        f"DOC-{number}" for number in range(4)
    ]


def test_a_title_that_differs_is_refused(folder: Path, source: Path) -> None:
    """Without it the title that somebody typed would be dropped in silence."""
    with pytest.raises(Stop) as caught:
        register(folder, source, Registration("AB-CHARTER", "vi", version="2", title="Tên khác"), _accept)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_DOCUMENT_CONFLICT, "other_title")


@pytest.mark.parametrize(
    "title", ["a\x1b[31mb", "two\nlines", "turned \u202e round"], ids=["escape", "line", "direction"]
)
def test_a_title_is_one_visible_line(folder: Path, source: Path, title: str) -> None:
    """Without it a title could move the cursor or turn the text of every screen and page that shows it."""
    with pytest.raises(Stop) as caught:
        register(folder, source, Registration("AB-NEW", "vi", title=title), _accept)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "title")
    assert read_index(folder).find("AB-NEW") is None


PAGE = "<!DOCTYPE html><p>Điều 1. Tên khác</p><p hidden>x</p>".encode()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page outside the workspace, whose text is `SECOND`."""
    path = tmp_path / "trang \u202e1.HTML"
    path.write_bytes(PAGE)
    return path


def test_the_text_of_a_page_is_kept_with_what_it_was_read_from(folder: Path, page: Path) -> None:
    """Without it nobody could say from which file a text was read, and what of it was left out."""
    added = register(folder, page, Registration("AB-CHARTER", "vi", version="2"), _accept)
    texts = WorkspaceTexts(folder, PROFILES)
    assert (texts.read(added.text_sha256), (folder / "AB-CHARTER.2.txt").read_bytes()) == (SECOND, SECOND)
    original = Original("trang _1.HTML", sha256(PAGE), "html", {"hidden_text": 1})
    assert texts.original(added.text_sha256) == original
    assert texts.original(sha256(FIRST)) is None
    after = (folder / "index.yaml").read_text(encoding="utf-8")
    assert [line for line in INDEX.splitlines() if line not in after.splitlines()] == []


def test_a_text_has_no_other_original(folder: Path, source: Path) -> None:
    """Without it every text would be listed as if it had been converted."""
    added = register(folder, source, Registration("NEW", "vi"), _accept)
    assert WorkspaceTexts(folder, PROFILES).original(added.text_sha256) is None
    assert "original" not in (folder / "index.yaml").read_text(encoding="utf-8")


def test_the_same_original_again_changes_nothing(folder: Path, page: Path) -> None:
    """Without it a page that is registered twice would become two versions when its reader was improved in between."""
    first = register(folder, page, Registration("AB-CHARTER", "vi"), _accept)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert register(folder, page, Registration("AB-CHARTER", "vi"), _accept) == first
    index = before["index.yaml"].decode().replace(sha256(SECOND), TWICE[1:] + "b")
    (folder / "index.yaml").write_text(index, encoding="utf-8")
    again = register(folder, page, Registration("AB-CHARTER", "vi"), _accept)
    assert (again.version, again.text_sha256) == (first.version, TWICE[1:] + "b")
    assert (folder / "index.yaml").read_text(encoding="utf-8") == index
    assert register(folder, page, Registration("AB-CHARTER", "vi", version="3"), _accept).text_sha256 == sha256(SECOND)


def test_a_file_that_is_no_text_is_refused_before_anything_is_written(tmp_path: Path, source: Path) -> None:
    """Without it a PDF would be registered as a text and refused at every cut."""
    source.write_bytes(b"%PDF-1.7\n")
    found = _refused(lambda: register(tmp_path / "documents", source, Registration("AB", "vi"), _accept))
    assert found == (StopCode.STOP_FILE_UNSUPPORTED, "pdf")
    assert not (tmp_path / "documents").exists()


@pytest.mark.parametrize("kind", ["pdf", "text"])
def test_an_original_is_stated_in_its_form(folder: Path, kind: str) -> None:
    """Without it an index written by hand could state an original that no reader made."""
    original = f"original: {{file: a, sha256: {TWICE}, kind: {kind}}}"
    text = INDEX.replace("status: draft}", f"status: draft, {original}}}")
    (folder / "index.yaml").write_text(text, encoding="utf-8")
    assert _refused(lambda: read_index(folder)) == (StopCode.STOP_CONFIG_INVALID, "wrong_value")


def test_where_a_text_is_from_is_kept_and_never_replaced(folder: Path, source: Path) -> None:
    """Without it nobody could say where a text was taken from, or a later registration would say otherwise."""
    added = register(folder, source, Registration("AB-CHARTER", "vi", source_uri=URI), _accept)
    before = (folder / "index.yaml").read_bytes()
    assert added.source_uri == URI
    assert [v.source_uri for v in WorkspaceTexts(folder, PROFILES).versions("AB-CHARTER")] == ["", URI]
    for again in ("", URI):
        assert register(folder, source, Registration("AB-CHARTER", "vi", source_uri=again), _accept) == added
    other = Registration("AB-CHARTER", "vi", source_uri=f"{URI}0")
    refused = (StopCode.STOP_DOCUMENT_CONFLICT, "other_source_uri")
    assert _refused(lambda: register(folder, source, other, _accept)) == refused
    assert (folder / "index.yaml").read_bytes() == before

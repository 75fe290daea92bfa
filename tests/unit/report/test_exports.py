"""Exports in JSON Lines, JSON, CSV and Markdown: read back, nothing is lost, and nothing is understood otherwise."""

import csv
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, get_args

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cutter.custody.profiles import shipped_profile
from cutter.cutting import Cut, cut
from cutter.cutting.record import Anchor, Anchored, DocumentFacts, UnitRecord, records
from cutter.cutting.referring.amendments import Amendment, QuotedTarget, find_quoted_targets
from cutter.cutting.referring.references import Reason, Reference, find_references
from cutter.report.export import ExportedDocument, ExportForm, write_export
from tests.support.cuts import LAW, LAW_EIDS, Piece, made_of
from tests.support.profiles import VIETNAMESE_LAW

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = Path(os.environ.get("CUTTER_DOCUMENTS", ROOT.parent / "shared" / "data" / "documents"))
FORMS: tuple[ExportForm, ...] = get_args(ExportForm)
FACTS = DocumentFacts(
    version="2024",
    title="Luật <Một> & # *hai*",
    language="vi",
    status=Anchored("enacted", Anchor.EXACT),
    effective_from=Anchored("2014-01-01", Anchor.EXACT),
)
REAL = {
    "vn-hien-phap-2013.txt": "vi.law",
    "vn-luat-dau-tu-2020.txt": "vi.law",
    "vn-luat-12-2017-sua-doi-blhs.txt": "vi.amending",
    "us-constitution.txt": "us.constitution",
    "eu-gdpr-2016-679-oj.txt": "eu.regulation",
    "policy-github-terms-of-service.md": "markdown.numbered",
    "spec-c2sp-chacha20-poly1305-siv.crlf.md": "markdown",
}


def exported(form: ExportForm, made: Cut = LAW, facts: DocumentFacts = FACTS) -> bytes:
    """The bytes of an export."""
    out = io.BytesIO()
    write_export(form, made, VIETNAMESE_LAW, facts, out)
    return out.getvalue()


def source_of(made: Cut) -> bytes:
    """The source that a cut was made from."""
    return next(iter(made.units)).source


def words(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest) -> Cut:
    """The cut of a real document, or a skip that says what is missing."""
    path = DOCUMENTS / request.param
    if not path.is_file():
        pytest.skip(f"the real document {path.name} is not here: set CUTTER_DOCUMENTS to the folder that holds it")
    return cut(path.read_bytes(), "DOC-1", shipped_profile(REAL[request.param]))


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_the_same_twice(form: ExportForm) -> None:
    """Without it two exports of one document could not be compared by their digests."""
    assert exported(form) == exported(form)


def _check_lines(made: Cut) -> None:
    lines = [msgspec.json.decode(line, type=UnitRecord) for line in exported("jsonl", made).splitlines()]
    assert "".join(line.own_text for line in lines).encode() == source_of(made)
    assert len(lines) == len(made.units)


def test_json_lines_joined_are_the_source() -> None:
    """Without it a retrieval index could be built on a text that lacks an article."""
    _check_lines(LAW)
    assert "đ) # không phải".encode() in exported("jsonl"), "letters beyond ASCII stay readable"


def test_json_lines_of_real_documents_are_their_sources(real: Cut) -> None:
    """Without it the promise that nothing is lost would hold for our own small texts only."""
    _check_lines(real)


def test_references_of_real_documents_stand_in_their_units(real: Cut) -> None:
    """Without it what was found in the text would be lost on its way into the records, or stand at another unit."""
    profile = shipped_profile(real.profile)
    references, targets = list(find_references(real, profile)), list(find_quoted_targets(real, profile))
    out = io.BytesIO()
    write_export("jsonl", real, profile, FACTS, out, references=iter(references), quoted_targets=iter(targets))
    lines = [msgspec.json.decode(line, type=UnitRecord) for line in out.getvalue().split(b"\n")[:-1]]
    assert [found.range.start for line in lines for found in line.references] == [found.start for found in references]
    assert sum(len(line.quoted_targets) for line in lines) == len(targets)
    for line in lines:
        assert all(line.own_range.start <= f.range.start < f.range.end <= line.own_range.end for f in line.references)


def test_a_record_is_one_line_whatever_its_text_holds() -> None:
    """Without it a line separator in a text would tear a record in two."""
    made = made_of(Piece("ART-01", 'Điều 1.\r\n\u2028\u2029\x85\x0c\x01"\\\n', "1"), Piece("ART-02", "Điều 2.", "2"))
    lines = exported("jsonl", made).split(b"\n")
    assert lines.pop() == b""
    assert [msgspec.json.decode(line, type=UnitRecord).own_text for line in lines] == [u.body for u in made.units]


def test_json_is_one_document_with_all_records() -> None:
    """Without it a program that reads the whole document would get other records than one that reads lines."""
    document = msgspec.json.decode(exported("json"), type=ExportedDocument)
    assert document.units == tuple(records(LAW, FACTS, eids=LAW_EIDS))
    assert (document.document_id, document.title, document.profile) == ("LAW-1", FACTS.title, "by.hand")
    assert (document.effective_from, document.effective_to) == (FACTS.effective_from, Anchored())
    assert document.format == "cutter.export/1"
    assert document.size == len(source_of(LAW))


def _rows(made: Cut) -> list[dict[str, str]]:
    data = exported("csv", made)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == len(made.units) + 1
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_csv_has_a_row_a_unit() -> None:
    """Without it a table that people check a cut with would lack units, or show them in other columns."""
    rows = _rows(LAW)
    for row, record in zip(rows, records(LAW, FACTS, eids=LAW_EIDS), strict=True):
        assert (row["address"], row["eid"], row["number"]) == (record.address, record.eid, record.number)
        assert (row["start"], row["full_end"]) == (str(record.own_range.start), str(record.full_range.end))
        assert (row["status"], row["status_anchor"]) == ("enacted", "exact")
        assert (row["effective_to"], row["effective_to_anchor"]) == ("", "unknown")
    assert rows[4]["breadcrumb"] == "Chương I QUY ĐỊNH CHUNG › Điều 1. Phạm vi"


def test_csv_of_real_documents_reads_back(real: Cut) -> None:
    """Without it a heading with a quotation mark or a comma could shift the columns of a real table."""
    assert [row["address"] for row in _rows(real)] == [unit.address for unit in real.units]


FORMULAS = {
    "equals": "=HYPERLINK(A1)",
    "plus": "+1",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "full width": "\uff1d1+1",
    "behind blanks": "  =1+1",
}


@pytest.mark.parametrize("heading", FORMULAS.values(), ids=FORMULAS)
def test_csv_runs_no_formula(heading: str) -> None:
    """Without it a heading of a hostile document would run in the spreadsheet of whoever checks the table."""
    (row,) = _rows(made_of(Piece("ART-01", f"Điều 1. {heading}\n", "1", heading)))
    assert row["heading"] == f"'{heading}"


def test_csv_leaves_other_cells_alone() -> None:
    """Without it titles would come back from the table with signs that the law does not have."""
    headings = [row["heading"] for row in _rows(LAW)]
    assert "QUY ĐỊNH CHUNG" in headings
    assert not any(heading.startswith("'") for heading in headings if "công thức" not in heading)


def test_findings_stand_in_the_table() -> None:
    """Without it references that lead nowhere would look like units without references."""
    out = io.BytesIO()
    made = made_of(Piece("ART-01", "Điều 1.\n", "1"))
    address = made.units[0].address
    pointing = (
        Reference(address, 0, 1, 1, 1, ("LAW-1/ART-02", "LAW-1/ART-03")),
        Reference(address, 2, 3, 1, 3, (), Reason.UNRESOLVED, ("ART-99",)),
    )
    changing = (QuotedTarget(address, Amendment.REPEAL, ("ART-05",), (), None, (), None, 0, 1, 1, 1),)
    write_export("csv", made, VIETNAMESE_LAW, FACTS, out, references=pointing, quoted_targets=changing)
    (row,) = csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
    assert (row["references"], row["quoted_targets"]) == ("LAW-1/ART-02,LAW-1/ART-03 ?", "ART-05")


def _tokens(data: bytes) -> list[Token]:
    return MarkdownIt("gfm-like", {"linkify": False}).parse(data.decode())


def _inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def _shown(tokens: list[Token]) -> str:
    return words("".join(token.content for token in _inline(tokens) if token.type == "text"))


PLAIN = {"heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline"}
PLAIN_INLINE = {"text", "hardbreak", "html_inline", "text_special"}


def _check_markdown(made: Cut, facts: DocumentFacts, expected: str) -> list[Token]:
    tokens = _tokens(exported("md", made, facts))
    assert {token.type for token in tokens} <= PLAIN
    assert {token.type for token in _inline(tokens)} <= PLAIN_INLINE
    anchors = [token.content for token in _inline(tokens) if token.type == "html_inline"]
    assert anchors[::2] == [f'<a id="{unit.address}">' for unit in made.units]
    assert set(anchors[1::2]) == {"</a>"}
    assert _shown(tokens) == words(facts.title + expected)
    return tokens


def test_markdown_shows_the_text_and_its_levels() -> None:
    """Without it the document to read would lack text, or show an article as deep as its chapter."""
    tokens = _check_markdown(LAW, FACTS, source_of(LAW).decode())
    levels = [token.tag for token in tokens if token.type == "heading_open"]
    assert levels == ["h1", "h2", "h3", "h3"]


SIGNS = {
    "heading": "# a",
    "underlined heading": "a\n===\nb\n---\nc",
    "list": "- a\n* b\n+ c\n1. d\n2) e",
    "quotation": "> a",
    "code by indent": "a\n\n        b\n\n\tc",
    "fence": "```\na\n```\n~~~\nb\n~~~",
    "rule": "***\n___\n---",
    "emphasis": "*a* _b_ **c** ~~d~~ `e`",
    "links": "[a](b) ![c](d) <http://e> [f]: g\n[1]: h",
    "html": "<script>a</script> <!-- b --> <?c?>\n<div>\nd",
    "entities": "&amp; &#65; &nbsp;",
    "table": "a | b\n--- | ---\n:--- | c",
    "backslashes": "a\\\nb \\* c \\",
    "breaks": "a  \nb",
    "footnote": "[^1] a\n\n[^1]: b",
    "mathematics": "$a$ and $$b$$",
}


@pytest.mark.parametrize("text", SIGNS.values(), ids=SIGNS)
@pytest.mark.parametrize("path", ["ART-01", "CL-1"])
def test_markdown_does_not_understand_the_text(text: str, path: str) -> None:
    """Without it a line of the law that begins with a sign would turn into a heading, a list, a link or a script."""
    made = made_of(Piece(path, f"1. {text}\n", "1"), Piece("TAIL-1", f"{text}\n"))
    _check_markdown(made, DocumentFacts(), f"1. {text}{text}")


def test_markdown_of_real_documents_shows_their_text(real: Cut) -> None:
    """Without it the escapes would be tried on signs that we thought of only."""
    tokens = _tokens(exported("md", real, DocumentFacts()))
    assert {token.type for token in tokens} <= PLAIN
    heading_signs = re.compile(r"(?m)^\ufeff?#{1,6}")
    source = source_of(real).decode()
    assert heading_signs.sub("", _shown(tokens)).replace("#", "") == words(source).replace("#", "").lstrip("\ufeff")


class _Counted:
    """A file that forgets: how many bytes came, and the largest piece."""

    def __init__(self) -> None:
        self.size = self.largest = 0

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self.size += len(data)
        self.largest = max(self.largest, len(data))
        return len(data)


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_written_unit_by_unit(form: ExportForm) -> None:
    """Without it the export of a large document would need its size in memory once more."""
    made = made_of(*(Piece(f"ART-{n}", f"Điều {n}. Tên\n", str(n), "Tên") for n in range(2000)))
    out = _Counted()
    target: BinaryIO = out  # type: ignore[assignment]  # only `write` is used
    write_export(form, made, VIETNAMESE_LAW, FACTS, target)
    assert out.size > 50_000
    assert out.largest < 5_000

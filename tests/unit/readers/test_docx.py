"""Word documents: their text in order, as it reads when all tracked changes are accepted."""

import sys
from io import BytesIO

import pytest
from docx import Document

from cutter.readers import read_original
from cutter.readers.docx.document import read_docx
from cutter.readers.extracted import RemarkCode
from cutter.stops import Stop, StopCode
from tests.support.docx_files import W, definition, docx, entries, level, num, numbered, p, package, r

INSERT = '<w:ins w:id="1" w:author="a">{}</w:ins>'
DELETE = '<w:del w:id="1" w:author="a"><w:r><w:delText>{}</w:delText></w:r></w:del>'
GONE = "<w:rPr><w:del/></w:rPr>"
BOX = "<w:txbxContent>{}</w:txbxContent>"


def _cell(inside: str) -> str:
    return f"<w:tc>{inside}</w:tc>"


def _row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(_cell(cell) for cell in cells)}</w:tr>"


def _table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def _field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


CASES = {
    "paragraphs": (p("Điều 1. Tên") + p() + p("1. Nội dung"), "Điều 1. Tên\n1. Nội dung"),
    "runs": (f"<w:p>{r('Đi')}{r('ều', '<w:b/>')}<w:r><w:tab/><w:t>1.</w:t><w:t> Tên</w:t></w:r></w:p>", "Điều 1. Tên"),
    "raised number": (f"<w:p>{r('Điều 3')}{r('1', '<w:vertAlign w:val=&quot;superscript&quot;/>')}{r('. Tên')}</w:p>"
                      .replace("&quot;", '"'), "Điều 3¹. Tên"),
    "lowered number": (f"<w:p>{r('H')}{r('2', '<w:vertAlign w:val=&quot;subscript&quot;/>')}{r('O')}</w:p>"
                       .replace("&quot;", '"'), "H2O"),
    "breaks": ('<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:br w:type="page"/><w:cr/><w:t>c</w:t></w:r></w:p>',
               "a\nb\nc"),
    "hyphens": ("<w:p><w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:softHyphen/><w:t>c</w:t></w:r></w:p>",
                "a\u2011b\u00adc"),
    "table": (_table(_row(p("1"), p("a") + p("b")), _row(p(), p("c"))), "1\ta b\n\tc"),
    "row of one cell": (_table(_row(p("a") + p("b"))), "a\nb"),
    "table in a cell": (_table(_row(p("a"), _table(_row(p("b"), p("c"))) + p())), "a\nb\tc"),
    "columns": (_table(_row(p("a"), p("b") * 21)), "a" + "\nb" * 21),
    "content controls": (f"<w:sdt><w:sdtPr/><w:sdtContent>{p('a')}</w:sdtContent></w:sdt>"
                         f"<w:p><w:sdt><w:sdtContent>{r('b')}</w:sdtContent></w:sdt></w:p>", "a\nb"),
    "links and tags": (f"<w:p><w:hyperlink>{r('a')}</w:hyperlink><w:smartTag>{r('b')}</w:smartTag></w:p>", "ab"),
    "unknown element": (f"<x:p>{p('a')}</x:p>" + p("b"), "b"),
    "capitals by format": (f"<w:p>{r('Chương', '<w:caps/>')}{r(' i', '<w:caps w:val=&quot;0&quot;/>')}</w:p>".replace(
        "&quot;", '"'), "CHƯƠNG i"),
    "insertion": (f"<w:p>{r('a')}{INSERT.format(r('b'))}</w:p>", "ab"),
    "deletion": (f"<w:p>{r('a')}{DELETE.format('b')}{r('c')}</w:p>", "ac"),
    "move": (f"<w:p><w:moveFrom>{r('a')}</w:moveFrom>{r('b')}<w:moveTo>{r('a')}</w:moveTo></w:p>", "ba"),
    "deleted end of a paragraph": (p("a", GONE) + p("b") + p("c"), "ab\nc"),
    "deleted paragraph": (f"<w:p><w:pPr>{GONE}</w:pPr>{DELETE.format('a')}</w:p>" + p("b"), "b"),
    "deleted row": (_table(_row(p("a"), p("b"), properties="<w:del/>"), _row(p("c"), p("d"))), "c\td"),
    "hidden end of a paragraph": (p("Điều 1.", "<w:rPr><w:vanish/><w:specVanish/></w:rPr>") + p(" Tên"), "Điều 1. Tên"),
    "field": (f"<w:p>{_field('begin')}<w:r><w:instrText> REF x </w:instrText></w:r>{r('no')}{_field('separate')}"
              f"{r('5')}{_field('end')}{r('.')}</w:p>", "5."),
    "field that never ends": (f"<w:p>{_field('begin')}{r('no')}</w:p>" + p("a"), "a"),
    "simple field": (f'<w:p><w:fldSimple w:instr="PAGE">{r("7")}</w:fldSimple></w:p>', "7"),
    "formula": ("<w:p><m:oMath><m:r><m:t>x</m:t></m:r></m:oMath></w:p>", "x"),
    "ruby": (f"<w:p><w:r><w:ruby><w:rt>{r('no')}</w:rt><w:rubyBase>{r('a')}</w:rubyBase></w:ruby></w:r></w:p>", "a"),
    "sign by its code": ('<w:p><w:r><w:sym w:font="x" w:char="2192"/></w:r></w:p>', "→"),
    "text box first": (f"<w:p>{r('a')}<w:r><w:pict><v:shape>{BOX.format(p('MẬT') + p('b'))}</v:shape></w:pict></w:r>"
                       "</w:p>", "MẬT\nb\na"),
    "text box once": ("<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing>" + BOX.format(p("a")) + "</w:drawing>"
                      "</mc:Choice><mc:Fallback><w:pict>" + BOX.format(p("a")) + "</w:pict></mc:Fallback>"
                      "</mc:AlternateContent></w:r></w:p>", "a"),
    "number once": ("<w:p><mc:AlternateContent><mc:Fallback>" + r("a") + "</mc:Fallback></mc:AlternateContent></w:p>",
                    "a"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "text"), CASES.values(), ids=CASES)
def test_a_document_becomes_lines(body: str, text: str) -> None:
    """Without it text of a Word document would be lost, doubled, or out of order."""
    assert read_docx(docx(body)).text == f"{text}\n"


def test_the_strict_form_of_the_standard_is_read() -> None:
    """Without it documents saved as Strict Open XML would seem empty."""
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    files = {name: text.replace(W, strict) for name, text in entries(p("a")).items()}
    assert read_docx(package(files)).text == "a\n"


def test_what_is_left_out_or_doubtful_is_remarked() -> None:
    """Without it a reader would take tracked, hidden or embedded text for granted."""
    body = (
        f"<w:p>{INSERT.format(r('a'))}{DELETE.format('b')}{r('c', '<w:vanish/>')}"
        "<w:r><w:commentReference/><w:drawing/><w:object/></w:r>"
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:instrText>LISTNUM \\l 1</w:instrText></w:r></w:p>'
        "<w:altChunk/>" + _table(_row(p("no"), p("no"), properties="<w:hidden/>"))
    )
    reading = read_docx(docx(body))
    assert reading.text == "a\ufffd\n"
    assert {(remark.code.value, remark.count) for remark in reading.remarks} == {
        *(("inserted_text", 1), ("deleted_text", 1), ("hidden_text", 2), ("comment", 1), ("picture", 1)),
        *(("embedded", 2), ("symbol", 1), ("number_field", 1)),
    }


def test_notes_stand_at_the_end_with_their_marks() -> None:
    """Without it the notes of a consolidated text, which say what changed, would be lost, or stand in the articles."""
    call = '<w:r><w:{}Reference w:id="{}"/></w:r>'
    body = f"<w:p>{r('Điều 1.')}{call.format('footnote', 4)}{r(' a')}{call.format('endnote', 2)}</w:p>"
    body += f"<w:p>{r('b')}{call.format('footnote', 3)}{call.format('footnote', 9)}</w:p>"
    footnotes = "".join(f'<w:footnote w:id="{number}">{p(f" Chú {number}")}{p("x")}</w:footnote>' for number in (3, 4))
    endnotes = f'<w:endnote w:id="2">{p("cuối")}</w:endnote><w:endnote w:id="7">{p("uncalled")}</w:endnote>'
    reading = read_docx(docx(body, footnotes=footnotes, endnotes=endnotes))
    assert reading.text.splitlines() == [
        *("Điều 1.[1] a[i]", "b[2][3]", "[1] Chú 4", "x", "[2] Chú 3", "x", "[i] cuối"),
    ]
    assert [(remark.code, remark.count) for remark in reading.remarks] == [(RemarkCode.FOOTNOTE, 3)]


def test_headers_are_left_out_but_their_lines_are_known() -> None:
    """Without it page headers would stand in the text, or a stamp in them would not be seen."""
    header = _table(_row(p("BỘ"), p("TỐI MẬT")))
    reading = read_docx(docx(p("a"), header1=header, footer1=p("trang 1")))
    assert (reading.text, reading.apart) == ("a\n", ("BỘ", "TỐI MẬT", "BỘ", "TỐI MẬT", "trang 1"))
    assert [(remark.code, remark.count) for remark in reading.remarks] == [(RemarkCode.MARGIN, 2)]


def test_a_number_belongs_to_what_remains_of_joined_paragraphs() -> None:
    """Without it accepting a deletion would leave the number of a paragraph that is gone."""
    gone = numbered("a", 1).replace("<w:pPr>", f"<w:pPr>{GONE}").replace(r("a"), DELETE.format("a"))
    body = gone + numbered("b", 1) + numbered("c", 1)
    numbering = definition(1, level(0, "decimal", "%1.")) + num(1, 1)
    assert read_docx(docx(body, numbering=numbering)).text == "1. b\n2. c\n"


def test_styles_hide_and_capitalise() -> None:
    """Without it text that a style hides would be cut, and headings that a style capitalises would not look it."""
    styles = (
        '<w:style w:type="character" w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="C"><w:rPr><w:caps/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="D"><w:basedOn w:val="C"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="L"><w:basedOn w:val="L"/></w:style>'
    )
    body = f"<w:p>{r('a')}{r('b', '<w:rStyle w:val=@H@/>')}</w:p>".replace("@", '"')
    body += p("đ", '<w:pStyle w:val="D"/>') + p("e", '<w:pStyle w:val="L"/>')
    assert read_docx(docx(body, styles=styles)).text == "a\nĐ\ne\n"


def test_a_document_of_another_writer() -> None:
    """Without it the readers would only know the documents of these tests: python-docx writes as Word does."""
    document = Document()
    document.add_heading("LUẬT ĐẦU TƯ", 0)
    document.add_heading("Chương I", 1)
    document.add_paragraph("Điều 1. Phạm vi")
    for text in ("một", "hai"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("gạch", style="List Bullet")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "STT", "Tên"
    document.sections[0].header.paragraphs[0].text = "CÔNG BÁO"
    target = BytesIO()
    document.save(target)
    read = read_original(target.getvalue(), "law.txt")
    assert read.text.decode().splitlines() == [
        *("LUẬT ĐẦU TƯ", "Chương I", "Điều 1. Phạm vi", "1. một", "2. hai", "• gạch", "STT\tTên"),
    ]
    assert (read.kind, "CÔNG BÁO" in read.apart) == ("docx", True)


def test_a_missing_reader_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a workspace without the extra would end in a traceback."""
    monkeypatch.setitem(sys.modules, "lxml.etree", None)
    with pytest.raises(Stop) as caught:
        read_docx(docx(p("a")))
    assert caught.value.code is StopCode.STOP_READER_MISSING
    assert caught.value.needed == "pip install 'lxml>=6.1,<7'"

"""HTML pages: lines, numbers and tables as a browser shows them, and nothing that it hides."""

import sys

import pytest

from cutter.readers.extracted import RemarkCode
from cutter.readers.html import read_html
from cutter.stops import Stop, StopCode

CASES = {
    "blocks": ("<h1>Luật</h1><p>Một</p>hai<div>ba<section>bốn</section></div>", "Luật\nMột\nhai\nba\nbốn"),
    "white space": ("<p> Điều \t1.\r\n  Phạm\n\nvi </p>", "Điều 1. Phạm vi"),
    "no-break space": ("<p>Điều&nbsp;1.</p><p>&nbsp;</p>", "Điều\u00a01."),
    "inline": ("<p>Điề<b>u</b> 1<i>. </i> <a href=x>Tên</a></p>", "Điều 1. Tên"),
    "line break": ("<p>a<br>b<br/><br>c</p>", "a\nb\nc"),
    "entities": ("<p>&#272;i&#x1EC1;u &lt;1&gt; &amp;amp; &eacute;&shy;x", "Điều <1> &amp; é\u00adx"),
    "unclosed": ("<p>a<p>b<ul><li>c<li>d</ul><b>e<p>f", "a\nb\n• c\n• d\ne\nf"),
    "numbers": ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
    "letters from c": ("<ol type=a start=3><li>x<li>y</ol>", "c. x\nd. y"),
    "capital letters": ("<ol type=A start=26><li>x<li>y</ol>", "Z. x\nAA. y"),
    "roman": ("<ol type=i start=3><li>x<li>y</ol><ol type=I><li>z</ol>", "iii. x\niv. y\nI. z"),
    "value": ("<ol><li value=5>x<li>y</ol>", "5. x\n6. y"),
    "reversed": ("<ol reversed><li>x<li>y</ol>", "2. x\n1. y"),
    "style of a list": ('<ol style="margin:0; list-style-type: lower-latin"><li>x</ol>', "a. x"),
    "style of an item": ('<ol><li style="list-style:none">x<li>y</ol>', "x\n2. y"),
    "zero and below": ("<ol type=a start=0><li>x<li>y</ol>", "0. x\na. y"),
    "no number": ("<ol start=x><li value=''>x</ol>", "1. x"),
    "paragraph in an item": ("<ol><li><p>x</p><p>y</p></ol>", "1. x\ny"),
    "list in a list": ("<ol><li>x<ol type=a><li>y</ol><li>z</ol>", "1. x\na. y\n2. z"),
    "item of a list only": ("<ol><li><ol type=a><li>y</ol></ol>", "1.\na. y"),
    "empty item": ("<ol><li><li>x</ol>", "1.\n2. x"),
    "hidden item": ("<ol><li hidden>x<li>y</ol>", "1. y"),
    "table": ("<table><tr><td>1<td>Tên<tr><th>2<th>b\n c</table>", "1\tTên\n2\tb c"),
    "empty cells": ("<table><tr><td><td>a<td></table>", "\ta\t"),
    "blocks in cells": ("<table><tr><td><p>a</p><p>b</p><td>c<br>d</table>", "a b\tc d"),
    "row of one cell": ("<table><tr><td><p>Điều 1.</p><p>Điều 2.</p></table>", "Điều 1.\nĐiều 2."),
    "table in a cell": ("<table><tr><td>a<td><table><tr><td>b<td>c</table></table>", "a\nb\tc"),
    "page laid out in columns": (
        "<table><tr><td>menu<td>" + "<p>Điều" * 21 + "<td>x</table>",
        "menu\n" + "Điều\n" * 21 + "x",
    ),
    "table in a row of one cell": ("<table><tr><td><table><tr><td>b<td>c</table></table>", "b\tc"),
    "list in a cell": ("<table><tr><td><ol><li>x<li>y</ol><td>z</table>", "1. x 2. y\tz"),
    "hidden cell": ("<table><tr><td>a<td hidden>b</table>", "a"),
    "preformatted": ("<pre>\n  1.  a\n\n\tb\n</pre>c", "  1.  a\n\n        b\nc"),
    "raised number": ("<p>Điều 3<sup>1</sup>. m<sup><a>2</a></sup>, 10<sup>-3</sup>", "Điều 3¹. m², 10⁻³"),
    "raised letters": ("<p>14<sup>th</sup> a<sup>[1]</sup> b<sup>(2)</sup> H<sub>2</sub>O", "14th a[1] b(2) H2O"),
    "quotes": ("<p><q>a <q>b</q></q></p>", "“a ‘b’”"),
    "not shown": (
        "<title>t</title><script>s</script><style>s</style><p>a<noscript>n</noscript><template>m</template>"
        "<textarea>f</textarea><select><option>o</select><iframe>i</iframe><!-- c --></p>",
        "a",
    ),
    "block by style": ("<span style='display:block'>a</span><div style='display:inline'>b</div>c", "a\nbc"),
    "square root": ("<p>m<sup>2</sup> <math><mi>x</mi></math>", "m² x"),
}


@pytest.mark.parametrize(("page", "text"), CASES.values(), ids=CASES)
def test_a_page_becomes_lines(page: str, text: str) -> None:
    """Without it numbers, cells or lines of a law would be lost or run together when it comes from a page."""
    assert read_html(f"<!doctype html><body>{page}".encode()).text == f"{text}\n"


def test_what_is_left_out_or_doubtful_is_remarked() -> None:
    """Without it hidden or struck text would come or go unseen."""
    page = (
        "<p>a</p><p hidden>b</p><div style='DISPLAY : none !important'>c</div><p style=visibility:hidden>d</p>"
        "<div hidden><!-- nothing --></div><dialog>e</dialog><p><del>f</del><img src=x alt=g></p>"
    )
    reading = read_html(page.encode())
    assert reading.text == "a\nf\n"
    assert {(r.code, r.count, r.line) for r in reading.remarks} == {
        (RemarkCode.HIDDEN_TEXT, 4, 2),
        (RemarkCode.STRUCK_TEXT, 1, 2),
        (RemarkCode.PICTURE, 1, 2),
    }


def test_lines_inside_cells_are_kept_apart() -> None:
    """Without it a stamp that stands under the office's name in a table cell would be hidden in a longer line."""
    page = "<table><tr><td>BỘ CÔNG AN<br>MẬT<td>CỘNG HÒA</table>"
    reading = read_html(page.encode())
    assert (reading.text, reading.apart) == ("BỘ CÔNG AN MẬT\tCỘNG HÒA\n", ("BỘ CÔNG AN", "MẬT", "CỘNG HÒA"))


WORD = "Điê\u0300u"
CHARSETS = {
    "utf-8 unstated": (f"<p>{WORD}".encode(), WORD),
    "meta charset": (b"<meta charset=windows-1258><p>" + WORD.encode("cp1258"), WORD),
    "meta http-equiv": (
        b'<META http-equiv=Content-Type content="text/html; charset=windows-1258"><p>' + WORD.encode("cp1258"),
        WORD,
    ),
    "latin-1 as browsers": (b"<meta charset='iso-8859-1'><p>\x93a\x94", "“a”"),
    "commented meta": ("<!-- <meta charset=cp1258> --><p>ề".encode(), "ề"),
    "mark before meta": (b"\xef\xbb\xbf<meta charset=windows-1258><p>\xe1\xbb\x81", "ề"),
    "utf-16 mark": (b"\xfe\xff" + "<p>ề".encode("utf-16-be"), "ề"),
    "xml declaration": (b'<?xml version="1.0" encoding="ISO-8859-15"?><p>\xa4', "€"),
    "utf-16 stated in ascii": ("<meta charset=utf-16><p>ề".encode(), "ề"),
}


@pytest.mark.parametrize(("data", "text"), CHARSETS.values(), ids=CHARSETS)
def test_the_charset_of_a_page_is_honoured(data: bytes, text: str) -> None:
    """Without it an older page would be refused, or read as other letters than a browser shows."""
    assert read_html(data).text == f"{text}\n"


WRONG = {
    "not utf-8": (b"<p>\xc3\x28", StopCode.STOP_TEXT_NOT_UTF8, "byte_3"),
    "not as stated": (b"<meta charset=windows-1258>\n\xd2\x8a", StopCode.STOP_TEXT_NOT_UTF8, "byte_29"),
    "nul": (b"<p>a\0b", StopCode.STOP_TEXT_NOT_UTF8, "nul_byte_4"),
    "unknown charset": (b"<meta charset=zip_codec><p>a", StopCode.STOP_FILE_UNSUPPORTED, "charset_unknown"),
}


@pytest.mark.parametrize(("data", "code", "detail"), WRONG.values(), ids=WRONG)
def test_a_page_that_cannot_be_decoded_is_refused(data: bytes, code: StopCode, detail: str) -> None:
    """Without it wrong letters would be stored as the law."""
    with pytest.raises(Stop) as caught:
        read_html(data)
    assert (caught.value.code, caught.value.detail) == (code, detail)


def test_a_missing_reader_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a workspace without the extra would end in a traceback."""
    monkeypatch.setitem(sys.modules, "selectolax.lexbor", None)
    with pytest.raises(Stop) as caught:
        read_html(b"<p>a")
    assert caught.value.code is StopCode.STOP_READER_MISSING
    assert caught.value.needed == "pip install 'selectolax>=1.0,<2'"

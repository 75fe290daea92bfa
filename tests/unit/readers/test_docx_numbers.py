"""Automatic numbers of Word: the text must have them as the pages show them."""

import pytest

from cutter.readers.docx.document import read_docx
from cutter.readers.extracted import RemarkCode
from tests.support.docx_files import definition, docx, level, num, numbered, p, start_override

LAW = definition(
    7,
    level(0, "decimal", "Điều %1."),
    level(1, "decimal", "%2."),
    level(2, "lowerLetter", "%3)"),
    level(3, "lowerRoman", "(%4)"),
)


def _lines(body: str, numbering: str, styles: str = "") -> list[str]:
    return read_docx(docx(body, numbering=numbering, styles=styles)).text.splitlines()


def test_the_levels_of_a_law() -> None:
    """Without it a law that Word numbers would come without one Điều, khoản or điểm."""
    levels = [(0, "A"), (1, "B"), (2, "C"), (2, "D"), (3, "E"), (1, "F"), (2, "G"), (0, "H"), (1, "I"), (2, "J")]
    body = "".join(numbered(text, 1, place) for place, text in levels)
    assert _lines(body, LAW + num(1, 7)) == [
        *("Điều 1. A", "1. B", "a) C", "b) D", "(i) E", "2. F", "a) G", "Điều 2. H", "1. I", "a) J"),
    ]


FORMS = {
    "decimal": ("decimal", "%1.", 1, ["1.", "2."]),
    "leading zero": ("decimalZero", "%1", 9, ["09", "10"]),
    "letters": ("lowerLetter", "%1)", 26, ["z)", "aa)"]),
    "letters twice": ("lowerLetter", "%1)", 27, ["aa)", "bb)"]),
    "capitals": ("upperLetter", "%1.", 1, ["A.", "B."]),
    "roman": ("lowerRoman", "%1)", 3, ["iii)", "iv)"]),
    "roman capitals": ("upperRoman", "Chương %1", 9, ["Chương IX", "Chương X"]),
    "ordinal": ("ordinal", "%1", 11, ["11th", "12th"]),
    "none": ("none", "Lưu ý:", 1, ["Lưu ý:", "Lưu ý:"]),
    "from zero": ("decimal", "%1.", 0, ["0.", "1."]),
    "hyphen": ("bullet", "-", 1, ["-", "-"]),
    "bullet of a symbol font": ("bullet", "\uf0b7", 1, ["•", "•"]),
    "number twice": ("decimal", "%1/%1", 1, ["1/1", "2/2"]),
}


@pytest.mark.parametrize(("form", "text", "start", "shown"), FORMS.values(), ids=FORMS)
def test_a_form_of_numbers(form: str, text: str, start: int, shown: list[str]) -> None:
    """Without it units would get other numbers than the pages show."""
    numbering = definition(1, level(0, form, text, start=start)) + num(1, 1)
    assert _lines(numbered("x", 1) + numbered("y", 1), numbering) == [f"{shown[0]} x", f"{shown[1]} y"]


def test_numbers_of_several_levels() -> None:
    """Without it `2.1.1` would be `1`, and a legal level under Chương II would be `II.1`."""
    legal = level(1, "decimal", "%1.%2", "<w:isLgl/>")
    numbering = definition(1, level(0, "upperRoman", "Chương %1"), legal, level(2, "decimal", "%1.%2.%3")) + num(1, 1)
    body = numbered("a", 1) + numbered("b", 1) + numbered("c", 1, 1) + numbered("d", 1, 2)
    assert _lines(body, numbering) == ["Chương I a", "Chương II b", "2.1 c", "II.1.1 d"]


def test_lists_of_one_definition_count_on() -> None:
    """Without it a law whose articles are interrupted by other lists would start at Điều 1 again."""
    body = numbered("a", 1) + numbered("b", 2) + numbered("c", 3) + numbered("d", 2) + numbered("e", 3)
    numbering = LAW + num(1, 7) + num(2, 7) + num(3, 7, start_override(0, 5))
    assert _lines(body, numbering) == ["Điều 1. a", "Điều 2. b", "Điều 5. c", "Điều 6. d", "Điều 7. e"]


RESTARTS = {
    "by default": ("", ["a) x", "a) y"]),
    "never": ('<w:lvlRestart w:val="0"/>', ["a) x", "b) y"]),
    "only after the first level": ('<w:lvlRestart w:val="1"/>', ["a) x", "b) y"]),
}


@pytest.mark.parametrize(("restart", "points"), RESTARTS.values(), ids=RESTARTS)
def test_a_level_restarts_as_it_says(restart: str, points: list[str]) -> None:
    """Without it points that go on under the next khoản would begin at a) again."""
    levels = (level(0, "decimal", "%1"), level(1, "decimal", "%2."), level(2, "lowerLetter", "%3)", restart))
    body = "".join(
        [numbered("A", 1), numbered("B", 1, 1), numbered("x", 1, 2), numbered("C", 1, 1), numbered("y", 1, 2)]
    )
    lines = _lines(body, definition(1, *levels) + num(1, 1))
    assert [lines[2], lines[4]] == points


STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"/>'
    '<w:style w:type="paragraph" w:styleId="Dieu"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Khoan"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Khoan2"><w:basedOn w:val="Khoan"/></w:style>'
    '<w:style w:type="numbering" w:styleId="Held"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
)


def _style(name: str, more: str = "") -> str:
    return f'<w:pStyle w:val="{name}"/>{more}'


def test_numbers_come_from_styles() -> None:
    """Without it documents that number by their styles, as most laws do, would come without numbers."""
    linked = (
        level(0, "decimal", "Điều %1.", '<w:pStyle w:val="Dieu"/>'),
        level(1, "decimal", "%2.", '<w:pStyle w:val="Khoan"/>'),
    )
    off = '<w:numPr><w:numId w:val="0"/></w:numPr>'
    body = "".join(
        [
            p("a", _style("Dieu")),
            p("b", _style("Khoan")),
            p("c", _style("Khoan2")),
            p("d", _style("Dieu", off)),
            p("e", _style("Unknown")),
            p("f"),
            p("g", _style("Dieu")),
        ]
    )
    lines = _lines(body, definition(1, *linked) + num(1, 1), STYLES)
    assert lines == ["Điều 1. a", "1. b", "2. c", "d", "e", "f", "Điều 2. g"]


def test_a_definition_may_stand_in_a_style() -> None:
    """Without it lists that are made from a list style would come without numbers."""
    link = '<w:abstractNum w:abstractNumId="9"><w:numStyleLink w:val="Held"/></w:abstractNum>'
    assert _lines(numbered("a", 2), LAW + link + num(1, 7) + num(2, 9), STYLES) == ["Điều 1. a"]


SUFFIXES = {"tab": "1. x", "space": "1. x", "nothing": "1.x"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_follows_a_number(suffix: str) -> None:
    """Without it number and text would run together, or be torn apart."""
    one = level(0, "decimal", "%1.", f'<w:suff w:val="{suffix}"/>')
    assert _lines(numbered("x", 1), definition(1, one) + num(1, 1)) == [SUFFIXES[suffix]]


def test_doubtful_numbers_are_remarked() -> None:
    """Without it a number that may differ from the page would look certain."""
    numbering = definition(1, level(0, "vietnameseCounting", "%1."), level(1, "decimal", "%1.%2")) + num(1, 1)
    reading = read_docx(docx(numbered("a", 1, 1) + numbered("b", 1), numbering=numbering))
    assert reading.text == "1.1 a\n1. b\n"
    assert {(remark.code, remark.line) for remark in reading.remarks} == {
        (RemarkCode.NUMBER_SKIPPED, 1),
        (RemarkCode.NUMBER_FORMAT, 1),
    }


BROKEN = {
    "list unknown": (numbered("a", 5), num(1, 7)),
    "definition unknown": (numbered("a", 1), num(1, 70)),
    "level unknown": (numbered("a", 1, 8), definition(7, level(0, "decimal", "%1.")) + num(1, 7)),
    "level out of range": (numbered("a", 1, 99), LAW + num(1, 7)),
    "negative level": (numbered("a", 1, -3).replace("<w:numId", "<w:numId"), definition(7) + num(1, 7)),
    "no numbers at all": (p("a", "<w:numPr/>"), LAW),
    "no digits": (p("a", '<w:numPr><w:numId w:val="one"/></w:numPr>'), LAW + num(1, 7)),
    "link in a circle": (
        numbered("a", 1),
        '<w:abstractNum w:abstractNumId="7"><w:numStyleLink w:val="Held"/></w:abstractNum>' + num(1, 7),
    ),
}


@pytest.mark.parametrize(("body", "numbering"), BROKEN.values(), ids=BROKEN)
def test_broken_lists_lose_no_text(body: str, numbering: str) -> None:
    """Without it a damaged list would end in a traceback."""
    assert _lines(body, numbering, STYLES) == ["a"]


def test_a_paragraph_without_text_keeps_its_number() -> None:
    """Without it the numbers after an empty paragraph would seem to jump, and its own would be lost."""
    assert _lines(numbered("", 1) + numbered("b", 1), LAW + num(1, 7)) == ["Điều 1.", "Điều 2. b"]

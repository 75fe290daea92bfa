"""The hard cases of real files, each as a small text with the addresses that it must give."""

import unicodedata

import pytest

from cutter.custody.profiles import parse_profile, shipped_profile
from cutter.cutting import LARGEST_TEXT, Cut, DoubtCode, Rank, counts, cut, reassemble
from cutter.stops import Stop, StopCode
from tests.support.profiles import VIETNAMESE_LAW


def addresses(made: Cut) -> list[str]:
    """The addresses of a cut without the document id."""
    return [unit.address.removeprefix("D/") for unit in made.units]


def nfd(text: str) -> str:
    """A text in decomposed form."""
    return unicodedata.normalize("NFD", text)


STRUCTURES = [
    pytest.param(
        "LUẬT\nChương I\nQUY ĐỊNH CHUNG\nĐiều 1. Tên\n1. Một.\n2. Hai:\na) A;\nb) B.\nĐiều 2. Tên\nChữ.\n",
        ["FRONT-1", "CH-01", "CH-01/ART-01", "CH-01/ART-01/CL-1", "CH-01/ART-01/CL-2", "CH-01/ART-01/CL-2/PT-a",
         "CH-01/ART-01/CL-2/PT-b", "CH-01/ART-02"],
        id="chapter-article-clause-point",
    ),
    pytest.param(f"{nfd('Điều')} 1.\nChữ.\n{nfd('Điều 2. Tên')}\n", ["ART-01", "ART-02"], id="decomposed-heading-word"),
    pytest.param("\u00d0iều 1. Tên\nĐiều 2.\n", ["ART-01", "ART-02"], id="eth-for-d-with-stroke"),
    pytest.param("Điều 1.\na) A;\nb) B;\nc) C;\nd) D;\n\u00f0) Đ;\ne) E.\n",
                 ["ART-01", *(f"ART-01/PT-{letter}" for letter in "abcdđe")], id="eth-for-the-point"),
    pytest.param("Điều\u00a01.\nĐi\u200bều 2.\n\u00a0Điều\t3.\nĐi\u00adều \uff14.\n",
                 ["ART-01", "ART-02", "ART-03", "ART-04"], id="no-break-space-zero-width-soft-hyphen-full-width"),
    pytest.param("Điều 1. Tên\nMục đích của giao dịch là lợi ích.\nĐiều này không áp dụng.\nPhần diện tích đất.\n"
                 "Chương trình này.\nMỤC LỤC\nĐiều 2. Tên\n", ["ART-01", "ART-02"], id="prose-begins-with-a-keyword"),
    pytest.param("Điều 1. Tên\nĐiều 2 của Luật này được áp dụng.\nĐiều 2, Điều 3 và Điều 4.\nĐiều 2. Tên\n",
                 ["ART-01", "ART-02"], id="prose-begins-with-a-citation"),
    pytest.param("Điều 1.\n1. Sửa đổi Điều 9 như sau:\n“Điều 9. Tên\n1. Một.\n2. Hai:\na) A.”.\n2. Bãi bỏ Điều 3.\n"
                 "Điều 2.\n", ["ART-01", "ART-01/CL-1", "ART-01/CL-1/QS-1", "ART-01/CL-2", "ART-02"],
                 id="quoted-article-in-an-amendment"),
    pytest.param("Điều 1.\n1. Như sau:\n“Điều 13. Tên\n1. Một.\n2. Hai.\"\n2. Bãi bỏ.\nĐiều 2.\n",
                 ["ART-01", "ART-01/CL-1", "ART-01/CL-1/QS-1", "ART-01/CL-2", "ART-02"], id="plain-mark-closes"),
    pytest.param('Điều 1.\n1. Như sau:\n"Điều 2. Tên\n2. Hai."\n2. Tấm ván dày 5".\nĐiều 2.\n',
                 ["ART-01", "ART-01/CL-1", "ART-01/CL-1/QS-1", "ART-01/CL-2", "ART-02"],
                 id="plain-marks-open-and-close"),
    pytest.param("Điều 1.\n1. Như sau: “Điều 2. Tên\n2. Hai.”\n2. Chữ.\n",
                 ["ART-01", "ART-01/CL-1", "ART-01/CL-2"], id="quotation-that-begins-inside-a-line-is-own-text"),
    pytest.param("Điều 1.\n“Cơ quan” là nơi làm việc.\n1. Một.\n", ["ART-01", "ART-01/CL-1"],
                 id="quoted-term-is-no-passage"),
    pytest.param("Điều 1.\n1. Như sau:\n“a) Chữ.”;\nQuy định này áp dụng từ nay.\n“b) Chữ.”.\n2. Hai.\n",
                 ["ART-01", "ART-01/CL-1", "ART-01/CL-1/QS-1", "ART-01/CL-1/TAIL-1", "ART-01/CL-1/QS-2", "ART-01/CL-2"],
                 id="text-after-a-quoted-passage-is-a-tail"),
    pytest.param("Điều 1.\nĐiều 2.\n“Lạc mất dấu đóng\nĐiều 3.\n", ["ART-01", "ART-02", "ART-03"],
                 id="lost-closing-mark-swallows-nothing"),
    pytest.param("Điều 217.\nĐiều 217a. Tên\n1. Một.\n1a. Một a.\n1b. Một b.\n2. Hai.\nĐiều 217b.\nĐiều 218.\n",
                 ["ART-217", "ART-217a", *(f"ART-217a/CL-{n}" for n in ("1", "1a", "1b", "2")), "ART-217b", "ART-218"],
                 id="suffix-numbers"),
    pytest.param("Điều 4.\nĐiều 5.\n5a. Chữ.\nĐiều 5a.\nĐiều 5đ.\n", ["ART-04", "ART-05", "ART-05a"],
                 id="suffix-out-of-order-is-text"),
    pytest.param("Chương I:NHỮNG QUY ĐỊNH CHUNG\nĐiều 1.\nCHƯƠNG II. TỔ CHỨC\nĐiều 2.\nChương III KINH PHÍ\nĐiều 3.\n",
                 ["CH-01", "CH-01/ART-01", "CH-02", "CH-02/ART-02", "CH-03", "CH-03/ART-03"], id="title-on-the-line"),
    pytest.param("PHẦN THỨ NHẤT\nChương I\nĐiều 1.\nPhần thứ hai:HAI\nChương I\nĐiều 2.\nPhần thứ ba\n"
                 "Chương II\nĐiều 3.\n",
                 ["PART-01", "PART-01/CH-01", "PART-01/CH-01/ART-01", "PART-02", "PART-02/CH-01",
                  "PART-02/CH-01/ART-02", "PART-03", "PART-03/CH-02", "PART-03/CH-02/ART-03"],
                 id="ordinal-words-and-chapters-either-way"),
    pytest.param("Chương I\nMục 1. A\nTiểu mục 1. B\nĐiều 1.\nTiểu mục 2. C\nĐiều 2.\nMục 2. D\nĐiều 3.\nChương II\n"
                 "Mục 1. E\nĐiều 4.\n",
                 ["CH-01", "CH-01/SEC-01", "CH-01/SEC-01/SSEC-01", "CH-01/SEC-01/SSEC-01/ART-01",
                  "CH-01/SEC-01/SSEC-02", "CH-01/SEC-01/SSEC-02/ART-02", "CH-01/SEC-02", "CH-01/SEC-02/ART-03",
                  "CH-02", "CH-02/SEC-01", "CH-02/SEC-01/ART-04"], id="sections-begin-again-in-every-chapter"),
    pytest.param("Điều 1.\n1. Một.\nPhụ lục I\nDANH MỤC\nSTT\tTên\n1\tMột\n2. Hai\nĐiều 1. Quy chế\na) A\nPhụ lục II\n"
                 "1. X\n",
                 ["ART-01", "ART-01/CL-1", "ANX-01", "ANX-02"], id="annex-rows-and-headings-are-opaque"),
    pytest.param("Điều 1.\nPHỤ LỤC\n(Kèm theo)\nPhụ lục I\nA\nPhụ lục II\nB\n",
                 ["ART-01", "HEAD-1", "ANX-01", "ANX-02"], id="heading-of-a-group-of-annexes"),
    pytest.param("Điều 1.\nPHỤ LỤC\nBẢNG\nPHỤ LỤC\nBẢNG\n", ["ART-01", "ANX-01", "ANX-02"],
                 id="annexes-without-number"),
    pytest.param("Điều 1.\nPhụ lục I và Phụ lục II được áp dụng.\nPhụ lục này.\nPhụ lục I\nĐiều 2.\n",
                 ["ART-01", "ART-02"], id="annex-heading-where-the-text-goes-on-is-text"),
    pytest.param("Điều 1.\nChữ.\nLuật này đã được Quốc hội thông qua ngày 24 tháng 11 năm 2015.\n"
                 "\tCHỦ TỊCH QUỐC HỘI\n1. A\nPHỤ LỤC\nX\n", ["ART-01", "SIG-1", "ANX-01"],
                 id="signature-block-from-the-adoption-sentence"),
    pytest.param("Điều 1.\n1. Một.\n\n\tTM. CHÍNH PHỦ\n\tTHỦ TƯỚNG\n", ["ART-01", "ART-01/CL-1", "SIG-1"],
                 id="signature-block-without-a-sentence"),
    pytest.param("Điều 1.\n1. Luật này đã được Quốc hội thông qua ngày 1.\n2. CHỦ TỊCH là người.\n",
                 ["ART-01", "ART-01/CL-1", "ART-01/CL-2"], id="a-clause-is-no-signature"),
    pytest.param("QUỐC HỘI\nLỜI NÓI ĐẦU\nChữ.\n1. Không phải khoản.\nĐiều 1.\n", ["FRONT-1", "PRE-1", "ART-01"],
                 id="preamble"),
    pytest.param("\ufeffĐiều 1.\nĐiều 2.\n", ["ART-01", "ART-02"], id="byte-order-mark"),
    pytest.param("Chương I\r\nTÊN\r\nĐiều 1.\r\n1. Một.\r\n\r\n2. Hai.\r\n",
                 ["CH-01", "CH-01/ART-01", "CH-01/ART-01/CL-1", "CH-01/ART-01/CL-2"], id="carriage-returns"),
    pytest.param("Điều 1.\r1. Một.\r2. Hai.", ["ART-01", "ART-01/CL-1", "ART-01/CL-2"], id="lone-carriage-returns"),
    pytest.param("Điều 1.\n1. Một:\na) A;\nb) B;\n1.000 đồng\n3.5 lần\n2015. Năm\n2. Hai.\n",
                 ["ART-01", "ART-01/CL-1", "ART-01/CL-1/PT-a", "ART-01/CL-1/PT-b", "ART-01/CL-2"],
                 id="numbers-that-are-no-clauses"),
    pytest.param("Điều 1.\n1. Một:\na) A;\nb) B.\n1. Lại một.\nb) Lại b.\n2. Hai.\n",
                 ["ART-01", "ART-01/CL-1", "ART-01/CL-1/PT-a", "ART-01/CL-1/PT-b", "ART-01/CL-2"],
                 id="repeated-numbers-are-text"),
    pytest.param("Điều 1.\n" + "".join(f"{letter}) X;\n" for letter in "abcdđeghiklmnopqrstuvxy"),
                 ["ART-01", *(f"ART-01/PT-{letter}" for letter in "abcdđeghiklmnopqrstuvxy")],
                 id="points-directly-under-an-article-through-the-alphabet"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STRUCTURES)
def test_a_text_gives_these_addresses(text: str, expected: list[str]) -> None:
    """Without it one of the hard cases of real laws could be cut wrongly."""
    source = text.encode()
    made = cut(source, "D", VIETNAMESE_LAW)

    assert addresses(made) == expected
    assert reassemble(source, [region for unit in made.units for region in unit.regions]) == source


HEADINGS = [
    pytest.param("Chương I.\n\nCHẾ ĐỘ CHÍNH TRỊ\n\nĐiều 1.\n", ("I", "CHẾ ĐỘ CHÍNH TRỊ"), id="two-lines-below"),
    pytest.param("Chương I\nQUYỀN CON NGƯỜI,\nQUYỀN CÔNG DÂN\nĐiều 1.\n", ("I", "QUYỀN CON NGƯỜI, QUYỀN CÔNG DÂN"),
                 id="two-title-lines"),
    pytest.param("Chương I:NHỮNG QUY ĐỊNH CHUNG\nĐiều 1.\n", ("I", "NHỮNG QUY ĐỊNH CHUNG"), id="after-a-colon"),
    pytest.param("Phần thứ nhất\nNHỮNG QUY ĐỊNH CHUNG\nĐiều 1.\n", ("thứ nhất", "NHỮNG QUY ĐỊNH CHUNG"), id="ordinal"),
    pytest.param("Điều 1. Tên gọi  \nChữ.\n", ("1", "Tên gọi"), id="article-title"),
    pytest.param("Điều 1.\nChữ.\n", ("1", None), id="article-without-title"),
    pytest.param(f"Điều\u00a0\uff11. {nfd('Tên gọi')}\nChữ.\n", ("\uff11", nfd("Tên gọi")), id="print-form-is-kept"),
    pytest.param("Phụ lục IV\n(Kèm theo Luật)\nDANH MỤC\nSTT\tTên\n", ("IV", "DANH MỤC"), id="annex-title"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HEADINGS)
def test_the_number_and_the_title_are_as_printed(text: str, expected: tuple[str, str | None]) -> None:
    """Without it a title could be lost, taken from the text below, or silently normalised."""
    first = cut(text.encode(), "D", VIETNAMESE_LAW).units[0]

    assert (first.number_raw, first.heading) == expected


DOUBTS = [
    pytest.param("Điều 1.\nĐiều 3.\nĐiều 4.\n", [(DoubtCode.GAP, 2, 1, "ART-03_taken")], id="gap-in-articles-is-taken"),
    pytest.param("Điều 1.\nĐiều 3.\nĐiều 2.\n", [(DoubtCode.GAP, 2, 1, "ART-03_refused")],
                 id="number-that-comes-later"),
    pytest.param("Điều 1.\nĐiều 99.\n", [(DoubtCode.GAP, 2, 1, "ART-99_refused")], id="jump-too-far"),
    pytest.param("Điều 1.\n1. A\n3. C\n", [(DoubtCode.GAP, 3, 1, "CL-3_refused")], id="gap-in-clauses-is-text"),
    pytest.param("Điều 1.\n  1. A\n  1. B\n", [(DoubtCode.REPEATED, 3, 3, "CL-1_refused")], id="repeated"),
    pytest.param("Điều 1.\na) A\nđ) Đ\n",
                 [(DoubtCode.AMBIGUOUS_TAIL, 3, 1, "PT"), (DoubtCode.GAP, 3, 1, "PT-dd_refused")], id="point-in-ascii"),
    pytest.param("1. A\nĐiều 1.\n", [(DoubtCode.HEADING_REFUSED, 1, 1, "CL-1_refused")], id="no-article-is-open"),
    pytest.param("Điều 1.\nĐiều 2 của Luật.\n", [(DoubtCode.HEADING_REFUSED, 2, 1, "ART-02_refused")], id="prose"),
    pytest.param("Điều 1.\nBỏ dấu “ và ””.\n", [(DoubtCode.UNBALANCED_QUOTE, 2, 14, "no_partner")], id="quote"),
    pytest.param("Điều 1.\n1. A:\na) B.\nChữ sau.\n2. C\n", [(DoubtCode.AMBIGUOUS_TAIL, 4, 1, "PT")], id="tail"),
    pytest.param("Điều 1.\n1. A:\na) B;\nChữ giữa;\nb) C.\n", [], id="text-between-points-is-sure"),
    pytest.param("Điều 1.\n\nnguye\u0302n\n", [(DoubtCode.MIXED_NORMAL_FORMS, 3, 1, "lines_1")], id="mixed-forms"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOUBTS)
def test_what_is_not_sure_is_reported_with_its_place(text: str, expected: list[tuple[object, ...]]) -> None:
    """Without it a heading could be refused, or a gap taken, and nobody would know."""
    assert [tuple(doubt) for doubt in cut(text.encode(), "D", VIETNAMESE_LAW).doubts] == expected


STOPS = [
    pytest.param(b"", StopCode.STOP_TEXT_EMPTY, "byte_0", id="empty"),
    pytest.param("\ufeff \r\n\u00a0\n".encode(), StopCode.STOP_TEXT_EMPTY, "byte_0", id="nothing-visible"),
    pytest.param("Điều 1.".encode("utf-16"), StopCode.STOP_TEXT_NOT_UTF8, "byte_0", id="utf-16"),
    pytest.param("Điều 1.\nab".encode() + b"\xff", StopCode.STOP_TEXT_NOT_UTF8, "byte_13", id="bad-byte"),
    pytest.param("Điều 1.".encode() + b"\0", StopCode.STOP_TEXT_NOT_UTF8, "nul_byte_10", id="nul"),
    pytest.param("Chỉ là văn xuôi.\nĐiều này.\n".encode(), StopCode.STOP_TEXT_WITHOUT_STRUCTURE, "lines_1_to_2",
                 id="prose-only"),
    pytest.param(b"a" * (LARGEST_TEXT + 1), StopCode.STOP_TEXT_TOO_LARGE, f"limit_{LARGEST_TEXT}_bytes", id="large"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "code", "detail"), STOPS)
def test_a_text_that_cannot_be_cut_is_refused_with_its_place(source: bytes, code: StopCode, detail: str) -> None:
    """Without it a bad text would end in a traceback, or in a cut that loses something."""
    with pytest.raises(Stop) as stopped:
        cut(source, "D", VIETNAMESE_LAW)

    assert (stopped.value.code, stopped.value.detail) == (code, detail)


def test_a_unit_has_its_columns() -> None:
    """Without it a column of a unit could hold another thing than its name says."""
    source = "Chương I\nTÊN\nĐiều 5.\nChữ.\n1. Một:\na) A;\nb) B;\nc) C;\nd) D;\nđ) Đ.\n".encode()
    chapter, article, clause, *_, point = cut(source, "ICX-CONST", VIETNAMESE_LAW).units

    assert (chapter.rank, article.rank, clause.rank) == (Rank.CONTAINER, Rank.BASIC, Rank.SUB)
    assert point.address == "ICX-CONST/CH-01/ART-05/CL-1/PT-đ"
    assert point.short_address == "ICX-CONST/ART-05/CL-1/PT-đ"
    assert point.address_ascii == "ICX-CONST/CH-01/ART-05/CL-1/PT-dd"
    assert point.parent_address == clause.address
    assert (chapter.parent_address, article.parent_address) == (None, chapter.address)
    assert (point.ordinal, point.number_raw, point.heading, point.body) == (5, "đ", None, "đ) Đ.\n")
    assert article.body == "Điều 5.\nChữ.\n"
    assert (point.sort_key, clause.sort_key) == ("11.11.11.15", "11.11.11")
    assert "Chữ" not in repr(article)


def test_sort_keys_keep_document_order_beyond_nine_siblings() -> None:
    """Without it clause 10 would sort before clause 2."""
    source = ("Điều 1.\n" + "".join(f"{n}. Khoản\n" for n in range(1, 1201))).encode()
    keys = [unit.sort_key.encode() for unit in cut(source, "D", VIETNAMESE_LAW).units]

    assert keys == sorted(keys)
    assert dict(counts(cut(source, "D", VIETNAMESE_LAW))) == {"ART": 1, "CL": 1200}


def test_the_ascii_alias_does_not_collide() -> None:
    """Without it point đ could get the alias of another point, and the alias column its unique violation."""
    points = "".join(f"{letter}) X\n" for letter in "abcdđeghiklmnopqrstuvxy")
    articles = "".join(f"Điều 5{letter}.\n" for letter in "abcdđeghiklmnopqrstuvxy")
    made = cut(f"Điều 1.\n{points}Điều 5.\n{articles}".encode(), "D", VIETNAMESE_LAW)

    assert len({unit.address_ascii for unit in made.units}) == len(made.units) == 48
    assert all(unit.address_ascii.isascii() for unit in made.units)


def test_headings_of_markdown_have_their_titles() -> None:
    """Without it a heading that may be underlined would be read as one, with its number signs as the title's."""
    made = cut(b"# T\n\n## A ##\n\ntext\n\nB\n---\n\nC\n===\n", "D", shipped_profile("markdown"))

    assert [(unit.address, unit.heading) for unit in made.units] == [
        ("D/TTL-1", "T"),
        ("D/TTL-1/SEC-1", "A"),
        ("D/TTL-1/SEC-2", "B"),
        ("D/TTL-2", "C"),
    ]


def test_one_missing_clause_is_a_gap_and_the_rest_is_found() -> None:
    """Without it a clause that was deleted would turn all clauses behind it into text of the one before."""
    made = cut("Điều 1. A\n1. Một.\n3. Ba.\n4. Bốn.\nĐiều 2. B\n1. Một.\n3. Ba.\n".encode(), "D", VIETNAMESE_LAW)

    assert addresses(made) == ["ART-01", *(f"ART-01/CL-{n}" for n in (1, 3, 4)), "ART-02", "ART-02/CL-1"]
    assert [(doubt.code, doubt.line, doubt.detail) for doubt in made.doubts] == [
        (DoubtCode.GAP, 3, "CL-3_taken"),
        (DoubtCode.GAP, 7, "CL-3_refused"),
    ]


def test_a_table_of_contents_ends_where_its_first_entry_comes_again() -> None:
    """Without it the contents would take the addresses, and the body would be refused as repeated."""
    text = "MỤC LỤC\nChương I. Chung ..... 1\nĐiều 1. A .... 1\nChương I\nCHUNG\nĐiều 1. A\nChữ.\n"
    made = cut(text.encode(), "D", VIETNAMESE_LAW)

    assert [(unit.address, unit.line) for unit in made.units] == [
        ("D/FRONT-1", 1),
        ("D/CH-01", 4),
        ("D/CH-01/ART-01", 6),
    ]


APPENDED = """format: cutter.profile/1
id: own.manual
title: {en: A manual with appendices}
language: en
levels:
  - {id: annex, type: ANX, rank: zone, within: [document], numbers: [decimal], path: true, run: through, opaque: true}
  - {id: section, type: SEC, rank: basic, within: [document], words: [Section], numbers: [decimal], run: through}
  - {id: part, type: PT, rank: sub, within: [section, annex], numbers: [decimal], path: true, title: line}
  - {id: subpart, type: SPT, rank: sub, within: [part], numbers: [decimal], path: true, title: line}
"""


def test_inside_an_annex_nothing_else_is_recognised_whatever_a_line_can_also_be() -> None:
    """Without it a row of an annex that can be read as two levels would become a unit of the one that is closed."""
    profile = parse_profile(APPENDED.encode(), "own.manual.yaml", "own.manual")
    made = cut(b"Section 1\ntext\n1 annex\n1.1 a row\n1.2.7 a row\n2 annex\n", "D", profile)

    assert addresses(made) == ["SEC-1", "ANX-1", "ANX-2"]


def test_a_number_with_letters_behind_z_is_no_gap() -> None:
    """Without it labels that an Act inserts into another one (1.aa) would become units of the Act itself."""
    labels = ("1", "1.1", "1.1.a", "1.1.b", "1.1.aa", "1.1.c")
    text = "Identifier: x\n\n### Part\n\n##### Title\n\n" + "".join(f"{label}\n\ntext\n\n" for label in labels)
    made = cut(text.encode(), "D", shipped_profile("uk.act"))

    assert [unit.number_raw for unit in made.units if unit.type == "PT"] == ["1.1.a", "1.1.b", "1.1.c"]

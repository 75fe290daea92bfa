"""Citations: what people write leads to the unit that they mean, or stops; what is written for a unit leads back."""

import time
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter.custody.profiles import shipped_profile
from cutter.cutting import cut
from cutter.cutting.citations.citation import LONGEST_CITATION, parse_citation
from cutter.cutting.citations.citing import cite
from cutter.cutting.citations.places import MOST_SUGGESTIONS, AddressBook, resolve
from cutter.stops import Stop, StopCode
from tests.support.cited import (
    CHARTER,
    CHARTER_UNITS,
    LAW,
    LAW_UNITS,
    REAL,
    REGULATION,
    REGULATION_UNITS,
    document_of,
    profile_of,
    source_of,
)

PROFILES = {"law": profile_of(LAW), "regulation": profile_of(REGULATION), "charter": profile_of(CHARTER)}
UNITS = {"law": LAW_UNITS, "regulation": REGULATION_UNITS, "charter": CHARTER_UNITS}
BOOKS = {
    name: AddressBook(document_of(UNITS[name], PROFILES[name]), PROFILES[name], ("Title", "The Title"))
    for name in PROFILES
}

POINT_A = "PART-01/CH-01/SEC-02/ART-05/CL-2/PT-a"
POINT_D = "PART-01/CH-01/SEC-02/ART-05/CL-2/PT-đ"
ARTICLE_5A = "PART-03/CH-15/SEC-01/ART-05a"
POINT_F = "CH-02/ART-06/CL-1/PT-f"
DEEP = "SEC-10/SEC-1/SEC-4/CL-2"

MEANT = [
    ("law", f"LAW-1/{POINT_A}", POINT_A),
    ("law", POINT_A, POINT_A),
    ("law", "ART-05/CL-2/PT-a", POINT_A),
    ("law", "law-1/art-5/cl-2/pt-A", POINT_A),
    ("law", "ART-05/CL-2/PT-dd", POINT_D),
    ("law", "PART-03/CH-15", "PART-03/CH-15"),
    ("law", "art_5__cl_2__point_a", POINT_A),
    ("law", "part_thứnhất__chp_I__sec_2__art_5__cl_2__point_a", POINT_A),
    ("law", "preface", "FRONT-1"),
    ("law", "điểm a khoản 2 Điều 5", POINT_A),
    ("law", "điểm a, khoản 2, Điều 5", POINT_A),
    ("law", "Điều 5 khoản 2 điểm a", POINT_A),
    ("law", "Điều 5 điểm a khoản 2", POINT_A),
    ("law", "khoản 2 của Điều 5 thuộc Chương I", "PART-01/CH-01/SEC-02/ART-05/CL-2"),
    ("law", "Chương I, khoản 2 Điều 5", "PART-01/CH-01/SEC-02/ART-05/CL-2"),
    ("law", "điểm a) khoản 2 Điều 5", POINT_A),
    ("law", "a khoản 2 Điều 5", POINT_A),
    ("law", "Điều 5.2.a", POINT_A),
    ("law", "Điều 5(2)(a)", POINT_A),
    ("law", "đ.a k.2 Đ.5", POINT_A),
    ("law", "Đ5 k2 đ.a", POINT_A),
    ("law", "ĐIỂM Đ KHOẢN 2 ĐIỀU 5", POINT_D),
    ("law", unicodedata.normalize("NFD", "điểm đ khoản 2 Điều 5"), POINT_D),
    ("law", "ðiểm ð khoản\u00a02 Ðiều\u00a05", POINT_D),
    ("law", "  điểm a \t khoản 2\nĐiều 5 ", POINT_A),
    ("law", "Khoản 1 Điều 5a", f"{ARTICLE_5A}/CL-1"),
    ("law", "Điều 05a", ARTICLE_5A),
    ("law", "Chương XV", "PART-03/CH-15"),
    ("law", "Chương 15", "PART-03/CH-15"),
    ("law", "Mục 1 Chương XV Phần thứ ba", "PART-03/CH-15/SEC-01"),
    ("law", "Mục 1, Chương 15, Phần III", "PART-03/CH-15/SEC-01"),
    ("law", "Phần thứ 3", "PART-03"),
    ("law", "Lời nói đầu", "PRE-1"),
    ("law", "Phụ lục IV", "ANX-04"),
    ("law", "Phụ lục 4", "ANX-04"),
    ("law", "Điều 5 Luật này", "PART-01/CH-01/SEC-02/ART-05"),
    ("law", "Điều 5 của The Title", "PART-01/CH-01/SEC-02/ART-05"),
    ("law", "The Title, Điều 5", "PART-01/CH-01/SEC-02/ART-05"),
    ("law", "Điều 5 của Title", "PART-01/CH-01/SEC-02/ART-05"),
    ("law", "dieu 5 khoan 2 diem a", POINT_A),
    ("law", "DIEU 5 KHOAN 2 DIEM D", "PART-01/CH-01/SEC-02/ART-05/CL-2/PT-d"),
    ("law", "Muc 1 cua Chuong XV", "PART-03/CH-15/SEC-01"),
    ("law", "Phan thu ba", "PART-03"),
    ("law", "LAW-1 Điều 5", "PART-01/CH-01/SEC-02/ART-05"),
    ("law", "khoản 1~2 Điều 6", "PART-03/CH-15/SEC-01/ART-06/CL-1~2"),
    ("law", "ART-06/CL-1", "PART-03/CH-15/SEC-01/ART-06/CL-1"),
    ("law", "TAIL-1 khoản 1 Điều 5a", f"{ARTICLE_5A}/CL-1/TAIL-1"),
    ("regulation", "Article 6(1)(f)", POINT_F),
    ("regulation", "Art. 6(1)(f)", POINT_F),
    ("regulation", "art 6 (1) (f)", POINT_F),
    ("regulation", "6(1)(f)", POINT_F),
    ("regulation", "point (f) of Article 6(1)", POINT_F),
    ("regulation", "paragraph 2 of Article 6", "CH-02/ART-06/CL-2"),
    ("regulation", "Article 6, paragraph 1, point f", POINT_F),
    ("regulation", "Article 6(1)(i)(i)", "CH-02/ART-06/CL-1/PT-i/SPT-i"),
    ("regulation", "Article 4(a)", "CH-01/ART-04/PT-a"),
    ("regulation", "recital 47", "REC-47"),
    ("regulation", "Recital (47)", "REC-47"),
    ("regulation", "art_6__para_1__point_f", POINT_F),
    ("charter", "§10.1.4.2", DEEP),
    ("charter", "10.1.4.2", DEEP),
    ("charter", "section 10.1", "SEC-10/SEC-1"),
    ("charter", "appendix 10.1", "APP-10/SEC-1"),
    ("charter", "10.2 of appendix 10", "APP-10/SEC-2"),
    ("charter", "Third Amendment", "AMD-03"),
    ("charter", "3rd amendment", "AMD-03"),
    ("charter", "Amendment III", "AMD-03"),
    ("charter", "Article 1", "ART-01"),
]


@pytest.mark.parametrize(("book", "text", "path"), MEANT, ids=[f"{book}: {text}" for book, text, _ in MEANT])
def test_a_citation_leads_to_its_unit(book: str, text: str, path: str) -> None:
    """Without it a usual way to cite would lead nowhere, or to another unit."""
    assert [unit.address for unit in BOOKS[book].resolve(text)] == [f"LAW-1/{path}"]


NOT_MEANT = [
    ("law", "", StopCode.STOP_INVALID_INPUT, "citation_empty"),
    ("law", " ,; ", StopCode.STOP_INVALID_INPUT, "citation_empty"),
    ("law", "LAW-1", StopCode.STOP_INVALID_INPUT, "citation_empty"),
    ("law", "Điều", StopCode.STOP_INVALID_INPUT, "citation_not_understood"),
    ("law", "Điều năm", StopCode.STOP_INVALID_INPUT, "citation_not_understood"),
    ("law", "Điều 5 và hơn nữa", StopCode.STOP_INVALID_INPUT, "citation_not_understood"),
    ("law", "Điều 5, 6", StopCode.STOP_INVALID_INPUT, "citation_not_understood"),
    ("law", "Điều 5 Bộ luật Dân sự", StopCode.STOP_INVALID_INPUT, "citation_not_understood"),
    ("law", "'; DROP TABLE units; --", StopCode.STOP_INVALID_INPUT, "citation_not_understood"),
    ("law", "x" * (LONGEST_CITATION + 1), StopCode.STOP_INVALID_INPUT, "citation_too_long"),
    ("law", "Điều 9", StopCode.STOP_UNIT_UNKNOWN, "not_found"),
    ("law", "điểm e khoản 2 Điều 5", StopCode.STOP_UNIT_UNKNOWN, "not_found"),
    ("law", "điểm a Điều 5", StopCode.STOP_UNIT_UNKNOWN, "not_found"),
    ("law", "khoản 2", StopCode.STOP_UNIT_UNKNOWN, "not_found"),
    ("law", "khoản 2 Điều 5 Chương XV", StopCode.STOP_UNIT_UNKNOWN, "not_found"),
    ("law", "art_5__cl_9", StopCode.STOP_UNIT_UNKNOWN, "not_found"),
    ("law", "OTHER-2/ART-05", StopCode.STOP_UNIT_UNKNOWN, "other_document"),
    ("law", "Mục 1", StopCode.STOP_UNIT_UNKNOWN, "ambiguous"),
    ("law", "khoản 1 Điều 6", StopCode.STOP_UNIT_UNKNOWN, "ambiguous"),
    ("charter", "section 10.2", StopCode.STOP_UNIT_UNKNOWN, "not_found"),
    ("charter", "section 4", StopCode.STOP_UNIT_UNKNOWN, "not_found"),
]


@pytest.mark.parametrize(
    ("book", "text", "code", "detail"), NOT_MEANT, ids=[f"{book}: {text[:40]}" for book, text, *_ in NOT_MEANT]
)
def test_a_citation_that_leads_nowhere_stops(book: str, text: str, code: StopCode, detail: str) -> None:
    """Without it a mistyped citation would show, or quote, a unit that nobody meant."""
    with pytest.raises(Stop) as caught:
        BOOKS[book].resolve(text)
    assert (caught.value.code, caught.value.detail) == (code, detail)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("điểm e khoản 2 Điều 5", "LAW-1/PART-01/CH-01/SEC-02/ART-05/CL-2"),
        ("khoản 9 Điều 5", "LAW-1/PART-01/CH-01/SEC-02/ART-05/CL-2"),
        ("Điều 5b", "LAW-1/PART-03/CH-15/SEC-01/ART-05a"),
        ("art_5__cl_2__point_b", "LAW-1/PART-01/CH-01/SEC-02/ART-05/CL-2/PT-a"),
        ("Mục 1", "LAW-1/PART-03/CH-15/SEC-01"),
        ("khoản 2", "LAW-1/PART-01/CH-01/SEC-02/ART-05/CL-2"),
    ],
)
def test_a_stop_says_what_was_probably_meant(text: str, nearest: str) -> None:
    """Without it somebody who mistyped would have to search the whole document."""
    with pytest.raises(Stop) as caught:
        BOOKS["law"].resolve(text)
    assert nearest in caught.value.suggestions
    assert len(caught.value.suggestions) <= MOST_SUGGESTIONS


WRITTEN = [
    ("law", "vi", POINT_A, "điểm a khoản 2 Điều 5"),
    ("law", "vi", "PART-03/CH-15", "Chương XV"),
    ("law", "vi", "PART-03/CH-15/SEC-01", "Mục 1 Chương XV"),
    ("law", "vi", "PART-01/CH-01/SEC-02", "Mục 2 Chương I"),
    ("law", "vi", "PART-03", "Phần THỨ BA"),
    ("law", "vi", "FRONT-1", "phần mở đầu"),
    ("law", "vi", f"{ARTICLE_5A}/CL-1/QS-1", "đoạn trích 1 khoản 1 Điều 5a"),
    ("law", "vi", f"{ARTICLE_5A}/CL-1/TAIL-1", "TAIL-1 khoản 1 Điều 5a"),
    ("law", "vi", "PART-03/CH-15/SEC-01/ART-06/CL-1~2", "PART-03/CH-15/SEC-01/ART-06/CL-1~2"),
    ("law", "vi.short", POINT_D, "đ.đ k.2 Đ.5"),
    ("law", "en", POINT_A, "Article 5(2)(a)"),
    ("law", "en", "PART-03", "Part 3"),
    ("regulation", "en", POINT_F, "Article 6(1)(f)"),
    ("regulation", "en.full", POINT_F, "point (f) of Article 6(1)"),
    ("regulation", "en", "REC-47", "recital 47"),
    ("charter", "en", DEEP, "section 10.1.4.2"),
    ("charter", "en", "SEC-10/SEC-1/SEC-4/CL-3", "section 10.1.4.3"),
    ("charter", "en", "APP-10/SEC-1", "appendix 10.1"),
    ("charter", "en", "AMD-03", "Amendment III"),
]


@pytest.mark.parametrize(
    ("book", "style", "path", "words"), WRITTEN, ids=[f"{style}: {words}" for _, style, _, words in WRITTEN]
)
def test_a_unit_is_cited_as_people_write(book: str, style: str, path: str, words: str) -> None:
    """Without it the words for a unit could change without anybody looking."""
    (unit,) = BOOKS[book].resolve(path)
    assert cite(BOOKS[book], unit, style) == words


@pytest.mark.parametrize("name", PROFILES)
def test_what_is_written_leads_back(name: str) -> None:
    """Without it a citation that cutter wrote could name another unit than the one it was written for."""
    book = BOOKS[name]
    for style in PROFILES[name].citations:
        for unit in book.cut.units:
            words = cite(book, unit, style, "The Title")
            assert (words, book.resolve(words)) == (words, (unit,))


def test_the_title_is_named_as_the_style_says() -> None:
    """Without it a citation outside its document would not say of which document it is."""
    (unit,) = BOOKS["regulation"].resolve("Article 6(1)(f)")
    assert cite(BOOKS["regulation"], unit, "en", "the GDPR") == "Article 6(1)(f) of the GDPR"
    assert cite(BOOKS["regulation"], unit, "en", "{citation}") == "Article 6(1)(f) of {citation}"


def test_an_unknown_style_stops_with_those_there_are() -> None:
    """Without it a mistyped style would end in a traceback."""
    (unit,) = BOOKS["law"].resolve("Điều 5")
    with pytest.raises(Stop) as caught:
        cite(BOOKS["law"], unit, "fr")
    assert (caught.value.detail, caught.value.suggestions) == ("style_unknown", ("en", "vi", "vi.short"))


def test_a_unit_of_another_document_is_not_cited() -> None:
    """Without it a unit could be cited by a place that another document has at the same byte."""
    (unit,) = BOOKS["regulation"].resolve("Article 6")
    with pytest.raises(Stop) as caught:
        cite(BOOKS["law"], unit, "vi")
    assert caught.value.code is StopCode.STOP_UNIT_UNKNOWN


@given(st.text(max_size=300) | st.text(alphabet="điểm khoảnĐiều0123459axv.,;()[]/~-_§ \u00a0\u0301", max_size=300))
def test_no_text_does_more_than_stop(text: str) -> None:
    """Without it something typed by hand could end in a traceback."""
    for name, book in BOOKS.items():
        with suppress(Stop):
            assert parse_citation(text, PROFILES[name]).groups or "_" in text or text.strip().isalpha()
        with suppress(Stop):
            assert len(book.resolve(text)) == 1


HOSTILE = ["(", "đ ", "1.", "i.i", "§", "((1)", "Mục 1 ", "Mục 1/", "CL-1/", "a_", "\u0301", "thứ ", "của ", "~1"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_refused_fast(piece: str) -> None:
    """Without it a long citation from outside could hold a process for minutes."""
    begun = time.process_time()
    for size in (LONGEST_CITATION, 100_000):
        text = (piece * (size // len(piece) + 1))[:size]
        for end in ("", "!"):
            try:
                BOOKS["law"].resolve(text[: size - 1] + end)
            except Stop:
                continue
    assert time.process_time() - begun < 1


def test_many_citations_of_one_document_are_linear() -> None:
    """Without it the references of a long law would take time with the square of their number."""
    units = "\n".join(f"ART-{number} {number}\nART-{number}/CL-1 1" for number in range(1, 20_001))
    book = AddressBook(document_of(units, PROFILES["law"]), PROFILES["law"])
    begun = time.process_time()
    for number in range(1, 5001):
        citation = parse_citation(f"khoản 1 Điều {number}", PROFILES["law"])
        assert len(book.look_up(citation)) == 1
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(("profile_id", "name"), REAL)
def test_every_unit_of_a_real_document_is_found_by_what_it_is_called(profile_id: str, name: str) -> None:
    """Without it an address, or a citation that cutter writes, could lead to another unit of a real document."""
    profile = shipped_profile(profile_id)
    book = AddressBook(cut(source_of(name), "DOC-1", profile), profile)
    for unit in book.cut.units:
        names = [unit.address, unit.short_address, unit.address_ascii, unit.address.removeprefix("DOC-1/")]
        names.extend(cite(book, unit, style) for style in profile.citations)
        assert [(text, book.resolve(text)[0].address) for text in names] == [(text, unit.address) for text in names]


def test_one_citation_needs_no_book() -> None:
    """Without it a caller with one citation would have to know of the index."""
    assert resolve(BOOKS["law"].cut, "Điều 6", PROFILES["law"])[0].address.endswith("ART-06")


def test_the_last_of_many_that_repeat_is_found() -> None:
    """Without it an address would lead nowhere in a document that repeats one number very often."""
    units = "ART-1 1\nART-1/CL-1 1\n" + "\n".join(f"ART-1/CL-1~{number} 1" for number in range(2, 1000))
    book = AddressBook(document_of(units, PROFILES["law"]), PROFILES["law"])
    assert book.resolve("ART-1/CL-1~999")[0].address == "LAW-1/ART-1/CL-1~999"
    assert book.resolve("ART-1/CL-1")[0].address == "LAW-1/ART-1/CL-1"

"""Citations in the shipped profiles, as lawyers write and type them: numbers with dots, names, no marks on letters."""

import pytest

from cutter.custody.profiles import shipped_profile
from cutter.cutting import cut
from cutter.cutting.citations.citing import cite
from cutter.cutting.citations.places import AddressBook
from cutter.stops import Stop
from tests.support.cited import source_of

REGULATION = """QUY CHẾ LƯU TRỮ

Chương I
QUY ĐỊNH CHUNG
Mục 1
HỒ SƠ
Điều 1. Hồ sơ
1. Hồ sơ gồm:
a) Hồ sơ giấy:
a.1) Bản chính;
a.2) Bản sao;
b) Hồ sơ khác.
2. Cách lập:
2.1. Trong ba ngày;
2.2. Có số.
Mục 2
SỔ
Điều 2. Sổ
Theo Điều 1 Quy định này.
"""
POLICY = """Article 1. Purpose
1. To protect:
(a) clients;
(b) staff.

Article 2. Scope
Everybody.

Article 3. Force
At once.
"""
BOOKS = {
    "vi": AddressBook(cut(REGULATION.encode(), "QUY-CHE", shipped_profile("vi.law")), shipped_profile("vi.law")),
    "en": AddressBook(
        cut(POLICY.encode(), "POLICY", shipped_profile("en.rules")),
        shipped_profile("en.rules"),
        ("Information Policy",),
    ),
}
POINT = "QUY-CHE/CH-01/SEC-01/ART-01/CL-1/PT-a/SPT-1"
CLAUSE = "QUY-CHE/CH-01/SEC-01/ART-01/CL-2/CL-1"


@pytest.mark.parametrize(
    ("address", "style", "words"),
    [
        (POINT, "vi", "điểm a.1 khoản 1 Điều 1"),
        (POINT, "vi.short", "đ.a.1 k.1 Đ.1"),
        (POINT, "en", "Article 1(1)(a.1)"),
        (POINT, "en.full", "Point a.1, Clause 1, Article 1"),
        (CLAUSE, "vi", "khoản 2.1 Điều 1"),
        (CLAUSE, "en", "Article 1(2.1)"),
        ("ART-01/CL-1/PT-a", "en", "Article 1(1)(a)"),
        ("SEC-02", "vi", "Mục 2 Chương I"),
    ],
)
def test_a_number_with_dots_is_cited_as_printed(address: str, style: str, words: str) -> None:
    """Without it the point printed a.1) would be cited as `điểm 1 điểm a`, which nobody writes or finds."""
    book = BOOKS["vi"]
    (unit,) = book.resolve(address)
    assert cite(book, unit, style) == words
    assert book.resolve(words) == (unit,)


@pytest.mark.parametrize(
    ("book", "text", "address"),
    [
        ("vi", "điểm a.1) khoản 1 Điều 1 Quy định này", POINT),
        ("vi", "khoan 1 dieu 1 cua Noi quy nay", "QUY-CHE/CH-01/SEC-01/ART-01/CL-1"),
        ("vi", "DIEU 1 KHOAN 1 DIEM A.1", POINT),
        ("en", "Article 1(1)(a) of this Policy", "POLICY/ART-01/CL-1/PT-a"),
        ("en", "Article 1(1)(a) of the Information Policy", "POLICY/ART-01/CL-1/PT-a"),
        ("en", "Information Policy, Article 1(1)(a)", "POLICY/ART-01/CL-1/PT-a"),
        ("en", "POLICY, Article 1(1)(a)", "POLICY/ART-01/CL-1/PT-a"),
    ],
)
def test_what_lawyers_type_is_understood(book: str, text: str, address: str) -> None:
    """Without it a document's own name, or a keyboard without Vietnamese letters, would make a citation unreadable."""
    assert [unit.address for unit in BOOKS[book].resolve(text)] == [address]


def test_a_refusal_names_the_rest_and_the_words_that_there_are() -> None:
    """Without it a user who wrote two citations in one would not see at which word it ended, or what is known."""
    with pytest.raises(Stop) as caught:
        BOOKS["vi"].resolve("khoản 1 và khoản 2 Điều 1")
    assert (caught.value.where, caught.value.found) == ("character 9", "và khoản 2 điều 1")
    assert "Điều, khoản, điểm" in caught.value.needed


def test_a_clause_without_its_article_is_refused_with_those_there_are() -> None:
    """Without it `khoản 1` would be refused with nothing to go on, though clauses of that number stand there."""
    with pytest.raises(Stop) as caught:
        BOOKS["vi"].resolve("khoản 1")
    assert caught.value.suggestions == ("QUY-CHE/CH-01/SEC-01/ART-01/CL-1", CLAUSE)


def test_the_words_for_an_amendment_are_english() -> None:
    """Without it a section of an article was cited as `Section 8 of the Article I`."""
    profile = shipped_profile("us.constitution")
    book = AddressBook(cut(source_of("us-constitution.txt"), "US", profile), profile)
    (unit,) = book.resolve("Article I, Section 8")
    assert cite(book, unit, "en.ordinal") == "Section 8, Article I"
    (unit,) = book.resolve("Section 1 of the Fourteenth Amendment")
    assert cite(book, unit, "en.ordinal") == "Section 1, Fourteenth Amendment"

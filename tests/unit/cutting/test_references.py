"""Cross-references: which units a text means, which citations belong elsewhere, and which lead nowhere."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutter.cutting import Cut, cut
from cutter.cutting.doubts import DoubtCode
from cutter.cutting.profile import (
    CitationStyle,
    Level,
    Profile,
    Quotes,
    Rank,
    ReferenceWords,
    Run,
    Series,
)
from cutter.cutting.referring.references import Reason, Reference, find_references, unresolved_references
from tests.support.profiles import VIETNAMESE_AMENDING

LETTERS = Series(letters="abcdđeghiklmnopqrstuvxy")
LATIN = Series(letters="abcdefghijklmnopqrstuvwxyz")
QUOTES = Quotes(opening="“", closing="”", plain='"')

VIETNAMESE = Profile(
    format="cutter.profile/1",
    id="test.vi",
    title={"en": "Vietnamese"},
    language="vi",
    suffixes="abcdđeghik",
    ascii=(("đ", "dd"),),
    quotes=QUOTES,
    levels=(
        Level(
            "chapter", "CH", Rank.CONTAINER, ("document",), words=("Chương",), numbers=("roman",), pad=2, run=Run.EITHER
        ),
        Level(
            "article",
            "ART",
            Rank.BASIC,
            ("document", "chapter"),
            words=("Điều",),
            numbers=("decimal",),
            pad=2,
            run=Run.THROUGH,
        ),
        Level("clause", "CL", Rank.SUB, ("article",), numbers=("decimal",), closes="."),
        Level("point", "PT", Rank.SUB, ("clause", "article"), numbers=(LETTERS,), closes=")"),
    ),
    references=ReferenceWords(
        singular={"CL": ("khoản",), "PT": ("điểm",)},
        plural={"ART": ("các điều",), "CL": ("các khoản",), "PT": ("các điểm",)},
        conjunctions=("và", "hoặc"),
        ranges=("đến",),
        from_words=("từ",),
        between=("của",),
        this_after=("này",),
        previous_after=("trước",),
        compounds=("hiến chương", "thời điểm"),
        here=(r"(?:Bộ luật|Luật)\snày",),
        external=(r"(?:Bộ luật|Luật|Nghị định)(?!\w)",),
        amending=VIETNAMESE_AMENDING,
    ),
)

ENGLISH = Profile(
    format="cutter.profile/1",
    id="test.en",
    title={"en": "English"},
    language="en",
    suffixes="abc",
    levels=(
        Level(
            "article",
            "ART",
            Rank.BASIC,
            ("document",),
            words=("Article",),
            numbers=("decimal",),
            pad=2,
            run=Run.THROUGH,
        ),
        Level("paragraph", "CL", Rank.SUB, ("article",), numbers=("decimal",), closes="."),
        Level("point", "PT", Rank.SUB, ("article", "paragraph"), numbers=(LATIN,), opens="(", closes=")"),
    ),
    references=ReferenceWords(
        singular={"CL": ("paragraph",), "PT": ("point",)},
        plural={"ART": ("Articles",), "CL": ("paragraphs",), "PT": ("points",)},
        conjunctions=("and", "or"),
        ranges=("to",),
        between=("of", "in"),
        this_before=("this",),
        previous_before=("the preceding",),
        here=(r"this\sRegulation",),
        external=(r"(?:the\s)?(?:TFEU|Treaty|Directive)",),
    ),
    citations={
        "en": CitationStyle(order="outer_first", join=", ", parts={"ART": "Article {n}"}, itself=("this Regulation",))
    },
)

PATHS = Profile(
    format="cutter.profile/1",
    id="test.paths",
    title={"en": "Paths"},
    language="en",
    levels=(
        Level(
            "section",
            "SEC",
            Rank.BASIC,
            ("document",),
            numbers=("decimal",),
            closes=".",
            columns=(0, 0),
            pad=2,
            run=Run.THROUGH,
        ),
        Level("section2", "SEC", Rank.SUB, ("section",), numbers=("decimal",), closes=".", path=True, columns=(0, 0)),
        Level("item", "CL", Rank.SUB, ("section", "section2"), numbers=("decimal",), opens="(", closes=")"),
    ),
    references=ReferenceWords(
        singular={"SEC": ("section", "§")},
        plural={"SEC": ("sections",)},
        conjunctions=("and",),
        external=(r"RFC\s[0-9]+",),
        between=("of",),
    ),
)

LAW = """Chương I
Điều 1. Một
1. Mở đầu.
2. {text}
3. Cuối:
a) A;
b) B;
c) C;
d) D;
đ) Đ.
Điều 2. Hai
1. Một.
2. Hai:
a) A;
b) B.
Điều 3. Ba
Điều 4. Bốn
Chương II
Điều 5. Năm
1. Một.
"""

RULES = """Article 1
1. First.
2. {text}
3. Third:
(a) one;
(b) two.
Article 2
1. First:
(a) one;
(b) two.
2. Second.
Article 3
Text.
"""

SECTIONS = """1. Scope
{text}
(1) One.
(2) Two.
2. Terms
2.1. First
(1) One.
2.2. Second
"""


def references(profile: Profile, law: str, text: str) -> list[Reference]:
    """The references of the text in its place, with targets below the document."""
    return list(find_references(cut(law.format(text=text).encode(), "DOC", profile), profile))


def targets(found: list[Reference]) -> list[str]:
    """All targets below the document."""
    return [target.removeprefix("DOC/") for reference in found for target in reference.targets]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("Theo Điều 5.", ["CH-02/ART-05"], id="article"),
        pytest.param("Theo Điều này.", ["CH-01/ART-01"], id="this-article"),
        pytest.param("Theo khoản này.", ["CH-01/ART-01/CL-2"], id="this-clause"),
        pytest.param("Theo khoản 1 Điều này.", ["CH-01/ART-01/CL-1"], id="clause-of-this-article"),
        pytest.param("Theo khoản 3.", ["CH-01/ART-01/CL-3"], id="clause-beside"),
        pytest.param("Theo khoản trước.", ["CH-01/ART-01/CL-1"], id="clause-before"),
        pytest.param("điểm đ khoản 3 Điều 1", ["CH-01/ART-01/CL-3/PT-đ"], id="point"),
        pytest.param(
            "điểm a và điểm b khoản 2 Điều 2", ["CH-01/ART-02/CL-2/PT-a", "CH-01/ART-02/CL-2/PT-b"], id="points"
        ),
        pytest.param("các điểm a, b và đ khoản 3 Điều này", [f"CH-01/ART-01/CL-3/PT-{x}" for x in "abđ"], id="list"),
        pytest.param("các khoản 1, 2 và 3 Điều này", [f"CH-01/ART-01/CL-{x}" for x in "123"], id="clauses"),
        pytest.param("Điều 3 và Điều 4", ["CH-01/ART-03", "CH-01/ART-04"], id="two-articles"),
        pytest.param("khoản 1 và khoản 2 Điều 2", ["CH-01/ART-02/CL-1", "CH-01/ART-02/CL-2"], id="shared-article"),
        pytest.param("khoản 1 Điều 5 và khoản 2 Điều 2", ["CH-02/ART-05/CL-1", "CH-01/ART-02/CL-2"], id="two-chains"),
        pytest.param("từ Điều 2 đến Điều 5", [*(f"CH-01/ART-0{x}" for x in "234"), "CH-02/ART-05"], id="range"),
        pytest.param("các điều từ 2 đến 4", [f"CH-01/ART-0{x}" for x in "234"], id="range-of-numbers"),
        pytest.param(
            "các điều 3, 4 và 5 của Luật này", ["CH-01/ART-03", "CH-01/ART-04", "CH-02/ART-05"], id="this-law"
        ),
        pytest.param("Chương II", ["CH-02"], id="chapter"),
        pytest.param("Điều 5 có 30 ngày", ["CH-02/ART-05"], id="a-count-is-no-number"),
        pytest.param("Điều 3 và 04 bản sao", ["CH-01/ART-03"], id="a-count-goes-on-no-list"),
        pytest.param("Ðiều\u00a05", ["CH-02/ART-05"], id="eth-and-no-break-space"),
        pytest.param("Đie\u0302\u0300u 5", ["CH-02/ART-05"], id="decomposed"),
        pytest.param("Hiến chương này, thời điểm này", [], id="compounds"),
        pytest.param("điều kiện, khoản tiền, phần ba", [], id="prose"),
        pytest.param("gọi là “Điều 5 và Điều 3”", [], id="in-quotation-marks"),
    ],
)
def test_vietnamese_references(text: str, wanted: list[str]) -> None:
    """Without it a reader of a law is led to another clause than the text means."""
    found = references(VIETNAMESE, LAW, text)
    assert targets(found) == wanted
    assert all(reference.reason is None for reference in found)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("See Article 2(1)(b).", ["ART-02/CL-1/PT-b"], id="brackets"),
        pytest.param("Articles 2 and 3 apply.", ["ART-02", "ART-03"], id="plural"),
        pytest.param("Article 2(1) and (2)", ["ART-02/CL-1", "ART-02/CL-2"], id="brackets-listed"),
        pytest.param("point (a) of Article 2(1)", ["ART-02/CL-1/PT-a"], id="point-of"),
        pytest.param("points (a) and (b) of paragraph 3", ["ART-01/CL-3/PT-a", "ART-01/CL-3/PT-b"], id="points-of"),
        pytest.param("paragraphs 1 to 3 of this Article", [f"ART-01/CL-{x}" for x in "123"], id="range"),
        pytest.param("Articles 1 to 3", ["ART-01", "ART-02", "ART-03"], id="articles"),
        pytest.param(
            "paragraph 1 and point (a) of Article 2(1)", ["ART-01/CL-1", "ART-02/CL-1/PT-a"], id="not-its-holder"
        ),
        pytest.param("Article 2, paragraph 2", ["ART-02/CL-2"], id="outer-first"),
        pytest.param("the preceding paragraph", ["ART-01/CL-1"], id="preceding"),
        pytest.param("this paragraph", ["ART-01/CL-2"], id="this"),
        pytest.param("Article 3\nof this Regulation", ["ART-03"], id="over-a-line-end"),
        pytest.param("Article 2 and 30 days", ["ART-02"], id="a-count"),
        pytest.param("a point of view in this part", [], id="prose"),
    ],
)
def test_english_references(text: str, wanted: list[str]) -> None:
    """Without it bracketed numbers, lists and ranges of English texts lead to wrong units."""
    found = references(ENGLISH, RULES, text)
    assert targets(found) == wanted
    assert all(reference.reason is None for reference in found)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("see section 2.1", ["SEC-02/SEC-1"], id="path"),
        pytest.param("§2.1(1)", ["SEC-02/SEC-1/CL-1"], id="sign-and-brackets"),
        pytest.param("sections 2.1 and 2.2", ["SEC-02/SEC-1", "SEC-02/SEC-2"], id="plural"),
    ],
)
def test_paths_run_from_the_top(text: str, wanted: list[str]) -> None:
    """Without it section 2.1 would be looked for inside the section that cites it."""
    assert targets(references(PATHS, SECTIONS, text)) == wanted


@pytest.mark.parametrize(
    ("profile", "law", "text"),
    [
        pytest.param(VIETNAMESE, LAW, "Điều 5 của Luật Đầu tư", id="named-law"),
        pytest.param(VIETNAMESE, LAW, "Điều 99 Nghị định số 1", id="named-decree"),
        pytest.param(VIETNAMESE, LAW, "Sửa đổi, bổ sung Điều 99 như sau:", id="amended"),
        pytest.param(ENGLISH, RULES, "Article 263 TFEU", id="treaty"),
        pytest.param(ENGLISH, RULES, "Article 2 of the Treaty", id="of-the-treaty"),
        pytest.param(PATHS, SECTIONS, "section 2.1 of RFC 822", id="rfc"),
    ],
)
def test_references_to_other_documents_are_no_doubt(profile: Profile, law: str, text: str) -> None:
    """Without it every citation of another law would lead into this one, or be reported as a mistake."""
    found = references(profile, law, text)
    assert [(reference.reason, reference.targets) for reference in found] == [(Reason.EXTERNAL, ())]
    assert list(unresolved_references(found)) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        pytest.param("Điều 99", ("ART-99",), id="no-article"),
        pytest.param("điểm đ khoản 9 Điều này", ("ART-this/CL-9/PT-dd",), id="no-clause"),
        pytest.param("Điều 3 và Điều 99", ("ART-99",), id="one-of-two"),
        pytest.param("điểm a Điều 1a", ("ART-01a/PT-a",), id="inserted"),
        pytest.param("từ Điều 4 đến Điều 2", ("ART-02",), id="range-backwards"),
    ],
)
def test_unresolved_references_are_doubts_with_their_place(text: str, missing: tuple[str, ...]) -> None:
    """Without it a citation of a unit that is not there would be lost, or text would stand in a doubt."""
    found = references(VIETNAMESE, LAW, f"Theo {text}.")
    assert [reference.missing for reference in found] == [missing]
    doubt = next(unresolved_references(found))
    assert (doubt.code, doubt.line, doubt.detail) == (DoubtCode.UNRESOLVED_REFERENCE, 4, ",".join(missing))
    assert doubt.detail.isascii()


@pytest.mark.parametrize("text", ["Theo Điều 5.", "Theo\u00a0Ðie\u0302\u0300u 5.", "ề Điều 5 ề"])
def test_ranges_are_bytes_of_the_source(text: str) -> None:
    """Without it a program that marks the citation in the source would cut through letters."""
    source = LAW.format(text=text).encode()
    made = cut(source, "DOC", VIETNAMESE)
    found = next(find_references(made, VIETNAMESE))
    printed = source[found.start : found.end].decode()
    assert printed.endswith("5")
    assert printed[0] in "ĐÐ"
    line = source.decode().splitlines()[found.line - 1]
    assert line[found.column - 1 :].startswith(printed)


def test_a_number_that_stands_twice_is_not_guessed() -> None:
    """Without it a citation that leaves out the clause would lead to one of two points by chance."""
    text = "Điều 1. Một\nTheo điểm a Điều 2, điểm b Điều 2.\nĐiều 2. Hai\n1. Một:\na) A;\n2. Hai:\na) A;\nb) B.\n"
    found = list(find_references(cut(text.encode(), "DOC", VIETNAMESE), VIETNAMESE))
    assert [(reference.missing, targets([reference])) for reference in found] == [
        (("ART-02/PT-a",), ["ART-02/CL-2/PT-b"])
    ]


def test_a_profile_without_words_finds_nothing() -> None:
    """Without it documents of a family that has no words for references could not be read."""
    silent = msgspec.structs.replace(VIETNAMESE, references=None)
    assert references(silent, LAW, "Điều 5") == []


@pytest.mark.parametrize(
    ("piece", "size"),
    [
        pytest.param("Điều 1, ", 1_000_000, id="articles"),
        pytest.param("khoản khoản ", 1_000_000, id="words"),
        pytest.param("khoản 1 ", 100_000, id="clauses"),
        pytest.param("“", 100_000, id="marks"),
        pytest.param("(1)", 100_000, id="brackets"),
        pytest.param("từ Điều 1 đến Điều 5; ", 100_000, id="ranges"),
        pytest.param("; bãi bỏ Điều 1", 100_000, id="verbs"),
    ],
)
def test_hostile_text_ends_in_time(piece: str, size: int) -> None:
    """Without it one line of a hostile text could keep a machine busy for hours (a megabyte takes some seconds)."""
    text = piece * (size // len(piece.encode()))
    made = cut(LAW.format(text=text).encode(), "DOC", VIETNAMESE)
    assert sum(1 for _ in find_references(made, VIETNAMESE)) < len(text)


LATER = ["của Luật này", "“", "”", "(1)", "(a)", "\n", "Bãi bỏ", "vào sau", "tên điều", "e\u0302\u0301", "\u00ad"]
WORDS = st.sampled_from(
    ["Điều", "khoản", "điểm", "các khoản", "1", "2", "5a", "a", "đ", ",", "và", "đến", "từ", "này", "Luật X", *LATER]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=25))
def test_any_text_gives_references_in_order(words: list[str]) -> None:
    """Without it some order of words could end in a traceback, or give places outside of the unit."""
    made: Cut = cut(LAW.format(text="Chữ " + " ".join(words)).encode(), "DOC", VIETNAMESE)
    addresses = {unit.address: unit for unit in made.units}
    last = 0
    for reference in find_references(made, VIETNAMESE):
        unit = addresses[reference.address]
        assert last <= reference.start < reference.end
        assert unit.start <= reference.start < reference.end <= unit.end
        assert set(reference.targets) <= set(addresses)
        last = reference.end

"""Quoted targets: what a unit of an amending law changes in another law."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutter.cutting import Cut, cut
from cutter.cutting.profile import AmendingWords, Level, Profile, Quotes, Rank, ReferenceWords, Run, Series
from cutter.cutting.referring.amendments import Amendment, QuotedTarget, find_quoted_targets
from tests.support.profiles import VIETNAMESE_AMENDING, VIETNAMESE_ARTICLE

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = Path(os.environ.get("CUTTER_DOCUMENTS", ROOT.parent / "shared" / "data" / "documents"))

CLAUSE = Level("clause", "CL", Rank.SUB, ("article",), numbers=("decimal",), closes=".")
POINT = Level(
    "point",
    "PT",
    Rank.SUB,
    ("clause", "article"),
    numbers=(Series(letters="abcdđeghiklmnopqrstuvxy"),),
    closes=")",
)
VIETNAMESE = Profile(
    format="cutter.profile/1",
    id="test.amending",
    title={"en": "Amending law"},
    language="vi",
    suffixes="abcdđeghiklmnopqrstuvxy",
    quotes=Quotes(opening="“", closing="”", plain='"'),
    levels=(VIETNAMESE_ARTICLE, CLAUSE, POINT),
    references=ReferenceWords(
        singular={"CL": ("khoản",), "PT": ("điểm",)},
        plural={"ART": ("các điều",), "CL": ("các khoản",), "PT": ("các điểm",)},
        conjunctions=("và", "hoặc"),
        ranges=("đến",),
        from_words=("từ",),
        between=("của", "tại"),
        this_after=("này",),
        here=(r"(?:Bộ luật|Luật)\snày",),
        external=(r"(?:Bộ luật|Luật)(?!\w)",),
        amending=VIETNAMESE_AMENDING,
    ),
)

BRITISH = Profile(
    format="cutter.profile/1",
    id="test.act",
    title={"en": "Act"},
    language="en",
    levels=(
        Level(
            "section", "SEC", Rank.BASIC, ("document",), words=("Clause",), numbers=("decimal",), pad=2, run=Run.THROUGH
        ),
        Level("subsection", "SSEC", Rank.SUB, ("section",), numbers=("decimal",), closes="."),
        Level(
            "point",
            "PT",
            Rank.SUB,
            ("section", "subsection"),
            numbers=(Series(letters="abcdef"),),
            opens="(",
            closes=")",
        ),
    ),
    references=ReferenceWords(
        singular={"SEC": ("section",), "SSEC": ("subsection",), "PT": ("paragraph",)},
        plural={"SEC": ("sections",), "SSEC": ("subsections",), "PT": ("paragraphs",)},
        conjunctions=("and", "or"),
        ranges=("to",),
        between=("of", "in"),
        external=(r"the\s[A-Z]\w+\sAct",),
        quotes=Quotes(opening="“", closing="”", plain='"'),
        amending=AmendingWords(
            amend=(r"substitute(?=—|\s?“|\s*\Z|\n)",),
            insert=(r"insert(?=—|\s?“|\s*\Z|\n)",),
            repeal=(r"omit(?=\s)", "(?:is|are) repealed"),
            leads=False,
            passive=("(?:is|are) amended",),
            beside=("after", "before"),
        ),
    ),
)


def found(text: str, profile: Profile = VIETNAMESE) -> list[QuotedTarget]:
    """The quoted targets of a text inside the first unit."""
    head = "Điều 1. Sửa đổi\n1. " if profile is VIETNAMESE else "Clause 1\n1. "
    return list(find_quoted_targets(cut((head + text + "\n").encode(), "DOC", profile), profile))


def told(target: QuotedTarget) -> tuple[Amendment, str, str | None]:
    """A target in short."""
    return target.kind, " ".join((*target.targets, *(f"title:{title}" for title in target.titles))), target.beside


AMEND, INSERT, REPEAL, WORDS, UNKNOWN = Amendment

CASES = [
    pytest.param("Sửa đổi, bổ sung Điều 12 như sau:\n“Điều 12. Tên\n1. Một.”", AMEND, "ART-12", None, id="article"),
    pytest.param("Sửa đổi khoản 3 Điều 9 như sau:\n“3. Ba.”", AMEND, "ART-09/CL-3", None, id="clause"),
    pytest.param("Bổ sung Điều 217a như sau:\n“Điều 217a. Tên”", INSERT, "ART-217a", None, id="inserted"),
    pytest.param(
        "Bổ sung Điều 217a vào sau Điều 217 như sau:\n“Điều 217a. Tên”",
        INSERT,
        "ART-217a",
        "ART-217",
        id="inserted-after",
    ),
    pytest.param(
        "Bổ sung khoản 5a vào sau khoản 5 Điều 13 như sau:\n“5a. Mới.”",
        INSERT,
        "ART-13/CL-5a",
        "ART-13/CL-5",
        id="clause-after",
    ),
    pytest.param("Bổ sung khoản 4 vào Điều 94 như sau:\n“4. Mới.”", INSERT, "ART-94/CL-4", None, id="into"),
    pytest.param(
        "Bổ sung đoạn mở đầu vào trước khoản 1 Điều 51 như sau:\n“Chữ:”",
        INSERT,
        "ART-51",
        "ART-51/CL-1",
        id="opening-words",
    ),
    pytest.param("Bãi bỏ khoản 3 Điều 22 và Điều 171.", REPEAL, "ART-22/CL-3 ART-171", None, id="repeals"),
    pytest.param(
        "Bỏ điểm đ khoản 2, điểm b khoản 3 Điều 172; điểm g khoản 2 Điều 174.",
        REPEAL,
        "ART-172/CL-2/PT-đ ART-172/CL-3/PT-b ART-174/CL-2/PT-g",
        None,
        id="left-out-units",
    ),
    pytest.param("Bỏ từ “một” tại khoản 3 Điều 346;", WORDS, "ART-346/CL-3", None, id="left-out-word"),
    pytest.param(
        "Thay thế cụm từ “Điều 135” bằng cụm từ “Điều 134” tại khoản 1 Điều 398;",
        WORDS,
        "ART-398/CL-1",
        None,
        id="citations-in-quotes-are-no-target",
    ),
    pytest.param(
        "Bổ sung cụm từ “a” vào đầu điểm c khoản 2; từ “b” vào sau từ “c” tại khoản 3 Điều 29;",
        WORDS,
        "ART-29/CL-2/PT-c ART-29/CL-3",
        None,
        id="article-said-later",
    ),
    pytest.param(
        "Sửa đổi, bổ sung tên điều, các khoản 1, 2 và 3 Điều 195 như sau:\n“Điều 195. Tên\n1. Một.”",
        AMEND,
        "ART-195/CL-1 ART-195/CL-2 ART-195/CL-3 title:ART-195",
        None,
        id="title",
    ),
    pytest.param(
        'Điều 13 được sửa đổi, bổ sung như sau:\n“Điều 13. Tên"', AMEND, "ART-13", None, id="passive-and-mixed-marks"
    ),
    pytest.param("Bãi bỏ các điều từ 5 đến 8.", REPEAL, "ART-05 ART-06 ART-07 ART-08", None, id="range"),
    pytest.param("Như sau:\n“Điều 7. Tên\n1. Một.”", UNKNOWN, "ART-07", None, id="only-the-quoted-heading"),
]


@pytest.mark.parametrize(("text", "kind", "targets", "beside"), CASES)
def test_vietnamese_targets(text: str, kind: Amendment, targets: str, beside: str | None) -> None:
    """Without it nobody could ask which laws change an article."""
    assert [told(target) for target in found(text)] == [(kind, targets, beside)]


@pytest.mark.parametrize(
    ("text", "kind", "targets", "beside"),
    [
        pytest.param(
            "In section 58(2), after paragraph (a) insert—", INSERT, "SEC-58/SSEC-2", "SEC-58/SSEC-2/PT-a", id="after"
        ),
        pytest.param("In section 5, for “x” substitute “y”.", WORDS, "SEC-05", None, id="words"),
        pytest.param("For section 104D substitute—", AMEND, "SEC-104D", None, id="substitute"),
        pytest.param(
            "In section 8(1) of the Water Act, omit paragraph (b).", REPEAL, "SEC-08/SSEC-1/PT-b", None, id="omit"
        ),
    ],
)
def test_british_targets(text: str, kind: Amendment, targets: str, beside: str | None) -> None:
    """Without it only amendments that begin with their verb would be understood."""
    last = found(text, BRITISH)[-1]
    assert last.kind is kind
    assert (last.targets[-1], last.beside) == (targets, beside)


def test_units_take_the_article_from_those_around_them() -> None:
    """Without it `sửa đổi điểm a` below `khoản 2 Điều 25` would change no known unit."""
    text = "Sửa đổi một số điểm của khoản 2 Điều 25 của Luật Nước như sau:\na) Sửa đổi điểm a như sau:\n“a) Mới.”"
    assert [told(target) for target in found(text)] == [(AMEND, "ART-25/CL-2/PT-a", None)]
    text = "Section 58 is amended as follows.\n2. In subsection (3), after paragraph (c) insert—"
    assert told(found(text, BRITISH)[-1]) == (INSERT, "SEC-58/SSEC-3", "SEC-58/SSEC-3/PT-c")


def test_words_and_quotation_may_disagree() -> None:
    """Without it a wrong number in the amending law would go unseen."""
    agreeing = found("Sửa đổi Điều 12 như sau:\n“Điều 12. Tên”")[0]
    other = found("Sửa đổi Điều 12 như sau:\n“Điều 13. Tên”")[0]
    assert (agreeing.agrees, other.agrees) == (True, False)
    assert agreeing.quotations == ("DOC/ART-01/CL-1/QS-1",)


@pytest.mark.parametrize("text", ["Theo Điều 5 của Luật Nước.", "Việc sửa đổi Điều 5 do Quốc hội làm.", "Chữ."])
def test_a_text_that_does_not_amend_has_no_target(text: str) -> None:
    """Without it every law that cites another would be told to change it."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("name", "profile", "quotations", "targets"),
    [
        pytest.param("vn-luat-12-2017-sua-doi-blhs.txt", VIETNAMESE, 167, 222, id="luat-12-2017"),
        pytest.param("vn-luat-56-2014-sua-doi-quoc-tich.txt", VIETNAMESE, 1, 2, id="luat-56-2014"),
    ],
)
def test_real_amending_laws(name: str, profile: Profile, quotations: int, targets: int) -> None:
    """Without it the words of real amending laws could go unread."""
    path = DOCUMENTS / name
    if not path.is_file():
        pytest.skip(f"the real law {name} is not here: set CUTTER_DOCUMENTS to the folder that holds it")
    made: Cut = cut(path.read_bytes(), "DOC", profile)
    told_ = list(find_quoted_targets(made, profile))
    quoted = [address for target in told_ for address in target.quotations]
    assert sum(unit.type == "QS" for unit in made.units) == len(quoted) == len(set(quoted)) == quotations
    assert all(target.targets for target in told_)
    assert all(target.agrees for target in told_ if target.quotations)
    assert len(told_) == targets


PIECES = st.sampled_from(
    [
        "Sửa đổi",
        "Bổ sung",
        "Bãi bỏ",
        "Bỏ",
        "cụm từ",
        "Điều 5",
        "khoản 1",
        "điểm đ",
        "vào sau",
        "vào",
        "tên điều",
        ",",
        ";",
        "và",
        "“",
        "”",
        "như sau:",
        "\n",
        "đến",
        "các khoản 1, 2",
        "này",
        "2.",
        "a)",
        "được sửa đổi như sau",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=20))
def test_any_text_gives_targets_in_their_units(pieces: list[str]) -> None:
    """Without it some order of words could end in a traceback, or give places outside of the unit."""
    made = cut(("Điều 1. Sửa đổi\n1. " + " ".join(pieces) + "\n").encode(), "DOC", VIETNAMESE)
    units = {unit.address: unit for unit in made.units}
    for target in find_quoted_targets(made, VIETNAMESE):
        unit = units[target.address]
        assert unit.start <= target.start <= target.end <= unit.end
        assert set(target.quotations) <= set(units)

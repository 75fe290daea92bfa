"""Quotations: whether they stand in a unit, what differs, and where they part from it."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutter.cutting import Cut, Unit, cut
from cutter.cutting.profile import Level, Profile, Rank, Run, Series
from cutter.cutting.quotes import LONGEST_QUOTE, Parting, Standing, Variation, verify_quote
from cutter.stops import Stop, StopCode

PROFILE = Profile(
    format="cutter.profile/1",
    id="test.quotes",
    title={"en": "Quoted"},
    language="vi",
    levels=(
        Level(
            "article", "ART", Rank.BASIC, ("document",), words=("Điều",), numbers=("decimal",), pad=2, run=Run.THROUGH
        ),
        Level("clause", "CL", Rank.SUB, ("article",), numbers=("decimal",), closes="."),
        Level("point", "PT", Rank.SUB, ("clause",), numbers=(Series(letters="abcd"),), closes=")"),
    ),
)

LAW = (
    "Điều 1. Phạm vi\n"
    "1. Công dân có quyền tự do đi lại\nvà cư trú ở trong nước.\n"
    "2. Người nào phạm tội “rất nghiêm trọng” thì bị phạt tù từ 15 năm đến 20 năm:\n"
    "a) Có tổ chức;\n"
    "b) Tái phạm.\n"
    "Điều 2. Khác\n"
    "1. Mọi người có quyền sống.\n"
)


def made(text: str = LAW) -> Cut:
    """The cut of the text."""
    return cut(text.encode(), "DOC", PROFILE)


def unit_at(the_cut: Cut, place: str) -> Unit:
    """The unit at an address below the document."""
    return next(unit for unit in the_cut.units if unit.address == f"DOC/{place}")


NO: tuple[Variation, ...] = ()
FORM, SPACE, MARKS, CASE = Variation


@pytest.mark.parametrize(
    ("place", "quote", "standing", "variations", "gaps"),
    [
        pytest.param("ART-01/CL-1", "có quyền tự do đi lại", Standing.EXACT, NO, 0, id="exact"),
        pytest.param("ART-01/CL-1", "  có quyền\n", Standing.EXACT, NO, 0, id="white-space-around"),
        pytest.param("ART-01/CL-1", "đi lại và cư trú", Standing.EQUAL, (SPACE,), 0, id="line-break"),
        pytest.param("ART-01/CL-1", "Có Quyền tự do", Standing.EQUAL, (CASE,), 0, id="letter-case"),
        pytest.param("ART-01/CL-1", unicodedata.normalize("NFD", "tự do"), Standing.EQUAL, (FORM,), 0, id="decomposed"),
        pytest.param(
            "ART-01/CL-1", "tự\u00addo".replace("\u00ad", " \u00ad"), Standing.EQUAL, (FORM,), 0, id="soft-hyphen"
        ),
        pytest.param("ART-01/CL-2", 'phạm tội "rất nghiêm trọng"', Standing.EQUAL, (MARKS,), 0, id="quote-marks"),
        pytest.param("ART-01/CL-1", "“có quyền tự do”", Standing.EQUAL, (MARKS,), 0, id="marks-around"),
        pytest.param("ART-01/CL-2", "Người nào phạm tội … từ 15 năm", Standing.EQUAL, NO, 1, id="ellipsis"),
        pytest.param("ART-01/CL-2", "Người nào […] 20 năm: (...) Tái phạm", Standing.EQUAL, NO, 2, id="gaps"),
        pytest.param("ART-01/CL-2", "phạm tội … NGƯỜI", Standing.DIFFERENT, NO, 0, id="gap-backwards"),
        pytest.param("ART-01/CL-2", "20 năm:\na) Có tổ chức;\nb) Tái phạm.", Standing.EXACT, NO, 0, id="below-too"),
        pytest.param("ART-01", "Phạm vi\n1. Công dân", Standing.EXACT, NO, 0, id="heading"),
        pytest.param("ART-01/CL-2", "tù từ 5 năm", Standing.DIFFERENT, NO, 0, id="another-number"),
        pytest.param("ART-01/CL-2", "5 năm", Standing.DIFFERENT, NO, 0, id="the-end-of-a-number"),
        pytest.param("ART-01/CL-2", "từ 1", Standing.DIFFERENT, NO, 0, id="the-beginning-of-a-number"),
        pytest.param("ART-01/CL-1", "Mọi người có quyền sống", Standing.DIFFERENT, NO, 0, id="of-another-unit"),
    ],
)
def test_standing(place: str, quote: str, standing: Standing, variations: tuple[Variation, ...], gaps: int) -> None:
    """Without it a false quotation would be called true, or a true one false for a line break."""
    the_cut = made()
    verdict = verify_quote(the_cut, quote, unit_at(the_cut, place))
    assert (verdict.standing, verdict.variations, verdict.gaps) == (standing, variations, gaps)


@pytest.mark.parametrize("quote", ["có quyền tự do", "CÓ QUYỀN TỰ DO", "đi lại và cư trú", "có … cư trú"])
def test_the_place_of_a_quotation(quote: str) -> None:
    """Without it nobody could go to the words that were quoted."""
    source = "Điều 1. Một\n1. Cộng đồng co\u0301 quyền tự do đi lại\nvà cư trú.\n"
    the_cut = made(source)
    verdict = verify_quote(the_cut, quote, unit_at(the_cut, "ART-01/CL-1"))
    assert verdict.start is not None
    assert verdict.line == 2
    assert verdict.column is not None
    found = source.encode()[verdict.start : verdict.end].decode()
    assert source.splitlines()[1][verdict.column - 1 :].startswith(found.splitlines()[0])
    assert unicodedata.normalize("NFC", found).casefold()[:2] in {"có", "đi"}


@pytest.mark.parametrize(
    ("quote", "expected", "found", "line", "matched"),
    [
        pytest.param("bị phạt tù từ 12 năm", "12 năm", "15 năm đến", 4, "bị phạt tù từ 1", id="number"),
        pytest.param("Người nào phạm lỗi", "lỗi", "tội “rất", 4, "Người nào phạm ", id="word"),
        pytest.param("phạt tù … 21 năm", "21 năm", "20 năm", 4, "phạt tù … 2", id="behind-a-gap"),
    ],
)
def test_where_a_quotation_parts(quote: str, expected: str, found: str, line: int, matched: str) -> None:
    """Without it a person would have to look for the wrong word."""
    the_cut = made()
    parting = verify_quote(the_cut, quote, unit_at(the_cut, "ART-01/CL-2")).parting
    assert isinstance(parting, Parting)
    assert parting.expected == expected
    assert parting.found.startswith(found)
    assert (parting.line, quote[: parting.matched]) == (line, matched)
    assert len(parting.found) <= 60
    assert expected not in repr(parting)


def test_a_quotation_that_stands_elsewhere() -> None:
    """Without it a right quotation with a wrong citation would only be called wrong."""
    the_cut = made()
    verdict = verify_quote(the_cut, "mọi người có quyền sống", unit_at(the_cut, "ART-01/CL-1"))
    assert verdict.elsewhere == ("DOC/ART-02/CL-1",)


@pytest.mark.parametrize(
    ("quote", "code", "detail"),
    [
        pytest.param("", StopCode.STOP_INVALID_INPUT, "quote_empty", id="empty"),
        pytest.param(" \n…“”", StopCode.STOP_INVALID_INPUT, "quote_empty", id="no-words"),
        pytest.param("x" * (LONGEST_QUOTE + 1), StopCode.STOP_INVALID_INPUT, "quote_longer_than_20000", id="huge"),
        pytest.param("a\udcff", StopCode.STOP_TEXT_NOT_UTF8, "quote", id="not-text"),
    ],
)
def test_a_bad_quotation_is_refused(quote: str, code: StopCode, detail: str) -> None:
    """Without it an empty quotation would stand everywhere, and bytes that are no text would end in a traceback."""
    the_cut = made()
    with pytest.raises(Stop) as stop:
        verify_quote(the_cut, quote, unit_at(the_cut, "ART-01"))
    assert (stop.value.code, stop.value.detail) == (code, detail)


@pytest.mark.parametrize(
    ("text", "quote"), [("a ", "a " * 5000 + "b"), ("a", "a" * 9999 + "b"), ("a aa ", "a a " * 4000)]
)
def test_hostile_text_ends_in_time(text: str, quote: str) -> None:
    """Without it a repeated letter could keep a machine busy for hours."""
    the_cut = made("Điều 1. Một\n1. " + text * (400_000 // len(text)) + "\n")
    assert verify_quote(the_cut, quote, unit_at(the_cut, "ART-01")).standing is Standing.DIFFERENT


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_stands_in_a_unit_is_found(data: st.DataObject) -> None:
    """Without it some stretch of words, spaced or decomposed otherwise, would be called different."""
    words = data.draw(
        st.lists(st.sampled_from(["Điều", "có", "“quyền”", "tự-do,", "15", "e\u0302\u0301", "ß", "…"]), min_size=3)
    )
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    space = data.draw(st.sampled_from([" ", "\n", "\u00a0 "]))
    quote = space.join(words[first : last + 1])
    way = data.draw(st.sampled_from(["as printed", "capitals", "decomposed"]))
    if way != "as printed":
        quote = quote.upper() if way == "capitals" else unicodedata.normalize("NFD", quote)
    the_cut = made("Điều 1. Một\n1. Chữ " + " ".join(words) + "\n")
    if any(sign.isalnum() for sign in quote):
        verdict = verify_quote(the_cut, quote, unit_at(the_cut, "ART-01/CL-1"))
        assert verdict.standing is not Standing.DIFFERENT

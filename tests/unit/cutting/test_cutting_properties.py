"""What holds for every text, looked for by Hypothesis: no loss, document order, unique addresses, nothing but stops."""

import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cutter.cutting import Cut, cut, expected_after_sha256, manifest_sha256, rows, rows_sha256
from cutter.cutting.shadow import fold, printed
from cutter.stops import Stop, StopCode
from tests.support.profiles import VIETNAMESE_LAW

LAW_LIKE = """QUỐC HỘI
LỜI NÓI ĐẦU
Chữ.
Phần thứ nhất:QUY ĐỊNH CHUNG
Chương I
TÊN CHƯƠNG
Mục 1. TÊN MỤC
Tiểu mục 1. TÊN
Điều 1. Tên
1. Một:
a) A;
đ) Đ.
Điều 2. Tên
Như sau:
“Điều 9. Tên
1. Một.”;
Chữ sau.
Điều 2a.
Luật này đã được Quốc hội thông qua ngày 1.
PHỤ LỤC
Phụ lục I
1\tMột
"""

LINES = st.sampled_from(
    [
        *LAW_LIKE.splitlines(),
        *(unicodedata.normalize("NFD", line) for line in LAW_LIKE.splitlines()),
        "Ðiều 3.",
        "\ufeffĐiều\u00a03.",
        "ð) Chữ",
        "a\u0302\u0301",
        "“",
        '"',
        "”.",
        "",
        " \t",
        "999999. Số",
        "Điều 000000.",
        "Phụ lục X",
        "\u1100\u1161 1.",
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\u2028", ""])
LAWS = st.lists(st.tuples(LINES, ENDS), max_size=40).map(lambda lines: "".join(line + end for line, end in lines))

REFUSALS = {
    StopCode.STOP_TEXT_EMPTY,
    StopCode.STOP_TEXT_NOT_UTF8,
    StopCode.STOP_TEXT_WITHOUT_STRUCTURE,
}


def cut_or_stop(source: bytes) -> Cut | None:
    """A cut, or None for a text that is refused with one of the codes meant for texts."""
    try:
        return cut(source, "D", VIETNAMESE_LAW)
    except Stop as stop:
        if stop.code not in REFUSALS:
            raise
        return None


def check(source: bytes) -> None:
    """What must hold of any source."""
    made = cut_or_stop(source)
    if made is None:
        return
    regions = [region for unit in made.units for region in unit.regions]
    assert [region.start for region in regions] == [0, *(region.end for region in regions[:-1])]
    assert regions[-1].end == len(source)
    assert all(region.start < region.end for region in regions)
    assert "".join(unit.body for unit in made.units).encode() == source
    for column in ("address", "short_address", "address_ascii", "sort_key"):
        assert len({getattr(unit, column) for unit in made.units}) == len(made.units), column
    keys = [unit.sort_key.encode() for unit in made.units]
    assert keys == sorted(keys)
    seen = {unit.address for unit in made.units}
    assert all(unit.parent_address is None or unit.parent_address in seen for unit in made.units)
    assert all(doubt.line >= 1 and doubt.column >= 1 and doubt.detail.isascii() for doubt in made.doubts)


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_are_cut_without_loss_or_refused(source: bytes) -> None:
    """Without it some file of a user could end in a traceback."""
    check(source)


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_any_text_is_cut_without_loss_or_refused(text: str) -> None:
    """Without it a strange character could break the tiling."""
    check(text.encode(errors="surrogatepass"))


@given(LAWS)
@settings(max_examples=600)
@example("Điều 1.\n" + "“\n" * 30 + "”\n" * 30)
@example("PHỤ LỤC\nPhụ lục I\n")
@example("Điều 1.\nLuật này được Quốc hội thông qua ngày 1.\n“Chữ.”\nChữ\n")
def test_any_arrangement_of_law_like_lines_is_cut_without_loss(text: str) -> None:
    """Without it headings in an unforeseen order could overlap, collide or lose text."""
    check(text.encode())


@given(
    st.integers(0, len(LAW_LIKE)),
    st.integers(0, 12),
    st.text(alphabet='Đđiều 12.)a“”"\n\r\t\u0301\u00ad\u00d0', max_size=8),
)
@settings(max_examples=400)
def test_any_edit_of_a_law_is_cut_without_loss(place: int, removed: int, inserted: str) -> None:
    """Without it one damaged place in a law could break the cut of all of it."""
    check((LAW_LIKE[:place] + inserted + LAW_LIKE[place + removed :]).encode())


@given(LAWS)
def test_rows_that_are_read_back_have_the_expected_digest(text: str) -> None:
    """Without it verify could refuse rows that are as promised, or accept others."""
    made = cut_or_stop(text.encode())
    if made is None:
        return
    found = list(rows(made))

    assert rows_sha256(found) == expected_after_sha256(made)
    assert rows_sha256(found[:-1]) != expected_after_sha256(made)
    assert manifest_sha256(made) == manifest_sha256(cut(text.encode(), "D", VIETNAMESE_LAW))
    assert expected_after_sha256(made, "enacted") != expected_after_sha256(made)


@given(st.text(alphabet="aĐđe\u0302\u0301 \t\u00a0\u00ad\u200b\u00d0\uff11\u1100\u1161", max_size=12))
def test_print_forms_fold_back_into_their_shadow(line: str) -> None:
    """Without it the map from the shadow to the source could lose or shift characters."""
    shadow = fold(line)

    assert fold(printed(line, 0, len(shadow))) == shadow
    for place in range(len(shadow) + 1):
        if not unicodedata.combining(shadow[place : place + 1] or " "):
            assert fold(printed(line, 0, place) + printed(line, place, len(shadow))) == shadow

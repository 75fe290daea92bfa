"""Stamps of secrecy: found where documents bear them, in every form, and nowhere else."""

import unicodedata

import pytest

from cutter.cutting.stamps import Stamp, StampLevel, check_stamp, find_stamp
from cutter.stops import Stop, StopCode

MAT, TOI_MAT, TUYET_MAT = StampLevel
LAW = "CHÍNH PHỦ\n\nNGHỊ ĐỊNH\nĐiều 1. Phạm vi\n"
LONG = "".join(f"{number}. Một khoản nói về bí mật nhà nước.\n" for number in range(1, 400))

STAMPED = {
    "first line": ("MẬT\n" + LAW, Stamp(MAT, 1)),
    "very secret": (LAW + "TỐI MẬT\n", Stamp(TOI_MAT, 5)),
    "most secret": ("TUYỆT MẬT\r\n" + LAW, Stamp(TUYET_MAT, 1)),
    "decomposed": (unicodedata.normalize("NFD", "A\nTUYỆT MẬT\n"), Stamp(TUYET_MAT, 2)),
    "letters apart": ("A\nT U Y Ệ T   M Ậ T\n", Stamp(TUYET_MAT, 2)),
    "gap of one no-break space": ("TỐI\u00a0MẬT\n", Stamp(TOI_MAT, 1)),
    "marks around": ("\ufeff**[ MẬT ]**\n", Stamp(MAT, 1)),
    "soft hyphen inside": ("TỐI M\u00adẬT\n", Stamp(TOI_MAT, 1)),
    "cell of a table": ("BỘ CÔNG AN\tMẬT\tCỘNG HÒA\n", Stamp(MAT, 1)),
    "column of a text": ("   TỐI MẬT          CỘNG HÒA XÃ HỘI\n", Stamp(TOI_MAT, 1)),
    "lines end in CR": ("A\rMẬT\rB\r", Stamp(MAT, 2)),
    "the higher of two": ("MẬT\nA\nTUYỆT MẬT\n", Stamp(TUYET_MAT, 3)),
    "last line of many": (LAW + LONG + "MẬT\n", Stamp(MAT, 404)),
    "last line, far away": (LAW + LONG * 40 + "MẬT\n", Stamp(MAT, 5 + 399 * 40)),
    "confidential": ("CONFIDENTIAL\n", Stamp(MAT, 1)),
    "secret": ("SECRET\n", Stamp(TOI_MAT, 1)),
    "top secret": ("-- TOP SECRET --\n", Stamp(TUYET_MAT, 1)),
}


@pytest.mark.parametrize(("text", "stamp"), STAMPED.values(), ids=STAMPED)
def test_a_stamp_is_found(text: str, stamp: Stamp) -> None:
    """Without it a secret document would be stored and cut because its stamp is typed in another way."""
    assert find_stamp(text.encode()) == stamp


UNSTAMPED = {
    "prose": LAW + "Bí mật nhà nước độ MẬT do Bộ trưởng quyết định.\n",
    "a word in small letters": "Mật\nmật\nSecret\nconfidential\n",
    "another word": "MẬT ONG\nBẢO MẬT\nTOP\nSECRETARY\nTỐI\n",
    "letters without marks": "MAT\nTOI MAT\n",
    "far from both ends": LONG + "MẬT\n" + LONG,
    "nothing": "",
}


@pytest.mark.parametrize("text", UNSTAMPED.values(), ids=UNSTAMPED)
def test_what_is_no_stamp_is_let_through(text: str) -> None:
    """Without it a law about secrets could not be registered."""
    assert find_stamp(text.encode()) is None


def test_a_page_header_is_looked_at_too() -> None:
    """Without it a stamp that stands in the header of every page would not count."""
    assert find_stamp(LAW.encode(), ["BỘ CÔNG AN", "TỐI MẬT"]) == Stamp(TOI_MAT, 0)


def test_only_what_is_allowed_passes() -> None:
    """Without it allowing one stamp would allow a more secret one, or another in the same text."""
    both = "MẬT\nTUYỆT MẬT\n".encode()
    check_stamp(both, {MAT, TUYET_MAT})
    check_stamp(LAW.encode(), ())
    for allowed, detail in (({MAT}, "tuyet_mat"), ({TUYET_MAT}, "mat"), (set(), "tuyet_mat")):
        with pytest.raises(Stop) as caught:
            check_stamp(both, allowed)
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_DOCUMENT_STAMPED, detail)
        assert caught.value.needed == f"documents: {{allow_stamps: [{StampLevel[detail.upper()].value}]}}"


def test_the_ends_of_a_huge_line_are_bounded() -> None:
    """Without it one line of 100 MB would be decoded and searched as a whole."""
    assert find_stamp(b"A" * 50_000_000) is None
    assert find_stamp("Ậ".encode() * 300_000) is None

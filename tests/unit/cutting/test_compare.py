"""Two cuts compared by address: what came, went, reads otherwise, or only has another number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutter.cutting import Cut, cut
from cutter.cutting.compare import Change, ChangeKind, Difference, Tally, diff, tally
from cutter.cutting.profile import Level, Profile, Rank, Series
from tests.support.profiles import VIETNAMESE_ARTICLE

PROFILE = Profile(
    format="cutter.profile/1",
    id="test.compare",
    title={"en": "Compared"},
    language="vi",
    suffixes="abc",
    levels=(
        VIETNAMESE_ARTICLE,
        Level("clause", "CL", Rank.SUB, ("article",), numbers=("decimal",), closes="."),
        Level("point", "PT", Rank.SUB, ("clause",), numbers=(Series(letters="abcdđe"),), closes=")"),
    ),
)

LAW = "Điều 1. Một\n1. Đỏ.\n2. Xanh.\nĐiều 2. Hai\n1. Vàng.\n2. Tím.\nĐiều 3. Ba\nTrắng.\n"


def made(text: str, document_id: str = "DOC") -> Cut:
    """A cut of a text."""
    return cut(text.encode(), document_id, PROFILE)


def told(changes: tuple[Change, ...]) -> list[str]:
    """The changes in short: kind, place, and where it was or in what it differs."""
    return [" ".join(filter(None, _parts(change))) for change in changes]


def _parts(change: Change) -> tuple[str, ...]:
    place = change.address.partition("/")[2]
    before = change.before.address.partition("/")[2] if change.before else ""
    difference = change.difference.value if change.difference else ""
    return change.kind.value, place, f"was {before}" if before not in {"", place} else "", difference


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        pytest.param(LAW, [], id="same"),
        pytest.param(LAW.replace("Xanh", "Lục"), ["changed ART-01/CL-2 text"], id="text"),
        pytest.param(LAW.replace("Hai\n", "Nhị\n"), ["changed ART-02 heading"], id="heading"),
        pytest.param(LAW.replace("Trắng.", "Trắng. "), ["changed ART-03 white_space"], id="white-space"),
        pytest.param(LAW.replace("Điều 2.", "Điều 2:"), ["changed ART-02 number"], id="how-the-number-is-printed"),
        pytest.param(LAW.replace("2. Tím.\n", ""), ["removed ART-02/CL-2"], id="removed"),
        pytest.param(LAW.replace("2. Tím.\n", "2. Tím.\n3. Nâu.\n"), ["added ART-02/CL-3"], id="added"),
        pytest.param(
            LAW.replace("1. Đỏ.\n2. Xanh.", "1. Nâu.\n2. Đỏ.\n3. Xanh."),
            ["added ART-01/CL-1", "renumbered ART-01/CL-2 was ART-01/CL-1", "renumbered ART-01/CL-3 was ART-01/CL-2"],
            id="inserted-before",
        ),
        pytest.param(
            LAW.replace("1. Đỏ.\n2. Xanh.", "1. Xanh."),
            ["renumbered ART-01/CL-1 was ART-01/CL-2", "removed ART-01/CL-1"],
            id="removed-before",
        ),
        pytest.param(
            LAW.replace("Điều 2. Hai", "Điều 2. Mới\nNâu.\nĐiều 3. Hai").replace("Điều 3. Ba", "Điều 4. Ba"),
            [
                "added ART-02",
                "renumbered ART-03 was ART-02",
                "renumbered ART-03/CL-1 was ART-02/CL-1",
                "renumbered ART-03/CL-2 was ART-02/CL-2",
                "renumbered ART-04 was ART-03",
            ],
            id="article-inserted",
        ),
        pytest.param(
            LAW.replace("Điều 2. Hai", "Điều 2. Mới\nNâu.\nĐiều 3. Hai")
            .replace("Điều 3. Ba", "Điều 4. Ba")
            .replace("Tím", "Hồng"),
            [
                "added ART-02",
                "renumbered ART-03 was ART-02",
                "renumbered ART-03/CL-1 was ART-02/CL-1",
                "changed ART-03/CL-2 was ART-02/CL-2 text",
                "renumbered ART-04 was ART-03",
            ],
            id="changed-inside-a-renumbered-article",
        ),
    ],
)
def test_changes_are_told_by_address(after: str, wanted: list[str]) -> None:
    """Without it an inserted article would be told as a change of every article behind it."""
    assert told(diff(made(LAW), made(after))) == wanted


def test_texts_that_stand_twice_are_not_guessed() -> None:
    """Without it one of two equal clauses would be said to be the other."""
    before = made("Điều 1. Một\n1. Như nhau.\n2. Như nhau.\n")
    after = made("Điều 2. Khác\nĐiều 3. Khác nữa\n1. Như nhau.\n2. Như nhau.\n")
    kinds = {change.kind for change in diff(before, after)}
    assert kinds == {ChangeKind.ADDED, ChangeKind.REMOVED}


def test_two_documents_compare_below_their_ids() -> None:
    """Without it every unit of another document would be new."""
    changes = diff(made(LAW, "A"), made(LAW.replace("Đỏ", "Hồng"), "B-2"))
    assert [(change.kind, change.address, change.difference) for change in changes] == [
        (ChangeKind.CHANGED, "B-2/ART-01/CL-1", Difference.TEXT)
    ]


def test_the_tally_counts_what_stayed() -> None:
    """Without it nobody could see that all units of both cuts were accounted for."""
    after = made(
        LAW.replace("Xanh", "Lục").replace("2. Tím.\n", "2. Tím.\n3. Nâu.\n").replace("Điều 3. Ba\nTrắng.\n", "")
    )
    assert tally(diff(made(LAW), after), after) == Tally(added=1, removed=1, changed=1, renumbered=0, unchanged=5)


def test_no_text_is_shown_by_a_change() -> None:
    """Without it a log of changes would hold the text of documents."""
    changes = diff(made(LAW), made(LAW.replace("Xanh", "Lục")))
    assert "Lục" not in repr(changes)
    assert "Xanh" not in repr(changes)


LINES = st.lists(
    st.tuples(st.sampled_from(["Điều 1.", "Điều 2.", "1.", "2.", "a)", ""]), st.sampled_from(["A", "B", "C", ""])),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(LINES, LINES)
def test_every_unit_is_accounted_for_once(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    """Without it a unit could be told twice, or be lost between the two cuts."""
    old, new = (made("Điều 1. Đầu\n" + "\n".join(" ".join(line) for line in lines)) for lines in (before, after))
    changes = diff(old, new)
    count = tally(changes, new)
    assert count.unchanged >= 0
    assert len(old.units) == count.removed + count.changed + count.renumbered + count.unchanged
    origins = [change.before.address for change in changes if change.before]
    assert len(set(origins)) == len(origins)
    assert diff(new, new) == ()

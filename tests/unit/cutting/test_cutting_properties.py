"""What holds for every text and profile, looked for by Hypothesis: no loss, document order, unique addresses."""

import random
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cutter.custody.profiles import shipped_ids, shipped_profile
from cutter.cutting import Cut, Profile, Rank, cut, expected_after_sha256, manifest_sha256, rows, rows_sha256
from cutter.cutting.candidates import find_candidates
from cutter.cutting.forms import Forms, Head, forms_of
from cutter.cutting.profile import FORMAT, Level, Run
from cutter.cutting.shadow import Text, fold, printed, read_text
from cutter.resources import shared
from cutter.stops import Stop, StopCode
from tests.support.documents import real_document
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

# Lines of every kind that the shipped profiles know, to be put in any order.
ANY_LINES = st.sampled_from(
    [
        *LAW_LIKE.splitlines(),
        "PREAMBLE",
        "Article I",
        "Article 1",
        "Article 1. Title",
        "Section 1",
        "Section 2.",
        "First Amendment",
        "CHAPTER I",
        "(1)",
        "(a) text",
        "(i) text",
        "1. text",
        "2. text",
        " 1.1. text",
        "   1. item",
        "      1. item",
        "1.1",
        "1.1.a",
        "1.  Title",
        "1.1  Title",
        "   text",
        "text",
        "# 1. Title",
        "## Title",
        "### 1.1 Title",
        "Title",
        "=====",
        "-----",
        "*****",
        "- item",
        "  - item",
        "* item",
        "```",
        "---",
        "CONTENTS",
        "SCHEDULE",
        "### Schedule 1",
        "  CHAPTER 1 - Title",
        "    SEC 1. - Title",
        "      SUBSEC (1)",
        "PREFACE",
        "BODY",
        "[1] note",
        "Appendix A. Title",
        "ANNEX I",
        "Done at Brussels",
    ]
)
ANY_TEXTS = st.lists(st.tuples(ANY_LINES, st.sampled_from(["\n", "\n\n", "\r\n", "\n   more\n"])), max_size=30).map(
    lambda lines: "".join(line + end for line, end in lines)
)
PROFILES = st.sampled_from(shipped_ids()).map(shipped_profile)

# Real documents that random edits are made in, each with its profile; the demo documents are always there.
DEMO = [("ICX-CONST.txt", "vi.law"), ("ICX-RULES.txt", "en.rules")]
REAL = [
    ("vn-hien-phap-2013.txt", "vi.law"),
    ("vn-luat-dau-tu-2020.txt", "vi.amending"),
    ("us-constitution.txt", "us.constitution"),
    ("eu-gdpr-2016-679-oj.txt", "eu.regulation"),
    ("org-debian-constitution-1.9.txt", "charter"),
    ("spec-rfc2616.txt", "rfc"),
    ("policy-github-terms-of-service.md", "markdown"),
    ("spec-c2sp-chacha20-poly1305-siv.crlf.md", "markdown"),
    ("spec-uslm-user-guide.bom.md", "markdown.numbered"),
    ("za-constitution-1996.bluebell.txt", "za.bluebell"),
]

# A profile in which much has the same TYPE: containers, what they hold, units with and without a number.
SAME_TYPES_PROFILE = Profile(
    format=FORMAT,
    id="same.types",
    title={},
    language="en",
    suffixes="ab",
    levels=(
        Level("part", "SEC", Rank.CONTAINER, ("document", "schedule"), ("Part",), numbers=("decimal",), marked=True),
        Level(
            "section",
            "SEC",
            Rank.BASIC,
            ("part", "schedule", "document"),
            ("Section",),
            numbers=("decimal", "roman"),
            unnumbered=True,
            marked=True,
            run=Run.EITHER,
        ),
        Level(
            "schedule",
            "SCH",
            Rank.CONTAINER,
            ("document",),
            ("Schedule",),
            numbers=("decimal",),
            marked=True,
            scope=True,
        ),
        Level("item", "SEC", Rank.SUB, ("section", "item", "document"), numbers=("decimal",), closes=".", nested=True),
    ),
)
SAME_TYPES = st.lists(
    st.sampled_from(
        [
            *(f"{word} {n}" for word in ("Part", "Section", "Schedule") for n in (1, 1, 2, 3, "1a", "I")),
            "Section",
            "text",
            "1. item",
            "2. item",
            "  1. item",
            "",
            "  text",
        ]
    ),
    max_size=25,
).map("\n".join)

REFUSALS = {
    StopCode.STOP_TEXT_EMPTY,
    StopCode.STOP_TEXT_NOT_UTF8,
    StopCode.STOP_TEXT_WITHOUT_STRUCTURE,
}


def cut_or_stop(source: bytes, profile: Profile = VIETNAMESE_LAW) -> Cut | None:
    """A cut, or None for a text that is refused with one of the codes meant for texts."""
    try:
        return cut(source, "D", profile)
    except Stop as stop:
        if stop.code not in REFUSALS and not (stop.code is StopCode.STOP_TEXT_DOUBTFUL and profile.stops):
            raise
        return None


def check(source: bytes, profile: Profile = VIETNAMESE_LAW) -> bool:
    """What must hold of any source; whether it was cut."""
    made = cut_or_stop(source, profile)
    if made is None:
        return False
    regions = [region for unit in made.units for region in unit.regions]
    assert [region.start for region in regions] == [0, *(region.end for region in regions[:-1])]
    assert regions[-1].end == len(source)
    assert all(region.start < region.end for region in regions)
    assert "".join(unit.body for unit in made.units).encode() == source
    for column in ("address", "short_address", "address_ascii", "sort_key"):
        assert len({getattr(unit, column) for unit in made.units}) == len(made.units), column
    assert all(unit.address_ascii.isascii() for unit in made.units)
    keys = [unit.sort_key.encode() for unit in made.units]
    assert keys == sorted(keys)
    check_parents(made)
    check_places(source, made)
    return True


def check_parents(made: Cut) -> None:
    """A parent comes before its children, which are counted from 1, and its address begins theirs."""
    children: dict[str | None, int] = {None: 0}
    for unit in made.units:
        assert unit.parent_address in children
        assert unit.address.rpartition("/")[0] == (unit.parent_address or "D")
        children[unit.parent_address] += 1
        assert unit.ordinal == children[unit.parent_address]
        children[unit.address] = 0


def check_places(source: bytes, made: Cut) -> None:
    """The lines of units and the lines and columns of doubts are places of the text."""
    text = read_text(source)
    assert [unit.start for unit in made.units] == [text.starts[unit.line - 1] for unit in made.units]
    for doubt in made.doubts:
        assert 1 <= doubt.line <= text.lines
        assert 1 <= doubt.column <= max(1, len(text.line(doubt.line - 1)))
        assert doubt.detail.isascii()


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


@given(ANY_TEXTS, PROFILES)
@settings(max_examples=1500, suppress_health_check=[HealthCheck.too_slow])
def test_any_arrangement_of_lines_is_cut_without_loss_by_any_profile(text: str, profile: Profile) -> None:
    """Without it a document that is cut with a profile not its own could lose text, or end in a traceback."""
    check(text.encode(), profile)


@given(SAME_TYPES)
@settings(max_examples=1500)
@example("Part 2\nSection 1\nSection 2\nPart 3")
@example("Part 1\nSection\nSection 1\nSection 2\nPart 2\nSection 3\nSection")
@example("Schedule 1\nPart 1\nSection 1\nSchedule 2\nPart 1\nSection 1\nSection 1")
def test_units_of_the_same_type_never_share_an_address(text: str) -> None:
    """Without it a profile of a user could give a part and a section within it the same short address."""
    check(text.encode(), SAME_TYPES_PROFILE)


class WholeLines(Forms):
    """Forms that remember no first words, so that each line is read as a whole."""

    def head(self, text: Text, index: int) -> Head | None:
        """Nothing."""
        return None


@given(st.one_of(ANY_TEXTS, st.text(alphabet=" 1.ab)(iIđ#-*\t\u00a0\u0301\u00ad\n", max_size=60)), PROFILES)
@settings(max_examples=1000)
def test_the_first_word_of_a_line_tells_what_the_line_tells(text: str, profile: Profile) -> None:
    """Without it what is remembered of first words could find other headings than the lines themselves show."""
    try:
        read = read_text(text.encode())
    except Stop:
        return
    forms = forms_of(profile)
    whole = WholeLines(forms.may_begin, forms.may_underline, forms.by_initial, forms.any_initial)
    found = list(find_candidates(read, bytearray(read.lines), profile))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cutter.cutting.candidates.forms_of", lambda _: whole)
        assert list(find_candidates(read, bytearray(read.lines), profile)) == found


@given(st.text(max_size=200), PROFILES)
@settings(max_examples=300)
def test_any_text_is_cut_without_loss_by_any_profile(text: str, profile: Profile) -> None:
    """Without it a strange character could break what only some profiles have: titles above, underlines, indents."""
    check(text.encode(errors="surrogatepass"), profile)


@pytest.mark.parametrize(("name", "profile_id"), DEMO)
@pytest.mark.parametrize("seed", range(8))
def test_random_edits_of_a_demo_document_never_lose_a_byte(name: str, profile_id: str, seed: int) -> None:
    """Without it one slip in a text that is otherwise as it should be could cost a part of it."""
    source = (shared("documents") / name).read_bytes()

    assert sum(check(edited(source, random.Random(100 * seed + n)), shipped_profile(profile_id)) for n in range(10)) > 3


@pytest.mark.parametrize(("name", "profile_id"), REAL)
def test_random_edits_of_a_real_document_never_lose_a_byte(name: str, profile_id: str) -> None:
    """Without it damage of a kind that only real documents show could cost a part of the text."""
    source = real_document(name)

    assert sum(check(edited(source, random.Random(n)), shipped_profile(profile_id)) for n in range(12)) > 3


def edited(source: bytes, chance: random.Random) -> bytes:
    """A source with some edits: bytes or lines inserted, deleted, doubled or exchanged. Most edits keep it UTF-8."""
    lines = source.splitlines(keepends=True)
    for _ in range(chance.randint(1, 12)):
        place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[place : place + chance.randint(1, 5)]
                lines = lines or [b"\n"]
            case 1:
                lines.insert(place, lines[other])
            case 2:
                lines[place], lines[other] = lines[other], lines[place]
            case 3:
                line = lines[place].decode(errors="ignore")
                column = chance.randrange(len(line) + 1)
                sign = chance.choice("“”\"'.)(1aIđ \n\r\t\u0301\u00ad\u00a0#-`")
                lines[place] = (line[:column] + sign + line[column + chance.randint(0, 3) :]).encode()
            case 4:
                lines[place] = lines[place].rstrip(b"\r\n") + chance.choice([b"", b"\r", b"\r\n", b"\n\n"])
            case _:
                if chance.random() < 0.1:
                    lines[place] = lines[place][1:] + chance.randbytes(1)
    return b"".join(lines)


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

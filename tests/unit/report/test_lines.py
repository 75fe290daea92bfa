"""What screens are made of: moments, roles, broken lines."""

import time
from collections.abc import Iterator

import pytest

from cutter.messages import use_language
from cutter.model import RoleQuorum
from cutter.report.lines import block, moment, named_lines, next_lines, quorum_phrase, role_phrase
from cutter.report.paragraphs import Line, broken
from cutter.report.result import NextStep
from cutter.report.visible import width

AT = "2026-11-24T17:10:00Z"

MOMENTS = {
    "UTC": ("UTC", AT, "2026-11-24 17:10:00 UTC", "17:10:00 ngày 24/11/2026 (UTC)"),
    "Vietnam, the day after": (
        "Asia/Ho_Chi_Minh",
        AT,
        "2026-11-25 00:10:00 +07:00",
        "00:10:00 ngày 25/11/2026 (+07:00)",
    ),
    "west, half an hour": (
        "America/St_Johns",
        AT,
        "2026-11-24 13:40:00 -03:30",
        "13:40:00 ngày 24/11/2026 (-03:30)",
    ),
    "with a fraction": (
        "UTC",
        "2026-11-24T17:10:00.123456Z",
        "2026-11-24 17:10:00 UTC",
        "17:10:00 ngày 24/11/2026 (UTC)",
    ),
    "none": ("UTC", "", "", ""),
    "no moment": ("UTC", "NoT one\x1b", "NoT one\\x1b", "NoT one\\x1b"),
    "one before all time zones": ("Asia/Ho_Chi_Minh", "0001-01-01T00:00:00Z", None, None),
}


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """The host's time zone."""
    monkeypatch.setenv("TZ", MOMENTS[request.getfixturevalue("name")][0])
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", MOMENTS)
@pytest.mark.usefixtures("zone")
def test_moment(name: str) -> None:
    """A deadline is kept by a clock on a wall: it is told in its time, with the offset, and never fails."""
    _zone, stated, english, vietnamese = MOMENTS[name]
    said = []
    for language in ("en", "vi"):
        use_language(language)
        said.append(moment(stated))

    assert english is None or said == [english, vietnamese]


def test_roles_are_told_in_words() -> None:
    """Known roles have a word in the language; one of an office's own stays as it is, and is made visible."""
    roles = [RoleQuorum("content", 1), RoleQuorum("sovereign", 2), RoleQuorum("chief\x1b", 1)]
    use_language("vi")

    assert quorum_phrase(roles) == "nội dung 1 · người có thẩm quyền 2 · chief\\x1b 1"
    assert role_phrase(roles) == "content 1 · sovereign 2 · chief\\x1b 1"


BROKEN = {
    "it fits": ("a b c", 0, 40, ["a b c"]),
    "at a space": (
        "one two three four five six seven eight nine",
        4,
        40,
        ["one two three four five six seven eight", "    nine"],
    ),
    "behind a pause near the end": (
        "one two three four five, six seven eight nine",
        2,
        40,
        ["one two three four five,", "  six seven eight nine"],
    ),
    "a number stays with its word": (
        "one two three four five six seven x 1,289 units",
        2,
        44,
        ["one two three four five six seven x", "  1,289 units"],
    ),
    "a word that is wider stands alone": (
        f"see {'x' * 50} there",
        2,
        40,
        ["see", f"  {'x' * 50}", "  there"],
    ),
    "a command is never broken": (
        "one two three four five six seven: cutter runs show RUN",
        2,
        44,
        ["one two three four five six seven:", "  cutter runs show RUN"],
    ),
    "little room beside a name": (
        f"{'name':<38}one two three four five",
        38,
        44,
        [f"{'name':<38}one", "      two three four five"],
    ),
    "spaces inside stay": ("a   b   c", 0, 40, ["a   b   c"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """Lines are read: they break where a person would pause, never inside what is copied."""
    text, hang, cells, lines = BROKEN[name]

    assert list(broken(Line(text, hang), cells)) == lines


def test_a_plain_line_is_never_broken() -> None:
    """Commands, tables and digests are plain: what a shell or an eye takes as a whole stays whole."""
    text = "word " * 40

    assert list(broken(text, 40)) == [text]


def test_names_are_aligned_in_every_language() -> None:
    """A column that begins elsewhere in each line is no column."""
    for language in ("en", "vi"):
        use_language(language)
        rows = list(named_lines((("where", "a"), ("trường hợp", "b"), ("", "c"), ("x", ""))))
        blocks = [block("Bản trình" if language == "vi" else "Can sign", "a"), block("", "b")]
        steps = list(next_lines((NextStep("run", "cutter a"), NextStep("say no", "cutter b"))))

        assert len({width(row.rstrip("abc")) for row in map(str, rows)}) == 1
        assert len({line.rindex(end) for line, end in zip(blocks, "ab", strict=True)} - {0}) == 1
        assert len({width(line.partition("cutter")[0]) for line in steps}) == 1

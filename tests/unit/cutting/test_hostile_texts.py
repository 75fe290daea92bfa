"""Texts that are no documents, or made to exhaust the cutter: each ends in a cut or a stop, in bounded time and memory.

Bounds are set on a process of its own: the seconds are many times what a cut takes, and far less than a step that grows
with the square of the text.
"""

import subprocess
import sys

import pytest

from cutter.cutting import DoubtCode, cut
from cutter.cutting.address import MOST_UNITS
from cutter.cutting.doubts import MOST_DOUBTS
from cutter.cutting.sequence import MOST_LEVELS
from cutter.cutting.shadow import LARGEST_TEXT, LONGEST_LINE, MOST_LINES, read_text
from cutter.stops import Stop, StopCode
from tests.support.profiles import VIETNAMESE_LAW

# Cuts what an expression in Python makes, within limits, and says how it ended and by how much the process grew.
CUTTER = """
import re, resource, sys
profile_id, seconds, memory_bytes, text = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
from cutter.custody.profiles import shipped_profile
from cutter.cutting import cut
from cutter.stops import Stop
profile = shipped_profile(profile_id)
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
made = eval(text)
source = made if isinstance(made, bytes) else made.encode()
try:
    units = cut(source, "D", profile).units
    end = 0
    for unit in units:
        assert unit.start == end
        end = unit.end
    assert end == len(source)
    print(len(units), "units")
except Stop as stop:
    print(stop.code.name, stop.detail, stop.where or "")
"""
MEGABYTE = 1024 * 1024


def cut_within(text: str, profile_id: str = "vi.law", *, seconds: int = 30, megabytes: int = 600) -> str:
    """How the cut of a text ends, which is given as an expression in Python, within a process's limits."""
    command = [sys.executable, "-P", "-c", CUTTER, profile_id, str(seconds), str(megabytes * MEGABYTE), text]
    environment = {"PYTHONPATH": ":".join(part for part in sys.path if part)}
    done = subprocess.run(command, capture_output=True, env=environment, timeout=300, check=False, text=True)
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout.strip()


def stop_of(source: bytes) -> tuple[StopCode, str]:
    """The stop that a source is refused with."""
    with pytest.raises(Stop) as caught:
        cut(source, "D", VIETNAMESE_LAW)
    return caught.value.code, caught.value.detail


@pytest.mark.parametrize(
    ("source", "code", "detail"),
    [
        pytest.param(b"", "STOP_TEXT_EMPTY", "byte_0", id="empty"),
        pytest.param(b" \r\n\t\n", "STOP_TEXT_EMPTY", "byte_0", id="blank"),
        pytest.param("\ufeff\u00a0\u200b\n".encode(), "STOP_TEXT_EMPTY", "byte_0", id="invisible"),
        pytest.param("Điều 1.\n".encode() + b"\xe9t\xe9", "STOP_TEXT_NOT_UTF8", "byte_11", id="latin-1"),
        pytest.param("Điều 1.\n".encode("cp1258", "replace"), "STOP_TEXT_NOT_UTF8", "byte_0", id="windows-1258"),
        pytest.param("Điều 1.\n".encode()[:-6], "STOP_TEXT_NOT_UTF8", "byte_3", id="cut-through-a-letter"),
        pytest.param("Điều 1.\n".encode("utf-16"), "STOP_TEXT_NOT_UTF8", "byte_0", id="utf-16-with-mark"),
        pytest.param("Article 1.\n".encode("utf-16-le"), "STOP_TEXT_NOT_UTF8", "nul_byte_1", id="utf-16-without-mark"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "STOP_TEXT_NOT_UTF8", "byte_0", id="binary"),
        pytest.param(b"PK\3\4\x14\0\6\0", "STOP_TEXT_NOT_UTF8", "nul_byte_5", id="archive"),
        pytest.param("Điều 1.\n\0".encode(), "STOP_TEXT_NOT_UTF8", "nul_byte_11", id="nul"),
        pytest.param("Điều 1.".encode() + b"\xed\xa0\x80", "STOP_TEXT_NOT_UTF8", "byte_10", id="surrogate"),
        pytest.param(b"a" * 70_000 + b"\xff", "STOP_TEXT_NOT_UTF8", "byte_70000", id="in-the-second-block"),
        pytest.param(b"Prose.\n", "STOP_TEXT_WITHOUT_STRUCTURE", "lines_1_to_1", id="no-structure"),
    ],
)
def test_what_is_no_text_is_refused_by_code_and_place(source: bytes, code: str, detail: str) -> None:
    """Without it a wrong file would end in a traceback, or be cut into nonsense."""
    assert stop_of(source) == (StopCode[code], detail)


def test_a_text_beyond_the_limits_is_refused_before_it_is_cut() -> None:
    """Without it a machine would run out of memory in the middle of a cut, and say nothing of why."""
    too_large = StopCode.STOP_TEXT_TOO_LARGE

    assert stop_of(b"a" * (LARGEST_TEXT + 1)) == (too_large, f"limit_{LARGEST_TEXT}_bytes")
    assert stop_of(b"\n" * (MOST_LINES + 1)) == (too_large, f"limit_{MOST_LINES}_lines")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeffĐiều 1. Một\n1. A\n", id="byte-order-mark"),
        pytest.param("Điều 1. Một\r\n1. A\r\n", id="crlf"),
        pytest.param("Điều 1. Một\r1. A\r", id="cr"),
        pytest.param("Điều 1. Một\n1. A", id="no-line-end"),
        pytest.param("Điều\u00a01.\u00a0Một\n1.\u00a0A\n", id="no-break-spaces"),
        pytest.param("\u200bĐiều 1. Một\n\u200b1. A\n", id="zero-width-signs"),
    ],
)
def test_marks_and_line_ends_hide_no_heading(text: str) -> None:
    """Without it a file from another system would lose its first article, or all of them."""
    made = cut(text.encode(), "D", VIETNAMESE_LAW)

    assert [unit.address for unit in made.units] == ["D/ART-01", "D/ART-01/CL-1"]
    assert made.units[0].heading == "Một"
    assert "".join(unit.body for unit in made.units) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("shift", range(3))
def test_lines_are_the_same_where_blocks_of_a_text_meet(end: str, shift: int) -> None:
    """Without it a line end that is cut in two would give a line too many, and every line number behind it be wrong."""
    text = "a" * shift + ("Chữ e\u0302" + end) * 30_000
    read = read_text(text.encode())

    assert [*read.starts][:-1] == [
        shift * (line > 0) + line * len(("Chữ e\u0302" + end).encode()) for line in range(30_000)
    ]
    assert not read.normal


# Texts in which something comes very often. What the cut of each may be is in its words: units, or a stop.
REPEATED = [
    pytest.param("'Phụ lục I\\n' * 70_000", "vi.law", "2 units", id="one-annex-again-and-again"),
    pytest.param("'Chữ\\n' + 'Điều 1.\\n' * 90_000", "vi.law", "2 units", id="one-article-again-and-again"),
    pytest.param(
        "'Điều 1.\\n' + ''.join(f'Phụ lục {n}\\nĐiều {n + 1}.\\n' for n in range(1, 30_000))",
        "vi.law",
        "30000 units",
        id="an-annex-before-every-article",
    ),
    pytest.param("''.join(f'Điều {2 * n}.\\n' for n in range(50_000))", "vi.law", "50000 units", id="every-second"),
    pytest.param("''.join(f'Điều {99_999 - n}.\\n' for n in range(50_000))", "vi.law", "", id="backwards"),
    pytest.param("'MỤC LỤC\\n' * 80_000", "vi.law", "STOP_TEXT_WITHOUT_STRUCTURE", id="contents-of-contents"),
    pytest.param(
        "'MỤC LỤC\\n' + ''.join(f'Điều {n}. A {n}\\n' for n in range(1, 50_000))",
        "vi.law",
        "50000 units",
        id="contents-without-end",
    ),
    pytest.param("'Điều 1.\\n' + '“' * 300_000", "vi.law", "1 units", id="opening-marks-on-one-line"),
    pytest.param("'Điều 1.\\n' + '”\\n' * 200_000", "vi.law", "1 units", id="closing-marks"),
    pytest.param("'Điều 1.\\n' + ' \"a' * 300_000", "vi.law", "1 units", id="plain-marks-on-one-line"),
    pytest.param("'Điều 1.\\n' + '“a” ' * 100_000", "vi.law", "1 units", id="quotations-on-one-line"),
    pytest.param("'Điều 1.\\n' + '“' * 200_000 + '”' * 200_000", "vi.law", "", id="quotations-in-quotations"),
    pytest.param("'Điều 1.\\n' + '“a”\\n' * 50_000", "vi.law", "50001 units", id="quoted-passages"),
    pytest.param("'# A\\n' + '```\\n' * 250_000", "markdown", "", id="fences"),
    pytest.param("'# A\\n' + '```a\\n' * 200_000", "markdown", "", id="fences-that-never-close"),
    pytest.param("'# A\\n## B\\n' + '- a\\n' * 100_000", "markdown", "100002 units", id="list-items"),
    pytest.param("'# A\\n## B\\n' + '- a\\n\\nb\\n' * 50_000", "markdown", "", id="text-between-list-items"),
    pytest.param("'A\\n---\\n' * 100_000", "markdown", "100000 units", id="underlined-headings"),
    pytest.param("'# A\\n---\\n' + '-' * 3_000_000", "markdown", "", id="a-line-of-signs"),
    pytest.param("'A title\\n\\n1\\n\\n' * 50_000", "uk.act", "", id="titles-above"),
    pytest.param("'Điều 1.\\n' + '1.' * 1_000_000", "vi.law", "1 units", id="ten-thousand-numbers-in-one"),
    pytest.param("'\\n'.join('1.' * (n % 300) + ' A' for n in range(10_000))", "manual", "", id="paths-of-any-length"),
    pytest.param("'Điều 1. ' + 'a\\u0301\\u0316' * 500_000", "vi.law", "1 units", id="accents"),
    pytest.param(
        "('Điều 1. a' + '\\u0301' * 9_000 + '\\u0316' * 9_000 + '\\n') * 30", "vi.law", "", id="piled-accents"
    ),
    pytest.param("'Điều 1.\\u00a0' + 'a\\u00ad ' * 1_000_000", "vi.law", "1 units", id="a-line-to-fold"),
    pytest.param("('Điều 1.\\u00a0' + 'a\\u00ad ' * 10_000 + '\\n') * 100", "vi.law", "", id="long-lines-to-fold"),
    pytest.param("'Điều 1.\\n' + 'a này được thông qua ' * 100_000", "vi.law", "1 units", id="like-a-closing-line"),
    pytest.param("'Điều 1.\\n' + '\\n' * 500_000", "vi.law", "1 units", id="blank-lines"),
]


@pytest.mark.parametrize(("text", "profile_id", "ends"), REPEATED)
def test_what_comes_again_and_again_takes_bounded_time_and_memory(text: str, profile_id: str, ends: str) -> None:
    """Without it one damaged or hostile file would hold a machine for hours: some step would grow with the square."""
    assert cut_within(text, profile_id).startswith(ends)


@pytest.mark.parametrize(
    ("text", "profile_id", "ends"),
    [
        pytest.param("'Điều 1. ' + 'a' * 100_000_000", "vi.law", "1 units", id="one-line-of-100-mb"),
        pytest.param("('Điều 1. ' + 'ế ' * 25_000_000)", "vi.law", "1 units", id="one-line-of-100-mb-of-letters"),
        pytest.param("b'1. \\xcc\\x81' * 20_000_000", "markdown", "", id="one-line-of-100-mb-of-accents"),
        pytest.param(
            "b'# a\\n' * 20_000_000",
            "markdown",
            f"STOP_TEXT_TOO_LARGE limit_{MOST_LINES}_lines",
            id="lines-without-number",
        ),
        pytest.param(
            "''.join(' ' * n + '- a\\n' for n in range(10_000))",
            "markdown",
            f"STOP_TEXT_TOO_LARGE limit_{MOST_LEVELS}_levels {MOST_LEVELS + 1}:1",
            id="10000-levels",
        ),
        pytest.param(
            "'Điều 1.\\n' + '“' * 30_000_000",
            "vi.law",
            f"STOP_TEXT_DOUBTFUL limit_{MOST_DOUBTS}_doubts 2:1",
            id="marks-without-number",
        ),
    ],
)
def test_a_text_of_any_size_takes_bounded_memory(text: str, profile_id: str, ends: str) -> None:
    """Without it a file of a hundred megabytes could take all memory of the machine, and with it other programs."""
    assert cut_within(text, profile_id, seconds=60, megabytes=900).startswith(ends)


def test_more_units_or_doubts_than_people_can_judge_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a text of nothing but headings would fill the memory with units, or with doubts about them."""
    monkeypatch.setattr("cutter.cutting.tiling.MOST_UNITS", 3)
    monkeypatch.setattr("cutter.cutting.zones.MOST_UNITS", 3)
    monkeypatch.setattr("cutter.cutting.doubts.MOST_DOUBTS", 3)
    many = "".join(f"Điều {number}.\n" for number in range(1, 6)).encode()

    assert stop_of(many) == (StopCode.STOP_TEXT_TOO_LARGE, "limit_3_units")
    assert stop_of("Điều 1.\n".encode() + "“Chữ.”\n".encode() * 5) == (StopCode.STOP_TEXT_TOO_LARGE, "limit_3_units")
    assert stop_of("Điều 1.\n".encode() * 6) == (StopCode.STOP_TEXT_DOUBTFUL, "limit_3_doubts")
    assert MOST_UNITS > 1_000_000


def test_a_heading_line_without_end_gives_the_beginning_of_its_title() -> None:
    """Without it the title of a text on one line would be the whole text, in every list and column."""
    made = cut(("Điều 1. " + "a" * 200_000 + "\nĐiều 2. B\n").encode(), "D", VIETNAMESE_LAW)

    assert len(made.units[0].heading or "") == LONGEST_LINE - len("Điều 1. ".encode())
    assert made.units[1].heading == "B"


def test_doubts_about_many_marks_on_one_line_have_their_columns() -> None:
    """Without it the places of doubts on a long line would be wrong, or take the square of its length to find."""
    paired = cut("Điều 1.\nế “ ế “ ”\n”".encode(), "D", VIETNAMESE_LAW)
    lonely = cut("Điều 1.\nế “ ế “ a\n”\n “".encode(), "D", VIETNAMESE_LAW)

    assert [doubt.code for doubt in paired.doubts] == []
    assert [(doubt.code, doubt.line, doubt.column) for doubt in lonely.doubts] == [
        (DoubtCode.UNBALANCED_QUOTE, 2, 3),
        (DoubtCode.UNBALANCED_QUOTE, 4, 2),
    ]

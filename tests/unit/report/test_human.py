"""The rules of screens that golden files alone would not explain."""

import msgspec
import pytest

from cutter.report.human import count_phrase, counted, result_lines, table_lines
from tests.golden.screens.cases import RESULTS

COUNTS = {
    "all four": ({"CH": 9, "ART": 61, "CL": 148, "PT": 57}, "9 Chương · 61 Điều · 148 Khoản · 57 Điểm = 275"),
    "with others": ({"ART": 2, "ANX": 1, "QS": 3}, "2 Điều · 4 other = 6"),
    "large": ({"CL": 12345}, "12,345 Khoản = 12,345"),
    "none of a type": ({"CH": 0, "ART": 1}, "1 Điều = 1"),
}


@pytest.mark.parametrize("name", COUNTS)
def test_count_phrase(name: str) -> None:
    """The reader compares this sum with the document: a type that is left out would hide units."""
    counts, phrase = COUNTS[name]

    assert count_phrase(counts) == phrase


@pytest.mark.parametrize("name", RESULTS)
def test_state_first_and_next_last(name: str) -> None:
    """People and scripts look at the first word and the last block; ids, codes and commands stand there whole."""
    result = RESULTS[name]
    lines = result_lines(result)
    text = "\n".join(lines)
    last = lines[-len(result.next) :] if result.next else ()

    assert lines[0].split()[0].isupper()
    assert all(line.endswith(step.command) for line, step in zip(last, result.next, strict=True))
    assert result.stop_code is None or f"{result.stop_code} " in lines[0]
    assert f"exit {result.exit_code}" in lines[0] or result.exit_code == 0
    assert "…" not in text


def test_a_rehearsal_does_not_claim_what_was_not_checked() -> None:
    """«The database refused the commit (checked)» may stand only where it was tried."""
    claim = "refused the commit (checked)"

    assert claim in "\n".join(result_lines(RESULTS["rehearsal"]))
    assert claim not in "\n".join(result_lines(RESULTS["rehearsal_not_proved"]))


def test_tables_for_programs_are_not_cut() -> None:
    """Off a terminal a record is one line with tabs and whole values, as `cut` and `awk` need it."""
    rows = [("a" * 300, "x\ty"), ("b", "z")]

    assert table_lines(rows, aligned=False) == ("a" * 300 + "\tx\\x09y", "b\tz")


def test_columns_are_aligned_by_cells() -> None:
    """Vietnamese letters of two code points would push a column to the right."""
    assert table_lines([("Die\u0302\u0300u", "1"), ("abcdef", "2")], aligned=True) == ("Diều    1", "abcdef  2")


def test_no_table_of_nothing() -> None:
    """No rows must not be an error."""
    assert table_lines([], aligned=True) == ()


@pytest.mark.parametrize(
    ("number", "what", "words"),
    [
        (0, "gap", "0 gaps"),
        (1, "doubt", "1 doubt"),
        (2000, "unit", "2,000 units"),
        (1, "unit as a draft|units as drafts", "1 unit as a draft"),
        (3, "unit as a draft|units as drafts", "3 units as drafts"),
    ],
)
def test_counted(number: int, what: str, words: str) -> None:
    """«1 doubts» reads as if something had been left out."""
    assert counted(number, what) == words


def test_one_of_a_kind_stands_in_the_singular() -> None:
    """The facts of every phase are counted in words, not only those of the screens that were looked at."""
    rehearsal = RESULTS["rehearsal"]
    ones = [
        msgspec.structs.replace(
            phase,
            surveys=min(phase.surveys, 1),
            facts={name: 1 if type(value) is int else value for name, value in phase.facts.items()},
        )
        for phase in rehearsal.phases
    ]
    lines = result_lines(msgspec.structs.replace(rehearsal, phases=tuple(ones)))

    assert [line for line in lines if " 1 " in line and "1 unit" in line] != []
    assert [
        line for line in lines for word in ("units", "rows", "bytes", "doubts", "gaps") if f" 1 {word}" in line
    ] == []

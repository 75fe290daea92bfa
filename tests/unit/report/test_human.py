"""The rules of screens that golden files alone would not explain."""

import re
from collections.abc import Iterator

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

    assert count_phrase(counts, "vi") == phrase


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


def numbers(value: object) -> Iterator[int]:
    """Every number in a document, and those that stand in its texts."""
    match value:
        case bool():
            return
        case int():
            yield value
        case str():
            yield from map(int, re.findall(r"[0-9]+", value))
        case dict():
            for inner in value.values():
                yield from numbers(inner)
        case list() | tuple():
            yield len(value)
            for inner in value:
                yield from numbers(inner)
        case _:
            return


# What a screen counts itself: units of types that have no word, and all units; surveys of all phases; checks that went
# well; hours and seconds in place of seconds and milliseconds.
COUNTED = {"14 other", "= 1,289", "6 surveys", "checks 1–7", "checks 1–11", "of 15", "72 h", "1.9 s"}


@pytest.mark.parametrize("name", [name for name, result in RESULTS.items() if result.run_id])
def test_every_number_of_a_screen_is_in_the_document(name: str) -> None:
    """A program that reads the JSON must not know less than a person who reads the screen."""
    result = RESULTS[name]
    text = "\n".join(result_lines(result)).replace(result.run_id, "").replace(result.run_id[:8], "")
    for words in COUNTED:
        text = text.replace(words, "")
    known = set(numbers(msgspec.to_builtins(result)))
    shown = {int(found.replace(",", "")) for found in re.findall(r"\b[0-9]{1,3}(?:,[0-9]{3})+\b|\b[0-9]+\b", text)}

    assert shown - known == set()


def test_a_waiting_screen_says_all_that_a_signer_needs() -> None:
    """M2: what, seen, needed, who can, until when, which page, and that silence means no."""
    text = "\n".join(result_lines(RESULTS["waiting_for_others"]))

    for words in ("1,289 rows of VN-DEMO-1", "content 1 · form 1 · sovereign 1", "signed so far: 1 (cuong.vo)"):
        assert words in text
    for words in ("dung.ho form", "not an.tran, who asked", "silence means no", "review-GATE_CUT_AUTHORIZATION.html"):
        assert words in text


def test_a_refused_approval_shows_all_that_is_missing_at_once() -> None:
    """M3: one refusal after the other would send people back and forth."""
    text = "\n".join(result_lines(RESULTS["approval_refused"]))

    for words in ("check 8 of 15; checks 1–7 passed", "missing  form 1 · sovereign 1", "1 signature: cuong.vo"):
        assert words in text
    assert "The run waits on." in text


def test_a_finished_run_shows_what_proves_it() -> None:
    """M5: done is claimed with who signed, what proves it and what stays open; without a proof none is shown."""
    done = RESULTS["done"]
    text = "\n".join(result_lines(done))

    for words in ("binh.le at GATE_LIFECYCLE_ENACT_AUTHORIZATION", "checkpoint at 214 kept in 3 places", "2 doubts"):
        assert words in text
    assert "Proof" not in "\n".join(result_lines(msgspec.structs.replace(done, proof=None)))
    assert "already done" in result_lines(RESULTS["already_done"])[0]


def test_what_people_call_themselves_cannot_move_the_cursor() -> None:
    """Names come from a bundle and paths from a host: a control in one must not hide what is asked."""
    waiting = RESULTS["waiting"].waiting
    assert waiting is not None
    hostile = msgspec.structs.replace(waiting, requester="a\x1b[2Jb", review_path="p\u202eq", signed=("x\ry",))
    text = "\n".join(result_lines(msgspec.structs.replace(RESULTS["waiting"], waiting=hostile)))

    assert not set("\x1b\u202e\r") & set(text)

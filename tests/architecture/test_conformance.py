"""The table of what keeps each rule: rows can be planted, tests exist, the page is current, its sums are right."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tools.conformance import PAGE, ROWS, mistakes, page
from tools.conformance_bits import admitted
from tools.conformance_rules import RULES, Row
from tools.mutation import Change, Ran, ask, count, planted

ONE = ROWS[0]


def test_every_row_can_be_planted_and_its_tests_exist() -> None:
    """Without it the page would name tests that are gone, and mutants that nobody can plant."""
    assert list(mistakes(ROWS)) == []


def test_every_rule_has_rows() -> None:
    """Without it a rule could be claimed that nothing keeps."""
    assert sorted({row.rule for row in ROWS}) == sorted(RULES) == list(range(1, 11))


def test_no_row_stands_there_twice() -> None:
    """Without it a copied row could look like one more thing that is kept."""
    assert len({row.kept for row in ROWS}) == len(ROWS)


def test_the_page_is_current() -> None:
    """Without it the page would tell of a table that has moved on."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_is_the_same_each_time() -> None:
    """Without it `make check` would refuse the page on another day."""
    assert page() == page()


MISTAKES = {
    "no such test": replace(ONE, tests=("tests/unit/test_run.py::test_nothing",)),
    "no such file": replace(ONE, tests=("tests/unit/test_nowhere.py::test_nothing",)),
    "no test": replace(ONE, tests=()),
    "no such rule": replace(ONE, rule=11),
    "a text that is not there": replace(ONE, mutant=Change(ONE.mutant.file, "never written here", "")),
    "a text that is there often": replace(ONE, mutant=Change(ONE.mutant.file, "\n", "")),
    "a file that is not there": replace(ONE, mutant=Change("cutter/nowhere.py", "x", "")),
    "a mutant that changes nothing": replace(ONE, mutant=replace(ONE.mutant, replacement=ONE.mutant.text)),
}


@pytest.mark.parametrize("row", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_table_is_found(row: Row) -> None:
    """Without it the check of the table could be one that finds nothing."""
    assert len(list(mistakes([row]))) == 1


FORMS = ("[ab]{0,2}c?", "(x|yz){1,2}", "^[a-c][0-9]$", "([01]{2}-)?[ab]")


@pytest.mark.parametrize("form", FORMS)
def test_a_bound_is_at_least_what_a_form_admits(form: str) -> None:
    """Without it the page would promise that less can be put into a field than can be."""
    signs = sorted(set("abcxyz019-"))
    found = sum(
        re.fullmatch(form, "".join(text)) is not None
        for length in range(5)
        for text in itertools.product(signs, repeat=length)
    )
    assert admitted(form) >= found > 0
    assert admitted("[0-9]{3}") == 1000


def test_a_form_without_a_bound_has_none() -> None:
    """Without it a field for any text would be told with some number of bits."""
    for form in ("a+", "[^a]", ".", r"\d"):
        with pytest.raises(ValueError, match="no bound"):
            admitted(form)


TESTS = {
    "def test_it() -> None:\n    from code import kept\n    assert kept": (Ran.PASSED, Ran.FAILED),
    "import nothing_of_that_name\n": (Ran.BROKEN, Ran.BROKEN),
    "import pytest\n\n@pytest.fixture\ndef broken():\n    raise OSError\n\ndef test_it(broken): ...": (
        Ran.BROKEN,
        Ran.BROKEN,
    ),
}


@pytest.mark.parametrize(("test", "ran"), TESTS.items(), ids=["a test", "a file that fails", "a fixture that fails"])
def test_only_a_failed_test_kills(tmp_path: Path, test: str, ran: tuple[Ran, Ran]) -> None:
    """Without it tests that cannot run would count as having found a mutant."""
    (tmp_path / "kept.py").write_text("kept = True\n", encoding="utf-8")
    (tmp_path / "test_it.py").write_text(test.replace("from code", "from kept"), encoding="utf-8")
    change = Change("kept.py", "True", "False")
    assert count(tmp_path, change) == 1

    first = ask(tmp_path, ["test_it.py"])
    with planted(tmp_path, change):
        second = ask(tmp_path, ["test_it.py"])

    assert (first.ran, second.ran) == ran
    assert bool(first.failed) == (first.ran is not Ran.PASSED)
    assert (tmp_path / "kept.py").read_text(encoding="utf-8") == "kept = True\n"

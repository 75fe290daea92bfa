"""Foreign text on a screen: nothing moves the cursor, hides or reorders; letters stay whole."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter.report.visible import visible, width

CASES = {
    "plain": ("Điều 5", "Điều 5"),
    "escape": ("a\x1b[2Jb", "a\\x1b[2Jb"),
    "carriage return": ("ok\rREFUSED", "ok\\x0dREFUSED"),
    "newline": ("a\nb", "a\\x0ab"),
    "C1 control": ("a\x9bb", "a\\x9bb"),
    "bidi override": ("a\u202eb", "a\\u202eb"),
    "zero width": ("a\u200bb", "a\\u200bb"),
    "line separator": ("a\u2028b", "a\\u2028b"),
    "tag character": ("a\U000e0041b", "a\\U000e0041b"),
    "lone surrogate": ("a\ud800b", "a\\ud800b"),
    "decomposed": (unicodedata.normalize("NFD", "Điều"), "Điều"),
    "markup of rich": ("[a] :warning: [/CH-01]", "[a] :warning: [/CH-01]"),
}


@pytest.mark.parametrize("name", CASES)
def test_visible(name: str) -> None:
    """A title or file name could otherwise rewrite what the screen says (attack row 41)."""
    given_text, shown = CASES[name]

    assert visible(given_text) == shown


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    """The closed cases above are examples; this holds for every character."""
    assert all(unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in visible(text))


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_letters_are_not_changed(text: str) -> None:
    """What is printed is what was given, composed: no markup, no emoji codes, no lost brackets."""
    assert visible(text) == unicodedata.normalize("NFC", text)


def test_a_command_keeps_its_bytes() -> None:
    """A decomposed file name in a command would name another file if it were composed."""
    name = unicodedata.normalize("NFD", "Điều.yaml")

    assert visible(name, compose=False) == name


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("Điều", 4), ("漢字", 4), ("e\u0301", 1), ("", 0)])
def test_width(text: str, cells: int) -> None:
    """Columns and carets stand in the right place only when cells are counted, not characters."""
    assert width(text) == cells

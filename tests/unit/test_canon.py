"""Canonical JSON is RFC 8785 for the values that cutter has, and refuses all others."""

from enum import Enum
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cutter import canon

KEYS = st.text(st.characters(codec="ascii"), max_size=8)
INTEGERS = st.integers(-canon.LARGEST_INTEGER, canon.LARGEST_INTEGER)
LEAVES = st.none() | st.booleans() | INTEGERS | st.text()
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=30)


@given(TREES)
def test_the_bytes_are_those_of_rfc_8785(tree: Any) -> None:
    """Without it another implementation of the standard would compute other digests for the same evidence."""
    assert canon.encode(tree) == rfc8785.dumps(tree)


class Colour(Enum):
    RED = "red"


class Pair(msgspec.Struct, frozen=True):
    second: int
    first: tuple[Colour, ...]


def test_a_struct_is_its_fields_sorted() -> None:
    """Without it the order in which a type declares its fields would decide its digest."""
    assert canon.encode(Pair(2, (Colour.RED,))) == b'{"first":["red"],"second":2}'


def test_a_digest_is_sha256_over_the_bytes() -> None:
    """Without it digests could not be checked with standard tools."""
    assert canon.sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert canon.digest({}) == canon.sha256(b"{}")


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        -0.0,
        float("nan"),
        [{"a": 0.5}],
        2**53,
        -(2**53),
        {"a": [2**53]},
        {"é": 1},
        {1: "a"},
        {"a": {"b": {"ư": None}}},
    ],
    ids=repr,
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    """Without it two programs could write the same value in different bytes: floats, huge integers, sorted keys."""
    with pytest.raises(ValueError, match=r"canonical"):
        canon.encode(value)

"""The matching of persons to a quorum, compared with one that tries everything."""

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter.approval.quorum import ANY_ROLE, assign
from cutter.model import RoleQuorum

ROLE_NAMES = ("content", "form", "sovereign")
PERSONS = st.dictionaries(
    st.sampled_from("abcde"), st.sets(st.sampled_from((*ROLE_NAMES, "operator"))).map(sorted), max_size=5
)
QUORUMS = st.lists(
    st.builds(RoleQuorum, st.sampled_from(ROLE_NAMES), st.integers(1, 2)),
    min_size=1,
    max_size=3,
    unique_by=lambda quorum: quorum.role,
)


def places_of(roles: Sequence[RoleQuorum], threshold: int) -> list[str]:
    """The places to fill, each with its role."""
    places = [quorum.role for quorum in roles for _ in range(quorum.persons)]
    return places + [ANY_ROLE] * (threshold - len(places))


def most_filled(persons: Mapping[str, Sequence[str]], roles: Sequence[RoleQuorum], threshold: int) -> int:
    """How many places can be filled at most: every seating is tried."""
    places = places_of(roles, threshold)
    listed = {quorum.role for quorum in roles}
    seats = [*places, *[""] * len(persons)]
    seatings = itertools.permutations(range(len(seats)), len(persons))
    return max(
        sum(
            seats[seat] in own or (seats[seat] == ANY_ROLE and bool(listed & set(own)))
            for seat, own in zip(seating, persons.values(), strict=True)
        )
        for seating in itertools.islice(seatings, 200_000)
    )


@given(
    PERSONS.filter(lambda found: len(found) <= 4),
    QUORUMS.filter(lambda q: sum(i.persons for i in q) <= 4),
    st.integers(0, 1),
)
def test_a_quorum_that_can_be_met_is_met(persons: dict[str, list[str]], roles: list[RoleQuorum], extra: int) -> None:
    """Without it somebody counted for the wrong role would leave the run waiting for ever."""
    threshold = sum(quorum.persons for quorum in roles) + extra
    found = assign(persons, roles, threshold)

    assert len(found.filled) == most_filled(persons, roles, threshold)
    assert sum(quorum.persons for quorum in found.missing) == threshold - len(found.filled)
    assert found.complete == (len(found.filled) == threshold)


@given(PERSONS, QUORUMS, st.integers(0, 2))
def test_nobody_is_counted_for_a_role_they_do_not_have(
    persons: dict[str, list[str]], roles: list[RoleQuorum], extra: int
) -> None:
    """Without it a gate could open on roles that nobody who signed has."""
    threshold = sum(quorum.persons for quorum in roles) + extra
    for person, role in assign(persons, roles, threshold).filled.items():
        assert role in persons[person]
        assert role in {quorum.role for quorum in roles}


CASES: dict[str, tuple[dict[str, tuple[str, ...]], tuple[RoleQuorum, ...], int, tuple[RoleQuorum, ...]]] = {
    "nobody": ({}, (RoleQuorum("form", 2),), 2, (RoleQuorum("form", 2),)),
    "one of two": ({"a": ("form",)}, (RoleQuorum("form", 2),), 2, (RoleQuorum("form", 1),)),
    "one person for two roles": (
        {"a": ("form", "content")},
        (RoleQuorum("form", 1), RoleQuorum("content", 1)),
        2,
        (RoleQuorum("content", 1),),
    ),
    "the one who signed first has both roles": (
        {"a": ("form", "content"), "b": ("form",)},
        (RoleQuorum("form", 1), RoleQuorum("content", 1)),
        2,
        (),
    ),
    "another role": ({"a": ("operator",)}, (RoleQuorum("form", 1),), 1, (RoleQuorum("form", 1),)),
    "more than the roles ask for": ({"a": ("form",)}, (RoleQuorum("form", 1),), 2, (RoleQuorum(ANY_ROLE, 1),)),
    "somebody else of a listed role": ({"a": ("form",), "b": ("form",)}, (RoleQuorum("form", 1),), 2, ()),
    "somebody else of no listed role": (
        {"a": ("form",), "b": ("operator",)},
        (RoleQuorum("form", 1),),
        2,
        (RoleQuorum(ANY_ROLE, 1),),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_missing_is_told(name: str) -> None:
    """Without it people would not know who is still to sign."""
    persons, roles, threshold, missing = CASES[name]
    assert missing == assign(persons, roles, threshold).missing

"""How persons are matched to what a gate asks for.

Rules kept here: a person fills one place, whatever roles or keys they have; the matching is a largest one, so a quorum
that can be met is met whoever signed first; places beyond the roles' own are filled by anybody with a listed role.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cutter.model import RoleQuorum

ANY_ROLE = "any"


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who was counted for which role, and how many persons of which roles (or of any listed one) are missing."""

    filled: Mapping[str, str]
    missing: tuple[RoleQuorum, ...]

    @property
    def complete(self) -> bool:
        """Whether the quorum is met."""
        return not self.missing


def assign(persons: Mapping[str, Collection[str]], roles: Sequence[RoleQuorum], threshold: int) -> Assignment:
    """Match persons to the places of a quorum.

    Args:
        persons: each person's roles; earlier ones are counted first where it makes no difference.
        roles: how many persons of each role.
        threshold: how many distinct persons in all.
    """
    asked = [quorum.role for quorum in roles for _ in range(quorum.persons)]
    places = asked + [ANY_ROLE] * max(0, threshold - len(asked))
    listed = {quorum.role for quorum in roles}
    fitting = {person: _places_of(set(own) & listed, places) for person, own in persons.items()}
    taken: dict[int, str] = {}
    for person in persons:
        _seat(person, fitting, taken, set())
    filled = {person: _role(places[place], persons[person], listed) for place, person in sorted(taken.items())}
    left = [role for place, role in enumerate(places) if place not in taken]
    return Assignment(filled, tuple(RoleQuorum(role, left.count(role)) for role in dict.fromkeys(left)))


def _places_of(roles: Collection[str], places: Sequence[str]) -> tuple[int, ...]:
    return tuple(n for n, role in enumerate(places) if role in roles or (role == ANY_ROLE and roles))


def _seat(person: str, fitting: Mapping[str, Sequence[int]], taken: dict[int, str], tried: set[int]) -> bool:
    """Give a person a place, moving others to places that suit them too (an augmenting path)."""
    for place in fitting[person]:
        if place not in tried:
            tried.add(place)
            if place not in taken or _seat(taken[place], fitting, taken, tried):
                taken[place] = person
                return True
    return False


def _role(place: str, own: Collection[str], listed: Collection[str]) -> str:
    return place if place != ANY_ROLE else min(role for role in own if role in listed)

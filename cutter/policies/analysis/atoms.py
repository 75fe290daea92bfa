"""The values of a field, as few as conditions can tell apart, and how a type's domain takes each.

Source: issue 7, rule 4; policies.md §0.3.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import pairwise
from typing import NamedTuple, assert_never

from cutter.policies.analysis.regions import Extent, Given, Ranges, These
from cutter.policies.domain import Domain, IssuedReference, Moment, Truth, Value, Whole, Words
from cutter.policies.policy import Between, Equal, OneOf, Test

_TIME = "time"
# No word is so written, so that it is outside every list of words.
_NO_WORD = " "


class State(Enum):
    """Where the values of a cell are."""

    INSIDE = "inside"
    MISSING = "missing"
    OUTSIDE = "outside"


class Admission(Enum):
    """How a domain takes a value; what is refused never reaches the rules and is denied."""

    INSIDE = "inside"
    MISSING = "missing"
    OUTSIDE = "outside"
    REFUSED = "refused"


class Atom(NamedTuple):
    """Values that nothing tells apart: where they are, the values, and one of them (of what is not finite: which)."""

    state: State
    extents: tuple[Extent, ...] = ()
    sample: Value = ""


def atoms_of(domains: Sequence[Domain | None], tests: Sequence[Test]) -> list[Atom]:
    """All values of a field.

    Args:
        domains: the field's domain, as each selection knows it; None: it does not know the field.
        tests: all conditions on the field.
    """
    known = [domain for domain in dict.fromkeys(domains) if domain is not None]
    found: list[Atom] = []
    found += [Atom(State.INSIDE, (These((word,)),), word) for word in _words(known)]
    found += [Atom(State.INSIDE, (These((truth,)),), truth) for truth in (False, True) if Truth() in known]
    found += [Atom(State.INSIDE, (Ranges((bounds,)),), bounds[0]) for bounds in _ranges(known, tests)]
    found += [Atom(State.INSIDE, (Given(of),), of) for of in dict.fromkeys(_given(known))]
    found.append(Atom(State.MISSING))
    if any(isinstance(domain, Words) for domain in known):
        found.append(Atom(State.OUTSIDE, (), _NO_WORD))
    numbers = [domain.maximum for domain in known if isinstance(domain, Whole)]
    return [*found, Atom(State.OUTSIDE, (), max(numbers) + 1)] if numbers else found


def admission(domain: Domain | None, atom: Atom) -> Admission:
    """How a domain takes the values of an atom; None: the type has no such field."""
    if atom.state is State.MISSING:
        return Admission.MISSING
    given = any(isinstance(extent, Given) for extent in atom.extents)
    match domain:
        case None:
            return Admission.REFUSED
        case Words(words):
            if type(atom.sample) is not str:
                return Admission.REFUSED
            return Admission.INSIDE if atom.sample in words and not given else Admission.OUTSIDE
        case Whole(minimum, maximum):
            if type(atom.sample) is not int:
                return Admission.REFUSED
            return Admission.INSIDE if minimum <= atom.sample <= maximum else Admission.OUTSIDE
        case Truth():
            return Admission.INSIDE if type(atom.sample) is bool else Admission.REFUSED
        case Moment() | IssuedReference():
            return Admission.INSIDE if given and atom.sample in _given([domain]) else Admission.REFUSED
        case _ as never:
            assert_never(never)


def edges_of(test: Test) -> list[int]:
    """The numbers at which the answer of a test may change."""
    match test:
        case Between(minimum, maximum):
            return [minimum, maximum + 1]
        case Equal(value):
            return [value, value + 1] if type(value) is int else []
        case OneOf(values):
            return [edge for value in values if type(value) is int for edge in (value, value + 1)]
        case _ as never:
            assert_never(never)


def stated_by(test: Test) -> int:
    """How many values a test states."""
    match test:
        case Between():
            return 2
        case Equal():
            return 1
        case OneOf(values):
            return len(values)
        case _ as never:
            assert_never(never)


def _words(domains: Iterable[Domain]) -> list[str]:
    return list(dict.fromkeys(word for domain in domains if isinstance(domain, Words) for word in domain.words))


def _given(domains: Iterable[Domain]) -> list[str]:
    """What is not finite: times, and references by their issuer."""
    found = [_TIME if isinstance(d, Moment) else d.issuer for d in domains if isinstance(d, Moment | IssuedReference)]
    return sorted(found)


def _ranges(domains: Iterable[Domain], tests: Iterable[Test]) -> list[tuple[int, int]]:
    """The whole numbers of all domains, cut where a domain or a test begins or ends."""
    bounds = [(d.minimum, d.maximum) for d in domains if isinstance(d, Whole)]
    edges = {edge for low, high in bounds for edge in (low, high + 1)}
    edges |= {edge for test in tests for edge in edges_of(test)}
    cut = sorted(edges)
    pairs = [(low, high - 1) for low, high in pairwise(cut)]
    return [(low, high) for low, high in pairs if any(first <= low and high <= last for first, last in bounds)]

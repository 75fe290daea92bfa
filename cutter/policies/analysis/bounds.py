"""How much an analysis looks at: what is beyond is refused by name, never guessed and never waited for.

Rules kept here: one budget is for a whole command, over all trigger types and searches of it; what grows faster than a
policy file (states, mutants, findings, regions) has a bound of its own, so that memory is bounded as well as time.

Source: issue 7, "lint"; policies.md §3.2.
"""

from collections.abc import Iterator

from cutter.policies.analysis.regions import TooLarge

MOST_VISITS = 20_000_000
"""Visits of one analysis: up to a minute; lint of 1,000 rules on one type takes an eighth of them."""

MOST_STATES = 1_000_000
"""States that one search keeps, of spaces of a thousand rules; of wider ones as many fewer: 200 to 600 MB."""

MOST_RULES = 32_768
"""Rules of one trigger type, their mutants included: each is a bit of every cell."""

MOST_FIELDS = 500
"""Fields of one trigger type that conditions and actions name: each is a step down in a search."""

MOST_FINDINGS = 200_000
"""Findings of one lint: 1,000 rules that all overlap have half of them."""

MOST_REGIONS = 10_000
"""Regions of one trigger type in one difference; people sign what they can read."""

_WIDTH = 1024  # rules: with so many, a visit costs twice as much as with a few
_PER_VISIT = 8  # comparisons of two values, or of a value and a test, cost about one visit


class Budget:
    """The visits that are left to one analysis.

    Args:
        visits: how many there are.
    """

    def __init__(self, visits: int = MOST_VISITS) -> None:
        self.bound = self.left = visits

    def spend(self, trigger_type: str, visits: int) -> None:
        """Take visits.

        Raises:
            TooLarge: there are fewer left.
        """
        self.left -= visits
        if self.left < 0:
            raise TooLarge(trigger_type, self.bound)

    def spend_comparisons(self, trigger_type: str, comparisons: int) -> None:
        """Take as many visits as so many comparisons cost. Raises as `spend`."""
        self.spend(trigger_type, comparisons // _PER_VISIT)


def weight(width: int) -> int:
    """How many visits a visit counts in a space of so many rules: its numbers have as many bits."""
    return 1 + width // _WIDTH


def refuse_beyond(bound: int, count: int, trigger_type: str) -> None:
    """Raise `TooLarge` when there is more of something than its bound."""
    if count > bound:
        raise TooLarge(trigger_type, bound)


def first_of(mask: int) -> int:
    """The number of the lowest bit."""
    return (mask & -mask).bit_length() - 1


def numbers_of(mask: int) -> Iterator[int]:
    """The numbers of the bits, ascending."""
    while mask:
        yield first_of(mask)
        mask &= mask - 1

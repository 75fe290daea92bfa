"""How a unit stands in its document, as its profile's levels say; a unit itself names only its TYPE and rank."""

from functools import cache

from cutter.cutting.profile import DOCUMENT, Level, Profile, Rank
from cutter.cutting.unit import Unit


@cache
def _levels(profile: Profile, type_: str, rank: Rank, around: frozenset[str]) -> tuple[Level, ...]:
    alike = [level for level in profile.levels if level.type == type_ and level.rank is rank]
    inside = [level for level in alike if around.intersection(level.within)]
    return tuple(inside or alike)


class Standing:
    """The levels that a unit may be of, known from those of the unit around it.

    Args:
        levels: ids of the levels; several where a profile has levels of one TYPE and rank in one place.
        closed: a schedule or annex: numbers begin again in it, and it is not left out of a citation.
    """

    __slots__ = ("_profile", "closed", "levels")

    def __init__(self, profile: Profile, levels: frozenset[str] = frozenset((DOCUMENT,)), closed: bool = False) -> None:
        self._profile = profile
        self.levels = levels
        self.closed = closed

    def of(self, unit: Unit) -> "Standing":
        """How a unit stands that is directly below this one."""
        found = _levels(self._profile, unit.type, unit.rank, self.levels)
        closed = bool(found) and all(level.scope or level.opaque for level in found)
        return Standing(self._profile, frozenset(level.id for level in found), closed)

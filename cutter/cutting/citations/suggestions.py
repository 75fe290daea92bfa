"""What was probably meant: the names that are nearest to one that leads nowhere."""

from collections.abc import Iterable
from difflib import get_close_matches

# Below this share of common letters a name would only confuse.
_NEAR = 0.4
# Letters that are compared: the time grows with the square of them.
_LONGEST = 100


def nearest(wanted: str, known: Iterable[tuple[str, str]], most: int) -> tuple[str, ...]:
    """The values of the names that are nearest to the wanted one, best first.

    Args:
        wanted: what was looked for.
        known: names, each with what to suggest for it; a few thousand at most.
        most: how many to give.
    """
    values: dict[str, list[str]] = {}
    for name, value in known:
        values.setdefault(name[:_LONGEST], []).append(value)
    found = get_close_matches(wanted[:_LONGEST], values, n=max(most, 1), cutoff=_NEAR)
    if wanted.isdecimal() and len(wanted) <= _LONGEST:
        numbers = sorted((name for name in values if name.isdecimal()), key=lambda name: abs(int(name) - int(wanted)))
        found = list(dict.fromkeys((*found[:1], *numbers[:2], *found)))
    return tuple(value for name in found for value in values[name])[:most]

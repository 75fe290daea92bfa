"""Which profile a text belongs to, with the evidence: lines that only documents of a kind have.

Rules kept here: a profile is recognised when all of its evidence is there; of several, a special case is taken instead
of the general one, then the one with the most lines of evidence. Where two are level, nothing is guessed.

Source: issue 5, part 1.
"""

import re
from collections.abc import Sequence

import msgspec

from cutter.cutting.expressions import LONGEST_SEEN
from cutter.cutting.profile import Profile
from cutter.cutting.shadow import Text, read_text
from cutter.stops import Stop, StopCode

# Lines that are looked at: the kind of a document shows in its beginning.
_MOST_LINES = 20_000


class Recognised(msgspec.Struct, frozen=True):
    """A profile that a text shows: how many lines each expression of its evidence has, in the profile's order."""

    profile: Profile
    lines: tuple[int, ...]


def recognise(source: bytes, profiles: Sequence[Profile]) -> Recognised:
    """The profile that a text shows.

    Raises:
        Stop: STOP_PROFILE_UNKNOWN, detail `nothing_recognised` or `ambiguous` (with the ids); STOP_TEXT_….
    """
    found = all_recognised(read_text(source), profiles)
    special = {general for one in found for general in one.profile.instead_of}
    left = sorted((one for one in found if one.profile.id not in special), key=lambda one: -sum(one.lines))
    if not left:
        ids = tuple(profile.id for profile in profiles)
        raise Stop(StopCode.STOP_PROFILE_UNKNOWN, detail="nothing_recognised", suggestions=ids)
    if len(left) > 1 and sum(left[0].lines) == sum(left[1].lines):
        level = tuple(one.profile.id for one in left if sum(one.lines) == sum(left[0].lines))
        raise Stop(StopCode.STOP_PROFILE_UNKNOWN, detail="ambiguous", suggestions=level)
    return left[0]


def all_recognised(text: Text, profiles: Sequence[Profile]) -> list[Recognised]:
    """Every profile whose evidence is all there."""
    expressions = [(profile, [re.compile(each.lines) for each in profile.evidence]) for profile in profiles]
    counted = [(profile, patterns, [0] * len(patterns)) for profile, patterns in expressions if patterns]
    for index in range(min(text.lines, _MOST_LINES)):
        shadow = text.shadow(index)[:LONGEST_SEEN]
        if not shadow:
            continue
        for _, patterns, lines in counted:
            for place, pattern in enumerate(patterns):
                lines[place] += pattern.match(shadow) is not None
    return [
        Recognised(profile, tuple(lines))
        for profile, _, lines in counted
        if all(found >= each.at_least for found, each in zip(lines, profile.evidence, strict=True))
    ]

"""Comparing fingerprints: what a database has and what was pinned, by object and part.

Rules kept here: nothing is too small to be a difference; a difference is told with what was expected and what was
found; an event holds words, so a long definition is told there by its digest.

Source: DESIGN §4 (Fingerprints).
"""

import re
from collections.abc import Mapping
from enum import Enum

import msgspec

from cutter import canon
from cutter.chain import token
from cutter.contracts import Fingerprint, FingerprintedObject
from cutter.stops import Stop, StopCode

# What each named fingerprint covers: the schemas that its pipelines stand on, with the roles that own and use them.
SCHEMAS: Mapping[str, tuple[str, ...]] = {
    "library": ("library", "cutter_governance", "kb"),
    "comm": ("comm", "cutter_governance", "kb"),
}
_WHOLE = "object"  # the part of a difference that is the whole object
_ABSENT = "absent"
_NO_WORD = re.compile(r"[^A-Za-z0-9_.:/@+-]")


class Change(Enum):
    """How something differs from its pin."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Difference(msgspec.Struct, frozen=True):
    """One part of one object that is not as pinned; `expected` or `found` is `absent` where there is none."""

    object: str
    part: str
    change: Change
    expected: str
    found: str


def compare(expected: Fingerprint, found: Fingerprint) -> tuple[Difference, ...]:
    """Every difference, in the order of the objects' names."""
    if expected == found:
        return ()
    pinned = {item.name: item for item in expected.objects}
    live = {item.name: item for item in found.objects}
    differences: list[Difference] = []
    for name in sorted(pinned.keys() | live.keys()):
        if name not in live:
            differences.append(Difference(name, _WHOLE, Change.REMOVED, pinned[name].sha256, _ABSENT))
        elif name not in pinned:
            differences.append(Difference(name, _WHOLE, Change.ADDED, _ABSENT, live[name].sha256))
        else:
            differences.extend(_compare_parts(pinned[name], live[name]))
    if expected.server_major != found.server_major:
        majors = str(expected.server_major), str(found.server_major)
        differences.append(Difference(found.name, "server_major", Change.CHANGED, *majors))
    return tuple(differences)


def check(expected: Fingerprint | None, found: Fingerprint, stop: StopCode) -> None:
    """Refuse a database that is not as pinned.

    Raises:
        Stop: `stop` with the first object and part that differ in its detail (`unpinned:NAME.MAJOR`: there is no pin
            for this server), and what was expected and found: words as they are, longer texts by digest.
    """
    if expected is None:
        raise Stop(
            stop, detail=f"unpinned:{found.name}.{found.server_major}", found="none", needed="cutter_fingerprints_pin"
        )
    differences = compare(expected, found)
    if differences:
        first = differences[0]
        part = f"{first.object.partition('(')[0]}:{first.part}".replace(" ", ":")
        raise Stop(stop, detail=_NO_WORD.sub("_", part)[:200], found=_word(first.found), needed=_word(first.expected))


def _compare_parts(expected: FingerprintedObject, found: FingerprintedObject) -> list[Difference]:
    pinned = {part.name: part.value for part in expected.parts}
    live = {part.name: part.value for part in found.parts}
    differences = []
    for name in sorted(pinned.keys() | live.keys()):
        if pinned.get(name) == live.get(name):
            continue
        change = Change.ADDED if name not in pinned else Change.REMOVED if name not in live else Change.CHANGED
        sides = pinned.get(name, _ABSENT), live.get(name, _ABSENT)
        differences.append(Difference(expected.name, name, change, *sides))
    return differences


def _word(text: str) -> str:
    return token(text) or f"sha256:{canon.sha256(text.encode())[:16]}"

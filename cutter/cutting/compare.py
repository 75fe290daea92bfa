"""Two cuts compared by address: what came, what went, what reads otherwise, what only has another number.

Rules kept here:

- A unit is known by its address below the document, so two versions compare, and two documents do.
- A unit with the same bytes at the same address is unchanged. Of the others, one whose own text, apart from the
  printed number and from white space, stands once among those left before and once among those left after, was
  renumbered (or moved). A text that stands there twice is not guessed.
- What stood in a renumbered unit is looked for in its new place, at the same segment, whatever its text.
- Texts are compared by digest; every step is linear in the size of the two cuts.

Source: cutting.md §1 (addresses); command-line.md §4 (3).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple

import msgspec

from cutter.cutting.shadow import fold
from cutter.cutting.unit import Cut, Unit

# How many characters of a unit are searched for its printed number.
_NUMBER_WITHIN = 400


class ChangeKind(Enum):
    """What happened to a unit."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"  # its own text differs; of a unit inside a renumbered one also its address
    RENUMBERED = "renumbered"  # the same own text under another address


class Difference(Enum):
    """In what a changed unit differs."""

    TEXT = "text"
    HEADING = "heading"  # only in its title
    NUMBER = "number"  # only in how its number is printed
    WHITE_SPACE = "white_space"  # only in white space


class Change(NamedTuple):
    """One change.

    Args:
        kind: what happened.
        address: the new address; of a removed unit the old one.
        before, after: the unit as it was and as it is; None where there was or is none.
        difference: of a changed unit, in what; None of the others.
    """

    kind: ChangeKind
    address: str
    before: Unit | None
    after: Unit | None
    difference: Difference | None = None


class Tally(msgspec.Struct, frozen=True):
    """How many units came, went, read otherwise, have another address only, and stayed as they were."""

    added: int
    removed: int
    changed: int
    renumbered: int
    unchanged: int


def diff(before: Cut, after: Cut) -> tuple[Change, ...]:
    """The changes from one cut to another: in the order of the new document, removed units last in that of the old."""
    old, new = _by_place(before), _by_place(after)
    origin = _same_place(old, new)
    origin |= _renumbered(old, new, origin)
    origin |= _followers(old, new, origin)
    left = set(origin.values())
    for place in new:
        if place not in origin and place in old and place not in left:
            origin[place] = place
    gone = set(origin.values())
    changes = [_arrival(place, unit, origin.get(place), old) for place, unit in new.items()]
    removed = (Change(ChangeKind.REMOVED, u.address, u, None) for place, u in old.items() if place not in gone)
    return (*(change for change in changes if change is not None), *removed)


def tally(changes: Iterable[Change], after: Cut) -> Tally:
    """The changes counted; `after` is the new cut that they lead to."""
    counts = Counter(change.kind for change in changes)
    added, changed, renumbered = (counts[k] for k in (ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.RENUMBERED))
    unchanged = len(after.units) - added - changed - renumbered
    return Tally(added, counts[ChangeKind.REMOVED], changed, renumbered, unchanged)


def _by_place(cut: Cut) -> dict[str, Unit]:
    """The units of a cut by their address below the document, in document order."""
    skipped = len(cut.document_id) + 1
    return {unit.address[skipped:]: unit for unit in cut.units}


def _same_place(old: Mapping[str, Unit], new: Mapping[str, Unit]) -> dict[str, str]:
    """Places whose bytes and title are the same in both."""
    return {place: place for place, unit in new.items() if place in old and _is_same(old[place], unit)}


def _is_same(old: Unit, new: Unit) -> bool:
    return (old.sha256, old.heading) == (new.sha256, new.heading)


def _renumbered(old: Mapping[str, Unit], new: Mapping[str, Unit], origin: Mapping[str, str]) -> dict[str, str]:
    """New places of texts that stand once among the units left before and once among those left after."""
    come = _once((place, unit) for place, unit in new.items() if place not in origin)
    gone = _once((place, unit) for place, unit in old.items() if place not in origin)
    return {come[text]: gone[text] for text in come if text in gone and come[text] != gone[text]}


def _once(units: Iterable[tuple[str, Unit]]) -> dict[bytes, str]:
    """Places by the digest of what they say, of texts that stand only once; a mere number says nothing."""
    places: dict[bytes, str | None] = {}
    for place, unit in units:
        said = _apart_from_number(unit)
        if said:
            key = hashlib.sha256(f"{unit.type}\0{said}".encode()).digest()
            places[key] = None if key in places else place
    return {key: place for key, place in places.items() if place is not None}


def _followers(old: Mapping[str, Unit], new: Mapping[str, Unit], origin: Mapping[str, str]) -> dict[str, str]:
    """New places inside renumbered units, each with the old place of the same segment; parents come first."""
    found: dict[str, str] = {}
    taken = set(origin.values())
    for place in new:
        if place in origin:
            continue
        parent, _, segment = place.rpartition("/")
        home = found.get(parent) or origin.get(parent)
        if home is None or home == parent:
            continue
        before = f"{home}/{segment}"
        if before in old and before not in taken:
            found[place] = before
            taken.add(before)
    return found


def _arrival(place: str, unit: Unit, home: str | None, old: Mapping[str, Unit]) -> Change | None:
    if home is None:
        return Change(ChangeKind.ADDED, unit.address, None, unit)
    before = old[home]
    if home == place:
        if _is_same(before, unit):
            return None
        return Change(ChangeKind.CHANGED, unit.address, before, unit, _difference(before, unit))
    difference = _difference(before, unit)
    if difference in {Difference.TEXT, Difference.HEADING}:
        return Change(ChangeKind.CHANGED, unit.address, before, unit, difference)
    return Change(ChangeKind.RENUMBERED, unit.address, before, unit)


def _difference(before: Unit, after: Unit) -> Difference:
    """In what two units differ, at the most."""
    old, new = before.body, after.body
    if old.split() == new.split():
        return Difference.WHITE_SPACE
    if _apart_from_number(before) == _apart_from_number(after):
        return Difference.NUMBER
    if before.heading != after.heading and _without_heading(before) == _without_heading(after):
        return Difference.HEADING
    return Difference.TEXT


def _apart_from_number(unit: Unit) -> str:
    """What a unit says: its own text in its shadow, without its printed number and label, and white space."""
    return " ".join(_without_label(fold(unit.body), fold(unit.number_raw)).split())


def _without_label(text: str, number: str) -> str:
    """A text without its printed number near the start, what stands before that on its line, and its closing signs."""
    found = re.compile(rf"(?<!\w){re.escape(number)}(?!\w)").search(text, 0, _NUMBER_WITHIN) if number else None
    if found is None:
        return text
    line = text.rfind("\n", 0, found.start()) + 1
    return text[:line] + text[found.end() :].lstrip(".):-–—")


def _without_heading(unit: Unit) -> str:
    text, heading = (" ".join(fold(part).split()) for part in (unit.body, unit.heading or ""))
    return text.replace(heading, "", 1) if heading else text

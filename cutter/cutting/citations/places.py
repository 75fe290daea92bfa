"""Where the units of a cut stand, so that what people cite leads to them.

An `AddressBook` is built once for a cut, in one pass; then a citation costs a few look-ups, however large the document.

Rules kept here:

- A citation leads to the units that stand exactly there; where that is none or more than one, it stops. No guess.
- Containers may be left out; the basic unit and what is below it may not: `điểm a Điều 5` is no point of a clause.
- A schedule or annex must be named: `section 1` is that of the body, whatever its schedules number.
- A number is that printed, its decimal value, its roman or ordinal form; a literal match comes before the others.
- A number with dots is that of one unit which is printed so (3.2.1), else the numbers of units inside each other.

Source: issue 5, part 4; cutting.md §1, rules 2–7.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from cutter.cutting.citations.akn import eids
from cutter.cutting.citations.citation import Citation, Part, parse_citation
from cutter.cutting.citations.standing import Standing
from cutter.cutting.citations.suggestions import nearest
from cutter.cutting.citations.vocabulary import folded, vocabulary
from cutter.cutting.profile import Profile, Rank
from cutter.cutting.unit import Cut, Unit
from cutter.stops import Stop, StopCode

# Units that one part of a citation may mean before the rest of it decides: more are ambiguous at once.
MOST_MEANT = 300
MOST_SUGGESTIONS = 5
# Units whose numbers are compared with one that leads nowhere.
MOST_COMPARED = 2000
# The TYPEs of a part without a word.
ANY: frozenset[str] = frozenset()
# The document itself, as a place.
TOP = -1

_OUTER_SIGNS = re.compile(r"^[\W_]+|[\W_]+$")
_SEGMENT = re.compile(r"([A-Z]+)-(.*?)(?:~([0-9]+))?")
_ZEROS = re.compile(r"^0+(?=[0-9])")

_Key = tuple[int, str, str]


class _Open(NamedTuple):
    """An open unit: its index and address, the index of its schedule, and how it stands."""

    place: int
    address: str | None
    scope: int
    standing: Standing


class AddressBook:
    """The places of a cut's units, by index in document order.

    Args:
        cut: the cut.
        profile: the profile that it was cut with.
        names: what the document is called besides its id, such as its title; they may stand in a citation.
    """

    def __init__(self, cut: Cut, profile: Profile, names: tuple[str, ...] = ()) -> None:
        self.cut = cut
        self.profile = profile
        self.names = (cut.document_id, *names)
        self.words = vocabulary(profile)
        open_types = {level.type for level in profile.levels if not (level.scope or level.opaque)}
        self._closed = frozenset(level.type for level in profile.levels) - open_types
        self._parents, self._ends, self._starts = array("q"), array("q"), array("Q")
        self._anchors, self._left_out = array("q"), bytearray()
        self._occurrences: dict[int, int] = {}
        self._places: dict[_Key, list[int]] = {}
        self._numbered: set[str] = set()
        self._enter_all()

    def resolve(self, text: str) -> tuple[Unit, ...]:
        """The units that a citation means, in document order; now always one.

        Raises:
            Stop: STOP_INVALID_INPUT as `parse_citation`; STOP_UNIT_UNKNOWN with `not_found`, `ambiguous` or
                `other_document`, and with the nearest addresses.
        """
        citation = parse_citation(text, self.profile, self.names)
        found = self.look_up(citation)
        if len(found) == 1:
            return (self.cut.units[found[0]],)
        if citation.document and citation.document != folded(self.cut.document_id):
            raise Stop(StopCode.STOP_UNIT_UNKNOWN, "other_document", needed=self.cut.document_id)
        if found:
            addresses = tuple(self.cut.units[index].address for index in found[:MOST_SUGGESTIONS])
            count = f"{len(found)} units" if len(found) < MOST_MEANT else f"{MOST_MEANT} units or more"
            raise Stop(StopCode.STOP_UNIT_UNKNOWN, "ambiguous", found=count, needed="one unit", suggestions=addresses)
        raise Stop(StopCode.STOP_UNIT_UNKNOWN, "not_found", suggestions=self._suggestions(citation))

    def look_up(self, citation: Citation) -> tuple[int, ...]:
        """The indexes of the units that a citation may mean, in document order: none, one, or why it is ambiguous."""
        if citation.document and citation.document != folded(self.cut.document_id):
            return ()
        if citation.eid:
            return self._eids.get(citation.eid, ())
        for readings in _readings(citation, self.profile, self._closed):
            found = sorted({index for reading in readings for index in self._follow(reading)[0]})
            if found:
                return tuple(found[:MOST_MEANT])
        return ()

    def index_of(self, unit: Unit) -> int:
        """The position of a unit of this cut.

        Raises:
            Stop: STOP_UNIT_UNKNOWN (`other_document`) for a unit of another cut.
        """
        index = bisect_left(self._starts, unit.start)
        if index < len(self._starts) and self.cut.units[index].address == unit.address:
            return index
        raise Stop(StopCode.STOP_UNIT_UNKNOWN, "other_document", needed=self.cut.document_id)

    def chain(self, index: int) -> list[int]:
        """A unit and those around it, innermost first."""
        chain = [index]
        while (index := self._parents[index]) != TOP:
            chain.append(index)
        return chain

    def below(self, index: int) -> range:
        """A unit and all units below it."""
        return range(index, self._ends[index])

    def may_be_left_out(self, index: int) -> bool:
        """Whether a citation of what is below a unit is as good without it."""
        return bool(self._left_out[index])

    @property
    def closed_types(self) -> frozenset[str]:
        """The TYPEs of schedules and annexes, in which numbers begin again."""
        return self._closed

    def _enter_all(self) -> None:
        open_ = [_Open(TOP, None, TOP, Standing(self.profile))]
        for index, unit in enumerate(self.cut.units):
            while len(open_) > 1 and open_[-1].address != unit.parent_address:
                self._ends[open_.pop().place] = index
            around = open_[-1]
            standing = around.standing.of(unit)
            self._parents.append(around.place)
            self._starts.append(unit.start)
            self._ends.append(index + 1)
            self._anchors.append(self._anchor_below(around.place))
            self._left_out.append(unit.rank in (Rank.CONTAINER, Rank.ZONE) and not standing.closed)
            self._enter(index, unit, around)
            open_.append(_Open(index, unit.address, index if standing.closed else around.scope, standing))
        for still_open in open_[1:]:
            self._ends[still_open.place] = len(self._parents)

    def _enter(self, index: int, unit: Unit, around: "_Open") -> None:
        """Enter a unit under its numbers: below what may not be left out, and a number with dots below its schedule."""
        number, occurrence = number_in_address(unit)
        printed = printed_number(unit)
        if occurrence > 1:
            self._occurrences[index] = occurrence
        with_path = "." in printed
        below = around.place if with_path else self._anchors[index]
        self._places.setdefault((below, unit.type, number), []).append(index)
        if with_path:
            self._places.setdefault((around.scope, unit.type, printed), []).append(index)
        elif printed and printed != number and not (printed.isdecimal() and number.isdecimal()):
            self._places.setdefault((below, unit.type, printed), []).append(index)
        if not printed:
            self._places.setdefault((below, unit.type, ""), []).append(index)
        if printed and unit.rank is not Rank.ZONE:
            self._numbered.add(unit.type)

    def _anchor_below(self, place: int) -> int:
        """The innermost place at or around this one that a citation may not leave out."""
        return self._anchors[place] if place != TOP and self._left_out[place] else place

    def _follow(self, reading: Sequence[Part]) -> tuple[list[int], int]:
        """The units that a reading leads to, outermost part first; and where it ended: the parts that were found."""
        reached = [TOP]
        for depth, part in enumerate(reading):
            last = depth == len(reading) - 1
            following = sorted({index for place in reached for index in self._step(place, part)})
            if not following:
                return [], depth
            if len(following) >= MOST_MEANT and not last:
                return following, depth
            reached = following
        return reached, len(reading)

    def _step(self, place: int, part: Part) -> list[int]:
        """The units below a place that one part means; those directly below it before those in its containers."""
        for number in self.words.forms(part.number):
            types = sorted(part.types or self._numbered - self._closed)
            entered = (index for type_ in types for index in self._entered(place, type_, number))
            meant = (i for i in entered if part.occurrence in (0, self._occurrences.get(i, 1)))
            found = list(islice(meant, MOST_MEANT))
            if place != TOP and (direct := [index for index in found if self._parents[index] == place]):
                return direct
            if found:
                return found
        return []

    def _entered(self, place: int, type_: str, number: str) -> Iterator[int]:
        """The units below a place, or below containers in it, under a number."""
        yield from self._places.get((place, type_, number), ())
        if place != TOP and self._left_out[place]:
            entered = self._places.get((self._anchor_below(place), type_, number), ())
            for position in range(bisect_left(entered, place + 1), len(entered)):
                if entered[position] >= self._ends[place]:
                    break
                yield entered[position]

    def _suggestions(self, citation: Citation) -> tuple[str, ...]:
        if citation.eid:
            known = (
                (name, self.cut.units[found[0]].address) for name, found in islice(self._eids.items(), MOST_COMPARED)
            )
            return nearest(citation.eid, known, MOST_SUGGESTIONS)
        readings = [reading for readings in _readings(citation, self.profile, self._closed) for reading in readings]
        reading = max(readings, key=lambda reading: self._follow(reading)[1])
        depth = self._follow(reading)[1]
        wanted = reading[depth]
        place = self._follow(reading[:depth])[0][0] if depth else TOP
        around = (self.cut.units[place].address,) if place != TOP else ()
        near = nearest(wanted.number, self._siblings(place, wanted), MOST_SUGGESTIONS - len(around))
        return (*near, *around) or self._anywhere(wanted)

    def _anywhere(self, wanted: Part) -> tuple[str, ...]:
        """The first units with this word and number, wherever they stand: `khoản 1` without its article."""
        forms = frozenset(self.words.forms(wanted.number))
        entered = (found for key, found in self._places.items() if key[1] in wanted.types and key[2] in forms)
        indexes = sorted({index for found in entered for index in found})
        return tuple(self.cut.units[index].address for index in indexes[:MOST_SUGGESTIONS])

    def _siblings(self, place: int, wanted: Part) -> Iterator[tuple[str, str]]:
        """Numbers and addresses of units that could have been meant below a place."""
        anchor = place if place == TOP or not self._left_out[place] else self._anchor_below(place)
        first, end = (0, len(self._parents)) if place == TOP else (place + 1, self._ends[place])
        looked_at = 0
        index = first
        while index < end and looked_at < MOST_COMPARED:
            looked_at += 1
            unit = self.cut.units[index]
            if (not wanted.types or unit.type in wanted.types) and self._anchors[index] == anchor:
                yield number_in_address(unit)[0], unit.address
            index = index + 1 if self._left_out[index] else self._ends[index]

    @cached_property
    def _eids(self) -> dict[str, tuple[int, ...]]:
        """Units by eId without letter case: with containers, and without where that is no other unit's."""
        found = _by_name(eids(self.cut, self.profile, containers=True))
        return {**_by_name(eids(self.cut, self.profile, containers=False)), **found}


def resolve(cut: Cut, text: str, profile: Profile, names: tuple[str, ...] = ()) -> tuple[Unit, ...]:
    """The units of a cut that a citation means. For many citations of one cut, keep an `AddressBook`.

    Raises:
        Stop: as `AddressBook.resolve`.
    """
    return AddressBook(cut, profile, names).resolve(text)


def printed_number(unit: Unit) -> str:
    """The number as printed, in the shadow and without letter case and the signs around it; empty for none."""
    return _OUTER_SIGNS.sub("", folded(unit.number_raw))


def number_in_address(unit: Unit) -> tuple[str, int]:
    """The number of the last segment of an address, without zeros before it, and which of those that repeat it is."""
    found = _SEGMENT.fullmatch(unit.address.rpartition("/")[2])
    if found is None:
        return "", 1
    return _ZEROS.sub("", folded(found[2])), int(found[3] or 1)


def _by_name(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for index, name in enumerate(names):
        plain = folded(name)
        found[plain] = (*found.get(plain, ()), index)
    return found


def _readings(citation: Citation, profile: Profile, closed: frozenset[str]) -> Iterator[list[tuple[Part, ...]]]:
    """What a citation may say, outermost part first, the likeliest first; those of one list are as likely."""
    dotted = any("." in part.number for group in citation.groups for part in group)
    for dots in (_whole, _whole_of_any, _split, _split_of_any, _split_below_any) if dotted else (_whole,):
        groups = [tuple(part for written in group for part in dots(written, closed)) for group in citation.groups]
        inner_first = _joined(reversed(groups))
        yield [inner_first] if citation.order == "inner_first" else list(dict.fromkeys((inner_first, _joined(groups))))
        if len(groups) > 2:
            yield [_joined(sorted(groups, key=lambda group: _depth(group[0], profile)))]


def _whole(part: Part, closed: frozenset[str]) -> tuple[Part, ...]:
    """A number with dots is one unit's, of which it is printed."""
    return (part,)


def _whole_of_any(part: Part, closed: frozenset[str]) -> tuple[Part, ...]:
    """The same, where the word is not that of the unit: `section 3.2.1` for a subsection. A schedule is never meant."""
    free = "." in part.number and not part.types & closed
    return (Part(ANY, part.number, part.occurrence),) if free else (part,)


def _split(part: Part, closed: frozenset[str]) -> tuple[Part, ...]:
    """Its numbers are those of units inside each other that the same word names: §6.3.1.4."""
    return _numbers(part, part.types, part.types)


def _split_of_any(part: Part, closed: frozenset[str]) -> tuple[Part, ...]:
    """The word is that of the outermost: Điều 5.2.a."""
    return _numbers(part, part.types, ANY)


def _split_below_any(part: Part, closed: frozenset[str]) -> tuple[Part, ...]:
    """The word is that of the innermost. A schedule is never meant."""
    return _numbers(part, part.types if part.types & closed or "." not in part.number else ANY, ANY)


def _numbers(part: Part, first: frozenset[str], others: frozenset[str]) -> tuple[Part, ...]:
    outer, *inner = part.number.split(".")
    if not inner:
        return (part,)
    *between, last = inner
    return (
        Part(first, outer),
        *(Part(others, number) for number in between),
        Part(others, last, part.occurrence),
    )


def _joined(groups: Iterable[Sequence[Part]]) -> tuple[Part, ...]:
    return tuple(part for group in groups for part in group)


def _depth(part: Part, profile: Profile) -> int:
    """Where a part stands among the levels; one without a word is the innermost."""
    depths = [index for index, level in enumerate(profile.levels) if level.type in part.types]
    return min(depths, default=len(profile.levels))

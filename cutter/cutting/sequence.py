"""Stage 3: which candidates are headings, decided by sequence.

A candidate is taken when it continues a run at an open rank, or opens a lower rank with its first number. Otherwise
it stays text and is reported. Two exceptions, both reported or safe:

- A gap in a run of keyword headings is taken when the missing number comes nowhere later in the text: stopping there
  would turn the rest of the document into text of one unit.
- An annex is taken only where the next basic heading does not continue the document's run; from the first annex on,
  nothing but annexes is recognised.

Source: cutting.md §2 stage 3, §3 cases 7, 8, 15.
"""

from collections.abc import Sequence

import msgspec

from cutter.cutting.address import ascii_alias, segment
from cutter.cutting.candidates import Candidate
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.numbers import Number, follows, is_first
from cutter.cutting.profile import TOP, Level, Profile, Rank, Run
from cutter.cutting.shadow import Text

# Numbers that a gap in a begun run may skip: a bigger jump is a citation or a year, not a heading.
LARGEST_GAP = 50


class Choice(msgspec.Struct, frozen=True, gc=False):
    """A candidate that was taken.

    Args:
        candidate: the heading.
        number: its number; None for an annex group heading, which has none of its own.
        parent: index of the choice that holds it, -1 for the document.
    """

    candidate: Candidate
    number: Number | None
    parent: int


def choose(text: Text, candidates: Sequence[Candidate], profile: Profile) -> tuple[list[Choice], list[Doubt]]:
    """Take the headings among candidates in line order; the choices in line order, and what was not sure."""
    sequence = _Sequence(text, candidates, profile)
    for position in range(len(candidates)):
        sequence.judge(position)
    return sequence.choices, sequence.doubts


class _Sequence:
    """The open units and runs while the candidates pass by; every list has one entry a level."""

    def __init__(self, text: Text, candidates: Sequence[Candidate], profile: Profile) -> None:
        self.choices: list[Choice] = []
        self.doubts: list[Doubt] = []
        self._text = text
        self._candidates = candidates
        self._profile = profile
        self._levels = profile.levels
        self._open: list[int | None] = [None] * len(self._levels)  # index of the open choice
        self._run: list[Number | None] = [None] * len(self._levels)  # the last number in the open parent
        self._through: list[Number | None] = [None] * len(self._levels)  # the last number in the document
        self._in_annex = False
        self._holders = [
            ([index for index in range(own) if self._levels[index].type in level.parents][::-1], TOP in level.parents)
            for own, level in enumerate(self._levels)
        ]
        self._last = {
            (candidate.level, reading): position
            for position, candidate in enumerate(candidates)
            if self._levels[candidate.level].words and not candidate.refused
            for reading in candidate.readings
        }
        self._next_basic = _next_of_rank(candidates, self._levels, Rank.BASIC)

    def judge(self, position: int) -> None:
        """Take the candidate at a position, or leave it as text."""
        candidate = self._candidates[position]
        own = candidate.level
        level = self._levels[own]
        if self._in_annex and level.rank is not Rank.ZONE:
            return
        parent = self._parent(own)
        if candidate.refused or parent is None or (level.rank is Rank.ZONE and self._text_goes_on(position)):
            self._report(candidate, DoubtCode.HEADING_REFUSED, "refused")
            return
        if not candidate.readings:
            self._take_unnumbered(position, parent)
            return
        for reading in candidate.readings:
            if self._continues(own, reading):
                self._take(candidate, reading, parent)
                return
        for reading in candidate.readings:
            if self._is_gap(position, own, reading):
                self._report(candidate, DoubtCode.GAP, "taken", reading)
                self._take(candidate, reading, parent)
                return
        self._refuse(candidate)

    def _parent(self, own: int) -> int | None:
        """The index of the deepest open choice that may hold the level, -1 for the document, None when none may."""
        holders, at_top = self._holders[own]
        for index in holders:
            found = self._open[index]
            if found is not None:
                return found
        return -1 if at_top else None

    def _previous(self, own: int) -> Number | None:
        level = self._levels[own]
        return self._run[own] or (None if level.run is Run.WITHIN else self._through[own])

    def _continues(self, own: int, number: Number) -> bool:
        previous = self._previous(own)
        if previous is not None and follows(number, previous, self._profile.suffixes):
            return True
        begins = previous is None or (self._levels[own].run is Run.EITHER and self._run[own] is None)
        return begins and is_first(number)

    def _is_gap(self, position: int, own: int, number: Number) -> bool:
        level = self._levels[own]
        if not level.words or level.run is Run.WITHIN:
            return False
        previous = self._previous(own)
        expected = previous.value + 1 if previous else 1
        if number.value <= expected or (previous and number.value - expected > LARGEST_GAP):
            return False
        return self._last.get((own, Number(expected)), -1) < position

    def _take(self, candidate: Candidate, number: Number | None, parent: int) -> None:
        own = candidate.level
        deeper = len(self._levels) - own - 1
        self._open[own:] = [len(self.choices), *[None] * deeper]
        self._run[own:] = [number, *[None] * deeper]
        self._through[own] = number
        self._in_annex = self._levels[own].rank is Rank.ZONE
        self.choices.append(Choice(candidate, number, parent))

    def _take_unnumbered(self, position: int, parent: int) -> None:
        """A keyword alone: the heading of a group when a numbered first one comes next, else the next in the run."""
        candidate = self._candidates[position]
        previous = self._previous(candidate.level)
        after = self._next_of_level(position) if previous is None else None
        groups = after is not None and any(map(is_first, after.readings))
        self._take(candidate, None if groups else Number(previous.value + 1 if previous else 1), parent)

    def _next_of_level(self, position: int) -> Candidate | None:
        own = self._candidates[position].level
        for later in range(position + 1, len(self._candidates)):
            candidate = self._candidates[later]
            if candidate.level == own and not candidate.refused:
                return candidate
        return None

    def _text_goes_on(self, position: int) -> bool:
        """Whether the next basic heading continues the document's run, so that no annex can begin here."""
        basic = self._next_basic[position]
        return (
            not self._in_annex
            and basic is not None
            and any(self._continues(basic.level, reading) for reading in basic.readings)
        )

    def _refuse(self, candidate: Candidate) -> None:
        previous = self._previous(candidate.level)
        number = candidate.readings[0]
        repeated = previous is not None and number <= previous
        self._report(candidate, DoubtCode.REPEATED if repeated else DoubtCode.GAP, "refused", number)

    def _report(self, candidate: Candidate, code: DoubtCode, verdict: str, number: Number | None = None) -> None:
        number = number or (candidate.readings[0] if candidate.readings else None)
        level = self._levels[candidate.level]
        name = segment(level, number, self._profile) if number else level.type
        line = self._text.line(candidate.line)
        column = len(line) - len(line.lstrip()) + 1
        self.doubts.append(Doubt(code, candidate.line + 1, column, f"{ascii_alias(name, self._profile)}_{verdict}"))


def _next_of_rank(candidates: Sequence[Candidate], levels: Sequence[Level], rank: Rank) -> list[Candidate | None]:
    """For every position, the next candidate of a rank after it."""
    found: list[Candidate | None] = [None] * len(candidates)
    after: Candidate | None = None
    for position in range(len(candidates) - 1, -1, -1):
        found[position] = after
        candidate = candidates[position]
        if levels[candidate.level].rank is rank and not candidate.refused:
            after = candidate
    return found

"""Stage 3: which candidates are headings, decided by sequence.

A candidate is taken when it continues a run at an open rank, or opens a lower rank with its first number. Otherwise
it stays text and is reported. Exceptions, reported or safe:

- A gap in a run of strong headings (more than a bare number) is taken when the missing number comes nowhere later in
  the text: stopping there would turn the rest of the document into text of one unit.
- An opaque level (annexes) is taken only where the next basic heading does not continue the document's run; from the
  first such heading on, nothing else is recognised.
- A sign that continues a letter run and opens a roman run, `(i)` after `(h)`, is what the next candidate goes on from.

Source: cutting.md §2 stage 3, §3 cases 7–9, 15.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import NamedTuple

import msgspec

from cutter.cutting.address import ascii_alias
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.forms import Candidate, Option
from cutter.cutting.numbers import Number, follows
from cutter.cutting.profile import DOCUMENT, Level, Profile, Rank, Run, Title
from cutter.cutting.shadow import Text

# Numbers that a gap in a begun run may skip: a bigger jump is a citation or a year, not a heading.
LARGEST_GAP = 50

_NONE = Number(0)  # of a heading without a number
_REFUSED = DoubtCode.HEADING_REFUSED, "refused"
_ORPHAN = DoubtCode.GAP, "taken_without_parent"


class Choice(msgspec.Struct, frozen=True, gc=False):
    """A candidate that was taken.

    Args:
        line: index of the line where its unit begins; `label_line` that of its number.
        level: index of its level.
        segment: its segment of an address; empty for a heading that has no number, or whose number does not count.
        printed: the number as printed.
        title: the title on its line, or above it.
        parent: index of the choice that holds it, -1 for the document.
        groups: it only heads a group of units like it, and is none itself.
    """

    line: int
    label_line: int
    level: int
    segment: str
    printed: str
    title: str
    parent: int
    groups: bool = False


class _Reached(NamedTuple):
    """How far a run has come: its last number, and the column of its text."""

    number: Number
    column: int


class _Frame:
    """An open unit: the choice, its depth, level id and printed number, the unit in which runs go through, and runs.

    `runs` are those of its children by level; `through` those that go through it, for a document or schedule.
    """

    __slots__ = ("choice", "column", "depth", "label", "level_id", "runs", "scope", "through")

    def __init__(self, choice: int, depth: int, level_id: str, label: str, column: int, scope: "_Frame | None") -> None:
        self.choice = choice
        self.depth = depth
        self.level_id = level_id
        self.label = label
        self.column = column
        self.scope = scope or self
        self.runs: dict[int, _Reached] = {}
        self.through: dict[int, _Reached] = {}


class _Later:
    """What comes in the whole text: found once, and only when a gap or an annex asks for it."""

    def __init__(self, candidates: Iterator[Candidate], levels: tuple[Level, ...]) -> None:
        self.last: dict[tuple[int, int], int] = {}  # the last line of a number without suffix, by level
        self.basics: list[tuple[int, Option]] = []
        for candidate in candidates:
            if candidate.refused:
                continue
            for option in candidate.options:
                level = levels[option.level]
                if level.strong and option.number is not None and not option.number.suffix:
                    self.last[option.level, option.number.value] = candidate.line
                if level.rank is Rank.BASIC and level.strong:
                    self.basics.append((candidate.line, option))


def choose(
    text: Text, find: Callable[[], Iterator[Candidate]], profile: Profile, doubts: list[Doubt]
) -> Iterator[Choice]:
    """Take the headings among the candidates, in line order.

    Args:
        text: the text.
        find: makes the candidates, in line order; asked again when a gap or an annex needs what comes later.
        profile: the profile.
        doubts: gets what was not sure.
    """
    sequence = _Sequence(text, find, profile, doubts)
    held: Candidate | None = None
    for candidate in find():
        if held is not None and (choice := sequence.judge(held, candidate)) is not None:
            yield choice
        held = candidate
    if held is not None and (choice := sequence.judge(held, None)) is not None:
        yield choice


class _Sequence:
    """The open units and runs while the candidates pass by."""

    def __init__(
        self, text: Text, find: Callable[[], Iterator[Candidate]], profile: Profile, doubts: list[Doubt]
    ) -> None:
        self._text = text
        self._find = find
        self._profile = profile
        self._levels = profile.levels
        self._doubts = doubts
        self._depths = _depths(profile)
        self._stack = [_Frame(-1, 0, DOCUMENT, "", -1, None)]
        self._count = 0
        self._opaque = False
        self._begun = False  # a container or basic unit was taken
        self._later: _Later | None = None

    def judge(self, candidate: Candidate, following: Candidate | None) -> Choice | None:
        """Take a candidate, or leave it as text; `following` is the next one."""
        options = candidate.options
        if self._opaque:
            options = tuple(option for option in options if self._levels[option.level].opaque)
            if not options:
                return None
        if candidate.refused:
            self._report(candidate, options[0], *_REFUSED)
            return None
        if len(options) == 1:
            option = options[0]
            frame = self._holder(option, candidate)
            if frame is not None and (self._continues(option, frame) or self._begins(option, frame)):
                return self._take(candidate, option, frame)
            held = [(option, frame)] if frame is not None else []
        else:
            held = [(option, frame) for option in options if (frame := self._holder(option, candidate)) is not None]
            best = self._best(held, following)
            if best is not None:
                return self._take(candidate, *best)
        return self._judge_doubtful(candidate, options, held)

    def _judge_doubtful(
        self, candidate: Candidate, options: tuple[Option, ...], held: list[tuple[Option, _Frame]]
    ) -> Choice | None:
        """Take a candidate that neither continues nor begins a run, and report it; or report why it stays text."""
        if not held:
            orphan = next((found for option in options if (found := self._above(option)) is not None), None)
            self._report(candidate, options[0], *(_ORPHAN if orphan else _REFUSED))
            return self._take(candidate, *orphan) if orphan else None
        for option, frame in held:
            if self._is_gap(candidate, option, frame):
                self._report(candidate, option, DoubtCode.GAP, "taken")
                return self._take(candidate, option, frame)
        option, frame = held[0]
        reached = self._reached(option, frame)
        repeated = reached is not None and option.number is not None and option.number <= reached.number
        taken = self._levels[option.level].marked
        self._report(
            candidate, option, DoubtCode.REPEATED if repeated else DoubtCode.GAP, "taken" if taken else "refused"
        )
        return self._take(candidate, option, frame) if taken else None

    def _above(self, option: Option) -> tuple[Option, _Frame] | None:
        """For a heading that prints the numbers around it, the deepest open unit of these, where one is missing.

        RFC 2616 has 13.1.1 and no 13.1. The unit's segment then has the numbers of all that is missing: SEC-1.1.
        """
        level = self._levels[option.level]
        if not level.path or level.title is Title.NONE or option.prefix.count(".") + 2 != self._depths[level.id]:
            return None
        for frame in reversed(self._stack[1:]):
            if not option.prefix.startswith(frame.label + "."):
                continue
            missing = option.prefix[len(frame.label) + 1 :]
            number = option.segment.partition("-")[2]
            return msgspec.structs.replace(option, segment=f"{level.type}-{missing}.{number}"), frame
        return None

    def _holder(self, option: Option, candidate: Candidate) -> _Frame | None:
        """The deepest open unit that may hold an option; None when none may."""
        level = self._levels[option.level]
        if level.opaque and self._text_goes_on(candidate):
            return None
        if level.rank is Rank.ZONE and not level.opaque and self._begun:
            return None
        within = level.within
        for frame in reversed(self._stack):
            if frame.level_id not in within:
                continue
            if option.prefix != frame.label and level.path and (option.prefix or frame.level_id != DOCUMENT):
                continue
            if level.nested and not self._indented(option, frame, candidate):
                continue
            return frame
        return None

    def _indented(self, option: Option, frame: _Frame, candidate: Candidate) -> bool:
        """Whether a list item stands where its neighbours do, or deeper than what holds it."""
        reached = frame.runs.get(option.level)
        return candidate.column == reached.column if reached else candidate.column > frame.column

    def _reached(self, option: Option, frame: _Frame) -> _Reached | None:
        run = self._levels[option.level].run
        if run is Run.WITHIN:
            return frame.runs.get(option.level)
        if run is Run.EITHER and (within := frame.runs.get(option.level)) is not None:
            return within
        return frame.scope.through.get(option.level)

    def _continues(self, option: Option, frame: _Frame) -> bool:
        if option.number is None or self._levels[option.level].run is Run.COUNTED:
            return True
        reached = self._reached(option, frame)
        return reached is not None and follows(option.number, reached.number, self._profile.suffixes)

    def _begins(self, option: Option, frame: _Frame) -> bool:
        level = self._levels[option.level]
        if option.number is None or option.number.suffix or option.number.value != level.first:
            return False
        return (frame.runs.get(option.level) if level.run is Run.EITHER else self._reached(option, frame)) is None

    def _best(
        self, held: list[tuple[Option, _Frame]], following: Candidate | None
    ) -> tuple[Option, _Frame] | None:
        """The option to take of several: one that continues a run, unless what follows goes on from one that begins."""
        on = [(o, f) for o, f in held if self._continues(o, f)]
        new = [(o, f) for o, f in held if o.number is not None and self._begins(o, f)]
        if on and new and following is not None:
            after = {(option.level, option.number) for option in following.options if option.number}
            if not any(self._goes_on(option, after) for option, _ in on):
                on = [found for found in new if self._goes_on(found[0], after)] or on
        return max(on or new, key=lambda found: found[1].depth, default=None)

    def _goes_on(self, option: Option, after: set[tuple[int, Number]]) -> bool:
        return option.number is not None and (option.level, Number(option.number.value + 1)) in after

    def _is_gap(self, candidate: Candidate, option: Option, frame: _Frame) -> bool:
        level, number = self._levels[option.level], option.number
        if number is None or not level.strong or (level.run is Run.WITHIN and not level.path):
            return False
        if level.path and option.segment[-2:].isalpha():
            return False  # letters behind z are those of inserted units: an amendment speaks of another law's
        reached = self._reached(option, frame)
        expected = reached.number.value + 1 if reached else level.first
        if number.value <= expected or (reached and number.value - expected > LARGEST_GAP):
            return False
        return level.path or self._whole().last.get((option.level, expected), -1) < candidate.line

    def _take(self, candidate: Candidate, option: Option, frame: _Frame) -> Choice:
        level = self._levels[option.level]
        groups = option.number is None and level.opaque and self._heads_a_group(candidate, option)
        frame.runs[option.level] = reached = _Reached(option.number or _NONE, candidate.column)
        if level.run is not Run.WITHIN and option.number is not None:
            frame.scope.through[option.level] = reached
        depth = frame.depth + 1
        column = candidate.column if level.nested else -1
        scope = None if level.scope else frame.scope
        self._stack[depth:] = [_Frame(self._count, depth, level.id, option.printed, column, scope)]
        self._count += 1
        self._opaque = level.opaque
        self._begun = self._begun or level.rank is not Rank.ZONE
        return Choice(
            candidate.line,
            candidate.label_line,
            option.level,
            option.segment,
            option.printed,
            candidate.title,
            frame.choice,
            groups,
        )

    def _heads_a_group(self, candidate: Candidate, option: Option) -> bool:
        """A keyword alone before the first numbered one of its level is the heading of them all."""
        last = self._whole().last
        return not self._opaque and last.get((option.level, self._levels[option.level].first), -1) > candidate.line

    def _text_goes_on(self, candidate: Candidate) -> bool:
        """Whether the next basic heading continues the document's run, so that no annex can begin here."""
        if self._opaque:
            return False
        basics = self._whole().basics
        place = bisect_right(basics, candidate.line, key=itemgetter(0))
        after = basics[place][1] if place < len(basics) else None
        if after is None or after.number is None:
            return False
        reached = self._stack[0].through.get(after.level)
        if reached is None:
            return after.number == Number(self._levels[after.level].first)
        return follows(after.number, reached.number, self._profile.suffixes)

    def _whole(self) -> _Later:
        if self._later is None:
            self._later = _Later(self._find(), self._levels)
        return self._later

    def _report(self, candidate: Candidate, option: Option, code: DoubtCode, verdict: str) -> None:
        level = self._levels[option.level]
        name = option.segment or level.type
        line = self._text.line(candidate.label_line)
        column = len(line) - len(line.lstrip()) + 1
        self._doubts.append(
            Doubt(code, candidate.label_line + 1, column, f"{ascii_alias(name, self._profile)}_{verdict}")
        )


def _depths(profile: Profile) -> dict[str, int]:
    """How many units stand above and at each level, at least."""
    depths = {DOCUMENT: 0}
    for level in profile.levels:
        depths[level.id] = 1 + min((depths[holder] for holder in level.within if holder in depths), default=0)
    return depths

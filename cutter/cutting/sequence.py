"""Stage 3: which candidates are headings, decided by sequence.

A candidate is taken when it continues a run at an open rank, or opens a lower rank with its first number. Otherwise
it stays text and is reported. Exceptions, reported or safe:

- A gap in a run of strong headings (more than a bare number) is taken when the missing number comes nowhere later in
  the text: stopping there would turn the rest of the document into text of one unit.
- An opaque level (annexes) is taken only where the next basic heading does not continue the document's run; from the
  first such heading on, nothing else is recognised.
- One bare number that is missing is a gap too, when the next line goes on from the one behind it.
- A sign that continues a letter run and opens a roman run, `(i)` after `(h)`, is what the next candidate goes on from.

Source: cutting.md §2 stage 3, §3 cases 7–9, 15.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from cutter.cutting.address import HEAD, Piece, ascii_alias, piece_without_level
from cutter.cutting.doubts import Doubt, DoubtCode, add_doubt
from cutter.cutting.forms import Candidate, Option
from cutter.cutting.numbers import Number, follows
from cutter.cutting.profile import DOCUMENT, Level, Profile, Rank, Run, Title
from cutter.cutting.shadow import Text
from cutter.stops import Stop, StopCode

# Makes the candidates from a line on, in line order.
Find: TypeAlias = Callable[[int], Iterator[Candidate]]

# Numbers that a gap in a begun run may skip: a bigger jump is a citation or a year, not a heading.
LARGEST_GAP = 50

# Units within one another: the address of each names all of those around it.
MOST_LEVELS = 100

_NONE = Number(0)  # of a heading without a number
_REFUSED = DoubtCode.HEADING_REFUSED, "refused"
_ORPHAN = DoubtCode.GAP, "taken_without_parent"


class _Reached(msgspec.Struct, frozen=True, gc=False):
    """How far a run has come: its last number, and the column of its text."""

    number: Number
    column: int


class _Frame(msgspec.Struct):
    """An open unit.

    Args:
        piece: None for the document.
        depth: how many units are open around it.
        level_id: the id of its level.
        label: its number as printed.
        through: the runs that go through the document or schedule in which it stands, by level.
        runs: those of its children, by level.
    """

    piece: Piece | None
    depth: int
    level_id: str
    label: str
    through: dict[int, _Reached]
    runs: dict[int, _Reached] = {}


class _Rule(msgspec.Struct, frozen=True, gc=False):
    """What a level says of its place, as it is asked for every candidate.

    Args:
        level: the level.
        zone: it comes before the structure, or behind it where it is opaque.
        particular: of the units that may hold it, more than the level is looked at.
        within: its numbers begin again in every unit that holds it.
        either: they do, or run through the document.
        counted: they are not looked at.
        titled: it has a title on the line of the number, or above.
    """

    level: Level
    zone: bool
    particular: bool
    within: bool
    either: bool
    counted: bool
    titled: bool


class _Later:
    """What comes in the rest of the text: found once, and only when a gap or an annex asks for it."""

    def __init__(self, candidates: Iterator[Candidate], levels: tuple[Level, ...]) -> None:
        self.last: dict[tuple[int, int], int] = {}  # the last line of a number without suffix, by level
        self._basics: list[Option] = []
        self._basic_lines = array("I")
        for candidate in candidates:
            if candidate.refused:
                continue
            for option in candidate.options:
                level = levels[option.level]
                if level.strong and option.number is not None and not option.number.suffix:
                    self.last[option.level, option.number.value] = candidate.line
                if level.rank is Rank.BASIC and level.strong:
                    self._basics.append(option)
                    self._basic_lines.append(candidate.line)

    def basic_after(self, line: int) -> Option | None:
        """The first basic heading behind a line."""
        place = bisect_right(self._basic_lines, line)
        return self._basics[place] if place < len(self._basics) else None


def choose(text: Text, find: Find, profile: Profile, doubts: list[Doubt]) -> Iterator[Piece]:
    """Take the headings among the candidates: the pieces that they begin, in line order.

    Args:
        text: the text.
        find: makes the candidates; asked again when a gap or an annex needs what comes later.
        profile: the profile.
        doubts: gets what was not sure.

    Raises:
        Stop: STOP_TEXT_TOO_LARGE, detail `limit_N_levels`, with the place; STOP_TEXT_DOUBTFUL, detail `limit_N_doubts`.
    """
    sequence = _Sequence(text, find, profile, doubts)
    held: Candidate | None = None
    for candidate in find(0):
        if held is not None and (piece := sequence.judge(held, candidate)) is not None:
            yield piece
        held = candidate
    if held is not None and (piece := sequence.judge(held, None)) is not None:
        yield piece


class _Sequence:
    """The open units and runs while the candidates pass by."""

    def __init__(self, text: Text, find: Find, profile: Profile, doubts: list[Doubt]) -> None:
        self._text = text
        self._find = find
        self._profile = profile
        self._suffixes = profile.suffixes
        self._levels = profile.levels
        self._rules = [_rule(level) for level in profile.levels]
        self._doubts = doubts
        self._depths = _depths(profile)
        self._stack = [_Frame(None, 0, DOCUMENT, "", {})]
        self._opaque = False
        self._begun = False  # a container or basic unit was taken
        self._later: _Later | None = None

    def judge(self, candidate: Candidate, following: Candidate | None) -> Piece | None:
        """Take a candidate, or leave it as text; `following` is the next one."""
        if self._opaque:
            opaque = tuple(option for option in candidate.options if self._levels[option.level].opaque)
            if not opaque:
                return None
            candidate = msgspec.structs.replace(candidate, options=opaque)
        options = candidate.options
        if candidate.refused:
            self._report(candidate, options[0], *_REFUSED)
            return None
        if len(options) == 1:
            option = options[0]
            frame = self._holder(option, candidate)
            if frame is not None and self._fits(option, frame):
                return self._take(candidate, option, frame)
            held = [(option, frame)] if frame is not None else []
        else:
            held = [(option, frame) for option in options if (frame := self._holder(option, candidate)) is not None]
            best = self._best(held, following)
            if best is not None:
                return self._take(candidate, *best)
        return self._judge_doubtful(candidate, held, following)

    def _judge_doubtful(
        self, candidate: Candidate, held: list[tuple[Option, _Frame]], following: Candidate | None
    ) -> Piece | None:
        """Take a candidate that neither continues nor begins a run, and report it; or report why it stays text."""
        if not held:
            options = candidate.options
            orphan = next((found for option in options if (found := self._above(option)) is not None), None)
            self._report(candidate, options[0], *(_ORPHAN if orphan else _REFUSED))
            return self._take(candidate, *orphan) if orphan else None
        for option, frame in held:
            if self._is_gap(candidate, option, frame) or self._skips_one(option, frame, following):
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
        rule = self._rules[option.level]
        if rule.zone and not self._may_stand(rule.level, candidate):
            return None
        within = rule.level.within
        for frame in reversed(self._stack):
            if frame.level_id in within and (not rule.particular or self._may_hold(frame, option, candidate)):
                return frame
        return None

    def _may_stand(self, level: Level, candidate: Candidate) -> bool:
        """Whether a zone may stand here: an annex behind the text, another before the structure."""
        return not self._text_goes_on(candidate) if level.opaque else not self._begun

    def _may_hold(self, frame: _Frame, option: Option, candidate: Candidate) -> bool:
        """Whether a unit is the one whose number is printed, and for a list item whether the indent says so."""
        level = self._levels[option.level]
        if level.path and option.prefix != frame.label and (option.prefix or frame.level_id != DOCUMENT):
            return False
        return not level.nested or self._is_indented(option, frame, candidate)

    def _is_indented(self, option: Option, frame: _Frame, candidate: Candidate) -> bool:
        """Whether a list item stands where its neighbours do, or deeper than what holds it."""
        reached = frame.runs.get(option.level)
        if reached is not None:
            return candidate.column == reached.column
        return frame.piece is None or candidate.column > frame.piece.column

    def _reached(self, option: Option, frame: _Frame) -> _Reached | None:
        rule = self._rules[option.level]
        if rule.within:
            return frame.runs.get(option.level)
        if rule.either and (within := frame.runs.get(option.level)) is not None:
            return within
        return frame.through.get(option.level)

    def _fits(self, option: Option, frame: _Frame) -> bool:
        """Whether an option continues a run, or begins one."""
        number, rule = option.number, self._rules[option.level]
        if number is None or rule.counted:
            return True
        reached = frame.runs.get(option.level) if rule.within else self._reached(option, frame)
        if reached is not None and follows(number, reached.number, self._suffixes):
            return True
        return number.value == rule.level.first and self._begins(option, frame)

    def _continues(self, option: Option, frame: _Frame) -> bool:
        if option.number is None or self._rules[option.level].counted:
            return True
        reached = self._reached(option, frame)
        return reached is not None and follows(option.number, reached.number, self._suffixes)

    def _begins(self, option: Option, frame: _Frame) -> bool:
        rule = self._rules[option.level]
        if option.number is None or option.number.suffix or option.number.value != rule.level.first:
            return False
        return (frame.runs.get(option.level) if rule.either else self._reached(option, frame)) is None

    def _best(self, held: list[tuple[Option, _Frame]], following: Candidate | None) -> tuple[Option, _Frame] | None:
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
        return level.path or self._rest(candidate).last.get((option.level, expected), -1) < candidate.line

    def _skips_one(self, option: Option, frame: _Frame, following: Candidate | None) -> bool:
        """Whether a bare number leaves out exactly one of its run, and the next line goes on from it: 1. 3. 4."""
        reached = None if self._levels[option.level].strong else frame.runs.get(option.level)
        if reached is None or option.number is None or option.number != Number(reached.number.value + 2):
            return False
        return following is not None and self._goes_on(
            option, {(o.level, o.number) for o in following.options if o.number}
        )

    def _take(self, candidate: Candidate, option: Option, frame: _Frame) -> Piece:
        rule = self._rules[option.level]
        level = rule.level
        depth = frame.depth + 1
        if depth > MOST_LEVELS:
            where = f"{candidate.label_line + 1}:1"
            raise Stop(StopCode.STOP_TEXT_TOO_LARGE, f"limit_{MOST_LEVELS}_levels", where=where)
        piece = Piece(
            candidate.line,
            candidate.label_line,
            candidate.column if level.nested else -1,
            option.level,
            level.type,
            level.rank,
            option.segment,
            frame.piece,
            option.printed,
            candidate.title if rule.titled else "",
        )
        if level.opaque and option.number is None and self._heads_a_group(candidate, option):
            piece = piece_without_level(candidate.line, HEAD, frame.piece, level.rank)
        frame.runs[option.level] = reached = _Reached(option.number or _NONE, candidate.column)
        if not rule.within and option.number is not None:
            frame.through[option.level] = reached
        del self._stack[depth:]
        self._stack.append(_Frame(piece, depth, level.id, option.printed, {} if level.scope else frame.through))
        self._opaque = level.opaque
        self._begun = self._begun or not rule.zone
        return piece

    def _heads_a_group(self, candidate: Candidate, option: Option) -> bool:
        """A keyword alone before the first numbered one of its level is the heading of them all."""
        last = self._rest(candidate).last
        return not self._opaque and last.get((option.level, self._levels[option.level].first), -1) > candidate.line

    def _text_goes_on(self, candidate: Candidate) -> bool:
        """Whether the next basic heading continues the document's run, so that no annex can begin here."""
        if self._opaque:
            return False
        after = self._rest(candidate).basic_after(candidate.line)
        if after is None or after.number is None:
            return False
        reached = self._stack[0].through.get(after.level)
        if reached is None:
            return after.number == Number(self._levels[after.level].first)
        return follows(after.number, reached.number, self._suffixes)

    def _rest(self, candidate: Candidate) -> _Later:
        if self._later is None:
            self._later = _Later(self._find(candidate.line), self._levels)
        return self._later

    def _report(self, candidate: Candidate, option: Option, code: DoubtCode, verdict: str) -> None:
        level = self._levels[option.level]
        name = option.segment or level.type
        line = self._text.line(candidate.label_line)
        column = len(line) - len(line.lstrip()) + 1
        detail = f"{ascii_alias(name, self._profile)}_{verdict}"
        add_doubt(self._doubts, Doubt(code, candidate.label_line + 1, column, detail))


def _rule(level: Level) -> _Rule:
    return _Rule(
        level,
        zone=level.opaque or level.rank is Rank.ZONE,
        particular=level.path or level.nested,
        within=level.run is Run.WITHIN,
        either=level.run is Run.EITHER,
        counted=level.run is Run.COUNTED,
        titled=level.title is not Title.NONE,
    )


def _depths(profile: Profile) -> dict[str, int]:
    """How many units stand above and at each level, at least."""
    depths = {DOCUMENT: 0}
    for level in profile.levels:
        depths[level.id] = 1 + min((depths[holder] for holder in level.within if holder in depths), default=0)
    return depths

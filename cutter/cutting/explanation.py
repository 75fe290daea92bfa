"""Why a line of a text was taken as a heading, or was not.

Source: issue 5, part 6 (`documents cut --explain LINE`).
"""

from enum import Enum

import msgspec

from cutter.cutting.address import QUOTED
from cutter.cutting.candidates import find_candidates
from cutter.cutting.cut import cut
from cutter.cutting.forms import Candidate
from cutter.cutting.profile import Profile
from cutter.cutting.shadow import Text, read_text
from cutter.cutting.unit import Cut, Unit
from cutter.cutting.zones import find_zones
from cutter.stops import Stop, StopCode


class Verdict(Enum):
    """What a line is."""

    BLANK = "blank"  # it shows nothing
    HEADING = "heading"  # a unit begins here
    QUOTED = "quoted"  # a quoted passage begins here
    OPAQUE = "opaque"  # it stands in a zone (quotation, code, contents) where nothing is recognised
    PROSE = "prose"  # a keyword and a number, but the rest of the line reads as prose
    REFUSED = "refused"  # it looks like a heading, and does not continue or begin a run where it stands
    UNLIKE = "unlike"  # no level of the profile has headings like it


class Explanation(msgspec.Struct, frozen=True):
    """What was decided about one line.

    Args:
        line: from 1.
        verdict: what it is.
        unit: the address of the unit that the line belongs to.
        levels: ids of the levels whose headings look like it.
        numbers: how it was read: the segments of an address, such as `ART-05`.
        doubts: codes and details of the doubts at the line, such as `gap ART-05_taken`.
    """

    line: int
    verdict: Verdict
    unit: str
    levels: tuple[str, ...]
    numbers: tuple[str, ...]
    doubts: tuple[str, ...]


def explain(source: bytes, document_id: str, profile: Profile, line: int) -> Explanation:
    """Cut a text and say what was decided about a line.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `line`, when the text has no such line; else as `cut`.
    """
    text = read_text(source)
    if not 1 <= line <= text.lines:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="line", found=str(line), needed=f"1..{text.lines}")
    made = cut(source, document_id, profile)
    opaque = find_zones(text, profile).opaque
    candidate = _candidate(text, opaque, profile, line - 1)
    unit = _unit_of(made, text.starts[line - 1])
    options = candidate.options if candidate is not None else ()
    return Explanation(
        line=line,
        verdict=_verdict(text, opaque, candidate, unit, line),
        unit=unit.address,
        levels=tuple(dict.fromkeys(profile.levels[option.level].id for option in options)),
        numbers=tuple(dict.fromkeys(option.segment for option in options if option.segment)),
        doubts=tuple(f"{doubt.code.value} {doubt.detail}" for doubt in made.doubts if doubt.line == line),
    )


def _verdict(text: Text, opaque: bytearray, candidate: Candidate | None, unit: Unit, line: int) -> Verdict:
    if text.is_blank(line - 1):
        return Verdict.BLANK
    if unit.line == line and unit.type == QUOTED:
        return Verdict.QUOTED
    if opaque[line - 1]:
        return Verdict.OPAQUE
    if candidate is None:
        return Verdict.UNLIKE
    if candidate.line == unit.line - 1:
        return Verdict.HEADING
    return Verdict.PROSE if candidate.refused else Verdict.REFUSED


def _candidate(text: Text, opaque: bytearray, profile: Profile, index: int) -> Candidate | None:
    found = (c for c in find_candidates(text, opaque, profile) if c.line <= index <= c.label_line)
    return next(found, None)


def _unit_of(made: Cut, offset: int) -> Unit:
    """The unit whose region holds an offset."""
    return next(unit for unit in made.units if offset < unit.end)

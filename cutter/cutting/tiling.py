"""Stage 4: the pieces of a text, which cover it without gap or overlap.

A piece begins where its first line begins and ends where the next piece begins, so the pieces tile the text by
construction. Blank lines before a heading belong to the piece before it. Each piece has therefore exactly one region:

- a unit owns its text up to its first child;
- text after a child that is a quoted passage is a TAIL of the unit that quotes;
- other text after the last child cannot be told from the child's own text without indentation: it is given to the
  deepest open unit, and after the last point of a run it is reported as `ambiguous_tail`.

Before the first heading stands FRONT (national header, title, legal grounds), or PRE from a preamble's heading on.
SIG is the closing block; HEAD is the heading of a group of annexes.

Source: cutting.md §1 (types PRE, FRONT, SIG, QS, HEAD, TAIL), §2 stage 4.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cutter.cutting.address import Piece, segment
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import Level, Profile, Rank
from cutter.cutting.sequence import Choice
from cutter.cutting.shadow import Text
from cutter.cutting.zones import Quotations, find_closing, find_preamble

FRONT, PREAMBLE, SIGNATURE, QUOTED, HEAD, TAIL = "FRONT", "PRE", "SIG", "QS", "HEAD", "TAIL"


class Layout(NamedTuple):
    """Where the zones of a text begin, as line indexes.

    Args:
        preamble: the preamble's heading, or None.
        closing: the first line of the closing block, or None.
        annexes: the first annex heading; the number of lines when there is none.
    """

    preamble: int | None
    closing: int | None
    annexes: int


def lay_out(text: Text, choices: Sequence[Choice], profile: Profile) -> Layout:
    """Find the zones around the chosen headings."""
    annexes = next((c.candidate.line for c in choices if _level(c, profile).rank is Rank.ZONE), text.lines)
    basic = [choice.candidate.line for choice in choices if _level(choice, profile).rank is Rank.BASIC]
    first = choices[0].candidate.line
    return Layout(
        find_preamble(text, first, profile),
        find_closing(text, basic[-1] + 1, annexes, profile) if basic else None,
        annexes,
    )


def tile(
    text: Text, choices: Sequence[Choice], quotations: Quotations, layout: Layout, profile: Profile
) -> list[Piece]:
    """The pieces of a text in document order."""
    pieces = _opening(choices[0].candidate.line, layout)
    passages = _passages(quotations, choices[0].candidate.line, layout)
    body_end = layout.annexes if layout.closing is None else layout.closing
    place: dict[int, int] = {-1: -1}  # index of a choice to index of its piece
    for index, choice in enumerate(choices):
        line = choice.candidate.line
        if line >= body_end:
            break
        _add_quoted(text, pieces, passages, line)
        place[index] = len(pieces)
        pieces.append(_piece(choice, index, place[choice.parent], profile))
    _add_quoted(text, pieces, passages, body_end)
    if layout.closing is not None:
        pieces.append(Piece(layout.closing, SIGNATURE, Rank.ZONE, "", -1, -1))
    annexes = ((index, choice) for index, choice in enumerate(choices) if choice.candidate.line >= layout.annexes)
    pieces.extend(_piece(choice, index, -1, profile) for index, choice in annexes)
    return pieces


def find_ambiguous_tails(
    text: Text, pieces: Sequence[Piece], choices: Sequence[Choice], quotations: Quotations, profile: Profile
) -> Iterator[Doubt]:
    """Text on further lines after the last point of each run."""
    innermost = profile.levels[-1].type
    quoted = {line for first, end in quotations.passages for line in range(first, end)}
    structural = [index for index, piece in enumerate(pieces) if piece.type not in (QUOTED, TAIL)]
    for index, following in zip(structural, [*structural[1:], -1], strict=True):
        point = pieces[index]
        if point.type != innermost:
            continue
        if following >= 0 and pieces[following].type == innermost and pieces[following].parent == point.parent:
            continue
        end = pieces[following].line if following >= 0 else text.lines
        for line in range(point.line + 1, end):
            if not quotations.opaque[line] and line not in quoted and not text.is_blank(line):
                yield Doubt(DoubtCode.AMBIGUOUS_TAIL, line + 1, 1, point.type)
                break


def _level(choice: Choice, profile: Profile) -> Level:
    return profile.levels[choice.candidate.level]


def _piece(choice: Choice, index: int, parent: int, profile: Profile) -> Piece:
    level = _level(choice, profile)
    if choice.number is None:
        return Piece(choice.candidate.line, HEAD, level.rank, "", parent, index)
    return Piece(choice.candidate.line, level.type, level.rank, segment(level, choice.number, profile), parent, index)


def _opening(first: int, layout: Layout) -> list[Piece]:
    """The pieces before the first heading."""
    if layout.preamble is None:
        return [Piece(0, FRONT, Rank.ZONE, "", -1, -1)] if first else []
    front = [Piece(0, FRONT, Rank.ZONE, "", -1, -1)] if layout.preamble else []
    return [*front, Piece(layout.preamble, PREAMBLE, Rank.ZONE, "", -1, -1)]


def _passages(quotations: Quotations, first: int, layout: Layout) -> list[tuple[int, int]]:
    """The quoted passages of the body, last one first."""
    end = layout.annexes if layout.closing is None else layout.closing
    return [passage for passage in quotations.passages[::-1] if first < passage[0] and passage[1] <= end]


def _add_quoted(text: Text, pieces: list[Piece], passages: list[tuple[int, int]], before: int) -> None:
    """Add the quoted passages that stand before a line, and the text after each, to the unit that quotes them."""
    if not (passages and passages[-1][0] < before):
        return
    holder = len(pieces) - 1
    while passages and passages[-1][0] < before:
        first, end = passages.pop()
        pieces.append(Piece(first, QUOTED, Rank.ZONE, "", holder, -1))
        until = min(before, passages[-1][0] if passages else before)
        after = next((line for line in range(end, until) if not text.is_blank(line)), None)
        if after is not None:
            pieces.append(Piece(after, TAIL, Rank.ZONE, "", holder, -1))

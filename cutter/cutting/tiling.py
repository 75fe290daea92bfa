"""Stage 4: the pieces of a text, which cover it without gap or overlap.

A piece begins where its first line begins and ends where the next piece begins, so the pieces tile the text by
construction. Blank lines before a heading belong to the piece before it. Each piece has therefore exactly one region:

- a unit owns its text up to its first child;
- text after a child that is a quoted passage is a TAIL of the unit that quotes;
- other text after the last child cannot be told from the child's own text without indentation: it is given to the
  deepest open unit, and after the last unit of a run of the innermost level it is reported as `ambiguous_tail`.

Before the first heading stands FRONT (national header, title, legal grounds). HEAD is the heading of a group of
annexes; the closing block stands behind the last basic unit.

Source: cutting.md §1 (types FRONT, SIG, QS, HEAD, TAIL), §2 stage 4.
"""

from collections.abc import Iterable, Iterator, Sequence

from cutter.cutting.address import Piece
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import Profile, Rank, Title
from cutter.cutting.sequence import Choice
from cutter.cutting.shadow import Text
from cutter.cutting.titles import title_of
from cutter.cutting.zones import Zones, find_closing

FRONT, QUOTED, HEAD, TAIL = "FRONT", "QS", "HEAD", "TAIL"
# The level of a piece that is no level's.
NO_LEVEL = -1


def tile(text: Text, choices: Iterable[Choice], zones: Zones, profile: Profile) -> list[Piece]:
    """The pieces of a text in document order; none when nothing was chosen."""
    pieces: list[Piece] = []
    place = [-1]  # by choice, shifted by one: the index of its piece
    passages = _Passages(text, zones)
    pending: Choice | None = None
    for choice in choices:
        if not pieces and choice.line:
            pieces.append(Piece(0, NO_LEVEL, FRONT, Rank.ZONE, "", -1, "", None))
        if pending is not None:
            pieces[-1] = _titled(text, pieces[-1], pending, choice.line, profile)
        passages.add_before(choice.line, pieces, len(place) > 1)
        level = profile.levels[choice.level]
        parent = place[choice.parent + 1]
        place.append(len(pieces))
        if choice.groups:
            pieces.append(Piece(choice.line, NO_LEVEL, HEAD, level.rank, "", parent, "", None))
        else:
            pieces.append(
                Piece(choice.line, choice.level, level.type, level.rank, choice.segment, parent, choice.printed, None)
            )
        pending = choice if level.title is not Title.NONE else None
    if pending is not None:
        pieces[-1] = _titled(text, pieces[-1], pending, text.lines, profile)
    if pieces:
        passages.add_before(text.lines, pieces, True)
    return _with_closing(text, pieces, profile)


def find_ambiguous_tails(text: Text, pieces: Sequence[Piece], zones: Zones, profile: Profile) -> Iterator[Doubt]:
    """Text on further lines after the last unit of a run that may stand inside another sub-unit."""
    inner = _inner_levels(profile)
    quoted = {line for first, end in zones.passages for line in range(first, end)}
    structural = [piece for piece in pieces if piece.type not in (QUOTED, TAIL)]
    for point, after in zip(structural, [*structural[1:], None], strict=True):
        if point.level not in inner:
            continue
        if after is not None and (after.parent == point.parent or pieces[after.parent] is point):
            continue
        end = after.line if after is not None else text.lines
        for line in range(point.line + 1, end):
            if not zones.opaque[line] and line not in quoted and not text.is_blank(line):
                yield Doubt(DoubtCode.AMBIGUOUS_TAIL, line + 1, 1, point.type)
                break


def _inner_levels(profile: Profile) -> frozenset[int]:
    subs = {level.id for level in profile.levels if level.rank is Rank.SUB}
    return frozenset(
        index
        for index, level in enumerate(profile.levels)
        if level.id in subs and subs & set(level.within) and not level.strong
    )


def _titled(text: Text, piece: Piece, choice: Choice, end: int, profile: Profile) -> Piece:
    title = title_of(text, choice, profile.levels[choice.level], end)
    if title is None:
        return piece
    return Piece(
        piece.line, piece.level, piece.type, piece.rank, piece.segment, piece.parent, piece.printed, title
    )


class _Passages:
    """The quoted passages of a text, as they come between the headings."""

    def __init__(self, text: Text, zones: Zones) -> None:
        self._text = text
        self._left = list(zones.passages[::-1])

    def add_before(self, line: int, pieces: list[Piece], begun: bool) -> None:
        """Add the passages that stand before a line, and the text after each, to the unit that quotes them."""
        left = self._left
        if not (left and left[-1][0] < line):
            return
        holder = len(pieces) - 1
        while left and left[-1][0] < line:
            first, end = left.pop()
            if not begun:  # a quotation in front of the first heading is a part of the front
                continue
            pieces.append(Piece(first, NO_LEVEL, QUOTED, Rank.ZONE, "", holder, "", None))
            until = min(line, left[-1][0] if left else line)
            after = next((index for index in range(end, until) if not self._text.is_blank(index)), None)
            if after is not None:
                pieces.append(Piece(after, NO_LEVEL, TAIL, Rank.ZONE, "", holder, "", None))


def _with_closing(text: Text, pieces: list[Piece], profile: Profile) -> list[Piece]:
    """The pieces with the closing block, which takes the place of what seemed structure in it."""
    closing = profile.closing
    basics = [index for index in range(len(pieces) - 1, -1, -1) if pieces[index].rank is Rank.BASIC]
    if closing is None or not basics:
        return pieces
    last = next((index for index in basics if not _in_scope(pieces, index, profile)), basics[0])
    top = [
        index
        for index in range(last + 1, len(pieces))
        if pieces[index].parent < 0 and pieces[index].type not in (QUOTED, TAIL)
    ]
    behind = top[0] if top else len(pieces)
    end = pieces[behind].line if top else text.lines
    first = find_closing(text, pieces[last].line + 1, end, closing)
    if first is None:
        return pieces
    before = [piece for piece in pieces[:behind] if piece.line < first]
    shift = len(before) + 1 - behind
    return [
        *before,
        Piece(first, NO_LEVEL, closing.type, Rank.ZONE, "", -1, "", None),
        *(_moved(piece, shift) for piece in pieces[behind:]),
    ]


def _in_scope(pieces: Sequence[Piece], index: int, profile: Profile) -> bool:
    """Whether a unit stands in a schedule: the closing block comes before those, or behind all of them."""
    while (index := pieces[index].parent) >= 0:
        level = pieces[index].level
        if level >= 0 and profile.levels[level].scope:
            return True
    return False


def _moved(piece: Piece, shift: int) -> Piece:
    if piece.parent < 0 or not shift:
        return piece
    return Piece(
        piece.line, piece.level, piece.type, piece.rank, piece.segment, piece.parent + shift, piece.printed, piece.title
    )

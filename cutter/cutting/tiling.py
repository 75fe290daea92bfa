"""Stage 4: the pieces of a text, which cover it without gap or overlap.

A piece begins where its first line begins and ends where the next piece begins, so the pieces tile the text by
construction. Blank lines before a heading belong to the piece before it. Each piece has therefore exactly one region:

- a unit owns its text up to its first child;
- text after a child that is a quoted passage is a TAIL of the unit that quotes;
- text behind an item of a list that is told by its indent is a TAIL of what holds the list, when it stands after a
  blank line and is indented less than the item's text;
- other text after the last child cannot be told from the child's own text without indentation: it is given to the
  deepest open unit, and after the last unit of a run of the innermost level it is reported as `ambiguous_tail`.

Before the first heading stands FRONT (national header, title, legal grounds). HEAD is the heading of a group of
annexes; the closing block stands behind the last basic unit.

Source: cutting.md §1 (types FRONT, SIG, QS, HEAD, TAIL), §2 stage 4.
"""

from collections.abc import Iterable, Iterator, Sequence

from cutter.cutting.address import FRONT, MOST_UNITS, QUOTED, TAIL, Piece, piece_without_level, scope_of
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.profile import Profile, Rank
from cutter.cutting.shadow import Text
from cutter.cutting.zones import Zones, find_closing
from cutter.stops import Stop, StopCode


def tile(text: Text, headings: Iterable[Piece], zones: Zones, profile: Profile) -> list[Piece]:
    """The pieces of a text in document order, from those that begin with headings; none when there are no headings.

    Raises:
        Stop: STOP_TEXT_TOO_LARGE, detail `limit_N_units`.
    """
    pieces: list[Piece] = []
    passages = _Passages(text, zones)
    for piece in headings:
        if pieces:
            if pieces[-1].column >= 0:
                _end_list(text, pieces, zones, piece.line, piece.parent)
        elif piece.line:
            pieces.append(piece_without_level(0, FRONT, None))
        if passages.next_line < piece.line:
            passages.add_before(piece.line, pieces)
        pieces.append(piece)
        if len(pieces) > MOST_UNITS:
            raise Stop(StopCode.STOP_TEXT_TOO_LARGE, f"limit_{MOST_UNITS}_units", where=f"{piece.line + 1}:1")
    if pieces:
        _end_list(text, pieces, zones, text.lines, None)
        passages.add_before(text.lines, pieces)
    return _with_closing(text, pieces, profile)


def find_ambiguous_tails(text: Text, pieces: Sequence[Piece], zones: Zones, profile: Profile) -> Iterator[Doubt]:
    """Text on further lines after the last unit of a run that may stand inside another sub-unit, from the last on."""
    inner = _inner_levels(profile)
    passed_over = bytearray(zones.opaque)
    for first, end in zones.passages:
        passed_over[first:end] = b"\1" * (end - first)
    after: Piece | None = None  # the next one with a structure of its own
    end = text.lines
    for point in reversed(pieces):
        if point.level in inner and (after is None or after.parent not in (point.parent, point)):
            until = text.lines if after is None else after.line
            line = _end_of_item(text, point, zones.opaque, end) if point.column >= 0 else None
            if point.column < 0:
                lines = range(point.line + 1, until)
                line = next((line for line in lines if not passed_over[line] and not text.is_blank(line)), None)
            if line is not None:
                yield Doubt(DoubtCode.AMBIGUOUS_TAIL, line + 1, 1, point.type)
        end = point.line
        if point.level >= 0 or point.type not in (QUOTED, TAIL):
            after = point


def _inner_levels(profile: Profile) -> frozenset[int]:
    subs = {level.id for level in profile.levels if level.rank is Rank.SUB}
    return frozenset(
        index
        for index, level in enumerate(profile.levels)
        if level.id in subs and subs & set(level.within) and not level.strong
    )


def _end_list(text: Text, pieces: list[Piece], zones: Zones, end: int, parent: Piece | None) -> None:
    """Give the text that ends a list to what holds the list; a piece of `parent` begins at the line `end`."""
    item = pieces[-1]
    line = _end_of_item(text, item, zones.opaque, end) if item.column >= 0 else None
    if line is None:
        return
    indent = _indent(text, line)
    holder = item.parent
    while holder is not None and holder.column >= indent:
        holder = holder.parent
    if parent is None or parent is holder or _stands_in(holder, parent):
        pieces.append(piece_without_level(line, TAIL, holder))


def _end_of_item(text: Text, item: Piece, opaque: bytearray, end: int) -> int | None:
    """The first line that stands after a blank line and is indented less than the text of the item."""
    for line in range(item.label_line + 2, end):
        if opaque[line] and opaque[line - 1]:
            continue
        if text.is_blank(line - 1) and not text.is_blank(line) and _indent(text, line) <= item.column:
            return line
    return None


def _indent(text: Text, line: int) -> int:
    shadow = text.shadow(line)
    return len(shadow) - len(shadow.lstrip(" "))


def _stands_in(piece: Piece | None, holder: Piece) -> bool:
    while piece is not None and piece is not holder:
        piece = piece.parent
    return piece is not None


class _Passages:
    """The quoted passages of a text, as they come between the headings; the next begins at `next_line`."""

    def __init__(self, text: Text, zones: Zones) -> None:
        self._text = text
        self._left = list(zones.passages[::-1])
        self.next_line = self._left[-1][0] if self._left else text.lines

    def add_before(self, line: int, pieces: list[Piece]) -> None:
        """Add the passages that stand before a line, and the text after each, to the unit that quotes them."""
        holder = pieces[-1]
        while self.next_line < line:
            first, end = self._left.pop()
            self.next_line = self._left[-1][0] if self._left else self._text.lines
            if holder.type == FRONT:  # a quotation in front of the first heading is a part of the front
                continue
            pieces.append(piece_without_level(first, QUOTED, holder))
            after = range(end, min(line, self.next_line))
            shown = next((index for index in after if not self._text.is_blank(index)), None)
            if shown is not None:
                pieces.append(piece_without_level(shown, TAIL, holder))


def _with_closing(text: Text, pieces: list[Piece], profile: Profile) -> list[Piece]:
    """The pieces with the closing block, which takes the place of what seemed structure in it."""
    closing = profile.closing
    last = _last_basic(pieces, profile)
    if closing is None or last is None:
        return pieces
    behind = next((index for index in range(last + 1, len(pieces)) if _is_at_top(pieces[index])), len(pieces))
    end = pieces[behind].line if behind < len(pieces) else text.lines
    first = find_closing(text, pieces[last].line + 1, end, closing)
    if first is None:
        return pieces
    before = [piece for piece in pieces[:behind] if piece.line < first]
    return [*before, piece_without_level(first, closing.type, None), *pieces[behind:]]


def _last_basic(pieces: Sequence[Piece], profile: Profile) -> int | None:
    """The last basic unit that stands in no schedule, else the last one: the closing block is behind it."""
    found = None
    for index in range(len(pieces) - 1, -1, -1):
        if pieces[index].rank is Rank.BASIC:
            if scope_of(pieces[index], profile) is None:
                return index
            found = index if found is None else found
    return found


def _is_at_top(piece: Piece) -> bool:
    return piece.parent is None and piece.type not in (QUOTED, TAIL)

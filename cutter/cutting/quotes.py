"""A quotation looked for in a unit: word for word, or the first place where it reads otherwise.

Rules kept here:

- The text of a unit is its own and all below it, which is one stretch of the source.
- First the bytes; then both sides without what print and input change: normal form and folded signs, white space and
  line breaks, typographic quotation marks, and letter case. What made a difference is named.
- An ellipsis in the quotation (… or ... or one of them in brackets) that the text does not have is a gap: the pieces
  must stand in their order.
- Every search is linear in the text. Text is only in the fields that say so, bounded, and never in a `repr`.

Source: issue 5, part 6.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from cutter.cutting.referring.levelled import Levelled, level, line_starts, place_of
from cutter.cutting.shadow import fold
from cutter.cutting.unit import Cut, Unit
from cutter.stops import Stop, StopCode

# The longest quotation in characters: some printed pages. More is a comparison of documents.
LONGEST_QUOTE = 20_000
# How many other units are named where a quotation is found.
MOST_ELSEWHERE = 10
# Characters shown of either side where they part.
_SHOWN = 60

_MARKS = str.maketrans({**dict.fromkeys("“”„‟«»″＂", '"'), **dict.fromkeys("‘’‚‛‹›′ʼ＇", "'")})
_SPACE = re.compile(r"\s+")
_ELLIPSIS = re.compile(r"[(\[]\s{0,4}(?:…|\.{3,9})\s{0,4}[)\]]|…|\.{3,9}")


class Standing(Enum):
    """How a quotation stands in a unit."""

    EXACT = "exact"  # byte for byte
    EQUAL = "equal"  # apart from the differences and gaps that the verdict names
    DIFFERENT = "different"


class Variation(Enum):
    """What may differ in a quotation that is equal."""

    NORMAL_FORM = "normal_form"  # composed or decomposed letters, soft hyphens, no-break spaces, Ð for Đ
    WHITE_SPACE = "white_space"  # spaces and line breaks
    QUOTE_MARKS = "quote_marks"
    LETTER_CASE = "letter_case"


class Parting(msgspec.Struct, frozen=True):
    """The first place where a quotation reads otherwise.

    Args:
        matched: how many characters of the quotation, from its beginning, stand in the unit (its longest beginning).
        offset: the byte of the source where text and quotation part.
        line, column: the same place, from 1; the column in characters.
        expected: what the quotation has from the word where they part; at most 60 characters.
        found: what the text has there; at most 60 characters.
    """

    matched: int
    offset: int
    line: int
    column: int
    expected: str
    found: str

    def __repr__(self) -> str:
        """The place, without text."""
        return f"Parting(line={self.line}, column={self.column}, matched={self.matched})"


class QuoteVerdict(msgspec.Struct, frozen=True):
    """Whether a quotation stands in a unit.

    Args:
        standing: exact, equal apart from `variations` and `gaps`, or different.
        variations: what differs, of an equal quotation.
        gaps: how many of its ellipses leave something out.
        start, end: bytes of the source where it stands, gaps included; None where it is different.
        line, column: the place of its beginning, from 1; None where it is different.
        parting: of a different quotation, where it parts.
        elsewhere: of a different quotation without gaps, addresses of the units in which it begins, at most 10.
    """

    standing: Standing
    variations: tuple[Variation, ...] = ()
    gaps: int = 0
    start: int | None = None
    end: int | None = None
    line: int | None = None
    column: int | None = None
    parting: Parting | None = None
    elsewhere: tuple[str, ...] = ()


class _Found(NamedTuple):
    """Stretches of a text (positions of characters) where the pieces of a quotation stand, in order."""

    spans: tuple[tuple[int, int], ...]
    variations: tuple[Variation, ...]


def verify_quote(made: Cut, quote: str, unit: Unit) -> QuoteVerdict:
    """Whether a quotation stands in the full text of a unit of this cut.

    Raises:
        Stop: STOP_INVALID_INPUT for a quotation without words (`quote_empty`) or of more than 20,000 characters
            (`quote_longer_than_20000`); STOP_TEXT_NOT_UTF8 for one that is not text (`quote`).
    """
    quote = _checked(quote)
    text = unit.source[unit.start : _end_of(made, unit)].decode()
    exact = _find(text, quote, 0)
    if exact is not None:
        return _standing(unit, text, Standing.EXACT, _Found((exact,), ()))
    levelled = level(text, _plain, _one_space)
    for wish in dict.fromkeys((quote, _unquoted(quote))):
        for pieces in dict.fromkeys(((wish,), _pieces(wish))):
            found = _find_pieces(levelled, pieces)
            if found is not None:
                marks = () if wish == quote else (Variation.QUOTE_MARKS,)
                variations = tuple(v for v in Variation if v in {*found.variations, *marks})
                return _standing(unit, text, Standing.EQUAL, _Found(found.spans, variations))
    return _different(made, quote, unit, levelled)


def _checked(quote: str) -> str:
    """A quotation without the white space around it."""
    if len(quote) > LONGEST_QUOTE:
        raise Stop(StopCode.STOP_INVALID_INPUT, f"quote_longer_than_{LONGEST_QUOTE}")
    try:
        quote.encode()
    except UnicodeEncodeError:
        raise Stop(StopCode.STOP_TEXT_NOT_UTF8, "quote") from None
    if not any(sign.isalnum() for sign in quote):
        raise Stop(StopCode.STOP_INVALID_INPUT, "quote_empty")
    return quote.strip()


def _end_of(made: Cut, unit: Unit) -> int:
    """The byte behind a unit and all below it."""
    below = f"{unit.address}/"
    return max((u.end for u in made.units if u.address.startswith(below)), default=unit.end)


def _plain(word: str) -> str:
    """A word without what a quotation may change."""
    return word.lower() if word.isascii() else fold(word).translate(_MARKS).casefold()


def _one_space(_: str) -> str:
    return " "


def _plain_text(text: str) -> str:
    return level(text, _plain, _one_space).text


def _unquoted(quote: str) -> str:
    """A quotation without the marks around the whole of it."""
    inner = quote.translate(_MARKS)
    return quote[1:-1].strip() if inner[0] in "\"'" and inner[-1] == inner[0] and len(quote) > 2 else quote


def _pieces(quote: str) -> tuple[str, ...]:
    """What stands around the ellipses of a quotation."""
    return tuple(piece.strip() for piece in _ELLIPSIS.split(quote) if _plain_text(piece))


def _find(text: str, wanted: str, start: int, *, whole: bool = True) -> tuple[int, int] | None:
    """The first place of words from a position on: it begins where a word does, and (`whole`) ends where one does."""
    at = text.find(wanted, start)
    while at >= 0:
        end = at + len(wanted)
        if not _inside_word(text, at) and not (whole and _inside_word(text, end)):
            return at, end
        at = text.find(wanted, at + 1)
    return None


def _inside_word(text: str, at: int) -> bool:
    """Whether a position stands between two signs of one word or number."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _find_pieces(levelled: Levelled, pieces: Sequence[str]) -> _Found | None:
    """The places of pieces of a quotation, one behind the other."""
    spans: list[tuple[int, int]] = []
    variations: set[Variation] = set()
    at = 0
    for piece in pieces:
        place = _find(levelled.text, _plain_text(piece), at)
        if place is None:
            return None
        at = place[1]
        span = levelled.origin(place[0]), levelled.origin(place[1])
        spans.append(span)
        variations.update(_variations(piece, levelled.original[span[0] : span[1]]))
    return _Found(tuple(spans), tuple(variations)) if spans else None


def _variations(quote: str, printed: str) -> Iterator[Variation]:
    """In what two texts differ that are equal when levelled."""
    if _SPACE.findall(quote) != _SPACE.findall(printed):
        yield Variation.WHITE_SPACE
    left, right = quote.split(), printed.split()
    if _in_all_but(left, fold) != _in_all_but(right, fold):
        yield Variation.NORMAL_FORM
    if _in_all_but(left, _level_marks) != _in_all_but(right, _level_marks):
        yield Variation.QUOTE_MARKS
    if _in_all_but(left, str.casefold) != _in_all_but(right, str.casefold):
        yield Variation.LETTER_CASE


def _in_all_but(words: Sequence[str], left_out: Callable[[str], str]) -> str:
    """Words made level in all but one way."""
    text = " ".join(words)
    for way in (fold, _level_marks, str.casefold):
        text = text if way is left_out else way(text)
    return " ".join(text.split())


def _level_marks(text: str) -> str:
    return text.translate(_MARKS)


def _standing(unit: Unit, text: str, standing: Standing, found: _Found) -> QuoteVerdict:
    start, end = found.spans[0][0], found.spans[-1][1]
    place = place_of(line_starts(text), start, unit.line)
    return QuoteVerdict(
        standing,
        found.variations,
        len(found.spans) - 1,
        unit.start + len(text[:start].encode()),
        unit.start + len(text[:end].encode()),
        place.line,
        place.column,
    )


def _different(made: Cut, quote: str, unit: Unit, levelled: Levelled) -> QuoteVerdict:
    wish = _unquoted(quote)
    at = 0
    for piece in _pieces(wish) or (wish,):
        wanted = _plain_text(piece)
        place = _find(levelled.text, wanted, at)
        if place is None:
            parting = _parting(unit, levelled, wish, piece, at)
            return QuoteVerdict(Standing.DIFFERENT, parting=parting, elsewhere=_elsewhere(made, wish, unit))
        at = place[1]
    raise AssertionError("a quotation whose pieces all stand in order is not different")


def _parting(unit: Unit, levelled: Levelled, quote: str, piece: str, start: int) -> Parting:
    """Where the longest beginning of a piece ends, looked for from a position of the text on."""
    wanted = level(piece, _plain, _one_space)
    matched, at = _longest_beginning(levelled.text, wanted.text, start)
    word = wanted.text.rfind(" ", 0, matched + 1) + 1
    here, there = levelled.origin(at + matched), levelled.origin(at + word)
    place = place_of(line_starts(levelled.original), here, unit.line)
    read = quote.find(piece) + wanted.origin(matched)
    expected = piece[wanted.origin(word) :][:_SHOWN]
    found = levelled.original[there : there + _SHOWN]
    return Parting(read, unit.start + len(levelled.original[:here].encode()), place.line, place.column, expected, found)


def _longest_beginning(text: str, wanted: str, start: int) -> tuple[int, int]:
    """How many signs of what is wanted, from its beginning, stand in a text from a position on; and where."""
    lowest, highest, at = 0, len(wanted), start
    while lowest < highest:
        middle = (lowest + highest + 1) // 2
        place = _find(text, wanted[:middle], start, whole=False)
        if place is None:
            highest = middle - 1
        else:
            lowest, at = middle, place[0]
    return lowest, at


def _elsewhere(made: Cut, quote: str, unit: Unit) -> tuple[str, ...]:
    """Addresses of the units in which a quotation without gaps begins, anywhere in the document."""
    wanted = _plain_text(quote)
    levelled = level(unit.source.decode(), _plain, _one_space)
    places: list[int] = []
    place = _find(levelled.text, wanted, 0)
    while place is not None and len(places) < MOST_ELSEWHERE:
        places.append(len(levelled.original[: levelled.origin(place[0])].encode()))
        place = _find(levelled.text, wanted, place[1])
    if not places:
        return ()
    units = [(u.start, u.address) for u in made.units]
    found = (units[max(0, bisect_right(units, (at, "\U0010ffff")) - 1)][1] for at in places)
    return tuple(dict.fromkeys(found))

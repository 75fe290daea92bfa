"""Citations found in running text, as chains of steps: which words stand there, not yet which units they mean.

Rules kept here:

- One pass of one expression over the levelled text; every token is looked at once, and nothing is read again.
- A citation is a word with its number, further numbers (khoản 1, 2 và 3), brackets behind it (Article 6(1)(f)), and
  the units around it: on its right (điểm a khoản 1 Điều 5, point (a) of Article 6) or left (Article I, Section 8).
- A word without a number is prose, but for those that point: Điều này, this Article, the preceding paragraph.
- A bare number goes on a list only behind a word for several, or where nothing follows that it could count.
- What stands in quotation marks on one line is another text.

Source: issue 5, part 7; cutting.md §1.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from cutter.cutting.citations.vocabulary import folded
from cutter.cutting.profile import Quotes
from cutter.cutting.referring.chains import Chain, Item, Join, Points, chains_of
from cutter.cutting.referring.wording import Wording

# Brackets behind one number: the deepest real citation has five.
MOST_BRACKETS = 12
# How much text before a citation may say that it is external.
_BEFORE = 60
# The longest stretch of signs in a citation that do not end it.
_LONGEST_SKIPPED = 80
_PLAIN_BRACKET = re.compile(r"\((?:[0-9]{1,6}[^\W\d_]{0,3}|[ivxlcdm]{1,8}|([^\W\d_])\1?)\)")
_DIGITS = re.compile(r"\(?[0-9]")


class Belongs(Enum):
    """To which document a citation says that it belongs."""

    HERE = "here"
    ELSEWHERE = "elsewhere"


class Mention(NamedTuple):
    """One citation in a text.

    Args:
        start, end: positions in the levelled text.
        chains: the cited units.
        belongs: what stands around it says so; None where nothing does.
        beside: it stands behind words for a place next to it: after.
    """

    start: int
    end: int
    chains: tuple[Chain, ...]
    belongs: Belongs | None
    beside: bool


class _Word(NamedTuple):
    """A word that waits for its number."""

    types: frozenset[str]
    plural: bool
    join: Join
    start: int


def find_mentions(text: str, wording: Wording, start: int = 0) -> Iterator[Mention]:
    """The citations of a levelled text from a position on, in order."""
    quoted = quoted_spans(text, wording.quotes)
    starts = [start for start, _ in quoted]
    reader = _Reader(text, wording)
    for token in wording.token.finditer(text, start):
        at = bisect_right(starts, token.start()) - 1
        if at >= 0 and token.start() < quoted[at][1]:
            continue
        done = reader.read(token)
        if done is not None:
            yield done
    last = reader.finish()
    if last is not None:
        yield last


def quoted_spans(text: str, quotes: Quotes | None) -> Sequence[tuple[int, int]]:
    """Stretches between an opening mark and its partner on the same line."""
    if quotes is None:
        return ()
    opening, closing, plain = (re.escape(mark) for mark in (quotes.opening, quotes.closing, quotes.plain))
    inside, ends = f"[^\\n{opening}{closing}{plain}]*+", f"[{closing}{plain}]"
    found = re.finditer(rf"(?:{opening}|(?<![^\s(\[]){plain}(?=\S)){inside}{ends}", text)
    return [span.span() for span in found]


class _Reader:
    """Puts tokens together; says a citation as soon as a token does not go on with it."""

    def __init__(self, text: str, wording: Wording) -> None:
        self._text = text
        self._wording = wording
        self._last = 0  # behind the last token that was taken
        self._beside_end = -1  # behind the last words such as `after`
        self._clear()

    def _clear(self) -> None:
        self._items: list[Item] = []
        self._word: _Word | None = None
        self._pointing: tuple[Points, Join, int] | None = None
        self._join: Join | None = None

    def read(self, token: re.Match[str]) -> Mention | None:
        """Take a token; the citation that ended before it, if one did."""
        kind = str(token.lastgroup)
        if kind == "beside":
            done = self.finish()
            self._beside_end = token.end()
            return done
        if self._goes_on(token) and self._take(kind, token):
            self._last = token.end()
            return None
        done = self.finish()
        if self._take(kind, token):
            self._last = token.end()
        return done

    def finish(self) -> Mention | None:
        """The citation so far, if there is one."""
        items = self._items
        self._clear()
        if not items:
            return None
        start, end = items[0].start, items[-1].end
        beside = 0 <= start - self._beside_end <= 1
        return Mention(start, end, chains_of(items, self._wording), self._belongs(start, end), beside)

    def _belongs(self, start: int, end: int) -> Belongs | None:
        if self._wording.here.match(self._text, end):
            return Belongs.HERE
        before = self._text[max(0, start - _BEFORE) : start]
        if self._wording.external.match(self._text, end) or self._wording.external_before.search(before):
            return Belongs.ELSEWHERE
        return None

    def _goes_on(self, token: re.Match[str]) -> bool:
        """Whether a token stands directly behind the last one, blank lines only between a word and its number."""
        if not (self._items or self._word or self._pointing):
            return True
        gap = self._text[self._last : token.start()]
        if len(gap) <= _LONGEST_SKIPPED:
            gap = self._wording.skipped.sub("", gap)
        return gap in {"", " ", "\n"} or (gap == "\n\n" and self._word is not None)

    def _take(self, kind: str, token: re.Match[str]) -> bool:
        match kind:
            case "word":
                return self._take_word(token)
            case "number" | "ordinal" | "bracket":
                return self._take_number(token, kind == "bracket")
            case "this_before" | "previous_before" | "this_after" | "previous_after":
                return self._take_pointer(kind, token)
            case "after":
                return self._take_after(token)
            case "title":
                return self._take_title(token)
            case "from":
                return bool(self._word or self._join or self._items)
            case _:
                return self._take_join(kind)

    def _joined(self) -> Join:
        join, self._join = self._join or Join.SPACE, None
        return join

    def _take_word(self, token: re.Match[str]) -> bool:
        if self._word is not None:
            return False
        types, plural = self._wording.types[folded(token[0])]
        if self._pointing is not None:
            points, join, start = self._pointing
            self._pointing = None
            self._items.append(Item(self._sorted(types), "", points, join, start, token.end()))
            return True
        self._word = _Word(types, plural, self._joined(), token.start())
        return True

    def _sorted(self, types: frozenset[str]) -> tuple[str, ...]:
        known = (type_ for type_ in types if type_ in self._wording.depth)
        return tuple(sorted(known, key=lambda type_: (self._wording.depth[type_], type_)))

    def _take_pointer(self, kind: str, token: re.Match[str]) -> bool:
        points = Points.THIS if kind.startswith("this") else Points.PREVIOUS
        if kind.endswith("_after"):
            if self._word is None:
                return False
            word, self._word = self._word, None
            self._items.append(Item(self._sorted(word.types), "", points, word.join, word.start, token.end()))
            return True
        if self._word is not None or self._pointing is not None:
            return False
        self._pointing = (points, self._joined(), token.start())
        return True

    def _take_after(self, token: re.Match[str]) -> bool:
        if self._word is not None or self._pointing is not None:
            return False
        number, _, word = " ".join(token[0].split()).rpartition(" ")
        types = self._wording.after.get(folded(word), frozenset())
        item = Item(self._sorted(types), number, Points.NUMBER, self._joined(), token.start(), token.end())
        self._items.append(item)
        return True

    def _take_title(self, token: re.Match[str]) -> bool:
        if self._word is not None or self._pointing is not None:
            return False
        types = (self._wording.titles[folded(token[0])],)
        item = Item(types, "", Points.NUMBER, self._joined(), token.start(), token.end(), title=True)
        self._items.append(item)
        return True

    def _take_join(self, kind: str) -> bool:
        if not self._items or self._word is not None or self._pointing is not None:
            return False
        join = {"comma": Join.COMMA, "conjunction": Join.AND, "range": Join.RANGE}.get(kind, Join.SPACE)
        if self._join is None or self._join.value < join.value:
            self._join = join
        return True

    def _take_number(self, token: re.Match[str], bracket: bool) -> bool:
        if self._pointing is not None:
            return False
        if self._word is not None:
            return self._take_named(token, bracket)
        if not self._items:
            return False
        last = self._items[-1]
        if self._join in {None, Join.SPACE}:
            return bracket and self._join is None and self._take_tail(last, token)
        return self._take_listed(last, token, bracket)

    def _take_named(self, token: re.Match[str], bracket: bool) -> bool:
        word = self._word
        types = self._wording.accepted(word.types, token[0]) if word else ()
        if word is None or not types:
            return False
        self._word = None
        main, *path = token[0].strip("()").split(".")
        item = Item(types, main, Points.NUMBER, word.join, word.start, token.end(), word.plural, bracket, tail=path)
        self._items.append(item)
        return True

    def _take_tail(self, last: Item, token: re.Match[str]) -> bool:
        stuck = token.start() == last.end
        if last.title or len(last.tail) >= MOST_BRACKETS or not (stuck or _PLAIN_BRACKET.fullmatch(token[0])):
            return False
        last.tail.append(token[0].strip("()"))
        last.end = token.end()
        return True

    def _take_listed(self, last: Item, token: re.Match[str], bracket: bool) -> bool:
        """A number without a word of its own behind a comma, `and` or `to`."""
        if last.title or last.points is not Points.NUMBER:
            return False
        number = token[0].strip("()")
        if bracket and last.tail:
            kept = _siblings(last.tail, number)
            if kept is None:
                return False
            item = Item(last.types, last.number, last.points, self._joined(), token.start(), token.end(), last.plural)
            item.tail, item.bracketed = [*last.tail[:kept], number], last.bracketed
        else:
            plain = last.plural or self._wording.follows.match(self._text, token.end()) is not None
            types = self._wording.accepted(last.types, token[0])
            if bracket != last.bracketed or not types or (not bracket and (not plain or number[0] == "0")):
                return False
            main, *path = number.split(".")
            item = Item(types, main, Points.NUMBER, self._joined(), token.start(), token.end(), last.plural, bracket)
            item.tail = path
        self._items.append(item)
        return True


def _siblings(tail: Sequence[str], number: str) -> int | None:
    """How many brackets stay before one that goes on their list: it stands beside the last that is printed like it."""
    digits = _DIGITS.match(number) is not None
    places = (at for at in range(len(tail) - 1, -1, -1) if (_DIGITS.match(tail[at]) is not None) == digits)
    return next(places, None)

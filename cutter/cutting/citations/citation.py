"""Citations: what people write to say where a unit stands, read into parts.

Five shapes are read: words (`điểm a khoản 2 Điều 5`, `point (f) of Article 6(1)`), bare numbers (`58(2)(a)`, `3.2.1`),
addresses, canonical, short or ASCII, with or without the document (`PART-03/CH-15`), and eIds (`art_328__cl_1`). Rules:

- A part is a word with its number; numbers in brackets behind it belong to it and are deeper (Article 6(1)(f)).
- A word that was not understood stops: nothing is skipped, so nothing is guessed.
- Where a word was not understood, the words are read once more with the marks that were not typed (`unmarked`).
- A citation has a length limit before it is looked at, and is read once from left to right.

Whether a unit stands there is not known here; see `places`.

Source: issue 5, part 4; cutting.md §1.
"""

import re
from contextlib import suppress
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from cutter.cutting.citations.unmarked import with_marks, words_named
from cutter.cutting.citations.vocabulary import Vocabulary, folded, vocabulary
from cutter.cutting.profile import Profile
from cutter.stops import Stop, StopCode

# Characters and parts of a citation: the deepest real address has 12 segments and 150 characters.
LONGEST_CITATION = 1000
MOST_PARTS = 32
# Characters of a document's name that is told from a number: `A` may be a point.
SHORTEST_NAME = 3
# Characters that a refusal shows of what was not understood.
_MOST_SHOWN = 60

Order: TypeAlias = Literal["inner_first", "outer_first", "either"]

# 5, 5a, 5bis, 14th; xv; a, aa, đ1; ia.
_COMPONENT = re.compile(r"[0-9]{1,6}[^\W\d_]{0,6}|[ivxlcdm]{1,15}|[^\W\d_]{1,2}[0-9]{0,4}")
_NUMBER = re.compile(r"[^\W_]{1,24}(?:\.[^\W_]{1,24})*(?![^\W_])")
_OCCURRENCE = re.compile(r"~([0-9]{1,6})")
_BRACKETED = re.compile(r" ?[(\[] ?([^\W_]{1,24}(?:\.[^\W_]{1,24})*) ?[)\]]")
_CLOSING = re.compile(r"[)\]]")
_SEPARATORS = re.compile(r"[ ,;:/.]+")
_SEGMENT = re.compile(r"([a-z]{2,5})-([^\s/~,;()\[\]]+)")
_EID = re.compile(r"[^\W\d_]+_[^\s/]+")
_GAP = re.compile(r"[ .]{0,3}")
_AROUND_NAMES = ("", " ", "/", ",", ";", ":")
_DOCUMENT = re.compile(r"([^\s/]+)/")


class Part(msgspec.Struct, frozen=True):
    """One step of a citation.

    Args:
        types: the TYPEs that its word may name; empty for a number without a word.
        number: as written, in the shadow and without letter case; empty for a word that needs none.
        occurrence: which of those that repeat (`ART-05~2`); 0 when it does not say.
    """

    types: frozenset[str]
    number: str
    occurrence: int = 0


class Citation(msgspec.Struct, frozen=True):
    """A citation that was read.

    Args:
        groups: parts in the order in which they were written; within a group each is deeper than the one before it.
        order: whether the groups go from the inner to the outer one; `either` when the words do not say.
        document: the id of the document that it names; empty for none.
        eid: the eId that it is, without letter case; then there are no groups.
    """

    groups: tuple[tuple[Part, ...], ...]
    order: Order = "either"
    document: str = ""
    eid: str = ""


class _Read(NamedTuple):
    """A part that was read, and where the text goes on."""

    part: Part
    end: int


def parse_citation(text: str, profile: Profile, names: tuple[str, ...] = ()) -> Citation:
    """Read a citation.

    Args:
        text: what was typed, or found in a text.
        profile: the family of the document, with its words.
        names: what the document is called (its id, its title); they say nothing of the place.

    Raises:
        Stop: STOP_INVALID_INPUT with `citation_too_long`, `citation_empty`, or `citation_not_understood` and where:
            the character, from 1, of the text without surrounding and repeated spaces.
    """
    if len(text) > LONGEST_CITATION:
        raise Stop(
            StopCode.STOP_INVALID_INPUT,
            "citation_too_long",
            found=f"{len(text)} characters",
            needed=f"at most {LONGEST_CITATION}",
        )
    words = vocabulary(profile)
    plain = folded(text)
    try:
        return _parsed(plain, words, names)
    except Stop as stop:
        if stop.detail != "citation_not_understood":
            raise
        marked = with_marks(plain, profile)
        if marked != plain:
            with suppress(Stop):
                return _parsed(marked, words, names)
        needed = f"one unit: its words and numbers ({words_named(profile)}), its address, or its eId"
        raise Stop(stop.code, stop.detail, where=stop.where, found=stop.found, needed=needed) from None


def _parsed(plain: str, words: Vocabulary, names: tuple[str, ...]) -> Citation:
    """Read a folded citation."""
    start, end = _without_names(plain, words, tuple(map(folded, names)))
    if start >= end:
        raise Stop(StopCode.STOP_INVALID_INPUT, "citation_empty", needed="a unit, such as its address")
    plain = plain[:end]
    if _EID.fullmatch(plain, start) or plain[start:] in words.unnumbered_eids:
        return Citation((), "outer_first", eid=plain[start:])
    found = _DOCUMENT.match(plain, start)
    if found and _read_segment(plain, start, words) is None and _read_segment(plain, found.end(), words) is not None:
        return _Scanner(plain, found.end(), words).citation(found[1])
    return _Scanner(plain, start, words).citation("")


def _without_names(text: str, words: Vocabulary, names: tuple[str, ...]) -> tuple[int, int]:
    """Where a citation begins and ends without the document's own names around it."""
    start, end = 0, _before_itself(text, len(text), words)
    for name in sorted(names, key=len, reverse=True):
        if len(name) < SHORTEST_NAME:
            continue
        if start == 0 and text.startswith(name) and text[len(name) : len(name) + 1] in _AROUND_NAMES:
            start = len(name)
        elif end == len(text) and text.endswith(name) and text[: -len(name)][-1:] in _AROUND_NAMES:
            end = _before_itself(text, len(text) - len(name), words)
    while start < end and (gap := _SEPARATORS.match(text, start, end)):
        start = gap.end()
    return start, len(text[:end].rstrip(" ,;:/"))


def _before_itself(text: str, end: int, words: Vocabulary) -> int:
    """Where a citation ends without the words for the document itself: `of this Policy` is no name `Policy`."""
    for found in words.itself.finditer(text, 0, end):
        if found.end() == end and not text[: found.start()][-1:].isalnum():
            return found.start()
    return end


class _Scanner:
    """Reads the parts of a citation from left to right, each character once."""

    def __init__(self, text: str, start: int, words: Vocabulary) -> None:
        self._text = text
        self._place = start
        self._words = words
        self._groups: list[list[Part]] = []
        self._behind_segment = -1
        self._inner_first = False

    def citation(self, document: str) -> Citation:
        """The citation from here to the end of the text."""
        while self._place < len(self._text):
            self._pass_separators()
            if self._place >= len(self._text):
                break
            if not self._read() or sum(map(len, self._groups)) > MOST_PARTS:
                raise Stop(
                    StopCode.STOP_INVALID_INPUT,
                    "citation_not_understood",
                    where=f"character {self._place + 1}",
                    found=self._text[self._place : self._place + _MOST_SHOWN],
                )
        if not self._groups:
            raise Stop(StopCode.STOP_INVALID_INPUT, "citation_empty", needed="a unit, such as its address")
        return Citation(tuple(map(tuple, self._groups)), "inner_first" if self._inner_first else "either", document)

    def _pass_separators(self) -> None:
        """Pass what stands between two parts; a word there says that the inner one came first."""
        connected = False
        while gap := _SEPARATORS.match(self._text, self._place) or self._connector():
            connected = connected or gap.re is self._words.between
            self._place = gap.end()
        self._inner_first = self._inner_first or (connected and self._place < len(self._text))

    def _connector(self) -> re.Match[str] | None:
        return self._words.between.match(self._text, self._place) if self._groups else None

    def _read(self) -> bool:
        """Read what stands here into the groups; False when it is not understood."""
        if read := _read_segment(self._text, self._place, self._words):
            if self._place - 1 == self._behind_segment and self._text[self._behind_segment] == "/":
                self._groups[-1].append(read.part)
            else:
                self._groups.append([read.part])
            self._place = self._behind_segment = read.end
            return True
        if bracketed := _BRACKETED.match(self._text, self._place):
            if not self._groups:
                self._groups.append([])
            return self._read_brackets(bracketed)
        read = self._read_number_and_word() or self._read_word() or self._read_bare()
        if read is None:
            return False
        self._groups.append([read.part])
        self._place = read.end
        if closing := _CLOSING.match(self._text, self._place):
            self._place = closing.end()
        return self._read_brackets(_BRACKETED.match(self._text, self._place))

    def _read_brackets(self, bracketed: re.Match[str] | None) -> bool:
        while bracketed:
            if not _is_number(bracketed[1]):
                return False
            self._groups[-1].append(Part(frozenset(), bracketed[1], self._occurrence_at(bracketed.end())))
            self._place = self._behind_occurrence(bracketed.end())
            bracketed = _BRACKETED.match(self._text, self._place)
        return True

    def _read_number_and_word(self) -> _Read | None:
        """`Fourteenth Amendment`."""
        number, end = self._number_at(self._place)
        spaced = number and self._text[end : end + 1] == " "
        found = self._words.word_after.match(self._text, end + 1) if spaced else None
        if found is None:
            return None
        return _Read(Part(self._words.after[found[0]], number, self._occurrence_at(found.end())),
                     self._behind_occurrence(found.end()))  # fmt: skip

    def _read_word(self) -> _Read | None:
        """`Article 6`, `khoản 1`, `lời nói đầu`."""
        found = self._words.word.match(self._text, self._place)
        if found is None:
            return None
        types, end = self._words.before[found[0]], found.end()
        place = gap.end() if (gap := _GAP.match(self._text, end)) else end
        bracketed = _BRACKETED.match(self._text, place)
        if bracketed and _is_number(bracketed[1]):
            number, end = bracketed[1], bracketed.end()
        else:
            number, behind = self._number_at(place)
            end = behind if number else end
        if not number and found[0] not in self._words.alone:
            return None
        return _Read(Part(types, number, self._occurrence_at(end)), self._behind_occurrence(end))

    def _read_bare(self) -> _Read | None:
        """A number without a word; only the first part may be one."""
        number, end = self._number_at(self._place) if not self._groups else ("", 0)
        if not number:
            return None
        return _Read(Part(frozenset(), number, self._occurrence_at(end)), self._behind_occurrence(end))

    def _number_at(self, place: int) -> tuple[str, int]:
        """The number that stands at a place and where it ends; empty for none."""
        if prefix := self._words.ordinal_prefix.match(self._text, place):
            place = prefix.end() + 1
        if ordinal := self._words.ordinal.match(self._text, place):
            return ordinal[0], ordinal.end()
        found = _NUMBER.match(self._text, place)
        if found is None or not _is_number(found[0]) or self._words.between.fullmatch(found[0]):
            return "", place
        return found[0], found.end()

    def _occurrence_at(self, place: int) -> int:
        found = _OCCURRENCE.match(self._text, place)
        return int(found[1]) if found else 0

    def _behind_occurrence(self, place: int) -> int:
        found = _OCCURRENCE.match(self._text, place)
        return found.end() if found else place


def _read_segment(text: str, place: int, words: Vocabulary) -> _Read | None:
    """`ART-05`, `CL-1~2`."""
    found = _SEGMENT.match(text, place)
    if found is None or (type_ := found[1].upper()) not in words.types:
        return None
    occurrence = _OCCURRENCE.match(text, found.end())
    end = occurrence.end() if occurrence else found.end()
    return _Read(Part(frozenset((type_,)), found[2], int(occurrence[1]) if occurrence else 1), end)


def _is_number(text: str) -> bool:
    return all(_COMPONENT.fullmatch(component) for component in text.split("."))

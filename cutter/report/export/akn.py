"""The Akoma Ntoso 3.0 export: a document as `act`, unit by unit.

Rules kept here:

- The elements hold every word of the text in its order. Label and title become `num` and `heading`, each other line
  that shows something a `p`; white space around lines is not kept.
- `act` asks for preface, preamble, body, conclusions and attachments in this order. A unit that comes later than its
  place (signatures behind an annex) stays where it stands, as a plain container of the part that is open.
- Quotations and items of lists right behind the own text of a unit stand in its `intro`, as `quotedStructure` and in
  a `blockList`; later ones have an `hcontainer` of their own. A last TAIL is the `wrapUp`.
- Form feeds and vertical tabs end a line. The other controls and U+FFFE, U+FFFF are not in XML: they stop the export.

Source: OASIS Akoma Ntoso 1.0 part 2 (akomantoso30.xsd); cutting.md §1; XML 1.0 §2.2.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from enum import Enum
from itertools import chain, pairwise
from typing import BinaryIO

from cutter.cutting.printed import read_head
from cutter.cutting.profile import Profile, Rank
from cutter.cutting.record import DocumentFacts, UnitRecord
from cutter.cutting.unit import Cut
from cutter.report.export.akn_elements import HCONTAINER, Part, element, is_listed, is_whole_part, name, part
from cutter.report.export.identification import meta
from cutter.report.export.xml_text import escape, quoteattr
from cutter.stops import Stop, StopCode

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><act name="act">'
)
_NOT_XML = re.compile(rb"[\x00-\x08\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINES = re.compile(r"[\r\n\x0b\x0c]+")


class _Room(Enum):
    """What may stand in an open element."""

    HIERARCHY = "hierarchy"  # units only, between `intro` and `wrapUp`
    MIXED = "mixed"  # units, paragraphs and containers: mainBody, quotedStructure
    PREAMBLE = "preamble"  # paragraphs, recitals, formulas, containers
    FRONT = "front"  # paragraphs, formulas, containers: preface, conclusions
    BLOCKS = "blocks"  # paragraphs and containers of paragraphs


# The element of each part, and what may stand in it.
_PARTS = {
    Part.PREFACE: ("preface", _Room.FRONT),
    Part.PREAMBLE: ("preamble", _Room.PREAMBLE),
    Part.BODY: ("body", _Room.HIERARCHY),
    Part.CONCLUSIONS: ("conclusions", _Room.FRONT),
    Part.ATTACHMENTS: ("attachments", _Room.HIERARCHY),
}
_EMPTY_BODY = '<body><hcontainer name="empty"/></body>\n'


class _Frame:
    """An open element: what may stand in it, what closes it, and what is open between it and its next unit.

    `intro` says that its `intro` is open; `group` is the element that is open around units of one kind: `recitals`,
    or a `blockList`, whose eId is `grouped`.
    """

    def __init__(self, room: _Room, close: str, *, intro: bool = False) -> None:
        self.room = room
        self.close = close
        self.intro = intro
        self.group = ""
        self.grouped = ""

    def end_group(self) -> str:
        """Close the open group, if there is one."""
        closing = f"</{self.group}>\n" if self.group else ""
        self.group = self.grouped = ""
        return closing

    def end_intro(self) -> str:
        """Close the open `intro`, if it is."""
        closing = self.end_group() + ("</intro>\n" if self.intro else "")
        self.intro = False
        return closing

    def begin_group(self, group: str, eid: str = "") -> str:
        """Open a group unless this very one is open."""
        if (self.group, self.grouped) == (group, eid):
            return ""
        closing = self.end_group()
        self.group, self.grouped = group, eid
        return f"{closing}<{group}{f' eId={quoteattr(eid)}' if eid else ''}>\n"


def refuse_unwritable(made: Cut) -> None:
    """Refuse a text with characters that XML cannot hold.

    Raises:
        Stop: STOP_TEXT_NOT_XML with the character, its line and its column.
    """
    source = next((unit.source for unit in made.units), b"")
    if found := _NOT_XML.search(source):
        start = line = 0
        for line, end in enumerate(_LINE_END.finditer(source, 0, found.start()), 1):  # noqa: B007
            start = end.end()
        column = len(source[start : found.start()].decode()) + 1
        character = ord(found[0].decode())
        raise Stop(
            StopCode.STOP_TEXT_NOT_XML,
            f"character_u{character:04x}",
            where=f"{made.document_id}:{line + 1}:{column}",
        )


def write_akn(
    units: Iterable[UnitRecord], document_id: str, profile: Profile, facts: DocumentFacts, out: BinaryIO
) -> None:
    """Write records, in document order, as one Akoma Ntoso document; the text must have passed `refuse_unwritable`."""
    writer = _Writer(document_id, profile, facts)
    out.write(f"{_HEAD}{meta(document_id, facts)}\n".encode())
    for unit, following in pairwise(chain(units, (None,))):
        if unit is not None:
            out.write("".join(writer.unit(unit, following)).encode())
    out.write("".join(writer.end()).encode())
    out.write(b"</act></akomaNtoso>\n")


class _Writer:
    """The open elements of the document, and the XML that each next unit adds."""

    def __init__(self, document_id: str, profile: Profile, facts: DocumentFacts) -> None:
        self._document_id = document_id
        self._profile = profile
        self._facts = facts
        self._part: Part | None = None
        self._frames: list[_Frame] = []  # that of the part, then one for each open unit

    def unit(self, unit: UnitRecord, following: UnitRecord | None) -> Iterator[str]:
        """Close what ends before a unit, and open the unit with its own text."""
        yield from self._close(unit.depth + 1)
        parent = self._frames[-1] if unit.depth else None
        if parent is None:
            yield from self._top(unit, following)
        elif parent.room is _Room.HIERARCHY:
            yield from self._in_hierarchy(parent, unit, following)
        elif parent.room is _Room.MIXED and unit.rank is not Rank.ZONE and not is_listed(unit, self._profile):
            yield parent.end_group()
            yield from self._hierarchy(unit, following)
        else:
            yield from self._block(parent, unit)

    def end(self) -> Iterator[str]:
        """Close everything; a document without a body gets an empty one."""
        yield from self._close(0)
        if (self._part or 0) < Part.BODY:
            yield _EMPTY_BODY

    def _close(self, depth: int) -> Iterator[str]:
        while len(self._frames) > depth:
            frame = self._frames.pop()
            yield frame.end_intro() + frame.close

    def _enter(self, entered: Part, eid: str = "") -> Iterator[str]:
        """Close the part that is open and open a later one; the body between them may not be missing."""
        if self._part is entered:
            return
        yield from self._close(0)
        if (self._part or 0) < Part.BODY < entered:
            yield _EMPTY_BODY
        tag, room = _PARTS[entered]
        self._part = entered
        self._frames.append(_Frame(room, f"</{tag}>\n"))
        yield f"<{tag}{eid}>\n"

    def _top(self, unit: UnitRecord, following: UnitRecord | None) -> Iterator[str]:
        """A unit at the top of the document, in its part or in the one that is open."""
        entered = part(unit, self._part)
        whole = entered is not self._part and is_whole_part(unit, entered)
        yield from self._enter(entered, _eid(unit) if whole else "")
        if whole:
            yield from _paragraphs(unit.own_text, needed=not unit.children)
            self._frames.append(_Frame(self._frames[0].room, ""))
        elif entered is Part.BODY:
            yield from self._hierarchy(unit, following)
        elif entered is Part.ATTACHMENTS:
            yield from self._attachment(unit, following)
        else:
            yield from self._block(self._frames[0], unit)

    def _attachment(self, unit: UnitRecord, following: UnitRecord | None) -> Iterator[str]:
        """An annex as a document of its own; another unit that comes behind annexes is held by one."""
        annex = part(unit, None) is Part.ATTACHMENTS or unit.rank is Rank.ZONE
        component = (unit.eid or unit.address_ascii.partition("/")[2]) if annex else f"main_{unit.ordinal}"
        inner = f'<doc name="{name(unit)}">{meta(self._document_id, self._facts, component)}<mainBody>\n'
        close = "</mainBody></doc></attachment>\n"
        if not annex:
            yield f"<attachment>{inner}"
            yield from self._hierarchy(unit, following)
            self._frames[-1].close += close
            return
        yield f"<attachment{_eid(unit)}>"
        rest = yield from _head(unit)
        yield inner
        yield from _paragraphs(rest, needed=not unit.children)
        self._frames.append(_Frame(_Room.MIXED, close))

    def _in_hierarchy(self, parent: _Frame, unit: UnitRecord, following: UnitRecord | None) -> Iterator[str]:
        """A unit below one of the hierarchy: in its `intro`, as its `wrapUp`, or between them."""
        if parent.intro and self._in_intro(unit):
            yield from self._block(parent, unit)
            return
        yield parent.end_intro()
        if unit.type == "QS":
            yield '<hcontainer name="quotation"><content>\n'
            yield from self._quotation(unit)
            self._frames[-1].close += "</content></hcontainer>\n"
        elif unit.type == "TAIL" and (following is None or following.depth < unit.depth):
            yield f"<wrapUp{_eid(unit)}>\n"
            yield from _paragraphs(unit.own_text)
            self._frames.append(_Frame(_Room.BLOCKS, "</wrapUp>\n"))
        else:
            yield from self._hierarchy(unit, following)

    def _in_intro(self, unit: UnitRecord) -> bool:
        return unit.type == "QS" or is_listed(unit, self._profile)

    def _hierarchy(self, unit: UnitRecord, following: UnitRecord | None) -> Iterator[str]:
        """A unit as an element of the hierarchy."""
        tag = element(unit, self._profile)
        named = f' name="{name(unit)}"' if tag == HCONTAINER else ""
        yield f"<{tag}{named}{_eid(unit)}>"
        rest = yield from _head(unit)
        own = "".join(_paragraphs(rest))
        intro = bool(unit.children) and following is not None and self._in_intro(following)
        if not unit.children:
            yield f"<content>\n{own}</content>" if own else ""
        elif own or intro:
            yield f"<intro>\n{own}" if intro else f"<intro>\n{own}</intro>\n"
        else:
            yield "\n"
        self._frames.append(_Frame(_Room.HIERARCHY, f"</{tag}>\n", intro=intro))

    def _block(self, parent: _Frame, unit: UnitRecord) -> Iterator[str]:
        """A unit among paragraphs."""
        if unit.type == "QS":
            yield parent.end_group()
            yield from self._quotation(unit)
        elif unit.type == "ENA" and parent.room in (_Room.PREAMBLE, _Room.FRONT):
            yield f'{parent.end_group()}<formula name="{name(unit)}"{_eid(unit)}>\n'
            yield from _paragraphs(unit.own_text)
            self._frames.append(_Frame(_Room.BLOCKS, "</formula>\n"))
        else:
            tag = "blockContainer"
            if unit.type == "REC" and parent.room is _Room.PREAMBLE:
                tag = "recital"
                yield parent.begin_group("recitals")
            elif is_listed(unit, self._profile):
                tag = "item"
                yield parent.begin_group("blockList", (unit.eid or "").rpartition("__")[0])
            else:
                yield parent.end_group()
            yield f"<{tag}{_eid(unit)}>"
            rest = yield from _head(unit)
            yield from _paragraphs(rest, needed=not unit.children)
            self._frames.append(_Frame(_Room.BLOCKS, f"</{tag}>\n"))

    def _quotation(self, unit: UnitRecord) -> Iterator[str]:
        yield f"<p><mod><quotedStructure{_eid(unit)}>\n"
        yield from _paragraphs(unit.own_text, needed=not unit.children)
        self._frames.append(_Frame(_Room.MIXED, "</quotedStructure></mod></p>\n"))


def _eid(unit: UnitRecord) -> str:
    return "" if unit.eid is None else f" eId={quoteattr(unit.eid)}"


def _head(unit: UnitRecord) -> Generator[str, None, str]:
    """The `num` and `heading` of a unit, in the order in which they are printed; gives the rest of its own text."""
    head = read_head(unit.own_text, unit.number, unit.heading)
    parts = [("num", head.label), ("heading", head.heading)]
    for tag, text in reversed(parts) if head.heading_first else parts:
        if text:
            yield f"<{tag}>{escape(' '.join(text.split()))}</{tag}>"
    return head.rest


def _paragraphs(text: str, *, needed: bool = False) -> Iterator[str]:
    """A `p` for each line that shows something; one that shows nothing where one is needed and there is none."""
    for line in _LINES.split(text):
        if shown := line.strip():
            needed = False
            yield f"<p>{escape(shown)}</p>\n"
    if needed:
        yield "<p/>\n"

"""The record of a unit (`cutter.unit/1`): all that other programs read of it, without the document at hand.

Rules kept here: records come in document order, one at a time; the own texts joined are the document; the full text of
a unit is a stretch of the source, since the units below it follow it without gap; what is not known about time and
status is `unknown`, never a guess.

Source: issue 5, part 5; cutting.md §1, §2.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from itertools import chain, pairwise, repeat
from typing import Generic, TypeVar

import msgspec

from cutter.cutting.doubts import Doubt
from cutter.cutting.printed import Printed, read_head
from cutter.cutting.profile import Rank
from cutter.cutting.referring.amendments import Amendment, QuotedTarget
from cutter.cutting.referring.references import Reason, Reference
from cutter.cutting.unit import Cut, Unit
from cutter.stops import Stop, StopCode

T = TypeVar("T")

FORMAT = "cutter.unit/1"

# Every record names its ancestors and repeats the text of those below it: a tower of levels would make the records
# larger than the text by its height. The deepest real document has nine levels.
DEEPEST = 64

_LINE_END = re.compile(rb"\r\n|\r|\n")


class Anchor(Enum):
    """How a statement about time or status holds."""

    EXACT = "exact"
    LOWER_BOUND = "lower_bound"  # not before this date
    UNKNOWN = "unknown"


class Anchored(msgspec.Struct, frozen=True):
    """A statement and how it holds; without a value it is unknown."""

    value: str | None = None
    anchor: Anchor = Anchor.UNKNOWN


class DocumentFacts(msgspec.Struct, frozen=True):
    """What the index of documents states about a version; every unit of it has the same.

    Args:
        version: its name; empty for a text that is in no index.
        title: of the document, in its language.
        language: a language tag such as `vi`; empty when unknown.
        status: `enacted` or `draft`.
        effective_from, effective_to: dates such as 2014-01-01.
    """

    version: str = ""
    title: str = ""
    language: str = ""
    status: Anchored = Anchored()
    effective_from: Anchored = Anchored()
    effective_to: Anchored = Anchored()


class Range(msgspec.Struct, frozen=True):
    """A stretch of the source in bytes: `start` to `end`, which does not belong to it."""

    start: int
    end: int


class Lines(msgspec.Struct, frozen=True):
    """Lines of the source, counted from 1; the last one belongs to it."""

    first: int
    last: int


class UnitReference(msgspec.Struct, frozen=True):
    """A place in the text that points at units.

    Args:
        range: its bytes in the source.
        targets: addresses of the units that it means; empty when it leads to none.
        reason: why it does not, or not wholly, lead to units of this document: external or unresolved.
        missing: of an unresolved one, what was not found (ART-99/CL-1).
    """

    range: Range
    targets: tuple[str, ...]
    reason: Reason | None
    missing: tuple[str, ...]


class UnitTarget(msgspec.Struct, frozen=True):
    """What the text changes in another document.

    Args:
        range: the bytes of the sentence in the source.
        kind: what is done: amend, insert, repeal, replace_words or unknown.
        targets: what is changed, as addresses below the other document (ART-09/CL-3).
        titles: units of which the title is changed.
        beside: the unit that an insertion stands next to.
        quotations: addresses of the QS units that hold the new text.
        agrees: whether a quotation begins with the number of a target; None when it begins with none.
    """

    range: Range
    kind: Amendment
    targets: tuple[str, ...]
    titles: tuple[str, ...]
    beside: str | None
    quotations: tuple[str, ...]
    agrees: bool | None


class UnitDoubt(msgspec.Struct, frozen=True):
    """A doubt in the own text of a unit: its code, line and column from 1, and a word."""

    code: str
    line: int
    column: int
    detail: str


class UnitRecord(msgspec.Struct, frozen=True):
    """A unit as other programs read it.

    Args:
        document_id, version, document_title, language: whose unit it is.
        address, short_address, address_ascii, sort_key: how it is named and sorted.
        eid: its Akoma Ntoso eId; None when none was made.
        type: the address TYPE, such as ART.
        rank: container, basic, sub or zone.
        number: as printed, without words and signs: "I", "thứ nhất", "217a"; empty for none.
        label: the number with the words and signs around it, as printed: "Điều 5."; empty for none.
        heading: its title on one line; None for none.
        ordinal: position among its siblings, from 1.
        depth: 0 at the top of the document.
        ancestors: addresses of the units around it, outermost first.
        breadcrumb: label and title of each ancestor, for people.
        children: how many units stand directly below it.
        own_text: its text up to its first child; full_text: with that of all units below it.
        own_range, full_range, own_lines, full_lines: where those stand in the source.
        sha256: of the bytes of its own text.
        references: what its own text points at, in the order of the text.
        quoted_targets: the units of other documents that its quotations change.
        doubts: what the cut was not sure of in its own text.
        status, effective_from, effective_to: those of the document's version.
        format: `cutter.unit/1`.
    """

    document_id: str
    version: str
    document_title: str
    language: str
    address: str
    short_address: str
    address_ascii: str
    eid: str | None
    sort_key: str
    type: str
    rank: Rank
    number: str
    label: str
    heading: str | None
    ordinal: int
    depth: int
    ancestors: tuple[str, ...]
    breadcrumb: tuple[str, ...]
    children: int
    own_text: str
    full_text: str
    own_range: Range
    full_range: Range
    own_lines: Lines
    full_lines: Lines
    sha256: str
    references: tuple[UnitReference, ...]
    quoted_targets: tuple[UnitTarget, ...]
    doubts: tuple[UnitDoubt, ...]
    status: Anchored
    effective_from: Anchored
    effective_to: Anchored
    format: str = FORMAT


class _Open(msgspec.Struct, frozen=True, gc=False):
    """A unit whose descendants are not all seen: its position in the document, address and breadcrumb."""

    position: int
    address: str
    shown: str = ""


class _Extents(msgspec.Struct, frozen=True):
    """By position of a unit: the end of its full text in bytes, its last line, and how many children it has."""

    ends: "array[int]"
    lines: "array[int]"
    children: "array[int]"


class _Waiting(Generic[T]):
    """Things in document order, given out as the units pass that they belong to."""

    def __init__(self, things: Iterable[T]) -> None:
        self._rest = iter(things)
        self._next = next(self._rest, None)

    def take(self, belongs: Callable[[T], bool]) -> Iterator[T]:
        """The next ones, as long as they belong."""
        while self._next is not None and belongs(self._next):
            yield self._next
            self._next = next(self._rest, None)

    @property
    def empty(self) -> bool:
        """Whether all were given out."""
        return self._next is None


class _Findings(msgspec.Struct, frozen=True):
    """What others found in the text, in document order."""

    references: _Waiting[Reference]
    quoted_targets: _Waiting[QuotedTarget]
    doubts: _Waiting[Doubt]


def records(
    made: Cut,
    facts: DocumentFacts,
    *,
    eids: Iterable[str] | None = None,
    references: Iterable[Reference] = (),
    quoted_targets: Iterable[QuotedTarget] = (),
) -> Iterator[UnitRecord]:
    """The records of a cut in document order.

    Three numbers a unit are held while they are made, and the open ancestors; never two records.

    Args:
        made: the cut.
        facts: what the index states of the document's version.
        eids: the eId of every unit, in document order.
        references: what the text points at, in document order.
        quoted_targets: what it changes in other documents, in document order.

    Raises:
        Stop: STOP_TEXT_TOO_LARGE (`limit_64_levels`) for more levels than any document has.
        ValueError: there are not as many eIds as units, or a reference names no unit or stands behind a later one.
    """
    doubts = sorted(made.doubts, key=lambda doubt: (doubt.line, doubt.column))
    findings = _Findings(_Waiting(references), _Waiting(quoted_targets), _Waiting(doubts))
    named = zip(made.units, repeat(None) if eids is None else eids, strict=eids is not None)
    return _records(made, facts, _measure(made), named, findings)


def _measure(made: Cut) -> _Extents:
    """Where the full text of every unit ends, from one pass: a unit ends where one begins that is not below it."""
    extents = _Extents(array("Q"), array("Q"), array("Q"))
    opened: list[_Open] = []
    last: Unit | None = None
    for position, unit in enumerate(made.units):
        for closed in _close(opened, unit):
            extents.ends[closed.position], extents.lines[closed.position] = unit.start, unit.line - 1
        if opened:
            extents.children[opened[-1].position] += 1
        opened.append(_Open(position, unit.address))
        for values in (extents.ends, extents.lines, extents.children):
            values.append(0)
        last = unit
    if last is not None:
        last_line = _last_line(last)
        for closed in opened:
            extents.ends[closed.position], extents.lines[closed.position] = last.end, last_line
    return extents


def _close(opened: list[_Open], unit: Unit) -> Iterator[_Open]:
    """Close the units that do not hold this one, innermost first."""
    while opened and opened[-1].address != unit.parent_address:
        yield opened.pop()
    if not opened and unit.parent_address is not None:
        raise Stop(StopCode.STOP_INTERNAL, "unit_outside_its_parent", where=unit.address)
    if len(opened) >= DEEPEST:
        raise Stop(StopCode.STOP_TEXT_TOO_LARGE, f"limit_{DEEPEST}_levels", where=f"line {unit.line}")


def _last_line(unit: Unit) -> int:
    ends = sum(1 for _ in _LINE_END.finditer(unit.source, unit.start, unit.end))
    closed = unit.source[unit.end - 1 : unit.end] in (b"\n", b"\r")
    return unit.line + ends - (1 if closed and ends else 0)


def _records(
    made: Cut,
    facts: DocumentFacts,
    extents: _Extents,
    named: Iterable[tuple[Unit, str | None]],
    findings: _Findings,
) -> Iterator[UnitRecord]:
    opened: list[_Open] = []
    pairs = pairwise(chain(named, (None,)))
    for position, (pair, following) in enumerate(pairs):
        assert pair is not None  # noqa: S101  only the last one is
        unit, eid = pair
        for _ in _close(opened, unit):
            pass
        text, end = unit.body, extents.ends[position]
        head = read_head(text, unit.number_raw, unit.heading)
        last_line = extents.lines[position]
        yield UnitRecord(
            document_id=made.document_id,
            version=facts.version,
            document_title=facts.title,
            language=facts.language,
            address=unit.address,
            short_address=unit.short_address,
            address_ascii=unit.address_ascii,
            eid=eid,
            sort_key=unit.sort_key,
            type=unit.type,
            rank=unit.rank,
            number=unit.number_raw,
            label=head.shown_label,
            heading=unit.heading,
            ordinal=unit.ordinal,
            depth=len(opened),
            ancestors=tuple(ancestor.address for ancestor in opened),
            breadcrumb=tuple(ancestor.shown for ancestor in opened),
            children=extents.children[position],
            own_text=text,
            full_text=text if end == unit.end else unit.source[unit.start : end].decode(),
            own_range=Range(unit.start, unit.end),
            full_range=Range(unit.start, end),
            own_lines=Lines(unit.line, last_line if following is None else following[0].line - 1),
            full_lines=Lines(unit.line, last_line),
            sha256=unit.sha256,
            references=_references(unit, findings),
            quoted_targets=_targets(unit, findings),
            doubts=_doubts(following[0] if following else None, findings),
            status=facts.status,
            effective_from=facts.effective_from,
            effective_to=facts.effective_to,
        )
        opened.append(_Open(position, unit.address, _shown(unit, head)))
    if not (findings.references.empty and findings.quoted_targets.empty):
        raise ValueError("a reference or quoted target names no unit, or stands behind one of a later unit")


def _shown(unit: Unit, head: Printed) -> str:
    """How an ancestor is shown to people: its label and title as printed, else its number, else its segment."""
    return head.shown or unit.number_raw or unit.heading or unit.address.rpartition("/")[2]


def _references(unit: Unit, findings: _Findings) -> tuple[UnitReference, ...]:
    return tuple(
        UnitReference(Range(found.start, found.end), found.targets, found.reason, found.missing)
        for found in findings.references.take(lambda found: found.address == unit.address)
    )


def _targets(unit: Unit, findings: _Findings) -> tuple[UnitTarget, ...]:
    return tuple(
        UnitTarget(
            range=Range(found.start, found.end),
            kind=found.kind,
            targets=found.targets,
            titles=found.titles,
            beside=found.beside,
            quotations=found.quotations,
            agrees=found.agrees,
        )
        for found in findings.quoted_targets.take(lambda found: found.address == unit.address)
    )


def _doubts(following: Unit | None, findings: _Findings) -> tuple[UnitDoubt, ...]:
    """The doubts on the lines before the unit that follows."""
    return tuple(
        UnitDoubt(doubt.code.value, doubt.line, doubt.column, doubt.detail)
        for doubt in findings.doubts.take(lambda doubt: following is None or doubt.line < following.line)
    )

"""The record of a unit: what stands in it, that nothing is lost or invented, and that it is made in one pass."""

import tracemalloc
from collections.abc import Iterator, Sequence
from typing import overload

import msgspec
import pytest

from cutter.cutting import cut
from cutter.cutting.doubts import Doubt, DoubtCode
from cutter.cutting.printed import read_head
from cutter.cutting.record import (
    DEEPEST,
    Anchor,
    Anchored,
    DocumentFacts,
    UnitRecord,
    records,
)
from cutter.cutting.referring.amendments import Amendment, QuotedTarget
from cutter.cutting.referring.references import Reason, Reference
from cutter.cutting.unit import Cut, Unit
from cutter.stops import Stop, StopCode
from tests.support.cuts import LAW, LAW_EIDS, Piece, made_of
from tests.support.profiles import VIETNAMESE_LAW

FACTS = DocumentFacts(
    version="2024",
    title="Luật Một",
    language="vi",
    status=Anchored("enacted", Anchor.EXACT),
    effective_from=Anchored("2014-01-01", Anchor.LOWER_BOUND),
)
SOURCE = "".join(unit.body for unit in LAW.units)


def by_path(made: Cut = LAW, facts: DocumentFacts = FACTS) -> dict[str, UnitRecord]:
    """The records of a cut by the part of their address behind the document's id."""
    return {record.address.partition("/")[2]: record for record in records(made, facts)}


def test_a_record_says_where_a_unit_stands() -> None:
    """Without it a reader of one record could not tell which law, chapter and article its text belongs to."""
    record = by_path()["CH-01/ART-01/CL-1/PT-đ"]
    assert (record.document_id, record.version, record.document_title, record.language) == (
        "LAW-1",
        "2024",
        "Luật Một",
        "vi",
    )
    assert record.ancestors == ("LAW-1/CH-01", "LAW-1/CH-01/ART-01", "LAW-1/CH-01/ART-01/CL-1")
    assert record.breadcrumb == ("Chương I QUY ĐỊNH CHUNG", "Điều 1. Phạm vi", "1.")
    assert (record.depth, record.ordinal, record.children) == (3, 2, 0)
    assert (record.number, record.label, record.heading) == ("đ", "đ)", None)
    assert record.address_ascii == "LAW-1/CH-01/ART-01/CL-1/PT-dd"
    assert record.format == "cutter.unit/1"


def test_own_texts_joined_are_the_document() -> None:
    """Without it text could be lost or doubled between two records unnoticed."""
    assert "".join(record.own_text for record in records(LAW, FACTS)) == SOURCE


def test_full_text_is_own_text_and_all_below() -> None:
    """Without it an article would be handed out without its clauses, or with those of its neighbour."""
    made = list(records(LAW, FACTS))
    for record in made:
        below = [other for other in made if other is record or record.address in other.ancestors]
        assert record.full_text == "".join(other.own_text for other in below), record.address
        start, end = record.full_range.start, record.full_range.end
        assert SOURCE.encode()[start:end].decode() == record.full_text
        assert record.full_lines.first == record.own_lines.first
        assert record.full_lines.last == below[-1].own_lines.last
        assert record.children == sum(other.ancestors[-1:] == (record.address,) for other in made)


def test_lines_and_bytes_are_those_of_the_source() -> None:
    """Without it nobody could find the text of a record in the registered source again."""
    lines = SOURCE.splitlines(keepends=True)
    for record in records(LAW, FACTS):
        assert SOURCE.encode()[record.own_range.start : record.own_range.end].decode() == record.own_text
        assert "".join(lines[record.own_lines.first - 1 : record.own_lines.last]) == record.own_text


LAST_LINES = {
    "closed by LF": ("Điều 1.\na\nb\n", 3),
    "not closed": ("Điều 1.\na\nb", 3),
    "CRLF": ("Điều 1.\r\na\r\n", 2),
    "CR alone": ("Điều 1.\ra\rb", 3),
    "one line": ("Điều 1.", 1),
    "blank lines at the end": ("Điều 1.\n\n\n", 3),
}


@pytest.mark.parametrize(("text", "last"), LAST_LINES.values(), ids=LAST_LINES)
def test_the_last_unit_ends_with_the_last_line(text: str, last: int) -> None:
    """Without it the last unit of a document would be shown a line short or long."""
    (record,) = records(made_of(Piece("ART-01", text, "1")), FACTS)
    assert (record.own_lines.last, record.full_lines.last) == (last, last)


def test_what_is_not_known_stays_unknown() -> None:
    """Without it a date or status that nobody stated would be read as law."""
    (record,) = records(made_of(Piece("ART-01", "Điều 1.\n", "1")), DocumentFacts())
    for stated in (record.status, record.effective_from, record.effective_to):
        assert (stated.value, stated.anchor) == (None, Anchor.UNKNOWN)
    known = by_path()["CH-01"]
    assert known.effective_from == Anchored("2014-01-01", Anchor.LOWER_BOUND)
    assert known.effective_to == Anchored()


def test_findings_go_to_the_unit_in_whose_own_text_they_begin() -> None:
    """Without it a doubt or a reference would be shown at a chapter, or twice, or at the wrong article."""
    units = {unit.address: unit for unit in LAW.units}
    clause, last = units["LAW-1/CH-01/ART-01/CL-2"], units["LAW-1/ANX-01"]
    doubts = (Doubt(DoubtCode.GAP, last.line + 1, 2, "x"), Doubt(DoubtCode.REPEATED, clause.line, 1, "y"))
    begin = SOURCE.encode().index("Điều 5".encode(), clause.start)
    end = begin + len("Điều 5".encode())
    pointing = Reference(clause.address, begin, end, clause.line, 8, (), Reason.UNRESOLVED, ("ART-05",))
    changing = QuotedTarget(
        clause.address, Amendment.AMEND, ("ART-05",), (), None, (), True, begin, end, clause.line, 8
    )
    doubtful = msgspec.structs.replace(LAW, doubts=doubts)
    made = list(records(doubtful, FACTS, references=iter([pointing]), quoted_targets=iter([changing])))
    assert {r.address: [d.code for d in r.doubts] for r in made if r.doubts} == {
        clause.address: ["repeated"],
        last.address: ["gap"],
    }
    ((place, (reference,)),) = [(r.address, r.references) for r in made if r.references]
    assert (place, reference.targets, reference.reason) == (clause.address, (), Reason.UNRESOLVED)
    assert SOURCE.encode()[reference.range.start : reference.range.end].decode() == "Điều 5"
    ((place, (target,)),) = [(r.address, r.quoted_targets) for r in made if r.quoted_targets]
    assert (place, target.kind, target.targets, target.agrees) == (clause.address, Amendment.AMEND, ("ART-05",), True)


@pytest.mark.parametrize("address", ["LAW-1/ART-99", LAW.units[0].address])
def test_a_reference_that_belongs_to_no_unit_is_not_dropped(address: str) -> None:
    """Without it references would vanish from the records when their order or addresses were wrong."""
    later = Reference(LAW.units[-1].address, 0, 1, 1, 1, ())
    with pytest.raises(ValueError, match="names no unit"):
        list(records(LAW, FACTS, references=[later, Reference(address, 0, 1, 1, 1, ())]))


def test_eids_go_with_their_units() -> None:
    """Without it a record would carry the eId of its neighbour."""
    assert tuple(record.eid for record in records(LAW, FACTS, eids=LAW_EIDS)) == LAW_EIDS
    assert {record.eid for record in records(LAW, FACTS)} == {None}
    with pytest.raises(ValueError, match="shorter"):
        list(records(LAW, FACTS, eids=LAW_EIDS[:-1]))


def test_a_tower_of_levels_is_refused() -> None:
    """Without it each level would repeat the text below it, and a small hostile text would fill the disk."""
    path, pieces = "", []
    for _ in range(DEEPEST + 1):
        path = f"{path}/PT-a".lstrip("/")
        pieces.append(Piece(path, "a)\n", "a"))
    assert len(list(records(made_of(*pieces[:-1]), FACTS))) == DEEPEST
    with pytest.raises(Stop) as caught:
        list(records(made_of(*pieces), FACTS))
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_TEXT_TOO_LARGE, "limit_64_levels")


def test_records_of_a_real_cut_lose_nothing() -> None:
    """Without it records could rest on something that hand-made units have and those of the engine do not."""
    source = (
        "Chương I\nQUY ĐỊNH CHUNG\n\nĐiều 1. Phạm vi\n1. Một:\na) một;\nb) hai.\n2. Hai.\n\n"
        "Điều 2. Đối tượng\nMột đoạn.\n"
    ).encode()
    made = list(records(cut(source, "LAW-2", VIETNAMESE_LAW), FACTS))
    assert "".join(record.own_text for record in made).encode() == source
    article = next(record for record in made if record.address.endswith("ART-01"))
    assert (article.label, article.heading, article.children) == ("Điều 1.", "Phạm vi", 2)
    assert article.full_text.startswith("Điều 1.")
    assert article.full_text.endswith("2. Hai.\n\n")


HEADS = {
    "article": ("Điều 5. Tên gọi\nNội dung", "5", "Tên gọi", ("Điều 5.", "Tên gọi", "\nNội dung")),
    "number only": ("1. Nhà nước", "1", None, ("1.", "", " Nhà nước")),
    "brackets": ("  (a) text a", "a", None, ("(a)", "", " text a")),
    "title below, on two lines": ("Chương I\n\n A\nB\nrest", "I", "A B", ("Chương I", "A\nB", "\nrest")),
    "title glued to a colon": ("Chương I:NHỮNG\n", "I", "NHỮNG", ("Chương I:", "NHỮNG", "\n")),
    "word after the number": ("First Amendment\nText", "First", None, ("First Amendment", "", "\nText")),
    "endnote in the number": ("Điều 173.[5] Tội\n", "173", "Tội", ("Điều 173.[5]", "Tội", "\n")),
    "title above": ("Missions\n\n5\ntext", "5", "Missions", ("5", "Missions", "\ntext")),
    "Markdown without number": ("## Why?\n\ntext", "", "Why?", ("", "## Why?", "\n\ntext")),
    "Markdown with number": ("## 3. Scope\n", "3", "Scope", ("## 3.", "Scope", "\n")),
    "path": ("3.2.1 URI\n   text", "3.2.1", "URI", ("3.2.1", "URI", "\n   text")),
    "ordinal of two words": ("Phần thứ\u00a0nhất\nTÊN", "thứ nhất", "TÊN", ("Phần thứ\u00a0nhất", "TÊN", "")),
    "letter inside a word": ("Điểm a là a", "a", None, ("Điểm a", "", " là a")),
    "title that is not there": ("Điều 5. Khác", "5", "Tên", ("Điều 5.", "", " Khác")),
    "number that is not there": ("Khác", "5", "Tên", ("", "", "Khác")),
    "nothing printed": ("text", "", None, ("", "", "text")),
    "empty": ("", "", None, ("", "", "")),
}


@pytest.mark.parametrize(("text", "number", "heading", "parts"), HEADS.values(), ids=HEADS)
def test_label_and_title_are_told_from_the_text(
    text: str, number: str, heading: str | None, parts: tuple[str, str, str]
) -> None:
    """Without it exports would print a title twice, or lose the words around a number."""
    head = read_head(text, number, heading)
    assert (head.label, head.heading, head.rest) == parts
    ordered = (head.heading, head.label) if head.heading_first else (head.label, head.heading)
    assert "".join("".join((*ordered, head.rest)).split()) == "".join(text.split())


HOSTILE = {
    "a title of one letter, never there": ("1 " + "A" * 300_000, "1", "A B"),
    "blanks without end": ("1 " + "A " * 50_000 + " " * 500_000, "1", "A " * 40 + "B"),
    "a number that nearly is there": ("1" * 500_000, "1", None),
}


@pytest.mark.timeout(5)
@pytest.mark.parametrize(("text", "number", "heading"), HOSTILE.values(), ids=HOSTILE)
def test_looking_for_a_head_stops_soon(text: str, number: str, heading: str | None) -> None:
    """Without it a single huge line would hold an export up for hours."""
    for _ in range(200):
        head = read_head(text, number, heading)
    assert head.label in ("", "1")


class _Many(Sequence[Unit]):
    """A view of many articles that makes each when it is asked for, as the engine does for large documents."""

    def __init__(self, source: bytes, line: bytes) -> None:
        self._source, self._length = source, len(line)

    def __len__(self) -> int:
        return len(self._source) // self._length

    @overload
    def __getitem__(self, index: int) -> Unit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Unit]: ...
    def __getitem__(self, index: int | slice) -> Unit | Sequence[Unit]:
        assert isinstance(index, int)
        if not 0 <= index < len(self):
            raise IndexError(index)
        (unit,) = made_of(Piece(f"ART-{index}", "Điều 1. Tên\n", "1", "Tên")).units
        start = index * self._length
        return msgspec.structs.replace(
            unit, source=self._source, start=start, end=start + self._length, line=index + 1, ordinal=index + 1
        )

    def __iter__(self) -> Iterator[Unit]:
        return (self[index] for index in range(len(self)))


def test_records_are_not_kept() -> None:
    """Without it the records of a large document would be held all at once, many times its size."""
    line = "Điều 1. Tên\n".encode()
    source = line * 20_000
    made = Cut("LAW-3", "by.hand", _Many(source, line), (), len(source))
    tracemalloc.start()
    count = sum(1 for _ in records(made, FACTS))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 2_000_000, "three numbers a unit, and a few records"

"""The parts of the page that only a document has: doubts, changes, ten drawn units, and the whole tree.

Rules kept here: what needs eyes comes whole up to a stated number, the rest is told by number and place, never left
out in silence; the drawn units follow from the plan's digest, so that nobody chooses them and anybody can draw again.

Source: command-line.md §4 (3, 5).
"""

import hashlib
import itertools
from collections.abc import Sequence

from cutter.cutting import Cut, Doubt, Unit
from cutter.cutting.compare import Change, ChangeKind, diff
from cutter.report.review.case import ReviewedDocument
from cutter.report.review.comparing import words_changed
from cutter.report.review.lines import Lines, clipped, excerpt
from cutter.report.review.markup import (
    NOTHING,
    SPACE,
    Html,
    code,
    element,
    folded,
    join,
    paragraph,
    say,
    section,
    source,
    text,
)
from cutter.report.review.words import Words, counted, doubt_words, number, type_words

DRAWN = 10
DOUBTS_SHOWN = 100
CHANGES_SHOWN = 200
CHANGES_LISTED = 2000
LONGEST_CHANGE = 6000  # characters of one side of a change
LONGEST_DRAWN = 4000  # characters of a drawn unit

_KINDS = {
    ChangeKind.ADDED: Words("added", "thêm"),
    ChangeKind.REMOVED: Words("taken out", "bỏ"),
    ChangeKind.CHANGED: Words("changed", "sửa"),
    ChangeKind.RENUMBERED: Words("moved", "dời chỗ"),
}


def drawn(made: Cut, plan_sha256: str) -> tuple[Unit, ...]:
    """Ten units drawn with the plan's digest as seed: those with the lowest sha256 of `PLAN:ADDRESS`."""
    seed = plan_sha256.encode()
    lots = sorted((hashlib.sha256(seed + b":" + u.address.encode()).digest(), n) for n, u in enumerate(made.units))
    return tuple(made.units[n] for n in sorted(n for _, n in lots[:DRAWN]))


def doubts_section(document: ReviewedDocument, lines: Lines) -> Html:
    """Each doubt with the source around it."""
    doubts = document.cut.doubts
    if not doubts:
        told = paragraph("The cut has no doubt.", "Phép cắt không có chỗ ngờ nào.")
        return section("doubts", "Doubts", "Chỗ ngờ", told)
    total = counted(len(doubts), "doubt", "chỗ ngờ")
    told = paragraph(
        f"{total.en}: places where another reading is possible. Each shows what was done and what else could be.",
        f"{total.vi}: những chỗ có thể hiểu cách khác. Mỗi chỗ nêu điều đã chọn và cách chọn khác.",
    )
    shown = [_doubt(document, lines, number_, item) for number_, item in enumerate(doubts[:DOUBTS_SHOWN], start=1)]
    return section("doubts", "Doubts", "Chỗ ngờ", told, *shown, _more_doubts(doubts[DOUBTS_SHOWN:]))


def changes_section(document: ReviewedDocument) -> Html:
    """What changed against the version before."""
    title = ("Changes against the last version", "Thay đổi so với phiên bản trước")
    if document.previous is None:
        told = paragraph("This is the first version that is cut.", "Đây là phiên bản đầu tiên được cắt.")
        return section("changes", *title, told)
    changes = diff(document.previous, document.cut)
    counted_kinds = [f"{sum(c.kind is kind for c in changes):,} {_KINDS[kind].en}" for kind in ChangeKind]
    theirs = [f"{number(sum(c.kind is kind for c in changes)).vi} {_KINDS[kind].vi}" for kind in ChangeKind]
    told = paragraph(
        f"Against version {document.previous_version}: {', '.join(counted_kinds)}.",
        f"So với phiên bản {document.previous_version}: {', '.join(theirs)}.",
    )
    contents = element("ul", *(_entry(n, c) for n, c in enumerate(changes[:CHANGES_LISTED], start=1)), class_="toc")
    rest = len(changes) - CHANGES_LISTED
    more = _unlisted(rest) if rest > 0 else NOTHING
    index = folded(say("Table of contents", "Mục lục thay đổi"), contents, more, class_="fold") if changes else NOTHING
    shown = [_change(n, change, document.language) for n, change in enumerate(changes[:CHANGES_SHOWN], start=1)]
    return section("changes", *title, told, index, *shown)


def drawn_section(document: ReviewedDocument, lines: Lines, plan_sha256: str) -> Html:
    """Ten units beside their source."""
    units = drawn(document.cut, plan_sha256)
    told = paragraph(
        "Nobody chose these: they are the units with the lowest sha256 of the plan's digest, a colon and the address. "
        "Left the source, right the unit as it will be written.",
        "Không ai chọn trước: đây là các đơn vị có sha256 nhỏ nhất của mã băm kế hoạch, dấu hai chấm và địa chỉ. "
        "Bên trái là văn bản nguồn, bên phải là đơn vị sẽ được ghi.",
    )
    shown = [_pair(unit, lines, document.language) for unit in units]
    title = (f"{len(units)} units drawn by lot", f"{len(units)} đơn vị được rút ngẫu nhiên")
    return section("drawn", *title, told, *shown)


def place(made: Cut, offset: int) -> Unit | None:
    """The unit that holds a byte of the source."""
    return next((unit for unit in made.units if unit.start <= offset < unit.end), None)


def _doubt(document: ReviewedDocument, lines: Lines, count: int, doubt: Doubt) -> Html:
    words = doubt_words(doubt.code, doubt.detail)
    unit = place(document.cut, lines.starts[min(doubt.line, lines.count) - 1])
    title = element(
        "h3",
        text(f"{count}. "),
        say(f"line {doubt.line}: {words.meaning.en}", f"dòng {doubt.line}: {words.meaning.vi}"),
    )
    where = element("p", code(doubt.detail), SPACE, code(unit.address) if unit else NOTHING, class_="where")
    choice = element(
        "dl",
        element("dt", say("cutter's choice", "cutter đã chọn")),
        element("dd", words.choice.html),
        element("dt", say("the other choice", "cách khác")),
        element("dd", words.other.html),
    )
    around = excerpt(lines, lines.around(doubt.line), doubt.line, doubt.column, document.language)
    return element("article", title, where, around, choice, class_="doubt", id=f"doubt-{count}")


def _more_doubts(rest: Sequence[Doubt]) -> Html:
    if not rest:
        return NOTHING
    total = counted(len(rest), "more doubt", "chỗ ngờ nữa")
    grouped = itertools.groupby(sorted(rest, key=lambda doubt: doubt.code.value), key=lambda doubt: doubt.code)
    items = [
        element("li", code(kind.value), text(": "), text(", ".join(str(doubt.line) for doubt in group)))
        for kind, group in grouped
    ]
    summary = say(f"{total.en}, by line", f"{total.vi}, theo dòng")
    return folded(summary, element("ul", *items))


def _entry(count: int, change: Change) -> Html:
    words = _KINDS[change.kind].html
    if count > CHANGES_SHOWN:
        return element("li", words, text(": "), code(change.address))
    return element("li", words, text(": "), element("a", code(change.address), href=f"#change-{count}"))


def _unlisted(rest: int) -> Html:
    told = counted(rest, "more change is", "thay đổi nữa không liệt kê", plural="more changes are")
    return element("p", say(f"{told.en} not listed.", f"{told.vi}."))


def _change(count: int, change: Change, language: str) -> Html:
    title = element("h3", _KINDS[change.kind].html, text(": "), code(change.address))
    body = element("div", _changed_text(change), class_="doc text", lang=language)
    return element("article", title, body, class_="change", id=f"change-{count}")


def _changed_text(change: Change) -> Html:
    match change:
        case Change(before=None, after=Unit() as new):
            return _marked(ChangeKind.ADDED, _body(new))
        case Change(before=Unit() as old, after=None):
            return _marked(ChangeKind.REMOVED, _body(old))
        case Change(before=Unit() as old, after=Unit() as new) if old.address == new.address:
            return _difference(old.body, new.body)
        case Change(before=Unit() as old, after=Unit() as new):
            stood = join((say("stood at", "trước ở"), code(old.address)), " ")
            return stood if old.body == new.body else join((element("p", stood), _difference(old.body, new.body)))
        case _:
            return NOTHING


def _difference(old: str, new: str) -> Html:
    old, new = old.rstrip("\r\n"), new.rstrip("\r\n")
    if old == new:
        return say("Only blank lines at its end differ.", "Chỉ khác các dòng trống ở cuối.")
    stretches = words_changed(old[:LONGEST_CHANGE], new[:LONGEST_CHANGE])
    whole = join(source(s.text) if s.kind is None else _marked(s.kind, source(s.text)) for s in stretches)
    if max(len(old), len(new)) <= LONGEST_CHANGE:
        return whole
    return join(
        (whole, element("p", say("The rest of this unit is not compared here.", "Phần còn lại không so ở đây.")))
    )


def _body(unit: Unit) -> Html:
    return clipped(unit.body.strip("\r\n"), LONGEST_CHANGE)


def _marked(kind: ChangeKind, body: Html) -> Html:
    """Text that came or went, with the word for it: neither colour nor a line through it tells alone."""
    word = element("span", text("["), _KINDS[kind].html, text("] "), class_="word")
    return element("ins" if kind is ChangeKind.ADDED else "del", word, body)


def _pair(unit: Unit, lines: Lines, language: str) -> Html:
    first, last = lines.at(unit.start), lines.at(max(unit.start, unit.end - 1))
    left_title = say(f"source, lines {first}–{last}", f"văn bản nguồn, dòng {first}–{last}")
    taken = clipped(lines.data[unit.start : unit.end].decode(errors="replace"), LONGEST_DRAWN)
    bytes_ = say(f"bytes {unit.start:,} to {unit.end:,}", f"byte {number(unit.start).vi} đến {number(unit.end).vi}")
    left = element(
        "div",
        element("h4", left_title),
        element("p", bytes_, class_="where"),
        element("div", taken, class_="doc text", lang=language),
    )
    words = type_words(unit.type)
    right_title = say(f"unit: {words.en} {unit.number_raw}".rstrip(), f"đơn vị: {words.vi} {unit.number_raw}".rstrip())
    parent = element("p", say("held by", "thuộc"), SPACE, code(unit.parent_address or "—"), class_="where")
    heading = element("p", text(unit.heading), class_="heading doc", lang=language) if unit.heading else NOTHING
    body = element("div", clipped(unit.body, LONGEST_DRAWN), class_="doc text", lang=language)
    right = element("div", element("h4", right_title), parent, heading, body)
    title = element("h3", code(unit.address))
    return element("article", title, element("div", left, right, class_="sides"), class_="drawn")

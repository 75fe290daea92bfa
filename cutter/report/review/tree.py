"""The whole cut as a tree to unfold: every unit with its place, and its text while the page stays small.

Rules kept here: the units' own text stands in the tree up to a budget for the whole page and a limit for each unit;
beyond it a unit begins its text, and the page says so; of a very large document only the units that people cite are
listed, each with the number of units within.

Source: command-line.md §4 (5).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutter.cutting import Cut, Rank, Unit, counts
from cutter.report.review.case import ReviewedDocument
from cutter.report.review.lines import clipped
from cutter.report.review.markup import NOTHING, Html, code, element, join, paragraph, say, section, table, text
from cutter.report.review.words import Words, counted, number, type_words

MOST_UNITS = 10_000
TEXT_BUDGET = 2_000_000  # characters of text in the whole tree
LONGEST_TEXT = 4_000  # characters of one unit
BEGINNING = 100  # characters that stand for a unit's text in its own line


def outline(document: ReviewedDocument) -> Html:
    """How many units there are of each kind, beside those of the last version."""
    made = counts(document.cut)
    before = dict(counts(document.previous)) if document.previous else {}
    by_hand = dict(document.declared)
    extra = [(say("last version", "phiên bản trước"), before)] if before else []
    extra += [(say("counted by hand", "đếm bằng tay"), by_hand)] if by_hand else []
    heads = [say("kind", "loại"), say("units", "đơn vị"), *(head for head, _ in extra)]
    types = sorted({*dict(made), *before, *by_hand})
    rows = [
        (
            join((code(type_), type_words(type_).html), " "),
            number(dict(made).get(type_, 0)).html,
            *(number(column.get(type_, 0)).html for _, column in extra),
        )
        for type_ in types
    ]
    return table(say("Units by kind", "Đơn vị theo loại"), heads, rows)


def tree_section(document: ReviewedDocument) -> Html:
    """The tree, folded."""
    listed = _listed(document.cut)
    whole = sum(min(len(unit.body), LONGEST_TEXT) for unit in listed) <= TEXT_BUDGET
    tree = _Tree.of(document.cut, listed, document.language, whole=whole)
    title = ("The whole document", "Toàn bộ văn bản")
    return section("tree", *title, _told(document.cut, listed, whole=whole), outline(document), tree.html())


@dataclass(frozen=True, slots=True)
class _Tree:
    children: dict[str | None, list[Unit]]  # by parent address
    within: Counter[str]  # units that are not listed, by the listed unit that holds them
    language: str
    whole: bool

    @classmethod
    def of(cls, made: Cut, listed: Sequence[Unit], language: str, *, whole: bool) -> "_Tree":
        children: dict[str | None, list[Unit]] = {}
        for unit in listed:
            children.setdefault(unit.parent_address, []).append(unit)
        return cls(children, _unlisted(made, listed), language, whole)

    def html(self) -> Html:
        return element("div", *(self._unit(unit) for unit in self.children.get(None, [])), class_="tree")

    def _unit(self, unit: Unit) -> Html:
        inner = tuple(self._unit(child) for child in self.children.get(unit.address, []))
        body = self._body(unit)
        if not inner and body is NOTHING:
            return element("p", self._line(unit), class_="leaf")
        return element("details", element("summary", self._line(unit)), body, *inner)

    def _line(self, unit: Unit) -> Html:
        inside = self.within[unit.address]
        more = counted(inside, "unit within", "đơn vị bên trong", plural="units within")
        held = (say(f"({more.en})", f"({more.vi})"),) if inside else ()
        told = text(unit.heading or _beginning(unit.body))
        return join((code(unit.short_address), element("span", told, lang=self.language, class_="doc"), *held), " ")

    def _body(self, unit: Unit) -> Html:
        if not self.whole:
            return NOTHING
        return element("div", clipped(unit.body.strip("\r\n"), LONGEST_TEXT), class_="doc text", lang=self.language)


def _listed(made: Cut) -> Sequence[Unit]:
    if len(made.units) <= MOST_UNITS:
        return made.units
    taken: set[str | None] = {None}
    listed: list[Unit] = []
    for unit in made.units:
        if unit.rank is not Rank.SUB and unit.parent_address in taken and len(listed) < MOST_UNITS:
            taken.add(unit.address)
            listed.append(unit)
    return tuple(listed)


def _unlisted(made: Cut, listed: Sequence[Unit]) -> Counter[str]:
    """How many units are not listed, by the nearest listed one that holds them."""
    shown = {unit.address for unit in listed}
    if len(shown) == len(made.units):
        return Counter()
    holders = (next(_holders(unit.address, shown), "") for unit in made.units if unit.address not in shown)
    return Counter(holders)


def _holders(address: str, shown: set[str]) -> Iterator[str]:
    while "/" in address:
        address = address.rpartition("/")[0]
        if address in shown:
            yield address


def _beginning(body: str) -> str:
    line = " ".join(body[: BEGINNING * 2].split())
    return line if len(line) <= BEGINNING else f"{line[:BEGINNING]} …"


def _told(made: Cut, listed: Sequence[Unit], *, whole: bool) -> Html:
    total, shown = counted(len(made.units), "unit", "đơn vị"), number(len(listed))
    if len(listed) < len(made.units):
        some = Words(f"{total.en}, of which {shown.en} are listed", f"{total.vi}, liệt kê {shown.vi}")
    else:
        some = Words(f"{total.en}, each listed", f"{total.vi}, liệt kê đủ")
    texts = (
        Words("with its text", "kèm nội dung")
        if whole
        else Words("by its beginning only, to keep this page small", "chỉ phần đầu, để trang này gọn")
    )
    return paragraph(f"{some.en}, {texts.en}.", f"{some.vi}, {texts.vi}.")

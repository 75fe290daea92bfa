"""Akoma Ntoso names: which element a unit is, and its eId.

    eId  = part *( "__" part )
    part = name [ "_" number ] [ "_" occurrence ]

- The number is that printed, without outer punctuation and spaces, inner punctuation as "-", its letter case kept:
  chp_I, part_thứba, subsec_6-3. Attachments and what is only counted have the number of the address: att_4, qstr_1;
  so has what prints a number that does not count (a Markdown list of `1.`).
- A unit of a numbered kind that has no number is nn_1, nn_2 among those of its parent: subpart_nn_1.
- What was used before gets _2, _3. An item stands in its list: list_1__item_a.
- Authors differ in whether an article carries its chapter, so a flag says so (chp_I__art_5 or art_5).

Source: cutting.md §1, rule 9 and its table; Akoma Ntoso Naming Convention 1.0, §5 (read from bluebell's eIds).
"""

import re
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType

from cutter.cutting.citations.standing import Standing
from cutter.cutting.profile import AknName, Profile, Rank
from cutter.cutting.unit import Cut, Unit

# What a TYPE is where the profile does not say otherwise. `CL/CL` is a CL inside a CL.
USUAL = MappingProxyType(
    {
        "PART": AknName("part", "part"),
        "SPART": AknName("subpart", "subpart"),
        "TTL": AknName("title", "title"),
        "BK": AknName("book", "book"),
        "DIV": AknName("division", "dvs"),
        "CH": AknName("chapter", "chp"),
        "CH/CH": AknName("subchapter", "subchp"),
        "SEC": AknName("section", "sec"),
        "SEC/SEC": AknName("subsection", "subsec"),
        "SSEC": AknName("subsection", "subsec"),
        "ART": AknName("article", "art"),
        "AMD": AknName("hcontainer", "hcontainer", "value"),
        "PARA": AknName("paragraph", "para"),
        "CL": AknName("clause", "cl"),
        "CL/CL": AknName("subclause", "subcl"),
        "PT": AknName("point", "point"),
        "SPT": AknName("subparagraph", "subpara"),
        "ITEM": AknName("item", "item", listed=True),
        "REC": AknName("recital", "rec"),
        "ANX": AknName("attachment", "att", "value"),
        "SCH": AknName("attachment", "att", "value"),
        "APP": AknName("attachment", "att", "value"),
        "FRONT": AknName("preface", "preface", "none"),
        "PRE": AknName("preamble", "preamble", "none"),
        "ENA": AknName("formula", "formula", "value"),
        "SIG": AknName("conclusions", "conclusions", "none"),
        "FN": AknName("authorialNote", "authorialNote", "value"),
        "TBL": AknName("table", "table", "value"),
        "QS": AknName("quotedStructure", "qstr", "value"),
        "HEAD": AknName("intro", "intro", "value"),
        "TAIL": AknName("wrapUp", "wrapup", "value"),
    }
)
# The element around all attachments, which is no part of their eIds.
ATTACHMENTS = "attachments"
# What no table names.
_OTHER = AknName("hcontainer", "hcontainer")

_OUTER = re.compile(r"^[\W_]+|[\W_]+$")
_SPACE = re.compile(r"\s+")
_INNER = re.compile(r"[\W_]+")
_IN_ADDRESS = re.compile(r"[A-Z]+-0*([^~]+)(?:~([0-9]+))?")


class _Open:
    """An open unit while its children are named: what the eIds of containers, and of others, below it begin with."""

    __slots__ = ("address", "containers", "lists", "nameless", "others", "standing", "type")

    def __init__(self, address: str | None, type_: str, containers: str, others: str, standing: Standing) -> None:
        self.address = address
        self.type = type_
        self.containers = containers
        self.others = others
        self.standing = standing
        self.lists = (0, "", 1)  # how many lists, the TYPE of the sibling before, which of those that repeat it was
        self.nameless: dict[str, int] = {}


def akn_name(profile: Profile, type_: str, parent_type: str = "") -> AknName:
    """What a unit of a TYPE is in Akoma Ntoso, below a unit of another TYPE (empty for the document)."""
    inside = f"{type_}/{parent_type}"
    for table in (profile.akn, USUAL):
        if inside in table:
            return table[inside]
        if type_ in table:
            return table[type_]
    return _OTHER


def eids(cut: Cut, profile: Profile, *, containers: bool) -> Iterator[str]:
    """The eIds of all units of a cut, in document order; no two are the same.

    Args:
        cut: the cut.
        profile: the profile that it was cut with.
        containers: a basic unit carries the containers around it (chp_I__art_5), else only its schedule (art_5).
    """
    taken: dict[str, int] = {}
    open_ = [_Open(None, "", "", "", Standing(profile))]
    for unit in cut.units:
        while len(open_) > 1 and open_[-1].address != unit.parent_address:
            open_.pop()
        around = open_[-1]
        name = akn_name(profile, unit.type, around.type)
        container = unit.rank is Rank.CONTAINER
        before = around.containers if container else around.others
        own = _own_part(unit, around, name)
        eid = _not_taken(f"{before}__{own}" if before else own, taken)
        yield eid
        standing = around.standing.of(unit)
        left_out = container and not containers and not standing.closed
        if name.element == ATTACHMENTS:
            open_.append(_Open(unit.address, unit.type, around.containers, around.others, standing))
        else:
            open_.append(_Open(unit.address, unit.type, eid, around.others if left_out else eid, standing))


def _not_taken(eid: str, taken: dict[str, int]) -> str:
    """An eId, with the number of its occurrence when it was used before."""
    count = taken[eid] = taken.get(eid, 0) + 1
    if count == 1:
        return eid
    while f"{eid}_{count}" in taken:
        count += 1
    taken[eid] = count
    taken[f"{eid}_{count}"] = 1
    return f"{eid}_{count}"


def number_part(printed: str) -> str:
    """A printed number as it stands in an eId: `6-3` of `§ 6.3.`, `thứba` of `thứ ba`; empty for none."""
    plain = _OUTER.sub("", unicodedata.normalize("NFC", printed))
    return _INNER.sub("-", _SPACE.sub("", plain))


def _own_part(unit: Unit, parent: _Open, name: AknName) -> str:
    found = _IN_ADDRESS.fullmatch(unit.address.rpartition("/")[2])
    in_address, occurrence = (found[1], int(found[2] or 1)) if found else ("", 1)
    own = f"{name.part}{_number(unit, parent, name, in_address)}"
    lists, before, occurrence_before = parent.lists
    if name.listed and (before != unit.type or occurrence != occurrence_before):
        lists += 1
    parent.lists = (lists, unit.type, occurrence)
    return f"list_{lists}__{own}" if name.listed else own


def _number(unit: Unit, parent: _Open, name: AknName, in_address: str) -> str:
    if name.number == "none":
        return ""
    if name.number == "value":
        return f"_{number_part(in_address)}"
    if printed := number_part(unit.number_raw):
        counted = printed.isdecimal() and in_address.isdecimal() and int(printed) != int(in_address)
        return f"_{in_address if counted else printed}"
    count = parent.nameless[name.part] = parent.nameless.get(name.part, 0) + 1
    return f"_nn_{count}"

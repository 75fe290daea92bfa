"""Which Akoma Ntoso element a unit becomes, and which part of an `act` it belongs to.

Elements are those of `cutter.cutting.citations.akn`, from whose table the eIds come too, so that both say the same.

Source: cutting.md §1 (table of types); OASIS Akoma Ntoso 1.0 part 2 (groups ANhier, hierElements).
"""

from enum import IntEnum

from cutter.cutting.citations.akn import akn_name
from cutter.cutting.profile import AknName, Profile, Rank
from cutter.cutting.record import UnitRecord

HCONTAINER = "hcontainer"

# The elements that the schema allows in a hierarchy, beside hcontainer.
_HIERARCHY = frozenset(
    (
        *("alinea", "article", "book", "chapter", "clause", "division", "indent", "level", "list", "paragraph"),
        *("part", "point", "proviso", "rule", "section", "subchapter", "subclause", "subdivision", "sublist"),
        *("subparagraph", "subpart", "subrule", "subsection", "subtitle", "title", "tome", "transitional"),
    )
)
# What an element is called that has no name of its own in Akoma Ntoso.
_NAMES = {
    "AMD": "amendment",
    "ANX": "annex",
    "APP": "appendix",
    "ENA": "enactingFormula",
    "FN": "footnote",
    "FRONT": "preface",
    "HEAD": "intro",
    "ITEM": "item",
    "PRE": "preamble",
    "QS": "quotation",
    "REC": "recital",
    "SCH": "schedule",
    "SIG": "conclusions",
    "TAIL": "wrapUp",
    "TBL": "table",
}


class Part(IntEnum):
    """The parts of an `act` that hold text, in the order that the schema asks for."""

    PREFACE = 1
    PREAMBLE = 2
    BODY = 3
    CONCLUSIONS = 4
    ATTACHMENTS = 5


_PARTS = {
    "FRONT": Part.PREFACE,
    "PRE": Part.PREAMBLE,
    "ENA": Part.PREAMBLE,
    "REC": Part.PREAMBLE,
    "SIG": Part.CONCLUSIONS,
    "ANX": Part.ATTACHMENTS,
    "SCH": Part.ATTACHMENTS,
    "APP": Part.ATTACHMENTS,
}
# Types whose first unit is not in its part, but is the part.
_WHOLE = ("FRONT", "PRE", "SIG")


def part(unit: UnitRecord, opened: Part | None) -> Part:
    """Where a unit at the top of the document goes, when the last unit was in the part `opened`."""
    if unit.type in _PARTS:
        own = _PARTS[unit.type]
    elif unit.rank is not Rank.ZONE:
        own = Part.BODY
    else:
        own = opened or Part.PREFACE
    return max(own, opened or own)


def is_whole_part(unit: UnitRecord, entered: Part) -> bool:
    """Whether a unit that opens a part is the part itself."""
    return unit.type in _WHOLE and _PARTS[unit.type] is entered


def element(unit: UnitRecord, profile: Profile) -> str:
    """The element of a unit in the hierarchy; hcontainer where Akoma Ntoso has none for it there."""
    found = _akn_name(unit, profile).element
    return found if found in _HIERARCHY else HCONTAINER


def is_listed(unit: UnitRecord, profile: Profile) -> bool:
    """Whether a unit is an item of a list among paragraphs."""
    return _akn_name(unit, profile).listed


def name(unit: UnitRecord) -> str:
    """The `name` that tells a generic element."""
    return _NAMES.get(unit.type, unit.type.lower())


def _akn_name(unit: UnitRecord, profile: Profile) -> AknName:
    parent = unit.ancestors[-1].rpartition("/")[2].partition("-")[0] if unit.ancestors else ""
    return akn_name(profile, unit.type, parent)

"""Which Akoma Ntoso element a unit becomes, and which part of an `act` it belongs to.

Source: cutting.md §1 (table of types); OASIS Akoma Ntoso Naming Convention 1.0 §5 (prefixes of eIds).
"""

from enum import IntEnum

from cutter.cutting.record import UnitRecord

# By the prefix of the last part of an eId.
_PREFIXES = {
    "part": "part",
    "subpart": "subpart",
    "title": "title",
    "subtitle": "subtitle",
    "book": "book",
    "dvs": "division",
    "chp": "chapter",
    "subchp": "subchapter",
    "sec": "section",
    "subsec": "subsection",
    "art": "article",
    "cl": "clause",
    "subcl": "subclause",
    "para": "paragraph",
    "subpara": "subparagraph",
    "point": "point",
    "rule": "rule",
    "list": "list",
    "indent": "indent",
    "level": "level",
}
# By address TYPE, for units without eId.
_TYPES = {
    "PART": "part",
    "TTL": "title",
    "BK": "book",
    "DIV": "division",
    "CH": "chapter",
    "SEC": "section",
    "SSEC": "subsection",
    "ART": "article",
    "CL": "clause",
    "PT": "point",
    "SPT": "subparagraph",
}
_HCONTAINER = "hcontainer"
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
    elif unit.rank.value != "zone":
        own = Part.BODY
    else:
        own = opened or Part.PREFACE
    return max(own, opened or own)


def is_whole_part(unit: UnitRecord, entered: Part) -> bool:
    """Whether a unit that opens a part is the part itself."""
    return unit.type in _WHOLE and _PARTS[unit.type] is entered


def element(unit: UnitRecord) -> str:
    """The element of a unit in the hierarchy."""
    if unit.eid is None:
        return _TYPES.get(unit.type, _HCONTAINER)
    return _PREFIXES.get(unit.eid.rpartition("__")[2].partition("_")[0], _HCONTAINER)


def name(unit: UnitRecord) -> str:
    """The `name` that tells a generic element."""
    return _NAMES.get(unit.type, unit.type.lower())

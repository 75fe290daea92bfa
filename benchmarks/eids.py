"""How many eIds of an Akoma Ntoso file the cutter makes too, from the Bluebell text of the same document.

`python -m benchmarks.eids PATH_TO_BLUEBELL PATH_TO_AKN_XML` prints the share and the differences by kind. What counts
are the elements that give structure: chapters, parts, subparts, sections, subsections, paragraphs, items and
attachments. Paragraphs of text (p), list and table wrappers, notes and metadata do not: the cutter has no such units.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from cutter import cutting
from cutter.custody.profiles import shipped_profile
from cutter.cutting.citations.akn import akn_name, eids
from cutter.cutting.profile import Profile

STRUCTURE = frozenset(
    ("chapter", "part", "subpart", "section", "subsection", "paragraph", "item", "attachment", "article", "clause")
)
PROFILE = "za.bluebell"
# Differences of one kind that are shown.
SHOWN = 3


class Element(NamedTuple):
    """An element with its eId."""

    name: str
    eid: str

    @property
    def kind(self) -> str:
        """The element, and its eId without numbers: what differences have in common."""
        parts = (re.sub(r"_(?:nn_)?[^_]*(?:_[0-9]+)?$", "", part) for part in self.eid.split("__"))
        return f"{self.name} at {'__'.join(parts)}"


class Comparison(NamedTuple):
    """What two sets of structural elements have in common: how many, and by kind those that only one of them has."""

    wanted: int
    equal: int
    missing: dict[str, list[str]]
    extra: dict[str, list[str]]

    @property
    def share(self) -> float:
        """Of the wanted ones, those that were made."""
        return self.equal / self.wanted if self.wanted else 0.0


def structure(xml: bytes) -> list[Element]:
    """The structural elements of an Akoma Ntoso file.

    Raises:
        ValueError: for a document type declaration: entities could make a small file large.
    """
    found: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local in STRUCTURE and "eId" in attributes:
            found.append(Element(local, attributes["eId"]))

    def refuse(*_: object) -> None:
        raise ValueError("a document type declaration is not read")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)
    return found


def made(source: bytes, profile: Profile) -> Iterator[Element]:
    """The structural elements that the cutter makes of a text."""
    cut = cutting.cut(source, "DOCUMENT", profile)
    types: dict[str | None, str] = {None: ""}
    for unit, eid in zip(cut.units, eids(cut, profile, containers=True), strict=True):
        types[unit.address] = unit.type
        name = akn_name(profile, unit.type, types[unit.parent_address]).element
        if name in STRUCTURE:
            yield Element(name, eid)


def compare(wanted: Sequence[Element], ours: Sequence[Element]) -> Comparison:
    """Compare two sets of elements; an element is equal when its name and its eId are."""
    known, have = set(wanted), set(ours)
    return Comparison(len(wanted), sum(each in have for each in wanted), _by_kind(wanted, have), _by_kind(ours, known))


def _by_kind(elements: Sequence[Element], others: set[Element]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for each in elements:
        if each not in others:
            kinds.setdefault(each.kind, []).append(each.eid)
    return dict(sorted(kinds.items(), key=lambda kind: -len(kind[1])))


def render(comparison: Comparison) -> str:
    """The comparison as lines."""
    lines = [f"{comparison.equal} of {comparison.wanted} eIds equal: {comparison.share:.1%}"]
    for title, kinds in (("only in the Akoma Ntoso file", comparison.missing), ("only ours", comparison.extra)):
        lines.append(f"{title}: {sum(map(len, kinds.values()))}")
        for kind, names in kinds.items():
            lines.append(f"  {len(names):>5}  {kind}: {', '.join(names[:SHOWN])}{' …' if len(names) > SHOWN else ''}")
    return "\n".join(lines)


def main() -> None:
    """Compare and print."""
    if len(sys.argv) != 3:
        raise SystemExit("usage: python -m benchmarks.eids PATH_TO_BLUEBELL PATH_TO_AKN_XML")
    text, xml = (Path(path).read_bytes() for path in sys.argv[1:])
    print(render(compare(structure(xml), list(made(text, shipped_profile(PROFILE))))))


if __name__ == "__main__":
    main()

"""How the units of the demo document are called, for ever.

`CUTTER_UPDATE_GOLDEN=1 pytest tests/golden/addresses` writes the file anew for review: what changes in it breaks what
people have written down, and the rows of every library.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from cutter.custody.profiles import shipped_profile
from cutter.cutting import cut
from cutter.cutting.citations.akn import eids
from cutter.cutting.citations.citing import cite
from cutter.cutting.citations.places import AddressBook

GOLDEN = Path(__file__).parent / "ICX-CONST.txt"
DOCUMENT = Path(__file__).parents[3] / "documents" / "ICX-CONST.txt"
STYLES = ("vi", "vi.short", "en")


def names() -> Iterator[str]:
    """One line a unit: address, short address, ASCII alias, sort key, eId with and without containers, citations."""
    profile = shipped_profile("vi.law")
    made = cut(DOCUMENT.read_bytes(), "ICX-CONST", profile)
    book = AddressBook(made, profile)
    full = eids(made, profile, containers=True)
    short = eids(made, profile, containers=False)
    for unit, eid, short_eid in zip(made.units, full, short, strict=True):
        cited = (cite(book, unit, style) for style in STYLES)
        fixed = (unit.address, unit.short_address, unit.address_ascii, unit.sort_key, eid, short_eid)
        yield " | ".join((*fixed, *cited))


def test_the_demo_documents_units_are_called_as_ever() -> None:
    """Without it a change of the cutter could rename a unit that somebody has cited."""
    text = "".join(f"{line}\n" for line in names())
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text

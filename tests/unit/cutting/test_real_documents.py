"""Cuts of real laws against their hand-verified counts, and of the demo document against its index.

The laws are not part of the repository: they are looked for in the folder that CUTTER_DOCUMENTS names, else in
`../shared/data/documents` beside the repository, and their tests are skipped, saying so, where it is absent.
"""

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from cutter.cutting import (
    Cut,
    DoubtCode,
    counts,
    cut,
    expected_after_sha256,
    manifest_sha256,
    reassemble,
    region_sha256,
    writer_sha256,
)
from tests.support.profiles import VIETNAMESE_LAW

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = Path(os.environ.get("CUTTER_DOCUMENTS", ROOT.parent / "shared" / "data" / "documents"))

TYPES = {
    "part": "PART",
    "chapter": "CH",
    "section": "SEC",
    "subsection_tieu_muc": "SSEC",
    "article": "ART",
    "clause": "CL",
    "point": "PT",
    "annex": "ANX",
    "preamble": "PRE",
}

LAWS = [
    pytest.param("vn-hien-phap-2013.txt", id="constitution-2013"),
    pytest.param("vn-bo-luat-dan-su-2015.txt", id="civil-code-2015"),
    pytest.param("vn-luat-dau-tu-2020.txt", id="investment-law-2020"),
    pytest.param("vn-luat-12-2017-sua-doi-blhs.txt", id="amending-law-12-2017"),
    pytest.param("vn-luat-56-2014-sua-doi-quoc-tich.txt", id="amending-law-56-2014"),
]


def source_of(name: str) -> bytes:
    """The bytes of a real law, or a skip that says what is missing."""
    path = DOCUMENTS / name
    if not path.is_file():
        pytest.skip(f"the real law {name} is not here: set CUTTER_DOCUMENTS to the folder that holds it")
    return path.read_bytes()


def truth_of(name: str) -> dict[str, Any]:
    """The hand-verified facts of a real law."""
    facts: dict[str, Any] = json.loads((DOCUMENTS / "ground-truth.json").read_text(encoding="utf-8"))[name]
    return facts


def children(made: Cut, type_: str, parent_type: str) -> dict[str, int]:
    """How many units of a TYPE each unit of a parent TYPE holds at any depth, by the parent's number."""
    found = {}
    for unit in made.units:
        if unit.type == parent_type:
            below = [u for u in made.units if u.type == type_ and u.address.startswith(unit.address + "/")]
            found[unit.number_raw] = len(below)
    return found


@pytest.mark.parametrize("name", LAWS)
def test_a_real_law_has_its_hand_verified_counts(name: str) -> None:
    """Without it a change of the grammar could lose or invent articles, clauses or points of real laws."""
    source = source_of(name)
    truth = truth_of(name)
    found = dict(counts(cut(source, "LAW", VIETNAMESE_LAW)))

    expected = {type_: truth[key] for key, type_ in TYPES.items() if key in truth}
    assert {type_: found.get(type_, 0) for type_ in expected} == expected
    assert not {"PART", "CH", "SEC", "SSEC", "ANX"} & (found.keys() - expected.keys())


@pytest.mark.parametrize("name", LAWS)
def test_the_articles_of_a_real_law_run_from_one_without_gap(name: str) -> None:
    """Without it two mistakes could cancel out in a count: one article lost and one quoted article taken."""
    articles = [unit for unit in cut(source_of(name), "LAW", VIETNAMESE_LAW).units if unit.type == "ART"]

    assert [unit.number_raw for unit in articles] == [str(n) for n in range(1, truth_of(name)["article"] + 1)]


@pytest.mark.parametrize("name", LAWS)
def test_a_real_law_is_tiled_without_loss(name: str) -> None:
    """Without it a byte of a law could be lost, be in two units, or have an address that is not its own."""
    source = source_of(name)
    made = cut(source, "LAW", VIETNAMESE_LAW)

    regions = [region for unit in made.units for region in unit.regions]
    assert reassemble(source, regions) == source
    assert [region.start for region in regions] == [0, *(region.end for region in regions)][:-1]
    assert regions[-1].end == made.size == len(source)
    for column in ("address", "short_address", "address_ascii", "sort_key"):
        assert len({getattr(unit, column) for unit in made.units}) == len(made.units), column
    keys = [unit.sort_key.encode() for unit in made.units]
    assert keys == sorted(keys)


@pytest.mark.parametrize("name", LAWS)
def test_two_cuts_of_a_real_law_have_the_same_digests(name: str) -> None:
    """Without it leg A could find another manifest than the one that was approved."""
    source = source_of(name)
    first, second = cut(source, "LAW", VIETNAMESE_LAW), cut(bytes(source), "LAW", VIETNAMESE_LAW)

    for digest in (region_sha256, manifest_sha256, writer_sha256, expected_after_sha256):
        assert digest(first) == digest(second)
    assert manifest_sha256(first) != manifest_sha256(cut(source, "OTHER", VIETNAMESE_LAW))


def test_clauses_and_points_of_the_amending_law_stand_in_their_articles() -> None:
    """Without it quoted clauses could be counted for own ones, with a total that is right by chance."""
    made = cut(source_of("vn-luat-12-2017-sua-doi-blhs.txt"), "LAW", VIETNAMESE_LAW)
    truth = truth_of("vn-luat-12-2017-sua-doi-blhs.txt")

    assert children(made, "CL", "ART") == truth["clause_by_article"]
    assert children(made, "PT", "ART") == truth["point_by_article"]


def test_articles_with_clauses_are_as_many_as_counted_by_hand() -> None:
    """Without it clauses could wander from one article to the next."""
    for name in ("vn-hien-phap-2013.txt", "vn-bo-luat-dan-su-2015.txt"):
        made = cut(source_of(name), "LAW", VIETNAMESE_LAW)
        held = children(made, "CL", "ART")
        assert sum(1 for number in held.values() if number) == truth_of(name)["articles_with_clauses"], name


def test_decomposed_headings_of_the_constitution_are_found_and_reported() -> None:
    """Without it seven articles whose heading is in NFD would silently be text of the article before."""
    source = source_of("vn-hien-phap-2013.txt")
    made = cut(source, "LAW", VIETNAMESE_LAW)
    decomposed = [
        int(unit.number_raw)
        for unit in made.units
        if unit.type == "ART" and not unicodedata.is_normalized("NFC", unit.body.split("\n")[0])
    ]

    assert decomposed == truth_of("vn-hien-phap-2013.txt")["articles_whose_heading_is_not_NFC"]
    assert DoubtCode.MIXED_NORMAL_FORMS in {doubt.code for doubt in made.doubts}

"""Cuts of real documents against their hand-verified counts.

The documents are not part of the repository: they are looked for in the folder that CUTTER_DOCUMENTS names, else in
`../shared/data/documents` beside the repository, and their tests are skipped, saying so, where it is absent.
"""

import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from cutter.custody.profiles import Profiles, shipped_profile
from cutter.cutting import Cut, DoubtCode, Unit, cut, digests, reassemble
from cutter.cutting.recognition import recognise
from tests.support.documents import DOCUMENTS, ROOT, real_document, truth_of

Count = Callable[[Cut], int]


def of(type_: str) -> Count:
    """How many units of a TYPE."""
    return lambda made: sum(unit.type == type_ for unit in made.units)


def at(type_: str, depth: int) -> Count:
    """How many units of a TYPE at a depth, 1 for the top."""
    return lambda made: sum(unit.type == type_ and unit.address.count("/") == depth for unit in made.units)


def inside(type_: str, *parents: str) -> Count:
    """How many units of a TYPE stand directly in units whose TYPE is one of these."""

    def count(made: Cut) -> int:
        types = {unit.address: unit.type for unit in made.units}
        return sum(unit.type == type_ and types.get(unit.parent_address or "") in parents for unit in made.units)

    return count


def numbered(type_: str, depth: int, first: str) -> Count:
    """How many units of a TYPE at a depth have a number as printed that begins with a digit (`1`) or a letter (`A`)."""

    def fits(unit: Unit) -> bool:
        return unit.number_raw[:1].isdigit() if first == "1" else unit.number_raw[:1].isalpha()

    return lambda made: sum(
        unit.type == type_ and unit.address.count("/") == depth and fits(unit) for unit in made.units
    )


VIETNAMESE = {
    "part": of("PART"),
    "chapter": of("CH"),
    "section": of("SEC"),
    "subsection_tieu_muc": of("SSEC"),
    "article": of("ART"),
    "clause": of("CL"),
    "point": of("PT"),
    "annex": of("ANX"),
    "preamble": of("PRE"),
}
SOUTH_AFRICAN = {
    "chapter": of("CH"),
    "schedule": of("SCH"),
    "section_total": of("SEC"),
    "subsection_total": of("SSEC"),
    "item_total": of("ITEM"),
    "part_total": of("PART"),
}

# By file: the profile that it shows, and what each key of the ground truth counts.
CASES: dict[str, tuple[str, dict[str, Count]]] = {
    "vn-hien-phap-2013.txt": ("vi.law", VIETNAMESE),
    "vn-bo-luat-dan-su-2015.txt": ("vi.law", VIETNAMESE),
    "vn-luat-dau-tu-2020.txt": ("vi.law", VIETNAMESE),
    "vn-luat-12-2017-sua-doi-blhs.txt": ("vi.amending", VIETNAMESE),
    "vn-luat-56-2014-sua-doi-quoc-tich.txt": ("vi.amending", VIETNAMESE),
    "us-constitution.txt": (
        "us.constitution",
        {"preamble": of("PRE"), "article": of("ART"), "amendment": of("AMD"), "section": of("SEC")},
    ),
    "eu-gdpr-2016-679-oj.txt": (
        "eu.regulation",
        {
            "recital": of("REC"),
            "chapter": of("CH"),
            "section": of("SEC"),
            "article": of("ART"),
            "numbered_paragraph": of("CL"),
        },
    ),
    "uk-levelling-up-and-regeneration-act-2023.txt": (
        "uk.act",
        {"part": of("PART"), "section": of("SEC"), "schedule": of("SCH")},
    ),
    "za-constitution-1996.bluebell.txt": ("za.bluebell", SOUTH_AFRICAN),
    "org-debian-constitution-1.9.txt": (
        "charter",
        {
            "top_level_section": at("SEC", 1),
            "subsection": at("SEC", 2),
            "item": inside("CL", "SEC"),
            "nested_item": inside("CL", "CL"),
        },
    ),
    "spec-debian-policy-4.6.2.txt": (
        "manual",
        {
            "numbered_heading": lambda made: of("SEC")(made) + of("APP")(made),
            "chapter": at("SEC", 1),
            "appendix": of("APP"),
        },
    ),
    "spec-rfc2616.txt": (
        "rfc",
        {
            "section_total": of("SEC"),
            "section_level1": at("SEC", 1),
            "section_level4": lambda made: sum(unit.number_raw.count(".") == 3 for unit in made.units),
        },
    ),
    "policy-github-terms-of-service.md": (
        "markdown.numbered",
        {"lettered_section": numbered("SEC", 1, "A"), "h3": numbered("SEC", 2, "1")},
    ),
    "spec-semver-2.0.0.md": (
        "markdown",
        {"h1_setext": of("TTL"), "h2_setext": of("SEC"), "h3_atx": of("SSEC")},
    ),
    "spec-uslm-user-guide.bom.md": ("markdown.numbered", {"numbered_heading": of("SEC")}),
    "spec-c2sp-chacha20-poly1305-siv.crlf.md": (
        "markdown",
        {"h1": of("TTL"), "h2": of("SEC"), "h3": of("SSEC")},
    ),
}
NAMES = [pytest.param(name, id=name.rpartition(".")[0]) for name in CASES]


def cut_of(name: str) -> Cut:
    """The cut of a real document with the profile that it shows."""
    return cut(real_document(name), "D", shipped_profile(CASES[name][0]))


def children(made: Cut, type_: str, parent_type: str) -> dict[str, int]:
    """How many units of a TYPE each unit of a parent TYPE holds at any depth, by the parent's number."""
    found: dict[str, int] = {unit.number_raw: 0 for unit in made.units if unit.type == parent_type}
    parent = ""
    for unit in made.units:
        if unit.type == parent_type:
            parent, number = unit.address + "/", unit.number_raw
        elif unit.type == type_ and parent and unit.address.startswith(parent):
            found[number] += 1
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_real_document_has_its_hand_verified_counts(name: str) -> None:
    """Without it a change of the grammar could lose or invent articles, clauses or points of real documents."""
    truth, made = truth_of(name), cut_of(name)

    expected = {key: truth[key] for key in CASES[name][1] if key in truth}
    assert expected, "the ground truth has none of these keys"
    assert {key: CASES[name][1][key](made) for key in expected} == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_real_document_shows_its_profile(name: str) -> None:
    """Without it a law could be cut as a charter, with addresses that nobody would write."""
    assert recognise(real_document(name), Profiles(ROOT / "nowhere").all()).profile.id == CASES[name][0]


@pytest.mark.parametrize("name", NAMES)
def test_a_real_document_is_tiled_without_loss(name: str) -> None:
    """Without it a byte of a document could be lost, be in two units, or have an address that is not its own."""
    source, made = real_document(name), cut_of(name)

    regions = [region for unit in made.units for region in unit.regions]
    assert reassemble(source, regions) == source
    assert [region.start for region in regions] == [0, *(region.end for region in regions)][:-1]
    assert regions[-1].end == made.size == len(source)
    for column in ("address", "short_address", "address_ascii", "sort_key"):
        assert len({getattr(unit, column) for unit in made.units}) == len(made.units), column
    keys = [unit.sort_key.encode() for unit in made.units]
    assert keys == sorted(keys)


_DIGESTS = """
import sys
from pathlib import Path
from cutter.custody.profiles import shipped_profile
from cutter.cutting import cut, digests
for name, profile in zip(sys.argv[2::2], sys.argv[3::2]):
    print(name, digests(cut((Path(sys.argv[1]) / name).read_bytes(), "D", shipped_profile(profile))))
"""


def test_digests_do_not_depend_on_the_process() -> None:
    """Without it leg A could find another manifest than the one that was approved, because a set was in other order."""
    names = [name for name in CASES if (DOCUMENTS / name).is_file()]
    if not names:
        real_document(next(iter(CASES)))
    arguments = [str(DOCUMENTS), *(word for name in names for word in (name, CASES[name][0]))]

    printed = {
        subprocess.run(
            [sys.executable, "-c", _DIGESTS, *arguments],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(printed) == 1
    assert all(str(digests(cut_of(name))) in printed.pop().decode() for name in names[:1])


RUNS: dict[str, tuple[str, str]] = {
    "vn-hien-phap-2013.txt": ("ART", "article"),
    "vn-bo-luat-dan-su-2015.txt": ("ART", "article"),
    "vn-luat-dau-tu-2020.txt": ("ART", "article"),
    "eu-gdpr-2016-679-oj.txt": ("ART", "article"),
    "uk-levelling-up-and-regeneration-act-2023.txt": ("SEC", "section"),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_basic_units_of_a_real_document_run_from_one_without_gap(name: str) -> None:
    """Without it two mistakes could cancel out in a count: one article lost and one quoted article taken."""
    type_, key = RUNS[name]
    numbers = [unit.number_raw for unit in cut_of(name).units if unit.type == type_]

    assert numbers == [str(n) for n in range(1, truth_of(name)[key] + 1)]


IN_THEIR_PARENTS: dict[str, tuple[str, str, str, str]] = {
    "clauses of 12/2017": ("vn-luat-12-2017-sua-doi-blhs.txt", "CL", "ART", "clause_by_article"),
    "points of 12/2017": ("vn-luat-12-2017-sua-doi-blhs.txt", "PT", "ART", "point_by_article"),
    "clauses of 56/2014": ("vn-luat-56-2014-sua-doi-quoc-tich.txt", "CL", "ART", "clause_by_article"),
    "sections of Articles": ("us-constitution.txt", "SEC", "ART", "sections_in_articles"),
    "sections of Amendments": ("us-constitution.txt", "SEC", "AMD", "sections_in_amendments"),
}


@pytest.mark.parametrize("case", IN_THEIR_PARENTS)
def test_sub_units_of_a_real_document_stand_in_their_parents(case: str) -> None:
    """Without it quoted clauses could be counted for own ones, with a total that is right by chance."""
    name, type_, parent, key = IN_THEIR_PARENTS[case]
    truth: dict[str, Any] = truth_of(name)[key]
    held = children(cut_of(name), type_, parent)

    if parent == "AMD":
        held = {str(place): count for place, count in enumerate(held.values(), start=1)}
    assert {number: count for number, count in held.items() if count} == {n: c for n, c in truth.items() if c}


def test_the_definitions_of_the_gdpr_are_points_of_its_fourth_article() -> None:
    """Without it labels like those of recitals would be recitals, or footnotes would be definitions."""
    made = cut_of("eu-gdpr-2016-679-oj.txt")
    short = {unit.short_address for unit in made.units}

    assert {f"D/ART-04/PT-{n}" for n in range(1, 27)} <= short
    assert "D/ART-04/PT-27" not in short
    assert {"D/REC-47", "D/ART-06/CL-1/PT-f"} <= short


def test_articles_with_clauses_are_as_many_as_counted_by_hand() -> None:
    """Without it clauses could wander from one article to the next."""
    for name in ("vn-hien-phap-2013.txt", "vn-bo-luat-dan-su-2015.txt"):
        held = children(cut_of(name), "CL", "ART")
        assert sum(1 for number in held.values() if number) == truth_of(name)["articles_with_clauses"], name


def test_decomposed_headings_of_the_constitution_are_found_and_reported() -> None:
    """Without it seven articles whose heading is in NFD would silently be text of the article before."""
    made = cut_of("vn-hien-phap-2013.txt")
    decomposed = [
        int(unit.number_raw)
        for unit in made.units
        if unit.type == "ART" and not unicodedata.is_normalized("NFC", unit.body.split("\n")[0])
    ]

    assert decomposed == truth_of("vn-hien-phap-2013.txt")["articles_whose_heading_is_not_NFC"]
    assert DoubtCode.MIXED_NORMAL_FORMS in {doubt.code for doubt in made.doubts}

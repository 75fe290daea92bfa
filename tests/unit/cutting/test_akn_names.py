"""eIds: the names that Akoma Ntoso gives to units, by its naming convention."""

import pytest

from benchmarks.eids import Element, compare, render, structure
from cutter.custody.profiles import shipped_profile
from cutter.cutting import cut
from cutter.cutting.citations.akn import akn_name, eids, number_part
from cutter.cutting.citations.places import AddressBook
from cutter.cutting.profile import AknName, Profile
from tests.support.cited import (
    CHARTER,
    CHARTER_UNITS,
    LAW,
    LAW_UNITS,
    REAL,
    REGULATION,
    REGULATION_UNITS,
    document_of,
    profile_of,
    source_of,
)


def names_of(units: str, profile: Profile, *, containers: bool = True) -> dict[str, str]:
    """EIds by path."""
    cut_ = document_of(units, profile)
    named = zip(cut_.units, eids(cut_, profile, containers=containers), strict=True)
    return {unit.address.partition("/")[2]: eid for unit, eid in named}


NAMED = [
    (LAW, LAW_UNITS, "PART-01/CH-01/SEC-02/ART-05/CL-2/PT-a", "part_thứnhất__chp_I__sec_2__art_5__cl_2__point_a"),
    (LAW, LAW_UNITS, "PART-03/CH-15", "part_THỨBA__chp_XV"),
    (LAW, LAW_UNITS, "PART-03/CH-15/SEC-01/ART-06/CL-1~2", "part_THỨBA__chp_XV__sec_1__art_6__cl_1_2"),
    (LAW, LAW_UNITS, "PART-03/CH-15/SEC-01/ART-05a/CL-1/QS-1", "part_THỨBA__chp_XV__sec_1__art_5a__cl_1__qstr_1"),
    (LAW, LAW_UNITS, "ANX-04", "att_4"),
    (LAW, LAW_UNITS, "FRONT-1", "preface"),
    (REGULATION, REGULATION_UNITS, "CH-02/ART-06/CL-1/PT-f", "chp_II__art_6__para_1__point_f"),
    (REGULATION, REGULATION_UNITS, "CH-02/ART-06/CL-1/PT-i/SPT-i", "chp_II__art_6__para_1__point_i__subpara_i"),
    (REGULATION, REGULATION_UNITS, "REC-47", "rec_47"),
    (REGULATION, REGULATION_UNITS, "SIG-1", "conclusions"),
    (CHARTER, CHARTER_UNITS, "SEC-10/SEC-1/SEC-4/CL-2", "sec_10__subsec_10-1__subsec_10-1-4__cl_2"),
    (CHARTER, CHARTER_UNITS, "SEC-10/SEC-1/SEC-4/CL-3", "sec_10__subsec_10-1__subsec_10-1-4__cl_3"),
    (CHARTER, CHARTER_UNITS, "APP-10/SEC-2", "att_10__sec_10-2"),
    (CHARTER, CHARTER_UNITS, "AMD-03", "hcontainer_3"),
]


@pytest.mark.parametrize(("profile", "units", "path", "eid"), NAMED, ids=[eid for *_, eid in NAMED])
def test_a_unit_is_named_by_the_convention(profile: str, units: str, path: str, eid: str) -> None:
    """Without it other programs could not find our units by the names that they expect."""
    assert names_of(units, profile_of(profile))[path] == eid


def test_containers_are_left_out_on_demand() -> None:
    """Without it eIds could not be compared with those of publishers whose articles do not carry their chapter."""
    names = names_of(LAW_UNITS, profile_of(LAW), containers=False)
    assert names["PART-01/CH-01/SEC-02/ART-05/CL-1"] == "art_5__cl_1"
    assert names["PART-03/CH-15"] == "part_THỨBA__chp_XV"


def test_items_stand_in_lists() -> None:
    """Without it items of two lists in one section would have one name, and no name would be that of bluebell."""
    text = LAW.replace("id: point, type: PT", "id: point, type: ITEM")
    profile = profile_of(text.replace("within: [clause], num", "within: [clause, point], num"))
    path = "ART-1/CL-1"
    units = f"ART-1 1\n{path} 1\n" + "\n".join(
        f"{path}/{item}" for item in ("ITEM-a a", "ITEM-b b", "ITEM-b/ITEM-a a", "TAIL-1", "ITEM-c c", "ITEM-a~2 a")
    )
    names = names_of(units, profile)
    assert [names[f"{path}/{item}"].removeprefix("art_1__cl_1__") for item in ("ITEM-b", "ITEM-c", "ITEM-a~2")] == [
        "list_1__item_b",
        "list_2__item_c",
        "list_3__item_a",
    ]
    assert names[f"{path}/ITEM-b/ITEM-a"] == "art_1__cl_1__list_1__item_b__list_1__item_a"


def test_units_without_a_number_are_counted() -> None:
    """Without it two unnumbered parts of a chapter would have one name."""
    names = names_of("CH-01 I\nCH-01/SEC-01\nCH-01/SEC-02\nCH-02 II\nCH-02/SEC-01", profile_of(LAW))
    assert list(names.values()) == ["chp_I", "chp_I__sec_nn_1", "chp_I__sec_nn_2", "chp_II", "chp_II__sec_nn_1"]


@pytest.mark.parametrize(
    ("printed", "part"),
    [
        ("I", "I"),
        ("(a)", "a"),
        ("5.", "5"),
        ("§ 6.3.", "6-3"),
        ("thứ ba", "thứba"),
        ("thu\u031b\u0301 ba", "thứba"),
        ("1.2.a.i", "1-2-a-i"),
        ("Twenty-Seventh", "Twenty-Seventh"),
        ("–", ""),
        ("", ""),
    ],
)
def test_a_number_in_an_eid(printed: str, part: str) -> None:
    """Without it one printed number would have several names, depending on the signs around it."""
    assert number_part(printed) == part


def test_the_profile_may_name_an_element_otherwise() -> None:
    """Without it a paragraph of a regulation would be a clause."""
    profile = profile_of(REGULATION)
    assert akn_name(profile, "CL") == AknName("paragraph", "para")
    assert akn_name(profile, "ART") == AknName("article", "art")
    assert akn_name(profile, "CL", "CL") == AknName("paragraph", "para")
    assert akn_name(profile_of(LAW), "CL", "CL") == AknName("subclause", "subcl")
    assert akn_name(profile, "XYZ").element == "hcontainer"


@pytest.mark.parametrize(("profile_id", "name"), REAL)
def test_the_eids_of_a_real_document_name_one_unit_each(profile_id: str, name: str) -> None:
    """Without it an eId could name two units, or lead to another one than it was made for."""
    profile = shipped_profile(profile_id)
    made = cut(source_of(name), "DOC-1", profile)
    book = AddressBook(made, profile)
    for containers in (True, False):
        names = list(eids(made, profile, containers=containers))
        assert len(set(names)) == len(names) == len(made.units)
        if containers:
            assert [book.resolve(eid)[0].address for eid in names] == [unit.address for unit in made.units]


AKN = b"""<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><act><body>
<chapter eId="chp_1"><num>1</num><section eId="chp_1__sec_1"><p eId="chp_1__sec_1__p_1">x</p></section>
<section eId="chp_1__sec_3"/></chapter></body></act></akomaNtoso>"""


def test_eids_are_compared_by_kind() -> None:
    """Without it the share that the benchmark prints could count what is no structure, or hide what differs."""
    wanted = structure(AKN)
    assert wanted == [
        Element("chapter", "chp_1"),
        Element("section", "chp_1__sec_1"),
        Element("section", "chp_1__sec_3"),
    ]
    ours = [Element("chapter", "chp_1"), Element("section", "chp_1__sec_1"), Element("section", "sec_2")]
    found = compare(wanted, ours)
    assert (found.wanted, found.equal) == (3, 2)
    assert found.missing == {"section at chp__sec": ["chp_1__sec_3"]}
    assert found.extra == {"section at sec": ["sec_2"]}
    assert render(found).startswith("2 of 3 eIds equal: 66.7%")
    assert compare([], []).share == 0


def test_entities_are_not_read() -> None:
    """Without it a small file could fill the memory."""
    with pytest.raises(ValueError, match="document type"):
        structure(b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>')

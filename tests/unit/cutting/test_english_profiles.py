"""English policies and agreements in the forms that offices write: which profile they show, and what is found."""

import pytest

from cutter.custody.profiles import shipped_ids, shipped_profile
from cutter.cutting import cut
from cutter.cutting.citations.places import AddressBook
from cutter.cutting.recognition import recognise
from cutter.cutting.referring.references import find_references
from cutter.stops import Stop

BARE = """SECURITY POLICY

Article 1
Purpose

1. To protect clients.
2. And staff:
(a) partners;
(b) others.

ARTICLE 2

Everybody.

Article 3.
Force
"""
CLAUSES = """SERVICE AGREEMENT

1. Fee
The Client pays.
2. Term
2.1 One year.
2.2. It ends:
(a) by notice:
(i) in writing; or
(ii) by mail;
(b) under clause 2.1 or section 1.
2.2.1 Notice takes a month.

SCHEDULE 1
Rates

1. A rate.

Signed by the parties
"""


def test_articles_with_their_titles_below_are_recognised() -> None:
    """Without it a policy whose articles stand on lines of their own would be refused, though its units are known."""
    found = recognise(BARE.encode(), tuple(map(shipped_profile, shipped_ids()))).profile
    made = cut(BARE.encode(), "POLICY", found)

    assert found.id == "en.rules"
    assert [unit.address for unit in made.units if unit.type == "ART"] == [f"POLICY/ART-0{each}" for each in (1, 2, 3)]
    assert {"POLICY/ART-01/CL-2/PT-b"} <= {unit.address for unit in made.units}
    assert not made.doubts


@pytest.mark.parametrize(
    ("citation", "address"),
    [
        ("clause 2.2(a)(ii)", "SEC-2/CL-2/PT-a/SPT-ii"),
        ("section 2.1", "SEC-2/CL-1"),
        ("2.2.1", "SEC-2/CL-2/CL-1"),
        ("point (b) of clause 2.2 of this Agreement", "SEC-2/CL-2/PT-b"),
        ("Schedule 1, clause 1", "SCH-01/SEC-1"),
    ],
)
def test_the_numbers_of_an_agreement_are_found(citation: str, address: str) -> None:
    """Without it the commonest form of an English agreement or policy could not be cut with any shipped profile."""
    profile = shipped_profile("en.clauses")
    made = cut(CLAUSES.encode(), "DEAL", profile)

    assert [unit.address for unit in AddressBook(made, profile).resolve(citation)] == [f"DEAL/{address}"]
    assert not made.doubts
    referred = {target for each in find_references(made, profile) for target in each.targets}
    assert referred == {"DEAL/SEC-2/CL-1", "DEAL/SEC-1"}


def test_an_agreement_is_only_cut_by_its_profile_when_that_is_named() -> None:
    """Without it any text with numbered lines would be taken for an agreement in English."""
    with pytest.raises(Stop) as caught:
        recognise(CLAUSES.encode(), tuple(map(shipped_profile, shipped_ids())))
    assert "en.clauses" in caught.value.suggestions

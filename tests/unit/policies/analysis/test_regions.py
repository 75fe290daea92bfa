"""Regions read as conditions, and their witnesses become triggers that the evaluator accepts."""

import msgspec
import pytest

from cutter.policies.analysis.atoms import Admission, Atom, State, admission
from cutter.policies.analysis.regions import Extent, Given, Part, Periods, Ranges, Region, These, Witness, joined
from cutter.policies.analysis.witnesses import trigger_of
from cutter.policies.domain import Domain, Field, FieldValue, IssuedReference, Moment, Truth, Whole, Words
from cutter.policies.evaluation import decide
from cutter.policies.policy import Between, Equal, Verdict
from cutter.policies.references import is_issued
from tests.support.policy_sets import EARLY, LATE, TYPE, policy, rule, selection

JOINED: dict[str, tuple[list[Extent], str]] = {
    "neighbours": ([Ranges(((3, 4),)), Ranges(((0, 1),)), Ranges(((2, 2),))], "0..4"),
    "apart": ([Ranges(((0, 1),)), Ranges(((3, 3),))], "0..1 | 3"),
    "words in their order": ([These(("icu",)), These(("day",))], "icu | day"),
    "truths": ([These((False,)), These((True,))], "false | true"),
    "periods that touch": ([Periods(((EARLY, LATE),)), Periods((("", EARLY),))], f"..{LATE}"),
    "periods apart": ([Periods((("", EARLY),)), Periods(((LATE, ""),))], f"..{EARLY} | {LATE}.."),
    "of two kinds": ([Ranges(((1, 2),)), These(("er",)), Given("time")], "er | 1..2 | given"),
}


@pytest.mark.parametrize("name", JOINED)
def test_extents_are_told_as_few(name: str) -> None:
    """Without it a range would be told number by number, or a hole in it be told away."""
    extents, expected = JOINED[name]
    assert str(Part("f", joined(extents))) == f"f: {expected}"


def test_a_part_without_values_is_not_anything() -> None:
    """Without it a region of missing fields would read as if any value went."""
    assert str(Part("f", (), missing=True)) == "f: missing"
    assert str(Part("f", (These(("er",)),), missing=True, outside=True)) == "f: er | missing | outside"
    assert str(Region(())) == "always"


ADMITTED: dict[str, tuple[Domain | None, Atom, Admission]] = {
    "no such field": (None, Atom(State.INSIDE, (These(("er",)),), "er"), Admission.REFUSED),
    "no such field, and missing": (None, Atom(State.MISSING), Admission.MISSING),
    "a word": (Words(("er",)), Atom(State.INSIDE, (These(("er",)),), "er"), Admission.INSIDE),
    "another word": (Words(("er",)), Atom(State.INSIDE, (These(("icu",)),), "icu"), Admission.OUTSIDE),
    "a reference for a word": (Words(("REC",)), Atom(State.INSIDE, (Given("REC"),), "REC"), Admission.OUTSIDE),
    "a truth for a number": (Whole(0, 1), Atom(State.INSIDE, (These((True,)),), True), Admission.REFUSED),
    "a number for a truth": (Truth(), Atom(State.INSIDE, (Ranges(((1, 1),)),), 1), Admission.REFUSED),
    "a time": (Moment(), Atom(State.INSIDE, (Given("time"),), "time"), Admission.INSIDE),
    "a time for a reference": (IssuedReference("REC"), Atom(State.INSIDE, (Given("time"),), "time"), Admission.REFUSED),
    "of another issuer": (IssuedReference("REC"), Atom(State.INSIDE, (Given("PAT"),), "PAT"), Admission.REFUSED),
}


@pytest.mark.parametrize("name", ADMITTED)
def test_a_domain_takes_a_value_as_a_reader_of_triggers_would(name: str) -> None:
    """Without it a difference of two domains would compare triggers that one of them refuses."""
    domain, atom, expected = ADMITTED[name]
    assert admission(domain, atom) is expected


COLUMNS: dict[str, Domain] = {"number": Whole(0, 9), "word": Words(("few", "many"))}


@pytest.mark.parametrize("name", COLUMNS)
def test_an_answer_outside_its_domain_is_outside_for_the_evaluator(name: str) -> None:
    """Without it a witness that says «outside» would be decided as if the view had answered."""
    view = msgspec.structs.replace(selection().views[0], columns=(Field("quota.left", COLUMNS[name]),))
    test = Between(0, 9) if name == "number" else Equal("few")
    chosen = selection(policy("p", rule("a", Verdict.ALLOW, {"quota.left": test})), views=(view,))
    trigger, answers = trigger_of(chosen, Witness(TYPE, EARLY, (), (), ("quota.left",)))
    decision = decide(chosen, trigger, answers, frozenset())
    assert (decision.verdict, decision.reason) == (Verdict.ESCALATE, "OUTSIDE_DOMAIN")


def test_references_and_times_of_a_witness_have_their_form() -> None:
    """Without it a witness would be refused before it is evaluated."""
    trigger, _ = trigger_of(selection(), Witness(TYPE, EARLY, (FieldValue("consent", True),), ("ward",)))
    values = {item.name: item.value for item in trigger.fields}
    assert is_issued(trigger.id, "TRG")
    assert is_issued(str(values["recipient"]), "REC")
    assert values["seen_at"] == EARLY
    assert "ward" not in values

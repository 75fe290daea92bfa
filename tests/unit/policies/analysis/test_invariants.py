"""What is proved holds at every point that an enumerator visits; what is refuted does not, at the trigger shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutter.policies.analysis.invariants import Claim, Invariant, Proof, prove
from cutter.policies.analysis.witnesses import trigger_of
from cutter.policies.evaluation import decide
from cutter.policies.policy import Between, Condition, Equal, OneOf, Pace, Policy, Selection, Test, Verdict
from tests.support.enumerator import Point, condition_holds, enumerate_decision, enumerate_points
from tests.support.policy_sets import (
    EARLY,
    TESTED,
    TYPE,
    conditions_on,
    in_region,
    point_of_witness,
    policy,
    rule,
    selection,
    selections,
)

DENY, ESCALATE, ALLOW = Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW


def invariant(
    when: dict[str, Test], claim: Claim, *verdicts: Verdict, id_: str = "claim", triggers: tuple[str, ...] = ()
) -> Invariant:
    """An invariant."""
    return Invariant(id_, triggers, tuple(Condition(n, t) for n, t in sorted(when.items())), claim, verdicts)


@st.composite
def invariants(draw: st.DrawFn) -> Invariant:
    """Any invariant of the small sets."""
    chosen = draw(st.lists(st.sampled_from(TESTED), max_size=2, unique=True))
    when = {name: draw(conditions_on(domain)) for name, domain in chosen}
    verdicts = draw(st.lists(st.sampled_from(Verdict), min_size=1, max_size=2, unique=True))
    return invariant(when, draw(st.sampled_from(Claim)), *verdicts)


def _refutes(chosen: Selection, claimed: Invariant, point: Point) -> bool:
    """Whether the claim is about a point and does not hold there, with no pace used up or with one."""
    if any(condition_holds(condition, point.values) is False for condition in claimed.when):
        return False
    for used_up in [frozenset[str](), *(frozenset([p.id]) for p in chosen.policies if p.limits.pace is not None)]:
        decided = enumerate_decision(chosen, Point(point.trigger_type, point.as_of, point.values, used_up))
        if (decided.verdict in claimed.verdicts) is (claimed.claim is Claim.NEVER):
            return True
    return False


@settings(max_examples=25, deadline=None, print_blob=True)
@given(selections(blocked=True), invariants())
def test_a_proof_holds_everywhere_and_a_counterexample_refutes(chosen: Selection, claimed: Invariant) -> None:
    """Without it something could be called proved that one trigger breaks, or be refuted by one that does not."""
    points = list(enumerate_points(chosen, TYPE, whole=True))
    refuting = [point for point in points if _refutes(chosen, claimed, point)]
    (proof,) = prove(chosen, (claimed,))
    assert proof.holds is not bool(refuting)
    if proof.holds:
        return
    assert proof.counterexample is not None
    assert proof.region is not None
    point = point_of_witness(proof.counterexample)
    complete = [each for each in enumerate_points(chosen, TYPE, whole=False) if _refutes(chosen, claimed, each)]
    assert point == (complete or refuting)[0] or (not complete and point in refuting)
    inside = [each for each in points if in_region(proof.region, each) and (not complete or _says_all(each))]
    assert point in inside
    assert [each for each in inside if not _refutes(chosen, claimed, each)] == []
    _confirmed(chosen, claimed, proof)


def _says_all(point: Point) -> bool:
    return not any(type(value).__name__ == "Absent" for value in point.values.values())


def _confirmed(chosen: Selection, claimed: Invariant, proof: Proof) -> None:
    assert proof.counterexample is not None
    trigger, answers = trigger_of(chosen, proof.counterexample)
    decision = decide(chosen, trigger, answers, frozenset([proof.pace] if proof.pace else []))
    told = (proof.verdict, proof.policy, proof.rule, proof.reason)
    assert (decision.verdict, decision.policy, decision.rule, decision.reason) == told
    assert (decision.verdict in claimed.verdicts) is (claimed.claim is Claim.NEVER)


NO_CONSENT = rule("no-consent", DENY, {"consent": Equal(False)}, "NO")
ROUTINE = rule("routine", ALLOW, {"consent": Equal(True)})
ANY = rule("any", ALLOW, {})
INTENSIVE = rule("icu", ESCALATE, {"ward": Equal("icu")}, "ASK")
FALSE: dict[str, Test] = {"consent": Equal(False)}
WARD: dict[str, Test] = {"ward": Equal("icu")}

CASES: dict[str, tuple[tuple[Policy, ...], Invariant, bool]] = {
    "denied without consent": ((policy("p", NO_CONSENT, ANY),), invariant(FALSE, Claim.NEVER, ALLOW), True),
    "no rule about consent": ((policy("p", ANY),), invariant(FALSE, Claim.NEVER, ALLOW), False),
    "allowed only with consent": ((policy("p", ROUTINE),), invariant(FALSE, Claim.NEVER, ALLOW), True),
    "always asked or denied": (
        (policy("p", INTENSIVE, ANY),),
        invariant(WARD, Claim.ALWAYS, ESCALATE, DENY),
        True,
    ),
    "another rule leads out": (
        (policy("p", rule("icu", ESCALATE, {"ward": Equal("icu"), "severity": Between(1, 4)}), ANY),),
        invariant(WARD, Claim.ALWAYS, ESCALATE, DENY),
        False,
    ),
    "not always allowed: a field may be missing": (
        (policy("p", ROUTINE),),
        invariant({"consent": Equal(True)}, Claim.ALWAYS, ALLOW),
        False,
    ),
    "a pace escalates": (
        (policy("p", ROUTINE, pace=Pace(1, 60)),),
        invariant({}, Claim.NEVER, ESCALATE),
        False,
    ),
    "nothing is allowed by a withdrawn policy": (
        (policy("p", ANY, withdrawn=True),),
        invariant({}, Claim.ALWAYS, DENY),
        True,
    ),
    "before any policy it is denied": ((policy("p", ANY),), invariant({}, Claim.NEVER, DENY), False),
}


@pytest.mark.parametrize("name", CASES)
def test_claims(name: str) -> None:
    """Without it a claim could be read as another: about complete triggers only, or about those that are certain."""
    policies, claimed, holds = CASES[name]
    assert [proof.holds for proof in prove(selection(*policies), (claimed,))] == [holds]


def test_a_missing_field_may_be_what_the_claim_is_about() -> None:
    """Without it «never allow while consent is false» would be proved although consent that is missing is allowed."""
    claimed = invariant(FALSE, Claim.NEVER, ALLOW)
    (proof,) = prove(selection(policy("p", rule("any", ALLOW, {"ward": OneOf(("icu", "er"))}))), (claimed,))
    assert not proof.holds
    cautious = selection(policy("p", rule("cautious", ESCALATE, {"consent": Equal(True)}, "ASK")))
    assert prove(cautious, (invariant(FALSE, Claim.ALWAYS, DENY),))[0].counterexample is not None


def test_the_counterexample_is_the_smallest_and_its_region_reads_as_conditions() -> None:
    """Without it people would be shown an arbitrary trigger, and not how far the claim fails."""
    chosen = selection(policy("p", NO_CONSENT, rule("a", ALLOW, {"severity": Between(2, 4)}), INTENSIVE))
    (proof,) = prove(chosen, (invariant({"consent": Equal(True)}, Claim.NEVER, ALLOW),))
    assert proof.counterexample is not None
    said = {item.name: item.value for item in proof.counterexample.fields}
    assert said == {"consent": True, "quota.left": False, "severity": 2, "ward": "er"}
    assert (proof.counterexample.as_of, proof.verdict, proof.rule) == (EARLY, ALLOW, "a")
    assert str(proof.region) == "as_of: 2026-01-01T00:00:00Z.., consent: true, severity: 2..4, ward: er | day"


def test_a_pace_that_must_be_used_up_is_told() -> None:
    """Without it a claim that a pace breaks would be proved for complete triggers, or refuted without saying how."""
    paced = policy("q", rule("any", ALLOW, {}), pace=Pace(1, 60))
    chosen = selection(policy("p", ANY, pace=None), paced)
    (proof,) = prove(chosen, (invariant({}, Claim.NEVER, ESCALATE),))
    assert proof.counterexample is not None
    assert proof.counterexample.missing == ()
    assert (proof.verdict, proof.policy, proof.reason, proof.pace) == (ESCALATE, "q", "PACE_EXCEEDED", "q")


def test_an_invariant_that_no_type_can_meet_is_not_proved() -> None:
    """Without it a claim about a field that was renamed would be proved for ever."""
    claimed = invariant({"gone": Equal(True)}, Claim.NEVER, ALLOW)
    assert prove(selection(policy("p", NO_CONSENT)), (claimed,)) == (Proof("claim", "", holds=False),)


def test_every_type_that_has_the_fields_is_proved_in_order() -> None:
    """Without it a type could be left out, or proofs told in another order than they were asked for."""
    chosen = selection(policy("p", NO_CONSENT))
    claims = (invariant({}, Claim.NEVER, ALLOW, id_="b"), invariant(FALSE, Claim.ALWAYS, DENY, id_="a"))
    assert [(p.invariant, p.trigger_type) for p in prove(chosen, claims)] == [("b", TYPE), ("a", TYPE)]
    assert prove(chosen, (invariant({}, Claim.NEVER, ALLOW, triggers=(TYPE,)),))[0].trigger_type == TYPE

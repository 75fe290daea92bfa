"""Invariants: what must hold of every trigger, proved over the whole domain or refuted by a trigger.

Rules kept here: the whole domain holds triggers whose fields are missing or outside their domain, times at which no
policy is effective, and paces that are used up; what is refused before it is evaluated is denied, and no claim is about
it. An invariant that no type has the fields of is not proved.

Source: issue 7, "prove"; policies.md §3.3.
"""

from collections.abc import Iterator
from enum import Enum

import msgspec

from cutter.policies.analysis.bounds import Budget
from cutter.policies.analysis.judging import decided, settled
from cutter.policies.analysis.regions import Region, Witness
from cutter.policies.analysis.searching import Judge, Search
from cutter.policies.analysis.selections import fields_of_type, ground_of, surveyed
from cutter.policies.analysis.space import Entry, Side, Space
from cutter.policies.analysis.witnesses import Wording, trigger_of
from cutter.policies.index import Index
from cutter.policies.policy import Condition, Rule, Selection, Verdict

FORMAT = "cutter.invariants/1"


class Claim(Enum):
    """What is claimed of the verdicts."""

    NEVER = "never"
    ALWAYS = "always"


class Invariant(msgspec.Struct, frozen=True):
    """Wherever the conditions may hold: never one of these verdicts, or always one of them.

    A condition on a field that is missing or outside its domain may hold, so the claim covers it.

    Attributes:
        id: its name.
        triggers: the trigger types it is about; empty: every type that has all fields of `when`.
        when: the conditions, on distinct fields, sorted by field; none: always.
        claim, verdicts: what is claimed.
    """

    id: str
    triggers: tuple[str, ...]
    when: tuple[Condition, ...]
    claim: Claim
    verdicts: tuple[Verdict, ...]


class Proof(msgspec.Struct, frozen=True):
    """What came of one invariant for one trigger type.

    Attributes:
        invariant, trigger_type: which; the type is empty of an invariant that no type has the fields of (not proved).
        holds: proved over the whole domain.
        counterexample: the smallest trigger for which it does not hold, complete ones first; None when it holds.
        verdict, policy, rule, reason: what is decided there.
        pace: the policy whose pace must be used up there for the verdict; else empty.
        region: around the counterexample, as far as it reaches in every direction.
    """

    invariant: str
    trigger_type: str
    holds: bool
    counterexample: Witness | None = None
    verdict: Verdict | None = None
    policy: str = ""
    rule: str = ""
    reason: str = ""
    pace: str = ""
    region: Region | None = None


def prove(selection: Selection, invariants: tuple[Invariant, ...]) -> tuple[Proof, ...]:
    """A proof or a counter-example for each invariant and each type that it is about, in their order.

    Raises:
        TooLarge: a trigger type is too large to decide exactly.
    """
    prover = _Prover(selection)
    return tuple(proof for invariant in invariants for proof in prover.proofs(invariant))


def _types_with(selection: Selection, fields: set[str]) -> Iterator[str]:
    """The types that have all of these fields."""
    for kind in selection.triggers.types:
        if fields <= {field.name for field in fields_of_type(selection, kind.name)}:
            yield kind.name


class _Prover:
    """A selection, prepared once for all invariants.

    Args:
        selection: what `selection.yaml` names.
    """

    def __init__(self, selection: Selection) -> None:
        self._budget = Budget()
        self._survey = surveyed(selection, self._budget)
        self._index = Index(selection)

    def proofs(self, invariant: Invariant) -> Iterator[Proof]:
        """A proof or a counter-example for each type."""
        selection = self._survey.selection
        names = invariant.triggers or tuple(_types_with(selection, {c.field for c in invariant.when}))
        if not names:
            yield Proof(invariant.id, "", holds=False)
        for name in names:
            yield self._proof(invariant, name)

    def _proof(self, invariant: Invariant, name: str) -> Proof:
        where = Entry("", "", Rule("", invariant.when, Verdict.DENY, ""), "", "")
        ground = ground_of([self._survey], name, self._budget, [where])
        bit = 1 << ground.space.entries.index(where)
        for space in (ground.space.complete(), ground.space):
            search, refutes = Search(space, self._budget), _refuting(space, ground.sides[0], invariant)
            path = search.find(refutes, space.rules, bit)
            if path is not None:
                cube = search.grown(path, _not_refuting(refutes, bit), space.rules)
                wording = Wording(space, fields_of_type(self._survey.selection, name))
                return self._refuted(invariant, wording.witness(path), wording.region(cube))
        return Proof(invariant.id, name, holds=True)

    def _refuted(self, invariant: Invariant, witness: Witness, region: Region) -> Proof:
        """The counter-example with what the evaluator itself decides there, with no pace used up or with one."""
        selection = self._survey.selection
        trigger, answers = trigger_of(selection, witness)
        paced = [policy.id for policy in selection.policies if policy.limits.pace is not None]
        for pace in ["", *paced]:
            outcome = self._index.verdict(trigger, answers, frozenset([pace] if pace else []))
            if _forbidden(invariant, outcome.verdict):
                break
        return Proof(
            invariant=invariant.id,
            trigger_type=witness.trigger_type,
            holds=False,
            counterexample=witness,
            verdict=outcome.verdict,
            policy=outcome.policy,
            rule=outcome.rule,
            reason=outcome.reason,
            pace=pace,
            region=region,
        )


def _refuting(space: Space, side: Side, invariant: Invariant) -> Judge:
    """Where a verdict is possible that is claimed not to be."""

    def judge(possible: int, doubt: int, waiting: int) -> bool | None:
        if not settled(space, side, possible, doubt, waiting):
            return None
        verdict = decided(space, side, possible, doubt).verdict
        return any(_forbidden(invariant, each) for each in _possible(space, side, possible, verdict))

    return judge


def _not_refuting(refutes: Judge, bit: int) -> Judge:
    def judge(possible: int, doubt: int, waiting: int) -> bool | None:
        if not possible & bit:
            return True
        if waiting & bit:
            return None
        refuted = refutes(possible, doubt, waiting)
        return None if refuted is None else not refuted

    return judge


def _possible(space: Space, side: Side, possible: int, verdict: Verdict) -> tuple[Verdict, ...]:
    """The verdicts that are possible at a point: what is allowed is escalated when a pace is used up."""
    if verdict is Verdict.ALLOW and possible & side.members & space.paced:
        return (verdict, Verdict.ESCALATE)
    return (verdict,)


def _forbidden(invariant: Invariant, verdict: Verdict) -> bool:
    return (verdict in invariant.verdicts) is (invariant.claim is Claim.NEVER)

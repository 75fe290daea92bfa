"""What was proved of the policies (`cutter.policies-proved/1`): each invariant holds everywhere, or fails at a trigger.

Source: policies.md §3.3.
"""

from collections.abc import Iterator

import msgspec

from cutter.messages import Countable, _, counted, number
from cutter.policies.analysis.regions import Region
from cutter.policies.policy import Verdict
from cutter.report.lines import block, exit_part, head, next_lines
from cutter.report.paragraphs import Line
from cutter.report.policies.results import ShownWitness
from cutter.report.policies.witnesses import witness_phrase
from cutter.report.policies.words import region_phrase
from cutter.report.result import NextStep
from cutter.report.visible import visible


class ShownProof(msgspec.Struct, frozen=True, kw_only=True):
    """One invariant for one trigger type: proved over the whole domain, or a counter-example and how it is decided.

    `trigger` is empty where no type has the fields of the invariant: then nothing was proved. `rule` is `POLICY/RULE`;
    `pace` names the policy whose pace must be used up there.
    """

    invariant: str
    trigger: str
    holds: bool
    witness: ShownWitness | None
    region: Region | None
    decision: Verdict | None
    rule: str
    reason: str
    pace: str


class PolicyProofs(msgspec.Struct, frozen=True, kw_only=True):
    """All invariants of a file."""

    format: str = "cutter.policies-proved/1"
    folder: str
    path: str
    proofs: tuple[ShownProof, ...]
    failed: int
    stop_code: str | None
    exit_code: int
    next: tuple[NextStep, ...]


def proof_lines(found: PolicyProofs) -> Iterator[str]:
    """The screen: the state, each invariant, each counter-example, what next."""
    if found.failed:
        yield head(_("REFUSED"), (found.stop_code or "", exit_part(found.exit_code)))
    else:
        yield head(_("PROVED"), (counted(len(found.proofs), Countable("claim")), _("over the whole domain")))
    yield block(_("Of"), visible(found.folder, compose=False))
    holding = len(found.proofs) - found.failed
    yield block(_("Claims"), _("{count} of {all} hold", count=number(holding), all=number(len(found.proofs))))
    for proof in found.proofs:
        yield from _proof(proof)
    yield from next_lines(found.next)


def _proof(proof: ShownProof) -> Iterator[str]:
    word = _("holds") if proof.holds else _("does not hold")
    about = proof.trigger or _("no type of trigger has its fields")
    yield Line(f"  {visible(proof.invariant)}  {word}  {about}", 4)
    if proof.witness is not None:
        yield Line(f"    {_('counter-example')} {witness_phrase(proof.witness)}", 6)
    if proof.region is not None:
        yield Line(f"    {_('where')} {region_phrase(proof.region)}", 6)
    if proof.decision is not None:
        decided = " · ".join(part for part in (proof.decision.value, proof.rule, proof.reason) if part)
        yield Line(f"    {_('decided')} {decided}", 6)
    if proof.pace:
        yield Line(f"    {_('when the pace of {policy} is used up', policy=proof.pace)}", 6)

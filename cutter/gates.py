"""What a gate asks, from the pipeline and the trust bundle alone. Pure.

Rules kept here: an office's own quorum for a gate may ask for more than the pipeline, never for less; an approval
covers the operations up to the next gate and no further; a failure after a governed write asks those whom the gate
before it asked.

Source: DESIGN §4; approvals-and-evidence §3.
"""

import itertools
from dataclasses import dataclass

import msgspec

from cutter import canon
from cutter.approval.request import ESCALATION
from cutter.approval.trust import TrustBundle
from cutter.model import Gate, GatePhase, OperationPhase, Phase, Pipeline, RoleQuorum


@dataclass(frozen=True, slots=True)
class Place:
    """A gate where it stands: its policy, the phase (empty: the run as a whole), its index, what it lets through."""

    gate: Gate
    phase: str
    index: int
    covers: tuple[str, ...]


def place_of(
    pipeline: Pipeline, gate_id: str, finished: int, trust: TrustBundle, skipped: frozenset[str] = frozenset()
) -> Place:
    """Where a gate stands and what it asks for.

    Args:
        pipeline: the run's.
        gate_id: a gate of the pipeline, or the escalation.
        finished: how many phases are finished, which is where an escalation stands.
        trust: the bundle, with what the office asks of gates.
        skipped: phases that are not taken in this run: nothing of theirs is let through.
    """
    if gate_id == ESCALATION:
        return _escalation(pipeline, finished, trust, skipped)
    phases = pipeline.phases
    at = next(n for n, phase in enumerate(phases) if isinstance(phase, GatePhase) and phase.gate.id == gate_id)
    phase = phases[at]
    assert isinstance(phase, GatePhase)  # noqa: S101  that is what was looked for
    return Place(_strictest(phase.gate, trust), phase.id, at + 1, _covered(phases[at + 1 :], skipped))


def policy_sha256(gate: Gate) -> str:
    """The digest of what a gate asks for: who, and within which times."""
    return canon.digest(gate)


def _escalation(pipeline: Pipeline, finished: int, trust: TrustBundle, skipped: frozenset[str]) -> Place:
    taken = [phase for phase in pipeline.phases[: finished + 1] if phase.id not in skipped]
    before = [phase for phase in taken if isinstance(phase, GatePhase)]
    gate = msgspec.structs.replace(before[-1].gate, id=ESCALATION)
    return Place(_strictest(gate, trust), "", finished + 1, _covered(pipeline.phases[finished:], skipped))


def _covered(phases: tuple[Phase, ...], skipped: frozenset[str]) -> tuple[str, ...]:
    taken = (phase for phase in phases if phase.id not in skipped)
    up_to_next = itertools.takewhile(lambda phase: not isinstance(phase, GatePhase), taken)
    return tuple(phase.uses for phase in up_to_next if isinstance(phase, OperationPhase))


def _strictest(gate: Gate, trust: TrustBundle) -> Gate:
    asked = {quorum.role: quorum.persons for quorum in gate.quorum}
    for office in trust.quorums:
        if office.gate_id == gate.id:
            for quorum in office.roles:
                asked[quorum.role] = max(asked.get(quorum.role, 0), quorum.persons)
    return msgspec.structs.replace(gate, quorum=tuple(RoleQuorum(role, asked[role]) for role in sorted(asked)))

"""What happens at a gate: a pure decision over parsed values.

Rules kept here: silence means waiting; only an approval that the database has recorded as consumed by this very run
opens a gate; a rehearsal never waits and never opens, it notes that it would wait.

Source: DESIGN §4; approvals-and-evidence §3.
"""

from dataclasses import dataclass
from typing import TypeAlias

from cutter.contracts import GateUse
from cutter.model import Gate, Mode


@dataclass(frozen=True, slots=True)
class Open:
    """The run may go on, standing on this use of an approval."""

    use: GateUse


@dataclass(frozen=True, slots=True)
class Wait:
    """People must decide first."""


@dataclass(frozen=True, slots=True)
class WouldWait:
    """A rehearsal goes on, noting that a live run would wait here."""


Decision: TypeAlias = Open | Wait | WouldWait


def decide(gate: Gate, mode: Mode, use: GateUse | None) -> Decision:
    """Whether a run may pass a gate.

    Args:
        gate: the gate of the pipeline.
        mode: how the run reaches the database.
        use: the approval that this run has consumed at this gate, as the database records it.
    """
    if mode is Mode.DRYRUN:
        return WouldWait()
    if use is not None and use.gate == gate.id:
        return Open(use)
    return Wait()

"""What the reviewer's page is made of: everything that people need in order to sign, as one frozen value.

Rules kept here: the page is a function of this value alone (no clock, no machine, no database), so that the same case
gives the same bytes; times are those that the request states.

Source: command-line.md §4; approvals-and-evidence §3 (An approval must not be blind).
"""

import itertools
from dataclasses import dataclass

from cutter.approval.request import ESCALATION
from cutter.cutting import Cut
from cutter.events import Facts
from cutter.evidence import Sidecar
from cutter.model import Gate, GatePhase, Mode, OperationPhase, Phase, Pipeline, SurveyPhase
from cutter.plan import Plan
from cutter.policies.decision import Decision
from cutter.policies.rendering import Rendered

SHORT_ID = 8  # hex digits of a run id in commands


@dataclass(frozen=True, slots=True)
class Signer:
    """A person who can sign: the id and name that the trust bundle gives, and the roles."""

    person_id: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedSurvey:
    """A survey of the run with what was expected and what was found (numbers; text by digest)."""

    phase: str
    survey: str
    expected: Facts
    found: Facts
    facts_sha256: str


@dataclass(frozen=True, slots=True)
class ReviewedDocument:
    """The document that is cut.

    Args:
        document_id, title, language, version: as the workspace's index lists them.
        text: the bytes of the version.
        cut: the cut of these bytes.
        previous: the cut of the version before; None when this is the first.
        previous_version: its version, empty when there is none.
        declared: units by TYPE as somebody counted them by hand, sorted by TYPE; empty when nobody did.
    """

    document_id: str
    title: str
    language: str
    version: str
    text: bytes
    cut: Cut
    previous: Cut | None
    previous_version: str
    declared: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """One gate of one run, as it is put before people.

    Args:
        pipeline, plan, run_id, mode: what runs, and what was frozen; `mode` DRYRUN shows what a live run would ask.
        gate: the gate with the quorum that holds now; `GATE_FAILURE_ESCALATION` after a failure.
        gate_index: the number of the gate's phase, from 1; of an escalation, that of the phase to go on with.
        requester: the person id of who asks.
        target_label: the database's name on screens.
        issued_at, approve_by, execute_by: as the request states them (`YYYY-MM-DDTHH:MM:SSZ`), empty in a rehearsal.
        covers: the operations up to the next gate, as `name@version`.
        row_count: how many governed rows may be written.
        asked: the surveys so far.
        phases: the sidecars so far.
        signers: who can sign.
        document: what is cut; None for a pipeline that cuts nothing.
        decided: what was decided on a trigger; None for a run that people started.
        letter: the text that the decision leads to; None where there is none, or its template is not here.
        message_id: of a message of which nobody knows whether it was sent, as a mail log has it; else empty.
    """

    pipeline: Pipeline
    plan: Plan
    run_id: str
    mode: Mode
    gate: Gate
    gate_index: int
    requester: str
    target_label: str
    issued_at: str
    approve_by: str
    execute_by: str
    covers: tuple[str, ...]
    row_count: int
    asked: tuple[AskedSurvey, ...]
    phases: tuple[Sidecar, ...]
    signers: tuple[Signer, ...]
    document: ReviewedDocument | None
    decided: Decision | None = None
    letter: Rendered | None = None
    message_id: str = ""

    @property
    def is_escalation(self) -> bool:
        """Whether people decide after a failure."""
        return self.gate.id == ESCALATION

    @property
    def short_id(self) -> str:
        """The run as commands take it."""
        return self.run_id[:SHORT_ID]

    def covered(self) -> tuple[OperationPhase, ...]:
        """The phases that the signatures let through: those taken up to the next gate, as `covers` has them."""
        ahead = self.pipeline.phases[max(0, self.gate_index - 1) :]
        if not self.is_escalation:
            ahead = ahead[1:]
        taken = (phase for phase in ahead if not self._is_skipped(phase))
        up_to_next = itertools.takewhile(lambda phase: not isinstance(phase, GatePhase), taken)
        return tuple(p for p in up_to_next if isinstance(p, OperationPhase) and p.uses in self.covers)

    def _is_skipped(self, phase: Phase) -> bool:
        """Whether a phase is not taken in this run: what it depends on is known, and does not hold."""
        when = None if isinstance(phase, SurveyPhase) else phase.when
        outcome = self.outcome(when.phase) if when is not None else None
        return when is not None and outcome is not None and outcome.get(when.field) is not True

    def outcome(self, phase: str) -> Facts | None:
        """What a phase found or did so far; None when it was not reached."""
        done = [sidecar.outcome for sidecar in self.phases if sidecar.phase == phase and sidecar.outcome is not None]
        planned = [item.outcome for item in self.plan.outcomes if item.phase == phase]
        return next(iter([*done[-1:], *planned]), None)

    def planned(self, operation: str) -> Facts | None:
        """The outcome that an operation (without its version) left in the plan."""
        found = (item.outcome for item in self.plan.outcomes if item.operation.partition("@")[0] == operation)
        return next(found, None)

    def eligible(self, role: str) -> tuple[Signer, ...]:
        """Who may sign for a role: never the one who asks."""
        return tuple(s for s in self.signers if role in s.roles and s.person_id != self.requester)

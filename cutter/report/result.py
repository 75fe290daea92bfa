"""The result of a command that runs a pipeline (`cutter.result/1`): screen, exit status and JSON come from this value.

Rules kept here: every number on a screen is in the result; keys of a released major never change, new ones may come;
the enums may grow.

Source: DESIGN §7; command-line.md §1 row 3, §2.
"""

from enum import Enum

import msgspec

from cutter.events import Facts
from cutter.model import Mode, RoleQuorum


class RunStatus(Enum):
    """How the run stands."""

    REHEARSED = "rehearsed"
    WAITING = "waiting"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"
    UNFINISHED = "unfinished"
    ABORTED = "aborted"


class RunEffect(Enum):
    """What the run did. `unknown`: a commit was sent, and its answer never came; or an effect outside the database may
    have happened, and nobody knows.
    """

    NONE = "none"
    REHEARSED = "rehearsed"
    ROLLED_BACK = "rolled_back"
    PARTIAL = "partial"
    COMMITTED = "committed"
    UNKNOWN = "unknown"


class NextStep(msgspec.Struct, frozen=True):
    """A command that can be run as it stands, and what for."""

    label: str
    command: str


class WouldStopNote(msgspec.Struct, frozen=True):
    """What would stop a live run where the rehearsal went on; `found` and `where` are the stop's."""

    phase: str
    stop_code: str
    detail: str
    exit_code: int
    found: str = ""
    where: str = ""


class Overrun(msgspec.Struct, frozen=True):
    """A phase that took longer than the pipeline's soft cap, in seconds of active time; nothing was stopped for it."""

    phase: str
    seconds: int
    limit: int


class PhaseLine(msgspec.Struct, frozen=True):
    """One phase: its place, how it ended, and its facts.

    `status` is a sidecar status; or `not_reached`; or, of a run that went on, `kept` (done by an earlier pass, proved
    again) and `run` (an earlier pass was interrupted in it, it ran now); or, of a gate, `opened` (its approval was
    used), `refused` or `lapsed` (people said no, or nothing, and that ended the run). `surveys` is how many surveys
    answered as expected; the facts of a gate are `persons`, `approve_within_s` and, where people decide what policies
    could not, `kind` (`decision`). `written`: its effect is recorded by a marker.
    """

    index: int
    phase: str
    operation: str
    status: str
    gate: str
    surveys: int
    facts: Facts
    written: bool = False


class Signer(msgspec.Struct, frozen=True):
    """Somebody whose signature would count at a gate, with the roles that it asks for."""

    person_id: str
    roles: tuple[str, ...]


class WaitingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the request of a gate, its signatures and the trust bundle say, and no event does.

    Attributes:
        review_path: the page that a reviewer reads; empty where it is not on this host.
        row_count: how many rows may be written.
        covers: the operations up to the next gate.
        needed: distinct persons by role.
        missing: what of it is not signed yet.
        signed: the persons who count so far.
        can_sign: who else could sign.
        requester: who asked.
        execute_by: until when the approval can be used.
        throwaway: the keys are a demo's, so `approve --as PERSON` signs.
        declined: somebody who may sign has said no, and no pass of the run has come to it yet.
    """

    review_path: str
    row_count: int
    covers: tuple[str, ...]
    needed: tuple[RoleQuorum, ...]
    missing: tuple[RoleQuorum, ...]
    signed: tuple[str, ...]
    can_sign: tuple[Signer, ...]
    requester: str
    execute_by: str
    throwaway: bool = False
    declined: bool = False


class Waiting(WaitingFacts, frozen=True, kw_only=True):
    """What a run waits for. `after` is the failure that people must decide on, as `STOP_CODE phase`; else empty."""

    gate: str
    approval_kb_id: str
    request_sha256: str
    approve_by: str
    after: str = ""


class SignedGate(msgspec.Struct, frozen=True):
    """A gate that was signed by enough, and by whom."""

    gate: str
    persons: tuple[str, ...]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What proves the run: its first and last event in the ledger, and where the last checkpoint is kept.

    `checkpoint_size` is the ledger's length that the checkpoint states, 0 when there is none.
    """

    ledger_first: int
    ledger_last: int
    checkpoint_size: int
    places: tuple[str, ...]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The result. `duration_ms` is wall time; `counts` are units by address TYPE; `next` are commands.

    `check` is which of the fifteen checks of an approval refused, else 0; `already_done`: the run had ended before this
    command, and this is its prior result; `last_event_at` is UTC. `late`: the run stands as `status` says, and the stop
    (with its exit code) came after that: a file or a checkpoint is missing, or the command was told to end. `line` is
    the command that runs the same again, `subject` the values of its positional inputs; both empty where they are not
    known. `message_id` is that of a message of which nobody knows whether it was sent, as a mail log has it.
    """

    format: str = "cutter.result/1"
    run_id: str
    pipeline: str
    mode: Mode
    status: RunStatus
    stop_code: str | None
    check: int
    detail: str
    category: str | None
    found: str
    needed: str
    where: str
    suggestions: tuple[str, ...]
    gate: str | None
    exit_code: int
    retryable: bool
    effect: RunEffect
    document_id: str | None
    plan_digest: str | None
    counts: dict[str, int]
    phases: tuple[PhaseLine, ...]
    would_stop: tuple[WouldStopNote, ...]
    approval_kb_id: str | None
    sidecar_dir: str | None
    database: str
    commit_refused: bool
    duration_ms: int
    waiting: Waiting | None = None
    signed: tuple[SignedGate, ...] = ()
    proof: Proof | None = None
    already_done: bool = False
    last_event_at: str = ""
    late: bool = False
    line: str = ""
    subject: str = ""
    overran: tuple[Overrun, ...] = ()
    message_id: str = ""
    next: tuple[NextStep, ...]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The refusal of any other command (`cutter.refusal/1`); its fields mean what they mean in a result."""

    format: str = "cutter.refusal/1"
    stop_code: str
    category: str
    exit_code: int
    retryable: bool
    detail: str
    found: str
    needed: str
    where: str
    suggestions: tuple[str, ...]
    next: tuple[NextStep, ...]
    check: int = 0

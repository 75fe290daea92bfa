"""The result of a command that runs a pipeline (`cutter.result/1`): screen, exit status and JSON come from this value.

Rules kept here: every number on a screen is in the result; keys of a released major never change; the enums may grow.

Source: DESIGN §7; command-line.md §1 row 3.
"""

from enum import Enum

import msgspec

from cutter.events import Facts
from cutter.model import Mode


class RunStatus(Enum):
    """How the run stands."""

    REHEARSED = "rehearsed"
    WAITING = "waiting"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"
    UNFINISHED = "unfinished"


class RunEffect(Enum):
    """What the run did to the database."""

    NONE = "none"
    REHEARSED = "rehearsed"
    ROLLED_BACK = "rolled_back"
    PARTIAL = "partial"
    COMMITTED = "committed"


class NextStep(msgspec.Struct, frozen=True):
    """A command that can be run as it stands, and what for."""

    label: str
    command: str


class WouldStopNote(msgspec.Struct, frozen=True):
    """What would stop a live run where the rehearsal went on."""

    phase: str
    stop_code: str
    detail: str
    exit_code: int


class PhaseLine(msgspec.Struct, frozen=True):
    """One phase: its place, how it ended (a sidecar status, or `not_reached`), and its facts.

    `surveys` is how many surveys answered as expected. The facts of a gate are `persons` and `approve_within_s`.
    """

    index: int
    phase: str
    operation: str
    status: str
    gate: str
    surveys: int
    facts: Facts


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The result. `duration_ms` is wall time; `counts` are units by address TYPE; `next` are commands."""

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

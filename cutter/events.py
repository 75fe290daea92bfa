"""What can happen in a run: a closed union of frozen events. Everything else is a fold over them.

Rules kept here: an event holds metadata only (digests, counts, codes, ids, places), never text, rows, names or
secrets; new kinds may be added, fields of a released kind never change their meaning.

Source: DESIGN §4; approvals-and-evidence §4.
"""

from typing import Any, TypeAlias

import msgspec

COMMIT = "commit"  # the step of `Attempted` after which the effect may have happened
# A JSON object of metadata: an outcome or an answer, as the operation's or survey's own type defines it.
Facts: TypeAlias = dict[str, Any]


class Event(msgspec.Struct, frozen=True, tag_field="event", tag=str.lower, kw_only=True):
    """The base of every event; the tag is the class name in lower case."""


class Environment(msgspec.Struct, frozen=True):
    """With what a run was made: digests and versions, so that it can be judged later."""

    cutter: str
    package_sha256: str
    python: str
    server: str
    gpg: str


class Spawned(Event, frozen=True, kw_only=True):
    """The run exists. `actor` is a label, not a proof; the person is in the record."""

    pipeline: str
    pipeline_sha256: str
    mode: str
    inputs_sha256: str
    lock_key: str
    phases: int
    actor: str
    environment: Environment


class Started(Event, frozen=True, kw_only=True):
    """A phase began."""

    index: int
    operation: str


class Surveyed(Event, frozen=True, kw_only=True):
    """A survey answered as expected. `found` holds numbers and booleans; text appears as its digest."""

    survey: str
    expected: Facts
    found: Facts
    facts_sha256: str
    inside: bool
    """Asked again inside the write transaction (or after the effect, as `ensure`)."""


class Planned(Event, frozen=True, kw_only=True):
    """The plan was frozen, before the first gate."""

    plan_sha256: str
    survey_sha256: str


class GateWaiting(Event, frozen=True, kw_only=True):
    """People must decide on this request; the run is paused. `approval_kb_id` is where the request stands."""

    gate: str
    plan_sha256: str
    request_sha256: str
    approval_kb_id: str
    approve_by: str


class GateRefused(Event, frozen=True, kw_only=True):
    """An approval was looked at and refused; nothing else happened, the run waits on. Fields as of `Stopped`."""

    gate: str
    request_sha256: str
    code: str
    exit: int
    category: str
    check: int
    detail: str
    found: str
    needed: str
    suggestions: tuple[str, ...]


class ApprovalVerified(Event, frozen=True, kw_only=True):
    """The quorum has signed: phases that govern nothing may run. `persons` are those who count."""

    gate: str
    request_sha256: str
    persons: tuple[str, ...]


class GateOpened(Event, frozen=True, kw_only=True):
    """An approval was consumed, in the transaction of this event: governed phases up to the next gate may run."""

    gate: str
    request_sha256: str


class GateRehearsed(Event, frozen=True, kw_only=True):
    """A rehearsal came to a gate, would wait there, and goes on."""

    gate: str


class WouldStop(Event, frozen=True, kw_only=True):
    """A rehearsal found what would stop a live run here. `found` and `where` are as in `Stopped`."""

    code: str
    detail: str
    exit: int
    found: str = ""
    where: str = ""


class Intended(Event, frozen=True, kw_only=True):
    """An external effect is about to happen; committed before it."""

    operation: str
    params_sha256: str


class Attempted(Event, frozen=True, kw_only=True):
    """How far an external effect that was intended has come.

    `step` is `commit` (committed before the one act after which the effect may have happened) or `ended` (it is known
    how it ended, without the effect); `outcome`, `code` and `enhanced` are the other side's answer, never its text.
    `message_id` is what the Message-ID header of a message holds that may have gone out: a mail log is searched by it.
    """

    step: str
    outcome: str
    code: int
    enhanced: str
    message_id: str = ""


class Skipped(Event, frozen=True, kw_only=True):
    """A phase was not to be taken in this run: what it depends on is false. `when` is `PHASE.FIELD`."""

    when: str


class Acted(Event, frozen=True, kw_only=True):
    """The operation's effect, with its outcome (metadata only) and its marker, if it has one."""

    operation: str
    outcome: Facts
    outcome_sha256: str
    guard: str
    key: tuple[str, ...]


class Published(Event, frozen=True, kw_only=True):
    """The phase's document is in the knowledge base."""

    kb_id: str
    sha256: str
    size: int


class Verified(Event, frozen=True, kw_only=True):
    """A fresh read-only session found what the phase claims."""

    facts: Facts


class Overran(Event, frozen=True, kw_only=True):
    """A phase took longer than its soft cap. Seconds of active time."""

    limit: int
    seconds: int


class Stopped(Event, frozen=True, kw_only=True):
    """The run stopped with a code."""

    code: str
    exit: int
    category: str
    check: int
    detail: str
    found: str
    needed: str
    where: str
    suggestions: tuple[str, ...]


class Resumed(Event, frozen=True, kw_only=True):
    """A paused or unfinished run goes on; finished phases are proved again first."""

    environment: Environment


class Completed(Event, frozen=True, kw_only=True):
    """All phases ended well."""

    phases: int


class Aborted(Event, frozen=True, kw_only=True):
    """A run that wrote nothing governed was ended by a person."""

    reason: str


AnyEvent: TypeAlias = (
    Spawned
    | Started
    | Surveyed
    | Planned
    | GateWaiting
    | GateRefused
    | ApprovalVerified
    | GateOpened
    | GateRehearsed
    | WouldStop
    | Intended
    | Attempted
    | Skipped
    | Acted
    | Published
    | Verified
    | Overran
    | Stopped
    | Resumed
    | Completed
    | Aborted
)


class Record(msgspec.Struct, frozen=True):
    """An event with its place in the run.

    `number` counts the run's events from 1 (the ledger's own sequence runs through all runs of a tenant); `phase` is
    empty for events of the whole run; `at` is UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    """

    number: int
    run_id: str
    phase: str
    at: str
    event: AnyEvent

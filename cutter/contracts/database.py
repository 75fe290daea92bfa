"""The target database: who asks, markers, documents and runs, fingerprints, and the transactor."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from cutter import canon
from cutter.contracts.approvals import Consumption, TrustFloor
from cutter.contracts.sessions import SurveySession, WriteSession
from cutter.contracts.snapshots import SnapshotSession
from cutter.events import Facts, Record
from cutter.model import Mode


class Identity(msgspec.Struct, frozen=True):
    """Who the database says is connected: nothing that a caller gives can change it."""

    login: str
    tenant: str
    person: str


class Target(msgspec.Struct, frozen=True):
    """Which database this is. `system_identifier` is text: it is larger than 2^53. `schema` is the last migration."""

    system_identifier: str
    database_oid: int
    database: str
    server_version: str
    ledger_log_id: str
    schema: str


class MarkerKey(msgspec.Struct, frozen=True):
    """What makes an effect unique within a tenant: the guard and the parts of its key."""

    guard: str
    key: tuple[str, ...]


class Marker(msgspec.Struct, frozen=True):
    """The record that an effect happened, written in the transaction of the effect."""

    guard: str
    key: tuple[str, ...]
    run_id: str
    phase: str
    operation: str
    outcome: Facts


class KnowledgeDocument(msgspec.Struct, frozen=True):
    """A document of the knowledge base: its path-like id and its bytes (metadata only)."""

    kb_id: str
    media_type: str
    body: bytes


class RunRow(msgspec.Struct, frozen=True):
    """A run as the database keeps it; `started_by` is `person` or `policy`."""

    run_id: str
    pipeline: str
    pipeline_sha256: str
    mode: Mode
    lock_key: str
    started_by: str = "person"


class RecordedRun(msgspec.Struct, frozen=True):
    """A run in the database's list, with the kind of its last event (empty: none yet; `declined`: a final stop).

    `voided` says that another run undid all that it wrote.
    """

    run_id: str
    pipeline: str
    mode: str
    lock_key: str
    created_at: datetime
    last_event: str
    voided: bool
    started_by: str = "person"


class Part(msgspec.Struct, frozen=True):
    """One thing that is told of a database object: its owner, a column, a constraint."""

    name: str
    value: str


class FingerprintedObject(msgspec.Struct, frozen=True):
    """A database object with its parts."""

    name: str
    kind: str
    parts: tuple[Part, ...]

    @property
    def sha256(self) -> str:
        """The digest over the parts."""
        return canon.digest(self.parts)


class Fingerprint(msgspec.Struct, frozen=True):
    """What a database of one major version says of the objects that a fingerprint covers."""

    name: str
    server_major: int
    objects: tuple[FingerprintedObject, ...]

    @property
    def sha256(self) -> str:
        """The digest that the plan holds."""
        return canon.digest(self)


class TakeFingerprint(Protocol):
    """Asks a database for a fingerprint."""

    def __call__(self, session: SurveySession, name: str, schemas: Sequence[str], /) -> Fingerprint: ...


class Pins(Protocol):
    """The fingerprints that were pinned."""

    def find(self, found: Fingerprint) -> Fingerprint | None:
        """The pin for the name and server of a fingerprint. Raises STOP_CONFIG_INVALID, STOP_DISK."""
        ...


class WriteTransaction(Protocol):
    """One phase's transaction, entered for its run. It is committed, or kept in the rehearsal, at the block's end."""

    @property
    def session(self) -> WriteSession:
        """The writer's session for the operation's effect."""
        ...

    @property
    def surveys(self) -> SurveySession:
        """Questions asked inside this transaction."""
        ...

    def mark(self, marker: Marker) -> None:
        """Record the effect. Raises STOP_REPLAY_CONFLICT when the key is taken."""
        ...

    def publish(self, document: KnowledgeDocument) -> None:
        """Put a document into the knowledge base."""
        ...

    def consume(self, use: Consumption) -> None:
        """Use an approval. Raises STOP_APPROVAL_CONSUMED, STOP_APPROVAL_EXPIRED, STOP_SIGNER_REFUSED: the database
        looks for itself at the request, at its end, and at how many others than the requester signed.
        """
        ...

    def raise_floor(self, floor: TrustFloor) -> None:
        """Record the trust bundle that was used; never an older one (STOP_TRUST_REFUSED, detail `trust_rollback`)."""
        ...

    def open_incident(self, phase: str, code: str) -> None:
        """Record that the run failed after a committed governed write."""
        ...

    def append(self, records: Sequence[Record]) -> None:
        """Append events to the ledger; the last thing of a transaction."""
        ...


class Transactor(Protocol):
    """How phases reach the database: committing each, or rehearsing all in one transaction that cannot commit.

    Every block raises `Stop` for what the database refuses: STOP_BUSY, STOP_WRITE_FAILED (detail: SQLSTATE),
    STOP_POLICY_REFUSED, STOP_DATABASE_UNREACHABLE.
    """

    @property
    def identity(self) -> Identity: ...

    @property
    def target(self) -> Target: ...

    def begin(self, run: RunRow) -> None:
        """Make the run known (once), or check that a known run is this one; take the run's lock (else STOP_BUSY)."""
        ...

    def survey(self) -> AbstractContextManager[SurveySession]:
        """A read-only look at the database, before a phase."""
        ...

    def write(self, phase: str) -> AbstractContextManager[WriteTransaction]:
        """The phase's transaction; its first statement enters the run."""
        ...

    def verify(self) -> AbstractContextManager[SurveySession]:
        """A fresh read-only transaction: another connection when committing, a savepoint when rehearsing."""
        ...

    def snapshot(self, tables: Sequence[str]) -> AbstractContextManager[SnapshotSession]:
        """One unchanging look with stages for these tables: a transaction of its own, or a savepoint in a rehearsal."""
        ...

    def limit(self, seconds: float) -> None:
        """No statement may take longer from now on: what is left of the run's time."""
        ...

    def markers(self, keys: Sequence[MarkerKey]) -> Sequence[Marker]:
        """The markers in force (not voided) among these, of any run, in one question."""
        ...

    def history(self, run_id: str) -> Sequence[Record]:
        """The run's events from the ledger, chain-checked (else STOP_LEDGER_BROKEN); empty when the run is new."""
        ...

    def finish(self) -> None:
        """End. Rehearsing: append all events, prove that the database refuses the commit, roll back."""
        ...

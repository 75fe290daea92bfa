"""Every seam of cutter in one file: the ports that adapters implement, and what an operation is.

Rules kept here: sessions that operations see cannot commit or roll back; a port returns frozen values; an operation is
one of three kinds by its effect, and only what its kind may do is in its context.

Source: DESIGN §3 (layer 9), §4.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeAlias

import msgspec

from cutter import canon
from cutter.events import Facts, Record
from cutter.model import Mode
from cutter.stops import Stop, StopCode

Value: TypeAlias = str | int | bool | bytes | datetime | Sequence[str] | None
Row: TypeAlias = tuple[Any, ...]
Bind: TypeAlias = Mapping[str, Value]


# Sessions


class SurveySession(Protocol):
    """Reads the live database as the survey role; whatever it tries to write is refused by the server."""

    def rows(self, statement: str, bind: Bind, limit: int = 1000) -> Sequence[Row]:
        """All rows of one question, at most `limit` (more: STOP_SURVEY_REFUSED, detail `too_many_rows`)."""
        ...

    def answer(self, statement: str, bind: Bind) -> Facts:
        """The single row of one question by column name (another number of rows: STOP_SURVEY_REFUSED)."""
        ...

    def stream(self, statement: str, bind: Bind) -> Iterator[Row]:
        """The rows of one question, in batches, for questions whose answer grows with the document."""
        ...


class WriteSession(Protocol):
    """Writes as the canonical writer inside the phase's transaction, which somebody else commits."""

    def rows(self, statement: str, bind: Bind) -> Sequence[Row]:
        """Run one statement and return its rows."""
        ...

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
        """Stream rows into a staging table of the session (`pg_temp`); returns their number."""
        ...


# What is known of the target, and of who asks


class Identity(msgspec.Struct, frozen=True):
    """Who the database says is connected: nothing that a caller gives can change it."""

    login: str
    tenant: str
    person: str


class Target(msgspec.Struct, frozen=True):
    """Which database this is. `system_identifier` is text: it is larger than 2^53."""

    system_identifier: str
    database_oid: int
    database: str
    server_version: str
    ledger_log_id: str


# Markers and documents of the knowledge base


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
    """A run as the database keeps it."""

    run_id: str
    pipeline: str
    pipeline_sha256: str
    mode: Mode
    lock_key: str


class RecordedRun(msgspec.Struct, frozen=True):
    """A run in the database's list, with the kind of its last event (empty: none yet)."""

    run_id: str
    pipeline: str
    mode: str
    lock_key: str
    created_at: datetime
    last_event: str


class GateUse(msgspec.Struct, frozen=True):
    """An approval that this run has consumed at a gate."""

    gate: str
    request_sha256: str
    covers: tuple[str, ...]


# Approvals


class StoredRequest(msgspec.Struct, frozen=True):
    """A request as the knowledge base keeps it; nothing of it is believed yet."""

    kb_id: str
    run_id: str
    body: bytes
    sha256: str


class StoredSignature(msgspec.Struct, frozen=True):
    """One signature on a request: a DSSE envelope with one signature, with who gave it, stamped by the database.

    `kind` is `approval` or `rejection`; `sha256` is over the envelope.
    """

    request_sha256: str
    sha256: str
    kind: str
    envelope: bytes
    person: str
    login: str
    signed_at: datetime


class TrustFloor(msgspec.Struct, frozen=True):
    """The newest trust bundle that this database has seen used."""

    version: int
    sha256: str


class LedgerHead(msgspec.Struct, frozen=True):
    """The end of the tenant's ledger: log, length, hash of the last row, and the time that the last event states."""

    log_id: str
    size: int
    head_sha256: str
    last_at: str


class CountedSignature(msgspec.Struct, frozen=True):
    """A signature that counts, with the person and the role that it was counted for."""

    sha256: str
    person_id: str
    role: str
    fpr: str


class Consumption(msgspec.Struct, frozen=True):
    """The use of an approval, to be recorded in the transaction of the first governed write after its gate."""

    kb_id: str
    request_sha256: str
    gate: str
    counted: tuple[CountedSignature, ...]


class ApprovalRecords(Protocol):
    """What the database keeps of requests, signatures and trust. Every method asks one question of a session."""

    def latest_request(self, session: SurveySession, run_id: str, gate: str, /) -> StoredRequest | None:
        """The newest request of a run's gate."""
        ...

    def request(self, session: SurveySession, kb_id: str, /) -> StoredRequest | None:
        """The request with this id."""
        ...

    def signatures(self, session: SurveySession, request_sha256: str, /) -> Sequence[StoredSignature]:
        """All signatures on a request, oldest first."""
        ...

    def trust_floor(self, session: SurveySession, /) -> TrustFloor | None:
        """The newest trust bundle seen."""
        ...

    def ledger_head(self, session: SurveySession, /) -> LedgerHead:
        """The end of the ledger."""
        ...

    def ledger_hash(self, session: SurveySession, seq: int, /) -> str:
        """The stored hash of one event (the genesis for 0); empty when there is none."""
        ...

    def database_now(self, session: SurveySession, /) -> datetime:
        """The database's clock, in UTC."""
        ...

    def setting(self, session: SurveySession, key: str, /) -> str:
        """A value of `dot_config`; empty when it is not set."""
        ...


class SignatureReport(msgspec.Struct, frozen=True, kw_only=True):
    """What gpg says of one detached signature, parsed from its status lines (fields of VALIDSIG).

    `refusals` are words, empty when gpg found nothing wrong: `sig_bad`, `sig_expired`, `key_expired`, `key_revoked`,
    `key_unknown`, `sig_multiple`, `gpg_failed`.
    """

    refusals: tuple[str, ...]
    fpr: str = ""
    primary_fpr: str = ""
    signed_at: int = 0
    version: int = 0
    key_algorithm: int = 0
    hash_algorithm: int = 0
    signature_class: str = ""
    key_bits: int = 0
    curve: str = ""


class SigningProvider(Protocol):
    """Makes and judges detached signatures. `gpg` is the real one; `stub` is for rehearsals and tests, and says so."""

    @property
    def name(self) -> str:
        """`gpg` or `stub`."""
        ...

    def sign(self, data: bytes, fpr: str, /) -> bytes:
        """A binary detached signature by a key of this host. Raises STOP_KEY_UNUSABLE, STOP_SIGNATURE_REFUSED."""
        ...

    def verify(self, signature: bytes, data: bytes, keys: Sequence[bytes], /) -> SignatureReport:
        """What is to be said of a signature over these bytes by one of these binary public keys. Never raises."""
        ...


# Fingerprints


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


# The transactor


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

    def markers(self, keys: Sequence[MarkerKey]) -> Sequence[Marker]:
        """The markers in force (not voided) among these, of any run, in one question."""
        ...

    def gate_use(self, gate: str) -> GateUse | None:
        """The approval that this run has consumed at a gate, if it has."""
        ...

    def history(self, run_id: str) -> Sequence[Record]:
        """The run's events from the ledger, chain-checked (else STOP_LEDGER_BROKEN); empty when the run is new."""
        ...

    def finish(self) -> None:
        """End. Rehearsing: append all events, prove that the database refuses the commit, roll back."""
        ...


# Ports that do not touch the database


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The time in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, for durations."""
        ...


class Ids(Protocol):
    """The only source of identifiers that are not derived."""

    def run_id(self) -> str:
        """A UUIDv4."""
        ...

    def change_set_id(self) -> str:
        """A UUIDv7."""
        ...


class Notify(Protocol):
    """Hears of every event after it was applied; for progress on a screen. It decides nothing."""

    def __call__(self, record: Record, /) -> None: ...


class CatalogVersion(msgspec.Struct, frozen=True):
    """One version of a source document as the workspace's index lists it."""

    document_id: str
    title: str
    language: str
    version: str
    status: str
    text_sha256: str


class Texts(Protocol):
    """Source texts of the workspace: which there are, and their bytes by sha256."""

    def document_ids(self) -> Sequence[str]:
        """The ids that the index lists."""
        ...

    def versions(self, document_id: str) -> Sequence[CatalogVersion]:
        """The versions of a document in the index's order, oldest first; empty when it is not listed."""
        ...

    def read(self, sha256: str) -> bytes:
        """The bytes with this digest, re-hashed (else STOP_SOURCE_CHANGED, STOP_SOURCE_MISSING)."""
        ...


class Sidecars(Protocol):
    """The run's folder: small files by name, written atomically, readable by their owner only."""

    def write(self, run_id: str, name: str, body: bytes) -> None:
        """Write a file of the run, replacing it as a whole. Raises STOP_PATH_UNSAFE, STOP_DISK."""
        ...


class StoredBackup(msgspec.Struct, frozen=True):
    """A backup that the vault holds."""

    sha256: str
    size: int


class Vault(Protocol):
    """Keeps encrypted backups."""

    def recipients(self) -> Sequence[str]:
        """Fingerprints of those who can read a backup; none: no live backup can be made."""
        ...

    def store(self, name: str, chunks: Iterable[bytes]) -> StoredBackup:
        """Encrypt and keep a stream under a name. Raises STOP_BACKUP_REFUSED."""
        ...

    def find(self, name: str) -> StoredBackup | None:
        """What is kept under a name."""
        ...


def stop_write_failed(sqlstate: str, constraint: str = "") -> Stop:
    """The stop for a refused statement: SQLSTATE and constraint name only, never the server's text."""
    return Stop(StopCode.STOP_WRITE_FAILED, detail=f"{sqlstate}:{constraint}" if constraint else sqlstate)

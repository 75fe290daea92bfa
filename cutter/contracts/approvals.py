"""Requests, signatures and trust: what the database keeps of them, and who judges a signature."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from cutter.contracts.sessions import SurveySession


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

    def requester(self, session: SurveySession, run_id: str, /) -> str:
        """The person who asked for a run."""
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

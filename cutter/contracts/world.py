"""Ports that do not touch the database: time, ids, texts, files, backups."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from cutter.contracts.sessions import SurveySession
from cutter.cutting.profile import Profile
from cutter.events import Record
from cutter.stops import Stop


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

    def nonce(self) -> str:
        """Chance, 32 hex digits."""
        ...


class Notify(Protocol):
    """Hears of every event after it was applied; for progress on a screen. It decides nothing."""

    def __call__(self, record: Record, /) -> None: ...


class CatalogVersion(msgspec.Struct, frozen=True):
    """One version of a source document as the workspace's index lists it; `source_uri` is empty where none stands."""

    document_id: str
    title: str
    language: str
    version: str
    status: str
    text_sha256: str
    source_uri: str = ""


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

    def profile_of(self, document_id: str, text: bytes) -> Profile:
        """The profile that the index names for a document, else the one that its text shows (STOP_PROFILE_UNKNOWN)."""
        ...

    def profile(self, profile_id: str) -> Profile:
        """The profile of an id (else STOP_PROFILE_UNKNOWN, STOP_CONFIG_INVALID)."""
        ...


class Sidecars(Protocol):
    """The run's folder: small files by name, written atomically, readable by their owner only."""

    def write(self, run_id: str, name: str, body: bytes) -> None:
        """Write a file of the run, replacing it as a whole. Raises STOP_PATH_UNSAFE, STOP_DISK."""
        ...


class StoredPart(msgspec.Struct, frozen=True):
    """One encrypted stream of a backup: digest and size in bytes, before and after it was encrypted."""

    plain_sha256: str
    plain_size: int
    cipher_sha256: str
    cipher_size: int


class StoredBackup(msgspec.Struct, frozen=True):
    """A backup that the vault holds: `RUN/PHASE.N`, and the exact bytes of its manifest."""

    backup_id: str
    manifest: bytes


class BackupDraft(Protocol):
    """A backup that is being made. Nobody sees it until it is finished; unfinished, it is removed."""

    @property
    def backup_id(self) -> str:
        """The id that it will have."""
        ...

    def keep(self, name: str, chunks: Iterable[bytes]) -> StoredPart:
        """Encrypt and keep a stream under a name. Raises STOP_BACKUP_REFUSED."""
        ...

    def read(self, name: str, part: StoredPart) -> Iterator[bytes]:
        """Decrypt a kept stream. What it yields counts only when it ended without a stop. Stops as `Vault.read`."""
        ...

    def finish(self, manifest: bytes) -> None:
        """Add the manifest, bring all to disk and make it a backup. Raises STOP_BACKUP_REFUSED."""
        ...


class Vault(Protocol):
    """Keeps encrypted backups, and can decrypt them where this host has a key."""

    def recipients(self) -> Sequence[str]:
        """Primary fingerprints of those who can read a backup; none: no live backup can be made."""
        ...

    def host(self) -> str:
        """A digest that names this host in drill receipts."""
        ...

    def tool(self) -> str:
        """What encrypts, with its version."""
        ...

    def refusals(self, size: int) -> Sequence[Stop]:
        """What would stop a backup of about so many bytes: recipients, folder, free space, the key of the drill."""
        ...

    def measure(self, chunks: Iterable[bytes]) -> StoredPart:
        """Encrypt a stream to nowhere. Raises STOP_BACKUP_REFUSED."""
        ...

    def draft(self, run_id: str, phase: str) -> AbstractContextManager[BackupDraft]:
        """Begin a backup under the next free number; it is removed unless it is finished in the block."""
        ...

    def find(self, backup_id: str) -> StoredBackup | None:
        """A backup; None when there is none. Raises STOP_PATH_UNSAFE, STOP_BACKUP_REFUSED (detail `manifest`)."""
        ...

    def check(self, backup_id: str, manifest_sha256: str) -> None:
        """Every file is there and is what its manifest says, and that is the manifest of this digest.

        Raises STOP_BACKUP_REFUSED, detail `missing`, `digest`, `truncated`, `other_run`, `manifest`; `where` is the
        file.
        """
        ...

    def unlocked(self) -> AbstractContextManager[None]:
        """Hold this host's key for all streams that are decrypted in the block, of drafts too: it is fetched once."""
        ...

    def read(self, backup_id: str, name: str, part: StoredPart) -> Iterator[bytes]:
        """Decrypt one stream; what it yields counts only when it ended without a stop.

        Raises STOP_BACKUP_REFUSED, detail `missing`, `digest`, `truncated`, `not_encrypted`, `trailing`, `too_large`,
        `decryption`, `gpg_failed`; STOP_DRILL_REFUSED, detail `no_key`.
        """
        ...


class Setback(msgspec.Struct, frozen=True, kw_only=True):
    """How the database contradicts what is kept of its ledger outside, and where both still agree.

    The present head is the one before the run that looks. `lost_*` is the newest checkpoint that the ledger does not
    hold, of this log or another (empty and 0: none); `agreed_*` the longest that it does hold (0: the log's genesis).
    The database in which the log is known to be was named when the log was begun, or by the last decision of people.
    """

    log_id: str
    head_size: int
    head_sha256: str
    system_identifier: str
    database_oid: int
    known_system_identifier: str
    known_database_oid: int
    lost_log_id: str
    lost_size: int
    lost_sha256: str
    lost_at: str
    agreed_size: int
    agreed_sha256: str


class FindSetback(Protocol):
    """Compares the database of a session with everything that is kept outside it."""

    def __call__(self, session: SurveySession, run_id: str, /) -> Setback | None:
        """What was set back and no decision of people has settled, before this run; None: nothing."""
        ...

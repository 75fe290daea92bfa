"""Ports that do not touch the database: time, ids, texts, files, backups."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from cutter.events import Record


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

"""Where backups are kept: a folder a backup, an encrypted file a table, and the manifest in plain.

Rules kept here:

- A backup is stored encrypted, whole and under a new name, or not at all; `RUN/PHASE.N` is never used twice.
- Encryption is not authenticity: a file counts only with the digest that the manifest has of it, and a manifest only
  with the digest that the ledger has of it.
- Nothing is decrypted before its digest was looked at, and nothing that was decrypted counts before its end.
- No plain byte is ever written to disk.
- Whatever stands in the way of a draft, it is the backup that is missing: it stops as STOP_BACKUP_REFUSED.

Source: DESIGN §1.2 (guarantee 5); approvals-and-evidence §1 (4, 5), §6, §7 rows 32–34.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import msgspec

from cutter import canon
from cutter.contracts import StoredBackup, StoredPart
from cutter.custody.files import check_private, create_exclusive, names_in, private_folder, read_plain
from cutter.custody.manifest import FILE, LIMIT, Manifest, read_manifest, refused, split_id
from cutter.custody.streams import (
    Tally,
    disk_refused,
    publish_folder,
    read_stream,
    remove_folder,
    room_in,
    write_new,
)
from cutter.stops import Stop, StopCode

_TRIAL = b"cutter"
_ROOM = 1 << 20  # bytes besides the streams: keys of messages, the manifest
_KEPT = re.compile(r"(?P<phase>[a-z][a-z0-9_]{0,62})\.(?P<number>[1-9]\d{0,5})")


class Cipher(Protocol):
    """Encrypts for the recipients and decrypts with this host's key; see `openpgp.encryption`."""

    def recipients(self) -> Sequence[str]: ...

    def tool(self) -> str: ...

    def encrypt(self, chunks: Iterable[bytes], /) -> Iterator[bytes]: ...

    def unlocked(self) -> AbstractContextManager[None]: ...

    def decrypt(self, chunks: Iterable[bytes], limit: int, /) -> Iterator[bytes]: ...


class Listing(msgspec.Struct, frozen=True):
    """What the folder of backups holds: ids, and unfinished drafts of runs that were killed."""

    backups: tuple[str, ...]
    orphans: tuple[str, ...]


class BackupVault:
    """The vault of a workspace (`contracts.Vault`)."""

    def __init__(self, folder: Path, cipher: Cipher, host: str) -> None:
        """Args: the folder of all backups; what encrypts; the digest that names this host."""
        self._folder = folder
        self._cipher = cipher
        self._host = host
        self._proven = False

    def recipients(self) -> Sequence[str]:
        """Primary fingerprints of those who can read a backup."""
        return self._cipher.recipients()

    def host(self) -> str:
        """The digest that names this host."""
        return self._host

    def tool(self) -> str:
        """What encrypts, with its version."""
        return self._cipher.tool()

    def refusals(self, size: int) -> Sequence[Stop]:
        """What would stop a backup of so many bytes: tried, but nothing is written; what encrypts is tried once."""
        found = [stop for stop in (self._try_cipher(), self._try_folder(size)) if stop is not None]
        return tuple(found)

    def measure(self, chunks: Iterable[bytes]) -> StoredPart:
        """Encrypt a stream to nowhere."""
        plain = Tally()
        cipher = Tally().exhaust(self._cipher.encrypt(plain.passing(chunks)))
        return StoredPart(plain.sha256, plain.size, cipher.sha256, cipher.size)

    @contextmanager
    def draft(self, run_id: str, phase: str) -> Iterator["Draft"]:
        """Begin a backup; unless it is finished in the block, it is removed."""
        with _as_backup_refused(self._folder):
            runs = private_folder(private_folder(self._folder) / run_id, self._folder)
            number = 1 + max((n for found, n in _kept(names_in(runs)) if found == phase), default=0)
            folder = private_folder(runs / f".{phase}.{number}.{secrets.token_hex(8)}.draft", runs)
        draft = Draft(folder, f"{run_id}/{phase}.{number}", self._cipher)
        try:
            yield draft
        finally:
            if not draft.finished:
                remove_folder(folder)

    def find(self, backup_id: str) -> StoredBackup | None:
        """A backup by its whole id."""
        split_id(backup_id)
        try:
            body = read_plain(self._folder / backup_id / FILE, LIMIT, too_large=StopCode.STOP_BACKUP_REFUSED)
        except FileNotFoundError:
            return None
        return StoredBackup(backup_id, body)

    def manifest(self, backup_id: str, manifest_sha256: str) -> Manifest:
        """The manifest of this digest. Raises STOP_BACKUP_REFUSED (`missing`, `digest`, `manifest`, `other_run`)."""
        kept = self.find(backup_id)
        if kept is None:
            raise refused("missing", f"{backup_id}/{FILE}")
        if canon.sha256(kept.manifest) != manifest_sha256:
            self._check_own(kept)
            raise refused("digest", f"{backup_id}/{FILE}", canon.sha256(kept.manifest)[:16], manifest_sha256[:16])
        return read_manifest(kept.manifest, backup_id)

    def check(self, backup_id: str, manifest_sha256: str) -> None:
        """Every file is what its manifest says, and that is the manifest of this digest."""
        for table in self.manifest(backup_id, manifest_sha256).tables:
            check_file(self._folder / backup_id / table.file, f"{backup_id}/{table.file}", table.part)

    def refusal_of(self, backup_id: str, name: str, part: StoredPart) -> str:
        """Empty when a file is what its manifest says, else the detail of the stop."""
        try:
            check_file(self._folder / backup_id / name, f"{backup_id}/{name}", part)
        except Stop as stop:
            return stop.detail
        return ""

    def unlocked(self) -> AbstractContextManager[None]:
        """Hold this host's key for the streams that are read in the block."""
        return self._cipher.unlocked()

    def read(self, backup_id: str, name: str, part: StoredPart) -> Iterator[bytes]:
        """Decrypt one stream."""
        split_id(backup_id)
        return decrypted(self._folder / backup_id / name, f"{backup_id}/{name}", part, self._cipher)

    def listing(self) -> Listing:
        """All that the folder holds, by run and phase."""
        backups, orphans = [], []
        for run in names_in(self._folder):
            names = names_in(self._folder / run) if not run.startswith(".") else ()
            backups += [f"{run}/{phase}.{number}" for phase, number in sorted(_kept(names))]
            orphans += [f"{run}/{name}" for name in names if not _KEPT.fullmatch(name)]
        return Listing(tuple(backups), tuple(orphans))

    def _check_own(self, kept: StoredBackup) -> None:
        """A manifest with another digest: of another backup (then it says so), or changed."""
        read_manifest(kept.manifest, kept.backup_id)

    def _try_cipher(self) -> Stop | None:
        if self._proven:
            return None
        try:
            message = b"".join(self._cipher.encrypt([_TRIAL]))
            if b"".join(self._cipher.decrypt([message], len(_TRIAL))) != _TRIAL:
                return refused("decryption")
        except Stop as stop:
            return stop
        self._proven = True
        return None

    def _try_folder(self, size: int) -> Stop | None:
        try:
            room = room_in(self._folder)
            if room is None:
                return refused("folder", str(self._folder))
            with suppress(FileNotFoundError):
                check_private(self._folder, self._folder.parent)
        except Stop as stop:
            return refused(stop.detail, stop.where)  # whatever stands in the way, it is the backup that is missing
        needed = size + size // 8 + _ROOM
        return refused("no_space", str(self._folder), str(room), str(needed)) if room < needed else None


class Draft:
    """A backup that is being made (`contracts.BackupDraft`)."""

    def __init__(self, folder: Path, backup_id: str, cipher: Cipher) -> None:
        self._folder = folder
        self._cipher = cipher
        self.backup_id = backup_id
        self.finished = False

    def keep(self, name: str, chunks: Iterable[bytes]) -> StoredPart:
        """Encrypt and keep a stream."""
        plain = Tally()
        with _as_backup_refused(self._folder):
            cipher = write_new(self._folder / name, self._cipher.encrypt(plain.passing(chunks)))
        return StoredPart(plain.sha256, plain.size, cipher.sha256, cipher.size)

    def read(self, name: str, part: StoredPart) -> Iterator[bytes]:
        """Decrypt a kept stream."""
        with _as_backup_refused(self._folder):
            yield from decrypted(self._folder / name, f"{self.backup_id}/{name}", part, self._cipher)

    def finish(self, manifest: bytes) -> None:
        """Add the manifest and make it a backup."""
        with _as_backup_refused(self._folder):
            create_exclusive(self._folder / FILE, manifest, 0o400)
            publish_folder(self._folder, self._folder.parent / self.backup_id.rpartition("/")[2])
        self.finished = True


def check_file(path: Path, where: str, part: StoredPart) -> None:
    """The encrypted file is the one of this digest.

    Raises:
        Stop: STOP_BACKUP_REFUSED, detail `missing`, `truncated` (shorter) or `digest`; STOP_PATH_UNSAFE.
    """
    found = Tally().exhaust(read_stream(path))
    if found.size < part.cipher_size:
        raise refused("truncated", where, str(found.size), str(part.cipher_size))
    if (found.sha256, found.size) != (part.cipher_sha256, part.cipher_size):
        raise refused("digest", where, found.sha256[:16], part.cipher_sha256[:16])


def decrypted(path: Path, where: str, part: StoredPart, cipher: Cipher) -> Iterator[bytes]:
    """The plain bytes of a file; they count only when this ended without a stop.

    Raises:
        Stop: as `check_file`, then as the cipher; and detail `digest` where what came out is not what went in.
    """
    check_file(path, where, part)
    read, plain = Tally(), Tally()
    yield from plain.passing(cipher.decrypt(read.passing(read_stream(path)), part.plain_size))
    if (read.sha256, plain.sha256, plain.size) != (part.cipher_sha256, part.plain_sha256, part.plain_size):
        raise refused("digest", where, plain.sha256[:16], part.plain_sha256[:16])


def _kept(names: Iterable[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        match = _KEPT.fullmatch(name)
        if match is not None:
            yield match["phase"], int(match["number"])


@contextmanager
def _as_backup_refused(folder: Path) -> Iterator[None]:
    """What the disk refuses here, or what stands in the folder's place, refuses the backup (40).

    An unsafe path that is none of the folder's, such as that of a key, stays what it is.
    """
    try:
        yield
    except Stop as stop:
        match stop.code:
            case StopCode.STOP_DISK:
                raise disk_refused(folder, stop.detail) from None
            case StopCode.STOP_PATH_UNSAFE if _concerns(folder, Path(stop.where)):
                raise refused(stop.detail, stop.where, stop.found, stop.needed) from None
            case _:
                raise
    except FileNotFoundError:
        raise refused("missing", folder.name) from None
    except FileExistsError:
        raise refused("exists", folder.name) from None


def _concerns(folder: Path, path: Path) -> bool:
    """Whether a path is of a folder: in it, or on the way to it."""
    return path.is_relative_to(folder) or folder.is_relative_to(path)

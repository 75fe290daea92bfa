"""Files and folders of backups: too large to be held, never replaced, and hidden until they are whole.

Rules kept here: a file is new, private and written through to disk, and cannot be written afterwards; a folder appears
under its name as a whole; no link is followed; what is read back is a plain file. What the disk refuses stops as
STOP_BACKUP_REFUSED: without a backup nothing is written.

Source: approvals-and-evidence §6 (Encrypt), §7 rows 33, 34.
"""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cutter.custody.manifest import refused
from cutter.stops import Stop, StopCode

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK = 1 << 20
_LINKS = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO})


class Tally:
    """Counts and hashes what passes through, and keeps none of it."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks."""
        for chunk in chunks:
            self.size += len(chunk)
            self._hash.update(chunk)
            yield chunk

    def exhaust(self, chunks: Iterable[bytes]) -> "Tally":
        """Let all chunks pass, to nowhere."""
        for _ in self.passing(chunks):
            pass
        return self

    @property
    def sha256(self) -> str:
        """The digest of everything so far."""
        return self._hash.hexdigest()


def write_new(path: Path, chunks: Iterable[bytes]) -> Tally:
    """Write a new file, through to disk; afterwards nobody may write it.

    Raises:
        Stop: STOP_BACKUP_REFUSED, detail `exists`, or `disk_` and the system's name of the error.
    """
    written = Tally()
    with _refusals(path), _opened(path, _NEW) as descriptor:
        for chunk in written.passing(chunks):
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        os.fchmod(descriptor, 0o400)
        os.fsync(descriptor)
    return written


def read_stream(path: Path) -> Iterator[bytes]:
    """A plain file of this user, in pieces.

    Raises:
        Stop: STOP_BACKUP_REFUSED, detail `missing` or `disk_…`; STOP_PATH_UNSAFE.
    """
    with _refusals(path), _opened(path, _READ) as descriptor:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise _unsafe(path, "not_plain")
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise _unsafe(path, "other_owner" if found.st_uid != os.geteuid() else "writable_by_others")
        while chunk := os.read(descriptor, _CHUNK):
            yield chunk


def publish_folder(draft: Path, final: Path) -> None:
    """Give a finished folder its name, never another one's. Raises STOP_BACKUP_REFUSED (`exists`, `disk_…`)."""
    with _refusals(final):
        _sync(draft)
        if os.path.lexists(final):
            raise refused("exists", final.name)
        draft.rename(final)
        _sync(final.parent)


def remove_folder(folder: Path) -> None:
    """Remove a draft and all that is in it; what cannot be removed stays as an orphan that `backups list` names."""
    shutil.rmtree(folder, ignore_errors=True)


def room_in(folder: Path) -> int | None:
    """The bytes that fit into a folder that exists or is to be made; None when it could not be written.

    Raises:
        Stop: STOP_PATH_UNSAFE: something else than a folder stands in its place.
    """
    nearest = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    with _refusals(nearest), _opened(nearest, _FOLDER) as descriptor:
        system = os.fstatvfs(descriptor)
    if system.f_flag & os.ST_RDONLY or not os.access(nearest, os.W_OK | os.X_OK):
        return None
    return system.f_bavail * system.f_frsize


def _sync(folder: Path) -> None:
    with _opened(folder, _FOLDER) as descriptor:
        os.fsync(descriptor)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise refused("missing", path.name) from None
    except FileExistsError:
        raise refused("exists", path.name) from None
    except OSError as error:
        if error.errno in _LINKS:
            raise _unsafe(path, "link_or_folder") from None
        raise disk_refused(path, errno.errorcode.get(error.errno or 0, "EUNKNOWN")) from None


def disk_refused(path: Path, name: str) -> Stop:
    """STOP_BACKUP_REFUSED for an error of the system, by its name."""
    return refused(f"disk_{name}", path.name)


def _unsafe(path: Path, detail: str) -> Stop:
    return Stop(StopCode.STOP_PATH_UNSAFE, detail=detail, where=str(path))

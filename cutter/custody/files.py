"""The one place that writes files, and the one way to read a file that cutter trusts.

Rules kept here:

- A file is written as a whole or not at all: a temporary file in the same folder, fsync, rename, fsync of the folder.
- No link is followed, in the last folder or in the name. A file is looked at after it was opened, never before.
- A file of cutter's own (a sidecar, a receipt) is plain, has one name, belongs to this user, and nobody else may write
  it. A *shared* file (kept in version control, or named by the user) only has to be plain: whoever reads it checks
  its content or its digest.

Source: approvals-and-evidence §7 row 21; DESIGN §8.
"""

import errno
import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cutter.stops import Stop, StopCode

_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a FIFO that nobody writes would wait for ever.
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OPEN_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO

# What a file system answers that has no files without a name (open(2), O_TMPFILE).
_KNOWS_NO_NAMELESS = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT})
# What the system answers where a link, a folder or a device stands in place of a plain file or folder.
_NOT_PLAIN = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, errno.ENOTEMPTY})


def write_atomic(path: Path, data: bytes, mode: int = 0o600, *, lasting: bool = True) -> None:
    """Write a file as a whole, replacing one of the same name (a link is replaced, not followed).

    Args:
        path: the file; its folder exists.
        data: all its bytes.
        mode: its permissions, whatever the umask says.
        lasting: it must outlive a crash of the machine; False for what is gone with this process anyway.

    Raises:
        Stop: STOP_PATH_UNSAFE (the folder is a link, the name is a folder), STOP_DISK (detail: the system's name
            of the error).
    """
    with _refusals(path), _folder(path.parent) as folder, _temporary(folder, data, mode, lasting) as temporary:
        os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)


def create_exclusive(path: Path, data: bytes, mode: int = 0o600, *, lasting: bool = True) -> None:
    """Write a new file as a whole; never over an existing name. Arguments and stops as for `write_atomic`.

    Raises:
        FileExistsError: the name is taken.
    """
    with _refusals(path), _folder(path.parent) as folder, _nameless(folder, mode, lasting=lasting) as (source, file):
        file.write(data)
        _finish(file, mode, lasting=lasting)
        os.link(source, path.name, src_dir_fd=folder, dst_dir_fd=folder)


def append_shared(path: Path, data: bytes) -> None:
    """Append to a plain file that another program keeps and reads when this one has ended; made when it is missing.

    Raises:
        Stop: STOP_PATH_UNSAFE (a link, a folder, no plain file), STOP_DISK.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with _refusals(path), _opened(str(path), flags) as descriptor:
        _check_file(os.fstat(descriptor), path, shared=True)
        with open(descriptor, "ab", closefd=False) as file:
            file.write(data)


@contextmanager
def creating(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A new file that is written piece by piece, and appears under its name, whole, where the block ends without an
    exception; never over an existing name. Stops as for `write_atomic`.

    Raises:
        FileExistsError: the name is taken, before or after the block.
        FileNotFoundError: there is no such folder.
    """
    with _refusals(path), _folder(path.parent) as folder:
        with suppress(FileNotFoundError):
            os.lstat(path.name, dir_fd=folder)  # told before the work is done, and once more by the link
            raise FileExistsError(path.name)
        with _nameless(folder, mode, lasting=True) as (source, file):
            yield file
            _finish(file, mode, lasting=True)
            os.link(source, path.name, src_dir_fd=folder, dst_dir_fd=folder)


def remove_plain(path: Path) -> None:
    """Remove a file (or a link in its place, never what it points to), if it is there. Stops as for `write_atomic`."""
    with _refusals(path), _folder(path.parent) as folder, suppress(FileNotFoundError):
        os.unlink(path.name, dir_fd=folder)
        os.fsync(folder)


def read_plain(
    path: Path, limit: int, *, shared: bool = False, too_large: StopCode = StopCode.STOP_PATH_UNSAFE
) -> bytes:
    """The bytes of a plain file.

    Args:
        path: the file.
        limit: the largest size that is read, in bytes.
        shared: the file is kept in version control or named by the user, so owner, permissions and number of names
            are not asked.
        too_large: the stop for a larger file, detail `limit_N_bytes`.

    Raises:
        FileNotFoundError: there is no such file.
        Stop: STOP_PATH_UNSAFE (detail: `link_or_folder`, `not_plain`, `other_owner`, `writable_by_others`,
            `hard_link`), STOP_DISK.
    """
    with (
        _refusals(path),
        _folder(path.parent) as folder,
        _opened(path.name, _OPEN_FILE, folder) as descriptor,
    ):
        found = os.fstat(descriptor)
        _check_file(found, path, shared=shared)
        with open(descriptor, "rb", closefd=False) as file:
            # A size is a hint, a read is the fact: the file may grow in between.
            data = file.read(limit + 1) if found.st_size <= limit else b""
    if max(found.st_size, len(data)) > limit:
        raise Stop(too_large, detail=f"limit_{limit}_bytes", where=str(path))
    return data


def names_in(path: Path) -> tuple[str, ...]:
    """The names in a folder, sorted; none when there is no such folder.

    Raises:
        Stop: STOP_PATH_UNSAFE (detail `link_or_folder`: it is no folder), STOP_DISK.
    """
    with _refusals(path), suppress(FileNotFoundError), _folder(path) as folder:
        return tuple(sorted(os.listdir(folder)))  # noqa: PTH208  a descriptor, not a path
    return ()


def private_folder(path: Path, base: Path | None = None) -> Path:
    """Make a folder that only this user can enter, or check that an existing one is such a folder.

    Args:
        path: the folder; missing folders above it are made too, in the same way.
        base: a folder above `path`: every folder between the two is checked, not only `path`. `base` itself and
            what is above it is the user's own affair.

    Raises:
        Stop: STOP_PATH_UNSAFE (detail: `link_or_folder`, `other_owner`, `open_to_others`), STOP_DISK.
    """
    for folder in _chain(path, base):
        with _refusals(folder):
            with suppress(FileExistsError):
                os.mkdir(folder, 0o700)  # noqa: PTH102  pathlib's mkdir applies its mode in the same way
            with _folder(folder) as descriptor:
                _check_folder(os.fstat(descriptor), folder)
    return path


def check_private(path: Path, base: Path) -> None:
    """Check an existing folder as `private_folder` does, without making anything.

    Raises:
        FileNotFoundError: a folder of the chain is missing.
        Stop: STOP_PATH_UNSAFE, STOP_DISK.
    """
    for folder in _chain(path, base):
        with _refusals(folder), _folder(folder) as descriptor:
            _check_folder(os.fstat(descriptor), folder)


def shared_folder(path: Path) -> Path:
    """Make a folder, and missing ones above it, for files that are kept in version control. Stops as `write_atomic`."""
    with _refusals(path):
        try:
            path.mkdir(mode=0o755, parents=True, exist_ok=True)
        except FileExistsError:
            raise _unsafe(path, "link_or_folder") from None
    return path


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder that appears as a whole or not at all: it is filled under another name beside it, then renamed.

    Args:
        path: the folder; nothing has this name yet, and the folder above it exists.

    Raises:
        Stop: STOP_PATH_UNSAFE (the name was taken meanwhile), STOP_DISK, and whatever filling it raises: then nothing
            is left.
    """
    beside = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with _refusals(path):
            os.mkdir(beside, 0o755)  # noqa: PTH102  pathlib's mkdir applies its mode in the same way
        yield beside
        with _refusals(path):
            os.rename(beside, path)  # noqa: PTH104  the name's last word: a link in its place is not followed
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes that take this too, for reading a file and writing it anew."""
    with _refusals(folder), _folder(folder) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _chain(path: Path, base: Path | None) -> list[Path]:
    above = list(path.parents)
    if base is None:
        return [*reversed([folder for folder in above if not os.path.lexists(folder)]), path]
    if base not in above:
        raise ValueError("the base of a private folder is above it")
    return [*reversed(above[: above.index(base)]), path]


def _folder(path: Path) -> AbstractContextManager[int]:
    return _opened(str(path), _OPEN_FOLDER)


@contextmanager
def _opened(name: str, flags: int, folder: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _nameless(folder: int, mode: int, *, lasting: bool) -> Iterator[tuple[str, BinaryIO]]:
    """An empty file that has no name yet, and the path from which it can be linked to its one; afterwards it is closed.

    With a first name that is taken away, a reader in that moment would see a file with two names and refuse it, and a
    process that is killed there would leave it so. File systems that know no nameless files get one nevertheless.
    """
    nameless = getattr(os, "O_TMPFILE", 0)  # without it a folder is opened for writing, and that is refused
    try:
        descriptor = os.open(".", nameless | os.O_RDWR | os.O_CLOEXEC, mode, dir_fd=folder)
    except OSError as error:
        if error.errno not in _KNOWS_NO_NAMELESS:
            raise
        with _unnamed(folder, mode, lasting=lasting) as named:
            yield named
        return
    with open(descriptor, "w+b") as file:  # noqa: PTH123  a descriptor, not a path
        yield f"/proc/self/fd/{descriptor}", file
    if lasting:
        os.fsync(folder)


@contextmanager
def _temporary(folder: int, data: bytes, mode: int, lasting: bool) -> Iterator[str]:
    """A complete file under a name that nobody else has; afterwards that name is gone, and what lasts is on disk."""
    with _unnamed(folder, mode, lasting=lasting) as (temporary, file):
        file.write(data)
        _finish(file, mode, lasting=lasting)
        yield temporary


@contextmanager
def _unnamed(folder: int, mode: int, *, lasting: bool) -> Iterator[tuple[str, BinaryIO]]:
    """An empty file under a name that nobody else has; afterwards it is closed, and that name is gone."""
    temporary = f".{secrets.token_hex(16)}.tmp"
    descriptor = os.open(temporary, _OPEN_NEW, mode, dir_fd=folder)
    try:
        with open(descriptor, "w+b") as file:  # noqa: PTH123  a descriptor, not a path
            yield temporary, file
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
    if lasting:
        os.fsync(folder)


def _finish(file: BinaryIO, mode: int, *, lasting: bool) -> None:
    file.flush()
    os.fchmod(file.fileno(), mode)
    if lasting:
        os.fsync(file.fileno())


def _check_file(found: os.stat_result, path: Path, *, shared: bool) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _unsafe(path, "not_plain")
    if not shared:
        _check_owner(found, path)
        if found.st_mode & _WRITABLE_BY_OTHERS:
            raise _unsafe(path, "writable_by_others", found.st_mode, "permissions such as 0600")
        if found.st_nlink != 1:
            raise _unsafe(path, "hard_link")


def _check_folder(found: os.stat_result, path: Path) -> None:
    _check_owner(found, path)
    if found.st_mode & _OPEN_TO_OTHERS:
        raise _unsafe(path, "open_to_others", found.st_mode, "permissions 0700")


def _check_owner(found: os.stat_result, path: Path) -> None:
    if found.st_uid != os.geteuid():
        raise _unsafe(path, "other_owner")


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn what the system refuses into a stop; a missing or an existing name is for the caller to judge."""
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError as error:
        if error.errno in _NOT_PLAIN:
            raise _unsafe(path, "link_or_folder") from None
        name = errno.errorcode.get(error.errno or 0, "EUNKNOWN")
        raise Stop(StopCode.STOP_DISK, detail=name, where=str(path)) from None


def _unsafe(path: Path, detail: str, mode: int | None = None, needed: str = "") -> Stop:
    found = "" if mode is None else f"{stat.S_IMODE(mode):04o}"
    return Stop(StopCode.STOP_PATH_UNSAFE, detail=detail, found=found, needed=needed, where=str(path))

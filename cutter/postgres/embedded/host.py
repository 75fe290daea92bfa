"""What the embedded PostgreSQL asks of the operating system: folders, files, locks and programs.

Rules kept here:

- No folder or file is followed through a link, and none that belongs to somebody else is taken.
- A program gets a small environment: no PG* variable, no locale and no library path of the caller.
- An error of the system becomes a stop whose detail is one word; what a program printed is not passed on.
"""

import contextlib
import errno
import fcntl
import os
import pwd
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from cutter.stops import Stop, StopCode

_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
_PROGRAM_SECONDS = 180
_LOCK_SECONDS = 120
_DETAILS = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EACCES: "not_permitted",
    errno.EPERM: "not_permitted",
    errno.EROFS: "read_only",
    errno.ENOEXEC: "binaries_unusable",
}


def unusable(
    detail: str, *, found: str = "", needed: str = "", where: str = "", suggestions: tuple[str, ...] = ()
) -> Stop:
    """The stop STOP_EMBEDDED_UNUSABLE with these fields."""
    return Stop(
        StopCode.STOP_EMBEDDED_UNUSABLE, detail, found=found, needed=needed, where=where, suggestions=suggestions
    )


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn an error of the system into STOP_EMBEDDED_UNUSABLE, detail `disk_full`, `not_permitted`, `read_only`,
    `binaries_unusable` (of another machine), `timeout` or its name in lower case (`eio`).
    """
    try:
        yield
    except subprocess.TimeoutExpired as error:
        raise unusable("timeout", where=Path(error.cmd[0]).name) from error
    except OSError as error:
        code = error.errno or 0
        detail = _DETAILS.get(code) or errno.errorcode.get(code, "io_error").lower()
        raise unusable(detail, where=str(error.filename or "")) from error


@contextlib.contextmanager
def locked(path: Path, seconds: float = _LOCK_SECONDS, otherwise: str = "lock_timeout") -> Iterator[int]:
    """Hold the lock of the file at `path`; the system gives it back when we, and all programs that hold it too, die.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `otherwise` when others hold it for longer than so many seconds.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not _take(file, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise unusable(otherwise, where=str(path))
            time.sleep(0.02)
        yield file
    finally:
        os.close(file)


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock of the file at `path`. Looks only."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _take(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


def _take(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def check_folder(path: Path, mode: int, owner: int) -> None:
    """Refuse what is not a folder with this owner and no more than this mode; nothing is changed.

    Raises: STOP_PATH_UNSAFE, detail `link`, `other_owner` or `open_to_others`.
    """
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise Stop(StopCode.STOP_PATH_UNSAFE, "link", where=str(path))
    if found.st_uid != owner:
        raise _unsafe("other_owner", path, f"uid {found.st_uid}", f"uid {owner}")
    if stat.S_IMODE(found.st_mode) & ~mode:
        raise _unsafe("open_to_others", path, f"mode {stat.S_IMODE(found.st_mode):04o}", f"mode {mode:04o}")


def _unsafe(detail: str, path: Path, found: str, needed: str) -> Stop:
    return Stop(StopCode.STOP_PATH_UNSAFE, detail, found=found, needed=needed, where=str(path))


def own_folder(path: Path, mode: int, owner: int) -> None:
    """Make the folder, or take it when it is a real folder of ours or of the owner; give it the mode and the owner.

    Raises: STOP_PATH_UNSAFE, detail `link` or `other_owner`: another user may have put it in our way.
    """
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR, errno.EACCES):
            raise
        detail = "other_owner" if error.errno == errno.EACCES else "link"
        raise Stop(StopCode.STOP_PATH_UNSAFE, detail, where=str(path)) from None
    try:
        found = os.fstat(folder)
        if found.st_uid not in (os.geteuid(), owner):
            raise Stop(StopCode.STOP_PATH_UNSAFE, "other_owner", where=str(path))
        if found.st_uid != owner:
            os.fchown(folder, owner, -1)
        if stat.S_IMODE(found.st_mode) != mode:
            os.fchmod(folder, mode)
    finally:
        os.close(folder)


def write(path: Path, text: str, mode: int = 0o644, owner: int | None = None) -> None:
    """Write a file of the cluster's folder anew, never through a link; its mode does not depend on the umask."""
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(text)
        os.fchmod(stream.fileno(), mode)
        if owner is not None:
            os.fchown(stream.fileno(), owner, -1)


def sync(folder: Path) -> None:
    """Make a renaming in the folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def run_as(
    account: pwd.struct_passwd | None,
    folder: Path,
    program: Path,
    *arguments: str,
    keep: int | None = None,
    text: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a program with the small environment.

    Args:
        account: the user to run it as; None for the one that runs cutter.
        folder: its working folder.
        program: its path.
        arguments: its arguments.
        keep: a lock that it and its children hold too, so that it outlasts a killed cutter as long as they do.
        text: its standard input.
    """
    return subprocess.run(
        [str(program), *arguments],
        input=text,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        cwd=folder,
        env=_ENVIRONMENT,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        umask=0o077,
        pass_fds=() if keep is None else (keep,),
        timeout=_PROGRAM_SECONDS,
        check=False,
    )


def client_user() -> str:
    """The name of the user that runs cutter: peer authentication compares names, so a number alone cannot connect."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise unusable("os_user_unknown", found=f"uid {os.geteuid()}") from None


def known_user(user: str) -> bool:
    """Whether the system has an account of this name."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True

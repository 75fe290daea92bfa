"""A PostgreSQL server as an office has its own: on TCP, with its own `pg_hba.conf`, started and stopped by pg_ctl.

Unlike the embedded server it can be crashed, and a second one can follow it as a standby. As root it runs as the
unprivileged user of the test session's cluster.
"""

import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cutter.postgres.embedded import SUPERUSER, Cluster
from cutter.postgres.embedded.host import run_as

DEBIAN = Path("/usr/lib/postgresql/15/bin")
ADDRESS = "127.0.0.1"
TRUSTING = "local all all trust\nhost all all 127.0.0.1/32 trust\nlocal replication all trust\n"
_SETTINGS = ("fsync=off", "autovacuum=off", "wal_level=replica", "max_wal_senders=4", "hot_standby=on")


@dataclass(frozen=True, slots=True)
class Server:
    """A server: its folder, its binaries, its port, and the user that it runs as."""

    folder: Path
    binaries: Path
    port: int
    account: pwd.struct_passwd | None
    address: str = ADDRESS

    @property
    def data(self) -> Path:
        """Its data folder; `pg_hba.conf` is there."""
        return self.folder / "data"

    def conninfo(self, login: str, database: str = "postgres", *, tcp: bool = False) -> str:
        """A login's connection, as keywords and values; by the socket's folder unless by TCP."""
        host = ADDRESS if tcp else str(self.folder)
        return f"host={host} port={self.port} user={login} dbname={database}"

    def program(self, name: str, *arguments: str) -> str:
        """Run one of the server's own programs as its user; what it printed."""
        done = run_as(self.account, self.folder, self.binaries / name, *arguments)
        assert done.returncode == 0, (name, done.stdout, done.stderr)
        return done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        listen = (f"listen_addresses={self.address}", f"port={self.port}", f"unix_socket_directories={self.folder}")
        options = " ".join(f"-c {setting}" for setting in (*listen, *_SETTINGS))
        self.program("pg_ctl", "start", "-w", "-s", "-D", str(self.data), "-l", str(self.folder / "log"), "-o", options)

    def crash(self) -> None:
        """End it as a power cut would: nothing is finished, the next start recovers."""
        self.program("pg_ctl", "stop", "-s", "-m", "immediate", "-D", str(self.data))

    def stop(self) -> None:
        """Stop it, whatever it does."""
        run_as(
            self.account, self.folder, self.binaries / "pg_ctl", "stop", "-s", "-m", "immediate", "-D", str(self.data)
        )


@contextmanager
def own_server(like: Cluster, binaries: Path | None = None, access: str = TRUSTING, port: int = 0) -> Iterator[Server]:
    """A new server, running; it is gone afterwards.

    Args:
        like: the test session's cluster, for its user and its binaries.
        binaries: the folder of other binaries.
        access: the lines of `pg_hba.conf`.
        port: the number in the name of its socket; then it has no network address.
    """
    with _placed(like, binaries, port) as server:
        server.program(
            "initdb", "-D", str(server.data), "-E", "UTF8", "--locale=C", "-A", "trust", "-N", "-U", SUPERUSER
        )
        (server.data / "pg_hba.conf").write_text(access, encoding="utf-8")
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def standby_of(primary: Server, like: Cluster) -> Iterator[Server]:
    """A server that follows another one and can only be read; it is gone afterwards."""
    with _placed(like, primary.binaries) as server:
        copy = ("-D", str(server.data), "-R", "-c", "fast", "-d", primary.conninfo(SUPERUSER))
        server.program("pg_basebackup", *copy)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def _placed(like: Cluster, binaries: Path | None, port: int = 0) -> Iterator[Server]:
    account = pwd.getpwnam(like.os_user) if like.os_user else None
    folder = Path(tempfile.mkdtemp(prefix="own-", dir="/tmp"))
    folder.chmod(0o711)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        address = "" if port else ADDRESS
        yield Server(folder, binaries or _reachable(like), port or _free_port(), account, address)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reachable(like: Cluster) -> Path:
    """The session's binaries where its server runs them: as root they were copied for its user."""
    running = (like.data / "postmaster.opts").read_text(encoding="utf-8").split()[0]
    return Path(running).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
    return port

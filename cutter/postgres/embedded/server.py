"""The life of an embedded PostgreSQL's server: start it, stop it, say how it is."""

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cutter.postgres.embedded.cluster import (
    LOGINS,
    PORT,
    SUPERUSER,
    Cluster,
    answers,
    data_version,
    recorded_postmaster,
    works_in,
)
from cutter.postgres.embedded.host import client_user, locked, own_folder, refusals, unusable, write
from cutter.postgres.embedded.provision import ensure_data, owner, prepare, reason, run

_START_SECONDS = 60
_STOP_SECONDS = 60
_ORPHAN_SECONDS = 10
_UNANSWERED_SECONDS = 2  # a killed server of a large memory takes a moment to go


class Started(Enum):
    """What `ensure_running` had to do."""

    CREATED = "created"
    STARTED = "started"
    RUNNING = "running"


class State(Enum):
    """How a cluster is: no data yet; not running; running without answering (yet); answering."""

    ABSENT = "absent"
    STOPPED = "stopped"
    UNANSWERING = "unanswering"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a cluster, the process id of its server, and the major version of its data."""

    state: State
    process: int | None
    version: str | None


def ensure_running(cluster: Cluster, settings: tuple[str, ...] = ()) -> Started:
    """Create the cluster if there is none, start it if it does not run, and return when it answers.

    Args:
        cluster: as `locate` gave it.
        settings: further lines of `postgresql.conf`, `name=value`; they count when the server is started here.

    Raises: STOP_EMBEDDED_UNUSABLE (the detail says why), STOP_PATH_UNSAFE for a folder that belongs to somebody else.
    """
    with refusals():
        if answers(cluster):
            return Started.RUNNING
        prepared = prepare(cluster)
        with locked(prepared.home / "lock") as lock:
            if _runs(prepared):
                return Started.RUNNING
            own_folder(prepared.socket, 0o700, owner(prepared))
            created = ensure_data(prepared, lock)
            _clear_remains(prepared)
            _write_configuration(prepared, settings)
            _launch(prepared)
    return Started.CREATED if created else Started.STARTED


def stop(cluster: Cluster) -> bool:
    """Stop the server (open transactions are rolled back) and wait until it is down; False when none was running."""
    with refusals():
        if not cluster.home.is_dir():
            return False
        with locked(cluster.home / "lock"):
            stopped = _shut_down(cluster)
            with contextlib.suppress(OSError):  # empty or not there; never anybody else's files
                cluster.socket.rmdir()
    return stopped


def status(cluster: Cluster) -> Status:
    """How the cluster is. Looks only."""
    with refusals():
        version = data_version(cluster.data)
        if version is None:
            return Status(State.ABSENT, None, None)
        postmaster = recorded_postmaster(cluster.data)
        if postmaster is None or not works_in(postmaster.process, cluster.data):
            return Status(State.STOPPED, None, version)
        state = State.RUNNING if answers(cluster) else State.UNANSWERING
        return Status(state, postmaster.process, version)


def _runs(cluster: Cluster) -> bool:
    """Whether the server runs; waits while it is starting (its starter may have been killed), recovering or dying.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `socket_lost` (a cleaner removed it; the server still works for those who are
    connected, so it is not restarted unasked) or `start_timeout`.
    """
    began = time.monotonic()
    while (postmaster := recorded_postmaster(cluster.data)) and works_in(postmaster.process, cluster.data):
        if answers(cluster):
            return True
        waited = time.monotonic() - began
        if postmaster.ready and waited > _UNANSWERED_SECONDS:
            raise unusable("socket_lost", where=str(cluster.socket), suggestions=("cutter db stop",))
        if waited > _START_SECONDS:
            raise unusable("start_timeout", where=str(cluster.home / "log"))
        time.sleep(0.02)
    return False


def _clear_remains(cluster: Cluster) -> None:
    """Remove what a killed server left: `postmaster.pid` and the socket's files.

    PostgreSQL refuses to start while the process id in them is alive, whoever that is by now. Removing them is safe
    only when no process of the old server is left, so this waits for the last one.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `orphans_left`.
    """
    remains = [cluster.data / "postmaster.pid", *cluster.socket.glob(".s.PGSQL.*")]
    if not any(os.path.lexists(path) for path in remains):
        return
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while any(works_in(int(entry.name), cluster.data) for entry in Path("/proc").iterdir() if entry.name.isdecimal()):
        if time.monotonic() > deadline:
            raise unusable("orphans_left", where=str(cluster.data))
        time.sleep(0.05)
    for path in remains:
        path.unlink(missing_ok=True)


def _write_configuration(cluster: Cluster, settings: tuple[str, ...]) -> None:
    """Write the three configuration files anew: they are derived, and the workspace may have been moved."""
    users = "".join(f'cutter "{client_user()}" {login}\n' for login in (*LOGINS, SUPERUSER))
    lines = (
        f"# The cluster of the workspace {str(cluster.workspace)!a}; written by cutter at every start.",
        "listen_addresses = ''",
        f"port = {PORT}",
        f"unix_socket_directories = {_literal(cluster.socket)}",
        "unix_socket_permissions = 0700",
        f"hba_file = {_literal(cluster.home / 'pg_hba.conf')}",
        f"ident_file = {_literal(cluster.home / 'pg_ident.conf')}",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "lc_messages = 'C'",
        "log_min_messages = log",  # in the log's order above error: no message of a statement, so no value of a row
        "log_min_error_statement = panic",
        "log_error_verbosity = terse",
        "log_checkpoints = off",
        *settings,
    )
    write(cluster.home / "postgresql.conf", "\n".join(lines) + "\n")
    write(cluster.home / "pg_hba.conf", "local all all peer map=cutter\n")
    write(cluster.home / "pg_ident.conf", users)


def _launch(cluster: Cluster) -> None:
    """Start the server and wait until it answers; pg_ctl detaches it, with its output in the log."""
    log = cluster.home / "log"
    if log.exists():
        log.rename(log.with_name("log.previous"))
    write(log, "", mode=0o600, owner=owner(cluster))
    options = ("-l", log.name, "-o", "-c config_file=postgresql.conf", "-w", "-t", str(_START_SECONDS), "-s")
    launched = run(cluster, "pg_ctl", "start", "-D", cluster.data.name, *options)
    if launched.returncode != 0 or not answers(cluster):
        text = log.read_text(encoding="utf-8", errors="replace")
        raise unusable(reason(text, "start_failed"), where=str(log))


def _shut_down(cluster: Cluster) -> bool:
    """Signal a fast shutdown (SIGINT) and wait for the end; by pidfd, so never another program's process.

    Not by pg_ctl: its signal is the same, and a server of an older wheel can still be stopped.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `stop_timeout`.
    """
    postmaster = recorded_postmaster(cluster.data)
    if postmaster is None:
        return False
    try:
        server = os.pidfd_open(postmaster.process)
    except ProcessLookupError:
        return False
    try:
        if not works_in(postmaster.process, cluster.data):
            return False
        signal.pidfd_send_signal(server, signal.SIGINT)
        ended = select.poll()  # not select(): its file numbers end at 1023
        ended.register(server, select.POLLIN)
        if not ended.poll(_STOP_SECONDS * 1000):
            raise unusable("stop_timeout", found=f"process {postmaster.process}")
    finally:
        os.close(server)
    return True


def _literal(path: Path) -> str:
    """A path as a value of postgresql.conf ("Parameter Interaction via the Configuration File")."""
    text = str(path).replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
    return f"'{text}'"

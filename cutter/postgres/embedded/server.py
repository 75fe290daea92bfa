"""The life of an embedded PostgreSQL's server: start it, stop it, say how it is."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cutter.postgres.embedded.cluster import (
    LOGINS,
    PORT,
    SUPERUSER,
    Cluster,
    answers,
    conninfo,
    data_version,
    recorded_postmaster,
    refused_login,
    works_in,
)
from cutter.postgres.embedded.host import client_user, is_held, locked, own_folder, refusals, unusable, write
from cutter.postgres.embedded.provision import (
    check_data,
    ensure_data,
    is_finished,
    mark_finished,
    owner,
    prepare,
    reason,
    require_binaries,
    run,
)
from cutter.stops import Stop

_START_SECONDS = 60
_STOP_SECONDS = 60
_ORPHAN_SECONDS = 10
_UNANSWERED_SECONDS = 2  # a killed server of a large memory takes a moment to go
_LIFE = "server"  # the file whose lock every process of the server holds
_NOT_OURS = frozenset({"3D000", "28000"})  # no such database, no such login


class Started(Enum):
    """What `ensure_running` had to do."""

    CREATED = "created"
    STARTED = "started"
    RUNNING = "running"


class State(Enum):
    """How a cluster is: no data yet; not running; running without answering (yet, or not from here); answering."""

    ABSENT = "absent"
    STOPPED = "stopped"
    UNANSWERING = "unanswering"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a cluster, the process id of its server, the major version of its data, when the server began
    (seconds since 1970), and the stop that a start would end with, as far as looking can tell.
    """

    state: State
    process: int | None
    version: str | None
    since: int | None = None
    obstacle: Stop | None = None


def ensure_running(
    cluster: Cluster, settings: tuple[str, ...] = (), finish: Callable[[str], object] | None = None
) -> Started:
    """Create the cluster if there is none, start it if it does not run, and return when it answers.

    Args:
        cluster: as `locate` gave it.
        settings: further lines of `postgresql.conf`, `name=value`; they count when the server is started here.
        finish: what makes a new database usable, given the superuser's connection. It runs before anybody else finds
            the cluster, again after it was killed or failed, and never once it has come to its end.

    Raises: STOP_EMBEDDED_UNUSABLE (the detail says why), STOP_PATH_UNSAFE for a folder that belongs to somebody else.
    """
    with refusals():
        if answers(cluster) and (finish is None or is_finished(cluster)):
            return Started.RUNNING
        prepared = prepare(cluster)
        with locked(prepared.home / "lock") as lock:
            started = _start(prepared, settings, lock)
            if finish is not None and not is_finished(prepared):
                _finish(prepared, finish, started)
    return started


def stop(cluster: Cluster) -> bool:
    """Stop the server (open transactions are rolled back) and wait until it is down; False when none was running.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `stop_timeout`, `lock_timeout`, or `orphans_left` when processes of the
    server live where they cannot be stopped from here, such as in another container.
    """
    with refusals():
        if not cluster.home.is_dir():
            return False
        with locked(cluster.home / "lock"):
            stopped = _shut_down(cluster)
            with _no_process(cluster):
                pass
            with contextlib.suppress(OSError):  # empty or not there; never anybody else's files
                cluster.socket.rmdir()
    return stopped


def status(cluster: Cluster) -> Status:
    """How the cluster is. Looks only."""
    with refusals():
        obstacle = _obstacle(cluster)
        version = data_version(cluster.data)
        if version is None:
            return Status(State.ABSENT, None, None, obstacle=obstacle)
        postmaster = recorded_postmaster(cluster.data)
        if postmaster is None or not works_in(postmaster.process, cluster.data):
            state = State.UNANSWERING if is_held(cluster.home / _LIFE) else State.STOPPED
            return Status(state, None, version, obstacle=obstacle)
        state = State.RUNNING if answers(cluster) else State.UNANSWERING
        return Status(state, postmaster.process, version, postmaster.since, obstacle)


def _obstacle(cluster: Cluster) -> Stop | None:
    """What stands in a start's way, as far as looking can tell."""
    try:
        require_binaries(cluster)
        check_data(cluster)
    except Stop as stop:
        return stop
    except KeyError:  # as root, the server's user is not made yet
        return None
    return None


def _start(cluster: Cluster, settings: tuple[str, ...], lock: int) -> Started:
    """Start the server on its data, which is made when there is none; the lock of starts and stops is held."""
    if _runs(cluster):
        return Started.RUNNING
    own_folder(cluster.socket, 0o700, owner(cluster))
    created = ensure_data(cluster, lock)
    with _no_process(cluster) as life:
        _clear_remains(cluster)
        _write_configuration(cluster, settings)
        _launch(cluster, life)
    return Started.CREATED if created else Started.STARTED


def _finish(cluster: Cluster, finish: Callable[[str], object], started: Started) -> None:
    """Make the database usable, and remember it.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `data_foreign`: the data is a cluster that was not made here; what `finish`
    raises.
    """
    if refused_login(cluster, SUPERUSER) in _NOT_OURS:
        if started is not Started.RUNNING:
            _shut_down(cluster)
        raise unusable("data_foreign", where=str(cluster.data))
    finish(conninfo(cluster, SUPERUSER))
    mark_finished(cluster)


def _no_process(cluster: Cluster) -> contextlib.AbstractContextManager[int]:
    """Wait until no process of the server is left, wherever it runs, and see to it that none begins.

    Every process of the server inherits the lock and holds it for life, so nothing needs to be known of processes: not
    their numbers, which other programs have after a reboot, nor whether they can be seen from this container.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `orphans_left`.
    """
    return locked(cluster.home / _LIFE, _ORPHAN_SECONDS, "orphans_left")


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
        lost = postmaster.ready and not os.path.lexists(cluster.socket / f".s.PGSQL.{PORT}")
        if lost and waited > _UNANSWERED_SECONDS:
            raise unusable("socket_lost", where=str(cluster.socket), suggestions=("cutter db stop",))
        if waited > _START_SECONDS:
            raise unusable("start_timeout", where=str(cluster.home / "log"), suggestions=("cutter db stop",))
        time.sleep(0.02)
    return False


def _clear_remains(cluster: Cluster) -> None:
    """Remove what a killed server left: `postmaster.pid` and the socket's files.

    PostgreSQL refuses to start while the process id in them is alive, whoever that is by now. Removing them is safe
    because no process of the old server is left.
    """
    for path in (cluster.data / "postmaster.pid", *cluster.socket.glob(".s.PGSQL.*")):
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


def _launch(cluster: Cluster, life: int) -> None:
    """Start the server and wait until it answers; pg_ctl detaches it, with its output in the log.

    Whether it runs is asked of the data folder, not of pg_ctl, which errs when the clock jumps.

    Raises: STOP_EMBEDDED_UNUSABLE, detail `start_failed`, `disk_full`, `start_timeout`.
    """
    log = cluster.home / "log"
    if log.exists():
        log.rename(log.with_name("log.previous"))
    write(log, "", mode=0o600, owner=owner(cluster))
    options = ("-l", log.name, "-o", "-c config_file=postgresql.conf", "-w", "-t", str(_START_SECONDS), "-s")
    run(cluster, "pg_ctl", "start", "-D", cluster.data.name, *options, keep=life)
    if not _runs(cluster):
        text = log.read_text(encoding="utf-8", errors="replace")
        raise unusable(reason(cluster, text, "start_failed"), where=str(log))


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

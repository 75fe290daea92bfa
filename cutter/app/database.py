"""The database as an operator handles it: start, stop, status, migrate, and how PostgreSQL's own tools reach it.

Rules kept here: starting and stopping are for the embedded server alone; a server of the user's is never touched;
asking how it is starts and makes nothing.

Source: DESIGN §6, §7 (`db`).
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from cutter.postgres import embedded
from cutter.postgres.embedded.activity import connected
from cutter.postgres.migrate import migrate
from cutter.postgres.migration_script import migration_script, parse_login
from cutter.settings import Service, Settings
from cutter.stops import Stop, StopCode


class DatabaseStatus(msgspec.Struct, frozen=True):
    """How the embedded server is after a start: `created`, `started` or `running`; its version and folders."""

    word: str
    version: str
    socket: str
    data: str


class Connected(msgspec.Struct, frozen=True):
    """How many sessions give themselves this name (`cutter/RUN` is a run's)."""

    application_name: str
    sessions: int


class Obstacle(msgspec.Struct, frozen=True):
    """What a start would stop with."""

    stop_code: str
    detail: str
    where: str
    found: str
    needed: str


class DatabaseState(msgspec.Struct, frozen=True):
    """How the embedded server is. `state` is `absent`, `stopped`, `unanswering` or `running`.

    What is not known is null; `since` is when the server began, and `connected` is null where it could not be asked.
    """

    state: str
    version: str | None
    process: int | None
    since: str | None
    socket: str
    data: str
    size_bytes: int
    connected: tuple[Connected, ...] | None
    obstacle: Obstacle | None


def start_database(settings: Settings) -> DatabaseStatus:
    """Start the embedded server; the first start creates and migrates it. Raises STOP_EMBEDDED_UNUSABLE."""
    cluster = _cluster(settings)
    started = embedded.ensure_running(cluster, finish=migrate)
    status = embedded.status(cluster)
    return DatabaseStatus(started.value, str(status.version), str(cluster.socket), str(cluster.data))


def stop_database(settings: Settings) -> tuple[bool, tuple[Connected, ...]]:
    """Stop the embedded server: whether it was running, and the sessions that this ended.

    An ended session's transaction is rolled back; a run that it belonged to can be gone on with.

    Raises: STOP_EMBEDDED_UNUSABLE.
    """
    cluster = _cluster(settings)
    ended = _connected(cluster) if embedded.status(cluster).state is embedded.State.RUNNING else ()
    stopped = embedded.stop(cluster)
    return stopped, (ended or ()) if stopped else ()


def look_at_database(settings: Settings) -> DatabaseState:
    """How the embedded server is, running or not. Starts and makes nothing. Raises STOP_EMBEDDED_UNUSABLE."""
    cluster = _cluster(settings)
    found = embedded.status(cluster)
    running = found.state is embedded.State.RUNNING
    stop = found.obstacle
    return DatabaseState(
        state=found.state.value,
        version=found.version,
        process=found.process,
        since=datetime.fromtimestamp(found.since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if found.since else None,
        socket=str(cluster.socket),
        data=str(cluster.data),
        size_bytes=embedded.data_size(cluster.data),
        connected=_connected(cluster) if running else None,
        obstacle=Obstacle(stop.code.name, stop.detail, stop.where, stop.found, stop.needed) if stop else None,
    )


def migrate_database(settings: Settings) -> tuple[str, ...]:
    """Bring the embedded database to this cutter's schema; the names of the migrations that were applied.

    Raises:
        Stop: STOP_MIGRATION_CHANGED, STOP_UNMIGRATED (detail `newer`).
    """
    cluster = _cluster(settings)
    applied: list[str] = []
    embedded.ensure_running(cluster, finish=lambda conninfo: applied.extend(migrate(conninfo)))
    return (*applied, *migrate(embedded.conninfo(cluster, embedded.SUPERUSER)))


def print_migrations(logins: Sequence[str]) -> str:
    """The script by which a DBA brings a server of their own to this cutter's schema; no database is reached.

    Args:
        logins: the logins to make, each `NAME:TENANT:PERSON:operate`, `…:approve` or `…:audit`.

    Raises:
        Stop: STOP_IDENTIFIER_INVALID, detail `login`.
    """
    return migration_script([parse_login(login) for login in logins])


def database_url(settings: Settings, *, superuser: bool) -> str:
    """What psql and pg_dump take to connect; the superuser exists for the embedded server only, which is started."""
    match settings.database:
        case Service(service=name):
            if superuser:
                raise Stop(StopCode.STOP_INVALID_INPUT, detail="superuser", needed="database:embedded")
            return f"postgresql://?service={name}"
        case _:
            start_database(settings)
            login = embedded.SUPERUSER if superuser else embedded.LOGINS[0]
            return embedded.url(_cluster(settings), login)


def database_tools(settings: Settings) -> str:
    """The folder of the embedded server's own psql and pg_dump. Raises STOP_EMBEDDED_UNUSABLE."""
    cluster = _cluster(settings)
    embedded.require_binaries(cluster)
    return str(cluster.binaries)


def _connected(cluster: embedded.Cluster) -> tuple[Connected, ...] | None:
    """Who is connected; None when the server, which was there a moment ago, cannot be asked."""
    with suppress(Stop):
        return tuple(Connected(name, sessions) for name, sessions in connected(cluster))
    return None


def _cluster(settings: Settings) -> embedded.Cluster:
    if isinstance(settings.database, Service):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="not_embedded", needed="database:embedded")
    return embedded.locate(settings.workspace)

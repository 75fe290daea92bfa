"""The database as an operator handles it: start, stop, migrate, and how to reach it with PostgreSQL's own tools.

Rules kept here: starting and stopping are for the embedded server alone; a server of the user's is never touched.

Source: DESIGN §6, §7 (`db`).
"""

from collections.abc import Sequence

import msgspec

from cutter.postgres import embedded
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


def start_database(settings: Settings) -> DatabaseStatus:
    """Start the embedded server; the first start creates and migrates it. Raises STOP_EMBEDDED_UNUSABLE."""
    cluster = _cluster(settings)
    started = embedded.ensure_running(cluster)
    if started is embedded.Started.CREATED:
        migrate(embedded.conninfo(cluster, embedded.SUPERUSER))
    status = embedded.status(cluster)
    return DatabaseStatus(started.value, str(status.version), str(cluster.socket), str(cluster.data))


def stop_database(settings: Settings) -> bool:
    """Stop the embedded server; False when it was not running."""
    return embedded.stop(_cluster(settings))


def migrate_database(settings: Settings) -> tuple[str, ...]:
    """Bring the embedded database to this cutter's schema; the names of the migrations that were applied.

    Raises:
        Stop: STOP_MIGRATION_CHANGED, STOP_UNMIGRATED (detail `newer`).
    """
    cluster = _cluster(settings)
    embedded.ensure_running(cluster)
    return migrate(embedded.conninfo(cluster, embedded.SUPERUSER))


def print_migrations(logins: Sequence[str]) -> str:
    """The script by which a DBA brings a server of their own to this cutter's schema; no database is reached.

    Args:
        logins: the logins to make, each `NAME:TENANT:PERSON:operate` or `NAME:TENANT:PERSON:approve`.

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
    """The folder of the embedded server's own psql and pg_dump."""
    return str(_cluster(settings).binaries)


def _cluster(settings: Settings) -> embedded.Cluster:
    if isinstance(settings.database, Service):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="not_embedded", needed="database:embedded")
    return embedded.locate(settings.workspace)

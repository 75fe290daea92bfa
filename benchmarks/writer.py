"""10,000 units through the canonical writer, beside COPY of the same rows into an indexed table, and row by row."""

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import psycopg

from benchmarks.measure import Row, in_turns
from benchmarks.texts import law
from benchmarks.workspace import database
from cutter import canon, cutting
from cutter.contracts import Bind, RunRow, WriteSession
from cutter.custody.profiles import shipped_profile
from cutter.model import Mode
from cutter.operations.library.cut_leg_a import STAGE, STAGE_COLUMNS
from cutter.postgres import embedded
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Rehearsing
from cutter.resources import statement

UNITS = 10_000
ONE_BY_ONE = 1_000  # rows that are enough to tell what one costs
PREFIX = "BENCH"
VERSION = str(uuid.UUID(int=7))
ONE_ROW = (
    "SELECT library.fn_iu_create(%(change_set)s, %(source_version)s, %(prefix)s, "
    + ", ".join(f"%({name})s" for name in STAGE_COLUMNS)
    + ")"
)

Staged: TypeAlias = tuple[Any, ...]
Writer: TypeAlias = Callable[[WriteSession, Bind, Sequence[Staged]], None]


def measure() -> list[Row]:
    """The rows of these goals."""
    source = law(UNITS).encode()
    staged = _staged(source)
    with database() as (_, cluster):
        with psycopg.connect(embedded.conninfo(cluster, embedded.SUPERUSER)) as connection:
            connection.execute("CREATE TABLE public.floor (unit_id uuid PRIMARY KEY)")
            for name in STAGE_COLUMNS[1:]:
                kind = "integer" if name == "ordinal" else "text"
                connection.execute(f'ALTER TABLE public.floor ADD COLUMN "{name}" {kind}'.encode())
            connection.execute("CREATE UNIQUE INDEX ON public.floor (address)")
            connection.execute("CREATE UNIQUE INDEX ON public.floor (short_address)")
        conninfo = embedded.conninfo(cluster, "operator")
        floor, ours = in_turns(
            lambda: _copy(embedded.conninfo(cluster, embedded.SUPERUSER), staged),
            lambda: _write(conninfo, source, staged, _batch),
            rounds=7,
        )
        one_by_one = _write(conninfo, source, staged[:ONE_BY_ONE], _row_by_row) * len(staged) / ONE_BY_ONE
    return [
        Row("writer, 10,000 units, share of COPY's rate", "COPY, three indexes", floor, ours, 0.30, at_least=True),
        Row("same, times faster than row by row", "fn_iu_create a row", one_by_one, ours, 8.0, at_least=True),
    ]


def _staged(source: bytes) -> list[Staged]:
    namespace = uuid.UUID(VERSION)
    return [
        (
            uuid.uuid5(namespace, u.address),
            u.address,
            u.short_address,
            u.address_ascii,
            u.sort_key,
            u.type,
            u.rank.value,
            u.number_raw,
            u.ordinal,
            u.parent_address,
            u.heading,
            u.body,
            u.body_sha256,
        )
        for u in cutting.cut(source, PREFIX, shipped_profile("vi.law")).units
    ]


def _copy(conninfo: str, staged: Sequence[Staged]) -> float:
    with psycopg.connect(conninfo) as connection:
        begun = time.perf_counter()
        with connection.cursor().copy("COPY public.floor FROM STDIN") as stream:
            for row in staged:
                stream.write_row(row)
        seconds = time.perf_counter() - begun
        connection.rollback()
    return seconds


def _write(conninfo: str, source: bytes, staged: Sequence[Staged], how: Writer) -> float:
    """Rehearse a write of the rows; the seconds of the write itself."""
    transactor = Rehearsing(conninfo, "cutter/bench", Roles())
    try:
        transactor.begin(RunRow(str(uuid.uuid4()), "bench", canon.digest("bench"), Mode.DRYRUN, PREFIX))
        with transactor.write("write") as transaction:
            key = _open_change_set(transaction.session, source, len(staged))
            begun = time.perf_counter()
            how(transaction.session, key, staged)
            return time.perf_counter() - begun
    finally:
        transactor.close()


def _open_change_set(session: WriteSession, source: bytes, count: int) -> Bind:
    key: Bind = {
        "change_set": str(uuid.uuid4()),
        "source_version": VERSION,
        "prefix": PREFIX,
        "row_count": count,
    }
    sha256 = canon.sha256(source)
    register: Bind = {
        "document": str(uuid.uuid4()),
        "doc_code": PREFIX,
        "title": "x",
        "language": "vi",
        "version": VERSION,
        "version_string": "1",
        "status": "draft",
        "text": source,
        "text_sha256": sha256,
    }
    session.rows(_sql("register_source"), register)
    session.rows(_sql("open_change_set"), {**key, "plan_sha256": sha256})
    return key


def _batch(session: WriteSession, key: Bind, staged: Sequence[Staged]) -> None:
    session.rows(_sql("stage_units"), {})
    session.copy(STAGE, STAGE_COLUMNS, staged)
    session.rows(_sql("create_units"), key)


def _row_by_row(session: WriteSession, key: Bind, staged: Sequence[Staged]) -> None:
    for row in staged:
        session.rows(ONE_ROW, {**key, **dict(zip(STAGE_COLUMNS, row, strict=True))})


def _sql(name: str) -> str:
    return statement(f"operations/library/sql/{name}.sql")

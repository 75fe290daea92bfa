"""Verifying a ledger from PostgreSQL, beside a server cursor whose bodies are only hashed, one over the other."""

import hashlib
import time
import uuid

import psycopg

from benchmarks.measure import Row, in_turns
from benchmarks.workspace import database
from cutter import canon, chain
from cutter.checkpoints import StoredHead, check_head, follow
from cutter.events import Record, Surveyed
from cutter.postgres import embedded
from cutter.postgres.ledger import open_ledger, read_head, stream_rows
from cutter.postgres.statements import Roles

EVENTS = 100_000
BATCH = 2000  # as many rows at once as the survey session fetches
BODIES = "SELECT body FROM cutter_governance.ledger_event ORDER BY seq"
_RUN = str(uuid.UUID(int=7, version=4))


def measure() -> list[Row]:
    """The rows of these goals."""
    with database() as (_, cluster):
        superuser = embedded.conninfo(cluster, embedded.SUPERUSER)
        conninfo = embedded.conninfo(cluster, "operator")
        _fill(superuser)
        floor, ours = in_turns(lambda: _hash(superuser), lambda: _verify(conninfo), rounds=5)
    return [Row("ledger verify, 100,000 events, share of the rate", "cursor + sha256", floor, ours, 0.6, at_least=True)]


def _hash(conninfo: str) -> float:
    with psycopg.connect(conninfo) as connection, connection.cursor("floor") as cursor:
        cursor.itersize = BATCH
        begun = time.perf_counter()
        cursor.execute(BODIES)
        digest = b""
        for (body,) in cursor:
            digest = hashlib.sha256(digest + body).digest()
        return time.perf_counter() - begun


def _verify(conninfo: str) -> float:
    with open_ledger(conninfo, Roles()) as ledger, ledger.snapshot() as session:
        begun = time.perf_counter()
        head = read_head(session)
        followed = follow(stream_rows(session), head, {EVENTS})
        check_head(head, followed)
        return time.perf_counter() - begun


def _fill(conninfo: str) -> None:
    """A ledger of one run, written by the superuser: appending it event by event would take longer than measuring."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "SELECT tenant_id, log_id::text, system_identifier, database_oid, size, head_sha256"
            " FROM cutter_governance.ledger_head WHERE tenant_id = 'demo'"
        ).fetchone()
        assert row is not None
        head = StoredHead(*row)
        links = chain.link(_records(), chain.Head(0, head.genesis), head.tenant, "operator")
        connection.execute(
            "INSERT INTO cutter_governance.run"
            " (tenant_id, run_id, pipeline, pipeline_sha256, mode, lock_key, requester)"
            " VALUES ('demo', %s, 'bench', %s, 'live', 'BENCH', 'operator')",
            (_RUN, canon.digest("bench")),
        )
        columns = "tenant_id, seq, run_id, body, row_sha256, prev_sha256"
        with connection.cursor().copy(f"COPY cutter_governance.ledger_event ({columns}) FROM STDIN".encode()) as stream:
            for link in links:
                stream.write_row(("demo", link.seq, _RUN, link.body, link.sha256, link.prev_sha256))
        connection.execute(
            "UPDATE cutter_governance.ledger_head SET size = %s, head_sha256 = %s WHERE tenant_id = 'demo'",
            (len(links), links[-1].sha256),
        )
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE cutter_governance.ledger_event")


def _records() -> list[Record]:
    event = Surveyed(
        survey="rows_without_a_cut", expected={"units": 0}, found={"units": 0}, facts_sha256="a" * 64, inside=False
    )
    return [Record(n, _RUN, "survey", "2026-11-21T10:00:00.000000Z", event) for n in range(1, EVENTS + 1)]

"""How often a live cut syncs files to the disk, and how often the server syncs its log: constant in the units."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from benchmarks.live_runs import add_law, complete, live_demo
from benchmarks.measure import Row
from cutter.postgres import embedded
from cutter.settings import Settings

FEW, MANY = 100, 1000
_COMMITS = "SELECT count(DISTINCT xmin::text) FROM cutter_governance.ledger_event"


def measure() -> list[Row]:
    """The rows of these goals; a count of one is told as one millisecond."""
    with live_demo() as settings:
        few_files, few_commits = _counted(settings, FEW)
        many_files, many_commits = _counted(settings, MANY)
    floor = f"the same of {FEW} units (1 = 1 ms)"
    return [
        Row(f"file syncs of a live cut of {MANY:,} units", floor, few_files / 1000, many_files / 1000, 1.0),
        Row(f"commits of a live cut of {MANY:,} units", floor, few_commits / 1000, many_commits / 1000, 1.0),
    ]


def _counted(settings: Settings, units: int) -> tuple[int, int]:
    """The syncs of this process, and the transactions that the ledger tells of, from the live line to its end."""
    document_id = add_law(settings, units)
    before = _commits(settings)
    with _syncs() as synced:
        complete(settings, document_id)
    return len(synced), _commits(settings) - before


def _commits(settings: Settings) -> int:
    superuser = embedded.conninfo(embedded.locate(settings.workspace), embedded.SUPERUSER)
    with psycopg.connect(superuser) as connection:
        row = connection.execute(_COMMITS.encode()).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _syncs() -> Iterator[list[int]]:
    synced: list[int] = []
    sync = os.fsync

    def count(descriptor: int) -> None:
        synced.append(descriptor)
        sync(descriptor)

    os.fsync = count  # type: ignore[assignment]
    try:
        yield synced
    finally:
        os.fsync = sync

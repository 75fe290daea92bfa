"""The events of a run, as they are; and of a live run as they come.

Rules kept here: every link of the chain is hashed anew; a run of the database is read from its ledger, whatever this
host has of it; to follow is to read again, in a transaction of its own each time.

Source: issue 6, part 5; DESIGN §7.
"""

from collections.abc import Callable, Iterator

import msgspec

from cutter import chain
from cutter.app.compose import reach_database, roles_of
from cutter.app.kept import KeptRun, Source, find_kept, read_recorded
from cutter.postgres.ledger import open_ledger
from cutter.report.event_lines import RunEvent, tell_event
from cutter.run import Lifecycle, fold_kept
from cutter.settings import Settings


class RunEvents(msgspec.Struct, frozen=True, kw_only=True):
    """Events of a run, in order. `source` is `database` or `rehearsal`; `ended`: nothing more can come."""

    run_id: str
    source: str
    events: tuple[RunEvent, ...]
    ended: bool


def read_events(settings: Settings, prefix: str) -> RunEvents:
    """All events of a run. Raises STOP_RUN_NOT_FOUND, STOP_LEDGER_BROKEN; what connecting raises."""
    return _told(find_kept(settings, prefix), 0)


def follow_events(settings: Settings, prefix: str, wait: Callable[[], None]) -> Iterator[RunEvents]:
    """The events of a run, and those that come after them until it has ended.

    Args:
        settings: the workspace.
        prefix: the run.
        wait: is called before the ledger is read again.

    Raises:
        Stop: as `read_events`.
    """
    kept = find_kept(settings, prefix)
    told = _told(kept, 0)
    yield told
    if told.ended:
        return
    with open_ledger(reach_database(settings).conninfo, roles_of(settings)) as ledger:
        seen = len(kept.records)
        while not told.ended:
            wait()
            with ledger.snapshot() as session:
                kept = read_recorded(session, kept.run_id)
            told = _told(kept, seen)
            seen = len(kept.records)
            yield told


def _told(kept: KeptRun, after: int) -> RunEvents:
    events = tuple(
        tell_event(record, link.seq, chain.decode(link.body, link.seq).person_id)
        for link, record in zip(kept.links[after:], kept.records[after:], strict=True)
    )
    ended = kept.source is Source.REHEARSAL or fold_kept(kept.records).lifecycle is Lifecycle.TERMINATED
    return RunEvents(run_id=kept.run_id, source=kept.source.value, events=events, ended=ended)

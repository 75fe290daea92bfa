"""What the ledger says of a run's backups. Not an operation."""

from collections.abc import Sequence

from cutter import chain
from cutter.contracts import SurveySession
from cutter.events import Acted, Facts, Record
from cutter.operations.custody.kept import sql
from cutter.stops import Stop, StopCode

_BACKUP = "custody.backup"


def events_of(session: SurveySession, run_id: str) -> Sequence[Record]:
    """The events of a run, each checked against the hash before it. Raises STOP_LEDGER_BROKEN."""
    rows = session.stream(sql("run_events"), {"run": run_id})
    return [chain.check(chain.Link(seq, bytes(body), sha256, before)) for seq, before, body, sha256 in rows]


def backup_of(events: Sequence[Record], phase: str, backup_id: str) -> Facts:
    """The outcome of the phase that made a backup. Raises STOP_BACKUP_UNKNOWN, detail `not_in_ledger`."""
    for outcome in outcomes_of(events, _BACKUP, phase):
        if outcome.get("backup_id") == backup_id:
            return outcome
    raise Stop(StopCode.STOP_BACKUP_UNKNOWN, detail="not_in_ledger", found=backup_id)


def outcomes_of(events: Sequence[Record], operation: str, phase: str = "") -> Sequence[Facts]:
    """The outcomes of an operation in a run, oldest first; of one phase, if it is named."""
    return [
        record.event.outcome
        for record in events
        if isinstance(record.event, Acted)
        and record.event.operation.partition("@")[0] == operation
        and phase in ("", record.phase)
    ]

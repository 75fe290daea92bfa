"""What the ledger says of a run's backups, and whether it is the one that was found. Not an operation."""

from collections.abc import Sequence

from cutter import chain
from cutter.contracts import Setback, SurveySession
from cutter.events import Acted, Facts, Record
from cutter.operation import Broken, Held, Verdict
from cutter.operations.custody.kept import sql
from cutter.stops import Stop, StopCode

_BACKUP = "custody.backup"
_BACKUP_ROWS = "custody.backup_rows"


def events_of(session: SurveySession, run_id: str) -> Sequence[Record]:
    """The events of a run, each checked against the hash before it. Raises STOP_LEDGER_BROKEN."""
    rows = session.stream(sql("run_events"), {"run": run_id})
    return [chain.check(chain.Link(seq, bytes(body), sha256, before)) for seq, before, body, sha256 in rows]


def backup_of(events: Sequence[Record], phase: str, backup_id: str) -> Facts:
    """The outcome of the phase that backed a document up. Raises STOP_BACKUP_UNKNOWN, detail `not_in_ledger`."""
    return _made(outcomes_of(events, _BACKUP, phase), backup_id)


def any_backup_of(events: Sequence[Record], phase: str, backup_id: str) -> Facts:
    """The same, also of rows that belong to no document."""
    made = (*outcomes_of(events, _BACKUP, phase), *outcomes_of(events, _BACKUP_ROWS, phase))
    return _made(made, backup_id)


def _made(outcomes: Sequence[Facts], backup_id: str) -> Facts:
    for outcome in outcomes:
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


def prove_held(session: SurveySession, found: Setback) -> Verdict:
    """Whether the ledger holds the two hashes of a setback; at 0 there is nothing to look at."""
    for size, sha256 in ((found.agreed_size, found.agreed_sha256), (found.head_size, found.head_sha256)):
        if size and session.answer(sql("ledger_holds"), {"size": size, "sha256": sha256})["events"] != 1:
            return Broken("other_ledger", found="", needed=sha256[:16])
    return Held({"agreed_size": found.agreed_size, "head_size": found.head_size})

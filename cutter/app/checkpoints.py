"""Taking checkpoints: what the ledger ends with, signed by this host, kept in the database and in two places outside.

Rules kept here: what is outside is written first, so that the database never knows a checkpoint that nobody else has.

Source: approvals-and-evidence §4.
"""

from typing import Protocol

from cutter import custody
from cutter.app.system import SystemClock
from cutter.checkpoints import PAYLOAD_TYPE, Checkpoint
from cutter.custody.checkpoints import CheckpointFiles
from cutter.postgres.ledger import LedgerConnection, read_checkpoints, read_head, rows_of_run
from cutter.report.result import Proof
from cutter.settings import Settings

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class HasLedger(Protocol):
    """A transactor that commits (`postgres.transact.Committing`)."""

    @property
    def ledger(self) -> LedgerConnection:
        """Its connection, as the ledger is read on."""
        ...


def take_checkpoint(settings: Settings, transactor: HasLedger) -> Checkpoint | None:
    """Take a checkpoint at the end of a pass; None when the ledger is empty. Raises as `keep_head`."""
    return keep_head(settings, transactor.ledger)


def keep_head(settings: Settings, ledger: LedgerConnection) -> Checkpoint | None:
    """Sign what the ledger ends with and keep it.

    Returns:
        the checkpoint; None when the ledger is empty.

    Raises:
        Stop: STOP_KEY_UNUSABLE, detail `runner_key`; STOP_LEDGER_BROKEN, detail `no_head`; STOP_PATH_UNSAFE,
            STOP_DISK; STOP_DATABASE_UNREACHABLE.
    """
    key = custody.load_runner_key(settings.credentials)
    with ledger.snapshot() as session:
        head = read_head(session)
    if head.size == 0:
        return None
    at = SystemClock().now().strftime(_MOMENT)
    checkpoint = Checkpoint(log_id=head.log_id, size=head.size, head_sha256=head.sha256, at=at)
    envelope = key.sign(checkpoint.body, PAYLOAD_TYPE)
    checkpoint_files(settings).keep(checkpoint, envelope)
    ledger.keep(checkpoint, envelope)
    return checkpoint


def checkpoint_files(settings: Settings) -> CheckpointFiles:
    """Where checkpoints are kept outside the database."""
    return CheckpointFiles(settings.workspace, settings.state, settings.user_state)


def tell_proof(settings: Settings, transactor: HasLedger, run_id: str) -> Proof:
    """Where a run stands in the ledger, and in which places the newest checkpoint over it is kept."""
    ledger = transactor.ledger
    with ledger.snapshot() as session:
        rows, length = rows_of_run(session, run_id), read_head(session).size
        in_database = [stored.size for stored in read_checkpoints(session)]
    log_id = ledger.target.ledger_log_id
    known = checkpoint_files(settings).known(log_id)
    kept = [found for found in known if found.log_id == log_id and found.size <= length]  # others tell what was lost
    newest = max((found.size for found in kept), default=0)
    places = sorted({found.place.value for found in kept if found.size == newest})
    return Proof(
        ledger_first=rows[0][0],
        ledger_last=rows[-1][0],
        checkpoint_size=newest,
        places=tuple([*places, "database"] if newest in in_database else places),
    )

"""Whether a live run may begin, go on or be ended over this database: not while its ledger was set back.

Rules kept here: asked before anything is written; of what is kept outside, the longest of each place is enough while it
fits: everything else, and what people decided, is read only when it does not. The run by which people decide goes on:
it is told by what it does, not by a flag, and may govern nothing else.

Source: approvals-and-evidence §4 (Rollback), §7 row 29.
"""

from cutter.app.checkpoints import checkpoint_files
from cutter.app.compose import trust_of
from cutter.app.outside import bundle_of, compare_outside, contradiction
from cutter.approval.recovery import RECOVER, set_back
from cutter.custody.signing import GpgSigning
from cutter.model import OperationPhase, Pipeline
from cutter.operation import TargetOperation
from cutter.operations import CATALOGUE
from cutter.postgres.ledger import read_head
from cutter.postgres.transact import Committing, Rehearsing
from cutter.settings import Settings


def check_not_set_back(
    settings: Settings, transactor: Committing | Rehearsing, pipeline: Pipeline | None = None
) -> None:
    """Compare the ledger with what this workspace and this user keep of it.

    With a trust bundle that is not believed nothing is compared: the run is refused for that.

    Args:
        settings: the workspace.
        transactor: the database; no run is entered.
        pipeline: what is to run; None: not known.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `rollback`, `forked`, `checkpoint_signature`; STOP_PATH_UNSAFE, STOP_DISK.
    """
    if pipeline is not None and _only_decides(pipeline):
        return
    trust = trust_of(settings)
    bundle = bundle_of(trust)
    if bundle is None:
        return
    with transactor.survey() as session:
        head = read_head(session)
        longest = checkpoint_files(settings).longest(head.log_id)
        if contradiction(session, head, transactor.target, longest, bundle, ()) is None:
            return
        found = compare_outside(settings, trust, GpgSigning(), transactor.target, session, "")
    if found is not None:
        raise set_back(found)


def _only_decides(pipeline: Pipeline) -> bool:
    """Whether a recovery is all that a pipeline governs."""
    phases = [phase for phase in pipeline.phases if isinstance(phase, OperationPhase)]
    governing = [phase.operation for phase in phases if _governs(phase)]
    return bool(governing) and set(governing) == {RECOVER}


def _governs(phase: OperationPhase) -> bool:
    operation = CATALOGUE.find(phase.operation, phase.version)
    return operation is None or (isinstance(operation, TargetOperation) and bool(operation.governs))

"""`custody.find_rollback@1`: how a database that was set back contradicts what is kept of its ledger outside it.

Rules kept here: what people decided before is settled; the present head is the one before this run, so that the same is
found when the run goes on.

Source: approvals-and-evidence §4 (Rollback).
"""

import msgspec

from cutter.contracts import Setback
from cutter.operation import ReadContext, ReadOperation, Verdict
from cutter.operations.custody.recorded import prove_held
from cutter.stops import Stop, StopCode


class Params(msgspec.Struct, frozen=True):
    """Nothing: the database and what this host keeps of it are all there is to ask."""


class Outcome(Setback, frozen=True, kw_only=True):
    """The setback; `row_count` is the one event that a decision is."""

    row_count: int


def act(context: ReadContext, params: Params) -> Outcome:
    """Compare.

    Raises:
        Stop: STOP_DRIFT, detail `nothing_lost`: there is nothing to recover; STOP_LEDGER_BROKEN, detail
            `checkpoint_signature`; STOP_PATH_UNSAFE, STOP_DISK.
    """
    found = context.find_setback(context.session, context.run_id)
    if found is None:
        raise Stop(StopCode.STOP_DRIFT, detail="nothing_lost", found="0", needed="1")
    return Outcome(**msgspec.structs.asdict(found), row_count=1)


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The ledger still holds the head that was found and the event up to which both agreed."""
    return prove_held(context.session, outcome)


OPERATION = ReadOperation(
    name="custody.find_rollback",
    version=1,
    summary="Compares the ledger with the checkpoints outside the database, and finds what was set back.",
    params=Params,
    outcome=Outcome,
    crosses=(),
    act=act,
    verify=verify,
)

"""`custody.recover_ledger@1`: records what people decided about a ledger that was set back, and why it was.

Rules kept here: nothing but the run's own event says it (`Acted`, with this outcome), and that is believed only with
the signatures on its gate; it settles what was found and nothing that comes later.

Source: approvals-and-evidence §4 (Rollback: `LedgerRecovered`).
"""

from cutter.approval.recovery import Decision
from cutter.operation import Broken, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.operations.custody.recorded import prove_held
from cutter.stops import Stop, StopCode


class Params(Decision, frozen=True, kw_only=True):
    """The setback as it was found, and its cause."""


class Outcome(Decision, frozen=True, kw_only=True):
    """The same: what is settled from now on."""


def act(context: WriteContext, params: Params) -> Outcome:
    """Record the decision. Raises STOP_LEDGER_BROKEN, detail `other_ledger`: the ledger is not what was found."""
    verdict = prove_held(context.surveys, params)
    if isinstance(verdict, Broken):
        raise Stop(StopCode.STOP_LEDGER_BROKEN, detail=verdict.detail, needed=verdict.needed)
    return Outcome(**{name: getattr(params, name) for name in params.__struct_fields__})


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The ledger goes on from what the decision names."""
    return prove_held(context.session, outcome)


OPERATION = TargetOperation(
    name="custody.recover_ledger",
    version=1,
    summary="Records that people settled what was lost when the database was set back, and why it was set back.",
    params=Params,
    outcome=Outcome,
    governs=("cutter_governance.ledger_event",),
    undo=Undo.DECISION,
    crosses=(),
    act=act,
    verify=verify,
)

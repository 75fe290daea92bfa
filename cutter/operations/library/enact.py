"""`library.enact@1`: turns the drafts of a cut into enacted units.

Rules kept here: draft to enacted is the only transition; all units of the change set make it, or none does.

Source: DESIGN §5.1 (enact).
"""

import msgspec

from cutter.contracts import Bind
from cutter.operation import Broken, Held, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.resources import statement


class Params(msgspec.Struct, frozen=True):
    """The change set, and how many units it has."""

    document_id: str
    change_set_id: str
    row_count: int


class Outcome(msgspec.Struct, frozen=True):
    """How many units were enacted."""

    enacted: int


def act(context: WriteContext, params: Params) -> Outcome:
    """Enact.

    Raises:
        Stop: STOP_TRANSITION_UNSUPPORTED when a unit is not a draft; STOP_POLICY_REFUSED when no approval covers it.
    """
    key: Bind = {"change_set": params.change_set_id, "row_count": params.row_count}
    enacted = context.session.rows(_sql("enact_units"), key)[0][0]
    return Outcome(enacted=int(enacted))


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """Every unit of the change set is enacted."""
    found = context.session.answer(_sql("lifecycles"), {"change_set": params.change_set_id})
    if not found["units"] == found["enacted"] == outcome.enacted == params.row_count:
        return Broken("not_enacted", found=str(found["enacted"]), needed=str(params.row_count))
    return Held({"enacted": found["enacted"]})


def _sql(name: str) -> str:
    return statement(f"operations/library/sql/{name}.sql")


OPERATION = TargetOperation(
    name="library.enact",
    version=1,
    summary="Turns the drafts of a cut into enacted units.",
    params=Params,
    outcome=Outcome,
    governs=("library.information_unit",),
    undo=Undo.BACKUP,
    crosses=(),
    act=act,
    verify=verify,
)

"""`sql.execute@1`: calls one function of the user's own schema that writes governed rows, behind gate and backup.

Rules kept here: the statement is one call that stands in the pipeline file, its arguments bound; the function is a
definer of the user's migration with a pinned search path, whose owner is neither a superuser nor a login nor cutter's;
the function itself asks `cutter_governance.fn_require_approval`, so that it writes for nobody else. What comes back is
a number, never text.

What the function wrote is its own to know: `verify` finds only that the marker holds this outcome. A pipeline proves
the rows by `ensure`, inside the transaction, and by a phase of surveys after it.

Source: issue 4, part 9; DESIGN §6 (the wall).
"""

import msgspec

from cutter import canon
from cutter.operation import ANY_TABLE, Broken, Held, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.pipeline.statements import Call, Variables, parse_call
from cutter.resources import statement
from cutter.stops import Stop, StopCode

NAME, VERSION = "sql.execute", 1


class Params(msgspec.Struct, frozen=True):
    """The call, and its variables."""

    statement: Call
    bind: Variables


class Outcome(msgspec.Struct, frozen=True):
    """The number that the function returned: how many rows it wrote."""

    rows: int


def act(context: WriteContext, params: Params) -> Outcome:
    """Call the function.

    Raises:
        Stop: STOP_POLICY_REFUSED when no approval covers it, or with detail `function_unknown`, `not_a_definer`,
            `owner`, `public` when the function is not one that may be called; STOP_WRITE_FAILED with the SQLSTATE that
            the function raised, or detail `no_number` when it returned anything else than one whole number.
    """
    _check_function(context, params)
    rows = context.session.rows(params.statement, params.bind)
    values = [value for row in rows for value in row]
    if len(values) != 1 or type(values[0]) is not int or not 0 <= values[0] <= canon.LARGEST_INTEGER:
        raise Stop(StopCode.STOP_WRITE_FAILED, detail="no_number", needed="one_whole_number")
    return Outcome(rows=values[0])


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """A marker of this run holds the outcome."""
    bind = {"run": context.run_id, "operation": f"{NAME}@{VERSION}", "outcome": canon.encode(outcome).decode()}
    found = context.session.answer(statement("operations/sql/sql/marked_outcome.sql"), bind)
    if not found["same"]:
        return Broken("marker_gone", found=str(found["markers"]), needed=canon.digest(outcome)[:16])
    return Held({"rows": outcome.rows})


def _check_function(context: WriteContext, params: Params) -> None:
    called = parse_call(params.statement)
    if called is None:
        raise Stop(StopCode.STOP_POLICY_REFUSED, detail="not_a_call")
    bind = {"schema": called.schema, "name": called.name}
    found = context.surveys.answer(statement("operations/sql/sql/called_function.sql"), bind)
    refusals = (
        ("function_unknown", not found["functions"]),
        ("not_a_definer", found["definers"] != found["functions"]),
        ("owner", found["owned_above"]),
        ("public", found["public"]),
    )
    for detail, refused in refusals:
        if refused:
            raise Stop(StopCode.STOP_POLICY_REFUSED, detail=detail, where=f"{called.schema}.{called.name}")


OPERATION = TargetOperation(
    name=NAME,
    version=VERSION,
    summary="Calls one function of your own schema that writes governed rows; the statement stands in the pipeline.",
    params=Params,
    outcome=Outcome,
    governs=(ANY_TABLE,),
    undo=Undo.BACKUP,
    crosses=(),
    act=act,
    verify=verify,
)

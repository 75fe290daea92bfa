"""`library.void@1`: takes back a cut whose units are drafts: units and regions go, document, version and run stay.

Rules kept here: what is deleted is what was planned, compared by digest inside the transaction; the markers of the run
that cut are voided with it, so that the same version can be cut again, and a cut that waits at a later gate stops.

Source: DESIGN §5.1 (void).
"""

import msgspec

from cutter.contracts import Bind
from cutter.operation import Broken, Held, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.operations.library.standing import read_standing
from cutter.resources import statement
from cutter.stops import Stop, StopCode


class Params(msgspec.Struct, frozen=True):
    """The change set as it was found: how many units it has, and the digest of their state."""

    document_id: str
    change_set_id: str
    row_count: int
    state_sha256: str


class Outcome(msgspec.Struct, frozen=True):
    """How many units and regions were deleted, and how many markers were voided."""

    units: int
    regions: int
    markers: int


def act(context: WriteContext, params: Params) -> Outcome:
    """Void.

    Raises:
        Stop: STOP_DRIFT, detail `other_cut`, when not the planned rows stand there; STOP_TRANSITION_UNSUPPORTED when a
            unit is not a draft; STOP_POLICY_REFUSED when no approval covers it.
    """
    standing = read_standing(context.surveys, params.change_set_id)
    if standing.state_sha256 != params.state_sha256:
        found, needed = standing.state_sha256[:16], params.state_sha256[:16]
        raise Stop(StopCode.STOP_DRIFT, detail="other_cut", found=found, needed=needed)
    key: Bind = {"change_set": params.change_set_id, "row_count": params.row_count}
    units, regions, markers = context.session.rows(_sql("void_units"), key)[0]
    return Outcome(units=int(units), regions=int(regions), markers=int(markers))


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """No unit of the change set is left, the markers of its run are voided by this one, the version's bytes stay."""
    key: Bind = {"change_set": params.change_set_id, "run": context.run_id}
    found = context.session.answer(_sql("voided_cut"), key)
    if found["units"] or found["status"] != "voided":
        return Broken("units_left", found=str(found["units"]), needed="0")
    if found["markers_in_force"] or found["markers"] != outcome.markers:
        return Broken("markers_left", found=str(found["markers_in_force"]), needed="0")
    if found["versions"] != 1:
        return Broken("version_gone", found=str(found["versions"]), needed="1")
    return Held({"units": 0, "markers": found["markers"]})


def _sql(name: str) -> str:
    return statement(f"operations/library/sql/{name}.sql")


OPERATION = TargetOperation(
    name="library.void",
    version=1,
    summary="Deletes the drafts of a cut and voids its run's markers; document, version and run stay.",
    params=Params,
    outcome=Outcome,
    governs=("library.information_unit", "library.unit_region"),
    undo=Undo.BACKUP,
    crosses=(),
    act=act,
    verify=verify,
)

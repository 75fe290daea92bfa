"""`library.cut_leg_b@1`: binds the units to their source: byte regions, and each unit to its parent.

Rules kept here: the regions are those of the planned cut, made again from the bytes; a parent address that resolves to
no unit refuses the whole phase.

Source: DESIGN §5.1 (cut_leg_b).
"""

import msgspec

from cutter import canon, cutting
from cutter.contracts import Bind
from cutter.operation import Broken, Held, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.operations.library.source import read_source
from cutter.resources import statement
from cutter.stops import Stop, StopCode

STAGE = "region_stage"
STAGE_COLUMNS = ("address", "region_index", "start_byte", "end_byte", "sha256")


class Params(msgspec.Struct, frozen=True):
    """The change set of leg A, and what the plan promised of its regions."""

    document_id: str
    change_set_id: str
    text_sha256: str
    profile: str
    manifest_sha256: str
    row_count: int


class Outcome(msgspec.Struct, frozen=True):
    """How many regions and parents were bound."""

    regions: int
    parents: int
    manifest_sha256: str


def act(context: WriteContext, params: Params) -> Outcome:
    """Bind regions and parents.

    Raises:
        Stop: STOP_PLAN_CHANGED when the cut is not the planned one; STOP_POLICY_REFUSED when no approval covers it.
    """
    source = read_source(context.texts, context.surveys, params.text_sha256)
    made = cutting.cut(source, params.document_id, context.texts.profile(params.profile))
    if cutting.manifest_sha256(made) != params.manifest_sha256:
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="other_cut", needed=params.manifest_sha256[:16])
    context.session.rows(_sql("stage_regions"), {})
    regions = ((unit.address, 0, unit.start, unit.end, unit.sha256) for unit in made.units)
    context.session.copy(STAGE, STAGE_COLUMNS, regions)
    key: Bind = {"change_set": params.change_set_id, "row_count": len(made.units)}
    bound = context.session.rows(_sql("bind_regions"), key)[0][0]
    parents = sum(1 for unit in made.units if unit.parent_address is not None)
    return Outcome(regions=int(bound), parents=parents, manifest_sha256=params.manifest_sha256)


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """Read regions and parents back and compare the manifest digest."""
    key = {"change_set": params.change_set_id}
    found = [list(row) for row in context.session.stream(_sql("bound_regions"), key)]
    digest = canon.digest(found)
    if digest != params.manifest_sha256 or len(found) != outcome.regions:
        return Broken("other_regions", found=digest[:16], needed=params.manifest_sha256[:16])
    parents = context.session.answer(_sql("unbound_parents"), key)
    if parents["unbound"] or parents["bound"] != outcome.parents:
        return Broken("unbound_parents", found=str(parents["bound"]), needed=str(outcome.parents))
    return Held({"regions": len(found), "manifest_sha256": digest})


def _sql(name: str) -> str:
    return statement(f"operations/library/sql/{name}.sql")


OPERATION = TargetOperation(
    name="library.cut_leg_b",
    version=1,
    summary="Binds the units to byte regions of their source and to their parents.",
    params=Params,
    outcome=Outcome,
    governs=("library.unit_region", "library.information_unit"),
    undo=Undo.BACKUP,
    crosses=(),
    act=act,
    verify=verify,
)

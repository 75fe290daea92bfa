"""`library.find_cut@1`: which cut of a document would be voided, and what stands of it, by count and digest.

Rules kept here: only a cut whose units are all drafts can be voided; the outcome binds the plan to the very rows that
will be deleted, and to what is there afterwards: nothing.

Source: DESIGN §5.1 (void).
"""

import difflib

import msgspec

from cutter import cutting
from cutter.contracts import Row
from cutter.operation import Broken, Held, ReadContext, ReadOperation, Verdict
from cutter.operations.library.standing import StandingCut, read_standing
from cutter.resources import statement
from cutter.stops import Stop, StopCode

NEAREST = 3
VOIDED = "voided"


class Params(msgspec.Struct, frozen=True):
    """Whose cut."""

    document_id: str


class Outcome(msgspec.Struct, frozen=True):
    """The cut in force: its change set and run, what stands of it, and the digest of what is left after it is voided.

    `writer_sha256` and `state_sha256` are the writer and expected-after digests of the plan that made the cut, when
    nothing was changed since; `expected_after_sha256` is that of no units.
    """

    change_set_id: str
    cut_run_id: str
    source_version_id: str
    row_count: int
    counts: tuple[tuple[str, int], ...]
    drafts: int
    regions: int
    writer_sha256: str
    state_sha256: str
    expected_after_sha256: str


def act(context: ReadContext, params: Params) -> Outcome:
    """Find the cut.

    Raises:
        Stop: STOP_DOCUMENT_UNKNOWN with the nearest documents that have drafts; STOP_TRANSITION_UNSUPPORTED, detail
            `no_cut` (nothing to void), `enacted` or `not_draft`; STOP_DRIFT, detail `several_cuts` or `units`.
    """
    change_set, run, version, row_count, status = _in_force(context, params)
    if status != "draft":
        raise Stop(StopCode.STOP_TRANSITION_UNSUPPORTED, detail=status, found=change_set, needed="draft")
    standing = read_standing(context.session, change_set)
    _check(standing, row_count)
    return Outcome(
        change_set_id=change_set,
        cut_run_id=run,
        source_version_id=version,
        row_count=row_count,
        counts=standing.counts,
        drafts=standing.drafts,
        regions=standing.regions,
        writer_sha256=standing.writer_sha256,
        state_sha256=standing.state_sha256,
        expected_after_sha256=cutting.rows_sha256(()),
    )


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The same cut stands; or it is voided, as it is when a run that voided it is resumed."""
    found = context.session.rows(_sql("change_set_status"), {"change_set": outcome.change_set_id})
    if found and found[0][0] == VOIDED:
        return Held({"units": 0, VOIDED: True})
    standing = read_standing(context.session, outcome.change_set_id)
    if standing.state_sha256 != outcome.state_sha256:
        return Broken("other_cut", found=standing.state_sha256[:16], needed=outcome.state_sha256[:16])
    return Held({"units": standing.units, VOIDED: False})


def _in_force(context: ReadContext, params: Params) -> Row:
    bind = {"prefix": params.document_id}
    cuts = context.session.rows(_sql("cuts_in_force"), bind)
    if len(cuts) == 1:
        return cuts[0]
    if cuts:
        raise Stop(StopCode.STOP_DRIFT, detail="several_cuts", found=str(len(cuts)), needed="1")
    if context.session.answer(_sql("document_known"), bind)["documents"]:
        raise Stop(StopCode.STOP_TRANSITION_UNSUPPORTED, detail="no_cut", found="none", needed="draft")
    ids = [str(row[0]) for row in context.session.rows(_sql("draft_ids"), {}, limit=100_000)]
    near = difflib.get_close_matches(params.document_id, ids, n=NEAREST, cutoff=0.5)
    raise Stop(StopCode.STOP_DOCUMENT_UNKNOWN, found=params.document_id, suggestions=tuple(near or ids[:NEAREST]))


def _check(standing: StandingCut, row_count: int) -> None:
    if standing.drafts != standing.units:
        found = f"drafts:{standing.drafts}"
        raise Stop(StopCode.STOP_TRANSITION_UNSUPPORTED, detail="not_draft", found=found, needed=str(standing.units))
    if standing.units != row_count:
        raise Stop(StopCode.STOP_DRIFT, detail="units", found=str(standing.units), needed=str(row_count))


def _sql(name: str) -> str:
    return statement(f"operations/library/sql/{name}.sql")


OPERATION = ReadOperation(
    name="library.find_cut",
    version=1,
    summary="Finds the cut of a document that can be voided, and what stands of it by count and digest.",
    params=Params,
    outcome=Outcome,
    crosses=(),
    act=act,
    verify=verify,
)

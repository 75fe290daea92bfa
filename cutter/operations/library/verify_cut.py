"""`library.verify_cut@1`: reads the whole cut back and rebuilds the source from it, byte for byte.

Rules kept here: it writes nothing and trusts nothing that the run said: bodies, regions and addresses come from the
database; the source is hashed from the units' bodies in order, without ever holding it as a whole.

Source: DESIGN §5.1 (verify), guarantee 9.
"""

import hashlib

import msgspec

from cutter import cutting
from cutter.contracts import Bind, Row
from cutter.cutting.digest import DRAFT
from cutter.operation import Broken, Held, ReadContext, ReadOperation, Verdict
from cutter.resources import statement
from cutter.stops import Stop, StopCode


class Params(msgspec.Struct, frozen=True):
    """The change set, and what the plan promised that a fresh session reads back."""

    document_id: str
    change_set_id: str
    text_sha256: str
    expected_after_sha256: str


class Outcome(msgspec.Struct, frozen=True):
    """What was read back: units, and the bytes of the source that they rebuild."""

    units: int
    bytes: int
    expected_after_sha256: str


def act(context: ReadContext, params: Params) -> Outcome:
    """Read the cut back and compare.

    Raises:
        Stop: STOP_VERIFY_FAILED, detail `source` (it is not rebuilt), `regions` (they do not tile it), `unit_body`
            (a body is not its digest) or `expected_after`.
    """
    whole = hashlib.sha256()
    end = 0
    rows = []
    for row in context.session.stream(statement("operations/library/sql/cut_as_read.sql"), _key(params)):
        body = str(row[15]).encode()
        whole.update(body)
        _check_unit(row, body, end)
        end = row[13]
        rows.append(_as_planned(row))
    if whole.hexdigest() != params.text_sha256:
        raise Stop(StopCode.STOP_VERIFY_FAILED, detail="source", found=whole.hexdigest()[:16])
    found = cutting.rows_sha256(rows)
    if found != params.expected_after_sha256:
        raise Stop(
            StopCode.STOP_VERIFY_FAILED,
            detail="expected_after",
            found=found[:16],
            needed=params.expected_after_sha256[:16],
        )
    return Outcome(units=len(rows), bytes=end, expected_after_sha256=found)


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The same, in a session of its own."""
    again = act(context, params)
    if again != outcome:
        return Broken("moved", found=str(again.units), needed=str(outcome.units))
    return Held({"units": again.units, "bytes": again.bytes})


def _as_planned(row: Row) -> cutting.UnitRow:
    """The unit as the plan foretold it: a draft, also when it was enacted since."""
    fields = (*row[:11], DRAFT, ((row[12], row[13], row[14]),))
    return cutting.UnitRow(*fields)


def _check_unit(row: Row, body: bytes, end: int) -> None:
    """Each region begins where the one before ended, is as long as its body, and both digests are the body's."""
    start, stop, region_sha256, body_sha256 = row[12], row[13], row[14], row[10]
    if start != end or stop - start != len(body):
        raise Stop(StopCode.STOP_VERIFY_FAILED, detail="regions", found=f"byte_{start}", needed=f"byte_{end}")
    if not hashlib.sha256(body).hexdigest() == region_sha256 == body_sha256:
        raise Stop(StopCode.STOP_VERIFY_FAILED, detail="unit_body", found=f"byte_{start}")


def _key(params: Params) -> Bind:
    return {"change_set": params.change_set_id}


OPERATION = ReadOperation(
    name="library.verify_cut",
    version=1,
    summary="Reads the cut back in a fresh session and rebuilds the source from it, byte for byte.",
    params=Params,
    outcome=Outcome,
    crosses=(),
    act=act,
    verify=verify,
)

"""`library.cut_leg_a@1`: registers the source and writes its units as drafts, through the canonical writer.

Rules kept here: the text is read by its sha256 and cut again; when that does not give the planned digests, nothing is
written. Rows go by COPY into a staging table that the database makes, and one definer function writes them.

Source: DESIGN §5.1 (cut_leg_a), §6 (the wall).
"""

import uuid
from collections.abc import Iterator

import msgspec

from cutter import canon, cutting
from cutter.contracts import Bind, Row
from cutter.cutting.digest import DRAFT
from cutter.operation import Broken, Held, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.operations.library.source import read_source
from cutter.resources import statement
from cutter.stops import Stop, StopCode

DOCUMENT_NAMESPACE = uuid.UUID("8c7d2b0e-6c6b-5d0c-8c57-6f1d3f2b9a54")
STAGE = "iu_stage"
STAGE_COLUMNS = (
    "unit_id",
    "address",
    "short_address",
    "address_ascii",
    "sort_key",
    "type",
    "rank",
    "num_raw",
    "ordinal",
    "parent_address",
    "heading",
    "body",
    "body_sha256",
)


class Params(msgspec.Struct, frozen=True):
    """The version that was discovered, and what the plan promised of its cut."""

    document_id: str
    source_version_id: str
    version_string: str
    status: str
    text_sha256: str
    profile: str
    manifest_sha256: str
    writer_sha256: str
    row_count: int


class Outcome(msgspec.Struct, frozen=True):
    """The change set with its units. The digest is the planned one, of the rows as they were handed over."""

    change_set_id: str
    units: int
    writer_sha256: str


def act(context: WriteContext, params: Params) -> Outcome:
    """Write source and units.

    Raises:
        Stop: STOP_PLAN_CHANGED when the cut is not the planned one; STOP_POLICY_REFUSED when no approval covers it;
            STOP_ROWS_PRESENT when units of the document are there.
    """
    source = read_source(context.texts, context.surveys, params.text_sha256)
    made = cutting.cut(source, params.document_id, context.texts.profile(params.profile))
    if (cutting.manifest_sha256(made), cutting.writer_sha256(made)) != (params.manifest_sha256, params.writer_sha256):
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="other_cut", needed=params.manifest_sha256[:16])
    _register(context, params, source)
    change_set = context.ids.change_set_id()
    key: Bind = {
        "change_set": change_set,
        "source_version": params.source_version_id,
        "prefix": params.document_id,
        "row_count": len(made.units),
    }
    context.session.rows(_sql("open_change_set"), {**key, "plan_sha256": context.plan_sha256})
    context.session.rows(_sql("stage_units"), {})
    context.session.copy(STAGE, STAGE_COLUMNS, _staged(made, params.source_version_id))
    written = context.session.rows(_sql("create_units"), key)[0][0]
    return Outcome(change_set_id=change_set, units=int(written), writer_sha256=params.writer_sha256)


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """Read the units back and compare the writer digest, their lifecycle aside (enacting comes later)."""
    rows = context.session.stream(_sql("written_units"), {"change_set": outcome.change_set_id})
    found = [[*row, DRAFT] for row in rows]
    digest = canon.digest(found)
    if digest != params.writer_sha256 or len(found) != outcome.units:
        return Broken("other_units", found=digest[:16], needed=params.writer_sha256[:16])
    return Held({"units": len(found), "writer_sha256": digest})


def _register(context: WriteContext, params: Params, source: bytes) -> None:
    listed = [v for v in context.texts.versions(params.document_id) if v.text_sha256 == params.text_sha256]
    title, language = (listed[0].title, listed[0].language) if listed else (params.document_id, "vi")
    document = uuid.uuid5(DOCUMENT_NAMESPACE, f"{context.identity.tenant}/{params.document_id}")
    context.session.rows(
        _sql("register_source"),
        {
            "document": str(document),
            "doc_code": params.document_id,
            "title": title,
            "language": language,
            "version": params.source_version_id,
            "version_string": params.version_string,
            "status": params.status,
            "text": source,
            "text_sha256": params.text_sha256,
        },
    )


def _staged(made: cutting.Cut, source_version_id: str) -> Iterator[Row]:
    namespace = uuid.UUID(source_version_id)
    for unit in made.units:
        yield (
            uuid.uuid5(namespace, unit.address),
            unit.address,
            unit.short_address,
            unit.address_ascii,
            unit.sort_key,
            unit.type,
            unit.rank.value,
            unit.number_raw,
            unit.ordinal,
            unit.parent_address,
            unit.heading,
            unit.body,
            unit.body_sha256,
        )


def _sql(name: str) -> str:
    return statement(f"operations/library/sql/{name}.sql")


OPERATION = TargetOperation(
    name="library.cut_leg_a",
    version=1,
    summary="Registers the source text and writes its units as drafts through the canonical writer.",
    params=Params,
    outcome=Outcome,
    governs=("library.source_document", "library.source_version", "library.information_unit"),
    undo=Undo.BACKUP,
    crosses=(),
    act=act,
    verify=verify,
)

"""`documents.discover@1`: which text a document id means now.

Rules kept here: the library's registry and the workspace's index are merged by the text's sha256, the index's order
being the order of age, versions that only the registry knows being older; `enacted_only` takes only versions in force.
The outcome names no path or origin, so that registering the text later does not move the plan.

Source: DESIGN §5.1 (discover).
"""

import difflib
import uuid
from collections.abc import Sequence

import msgspec

from cutter import canon
from cutter.contracts import SurveySession
from cutter.operation import Broken, Held, ReadContext, ReadOperation, Verdict
from cutter.resources import statement
from cutter.stops import Stop, StopCode

# Ids of versions are derived, so that two runs name the same version alike (RFC 9562 §5.5, UUIDv5).
VERSION_NAMESPACE = uuid.UUID("5b0c1b52-3d5e-5f0a-9a39-2f6f2f0f7c11")
NEAREST = 3


class Params(msgspec.Struct, frozen=True):
    """The document id as the user gave it, and which versions may be taken: `enacted_only` or `all`."""

    document_id: str
    scope: str


class Outcome(msgspec.Struct, frozen=True):
    """The one version that was found. `text_size` is in bytes."""

    document_id: str
    source_version_id: str
    version_string: str
    status: str
    text_sha256: str
    text_size: int


class Version(msgspec.Struct, frozen=True):
    """A version, wherever it is listed."""

    version_string: str
    status: str
    text_sha256: str


def version_id(tenant: str, document_id: str, text_sha256: str) -> str:
    """The id of a source version: the same for the same tenant, document and bytes."""
    return str(uuid.uuid5(VERSION_NAMESPACE, f"{tenant}/{document_id}/{text_sha256}"))


def act(context: ReadContext, params: Params) -> Outcome:
    """Find the newest version that the scope allows.

    Raises:
        Stop: STOP_DOCUMENT_UNKNOWN with the nearest ids; STOP_NO_VERSION_IN_FORCE; STOP_SOURCE_CHANGED,
            STOP_SOURCE_MISSING when its bytes are not what the index says.
    """
    versions = _versions(context, params.document_id)
    if not versions:
        raise Stop(
            StopCode.STOP_DOCUMENT_UNKNOWN,
            found=params.document_id,
            suggestions=_nearest(context, params.document_id),
        )
    allowed = [version for version in versions if params.scope == "all" or version.status == "enacted"]
    if not allowed:
        raise Stop(StopCode.STOP_NO_VERSION_IN_FORCE, found=f"drafts:{len(versions)}")
    newest = allowed[-1]
    return Outcome(
        document_id=params.document_id,
        source_version_id=version_id(context.identity.tenant, params.document_id, newest.text_sha256),
        version_string=newest.version_string,
        status=newest.status,
        text_sha256=newest.text_sha256,
        text_size=_size(context, newest.text_sha256),
    )


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The version is still listed with these bytes."""
    listed = any(version.text_sha256 == outcome.text_sha256 for version in _versions(context, params.document_id))
    if not listed:
        return Broken("version_gone", found="none", needed=outcome.text_sha256[:16])
    return Held({"text_size": _size(context, outcome.text_sha256)})


def _versions(context: ReadContext, document_id: str) -> Sequence[Version]:
    bind = {"document_id": document_id}
    registered = [Version(*row) for row in context.session.rows(_sql("registered_versions"), bind)]
    indexed = [Version(v.version, v.status, v.text_sha256) for v in context.texts.versions(document_id)]
    known = {version.text_sha256 for version in indexed}
    return [version for version in registered if version.text_sha256 not in known] + indexed


def _nearest(context: ReadContext, document_id: str) -> tuple[str, ...]:
    ids = {str(row[0]) for row in context.session.rows(_sql("registered_ids"), {}, limit=100_000)}
    ids.update(context.texts.document_ids())
    near = difflib.get_close_matches(document_id, sorted(ids), n=NEAREST, cutoff=0.5)
    return tuple(near or sorted(ids)[:NEAREST])


def _size(context: ReadContext, text_sha256: str) -> int:
    size = _registered_size(context.session, text_sha256)
    if size is not None:
        return size
    data = context.texts.read(text_sha256)
    if canon.sha256(data) != text_sha256:
        raise Stop(StopCode.STOP_SOURCE_CHANGED)
    return len(data)


def _registered_size(session: SurveySession, text_sha256: str) -> int | None:
    rows = session.rows(_sql("registered_size"), {"text_sha256": text_sha256})
    return int(rows[0][0]) if rows else None


def _sql(name: str) -> str:
    return statement(f"operations/documents/sql/{name}.sql")


OPERATION = ReadOperation(
    name="documents.discover",
    version=1,
    summary="Finds which text a document id means: the newest version that the scope allows.",
    params=Params,
    outcome=Outcome,
    crosses=("library",),
    act=act,
    verify=verify,
)

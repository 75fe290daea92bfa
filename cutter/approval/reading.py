"""From what the knowledge base keeps to what people signed: checks 1 to 3.

Rules kept here: storage is not trusted, so every digest is computed again; a request and what is signed over it are
read strictly; a signature is over exactly the stored request, or is a rejection of exactly it.

Source: approvals-and-evidence §3 (checks 1–3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cutter import canon
from cutter.approval.envelope import pae, read_envelope
from cutter.approval.request import KB_ID, PAYLOAD_TYPE, REJECTION_TYPE, ApprovalRequest, Rejection
from cutter.approval.strict import LIMIT, malformed, read_as
from cutter.contracts import StoredRequest, StoredSignature
from cutter.stops import Stop, StopCode

APPROVAL = "approval"
REJECTION = "rejection"
_PAYLOAD_TYPES = ((APPROVAL, PAYLOAD_TYPE), (REJECTION, REJECTION_TYPE))


@dataclass(frozen=True, slots=True)
class Presented:
    """What was found under an approval id; nothing of it is believed yet."""

    kb_id: str
    request: StoredRequest | None
    signatures: tuple[StoredSignature, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A signature that somebody gave: `signed` are the bytes it must be over, `person` and `login` the giver as the
    database stamped them, `keyid` the primary fingerprint it claims, `sha256` its envelope's digest.
    """

    sha256: str
    kind: str
    keyid: str
    signature: bytes
    signed: bytes
    person: str
    login: str


@dataclass(frozen=True, slots=True)
class Read:
    """A request that is what its digest says, and what was signed over it."""

    kb_id: str
    request: ApprovalRequest
    sha256: str
    offers: tuple[Offer, ...]


def read(presented: Presented) -> Read:
    """Read a request and its signatures.

    Raises:
        Stop: STOP_APPROVAL_NOT_FOUND (check 1: `kb_id`, `no_request`, `size`, `digest`), STOP_APPROVAL_MALFORMED
            (checks 2 and 3: as `strict.read_as` and `envelope.read_envelope`, and `kind`, `signatures`,
            `payload_type`, `other_payload`).
    """
    stored = _find(presented)
    _check_signatures_stored(presented.signatures, stored.sha256)
    request = read_request(stored.body, stored.sha256)
    offers = tuple(_read_offer(signature, stored) for signature in presented.signatures)
    return Read(presented.kb_id, request, stored.sha256, offers)


def read_request(body: bytes, sha256: str) -> ApprovalRequest:
    """Read a request whose digest is known.

    Raises:
        Stop: as `read`.
    """
    _check_stored(body, sha256)
    request = read_as(body, ApprovalRequest)
    roles = [quorum.role for quorum in request.quorum.roles]
    if len(set(roles)) != len(roles) or not all(
        map(_is_time, (request.issued_at, request.approve_by, request.execute_by))
    ):
        raise malformed("wrong_value")
    return request


def moment(text: str) -> datetime:
    """A time as requests write it. Raises ValueError where the calendar has none such."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _is_time(text: str) -> bool:
    try:
        moment(text)
    except ValueError:
        return False
    return True


def _not_found(detail: str, found: str = "", needed: str = "") -> Stop:
    return Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail=detail, found=found, needed=needed, check=1)


def _find(presented: Presented) -> StoredRequest:
    if not KB_ID.fullmatch(presented.kb_id):
        raise _not_found("kb_id", needed="approvals/RUN/GATE/DIGEST")
    stored = presented.request
    if stored is None:
        raise _not_found("no_request", found=presented.kb_id)
    named = presented.kb_id.rsplit("/", 1)[-1]
    if stored.kb_id != presented.kb_id or not stored.sha256.startswith(named):
        raise _not_found("digest", found=stored.sha256[:16], needed=named[:16])
    return stored


def _check_stored(body: bytes, sha256: str) -> None:
    """Check 1 of what is stored under a digest."""
    if len(body) > LIMIT:
        raise _not_found("size", found=str(len(body)), needed=str(LIMIT))
    found = canon.sha256(body)
    if found != sha256:
        raise _not_found("digest", found=found[:16], needed=sha256[:16])


def _check_signatures_stored(signatures: Sequence[StoredSignature], request_sha256: str) -> None:
    for signature in signatures:
        _check_stored(signature.envelope, signature.sha256)
        if signature.request_sha256 != request_sha256:
            raise _not_found("digest", found=signature.request_sha256[:16], needed=request_sha256[:16])


def _read_offer(stored: StoredSignature, request: StoredRequest) -> Offer:
    """Checks 2 and 3 of a signature: one, of the type of its kind, over this request."""
    expected = next((payload_type for kind, payload_type in _PAYLOAD_TYPES if kind == stored.kind), None)
    if expected is None:
        raise malformed("kind")
    envelope = read_envelope(stored.envelope)
    if len(envelope.signatures) != 1:
        raise malformed("signatures")
    if envelope.payload_type != expected:
        raise malformed("payload_type", 3)
    if not _is_over(stored.kind, envelope.payload, request):
        raise malformed("other_payload", 3)
    return Offer(
        sha256=stored.sha256,
        kind=stored.kind,
        keyid=envelope.signatures[0].keyid,
        signature=envelope.signatures[0].sig,
        signed=pae(envelope.payload_type, envelope.payload),
        person=stored.person,
        login=stored.login,
    )


def _is_over(kind: str, payload: bytes, request: StoredRequest) -> bool:
    if kind == REJECTION:
        return read_as(payload, Rejection).request_sha256 == request.sha256
    return payload == request.body

"""Verifying the ledger against everything that knows it, and taking checkpoints of it.

Rules kept here: what is kept outside is read before the database's one snapshot, so that it is never the newer; the
first finding stops, and every finding is exit 60; without a copy outside the database nothing is called whole. Nothing
is repaired, and no event makes a log that was set back good again: that takes the signatures of people.

Source: approvals-and-evidence §4, §7 rows 26–30.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from cutter.app.checkpoints import checkpoint_files, keep_head
from cutter.app.compose import Reached, reach_database, roles_of, trust_of
from cutter.app.outside import believed, bundle_of, read_decisions
from cutter.approval.envelope import pae, read_envelope
from cutter.approval.recovery import as_decided, is_settled
from cutter.approval.request import PAYLOAD_TYPE as REQUEST_TYPE
from cutter.approval.request import REJECTION_TYPE, ApprovalRequest
from cutter.approval.trust import TrustBundle, public_keys
from cutter.checkpoints import (
    Checkpoint,
    Claim,
    Place,
    check_anchored,
    check_claims,
    check_head,
    check_origin,
    check_uses,
    follow,
)
from cutter.contracts import SigningProvider
from cutter.custody.checkpoints import KeptCheckpoint
from cutter.custody.signing import GpgSigning
from cutter.postgres.ledger import (
    StoredBody,
    StoredCheckpoint,
    StoredWitness,
    open_ledger,
    read_checkpoints,
    read_documents,
    read_head,
    read_uses,
    read_witnesses,
    stream_rows,
)
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

_REQUESTS = "approvals/"


class KnownAt(msgspec.Struct, frozen=True):
    """A place that knows the log: how many checkpoints it keeps, and how far the longest reaches."""

    place: str
    checkpoints: int
    size: int


class VerifiedLedger(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger that is what everything outside it says. `anchored` is how far copies outside the database reach;
    `witnesses` is how many persons signed a request that says what the log was; `decisions` how often people settled
    that the database was set back, and `settled` how many checkpoints outside it are lost by that.
    """

    log_id: str
    events: int
    head_sha256: str
    anchored: int
    known: tuple[KnownAt, ...]
    witnesses: int
    decisions: int
    settled: int


def verify_ledger(settings: Settings) -> VerifiedLedger:
    """Hash every event anew and compare the log with all that is known of it.

    Raises:
        Stop: STOP_LEDGER_BROKEN with the finding (`checkpoints.py` lists them); STOP_PATH_UNSAFE, STOP_DISK; what
            connecting raises.
    """
    trust = bundle_of(trust_of(settings))
    return verify_ledger_at(settings, reach_database(settings), trust, GpgSigning())


def verify_ledger_at(
    settings: Settings, reached: Reached, trust: TrustBundle | None, signing: SigningProvider
) -> VerifiedLedger:
    """The same, of a database that was reached; without a bundle that is believed, no checkpoint is either."""
    keys = trust.runner_keys if trust is not None else ()
    with open_ledger(reached.conninfo, roles_of(settings)) as ledger:
        outside = checkpoint_files(settings).known(ledger.target.ledger_log_id)
        with ledger.snapshot() as session:
            head = read_head(session)
            beside = [_beside(item) for item in read_checkpoints(session)]
            known = [believed(item, keys) for item in (*outside, *beside)]
            requests = [_as_request(item) for item in read_documents(session, _REQUESTS)]
            signatures = read_witnesses(session)
            claims = [*known, *map(_seen_by, requests)]
            followed = follow(stream_rows(session), head, {claim.size for claim in claims})
            uses = read_uses(session)
            decisions = read_decisions(session, head, trust, signing)
    settled = [claim for claim in known if is_settled(claim, head.log_id, decisions)]
    known = [claim for claim in known if claim not in settled]
    check_head(head, followed)
    check_origin(as_decided(head, decisions), ledger.target.system_identifier, ledger.target.database_oid)
    check_claims([claim for claim in claims if claim not in settled], head, followed)
    check_uses(uses, followed.opened)
    witnesses = len(_witnesses(requests, signatures, trust, signing)) if trust is not None else 0
    check_anchored([claim.place for claim in known], witnesses)
    return VerifiedLedger(
        log_id=head.log_id,
        events=followed.size,
        head_sha256=followed.sha256,
        anchored=max(claim.size for claim in known if claim.place is not Place.DATABASE),
        known=_places(known),
        witnesses=witnesses,
        decisions=len(decisions),
        settled=len(settled),
    )


def checkpoint_now(settings: Settings) -> Checkpoint | None:
    """Take a checkpoint of the workspace's ledger; None when it is empty. Raises as `keep_head`."""
    with open_ledger(reach_database(settings).conninfo, roles_of(settings)) as ledger:
        return keep_head(settings, ledger)


def _beside(stored: StoredCheckpoint) -> KeptCheckpoint:
    source = f"{Place.DATABASE.value}/{stored.size}"
    return KeptCheckpoint(Place.DATABASE, source, stored.log_id, stored.size, stored.envelope)


def _as_request(stored: StoredBody) -> ApprovalRequest:
    """The request that a document is, and that its id names.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `request_altered`, `where` the id.
    """
    try:
        request = msgspec.json.decode(stored.body, type=ApprovalRequest)
    except msgspec.MsgspecError:
        request = None
    if request is None or request.body != stored.body or request.kb_id != stored.kb_id:
        raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="request_altered", where=stored.kb_id)
    return request


def _seen_by(request: ApprovalRequest) -> Claim:
    seen = request.ledger_seen
    return Claim(Place.REQUEST, request.kb_id, seen.log_id, seen.size, seen.head_sha256)


def _witnesses(
    requests: Sequence[ApprovalRequest],
    signatures: Iterable[StoredWitness],
    trust: TrustBundle,
    signing: SigningProvider,
) -> set[str]:
    """The persons who signed a request, or a no to it: each saw what the ledger was. What gpg does not believe, or
    whose key the bundle does not name, is no witness.
    """
    known = {request.sha256: request for request in requests}
    persons = set()
    for item in signatures:
        if item.request_sha256 in known:
            persons.add(_signer(item, known[item.request_sha256], trust, signing))
    return persons - {""}


def _signer(item: StoredWitness, request: ApprovalRequest, trust: TrustBundle, signing: SigningProvider) -> str:
    """The person whose key signed this over the request; empty when that cannot be believed."""
    try:
        envelope = read_envelope(item.envelope)
    except Stop:
        return ""
    if not _is_about(envelope.payload_type, envelope.payload, request):
        return ""
    signature = envelope.signatures[0]
    owner = trust.owner_of(signature.keyid)
    signed = pae(envelope.payload_type, envelope.payload)
    report = signing.verify(signature.sig, signed, public_keys(trust, signature.keyid))
    believed = not report.refusals and report.primary_fpr == signature.keyid
    return owner.person_id if owner is not None and believed else ""


def _is_about(payload_type: str, payload: bytes, request: ApprovalRequest) -> bool:
    if payload_type == REQUEST_TYPE:
        return payload == request.body
    return payload_type == REJECTION_TYPE and request.sha256.encode() in payload


def _places(known: Sequence[Claim]) -> tuple[KnownAt, ...]:
    counted = Counter(claim.place for claim in known)
    return tuple(
        KnownAt(place.value, count, max(claim.size for claim in known if claim.place is place))
        for place, count in counted.items()
    )

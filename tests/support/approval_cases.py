"""An approval that holds, as values: tests change one thing of it and look at the answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from cutter import canon
from cutter.approval.checks import Approved, Case, Judgement, Moments, Refused, StillWaiting, judge
from cutter.approval.envelope import Envelope, EnvelopeSignature, write_envelope
from cutter.approval.reading import APPROVAL, Presented, read
from cutter.approval.request import (
    PAYLOAD_TYPE,
    REJECTION_TYPE,
    ApprovalRequest,
    LedgerSeen,
    Quorum,
    Rejection,
    RequestTarget,
    Tool,
    TrustedBundle,
)
from cutter.approval.trust import LoadedTrust, Person, TrustBundle, TrustedKey
from cutter.contracts import LedgerHead, SignatureReport, StoredRequest, StoredSignature
from cutter.model import RoleQuorum

RUN_ID = "6f1c2f3e-0a4b-4c5d-8e6f-7a8b9c0d1e2f"
LOG_ID = "5d2f0c9e7b"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SIGNED_AT = int(NOW.timestamp()) - 600
KEYS = {"content": "C" * 40, "form": "F" * 40, "sovereign": "E" * 40, "operator": "0" * 40}
SECOND_KEY = "D" * 40  # the second key of `content`


def person(person_id: str, *roles: str, fprs: Sequence[str] = ()) -> Person:
    """Somebody of tenant `demo`; the role is the name where none is given."""
    return Person(
        person_id=person_id,
        name=person_id,
        keys=tuple(TrustedKey(fpr=fpr, pubkey="QUFB") for fpr in fprs or (KEYS[person_id],)),
        logins=(person_id,),
        roles=roles or (person_id,),
        tenants=("demo",),
        valid_from="2026-01-01T00:00:00Z",
        valid_to="2027-01-01T00:00:00Z",
    )


PEOPLE = (
    person("content", fprs=(KEYS["content"], SECOND_KEY)),
    person("form"),
    person("sovereign"),
    person("operator", "operator", "sovereign"),
)
BUNDLE = TrustBundle(
    version=3,
    expires="2026-12-31T00:00:00Z",
    throwaway=False,
    persons=PEOPLE,
    revoked=(),
    quorums=(),
    runner_keys=(),
    backup_recipients=(),
)
ROLES = (RoleQuorum("content", 1), RoleQuorum("form", 1), RoleQuorum("sovereign", 1))
REQUEST = ApprovalRequest(
    tenant="demo",
    run_id=RUN_ID,
    gate_id="GATE_CUT_AUTHORIZATION",
    gate_index=4,
    pipeline="cut",
    pipeline_sha256="1" * 64,
    plan_sha256="2" * 64,
    outcomes_sha256="3" * 64,
    covers=("library/cut_leg_a", "library/cut_leg_b"),
    lock_key="document:ICX-CONST",
    row_count=289,
    survey_sha256="4" * 64,
    expected_after_sha256="5" * 64,
    fingerprint_pins_sha256="6" * 64,
    backup_policy_sha256="7" * 64,
    review_sha256="8" * 64,
    target=RequestTarget(
        system_identifier="7412345678901234567", database_oid=16384, ledger_log_id=LOG_ID, schema="0009"
    ),
    policy_sha256="9" * 64,
    quorum=Quorum(threshold=3, roles=ROLES),
    requester="operator",
    trust_bundle=TrustedBundle(version=BUNDLE.version, sha256=BUNDLE.sha256),
    issued_at="2026-11-24T07:00:00Z",
    approve_by="2026-11-24T19:00:00Z",
    execute_by="2026-11-24T21:00:00Z",
    nonce="ab" * 16,
    ledger_seen=LedgerSeen(log_id=LOG_ID, size=41, head_sha256="a" * 64),
    tool=Tool(name="cutter", version="0.4.0"),
)


def sign(
    request: ApprovalRequest, giver: str, *, kind: str = APPROVAL, fpr: str = "", sig: bytes = b"\x88signature"
) -> StoredSignature:
    """A stored signature; what gpg says of it is told separately."""
    payload, payload_type = request.body, PAYLOAD_TYPE
    if kind != APPROVAL:
        payload = Rejection(request_sha256=request.sha256, reason_sha256="b" * 64).body
        payload_type = REJECTION_TYPE
    signature = EnvelopeSignature(fpr or KEYS[giver], sig)
    return store(request, kind, write_envelope(Envelope(payload_type, payload, (signature,))), giver)


def store(request: ApprovalRequest, kind: str, envelope: bytes, giver: str = "form") -> StoredSignature:
    """An envelope as the database keeps it."""
    return StoredSignature(request.sha256, canon.sha256(envelope), kind, envelope, giver, giver, NOW)


def present(request: ApprovalRequest, *signatures: StoredSignature) -> Presented:
    """A request with signatures as it is found."""
    stored = StoredRequest(request.kb_id, request.run_id, request.body, request.sha256)
    return Presented(request.kb_id, stored, signatures)


def report(fpr: str, **changes: Any) -> SignatureReport:
    """What gpg says of a good signature by an Ed25519 key."""
    good = SignatureReport(
        refusals=(),
        fpr=fpr,
        primary_fpr=fpr,
        signed_at=SIGNED_AT,
        version=4,
        key_algorithm=22,
        hash_algorithm=10,
        signature_class="00",
        key_bits=255,
        curve="ed25519",
    )
    return msgspec.structs.replace(good, **changes)


def case_of(request: ApprovalRequest, *signed: tuple[StoredSignature, SignatureReport], **changes: Any) -> Case:
    """A case in which everything holds but what is changed."""
    holding = Case(
        read=read(present(request, *(signature for signature, _ in signed))),
        holds=REQUEST,
        trust=LoadedTrust(BUNDLE),
        floor=None,
        reports=tuple(told for _, told in signed),
        executor="operator",
        moments=Moments(NOW, NOW, "2026-11-24T07:30:00.000000Z"),
        seen_sha256=REQUEST.ledger_seen.head_sha256,
        head=LedgerHead(LOG_ID, 50, "c" * 64, "2026-11-24T07:30:00.000000Z"),
        throwaway_allowed=False,
        used=False,
    )
    return replace(holding, **changes)


def signed_by(
    giver: str, request: ApprovalRequest = REQUEST, kind: str = APPROVAL, fpr: str = "", **told: Any
) -> tuple[StoredSignature, SignatureReport]:
    """A signature, and what gpg says of it."""
    key = fpr or KEYS[giver]
    return sign(request, giver, kind=kind, fpr=key), report(key, **told)


def full(**changes: Any) -> Case:
    """A case in which everybody signed whom the gate asks for."""
    request = changes.pop("request", REQUEST)
    return case_of(request, *(signed_by(giver, request) for giver in ("content", "form", "sovereign")), **changes)


def told(judgement: Judgement) -> tuple[str, ...]:
    """A judgement in words: what it is, and the check, stop and detail of a refusal."""
    match judgement:
        case Approved():
            return ("approved",)
        case StillWaiting():
            return ("waiting", *(f"{item.role}:{item.persons}" for item in judgement.missing))
        case Refused():
            stop = judgement.stop
            return ("refused", str(stop.check), stop.code.name, stop.detail)


def judged(case: Case) -> tuple[str, ...]:
    """What is said of a case."""
    return told(judge(case))

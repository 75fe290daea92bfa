"""The approval request: what a gate asks, as the exact bytes that people sign; and the rejection, a signed no.

Rules kept here: the runner writes a request, people only sign it; every field is required, none may be added; a request
is its canonical bytes (RFC 8785), so that its digest names it; integers are below 2^53, times UTC seconds.

Source: approvals-and-evidence §3 (Payload).
"""

import re
from typing import Annotated, Literal

import msgspec

from cutter import canon
from cutter.contracts import Target
from cutter.model import RoleQuorum

PAYLOAD_TYPE = "application/vnd.cutter.approval-request.v1+json"
REJECTION_TYPE = "application/vnd.cutter.rejection.v1+json"
KB_ID = re.compile(r"approvals/[0-9a-f-]{36}/[A-Z][A-Z_]{2,62}/[0-9a-f]{16,64}")
ESCALATION = "GATE_FAILURE_ESCALATION"

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Moment = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")]
Number = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:/@+-]{1,200}\Z")]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of what a request is made of: unknown fields are refused, because one that is ignored could mean no."""


class Quorum(Part, frozen=True, kw_only=True):
    """Who must sign: distinct persons in all, and of each role."""

    threshold: Annotated[int, msgspec.Meta(ge=1, le=99)]
    roles: Annotated[tuple[RoleQuorum, ...], msgspec.Meta(min_length=1)]


class RequestTarget(Part, frozen=True, kw_only=True):
    """Which database is written. `system_identifier` is text (it passes 2^53); `schema` is the last migration."""

    system_identifier: Word
    database_oid: Number
    ledger_log_id: Word
    schema: Word


class TrustedBundle(Part, frozen=True, kw_only=True):
    """Which trust bundle held when the request was written."""

    version: Number
    sha256: Sha256


class LedgerSeen(Part, frozen=True, kw_only=True):
    """The ledger's head before the request: whoever signs becomes a witness of it."""

    log_id: Word
    size: Number
    head_sha256: Sha256


class Tool(Part, frozen=True, kw_only=True):
    """What wrote the request."""

    name: Word
    version: Word


class ApprovalRequest(Part, frozen=True, kw_only=True):
    """The payload (`cutter.approval-request/1`).

    `covers` are the operations up to the next gate; `lock_key` and `row_count` are what they may write: rows of this
    document, this many. `plan_sha256` is the frozen plan, equal at every gate; `outcomes_sha256` is over the outcomes
    since.
    """

    format: Literal["cutter.approval-request/1"] = "cutter.approval-request/1"
    tenant: Word
    run_id: Word
    gate_id: Annotated[str, msgspec.Meta(pattern=r"^GATE_[A-Z][A-Z_]{1,57}\Z")]
    gate_index: Number
    pipeline: Word
    pipeline_sha256: Sha256
    plan_sha256: Sha256
    outcomes_sha256: Sha256
    covers: tuple[Word, ...]
    lock_key: Word
    row_count: Number
    survey_sha256: Sha256
    expected_after_sha256: Sha256
    fingerprint_pins_sha256: Sha256
    backup_policy_sha256: Sha256
    review_sha256: Sha256
    target: RequestTarget
    policy_sha256: Sha256
    quorum: Quorum
    requester: Word
    trust_bundle: TrustedBundle
    issued_at: Moment
    approve_by: Moment
    execute_by: Moment
    max_uses: Literal[1] = 1
    nonce: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
    ledger_seen: LedgerSeen
    tool: Tool

    @property
    def body(self) -> bytes:
        """The canonical bytes that are signed."""
        return canon.encode(self)

    @property
    def sha256(self) -> str:
        """The digest that names the request."""
        return canon.digest(self)

    @property
    def kb_id(self) -> str:
        """Its approval id: where it stands in the knowledge base."""
        return f"approvals/{self.run_id}/{self.gate_id}/{self.sha256[:16]}"


class Rejection(Part, frozen=True, kw_only=True):
    """A signed no (`cutter.rejection/1`): to which request, and the digest of the reason, which is kept elsewhere."""

    format: Literal["cutter.rejection/1"] = "cutter.rejection/1"
    request_sha256: Sha256
    reason_sha256: Sha256

    @property
    def body(self) -> bytes:
        """The canonical bytes that are signed."""
        return canon.encode(self)


def request_target(target: Target) -> RequestTarget:
    """How a request names a database."""
    return RequestTarget(
        system_identifier=target.system_identifier,
        database_oid=target.database_oid,
        ledger_log_id=target.ledger_log_id,
        schema=target.schema,
    )

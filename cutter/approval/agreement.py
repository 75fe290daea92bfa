"""Whether what was signed is what holds now: the policy (check 8), the place (check 10), the contents (check 11).

Rules kept here: a request is compared with the one that would be written now, field by field; every field is in exactly
one of the tables below; a policy that asks for less than was signed is no reason to refuse, one that asks for more is.

Source: approvals-and-evidence §3 (checks 8, 10, 11).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cutter.approval.request import ApprovalRequest, Quorum, RequestTarget
from cutter.stops import Stop, StopCode


@dataclass(frozen=True, slots=True)
class Agreement:
    """A field that must be equal, and what is said when it is not."""

    field: str
    code: StopCode
    detail: str
    check: int


PLACE = (
    Agreement("tenant", StopCode.STOP_APPROVAL_MISMATCH, "wrong_tenant", 10),
    Agreement("run_id", StopCode.STOP_APPROVAL_MISMATCH, "wrong_run", 10),
    Agreement("gate_id", StopCode.STOP_APPROVAL_MISMATCH, "wrong_gate", 10),
    Agreement("gate_index", StopCode.STOP_APPROVAL_MISMATCH, "wrong_gate", 10),
    Agreement("pipeline", StopCode.STOP_APPROVAL_MISMATCH, "wrong_pipeline", 10),
    Agreement("pipeline_sha256", StopCode.STOP_APPROVAL_MISMATCH, "wrong_pipeline", 10),
    Agreement("target", StopCode.STOP_APPROVAL_MISMATCH, "wrong_target", 10),
    Agreement("lock_key", StopCode.STOP_APPROVAL_MISMATCH, "wrong_document", 10),
    Agreement("requester", StopCode.STOP_APPROVAL_MISMATCH, "wrong_requester", 10),
)
CONTENTS = (
    Agreement("plan_sha256", StopCode.STOP_PLAN_CHANGED, "plan", 11),
    Agreement("outcomes_sha256", StopCode.STOP_PLAN_CHANGED, "outcomes", 11),
    Agreement("covers", StopCode.STOP_PLAN_CHANGED, "covers", 11),
    Agreement("row_count", StopCode.STOP_PLAN_CHANGED, "row_count", 11),
    Agreement("expected_after_sha256", StopCode.STOP_PLAN_CHANGED, "expected_after", 11),
    Agreement("survey_sha256", StopCode.STOP_DRIFT, "survey", 11),
    Agreement("fingerprint_pins_sha256", StopCode.STOP_DRIFT, "fingerprint_pins", 11),
    Agreement("backup_policy_sha256", StopCode.STOP_DRIFT, "backup_policy", 11),
)
POLICY = frozenset({"quorum", "policy_sha256"})
# Times are compared as spans, the ledger and the trust bundle as what may only grow; the rest may differ.
FREE = frozenset(
    {"format", "review_sha256", "trust_bundle", "issued_at", "approve_by", "execute_by", "max_uses", "nonce"}
    | {"ledger_seen", "tool"}
)


def compare_place(signed: ApprovalRequest, holds: ApprovalRequest) -> Stop | None:
    """Check 10: the same tenant, run, gate, pipeline, database, document and requester."""
    return _compare(PLACE, signed, holds)


def compare_contents(signed: ApprovalRequest, holds: ApprovalRequest) -> Stop | None:
    """Check 11: the same plan, surveys, fingerprints and backup policy."""
    return _compare(CONTENTS, signed, holds)


def compare_policy(signed: ApprovalRequest, holds: ApprovalRequest) -> Stop | None:
    """Check 8, before anybody is counted: the gate asks for no more than was signed, and nothing else of it moved."""
    asked, now = _terms(signed.quorum), _terms(holds.quorum)
    if any(persons > asked.get(role, 0) for role, persons in now.items()):
        return _policy_changed("quorum", _told(signed.quorum), _told(holds.quorum))
    if asked == now and signed.policy_sha256 != holds.policy_sha256:
        return _policy_changed("policy", _told(signed.policy_sha256), _told(holds.policy_sha256))
    return None


def _compare(agreements: tuple[Agreement, ...], signed: ApprovalRequest, holds: ApprovalRequest) -> Stop | None:
    for item in agreements:
        found, needed = getattr(signed, item.field), getattr(holds, item.field)
        if found != needed:
            return Stop(item.code, item.detail, found=_told(found), needed=_told(needed), check=item.check)
    return None


def _terms(quorum: Quorum) -> dict[str, int]:
    return {"": quorum.threshold} | {item.role: item.persons for item in quorum.roles}


def _policy_changed(detail: str, found: str, needed: str) -> Stop:
    return Stop(StopCode.STOP_POLICY_CHANGED, detail, found=found, needed=needed, check=8)


def _told(value: Any) -> str:
    """A value as a token that a screen and an event can hold."""
    match value:
        case RequestTarget():
            parts = (value.system_identifier, str(value.database_oid), value.ledger_log_id, value.schema)
            return "/".join(parts)[:200]
        case Quorum():
            return tokens([str(value.threshold), *(f"{item.role}:{item.persons}" for item in value.roles)])
        case tuple():
            return tokens(value)
        case str() if len(value) == 64:
            return value[:16]
        case _:
            return str(value)


def tokens(words: Iterable[str]) -> str:
    """Words as one token, as many of them as an event can hold."""
    text = ""
    for word in words:
        longer = f"{text}+{word}" if text else word
        if len(longer) > 200:
            break
        text = longer
    return text

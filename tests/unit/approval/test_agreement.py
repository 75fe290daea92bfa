"""What was signed against what holds: every field of a request, one at a time."""

from typing import Any

import msgspec
import pytest

from cutter.approval import agreement
from cutter.approval.checks import Approved, judge
from cutter.approval.request import ApprovalRequest, Quorum
from cutter.model import RoleQuorum
from tests.support.approval_cases import REQUEST, ROLES, full, judged

FIELDS = tuple(field.name for field in msgspec.structs.fields(ApprovalRequest))

MISMATCH, PLAN, DRIFT = "STOP_APPROVAL_MISMATCH", "STOP_PLAN_CHANGED", "STOP_DRIFT"
APPROVED: tuple[str, ...] = ("approved",)
# What is said when exactly this field is another one now.
ANSWERS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "tenant": ("other", ("10", MISMATCH, "wrong_tenant")),
    "run_id": ("00000000-0000-4000-8000-000000000000", ("10", MISMATCH, "wrong_run")),
    "gate_id": ("GATE_LIFECYCLE_ENACT_AUTHORIZATION", ("10", MISMATCH, "wrong_gate")),
    "gate_index": (9, ("10", MISMATCH, "wrong_gate")),
    "pipeline": ("void", ("10", MISMATCH, "wrong_pipeline")),
    "pipeline_sha256": ("f" * 64, ("10", MISMATCH, "wrong_pipeline")),
    "target": (
        msgspec.structs.replace(REQUEST.target, system_identifier="7499"),
        ("10", MISMATCH, "wrong_target"),
    ),
    "lock_key": ("document:ICX-LAND", ("10", MISMATCH, "wrong_document")),
    "requester": ("form2", ("10", MISMATCH, "wrong_requester")),
    "plan_sha256": ("f" * 64, ("11", PLAN, "plan")),
    "outcomes_sha256": ("f" * 64, ("11", PLAN, "outcomes")),
    "covers": ((*REQUEST.covers, "library/enact"), ("11", PLAN, "covers")),
    "row_count": (290, ("11", PLAN, "row_count")),
    "expected_after_sha256": ("f" * 64, ("11", PLAN, "expected_after")),
    "survey_sha256": ("f" * 64, ("11", DRIFT, "survey")),
    "fingerprint_pins_sha256": ("f" * 64, ("11", DRIFT, "fingerprint_pins")),
    "backup_policy_sha256": ("f" * 64, ("11", DRIFT, "backup_policy")),
    "policy_sha256": ("f" * 64, ("8", "STOP_POLICY_CHANGED", "policy")),
    "quorum": (Quorum(threshold=4, roles=ROLES), ("8", "STOP_POLICY_CHANGED", "quorum")),
    # What may differ, because another check bounds it or because it only tells who wrote it.
    "review_sha256": ("f" * 64, APPROVED),
    "trust_bundle": (msgspec.structs.replace(REQUEST.trust_bundle, version=9, sha256="f" * 64), APPROVED),
    "issued_at": ("2026-11-24T06:00:00Z", APPROVED),
    "nonce": ("ef" * 16, APPROVED),
    "ledger_seen": (msgspec.structs.replace(REQUEST.ledger_seen, size=50, head_sha256="f" * 64), APPROVED),
    "tool": (msgspec.structs.replace(REQUEST.tool, version="9.9.9"), APPROVED),
    # The spans that these two make are the policy's maximum.
    "approve_by": ("2026-11-24T09:00:00Z", ("12", "STOP_APPROVAL_EXPIRED", "span")),
    "execute_by": ("2026-11-24T20:00:00Z", ("12", "STOP_APPROVAL_EXPIRED", "span")),
}
# Fields that have one value: a request with another is not read.
CONSTANT = ("format", "max_uses")


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in CONSTANT])
def test_each_field_is_compared(field: str) -> None:
    """Without it a field could be added that people sign and nobody compares."""
    value, expected = ANSWERS[field]
    holds = msgspec.structs.replace(REQUEST, **{field: value})
    assert getattr(holds, field) != getattr(REQUEST, field)

    found = judged(full(holds=holds))

    assert found == (expected if expected == APPROVED else ("refused", *expected))


def test_each_field_stands_in_one_table() -> None:
    """Without it a field could be left out of the comparison without anybody deciding so."""
    compared = [item.field for item in (*agreement.PLACE, *agreement.CONTENTS)]
    assert sorted([*compared, *agreement.POLICY, *agreement.FREE]) == sorted(FIELDS)


PARTS = {
    "system_identifier": "1",
    "database_oid": 1,
    "ledger_log_id": "1",
    "schema": "0001",
}


@pytest.mark.parametrize("part", [field.name for field in msgspec.structs.fields(type(REQUEST.target))])
def test_each_part_of_the_target_is_compared(part: str) -> None:
    """Without it an approval for a clone of the database would be taken for one of the database."""
    target = msgspec.structs.replace(REQUEST.target, **{part: PARTS[part]})
    holds = msgspec.structs.replace(REQUEST, target=target)
    assert judged(full(holds=holds)) == ("refused", "10", MISMATCH, "wrong_target")


def test_a_policy_that_asks_for_less_refuses_nothing() -> None:
    """Without it a run would stop where its office made the gate easier."""
    strict = Quorum(threshold=3, roles=(*ROLES[:2], RoleQuorum("sovereign", 2)))
    request = msgspec.structs.replace(REQUEST, quorum=strict)
    holds = msgspec.structs.replace(REQUEST, policy_sha256="f" * 64)
    assert isinstance(judge(full(request=request, holds=holds)), Approved)


HIGHER = {
    "more in all": Quorum(threshold=4, roles=ROLES),
    "more of a role": Quorum(threshold=3, roles=(*ROLES[:2], RoleQuorum("sovereign", 2))),
    "a role more": Quorum(threshold=3, roles=(*ROLES, RoleQuorum("archive", 1))),
    "more of one role, fewer of another": Quorum(threshold=3, roles=(ROLES[0], RoleQuorum("form", 2))),
}


@pytest.mark.parametrize("name", HIGHER)
def test_a_policy_that_asks_for_more_is_told(name: str) -> None:
    """Without it people would have signed less than the gate asks for now."""
    holds = msgspec.structs.replace(REQUEST, quorum=HIGHER[name], policy_sha256="f" * 64)
    assert judged(full(holds=holds)) == ("refused", "8", "STOP_POLICY_CHANGED", "quorum")


def test_what_differs_is_told_in_tokens() -> None:
    """Without it the screen of a refusal could not say what was signed and what holds."""
    changed = msgspec.structs.replace(REQUEST, covers=("a" * 150, "b" * 150), plan_sha256=REQUEST.plan_sha256)
    stop = agreement.compare_contents(REQUEST, changed)
    assert stop is not None
    assert (stop.found, stop.needed) == ("+".join(REQUEST.covers), "a" * 150)

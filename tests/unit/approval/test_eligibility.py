"""Who may sign, as it is told before they do."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from cutter.approval.eligibility import check_signer, count_signed, usable_keys
from cutter.approval.request import ApprovalRequest, LedgerSeen, Quorum, RequestTarget, Tool, TrustedBundle
from cutter.approval.trust import Person, RevokedKey, TrustBundle, TrustedKey
from cutter.contracts import Identity
from cutter.model import RoleQuorum
from cutter.stops import Stop, StopCode

DIGEST = "a" * 64
FPR = "A" * 40
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

REQUEST = ApprovalRequest(
    tenant="demo",
    run_id="0f8fad5b-d9cb-469f-a165-70867728950e",
    gate_id="GATE_X",
    gate_index=4,
    pipeline="cut",
    pipeline_sha256=DIGEST,
    plan_sha256=DIGEST,
    outcomes_sha256=DIGEST,
    covers=("library.cut_leg_a@1",),
    lock_key="X",
    row_count=3,
    survey_sha256=DIGEST,
    expected_after_sha256=DIGEST,
    fingerprint_pins_sha256=DIGEST,
    backup_policy_sha256=DIGEST,
    review_sha256=DIGEST,
    target=RequestTarget(system_identifier="1", database_oid=1, ledger_log_id="log", schema="0001"),
    policy_sha256=DIGEST,
    quorum=Quorum(threshold=2, roles=(RoleQuorum("form", 1), RoleQuorum("sovereign", 1))),
    requester="an",
    trust_bundle=TrustedBundle(version=1, sha256=DIGEST),
    issued_at="2026-11-21T10:00:00Z",
    approve_by="2026-11-22T10:00:00Z",
    execute_by="2026-11-23T10:00:00Z",
    nonce="0" * 32,
    ledger_seen=LedgerSeen(log_id="log", size=1, head_sha256=DIGEST),
    tool=Tool(name="cutter", version="1"),
)


def person(name: str, *roles: str, **other: Any) -> Person:
    """Somebody with a key of their own and the login of their name."""
    said: dict[str, Any] = {
        "person_id": name,
        "name": name,
        "keys": (TrustedKey(fpr=f"{name.encode().hex().upper():0<40}", pubkey="AAAA"),),
        "logins": (name,),
        "roles": roles,
        "tenants": ("demo",),
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": "2027-01-01T00:00:00Z",
    }
    return Person(**{**said, **other})


BUNDLE = TrustBundle(
    version=1,
    expires="2027-01-01T00:00:00Z",
    throwaway=False,
    persons=(
        person("an", "sovereign"),
        person("binh", "sovereign", "form"),
        person("cuong", "form"),
        person("dung", "content"),
        person("early", "form", valid_from="2026-12-01T00:00:00Z"),
        person("gone", "form", valid_to="2026-11-01T00:00:00Z"),
        person("keyless", "form", keys=()),
        person("lost", "form"),
        person("foreign", "form", tenants=("other",)),
    ),
    revoked=(
        RevokedKey(
            fpr=person("lost").keys[0].fpr,
            since="2026-11-01T00:00:00Z",
            reason_code="lost",
        ),
    ),
    quorums=(),
    runner_keys=(),
    backup_recipients=(),
)

REFUSED: dict[str, tuple[Identity, str]] = {
    "nobody": (Identity("nobody", "demo", "nobody"), "unknown_person"),
    "another login": (Identity("cuong2", "demo", "cuong"), "wrong_login"),
    "another tenant's login": (Identity("cuong", "other", "cuong"), "wrong_tenant"),
    "a person of another tenant": (Identity("foreign", "demo", "foreign"), "wrong_tenant"),
    "another role": (Identity("dung", "demo", "dung"), "wrong_role"),
    "who asked": (Identity("an", "demo", "an"), "self_approval"),
    "too early": (Identity("early", "demo", "early"), "not_valid_now"),
    "who has left": (Identity("gone", "demo", "gone"), "not_valid_now"),
    "without a key": (Identity("keyless", "demo", "keyless"), "no_key"),
    "with a revoked key only": (Identity("lost", "demo", "lost"), "no_key"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_who_could_not_count_is_told_before_they_sign(name: str) -> None:
    """A signature that counts for nothing costs a refusal of the run, and people their patience."""
    identity, detail = REFUSED[name]
    with pytest.raises(Stop) as refused:
        check_signer(REQUEST, BUNDLE, identity, NOW)

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_SIGNER_REFUSED, detail)


def test_who_can_sign_is_who_the_database_knows() -> None:
    """The person comes from the login, not from what anybody says."""
    assert check_signer(REQUEST, BUNDLE, Identity("cuong", "demo", "cuong"), NOW).person_id == "cuong"


def test_who_asked_may_say_no() -> None:
    """A no by somebody with a listed role stops the run, whoever asked for it."""
    assert check_signer(REQUEST, BUNDLE, Identity("an", "demo", "an"), NOW, rejecting=True).person_id == "an"


def test_a_refusal_names_who_could_sign_instead() -> None:
    """The next thing that anybody asks is: who, then?"""
    with pytest.raises(Stop) as refused:
        check_signer(REQUEST, BUNDLE, Identity("an", "demo", "an"), NOW)

    assert {"binh", "cuong"} <= set(refused.value.suggestions)
    assert "an" not in refused.value.suggestions


@pytest.mark.parametrize("field", ["approve_by", "execute_by"])
def test_what_has_ended_is_not_signed(field: str) -> None:
    """Silence means no: nobody should sign what cannot be used any more."""
    ended = msgspec.structs.replace(REQUEST, **{field: "2026-11-21T11:59:59Z"})
    with pytest.raises(Stop) as refused:
        check_signer(ended, BUNDLE, Identity("cuong", "demo", "cuong"), NOW)

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_APPROVAL_EXPIRED, field)


def test_keys_that_were_revoked_are_left_out() -> None:
    """A second key goes on when the first was lost."""
    fresh = TrustedKey(fpr=FPR, pubkey="AAAA")
    lost = next(p for p in BUNDLE.persons if p.person_id == "lost")

    assert usable_keys(msgspec.structs.replace(lost, keys=(*lost.keys, fresh)), BUNDLE) == (FPR,)


COUNTS: dict[str, tuple[tuple[str, ...], dict[str, int]]] = {
    "nobody yet": ((), {"form": 1, "sovereign": 1}),
    "one": (("cuong",), {"sovereign": 1}),
    "both": (("cuong", "binh"), {}),
    "one person twice": (("cuong", "cuong"), {"sovereign": 1}),
    "who asked": (("an", "cuong"), {"sovereign": 1}),
    "a stranger": (("nobody", "cuong"), {"sovereign": 1}),
}


@pytest.mark.parametrize("name", COUNTS)
def test_what_is_missing_counts_persons(name: str) -> None:
    """What is shown as missing must be what the checks will say: by person, each for one role, without who asked."""
    persons, missing = COUNTS[name]

    assert {quorum.role: quorum.persons for quorum in count_signed(REQUEST, BUNDLE, persons).missing} == missing

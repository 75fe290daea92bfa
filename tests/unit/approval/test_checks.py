"""The checks of an approval, one row for each reason to refuse, and what is said where nothing refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from cutter.approval.checks import Approved, Case, Moments, Refused, StillWaiting, check_trust, judge
from cutter.approval.reading import REJECTION
from cutter.approval.request import ApprovalRequest, Quorum
from cutter.approval.trust import GateQuorum, LoadedTrust, Person, RevokedKey
from cutter.chain import token
from cutter.contracts import LedgerHead, SignatureReport, StoredSignature, TrustFloor
from cutter.model import RoleQuorum
from cutter.stops import Exit, StopCode
from tests.support.approval_cases import (
    BUNDLE,
    KEYS,
    LOG_ID,
    NOW,
    PEOPLE,
    REQUEST,
    ROLES,
    SECOND_KEY,
    SIGNED_AT,
    case_of,
    full,
    judged,
    person,
    signed_by,
)

Signed = tuple[StoredSignature, SignatureReport]


def _request(**changes: Any) -> ApprovalRequest:
    return msgspec.structs.replace(REQUEST, **changes)


def _bundle(**changes: Any) -> LoadedTrust:
    """A trust bundle with other fields; the request names another version, so that it may."""
    return LoadedTrust(msgspec.structs.replace(BUNDLE, **{"version": 4, **changes}))


def _people(*changed: Person) -> LoadedTrust:
    ids = {item.person_id for item in changed}
    return _bundle(persons=(*changed, *(item for item in PEOPLE if item.person_id not in ids)))


def _changed(person_id: str, **changes: Any) -> LoadedTrust:
    return _people(msgspec.structs.replace(next(item for item in PEOPLE if item.person_id == person_id), **changes))


def _instead(bad: Signed, **changes: Any) -> Case:
    """Content and form signed well; in place of the sovereign's signature there is this one."""
    return case_of(REQUEST, signed_by("content"), signed_by("form"), bad, **changes)


def _sovereign(**told: Any) -> Case:
    return _instead(signed_by("sovereign", **told))


def _moments(host: int = 0, database: int = 0, ledger_last: str = "2026-11-24T07:30:00.000000Z") -> Moments:
    """Clocks that differ by seconds from the case's."""
    return Moments(NOW + timedelta(seconds=host), NOW + timedelta(seconds=database), ledger_last)


def _at(seconds: int) -> Moments:
    return _moments(seconds, seconds)


def _head(log_id: str = LOG_ID, size: int = 50) -> LedgerHead:
    return LedgerHead(log_id, size, "c" * 64, "2026-11-24T07:30:00.000000Z")


def _rejected(giver: str, trust: LoadedTrust | None = None, **told: Any) -> Case:
    """Everybody signed, and one signed a no."""
    signed = [signed_by(name) for name in ("content", "form", "sovereign")]
    return case_of(REQUEST, *signed, signed_by(giver, kind=REJECTION, **told), trust=trust or LoadedTrust(BUNDLE))


OTHER = (GateQuorum(gate_id="GATE_OTHER", roles=(RoleQuorum("form", 1),)),)
TWO_LATE = (signed_by("content"), signed_by("form"), signed_by("sovereign", signed_at=SIGNED_AT + 12 * 3600))
HOURS = 3600
ISSUED = SIGNED_AT + 600 - HOURS

TRUST, SIGNATURE, SIGNER = "STOP_TRUST_REFUSED", "STOP_SIGNATURE_REFUSED", "STOP_SIGNER_REFUSED"
CLOCK, EXPIRED, LEDGER = "STOP_CLOCK_UNSAFE", "STOP_APPROVAL_EXPIRED", "STOP_LEDGER_BROKEN"
REJECTED = "STOP_APPROVAL_REJECTED"

REFUSED: dict[str, tuple[Callable[[], Case], int, str, str]] = {
    # 4: the trust bundle
    "no bundle": (lambda: full(trust=LoadedTrust(None)), 4, TRUST, "trust_missing"),
    "no bundle, told so": (lambda: full(trust=LoadedTrust(None, "trust_missing")), 4, TRUST, "trust_missing"),
    "a malformed bundle": (lambda: full(trust=LoadedTrust(None, "trust_malformed")), 4, TRUST, "trust_malformed"),
    "too few roots": (lambda: full(trust=LoadedTrust(BUNDLE, "trust_root")), 4, TRUST, "trust_root"),
    "no gpg": (lambda: full(trust=LoadedTrust(BUNDLE, "gpg_failed")), 4, TRUST, "gpg_failed"),
    "expired": (lambda: full(trust=_bundle(expires="2026-11-24T07:59:59Z")), 4, TRUST, "trust_expired"),
    "older than the floor": (lambda: full(floor=TrustFloor(4, "0" * 64)), 4, TRUST, "trust_rollback"),
    "another of the floor's version": (lambda: full(floor=TrustFloor(3, "0" * 64)), 4, TRUST, "trust_rollback"),
    "older than the request's": (lambda: full(trust=_bundle(version=2)), 4, TRUST, "trust_rollback"),
    "another of the request's version": (
        lambda: full(trust=_bundle(version=3, quorums=OTHER)),
        4,
        TRUST,
        "trust_rollback",
    ),
    "throw-away keys": (lambda: full(trust=_bundle(throwaway=True)), 4, TRUST, "throwaway_keys"),
    # 5: what gpg says
    **{
        f"gpg says {word}": ((lambda word=word: _sovereign(refusals=(word,))), 5, SIGNATURE, word)  # type: ignore[misc]
        for word in (
            "sig_bad",
            "sig_expired",
            "key_expired",
            "key_revoked",
            "key_unknown",
            "sig_multiple",
            "gpg_failed",
        )
    },
    # 6: how it was made
    "SHA-1": (lambda: _sovereign(hash_algorithm=2), 6, SIGNATURE, "sig_weak"),
    "SHA-224": (lambda: _sovereign(hash_algorithm=11), 6, SIGNATURE, "sig_weak"),
    "version 3": (lambda: _sovereign(version=3), 6, SIGNATURE, "sig_weak"),
    "text mode": (lambda: _sovereign(signature_class="01"), 6, SIGNATURE, "sig_class"),
    "RSA of 2048 bits": (lambda: _sovereign(key_algorithm=1, key_bits=2048, curve=""), 6, SIGNATURE, "sig_weak"),
    "DSA": (lambda: _sovereign(key_algorithm=17, key_bits=3072, curve=""), 6, SIGNATURE, "sig_weak"),
    "another curve": (lambda: _sovereign(key_algorithm=19, curve="secp256k1"), 6, SIGNATURE, "sig_weak"),
    "a NIST curve for EdDSA": (lambda: _sovereign(curve="nistp256"), 6, SIGNATURE, "sig_weak"),
    "nothing said": (
        lambda: _instead((signed_by("sovereign")[0], SignatureReport(refusals=()))),
        6,
        SIGNATURE,
        "sig_class",
    ),
    "from before the request": (lambda: _sovereign(signed_at=ISSUED - 301), 6, SIGNATURE, "sig_time"),
    "from the future": (lambda: _sovereign(signed_at=SIGNED_AT + 901), 6, SIGNATURE, "sig_time"),
    "from beyond the calendar": (lambda: _sovereign(signed_at=10**30), 6, SIGNATURE, "sig_time"),
    # 7: whose it is
    "a key of nobody": (lambda: _sovereign(primary_fpr="9" * 40), 7, SIGNER, "signer_unknown"),
    "a key of somebody else than named": (
        lambda: _instead(signed_by("sovereign", primary_fpr=KEYS["operator"])),
        7,
        SIGNER,
        "keyid",
    ),
    "a revoked key": (lambda: full(trust=_revoked(KEYS["sovereign"])), 7, SIGNER, "key_revoked"),
    "a revoked subkey": (
        lambda: _instead(_subkey(), trust=_revoked("9" * 40)),
        7,
        SIGNER,
        "key_revoked",
    ),
    "a key of two persons": (
        lambda: full(trust=_people(person("twin", "form", fprs=(KEYS["sovereign"],)))),
        7,
        SIGNER,
        "key_shared",
    ),
    "not in office any more": (
        lambda: full(trust=_changed("sovereign", valid_to="2026-11-24T07:55:00Z")),
        7,
        SIGNER,
        "not_valid",
    ),
    "not in office when it was signed": (
        lambda: full(trust=_changed("sovereign", valid_from="2026-11-24T07:55:00Z")),
        7,
        SIGNER,
        "not_valid",
    ),
    "of another tenant": (lambda: full(trust=_changed("sovereign", tenants=("other",))), 7, SIGNER, "wrong_tenant"),
    "of another role": (lambda: full(trust=_changed("sovereign", roles=("archive",))), 7, SIGNER, "wrong_role"),
    "of no role": (lambda: full(trust=_changed("sovereign", roles=())), 7, SIGNER, "wrong_role"),
    "brought by nobody listed": (lambda: _instead(_brought("sovereign", "stranger")), 7, SIGNER, "giver_unknown"),
    # 8: who may count
    "by who asked": (lambda: _instead(signed_by("operator")), 8, SIGNER, "self_approval"),
    "by who runs": (lambda: full(executor="sovereign"), 8, SIGNER, "self_approval"),
    "by who asked, by what holds": (lambda: full(holds=_request(requester="sovereign")), 8, SIGNER, "self_approval"),
    "handed in by who asked": (lambda: _instead(_brought("sovereign", "operator")), 8, SIGNER, "self_given"),
    # 9: a no
    "a no": (lambda: _rejected("content"), 9, REJECTED, "rejected"),
    "a no by who runs": (lambda: _rejected("operator"), 9, REJECTED, "rejected"),
    "a no by a role that the office lists": (
        lambda: _rejected("archive", _office("archive"), fpr="7" * 40),
        9,
        REJECTED,
        "rejected",
    ),
    "a no before the others signed": (
        lambda: case_of(REQUEST, signed_by("form", kind=REJECTION)),
        9,
        REJECTED,
        "rejected",
    ),
    "a no among bad signatures": (
        lambda: case_of(REQUEST, signed_by("form", kind=REJECTION), signed_by("content", refusals=("sig_bad",))),
        9,
        REJECTED,
        "rejected",
    ),
    "a no where the policy moved": (
        lambda: replace(_rejected("content"), holds=_request(policy_sha256="f" * 64)),
        9,
        REJECTED,
        "rejected",
    ),
    # 12: clocks, spans and ends
    "the host is late": (lambda: full(moments=_moments(host=-301)), 12, CLOCK, "clock_skew"),
    "the host is early": (lambda: full(moments=_moments(host=301)), 12, CLOCK, "clock_skew"),
    "the ledger is from the future": (
        lambda: full(moments=_moments(ledger_last="2026-11-24T08:05:01.000000Z")),
        12,
        CLOCK,
        "clock_rollback",
    ),
    "more time to sign than the policy gives": (
        lambda: full(request=_request(approve_by="2026-11-24T19:00:01Z", execute_by="2026-11-24T21:00:01Z")),
        12,
        EXPIRED,
        "span",
    ),
    "more time to execute than the policy gives": (
        lambda: full(request=_request(execute_by="2026-11-24T21:00:01Z")),
        12,
        EXPIRED,
        "span",
    ),
    "an end before the beginning": (
        lambda: full(request=_request(approve_by="2026-11-24T06:59:59Z")),
        12,
        EXPIRED,
        "span",
    ),
    "the last signature that was needed is late": (
        lambda: case_of(REQUEST, *TWO_LATE, moments=_at(12 * HOURS)),
        12,
        EXPIRED,
        "approve_by",
    ),
    "nobody signed in time": (lambda: case_of(REQUEST, moments=_at(11 * HOURS + 1)), 12, EXPIRED, "approve_by"),
    "too few signed in time, and one badly": (
        lambda: replace(_sovereign(refusals=("sig_bad",)), moments=_at(11 * HOURS + 1)),
        12,
        EXPIRED,
        "approve_by",
    ),
    "too late to execute": (lambda: full(moments=_at(13 * HOURS + 1)), 12, EXPIRED, "execute_by"),
    "too late by the database's clock": (
        lambda: full(moments=_moments(13 * HOURS - 60, 13 * HOURS + 1)),
        12,
        EXPIRED,
        "execute_by",
    ),
    # 13: the ledger
    "another ledger": (lambda: full(head=_head(log_id="other")), 13, LEDGER, "other_log"),
    "a shorter ledger": (lambda: full(head=_head(size=40)), 13, LEDGER, "truncated"),
    "another ledger at that size": (lambda: full(seen_sha256="0" * 64), 13, LEDGER, "forked"),
    "nothing at that size": (lambda: full(seen_sha256=""), 13, LEDGER, "forked"),
    # 14, as far as it is known before
    "used before": (lambda: full(used=True), 14, "STOP_APPROVAL_CONSUMED", "used"),
}


def _revoked(fpr: str) -> LoadedTrust:
    return _bundle(revoked=(RevokedKey(fpr=fpr, since="2026-11-24T07:59:00Z", reason_code="lost"),))


def _unsaid() -> Signed:
    return signed_by("sovereign")[0], SignatureReport(refusals=())


def _subkey() -> Signed:
    signature, told = signed_by("sovereign")
    return signature, msgspec.structs.replace(told, fpr="9" * 40)


def _brought(giver: str, by: str) -> Signed:
    """A signature that somebody else than its maker handed in."""
    signature, told = signed_by(giver)
    return msgspec.structs.replace(signature, person=by, login=by), told


def _office(role: str) -> LoadedTrust:
    """A bundle whose office lists one more role for the gate, with a person who has it."""
    quorum = GateQuorum(gate_id=REQUEST.gate_id, roles=(RoleQuorum(role, 1),))
    return _bundle(persons=(*PEOPLE, person(role, fprs=("7" * 40,))), quorums=(quorum,))


@pytest.mark.parametrize("name", REFUSED)
def test_each_reason_refuses(name: str) -> None:
    """Without it the check of this reason could be taken out and nobody would notice."""
    case, check, code, detail = REFUSED[name]

    found = judge(case())

    assert isinstance(found, Refused)
    assert (found.stop.check, found.stop.code.name, found.stop.detail) == (check, code, detail)
    exits = {TRUST, SIGNATURE, SIGNER, REJECTED}
    assert found.stop.code.exit is (Exit.APPROVAL_REFUSED if code in exits else StopCode[code].exit)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_told_can_stand_in_an_event(name: str) -> None:
    """Without it the ledger would keep a refusal without what was found."""
    stop = judge(REFUSED[name][0]())
    assert isinstance(stop, Refused)
    for word in (stop.stop.found, stop.stop.needed, *stop.stop.suggestions):
        assert token(word) == word


EXITS = {CLOCK: 31, EXPIRED: 12, LEDGER: 60, TRUST: 11, SIGNATURE: 11, SIGNER: 11, REJECTED: 11}


@pytest.mark.parametrize("code", EXITS)
def test_each_stop_has_the_exit_of_the_table(code: str) -> None:
    """Without it a script could not tell a refused approval from a broken ledger."""
    assert int(StopCode[code].exit) == EXITS[code]


HOLDS: dict[str, Callable[[], Case]] = {
    "everybody signed": full,
    "a newer bundle than the request's": lambda: full(trust=_bundle()),
    "the floor is this bundle": lambda: full(floor=TrustFloor(3, BUNDLE.sha256)),
    "the floor is lower": lambda: full(floor=TrustFloor(2, "0" * 64)),
    "throw-away keys of a demo": lambda: full(trust=_bundle(throwaway=True), throwaway_allowed=True),
    "the bundle's last second": lambda: full(trust=_bundle(expires="2026-11-24T08:00:00Z")),
    "RSA of 3072 bits": lambda: _sovereign(key_algorithm=1, key_bits=3072, curve=""),
    "a NIST curve": lambda: _sovereign(key_algorithm=19, key_bits=256, curve="nistp256"),
    "SHA-256": lambda: _sovereign(hash_algorithm=8),
    "as early as is allowed": lambda: _sovereign(signed_at=ISSUED - 300),
    "as late as is allowed": lambda: _sovereign(signed_at=SIGNED_AT + 900),
    "by a subkey": lambda: _instead(_subkey()),
    "imported by somebody listed": lambda: _instead(_brought("sovereign", "form")),
    "clocks 300 seconds apart": lambda: full(moments=_moments(host=-300)),
    "a ledger without events": lambda: full(moments=_moments(ledger_last="")),
    "the ledger 300 seconds ahead": lambda: full(moments=_moments(ledger_last="2026-11-24T08:05:00.000000Z")),
    "the last second to execute": lambda: full(moments=_at(13 * HOURS)),
    "less time than the policy gives": lambda: full(request=_request(execute_by="2026-11-24T20:00:00Z")),
    "the ledger did not grow": lambda: full(head=_head(size=41)),
    "a bad signature beside enough good ones": lambda: _beside(signed_by("form", refusals=("sig_bad",))),
    "who asked signed beside enough others": lambda: _beside(signed_by("operator")),
    "a late signature beside enough others": lambda: _late_beside(),
    "a no by a role that is not listed": lambda: _no_by_stranger(),
    "a no whose signature is bad": lambda: _rejected("content", refusals=("sig_bad",)),
}


def _beside(further: Signed, **changes: Any) -> Case:
    signed = [signed_by(giver) for giver in ("content", "form", "sovereign")]
    return case_of(REQUEST, further, *signed, **changes)


def _late_beside() -> Case:
    """Somebody with two roles signed after the end; those who were needed signed before."""
    late = person("late", "form", "sovereign", fprs=("7" * 40,))
    further = signed_by("late", fpr="7" * 40, signed_at=SIGNED_AT + 12 * HOURS)
    return _beside(further, trust=_people(late), moments=_at(12 * HOURS))


def _no_by_stranger() -> Case:
    return _rejected("archive", _people(person("archive", fprs=("7" * 40,))), fpr="7" * 40)


@pytest.mark.parametrize("name", HOLDS)
def test_what_holds_is_approved(name: str) -> None:
    """Without it the checks could refuse what people rightly signed."""
    assert judged(HOLDS[name]()) == ("approved",)


def test_an_approval_names_who_was_counted_for_what() -> None:
    """Without it nobody could say afterwards who let the run through."""
    found = judge(full())
    assert isinstance(found, Approved)
    counted = [(item.person_id, item.role, item.fpr) for item in found.counted]
    assert sorted(counted) == [(name, name, KEYS[name]) for name in ("content", "form", "sovereign")]
    assert (found.request, found.sha256, found.kb_id) == (REQUEST, REQUEST.sha256, REQUEST.kb_id)


REPORTED: dict[str, tuple[Callable[[], Case], tuple[str, str]]] = {
    "a bad signature": (lambda: _beside(signed_by("form", refusals=("sig_bad",), fpr=SECOND_KEY)), ("form", "sig_bad")),
    "who asked": (lambda: _beside(signed_by("operator")), ("operator", "self_approval")),
    "one person again": (lambda: _beside(signed_by("content", fpr=SECOND_KEY)), ("content", "same_person")),
    "a role that is not listed": (_no_by_stranger, ("archive", "wrong_role")),
}


@pytest.mark.parametrize("name", REPORTED)
def test_what_did_not_count_is_reported(name: str) -> None:
    """Without it somebody would believe that their signature counted."""
    case, expected = REPORTED[name]
    found = judge(case())
    assert isinstance(found, Approved)
    assert [(item.person_id, item.detail) for item in found.reported] == [expected]
    assert len(found.counted) == 3


TWO = _request(quorum=Quorum(threshold=2, roles=(RoleQuorum("content", 2),)))
LESS = Quorum(threshold=2, roles=ROLES[:2])
WAITING: dict[str, tuple[Callable[[], Case], tuple[str, ...], tuple[str, ...]]] = {
    "nobody signed": (lambda: case_of(REQUEST), ("content:1", "form:1", "sovereign:1"), ()),
    "one is missing": (
        lambda: case_of(REQUEST, signed_by("form"), signed_by("sovereign")),
        ("content:1",),
        ("form", "sovereign"),
    ),
    "one person, two keys": (
        lambda: case_of(TWO, signed_by("content", TWO), signed_by("content", TWO, fpr=SECOND_KEY), holds=TWO),
        ("content:1",),
        ("content",),
    ),
    "a role less is asked for now, and as many persons": (
        lambda: case_of(REQUEST, signed_by("content"), signed_by("form"), holds=_request(quorum=LESS)),
        ("any:1",),
        ("content", "form"),
    ),
}


@pytest.mark.parametrize("name", WAITING)
def test_too_few_signatures_wait(name: str) -> None:
    """Without it a run would be refused, or go on, before its people had their say."""
    case, missing, signed = WAITING[name]
    found = judge(case())
    assert isinstance(found, StillWaiting)
    assert tuple(f"{item.role}:{item.persons}" for item in found.missing) == missing
    assert tuple(sorted(found.signed)) == signed


def test_what_could_not_be_used_any_more_is_not_waited_for() -> None:
    """Without it people would go on signing a plan that is no longer the run's."""
    assert judged(case_of(REQUEST, holds=_request(plan_sha256="f" * 64))) == (
        "refused",
        "11",
        "STOP_PLAN_CHANGED",
        "plan",
    )


def test_persons_of_several_roles_are_counted_where_they_are_needed() -> None:
    """Without it whoever signed first would take the place that only another could fill."""
    trust = _changed("content", roles=("form", "content"))
    signed = (signed_by("content", signed_at=SIGNED_AT - 60), signed_by("form"), signed_by("sovereign"))
    found = judge(case_of(REQUEST, *signed, trust=trust))
    assert isinstance(found, Approved)
    assert {item.person_id: item.role for item in found.counted}["content"] == "content"


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Without it people would mend one signature after another."""
    bad = (signed_by("operator"), signed_by("form", refusals=("key_expired",)), signed_by("content", hash_algorithm=2))
    found = judge(case_of(REQUEST, *bad))
    assert isinstance(found, Refused)
    rows = ("operator:self_approval", "form:key_expired", "content:sig_weak")
    assert (found.stop.check, found.stop.detail, found.stop.suggestions) == (5, "key_expired", rows)
    assert (found.stop.found, found.stop.needed) == ("+".join(rows), "content:1+form:1+sovereign:1")
    assert [item.detail for item in found.reported] == ["self_approval", "key_expired", "sig_weak"]


def test_a_signature_counts_for_the_owner_of_the_key() -> None:
    """Without it whoever hands in a colleague's signature could be counted for it."""
    found = judge(_instead(_brought("sovereign", "form")))
    assert isinstance(found, Approved)
    assert {item.person_id for item in found.counted} == {"content", "form", "sovereign"}


def test_who_runs_cannot_hand_in_their_own_under_another_login() -> None:
    """Without it the login that the database stamped would hide whose key it is."""
    signature, told = _brought("operator", "form")
    assert judged(_instead((signature, told)))[3] == "self_approval"


def _beside_bad(**told: Any) -> Case:
    """A bad signature of check 6, and, where no more is told, one of check 5."""
    first = signed_by("form", refusals=("sig_bad",)) if len(told) == 1 else signed_by("form")
    return case_of(REQUEST, first, signed_by("sovereign", **told))


# Each case fails the check that it is for, and the one after it too.
ORDER: dict[int, Callable[[], Case]] = {
    4: lambda: replace(_sovereign(refusals=("sig_bad",)), trust=LoadedTrust(None)),
    5: lambda: _beside_bad(hash_algorithm=2),
    6: lambda: _beside_bad(hash_algorithm=2, primary_fpr="9" * 40),
    7: lambda: replace(_sovereign(primary_fpr="9" * 40), holds=_request(run_id="other")),
    8: lambda: full(holds=_request(policy_sha256="f" * 64, run_id="other")),
    9: lambda: replace(_rejected("content"), holds=_request(run_id="other")),
    10: lambda: full(holds=_request(run_id="other", plan_sha256="f" * 64)),
    11: lambda: full(holds=_request(plan_sha256="f" * 64), moments=_moments(host=999)),
    12: lambda: full(moments=_moments(host=999), head=_head(size=1)),
    13: lambda: full(head=_head(size=1), used=True),
}


@pytest.mark.parametrize("check", ORDER)
def test_the_first_check_that_fails_is_told(check: int) -> None:
    """Without it people would mend what does not matter yet."""
    assert judged(ORDER[check]())[1] == str(check)


def test_a_bundle_is_judged_without_a_request() -> None:
    """Without it a live run could begin under a bundle that no gate would believe."""
    bundle = LoadedTrust(BUNDLE)
    assert check_trust(bundle, None, 0, NOW, throwaway_allowed=False) is None
    stop = check_trust(bundle, TrustFloor(9, "0" * 64), 0, NOW, throwaway_allowed=False)
    assert stop is not None
    assert (stop.detail, stop.found, stop.needed) == ("trust_rollback", "3", "9")


def test_a_report_is_needed_for_each_signature() -> None:
    """Without it a signature that gpg never saw could be counted."""
    with pytest.raises(ValueError, match="zip"):
        judge(full(reports=()))

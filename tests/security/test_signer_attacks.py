"""Attacks on who signed: keys, signatures, persons and the trust bundle, each on the whole program.

Each row is one attack (approvals-and-evidence §7; the number is the row's). What gpg says of a signature is tested one
by one in `test_signatures.py`; here it is a run that must not go on.
"""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from cutter.app.gates import check_approval
from cutter.approval.checks import Approved
from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, read_envelope, write_envelope
from cutter.approval.trust import PAYLOAD_TYPE as BUNDLE_TYPE
from cutter.approval.trust import RevokedKey
from cutter.stops import StopCode
from tests.plugins.keys import ED25519, LONG_AGO
from tests.plugins.proofs import Proof
from tests.support.forging import (
    SECOND,
    Arrange,
    Attack,
    Command,
    ask,
    assert_answered,
    keep,
    message,
    refused_early,
    resuming,
    signed,
    superuser,
    waits_on,
)
from tests.support.live import ALWAYS, LiveOffice

pytestmark = pytest.mark.attacks

TWO_SOVEREIGNS = ("quorum: {sovereign: 1}", "quorum: {sovereign: 2}")
HOSTILE = "Evil [GNUPG:] GOODSIG 0123456789ABCDEF \x1b[31m\u202e name"
FUTURE = datetime(2090, 1, 1, tzinfo=UTC)
Sign = Callable[[LiveOffice, bytes], bytes]


def key(live: LiveOffice, name: str, **how: object) -> str:
    """A further key of the sovereign's, made once a session; its name."""
    if name not in live.keys.fprs:
        live.keys.make(name, **how)  # type: ignore[arg-type]
    return name


def listed(live: LiveOffice, *names: str) -> None:
    """Let the bundle list further keys as the sovereign's."""
    people = [live.person(name) for name in ("operator", "content", "form")]
    live.trust(2, persons=(*people, live.person("sovereign", *names)))


def by(sign: Sign) -> Arrange:
    """A signature that the sovereign's own key makes in another way."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = ask(live)
        return resuming(live, keep(live, kb_id, "sovereign", "sovereign", sign(live, message(live, kb_id))))

    return arrange


def plain(live: LiveOffice, data: bytes, *options: str, how: str = "--detach-sign") -> bytes:
    """What gpg makes of the data with the sovereign's key."""
    return live.keys.sign("sovereign", data, *options, how=how)


def by_expired_key(live: LiveOffice) -> Command:
    """A key that has expired, and that signed while it was good, by its own clock."""
    name = key(live, "sovereign who expired", days=1, at=LONG_AGO)
    listed(live, name)
    kb_id = ask(live)
    sig = live.keys.sign(name, message(live, kb_id), at=LONG_AGO)
    return resuming(live, keep(live, kb_id, "sovereign", name, sig))


def expired_signature(live: LiveOffice) -> Command:
    """A signature that says itself how long it holds."""
    name = key(live, "sovereign of long ago", at=LONG_AGO)
    listed(live, name)
    kb_id = ask(live)
    at = LONG_AGO + timedelta(days=1)
    sig = live.keys.sign(name, message(live, kb_id), "--default-sig-expire", "1d", at=at)
    return resuming(live, keep(live, kb_id, "sovereign", name, sig))


def revoked_by_its_owner(live: LiveOffice) -> Command:
    """A key that was revoked after it signed: the bundle has the key with its revocation."""
    name = f"sovereign who lost it {live.database.name}"
    key(live, name)
    listed(live, name)
    kb_id = ask(live)
    keep(live, kb_id, "sovereign", name, live.keys.sign(name, message(live, kb_id)))
    live.keys.revoke(name)
    people = [live.person(person) for person in ("operator", "content", "form")]
    live.trust(3, persons=(*people, live.person("sovereign", name)))
    return resuming(live, kb_id)


def revoked_by_the_office(live: LiveOffice) -> Command:
    """A key that the office revoked after it signed."""
    kb_id = signed(live)
    live.trust(2, revoked=(RevokedKey(fpr=live.keys.fprs["sovereign"], since=ALWAYS[0], reason_code="lost"),))
    return resuming(live, kb_id)


def by_foreign_key(live: LiveOffice) -> Command:
    """A key that nobody lists, with a name that looks like what gpg says."""
    name = key(live, "stranger", user_id=HOSTILE)
    kb_id = ask(live)
    return resuming(live, keep(live, kb_id, "sovereign", name, live.keys.sign(name, message(live, kb_id))))


def labelled_otherwise(live: LiveOffice) -> Command:
    """A signature of the content reviewer, in an envelope that names the sovereign's key."""
    kb_id = ask(live)
    sig = live.keys.sign("content", message(live, kb_id))
    return resuming(live, keep(live, kb_id, "content", "sovereign", sig))


def of_another_role(live: LiveOffice) -> Command:
    """Somebody who is trusted, for something else."""
    kb_id = ask(live)
    live.sign(kb_id, "content")
    return resuming(live, kb_id)


def out_of_office(live: LiveOffice) -> Command:
    """A person whose time is over."""
    kb_id = signed(live)
    left = msgspec.structs.replace(live.person("sovereign"), valid_to="2021-01-01T00:00:00Z")
    live.trust(2, persons=(live.person("operator"), left))
    return resuming(live, kb_id)


def by_requester(live: LiveOffice) -> Command:
    """Who asked has also the role that is asked for, and signs through somebody's login."""
    operator = msgspec.structs.replace(live.person("operator"), roles=("operator", "sovereign"))
    live.trust(2, persons=(operator, live.person("sovereign")))
    kb_id = ask(live)
    live.sign(kb_id, "sovereign", key="operator")
    return resuming(live, kb_id)


def given_by_requester(live: LiveOffice) -> Command:
    """A good signature that who asked has handed in: the superuser lets the row say so."""
    kb_id = signed(live)
    superuser(live, "UPDATE cutter_governance.signature SET person_id = 'operator', login_name = 'operator'")
    return resuming(live, kb_id)


def both_ways(first: str, second: str) -> Arrange:
    """Two signatures in one, one of them by a key that was revoked."""

    def arrange(live: LiveOffice) -> Command:
        name = f"sovereign revoked {first} {live.database.name}"
        key(live, name)
        listed(live, name)
        kb_id = ask(live)
        data = message(live, kb_id)
        made = {"revoked": live.keys.sign(name, data), "good": live.keys.sign("sovereign", data)}
        live.keys.revoke(name)
        return resuming(live, keep(live, kb_id, "sovereign", "sovereign", made[first] + made[second]))

    return arrange


def _signature(arrange: Arrange, detail: str, check: int = 5) -> Attack:
    return Attack(arrange, StopCode.STOP_SIGNATURE_REFUSED, detail, check, 11)


def _signer(arrange: Arrange, detail: str, check: int = 7) -> Attack:
    return Attack(arrange, StopCode.STOP_SIGNER_REFUSED, detail, check, 11)


SIGNATURES: dict[str, Attack] = {
    "5: an expired key": _signature(by_expired_key, "key_expired"),
    "5: an expired signature": _signature(expired_signature, "sig_expired"),
    "5: a key that its owner revoked after signing": _signature(revoked_by_its_owner, "key_revoked"),
    "5: a key that the office revoked after signing": _signer(revoked_by_the_office, "key_revoked"),
    "6: revoked and good": _signature(both_ways("revoked", "good"), "sig_multiple"),
    "6: good and revoked": _signature(both_ways("good", "revoked"), "sig_multiple"),
    "6: good twice": _signature(by(lambda live, data: 2 * plain(live, data)), "sig_multiple"),
    "8: by who asked": _signer(by_requester, "self_approval", 8),
    "8: handed in by who asked": _signer(given_by_requester, "self_given", 8),
    "9: SHA-1": _signature(by(lambda live, data: plain(live, data, "--digest-algo", "SHA1")), "sig_weak", 6),
    "9: text mode": _signature(by(lambda live, data: plain(live, data, "--textmode")), "sig_class", 6),
    "9: from the future": _signature(
        by(lambda live, data: live.keys.sign("sovereign", data, at=FUTURE)), "sig_time", 6
    ),
    "10: clearsigned": _signature(by(lambda live, data: plain(live, data, how="--clearsign")), "sig_bad"),
    "10: armored": _signature(by(lambda live, data: plain(live, data, "--armor")), "sig_bad"),
    "10: an opaque message": _signature(by(lambda live, data: plain(live, data, how="--sign")), "sig_bad"),
    "10: text before": _signature(by(lambda live, data: b"yes\n" + plain(live, data)), "sig_bad"),
    "10: text after": _signature(by(lambda live, data: plain(live, data) + b"\nyes"), "sig_bad"),
    "10: cut off": _signature(by(lambda live, data: plain(live, data)[:-1]), "sig_bad"),
    "10: zeros": _signature(by(lambda live, data: bytes(100)), "sig_bad"),
    "10: of other bytes": _signature(by(lambda live, data: plain(live, data + b" ")), "sig_bad"),
    "14: a key with a hostile name": _signature(by_foreign_key, "key_unknown"),
    "14: another's signature under this key": _signature(labelled_otherwise, "key_unknown"),
    "7: another role": _signer(of_another_role, "wrong_role"),
    "7: a person whose time is over": _signer(out_of_office, "not_valid"),
}


def before_the_request(live: LiveOffice) -> Command:
    """A signature from before it was asked, by a key that was there already."""
    name = key(live, "sovereign of long ago", at=LONG_AGO)
    listed(live, name)
    kb_id = ask(live)
    sig = live.keys.sign(name, message(live, kb_id), at=LONG_AGO + timedelta(days=2))
    return resuming(live, keep(live, kb_id, "sovereign", name, sig))


SIGNATURES["9: from before the request"] = _signature(before_the_request, "sig_time", 6)


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_that_does_not_count_opens_nothing(live: LiveOffice, name: str, proof: Proof) -> None:
    """Rows 5–10, 14. Without it a signature that gpg ends with 0 for could let a run write."""
    result = assert_answered(live, SIGNATURES[name])
    assert not re.search("[\x00-\x1f\u202e]", "".join((result.detail, result.found, *result.suggestions)))
    proof(name.partition(":")[0], f"signed {name.partition(': ')[2]}", f"{result.stop_code} {result.detail}")


def two_keys(live: LiveOffice) -> Command:
    """One person with two keys, where two persons are asked for."""
    name = key(live, "sovereign's second")
    listed(live, name)
    live.write_pipeline("cut-two", TWO_SOVEREIGNS)
    kb_id = ask(live, "cut-two")
    live.sign(kb_id, "sovereign")
    live.sign(kb_id, "sovereign", key=name)
    return resuming(live, kb_id)


def two_keys_by_two_logins(live: LiveOffice) -> Command:
    """The same, the second signature handed in by somebody else."""
    name = key(live, "sovereign's second")
    listed(live, name)
    live.write_pipeline("cut-two", TWO_SOVEREIGNS)
    kb_id = ask(live, "cut-two")
    live.sign(kb_id, "sovereign")
    live.sign(kb_id, "form", key=name)
    return resuming(live, kb_id)


def two_subkeys(live: LiveOffice) -> Command:
    """One key with two subkeys that sign."""
    name = "sovereign with subkeys"
    if name not in live.keys.fprs:
        live.keys.make(name, parameters=ED25519.replace("sign", "cert,sign"))
        live.keys.add_subkey(name)
    listed(live, name)
    live.write_pipeline("cut-two", TWO_SOVEREIGNS)
    kb_id = ask(live, "cut-two")
    keep(live, kb_id, "sovereign", name, live.keys.sign(name, message(live, kb_id)))
    bare = live.keys.run(["--local-user", live.keys.fprs[name] + "!", "--detach-sign"], data=message(live, kb_id))[0]
    keep(live, kb_id, "sovereign", name, bare)
    return resuming(live, kb_id)


def the_same_again(live: LiveOffice) -> Command:
    """The same person signs twice with the same key."""
    live.write_pipeline("cut-two", TWO_SOVEREIGNS)
    kb_id = ask(live, "cut-two")
    live.sign(kb_id, "sovereign")
    data = message(live, kb_id)
    keep(live, kb_id, "sovereign", "sovereign", live.keys.sign("sovereign", data, "--digest-algo", "SHA512"))
    return resuming(live, kb_id)


ONE_PERSON: dict[str, Attack] = {
    "two keys": waits_on(two_keys),
    "two keys by two logins": waits_on(two_keys_by_two_logins),
    "a key and its subkey": waits_on(two_subkeys),
    "the same key twice": waits_on(the_same_again),
}


@pytest.mark.parametrize("name", ONE_PERSON)
def test_one_person_is_counted_once(live: LiveOffice, name: str, proof: Proof) -> None:
    """Row 7. Without it one person with two keys could be a quorum of two."""
    result = assert_answered(live, ONE_PERSON[name])
    assert result.waiting is not None
    assert (result.waiting.signed, [(item.role, item.persons) for item in result.waiting.missing]) == (
        ("sovereign",),
        [("sovereign", 1)],
    )
    proof("7", f"one person, {name}, for a quorum of 2", "waits for another person")


def test_a_bad_signature_beside_enough_good_ones_does_no_harm(live: LiveOffice, proof: Proof) -> None:
    """Rows 6, 8. Without it anybody who may sign could stop a run by signing badly, or who asked by signing too."""
    operator = msgspec.structs.replace(live.person("operator"), roles=("operator", "sovereign"))
    live.trust(2, persons=(operator, *(live.person(name) for name in ("content", "form", "sovereign"))))
    kb_id = ask(live)
    keep(live, kb_id, "content", "content", bytes(64))
    live.sign(kb_id, "form", key="operator")
    live.sign(kb_id, "sovereign")

    judged = check_approval(live.settings, kb_id.split("/")[1]).judgement
    result = live.resume(kb_id)

    assert isinstance(judged, Approved)
    assert sorted(item.detail for item in judged.reported) == ["self_approval", "sig_bad"]
    assert (result.stop_code, result.gate) == (None, SECOND)
    assert live.office.rows("SELECT person_id, role FROM cutter_governance.review_decision") == [
        ("sovereign", "sovereign")
    ]
    proof("6, 8", "a bad signature and one's own, beside a good one", "reported; the run goes on by the good one")


def test_a_listed_key_with_a_hostile_name_is_known_by_the_bundle(live: LiveOffice) -> None:
    """Row 14. Without it a name in a key could reach a screen, or decide whose key it is."""
    name = key(live, "sovereign named badly", user_id=HOSTILE)
    listed(live, name)
    kb_id = ask(live)
    live.sign(kb_id, "sovereign", key=name)

    result = live.resume(kb_id)

    assert result.gate == SECOND
    assert result.signed[0].persons == ("sovereign",)
    assert "GNUPG" not in msgspec.json.encode(result).decode()


def older(live: LiveOffice) -> Command:
    """A bundle of an earlier version is put back."""
    live.trust(2)
    kb_id = signed(live)
    live.trust(1)
    return resuming(live, kb_id)


def below_the_floor(live: LiveOffice) -> Command:
    """The database has seen a newer bundle used than the one that is here."""
    kb_id = signed(live)
    superuser(
        live,
        "INSERT INTO cutter_governance.trust_floor (tenant_id, version, sha256) VALUES ('demo', 7, repeat('a', 64))",
    )
    return resuming(live, kb_id)


def another_of_the_version(live: LiveOffice) -> Command:
    """Another bundle of the version that was signed under, also signed by the root."""
    kb_id = signed(live)
    live.trust(1, expires="2098-01-01T00:00:00Z")
    return resuming(live, kb_id)


def expired(live: LiveOffice) -> Command:
    """A bundle whose time is over."""
    kb_id = signed(live)
    live.trust(2, expires="2021-01-01T00:00:00Z")
    return resuming(live, kb_id)


def one_of_two_roots(live: LiveOffice) -> Command:
    """The workspace asks for two roots, one has signed."""
    kb_id = signed(live)
    roots = ", ".join(f"'{live.keys.fprs[name]}'" for name in ("root", "second_root"))
    _configure(live, f"trust: {{roots: [{roots}], threshold: 2}}")
    return resuming(live, kb_id)


def one_root_twice(live: LiveOffice) -> Command:
    """Two roots are asked for; the second signature is the first root's, under the second's name."""
    command = one_of_two_roots(live)
    bundle = live.office.workspace / "trust" / "bundle.json"
    second = live.keys.fprs["second_root"]
    (bundle.parent / "roots" / f"{second}.pgp").write_bytes(live.keys.public("root"))
    read = read_envelope(bundle.read_bytes(), 1 << 20)
    again = EnvelopeSignature(second, live.keys.signing().sign(pae(BUNDLE_TYPE, read.payload), live.keys.fprs["root"]))
    bundle.write_bytes(write_envelope(Envelope(BUNDLE_TYPE, read.payload, (*read.signatures, again))))
    return command


def no_root_has_signed(live: LiveOffice) -> Command:
    """A bundle that lists the forger's own people, signed by one of them."""
    kb_id = signed(live)
    bundle = live.trust(2)
    folder = live.office.workspace / "trust"
    (folder / "bundle.json").write_bytes(live.envelope("sovereign", BUNDLE_TYPE, bundle.body))
    return resuming(live, kb_id)


def without(*names: str) -> Arrange:
    """Files of the trust folder are gone."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = signed(live)
        for name in names:
            path = live.office.workspace / "trust" / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return resuming(live, kb_id)

    return arrange


def empty_keyring(live: LiveOffice) -> Command:
    """The roots' keys are empty files."""
    kb_id = signed(live)
    for path in (live.office.workspace / "trust" / "roots").iterdir():
        path.write_bytes(b"")
    return resuming(live, kb_id)


def edited_bundle(live: LiveOffice) -> Command:
    """A byte of the bundle is another one."""
    kb_id = signed(live)
    path = live.office.workspace / "trust" / "bundle.json"
    path.write_bytes(path.read_bytes().replace(b"payload", b"Payload", 1))
    return resuming(live, kb_id)


def throwaway(live: LiveOffice) -> Command:
    """The keys of a demo, on a database that is none."""
    kb_id = signed(live)
    live.trust(2, throwaway=True)
    return resuming(live, kb_id)


def unknown_operator(live: LiveOffice) -> Command:
    """Who runs is nobody whom the bundle knows."""
    kb_id = signed(live)
    live.trust(2, persons=(live.person("sovereign"),))
    return resuming(live, kb_id)


def other_login(live: LiveOffice) -> Command:
    """Who runs is known, by another login."""
    kb_id = signed(live)
    operator = msgspec.structs.replace(live.person("operator"), logins=("somebody",))
    live.trust(2, persons=(operator, live.person("sovereign")))
    return resuming(live, kb_id)


def no_roots_pinned(live: LiveOffice) -> Command:
    """The workspace pins no roots any more."""
    kb_id = signed(live)
    _configure(live, "")
    return resuming(live, kb_id)


def _configure(live: LiveOffice, trust: str) -> None:
    path = live.office.workspace / "cutter.yaml"
    path.write_text(f"format: cutter.workspace/1\ndatabase: {{service: office}}\n{trust}\n", encoding="utf-8")


def _untrusted(arrange: Arrange, detail: str, check: int = 4) -> Attack:
    return refused_early(arrange, StopCode.STOP_TRUST_REFUSED, detail, check, 11)


TRUST: dict[str, Attack] = {
    "an older bundle": Attack(older, StopCode.STOP_TRUST_REFUSED, "trust_rollback", 4, 11),
    "a bundle below the database's floor": _untrusted(below_the_floor, "trust_rollback"),
    "another bundle of the version": Attack(
        another_of_the_version, StopCode.STOP_TRUST_REFUSED, "trust_rollback", 4, 11
    ),
    "an expired bundle": _untrusted(expired, "trust_expired"),
    "one of two roots": _untrusted(one_of_two_roots, "trust_root"),
    "one root twice": _untrusted(one_root_twice, "trust_root"),
    "no root": _untrusted(no_root_has_signed, "trust_root"),
    "no bundle": _untrusted(without("bundle.json"), "trust_missing"),
    "no folder": _untrusted(without("bundle.json", "roots"), "trust_missing"),
    "no root's key": _untrusted(without("roots"), "trust_root"),
    "an empty keyring": _untrusted(empty_keyring, "trust_root"),
    "an edited bundle": _untrusted(edited_bundle, "trust_malformed"),
    "a demo's bundle": _untrusted(throwaway, "throwaway_keys"),
    "nobody who runs": _untrusted(unknown_operator, "requester_unknown", 0),
    "another login of who runs": _untrusted(other_login, "requester_unknown", 0),
    "no pinned roots": refused_early(no_roots_pinned, StopCode.STOP_LIVE_REFUSED, "no_trust", 0, 20),
}


@pytest.mark.parametrize("name", TRUST)
def test_trust_that_cannot_be_believed_opens_nothing(live: LiveOffice, name: str, proof: Proof) -> None:
    """Row 18. Without it whoever can write one file of a workspace could say whose signature counts."""
    result = assert_answered(live, TRUST[name])
    proof("18", f"trust: {name}", f"{result.stop_code} {result.detail}")

"""How a trust bundle may change: each change is a function from one bundle to the next. Pure.

Rules kept here: a person, a key and a login stand in a bundle once; a key is what its own bytes say; a revoked key does
not come back; one set of changes raises the version by one (`next_version`), and the roots sign the result.

Every refusal is a Stop STOP_INVALID_INPUT whose detail is a word of `inconsistency`, or `person_unknown`,
`key_unknown`, `key_revoked`, `wrong_value` (a time, an id or a reason that does not have its form).

Source: approvals-and-evidence §3 (People).
"""

import base64
from collections import Counter
from collections.abc import Iterable

import msgspec

from cutter.approval.packets import primary_fingerprint
from cutter.approval.trust import Person, RevokedKey, RunnerKey, TrustBundle, TrustedKey
from cutter.stops import Stop, StopCode


def trusted_key(public: bytes) -> TrustedKey:
    """A key for a bundle, from its binary public key (detail `key_malformed`)."""
    fpr = primary_fingerprint(public)
    if not fpr:
        raise _refused("key_malformed")
    return TrustedKey(fpr=fpr, pubkey=base64.b64encode(public).decode())


def add_person(bundle: TrustBundle, person: Person) -> TrustBundle:
    """With one more person."""
    if bundle.person(person.person_id) is not None:
        raise _refused("person_twice", person.person_id)
    _refuse_revoked(bundle, (key.fpr for key in person.keys))
    return _consistent(_with(bundle, persons=(*bundle.persons, person)))


def add_key(bundle: TrustBundle, person_id: str, key: TrustedKey) -> TrustBundle:
    """With one more key of a person."""
    _refuse_revoked(bundle, [key.fpr])
    person = _person(bundle, person_id)
    changed = msgspec.structs.replace(person, keys=(*person.keys, key))
    return _consistent(_with(bundle, persons=tuple(changed if p is person else p for p in bundle.persons)))


def revoke_key(bundle: TrustBundle, fpr: str, since: str, reason_code: str) -> TrustBundle:
    """With a key that counts no longer, whatever it signed before. It stays with its person, so that old signatures
    can be told.
    """
    if bundle.owner_of(fpr) is None:
        raise _refused("key_unknown", fpr)
    _refuse_revoked(bundle, [fpr])
    entry = RevokedKey(fpr=fpr, since=since, reason_code=reason_code)
    return _with(bundle, revoked=(*bundle.revoked, entry))


def remove_person(bundle: TrustBundle, person_id: str) -> TrustBundle:
    """Without a person."""
    person = _person(bundle, person_id)
    return _with(bundle, persons=tuple(p for p in bundle.persons if p is not person))


def rotate_runner_key(bundle: TrustBundle, key: RunnerKey, retired: tuple[str, ...] = ()) -> TrustBundle:
    """With a new runner key. Retired ones end when it begins, and stay, so that old checkpoints can be checked.

    Args:
        bundle: the bundle.
        key: the new key.
        retired: the ids of the keys that it replaces; other hosts keep theirs.
    """
    if unknown := set(retired) - {known.key_id for known in bundle.runner_keys}:
        raise _refused("key_unknown", min(unknown))
    kept = tuple(_ended(known, key.valid_from) if known.key_id in retired else known for known in bundle.runner_keys)
    return _consistent(_with(bundle, runner_keys=(*kept, key)))


def add_recipient(bundle: TrustBundle, key: TrustedKey) -> TrustBundle:
    """With one more key that backups are encrypted to."""
    _refuse_revoked(bundle, [key.fpr])
    return _consistent(_with(bundle, backup_recipients=(*bundle.backup_recipients, key)))


def remove_recipient(bundle: TrustBundle, fpr: str) -> TrustBundle:
    """Without a key that backups are encrypted to; what was encrypted before stays readable to it."""
    kept = tuple(key for key in bundle.backup_recipients if key.fpr != fpr)
    if kept == bundle.backup_recipients:
        raise _refused("key_unknown", fpr)
    return _with(bundle, backup_recipients=kept)


def next_version(bundle: TrustBundle, expires: str) -> TrustBundle:
    """The bundle as the next version, which expires then."""
    return _with(bundle, version=bundle.version + 1, expires=expires)


def inconsistency(bundle: TrustBundle) -> str:
    """What contradicts itself in a bundle, as a word; empty when nothing does.

    `person_twice`, `login_twice` (a login proves one person), `key_twice` (a key belongs to one person),
    `key_malformed` (the bytes are not one public key with that fingerprint), `recipient_twice`, `runner_key_twice`,
    `gate_twice`.
    """
    keys = [key for person in bundle.persons for key in person.keys]
    once = {
        "person_twice": [person.person_id for person in bundle.persons],
        "login_twice": [login for person in bundle.persons for login in person.logins],
        "key_twice": [key.fpr for key in keys],
        "recipient_twice": [key.fpr for key in bundle.backup_recipients],
        "runner_key_twice": [name for key in bundle.runner_keys for name in {key.key_id, key.public}],
        "gate_twice": [quorum.gate_id for quorum in bundle.quorums],
    }
    for word, values in once.items():
        if any(count > 1 for count in Counter(values).values()):
            return word
    return "" if all(_is_itself(key) for key in (*keys, *bundle.backup_recipients)) else "key_malformed"


def _is_itself(key: TrustedKey) -> bool:
    try:
        public = base64.b64decode(key.pubkey, validate=True)
    except ValueError:
        return False
    # `YR==` decodes like `YQ==`: only one of them is the key's text.
    return base64.b64encode(public).decode() == key.pubkey and primary_fingerprint(public) == key.fpr


def _consistent(bundle: TrustBundle) -> TrustBundle:
    if word := inconsistency(bundle):
        raise _refused(word)
    return bundle


def _person(bundle: TrustBundle, person_id: str) -> Person:
    person = bundle.person(person_id)
    if person is None:
        raise _refused("person_unknown", person_id)
    return person


def _refuse_revoked(bundle: TrustBundle, fprs: Iterable[str]) -> None:
    for fpr in fprs:
        if bundle.is_revoked(fpr):
            raise _refused("key_revoked", fpr)


def _ended(key: RunnerKey, at: str) -> RunnerKey:
    return msgspec.structs.replace(key, valid_to=min(key.valid_to, at))


def _with(bundle: TrustBundle, **changes: object) -> TrustBundle:
    """The bundle with other values, checked against the types: `replace` alone would take any text."""
    try:
        return msgspec.convert(msgspec.to_builtins(msgspec.structs.replace(bundle, **changes)), TrustBundle)
    except msgspec.ValidationError:
        raise _refused("wrong_value") from None


def _refused(detail: str, found: str = "") -> Stop:
    return Stop(StopCode.STOP_INVALID_INPUT, detail=detail, found=found)

"""Whom an office trusts, as its roots change it: the first bundle, persons and keys, revocation, the runner's key.

Rules kept here: a bundle that is not believed is not changed, so nothing is signed that nobody signed before; every
change is a new version; a root signs with its own key, where that key is; what is missing of the threshold is told, and
until then the bundle counts for nothing; a private key that was replaced is kept.

Source: approvals-and-evidence §3 (People); issue 4, part 3.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from cutter.app.compose import trust_of
from cutter.app.system import SystemClock
from cutter.approval.envelope import EnvelopeSignature
from cutter.approval.reading import moment
from cutter.approval.trust import Person, RunnerKey, TrustBundle
from cutter.approval.trust_changes import (
    add_key,
    add_person,
    add_recipient,
    next_version,
    remove_person,
    remove_recipient,
    revoke_key,
    rotate_runner_key,
    trusted_key,
)
from cutter.custody.files import create_exclusive, private_folder, read_plain, remove_plain, write_atomic
from cutter.custody.machine_key import FILE as RUNNER_FILE
from cutter.custody.machine_key import load_runner_key, make_runner_key
from cutter.custody.openpgp.keys import export_public
from cutter.custody.signing import GpgSigning
from cutter.custody.trust import read_bundle, read_root, sign_bundle, write_bundle, write_root
from cutter.settings import Settings, Trust
from cutter.stops import Stop, StopCode

VALID_DAYS = 365
_LARGEST_KEY = 1 << 18  # bytes
_NEXT = "runner-next"  # where the key of a rotation waits until the roots have signed it


class TrustChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle that was written (`cutter.trust-changed/1`): which roots have signed it, and how many must yet."""

    format: str = "cutter.trust-changed/1"
    version: int
    sha256: str
    expires: str
    path: str
    signed_by: tuple[str, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is to be trusted; empty tenants: those that every person so far has."""

    person_id: str
    name: str
    roles: tuple[str, ...]
    logins: tuple[str, ...]
    tenants: tuple[str, ...]


def init_trust(settings: Settings, own_home: Path, root_keys: Sequence[Path]) -> TrustChanged:
    """Make the first bundle: no persons yet, this host's runner key, signed by the roots whose keys are here.

    Args:
        settings: the workspace; its `cutter.yaml` pins the roots.
        own_home: the gpg home of whoever runs this.
        root_keys: files with public keys of roots whose secret keys are elsewhere.

    Raises:
        Stop: STOP_TRUST_REFUSED (`no_roots`), STOP_INVALID_INPUT (`bundle_exists`, `root_unknown`), STOP_KEY_UNUSABLE.
    """
    path = settings.workspace / "trust" / "bundle.json"
    if path.exists():
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="bundle_exists", where=str(path))
    _keep_roots(settings, own_home, root_keys)
    now = SystemClock().now()
    bundle = TrustBundle(
        version=1,
        expires=_after(now, VALID_DAYS),
        throwaway=False,
        persons=(),
        revoked=(),
        quorums=(),
        runner_keys=(_runner_key(_runner_public(settings), now),),
        backup_recipients=(),
    )
    return _sign_and_write(settings, bundle, (), own_home)


def add_trusted_person(settings: Settings, own_home: Path, new: NewPerson, key: Path) -> TrustChanged:
    """Trust a person with a key; one who is known already gets one more key, when nothing else is said of them.

    Raises:
        Stop: STOP_INVALID_INPUT (a word of `trust_changes`, `role_missing`, `tenant_missing`), STOP_TRUST_REFUSED.
    """
    public = trusted_key(_read_key(key))

    def change(bundle: TrustBundle) -> TrustBundle:
        known = bundle.person(new.person_id)
        if known is not None and not (new.name or new.roles or new.logins or new.tenants):
            return add_key(bundle, new.person_id, public)
        if not new.roles:
            raise Stop(StopCode.STOP_INVALID_INPUT, detail="role_missing", needed="--role")
        now = SystemClock().now()
        person = Person(
            person_id=new.person_id,
            name=new.name or new.person_id,
            keys=(public,),
            logins=new.logins or (new.person_id,),
            roles=new.roles,
            tenants=new.tenants or _usual_tenants(bundle),
            valid_from=_after(now, 0),
            valid_to=_after(now, VALID_DAYS),
        )
        return add_person(bundle, person)

    return _change(settings, own_home, change)


def add_backup_recipient(settings: Settings, own_home: Path, key: Path) -> TrustChanged:
    """Encrypt backups to one more key. Raises as `add_trusted_person`."""
    public = trusted_key(_read_key(key))
    return _change(settings, own_home, lambda bundle: add_recipient(bundle, public))


def revoke_trusted_key(settings: Settings, own_home: Path, fpr: str, reason_code: str) -> TrustChanged:
    """A key counts no longer, whatever it signed. Raises STOP_INVALID_INPUT (`key_unknown`, `key_revoked`)."""
    since = _after(SystemClock().now(), 0)
    return _change(settings, own_home, lambda bundle: revoke_key(bundle, fpr, since, reason_code))


def remove_trusted_person(settings: Settings, own_home: Path, person_id: str) -> TrustChanged:
    """A person is trusted no longer. Raises STOP_INVALID_INPUT (`person_unknown`)."""
    return _change(settings, own_home, lambda bundle: remove_person(bundle, person_id))


def remove_backup_recipient(settings: Settings, own_home: Path, fpr: str) -> TrustChanged:
    """Backups are encrypted to a key no longer. Raises STOP_INVALID_INPUT (`key_unknown`)."""
    return _change(settings, own_home, lambda bundle: remove_recipient(bundle, fpr))


def renew_trust(settings: Settings, own_home: Path) -> TrustChanged:
    """The same persons and keys for another year, where they have not ended."""
    return _change(settings, own_home, lambda bundle: _renewed(bundle, SystemClock().now()))


def rotate_runner(settings: Settings, own_home: Path) -> TrustChanged:
    """Give this host a new key for checkpoints and evidence; the old one ends now and its file is kept.

    Raises:
        Stop: STOP_KEY_UNUSABLE (`runner_key`: there is none to replace), STOP_TRUST_REFUSED.
    """
    credentials = settings.credentials
    old = load_runner_key(credentials)
    waiting = private_folder(credentials / _NEXT)
    remove_plain(waiting / RUNNER_FILE)  # of a rotation that nobody signed
    public = make_runner_key(waiting)
    now = SystemClock().now()

    def change(bundle: TrustBundle) -> TrustBundle:
        retired = tuple(key.key_id for key in bundle.runner_keys if key.public == old.public)
        return rotate_runner_key(bundle, _runner_key(public, now), retired)

    changed = _change(settings, own_home, change)
    _keep_old_key(credentials, old.public)
    write_atomic(credentials / RUNNER_FILE, read_plain(waiting / RUNNER_FILE, _LARGEST_KEY))
    remove_plain(waiting / RUNNER_FILE)
    waiting.rmdir()
    return changed


def sign_trust(settings: Settings, own_home: Path, root_keys: Sequence[Path]) -> TrustChanged:
    """Sign the bundle as it stands by the roots whose keys are here: for a threshold above one, or for new roots.

    Raises:
        Stop: STOP_TRUST_REFUSED (`trust_missing`, `trust_malformed`), STOP_KEY_UNUSABLE (`no_secret_key`),
            STOP_INVALID_INPUT (`root_unknown`).
    """
    _keep_roots(settings, own_home, root_keys)
    found = read_bundle(settings.workspace / "trust")
    return _sign_and_write(settings, found.bundle, found.signatures, own_home)


def _change(settings: Settings, own_home: Path, change: Callable[[TrustBundle], TrustBundle]) -> TrustChanged:
    """The next version of the bundle that is believed now."""
    loaded = trust_of(settings).load()
    if loaded.bundle is None:
        raise Stop(StopCode.STOP_TRUST_REFUSED, detail=loaded.refusal)
    changed = next_version(change(loaded.bundle), _after(SystemClock().now(), VALID_DAYS))
    return _sign_and_write(settings, changed, (), own_home)


def _sign_and_write(
    settings: Settings, bundle: TrustBundle, before: Sequence[EnvelopeSignature], own_home: Path
) -> TrustChanged:
    pinned, folder = pinned_roots(settings), settings.workspace / "trust"
    home, own = _root_home(settings, own_home)
    signing = GpgSigning(home, attended=own)
    signatures = {signature.keyid: signature for signature in before if signature.keyid in pinned.roots}
    made = [signature for fpr in pinned.roots for signature in _signature(bundle, fpr, signing)]
    if not made:
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="no_secret_key", needed=" ".join(pinned.roots), where=str(home))
    signatures |= {signature.keyid: signature for signature in made}
    write_bundle(folder, bundle, list(signatures.values()))
    return TrustChanged(
        version=bundle.version,
        sha256=bundle.sha256,
        expires=bundle.expires,
        path=str(folder / "bundle.json"),
        signed_by=tuple(signatures),
        missing=max(0, pinned.threshold - len(signatures)),
    )


def _signature(bundle: TrustBundle, fpr: str, signing: GpgSigning) -> tuple[EnvelopeSignature, ...]:
    try:
        return (sign_bundle(bundle, fpr, signing),)
    except Stop as stop:
        if stop.code is not StopCode.STOP_KEY_UNUSABLE:
            raise
        return ()  # another root's key is elsewhere


def _keep_roots(settings: Settings, own_home: Path, root_keys: Sequence[Path]) -> None:
    """Keep the public keys of the pinned roots: those of the files, and those whose secret key is here."""
    pinned, folder = pinned_roots(settings), settings.workspace / "trust"
    for public in map(_read_key, root_keys):
        fpr = trusted_key(public).fpr
        if fpr not in pinned.roots:
            raise Stop(StopCode.STOP_INVALID_INPUT, detail="root_unknown", found=fpr, where="cutter.yaml")
        write_root(folder, public)
    home, own = _root_home(settings, own_home)
    for fpr in pinned.roots:
        if not read_root(folder, fpr):
            write_root(folder, export_public(home, fpr, attended=own))


def pinned_roots(settings: Settings) -> Trust:
    """The roots that `cutter.yaml` pins. Raises STOP_TRUST_REFUSED, detail `no_roots`."""
    if settings.trust is None:
        needed = "trust: {roots: [FINGERPRINT], threshold: 1}"
        raise Stop(StopCode.STOP_TRUST_REFUSED, detail="no_roots", needed=needed, where="cutter.yaml")
    return settings.trust


def _root_home(settings: Settings, own_home: Path) -> tuple[Path, bool]:
    """Where the root's key is, and whether that is a person's own home: a live demo has the key of its root."""
    demo = settings.state / "demo" / "root"
    return (demo, False) if demo.is_dir() else (own_home, True)


def _read_key(path: Path) -> bytes:
    try:
        return read_plain(path.absolute(), _LARGEST_KEY, shared=True)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, where=str(path)) from None


def _usual_tenants(bundle: TrustBundle) -> tuple[str, ...]:
    known = {person.tenants for person in bundle.persons}
    if len(known) != 1:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="tenant_missing", needed="--tenant")
    return known.pop()


def _runner_public(settings: Settings) -> str:
    """The public key of this host, made where there is none."""
    if (settings.credentials / RUNNER_FILE).exists():
        return load_runner_key(settings.credentials).public
    return make_runner_key(settings.credentials)


def _runner_key(public: str, now: datetime) -> RunnerKey:
    ends = _after(now, VALID_DAYS)
    return RunnerKey(key_id=f"runner-{public[:8]}", public=public, valid_from=_after(now, 0), valid_to=ends)


def _keep_old_key(credentials: Path, public: str) -> None:
    try:
        create_exclusive(credentials / f"runner-{public[:8]}.key", read_plain(credentials / RUNNER_FILE, _LARGEST_KEY))
    except FileExistsError:
        return  # an earlier rotation was interrupted after this


def _renewed(bundle: TrustBundle, now: datetime) -> TrustBundle:
    until = _after(now, VALID_DAYS)
    persons = tuple(
        msgspec.structs.replace(person, valid_to=until) if now <= moment(person.valid_to) else person
        for person in bundle.persons
    )
    runners = tuple(
        msgspec.structs.replace(key, valid_to=until) if now <= moment(key.valid_to) else key
        for key in bundle.runner_keys
    )
    return msgspec.structs.replace(bundle, persons=persons, runner_keys=runners)


def _after(now: datetime, days: int) -> str:
    return (now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

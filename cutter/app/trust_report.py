"""The trust bundle as people read it: who is trusted with which keys, whether it is believed, what of it ends soon.

Source: approvals-and-evidence §3 (People).
"""

from datetime import datetime, timedelta

import msgspec

from cutter.app.compose import trust_of
from cutter.app.system import SystemClock
from cutter.app.trust import pinned_roots
from cutter.approval.reading import moment
from cutter.approval.trust import Person, RunnerKey, TrustBundle
from cutter.custody.trust import read_bundle
from cutter.settings import Settings

SOON_DAYS = 30


class TrustedPerson(msgspec.Struct, frozen=True):
    """A person of the bundle; `keys` are primary fingerprints, `revoked` those of them that count no longer."""

    person_id: str
    name: str
    roles: tuple[str, ...]
    logins: tuple[str, ...]
    tenants: tuple[str, ...]
    keys: tuple[str, ...]
    revoked: tuple[str, ...]
    valid_to: str


class Expiring(msgspec.Struct, frozen=True):
    """What ends soon or has ended: the bundle, a person, or the runner's key."""

    what: str
    name: str
    at: str
    ended: bool


class TrustReport(msgspec.Struct, frozen=True, kw_only=True):
    """The bundle as it stands (`cutter.trust-shown/1`). `refusal` is why it is not believed, empty when it is."""

    format: str = "cutter.trust-shown/1"
    version: int
    sha256: str
    expires: str
    throwaway: bool
    refusal: str
    roots: tuple[str, ...]
    threshold: int
    signed_by: tuple[str, ...]
    persons: tuple[TrustedPerson, ...]
    runner_keys: tuple[RunnerKey, ...]
    backup_recipients: tuple[str, ...]
    expiring: tuple[Expiring, ...]


def show_trust(settings: Settings) -> TrustReport:
    """The bundle, whether it is believed, and what of it ends soon. Raises STOP_TRUST_REFUSED when there is none."""
    pinned = pinned_roots(settings)
    found = read_bundle(settings.workspace / "trust")
    bundle, now = found.bundle, SystemClock().now()
    ended = "" if now <= moment(bundle.expires) else "trust_expired"
    return TrustReport(
        version=bundle.version,
        sha256=bundle.sha256,
        expires=bundle.expires,
        throwaway=bundle.throwaway,
        refusal=trust_of(settings).load().refusal or ended,
        roots=pinned.roots,
        threshold=pinned.threshold,
        signed_by=tuple(signature.keyid for signature in found.signatures),
        persons=tuple(_shown(person, bundle) for person in bundle.persons),
        runner_keys=bundle.runner_keys,
        backup_recipients=tuple(key.fpr for key in bundle.backup_recipients),
        expiring=_expiring(bundle, now),
    )


def _shown(person: Person, bundle: TrustBundle) -> TrustedPerson:
    keys = tuple(key.fpr for key in person.keys)
    return TrustedPerson(
        person_id=person.person_id,
        name=person.name,
        roles=person.roles,
        logins=person.logins,
        tenants=person.tenants,
        keys=keys,
        revoked=tuple(fpr for fpr in keys if bundle.is_revoked(fpr)),
        valid_to=person.valid_to,
    )


def _expiring(bundle: TrustBundle, now: datetime) -> tuple[Expiring, ...]:
    ends = [
        ("bundle", f"version {bundle.version}", bundle.expires),
        *(("person", person.person_id, person.valid_to) for person in bundle.persons),
        *(("runner key", key.key_id, key.valid_to) for key in bundle.runner_keys),
    ]
    soon = now + timedelta(days=SOON_DAYS)
    return tuple(Expiring(what, name, at, moment(at) < now) for what, name, at in ends if moment(at) <= soon)

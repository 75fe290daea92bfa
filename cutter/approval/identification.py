"""Whether one signature may be believed, and whose it is: checks 5 to 7.

Rules kept here: the owner of the key signed, whoever brought the signature; a key is known by its primary fingerprint,
never by the name it gives itself; a weak or untimely signature is none.

Source: approvals-and-evidence §2, §3 (checks 5–7).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cutter.approval.reading import Offer, moment
from cutter.approval.status import weaknesses
from cutter.approval.trust import Person, TrustBundle
from cutter.contracts import SignatureReport
from cutter.stops import StopCode

TOLERANCE = timedelta(seconds=300)


@dataclass(frozen=True, slots=True)
class Asking:
    """What a signature is judged against: the tenant, who may answer, when it was asked, and now."""

    tenant: str
    roles: Collection[str]
    issued_at: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Signer:
    """A signature that may be believed, its owner, and when it says it was made."""

    offer: Offer
    person: Person
    fpr: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """A signature that does not count: whose it is as far as that is known, which check says so, and why."""

    offer: Offer
    person_id: str
    check: int
    detail: str

    @property
    def code(self) -> StopCode:
        """The stop that the check has."""
        return StopCode.STOP_SIGNATURE_REFUSED if self.check < 7 else StopCode.STOP_SIGNER_REFUSED


def identify(offer: Offer, report: SignatureReport, bundle: TrustBundle, asking: Asking) -> Signer | Fault:
    """Look at one signature.

    Args:
        offer: the signature.
        report: what gpg says of it.
        bundle: whom the office trusts.
        asking: what it is judged against.
    """
    refused = next(iter(report.refusals), "")
    if refused:
        return Fault(offer, offer.person, 5, refused)
    unfit = next(iter(weaknesses(report)), "") or _untimeliness(report, asking)
    if unfit:
        return Fault(offer, offer.person, 6, unfit)
    owner = bundle.owner_of(report.primary_fpr)
    if owner is None:
        return Fault(offer, offer.person, 7, "signer_unknown")
    unlisted = _key_unfitness(offer, report, bundle) or _person_unfitness(offer, report, bundle, asking, owner)
    if unlisted:
        return Fault(offer, owner.person_id, 7, unlisted)
    return Signer(offer, owner, report.primary_fpr, _signed_at(report))


def timestamp(when: datetime) -> str:
    """A time as documents write it; such texts compare as their times do."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signed_at(report: SignatureReport) -> datetime:
    return datetime.fromtimestamp(report.signed_at, UTC)


def _untimeliness(report: SignatureReport, asking: Asking) -> str:
    """Check 6: made after it was asked, and not in the future. Seconds are compared, whatever their number."""
    earliest, latest = moment(asking.issued_at) - TOLERANCE, asking.now + TOLERANCE
    return "" if earliest.timestamp() <= report.signed_at <= latest.timestamp() else "sig_time"


def _key_unfitness(offer: Offer, report: SignatureReport, bundle: TrustBundle) -> str:
    """Check 7 of the key: the one that the envelope names, not revoked, one person's."""
    fpr = report.primary_fpr
    if offer.keyid != fpr:
        return "keyid"
    if bundle.is_revoked(fpr) or bundle.is_revoked(report.fpr):
        return "key_revoked"
    owners = sum(key.fpr == fpr for person in bundle.persons for key in person.keys)
    return "" if owners == 1 else "key_shared"


def _person_unfitness(offer: Offer, report: SignatureReport, bundle: TrustBundle, asking: Asking, owner: Person) -> str:
    """Check 7 of its owner: in office then and now, of this tenant, of a listed role; and who brought it is listed."""
    signed_at, now = timestamp(_signed_at(report)), timestamp(asking.now)
    if min(signed_at, now) < owner.valid_from or max(signed_at, now) > owner.valid_to:
        return "not_valid"
    if asking.tenant not in owner.tenants:
        return "wrong_tenant"
    if not set(owner.roles) & set(asking.roles):
        return "wrong_role"
    return "" if bundle.person(offer.person) is not None else "giver_unknown"

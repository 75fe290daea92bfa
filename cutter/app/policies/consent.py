"""A second person's yes to a difference of policies: the bytes to be signed, and whether a signature on them counts.

Rules kept here: what is signed is the difference itself, over the digests of both selections; who runs this never signs
for themselves, and where nobody knows who runs it, no signature counts; whether the trust bundle was rolled back only
the database knows, so that here it has to be believed by its roots and not expired, no more.

Source: policies.md §3.4; approvals-and-evidence §3 (checks 4 to 7).
"""

import os
import pwd
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from cutter.app.compose import trust_of
from cutter.app.policies.comparing import PAYLOAD_TYPE, Compared
from cutter.app.system import SystemClock
from cutter.approval.armor import binary_signature
from cutter.approval.checks import check_trust
from cutter.approval.envelope import pae
from cutter.approval.identification import TOLERANCE, timestamp
from cutter.approval.status import weaknesses
from cutter.approval.trust import Person, TrustBundle, public_keys
from cutter.contracts import SignatureReport
from cutter.custody.files import read_plain
from cutter.custody.own_keys import secret_fingerprints
from cutter.custody.signing import GpgSigning
from cutter.report.next_steps import command
from cutter.report.policies.difference import Consent, PolicyDifference
from cutter.report.result import NextStep
from cutter.settings import Service, Settings
from cutter.stops import Exit, Stop, StopCode

_LARGEST_SIGNATURE = 64 * 1024  # bytes


def approve_difference(
    settings: Settings, compared: Compared, file: Path, own_home: Path, actor: str | None
) -> PolicyDifference:
    """The difference with a yes to it, when a signature on it counts.

    Args:
        settings: the workspace, whose trust bundle says whose signatures count.
        compared: the difference.
        file: a detached signature over its bytes.
        own_home: the gpg home of whoever runs this.
        actor: the person who wants the change, where it is not who runs this.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_TRUST_REFUSED, STOP_SIGNATURE_REFUSED, STOP_SIGNER_REFUSED (detail
            `self_approval`, `signer_unknown`, `key_revoked`, `not_valid`), STOP_INVALID_INPUT (detail `actor`,
            `runner_unknown`).
    """
    try:
        signature = binary_signature(read_plain(file.absolute(), _LARGEST_SIGNATURE, shared=True))
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, where=str(file)) from None
    bundle = _trusted(settings)
    asking = _asking(bundle, own_home, actor)
    keys = tuple(key for person in bundle.persons for own in person.keys for key in public_keys(bundle, own.fpr))
    report = GpgSigning().verify(signature, pae(PAYLOAD_TYPE, compared.body), keys)
    signer = _signer(report, bundle, SystemClock().now())
    if signer.person_id in asking:
        others = tuple(each.person_id for each in bundle.persons if each.person_id not in asking)
        raise _refuse("self_approval", signer.person_id, "|".join(others))
    return msgspec.structs.replace(
        compared.report,
        consent=Consent.GIVEN,
        signer=signer.person_id,
        fpr=report.primary_fpr,
        exit_code=int(Exit.DONE),
        next=(NextStep("check", command("policies", "lint", compared.report.after.path)),),
    )


def possible_actors(settings: Settings, own_home: Path) -> tuple[str, ...]:
    """Whom `--actor` can name, where nobody knows who runs this; nobody where that is known, or nobody is trusted."""
    try:
        bundle = _trusted(settings)
    except Stop:
        return ()
    try:
        _asking(bundle, own_home, None)
    except Stop:
        return tuple(person.person_id for person in bundle.persons)
    return ()


def _trusted(settings: Settings) -> TrustBundle:
    loaded = trust_of(settings).load()
    allowed = not isinstance(settings.database, Service)
    refusal = check_trust(loaded, None, 0, SystemClock().now(), throwaway_allowed=allowed)
    if refusal is not None:
        raise refusal
    assert loaded.bundle is not None  # noqa: S101  it was checked
    return loaded.bundle


def _asking(bundle: TrustBundle, own_home: Path, actor: str | None) -> frozenset[str]:
    """Who wants the change: whom `--actor` names, and whoever runs this, by their login and by their secret keys.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `actor`, or `runner_unknown`: somebody has to be named.
    """
    people = "|".join(person.person_id for person in bundle.persons)
    if actor is not None and bundle.person(actor) is None:
        raise Stop(StopCode.STOP_INVALID_INPUT, "actor", where="--actor", needed=people)
    login, own = _login(), frozenset(secret_fingerprints(own_home))
    here = (p.person_id for p in bundle.persons if login in p.logins or own & {key.fpr for key in p.keys})
    asking = frozenset((*here, *((actor,) if actor is not None else ())))
    if not asking:
        raise Stop(StopCode.STOP_INVALID_INPUT, "runner_unknown", where="--actor", found=login, needed=people)
    return asking


def _login() -> str:
    """The login of whoever runs this, as the system knows it; no variable can change it."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""


def _signer(report: SignatureReport, bundle: TrustBundle, now: datetime) -> Person:
    """The person whose good, strong and timely signature this is."""
    unfit = next(iter((*report.refusals, *weaknesses(report))), "")
    if not unfit and datetime.fromtimestamp(report.signed_at, UTC) > now + TOLERANCE:
        unfit = "sig_time"
    if unfit:
        raise Stop(StopCode.STOP_SIGNATURE_REFUSED, unfit, found=report.primary_fpr)
    owner = bundle.owner_of(report.primary_fpr)
    if owner is None:
        raise _refuse("signer_unknown", report.primary_fpr)
    if bundle.is_revoked(report.primary_fpr) or bundle.is_revoked(report.fpr):
        raise _refuse("key_revoked", report.primary_fpr)
    moments = (timestamp(datetime.fromtimestamp(report.signed_at, UTC)), timestamp(now))
    if min(moments) < owner.valid_from or max(moments) > owner.valid_to:
        raise _refuse("not_valid", owner.person_id, f"{owner.valid_from}/{owner.valid_to}")
    return owner


def _refuse(detail: str, found: str, needed: str = "") -> Stop:
    return Stop(StopCode.STOP_SIGNER_REFUSED, detail, found=found, needed=needed)

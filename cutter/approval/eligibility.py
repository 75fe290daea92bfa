"""Whether somebody's signature on a request could count, judged before they give it. Pure.

Rules kept here: this only spares people a signature that would count for nothing; whether one counts is judged by the
checks when the run goes on, and what is said here opens no gate.

Source: approvals-and-evidence §3 (People; checks 7, 8, 12).
"""

from collections.abc import Sequence
from datetime import datetime

from cutter.approval.quorum import Assignment, assign
from cutter.approval.reading import moment
from cutter.approval.request import ApprovalRequest
from cutter.approval.trust import Person, TrustBundle
from cutter.contracts import Identity
from cutter.stops import Stop, StopCode


def check_signer(
    request: ApprovalRequest, bundle: TrustBundle, identity: Identity, now: datetime, *, rejecting: bool = False
) -> Person:
    """The person whom the database knows by this login, when their signature on the request could count.

    Args:
        request: what is asked.
        bundle: whom the office trusts.
        identity: who the database says is connected.
        now: the time in UTC.
        rejecting: they sign a no.

    Raises:
        Stop: STOP_SIGNER_REFUSED (detail `unknown_person`, `wrong_login`, `wrong_tenant`, `not_valid_now`, `no_key`,
            `wrong_role`, `self_approval`), STOP_APPROVAL_EXPIRED (detail `approve_by`, `execute_by`).
    """
    person = bundle.person(identity.person)
    if person is None:
        raise _refuse("unknown_person", identity.person)
    asked = tuple(quorum.role for quorum in request.quorum.roles)
    if identity.login not in person.logins:
        raise _refuse("wrong_login", identity.login, "|".join(person.logins))
    if identity.tenant != request.tenant or request.tenant not in person.tenants:
        raise _refuse("wrong_tenant", identity.tenant, request.tenant)
    if not moment(person.valid_from) <= now <= moment(person.valid_to):
        raise _refuse("not_valid_now", person.person_id, f"{person.valid_from}/{person.valid_to}")
    others = tuple(
        p.person_id for p in bundle.persons if set(asked) & set(p.roles) and p.person_id != request.requester
    )
    if person.person_id == request.requester and not rejecting:
        raise _refuse("self_approval", person.person_id, "|".join(asked), others)
    if not set(asked).intersection(person.roles):
        raise _refuse("wrong_role", "+".join(person.roles), "|".join(asked), others)
    if not usable_keys(person, bundle):
        raise _refuse("no_key", person.person_id)
    _check_time(request, now)
    return person


def usable_keys(person: Person, bundle: TrustBundle) -> tuple[str, ...]:
    """The primary fingerprints by which a person may sign: those of theirs that were not revoked."""
    return tuple(key.fpr for key in person.keys if not bundle.is_revoked(key.fpr))


def count_signed(request: ApprovalRequest, bundle: TrustBundle, persons: Sequence[str]) -> Assignment:
    """How far these persons fill the quorum of a request."""
    known = (bundle.person(person_id) for person_id in dict.fromkeys(persons) if person_id != request.requester)
    roles = {person.person_id: person.roles for person in known if person is not None}
    return assign(roles, request.quorum.roles, request.quorum.threshold)


def _check_time(request: ApprovalRequest, now: datetime) -> None:
    for name, until in (("approve_by", request.approve_by), ("execute_by", request.execute_by)):
        if now > moment(until):
            raise Stop(StopCode.STOP_APPROVAL_EXPIRED, detail=name, needed=until, check=12)


def _refuse(detail: str, found: str, needed: str = "", others: tuple[str, ...] = ()) -> Stop:
    return Stop(StopCode.STOP_SIGNER_REFUSED, detail, found=found, needed=needed, suggestions=others, check=8)

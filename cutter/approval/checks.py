"""Whether an approval holds: checks 4 to 13 in order, at its gate and again in the transaction that uses it. Pure.

Rules kept here: the first check that fails is told; checks 5 to 8 look at all signatures before they speak; a signature
that fails, or is by who asked or who runs, never counts, and stops nothing where enough others signed; a valid
rejection wins over everything that is still missing; nothing is waited for that could not be used any more.

Source: approvals-and-evidence §3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from cutter.approval.agreement import compare_contents, compare_place, compare_policy, tokens
from cutter.approval.identification import TOLERANCE, Asking, Fault, Signer, identify, timestamp
from cutter.approval.quorum import Assignment, assign
from cutter.approval.reading import APPROVAL, Offer, Read, moment
from cutter.approval.request import ApprovalRequest
from cutter.approval.trust import LoadedTrust, TrustBundle
from cutter.contracts import CountedSignature, LedgerHead, SignatureReport, TrustFloor
from cutter.model import RoleQuorum
from cutter.stops import Stop, StopCode


@dataclass(frozen=True, slots=True)
class Moments:
    """The clocks, in UTC: of this host, of the database, and the time that the ledger's last event states."""

    host: datetime
    database: datetime
    ledger_last: str

    @property
    def now(self) -> datetime:
        """The later clock, so that neither lets an end be missed."""
        return max(self.host, self.database)


@dataclass(frozen=True, slots=True)
class Case:
    """All that an approval is judged by.

    Args:
        read: the request and its signatures, after checks 1 to 3.
        holds: the request as it would be written now.
        trust: the trust bundle as it was found.
        floor: the newest bundle that the database has seen used.
        reports: what gpg says of each signature, in the order of `read.offers`.
        executor: the person who runs.
        moments: the clocks.
        seen_sha256: the ledger's hash at the size that the request saw; empty when there is none.
        head: the ledger's end.
        throwaway_allowed: whether keys of a demo count here.
        used: whether this request was used before.
    """

    read: Read
    holds: ApprovalRequest
    trust: LoadedTrust
    floor: TrustFloor | None
    reports: tuple[SignatureReport, ...]
    executor: str
    moments: Moments
    seen_sha256: str
    head: LedgerHead
    throwaway_allowed: bool
    used: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """A signature that did not count, whose it is as far as that is known, and the word why."""

    signature_sha256: str
    person_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Approved:
    """The quorum has signed, and everything holds."""

    request: ApprovalRequest
    sha256: str
    kb_id: str
    counted: tuple[CountedSignature, ...]
    reported: tuple[Reported, ...]


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """Too few have signed: which roles are missing, and the persons who count already."""

    request: ApprovalRequest
    sha256: str
    kb_id: str
    missing: tuple[RoleQuorum, ...]
    signed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A check failed."""

    stop: Stop
    reported: tuple[Reported, ...]


Judgement: TypeAlias = Approved | StillWaiting | Refused


@dataclass(frozen=True, slots=True)
class _Tally:
    """The signatures, looked at: those that count, who is matched to which role, noes, and what does not count."""

    signers: tuple[Signer, ...]
    assignment: Assignment
    rejections: tuple[Signer, ...]
    faults: tuple[Fault, ...]
    repeated: tuple[Signer, ...]

    @property
    def reported(self) -> tuple[Reported, ...]:
        """What did not count."""
        faulty = [Reported(fault.offer.sha256, fault.person_id, fault.detail) for fault in self.faults]
        again = [Reported(item.offer.sha256, item.person.person_id, "same_person") for item in self.repeated]
        return (*faulty, *again)


def judge(case: Case) -> Judgement:
    """Judge an approval by checks 4 to 13.

    Args:
        case: all that it is judged by.
    """
    refusal = _check_trust_of(case)
    if refusal is not None or case.trust.bundle is None:
        return Refused(refusal or _untrusted("trust_missing"), ())
    tally = _count(case, case.trust.bundle)
    for check in _CHECKS:
        refusal = check(case, tally)
        if refusal is not None:
            return Refused(refusal, tally.reported)
    found = case.read
    if not tally.assignment.complete:
        signed = tuple(signer.person.person_id for signer in tally.signers)
        return StillWaiting(found.request, found.sha256, found.kb_id, tally.assignment.missing, signed)
    return Approved(found.request, found.sha256, found.kb_id, _counted(tally), tally.reported)


def check_trust(
    trust: LoadedTrust, floor: TrustFloor | None, least: int, now: datetime, *, throwaway_allowed: bool
) -> Stop | None:
    """Check 4: whether the trust bundle may be believed now.

    Args:
        trust: the bundle as it was found.
        floor: the newest bundle that the database has seen used.
        least: the version that a request names, 0 where there is none.
        now: the time.
        throwaway_allowed: whether keys of a demo count here.
    """
    bundle = trust.bundle
    if trust.refusal or bundle is None:
        return _untrusted(trust.refusal or "trust_missing")
    if timestamp(now) > bundle.expires:
        return _untrusted("trust_expired", found=timestamp(now), needed=bundle.expires)
    lowest = max(least, floor.version if floor else 0)
    if bundle.version < lowest:
        return _untrusted("trust_rollback", found=str(bundle.version), needed=str(lowest))
    if floor is not None and bundle.version == floor.version and bundle.sha256 != floor.sha256:
        return _untrusted("trust_rollback", found=bundle.sha256[:16], needed=floor.sha256[:16])
    if bundle.throwaway and not throwaway_allowed:
        return _untrusted("throwaway_keys", found="throwaway", needed="database:embedded")
    return None


def _untrusted(detail: str, found: str = "", needed: str = "") -> Stop:
    return Stop(StopCode.STOP_TRUST_REFUSED, detail, found=found, needed=needed, check=4)


def _check_trust_of(case: Case) -> Stop | None:
    """Check 4, also against the bundle that the request names: another one of its version is a forgery of one."""
    named, now = case.read.request.trust_bundle, case.moments.now
    refusal = check_trust(case.trust, case.floor, named.version, now, throwaway_allowed=case.throwaway_allowed)
    bundle = case.trust.bundle
    if refusal is None and bundle is not None and bundle.version == named.version and bundle.sha256 != named.sha256:
        return _untrusted("trust_rollback", found=bundle.sha256[:16], needed=named.sha256[:16])
    return refusal


def _count(case: Case, bundle: TrustBundle) -> _Tally:
    """Checks 5 to 8: each signature looked at, each person counted once, by the earliest signature."""
    looked = [_look(offer, report, case, bundle) for offer, report in zip(case.read.offers, case.reports, strict=True)]
    believed = sorted((item for item in looked if isinstance(item, Signer)), key=lambda item: item.signed_at)
    first: dict[str, Signer] = {}
    repeated = []
    for signer in believed:
        if signer.offer.kind == APPROVAL and first.setdefault(signer.person.person_id, signer) is not signer:
            repeated.append(signer)
    needed, assignment = _fill(list(first.values()), case)
    return _Tally(
        signers=needed,
        assignment=assignment,
        rejections=tuple(signer for signer in believed if signer.offer.kind != APPROVAL),
        faults=tuple(item for item in looked if isinstance(item, Fault)),
        repeated=tuple(repeated),
    )


def _look(offer: Offer, report: SignatureReport, case: Case, bundle: TrustBundle) -> Signer | Fault:
    """Checks 5 to 7 of one signature, and that it is not by who asked or who runs, nor handed in by them.

    They may still say no.
    """
    request, holds = case.read.request, case.holds
    roles = _listed(case) if offer.kind == APPROVAL else _listed(case) | _rejecting(case, bundle)
    asking = Asking(request.tenant, roles, request.issued_at, case.moments.now)
    looked = identify(offer, report, bundle, asking)
    concerned = (request.requester, holds.requester, case.executor)
    if isinstance(looked, Signer) and offer.kind == APPROVAL:
        if looked.person.person_id in concerned:
            return Fault(offer, looked.person.person_id, 8, "self_approval")
        if offer.person in concerned:
            return Fault(offer, offer.person, 8, "self_given")
    return looked


def _listed(case: Case) -> frozenset[str]:
    return frozenset(item.role for item in case.holds.quorum.roles)


def _rejecting(case: Case, bundle: TrustBundle) -> frozenset[str]:
    """Further roles whose no counts: those that the request or the office lists for the gate."""
    office = [item for gate in bundle.quorums if gate.gate_id == case.holds.gate_id for item in gate.roles]
    return frozenset(item.role for item in (*case.read.request.quorum.roles, *office))


def _fill(signers: list[Signer], case: Case) -> tuple[tuple[Signer, ...], Assignment]:
    """The earliest signatures that reach the quorum, or all when they do not.

    Roles are those of the policy now; the number is at least the one that was signed, which the database asks for.
    """
    roles = case.holds.quorum.roles
    threshold = max(case.holds.quorum.threshold, case.read.request.quorum.threshold)
    assignment, counted = assign({}, roles, threshold), 0
    while not assignment.complete and counted < len(signers):
        counted += 1
        persons = {signer.person.person_id: signer.person.roles for signer in signers[:counted]}
        assignment = assign(persons, roles, threshold)
    return tuple(item for item in signers[:counted] if item.person.person_id in assignment.filled), assignment


def _counted(tally: _Tally) -> tuple[CountedSignature, ...]:
    filled = tally.assignment.filled
    return tuple(
        CountedSignature(item.offer.sha256, item.person.person_id, filled[item.person.person_id], item.fpr)
        for item in tally.signers
    )


def _check_policy(case: Case, _tally: _Tally) -> Stop | None:
    return compare_policy(case.read.request, case.holds)


def _check_rejections(_case: Case, tally: _Tally) -> Stop | None:
    """Check 9."""
    if not tally.rejections:
        return None
    persons = tokens(dict.fromkeys(signer.person.person_id for signer in tally.rejections))
    return Stop(StopCode.STOP_APPROVAL_REJECTED, "rejected", found=persons, check=9)


def _check_quorum(case: Case, tally: _Tally) -> Stop | None:
    """Checks 5 to 8: too few, and some of them bad. All bad ones are told, with all roles that are missing.

    When the time to sign is over nobody can mend it: then the end of that time is what is told (check 12).
    """
    over = timestamp(case.moments.now) > case.read.request.approve_by
    if tally.assignment.complete or not tally.faults or over:
        return None
    worst = min(tally.faults, key=lambda fault: fault.check)
    rows = tuple(f"{fault.person_id}:{fault.detail}" for fault in tally.faults)
    missing = tokens(f"{item.role}:{item.persons}" for item in tally.assignment.missing)
    return Stop(worst.code, worst.detail, found=tokens(rows), needed=missing, suggestions=rows, check=worst.check)


def _check_place(case: Case, _tally: _Tally) -> Stop | None:
    return compare_place(case.read.request, case.holds)


def _check_contents(case: Case, _tally: _Tally) -> Stop | None:
    return compare_contents(case.read.request, case.holds)


def _check_times(case: Case, tally: _Tally) -> Stop | None:
    """Check 12."""
    return _check_clocks(case.moments) or _check_spans(case.read.request, case.holds) or _check_ends(case, tally)


def check_skew(moments: Moments) -> Stop | None:
    """Check 12, of this host's clock and the database's alone."""
    apart = abs(moments.host - moments.database)
    if apart > TOLERANCE:
        return _unsafe("clock_skew", f"{int(apart.total_seconds())}s", f"{int(TOLERANCE.total_seconds())}s")
    return None


def _check_clocks(moments: Moments) -> Stop | None:
    if refusal := check_skew(moments):
        return refusal
    if moments.ledger_last and datetime.fromisoformat(moments.ledger_last) > moments.now + TOLERANCE:
        return _unsafe("clock_rollback", timestamp(moments.now), moments.ledger_last)
    return None


def _unsafe(detail: str, found: str, needed: str) -> Stop:
    return Stop(StopCode.STOP_CLOCK_UNSAFE, detail, found=found, needed=needed, check=12)


def _check_spans(signed: ApprovalRequest, holds: ApprovalRequest) -> Stop | None:
    """The policy's own times bound those of the request."""
    for found, most in zip(_spans(signed), _spans(holds), strict=True):
        if not 0 <= found <= most:
            return _expired("span", f"{found}s", f"{most}s")
    return None


def _spans(request: ApprovalRequest) -> tuple[int, int]:
    """Seconds to sign, and then to execute."""
    issued, approve, execute = map(moment, (request.issued_at, request.approve_by, request.execute_by))
    return int((approve - issued).total_seconds()), int((execute - approve).total_seconds())


def _check_ends(case: Case, tally: _Tally) -> Stop | None:
    """The last signature that was needed was in time, and there is time left; silence means no."""
    request, now = case.read.request, timestamp(case.moments.now)
    last = max((timestamp(item.signed_at) for item in tally.signers), default="") if tally.assignment.complete else now
    if last > request.approve_by:
        return _expired("approve_by", last, request.approve_by)
    if now > request.execute_by:
        return _expired("execute_by", now, request.execute_by)
    return None


def _expired(detail: str, found: str, needed: str) -> Stop:
    return Stop(StopCode.STOP_APPROVAL_EXPIRED, detail, found=found, needed=needed, check=12)


def _check_ledger(case: Case, _tally: _Tally) -> Stop | None:
    """Check 13: the ledger still holds what the request saw of it."""
    seen, head = case.read.request.ledger_seen, case.head
    if head.log_id != seen.log_id:
        return _broken("other_log", head.log_id, seen.log_id)
    if head.size < seen.size:
        return _broken("truncated", str(head.size), str(seen.size))
    if case.seen_sha256 != seen.head_sha256:
        return _broken("forked", case.seen_sha256[:16], seen.head_sha256[:16])
    return None


def _broken(detail: str, found: str, needed: str) -> Stop:
    return Stop(StopCode.STOP_LEDGER_BROKEN, detail, found=found, needed=needed, check=13)


def _check_unused(case: Case, _tally: _Tally) -> Stop | None:
    """What the database will say at check 14, said before anything is done for it."""
    if not case.used:
        return None
    return Stop(StopCode.STOP_APPROVAL_CONSUMED, "used", found=case.read.sha256[:16], check=14)


_Check: TypeAlias = Callable[[Case, _Tally], Stop | None]
# A no comes first: neither a moved policy, for which a request is written anew, nor bad signatures may hide it.
_CHECKS: tuple[_Check, ...] = (
    _check_rejections,
    _check_policy,
    _check_quorum,
    _check_place,
    _check_contents,
    _check_times,
    _check_ledger,
    _check_unused,
)

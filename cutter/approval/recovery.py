"""What a set back database contradicts, and which contradiction people have settled by their signatures. Pure.

Rules kept here:

- What is kept outside and not held by the ledger is lost, unless a decision settles it: a checkpoint no newer than the
  one that people saw, and longer than the length at which ledger and checkpoints still agreed. Nothing else is.
- A decision is believed by the signatures on its request, never by rows: whoever can set a ledger back can write any
  row of it. The request's digest leads to the plan, the plan to what was found and to the cause.
- The quorum of the shipped gate is the least, whatever a pipeline of somebody's own asks.

Source: approvals-and-evidence §4 (Rollback), §7 rows 25–29.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from cutter import canon
from cutter.approval.identification import Asking, Signer, identify
from cutter.approval.quorum import assign
from cutter.approval.reading import APPROVAL, Offer, Presented, Read, moment, read
from cutter.approval.request import ApprovalRequest
from cutter.approval.trust import TrustBundle
from cutter.checkpoints import Claim, Place, StoredHead
from cutter.contracts import Setback, SignatureReport, StoredRequest, StoredSignature, Target
from cutter.events import Acted, GateOpened, Record
from cutter.model import RoleQuorum
from cutter.plan import Plan
from cutter.stops import Stop, StopCode

GATE = "GATE_LEDGER_RECOVERY_AUTHORIZATION"
FIND = "custody.find_rollback"
RECOVER = "custody.recover_ledger"
LEAST_QUORUM = (RoleQuorum("sovereign", 1),)


class Decision(Setback, frozen=True, kw_only=True):
    """What people decided: the setback that they saw, and its cause (a word of the pipeline)."""

    cause: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What the ledger and the knowledge base say of a decision; nothing of it is believed yet."""

    record: Record
    opened: GateOpened
    request: StoredRequest | None
    signatures: tuple[StoredSignature, ...]
    plan: bytes


def decision_in(records: Sequence[Record]) -> tuple[Record, GateOpened] | None:
    """The event of the decision that a run recorded, and the gate that it passed for it."""
    acted = [r for r in records if isinstance(r.event, Acted) and _is(r.event.operation, RECOVER)]
    opened = [r.event for r in records if isinstance(r.event, GateOpened) and r.event.gate == GATE]
    return (acted[-1], opened[-1]) if acted and opened else None


def believe(
    stated: Stated, head: StoredHead, trust: TrustBundle, judge: Callable[[Offer], SignatureReport]
) -> Decision | None:
    """The decision, if enough people signed exactly it, for this very log.

    Args:
        stated: what the database says of it.
        head: the ledger's head.
        trust: whom the office trusts now: a key that was revoked since takes its decision along.
        judge: what gpg says of a signature.
    """
    found, planned = _request(stated), _plan(stated.plan)
    if found is None or planned is None:
        return None
    decision, request = _decided(stated.record), found.request
    if decision is None or not _is_about(request, stated, head, planned, decision):
        return None
    return decision if _has_quorum(found, stated, trust, judge) else None


def find_setback(
    present: StoredHead,
    target: Target,
    claims: Sequence[Claim],
    hashes: Mapping[int, str],
    decisions: Sequence[Decision],
) -> Setback | None:
    """What was set back and is not settled.

    Args:
        present: the ledger's head (its length and hash: before the run that looks).
        target: the database that it is in.
        claims: what is kept outside.
        hashes: the ledger's hash at the length of each claim that it reaches, and at 0.
        decisions: those that are believed, oldest first.
    """
    moved = as_decided(present, decisions)
    known = (moved.system_identifier, moved.database_oid)
    held = [claim for claim in claims if claim.log_id == present.log_id and hashes.get(claim.size) == claim.sha256]
    lost = [claim for claim in claims if claim not in held and not is_settled(claim, present.log_id, decisions)]
    if not lost and known == (target.system_identifier, target.database_oid):
        return None
    newest = max(lost, key=lambda claim: (claim.at, claim.size), default=None)
    before = [claim for claim in held if claim.size <= present.size and (newest is None or claim.at <= newest.at)]
    agreed = max(before, key=lambda claim: claim.size, default=None)
    return Setback(
        log_id=present.log_id,
        head_size=present.size,
        head_sha256=present.sha256,
        system_identifier=target.system_identifier,
        database_oid=target.database_oid,
        known_system_identifier=known[0],
        known_database_oid=known[1],
        lost_log_id=newest.log_id if newest else "",
        lost_size=newest.size if newest else 0,
        lost_sha256=newest.sha256 if newest else "",
        lost_at=newest.at if newest else "",
        agreed_size=agreed.size if agreed else 0,
        agreed_sha256=agreed.sha256 if agreed else present.genesis,
    )


def as_decided(head: StoredHead, decisions: Sequence[Decision]) -> StoredHead:
    """The head as if the log had been begun where the last decision says that it is."""
    if not decisions:
        return head
    place = decisions[-1]
    return msgspec.structs.replace(head, system_identifier=place.system_identifier, database_oid=place.database_oid)


def is_settled(claim: Claim, log_id: str, decisions: Iterable[Decision]) -> bool:
    """Whether people decided that what this says is lost.

    It is kept outside the database, of the log that they gave up, and no newer than the checkpoint that they saw; where
    that is the log that goes on (`log_id`), it is also longer than what both agreed on.
    """
    return claim.place in (Place.WORKSPACE, Place.USER) and any(
        claim.log_id == decision.lost_log_id
        and claim.at <= decision.lost_at
        and (claim.log_id != log_id or claim.size > decision.agreed_size)
        for decision in decisions
    )


def set_back(found: Setback, where: str = "") -> Stop:
    """The stop of a run over a ledger that was set back; both sizes are named (of another log with its first digits).

    STOP_LEDGER_BROKEN, detail `rollback` (shorter than what is known, another log, another database) or `forked`.
    """
    code = StopCode.STOP_LEDGER_BROKEN
    if not found.lost_log_id:
        here = f"{found.system_identifier}/{found.database_oid}"
        known = f"{found.known_system_identifier}/{found.known_database_oid}"
        return Stop(code, "rollback", found=here, needed=known, where="database")
    if found.lost_log_id != found.log_id:
        present, lost = f"{found.log_id[:8]}/{found.head_size}", f"{found.lost_log_id[:8]}/{found.lost_size}"
        return Stop(code, "rollback", found=present, needed=lost, where=where)
    detail = "rollback" if found.lost_size > found.head_size else "forked"
    return Stop(code, detail, found=str(found.head_size), needed=str(found.lost_size), where=where)


def _is(uses: str, operation: str) -> bool:
    return uses.partition("@")[0] == operation


def _request(stated: Stated) -> Read | None:
    """The request, with the signatures on it that can be read: one that cannot takes no other along."""
    request = stated.request
    if request is None:
        return None
    try:
        found = read(Presented(request.kb_id, request, ()))
    except Stop:
        return None
    offers = [offer for item in stated.signatures for offer in _offers(request, item)]
    return Read(found.kb_id, found.request, found.sha256, tuple(offers))


def _offers(request: StoredRequest, signature: StoredSignature) -> tuple[Offer, ...]:
    try:
        return read(Presented(request.kb_id, request, (signature,))).offers
    except Stop:
        return ()


def _plan(body: bytes) -> Plan | None:
    try:
        found = msgspec.json.decode(body, type=Plan)
    except msgspec.MsgspecError:
        return None
    return found if canon.encode(found) == body else None


def _decided(record: Record) -> Decision | None:
    try:
        return msgspec.convert(record.event.outcome, Decision) if isinstance(record.event, Acted) else None
    except msgspec.ValidationError:
        return None


def _is_about(request: ApprovalRequest, stated: Stated, head: StoredHead, plan: Plan, decision: Decision) -> bool:
    """What was signed is this decision: of this run and log, of the database that it names, and what the plan found."""
    facts = msgspec.to_builtins(decision)
    cause = facts.pop("cause")
    seen = [planned.outcome for planned in plan.outcomes if _is(planned.operation, FIND)]
    return (
        request.sha256 == stated.opened.request_sha256
        and request.gate_id == GATE
        and (request.tenant, request.run_id) == (head.tenant, stated.record.run_id)
        and any(_is(operation, RECOVER) for operation in request.covers)
        and request.plan_sha256 == plan.sha256
        and request.target.ledger_log_id == decision.log_id == head.log_id
        and request.target.system_identifier == decision.system_identifier
        and request.target.database_oid == decision.database_oid
        and any(item.name == "cause" and item.value == cause for item in plan.inputs.values)
        and len(seen) == 1
        and all(seen[0].get(name) == value for name, value in facts.items())
    )


def _has_quorum(found: Read, stated: Stated, trust: TrustBundle, judge: Callable[[Offer], SignatureReport]) -> bool:
    """Whether enough persons other than who asked have signed: of the request, the office and the least quorum."""
    request = found.request
    asked = {item.role: item.persons for item in LEAST_QUORUM}
    office = [item for gate in trust.quorums if gate.gate_id == GATE for item in gate.roles]
    for item in (*request.quorum.roles, *office):
        asked[item.role] = max(asked.get(item.role, 0), item.persons)
    try:
        decided = moment(f"{stated.record.at[:19]}Z")
    except ValueError:
        return False
    asking = Asking(tenant=request.tenant, roles=tuple(asked), issued_at=request.issued_at, now=decided)
    looked = [identify(offer, judge(offer), trust, asking) for offer in found.offers if offer.kind == APPROVAL]
    signers = [item for item in looked if isinstance(item, Signer) and item.person.person_id != request.requester]
    persons = {item.person.person_id: item.person.roles for item in signers}
    roles = tuple(RoleQuorum(role, count) for role, count in asked.items())
    return assign(persons, roles, request.quorum.threshold).complete

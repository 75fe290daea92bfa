"""The gates of one pass of a live run: what is asked, what people answered, and the use of their approval.

Rules kept here: a request is composed from the live database and the run, twice: when it is written, and again when it
is judged, so that what was signed is compared with what holds; an approval is judged before it is noted, and once more
in the transaction that uses it, trust and signatures read anew; nothing but an event is written when it is refused.

Source: approvals-and-evidence §3.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from cutter import __version__, canon, gates
from cutter.approval.checks import (
    Approved,
    Case,
    Judgement,
    Moments,
    Refused,
    StillWaiting,
    check_skew,
    check_trust,
    judge,
)
from cutter.approval.identification import timestamp
from cutter.approval.reading import Offer, Presented, read, read_request
from cutter.approval.request import (
    ESCALATION,
    PAYLOAD_TYPE,
    ApprovalRequest,
    LedgerSeen,
    Quorum,
    Tool,
    TrustedBundle,
    request_target,
)
from cutter.approval.trust import LoadedTrust, TrustBundle, public_keys
from cutter.contracts import (
    Consumption,
    KnowledgeDocument,
    SignatureReport,
    StoredRequest,
    SurveySession,
    TrustFloor,
    WriteTransaction,
)
from cutter.events import ApprovalVerified, GateOpened, GateRefused, GateWaiting
from cutter.execution import Execution
from cutter.gates import Place
from cutter.model import FingerprintCheck, GatePhase, Starter
from cutter.order import Asked
from cutter.pipeline.conditions import DECISION
from cutter.plan import Plan
from cutter.policies.decision import PROCEED
from cutter.stops import Stop, StopCode

BACKUP_POLICY = "cutter_orchestrator.backup_policy"
_REFUSED_USES = (StopCode.STOP_APPROVAL_CONSUMED, StopCode.STOP_APPROVAL_EXPIRED, StopCode.STOP_SIGNER_REFUSED)
_DECLINED = {
    StopCode.STOP_APPROVAL_REJECTED: StopCode.STOP_DECISION_REFUSED,
    StopCode.STOP_APPROVAL_EXPIRED: StopCode.STOP_DECISION_LAPSED,
}
_NO_PAGE = "0" * 64  # of a request that is not written yet


class Gatekeeper:
    """Asks, judges and uses approvals for one pass; what gpg and the roots said is asked once, and again for a use."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._ports = execution.ports
        self._approvals = execution.ports.approvals
        self._journal = execution.journal
        self._trust: LoadedTrust | None = None
        self._reports: dict[str, SignatureReport] = {}

    def admit(self) -> None:
        """Refuse a live run whose trust cannot be believed, or by somebody whom it does not know.

        A host whose clock is wrong dates no event: one in the future would bar the approvals of every other host.

        Raises:
            Stop: STOP_TRUST_REFUSED, also with detail `requester_unknown`; STOP_CLOCK_UNSAFE, detail `clock_skew`.
        """
        with self._ports.transactor.survey() as session:
            floor = self._approvals.records.trust_floor(session)
            moments = self._moments(session)
        refusal = check_skew(moments) or check_trust(
            self._load(),
            floor,
            0,
            self._ports.clock.now(),
            throwaway_allowed=self._approvals.throwaway_allowed,
        )
        if refusal is not None:
            raise refusal
        identity = self._ports.transactor.identity
        person = self._bundle().person(identity.person)
        if person is None or identity.login not in person.logins or identity.tenant not in person.tenants:
            raise Stop(StopCode.STOP_TRUST_REFUSED, detail="requester_unknown", found=identity.person)

    def look(self) -> Judgement | None:
        """What people answered at the gate where the run waits; None when it waits at none, or must ask anew."""
        gate_id = self._journal.state.waiting_at
        if not gate_id:
            return None
        place = self._place(gate_id)
        with self._ports.transactor.survey() as session:
            judgement = self._judge(session, place)
        return None if judgement is None or self._must_ask_anew(judgement) else judgement

    def refuse(self, phase: str, stop: Stop) -> None:
        """Record a refused approval: one event, and the run waits on."""
        since = len(self._journal.records)
        gate = self._gate_of(phase)
        asked = self._journal.state.request_of(gate)
        told = self._execution.stopped(stop)
        event = GateRefused(
            gate=gate,
            request_sha256=asked.request_sha256 if asked is not None else "",
            code=told.code,
            exit=int(stop.code.exit),
            category=told.category,
            check=told.check,
            detail=told.detail,
            found=told.found,
            needed=told.needed,
            suggestions=told.suggestions,
        )
        self._journal.note(phase, event)
        with self._execution.transaction(phase, since):
            pass

    def _gate_of(self, phase: str) -> str:
        """The gate whose approval was refused: where the run waits, or stands, or was to use what it had verified."""
        state = self._journal.state
        if state.waiting_at or state.escalated:
            return state.waiting_at or ESCALATION
        phases = self._execution.order.pipeline.phases
        here = (item.gate.id for item in phases if isinstance(item, GatePhase) and item.id == phase)
        return next(here, "") or state.unused[0].gate

    def declined(self, judgement: Judgement | None) -> Stop | None:
        """The stop that ends a run which a policy started, when people said no or nobody answered; else None.

        A trigger may be delivered again without anybody's will: what was answered with no, or with silence, is not
        asked again.
        """
        if self._execution.order.pipeline.started_by is not Starter.POLICY or not isinstance(judgement, Refused):
            return None
        code = _DECLINED.get(judgement.stop.code)
        return Stop(code, detail=judgement.stop.detail, found=judgement.stop.found) if code is not None else None

    def take(self, phase: GatePhase) -> None:
        """Take a live run through a gate, or let it wait there. Raises the stop of a refused approval."""
        since = len(self._journal.records)
        if self._pass(self._place(phase.gate.id)):
            self._execution.close(phase.id, since)

    def escalate(self) -> None:
        """Let people decide whether a run goes on that failed after a governed write; what they sign is used here."""
        since = len(self._journal.records)
        if self._pass(self._place(ESCALATION)):
            with self._execution.transaction("", since) as transaction:
                self._use("", ESCALATION, transaction)

    def use(self, phase: str, transaction: WriteTransaction) -> None:
        """Use the approvals that wait for their first governed write, in the transaction of that write."""
        for gate in self._journal.state.unused:
            self._use(phase, gate.gate, transaction)

    def check_in_time(self, session: SurveySession) -> None:
        """What people let happen by a time, and what was interrupted, is not done after it.

        Raises:
            Stop: STOP_DECISION_LAPSED, detail `execute_by`.
        """
        for gate in self._journal.state.gates:
            stored = self._approvals.records.latest_request(session, self._execution.order.run_id, gate.gate)
            if stored is None or stored.sha256 != gate.request_sha256 or gate.gate == ESCALATION:
                continue
            execute_by = read_request(stored.body, stored.sha256).execute_by
            if timestamp(self._ports.clock.now()) > execute_by:
                raise Stop(StopCode.STOP_DECISION_LAPSED, detail="execute_by", needed=execute_by)

    def _pass(self, place: Place) -> bool:
        """Note that the quorum has signed, or wait for it."""
        with self._ports.transactor.survey() as session:
            judgement = self._judge(session, place)
        match judgement:
            case Approved() if self._only_a_no(place):
                raise Stop(StopCode.STOP_DECISION_REFUSED, detail="no_option", needed=PROCEED)
            case Approved():
                persons = tuple(sorted({counted.person_id for counted in judgement.counted}))
                event = ApprovalVerified(gate=place.gate.id, request_sha256=judgement.sha256, persons=persons)
                self._journal.note(place.phase, event)
                return True
            case StillWaiting():
                self._wait(place, judgement.request, ())
            case Refused() if not self._must_ask_anew(judgement):
                raise self.declined(judgement) or judgement.stop
            case _:
                self._ask(place)
        return False

    def _only_a_no(self, place: Place) -> bool:
        """Whether a yes could lead to nothing: what would be done is not certain, so it was no answer to give."""
        return place.gate.kind == DECISION and PROCEED not in self._execution.plan().options

    def _ask(self, place: Place) -> None:
        """Write a new request with the page that its reviewers read, and wait."""
        plan = self._execution.plan()
        with self._ports.transactor.survey() as session:
            draft = self._compose(session, place)
        asked = Asked(place.gate, draft, plan, tuple(self._journal.records))
        page = self._approvals.reviews.write(self._execution.order, asked)
        request = msgspec.structs.replace(draft, review_sha256=page)
        documents = [KnowledgeDocument(request.kb_id, PAYLOAD_TYPE, request.body)]
        if not any(isinstance(record.event, GateWaiting) for record in self._journal.records):
            documents.append(KnowledgeDocument(plan_id(request.run_id), "application/json", canon.encode(plan)))
        self._wait(place, request, documents)

    def _wait(self, place: Place, request: ApprovalRequest, documents: Sequence[KnowledgeDocument]) -> None:
        since = len(self._journal.records)
        event = GateWaiting(
            gate=place.gate.id,
            plan_sha256=request.plan_sha256,
            request_sha256=request.sha256,
            approval_kb_id=request.kb_id,
            approve_by=request.approve_by,
        )
        self._journal.note(place.phase, event)
        with self._execution.transaction(place.phase, since) as transaction:
            for document in documents:
                transaction.publish(document)

    def _use(self, phase: str, gate_id: str, transaction: WriteTransaction) -> None:
        """Every check again, nothing of it remembered; then the database's own look (check 14), then the event."""
        self._trust = None
        self._reports.clear()
        approved = self._judge(transaction.surveys, self._place(gate_id))
        if isinstance(approved, Refused):
            raise approved.stop
        if not isinstance(approved, Approved):
            raise Stop(StopCode.STOP_SIGNER_REFUSED, detail="quorum", check=8)
        try:
            transaction.consume(Consumption(approved.kb_id, approved.sha256, gate_id, approved.counted))
        except Stop as stop:
            raise Stop(stop.code, stop.detail, check=14 if stop.code in _REFUSED_USES else 0) from None
        bundle = self._bundle()
        transaction.raise_floor(TrustFloor(bundle.version, bundle.sha256))
        self._journal.note(phase, GateOpened(gate=gate_id, request_sha256=approved.sha256))

    def _judge(self, session: SurveySession, place: Place) -> Judgement | None:
        """What is to be said of the newest request of a gate; None when nothing was asked yet."""
        records, run_id = self._approvals.records, self._execution.order.run_id
        stored = records.latest_request(session, run_id, place.gate.id)
        self._check_named(stored, place)
        if stored is None or stored.sha256 in self._used():
            return None
        signatures = tuple(records.signatures(session, stored.sha256))
        try:
            found = read(Presented(stored.kb_id, stored, signatures))
        except Stop as stop:
            return Refused(stop, ())
        case = Case(
            read=found,
            holds=self._compose(session, place),
            trust=self._load(),
            floor=records.trust_floor(session),
            reports=tuple(self._report(offer) for offer in found.offers),
            executor=self._ports.transactor.identity.person,
            moments=self._moments(session),
            seen_sha256=records.ledger_hash(session, found.request.ledger_seen.size),
            head=records.ledger_head(session),
            throwaway_allowed=self._approvals.throwaway_allowed,
            used=False,
        )
        judgement = judge(case)
        asked = self._journal.state.request_of(place.gate.id)
        if isinstance(judgement, Approved) and (asked is None or asked.request_sha256 != judgement.sha256):
            # it stands in the knowledge base, and is signed, and the ledger says that this run never asked it
            return Refused(Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="never_asked", check=13), judgement.reported)
        return judgement

    def _check_named(self, stored: StoredRequest | None, place: Place) -> None:
        """The request that the caller named is one that this run has asked, and that can still be meant.

        That is the one that waits, one that was used, or one of another gate that is not passed yet.
        """
        named = self._execution.order.approval_kb_id
        if not named or (stored is not None and named == stored.kb_id):
            return
        if any(sha256.startswith(named.rsplit("/", 1)[-1]) for sha256 in self._used()):
            return
        asked = [r.event for r in self._journal.records if isinstance(r.event, GateWaiting)]
        event = next((event for event in asked if event.approval_kb_id == named), None)
        if event is None:
            raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="no_request", check=1)
        if event.gate == place.gate.id:
            newest = stored.kb_id if stored is not None else ""
            raise Stop(StopCode.STOP_APPROVAL_EXPIRED, detail="superseded", needed=newest, check=12)
        if any(gate.gate == event.gate and gate.opened for gate in self._journal.state.gates):
            raise Stop(StopCode.STOP_APPROVAL_CONSUMED, detail="gate_passed", found=event.gate, check=14)

    def _used(self) -> frozenset[str]:
        """The requests that this run has used; a failure is asked about anew each time."""
        opened = (record.event for record in self._journal.records if isinstance(record.event, GateOpened))
        return frozenset(event.request_sha256 for event in opened)

    def _must_ask_anew(self, judgement: Judgement) -> bool:
        """Whether a bare repeat of the live line writes a new request: the old one can no longer be answered.

        One that still waits can: when the time to sign is over, its judgement is a refusal (check 12).
        """
        if self._execution.order.approval_kb_id or self.declined(judgement) is not None:
            return False
        over = (StopCode.STOP_APPROVAL_EXPIRED, StopCode.STOP_POLICY_CHANGED)
        return isinstance(judgement, Refused) and judgement.stop.code in over

    def _compose(self, session: SurveySession, place: Place) -> ApprovalRequest:
        """The request as it is to be written now."""
        execution, records = self._execution, self._approvals.records
        order, transactor, bundle = execution.order, self._ports.transactor, self._bundle()
        plan, gate = execution.plan(), place.gate
        issued = self._ports.clock.now()
        approve_by = issued + timedelta(seconds=gate.approve_within)
        head = records.ledger_head(session)
        return ApprovalRequest(
            tenant=transactor.identity.tenant,
            run_id=order.run_id,
            gate_id=gate.id,
            gate_index=place.index,
            pipeline=order.pipeline.id,
            pipeline_sha256=order.pipeline.sha256,
            plan_sha256=plan.sha256,
            outcomes_sha256=execution.outcomes_sha256(place.index),
            covers=place.covers,
            lock_key=order.lock_key,
            row_count=plan.row_count,
            survey_sha256=plan.survey_sha256,
            expected_after_sha256=plan.expected_after_sha256,
            fingerprint_pins_sha256=self._fingerprint_pins_sha256(plan),
            backup_policy_sha256=canon.sha256(records.setting(session, BACKUP_POLICY).encode()),
            review_sha256=_NO_PAGE,
            target=request_target(transactor.target),
            policy_sha256=gates.policy_sha256(gate),
            quorum=Quorum(threshold=sum(asked.persons for asked in gate.quorum), roles=gate.quorum),
            requester=records.requester(session, order.run_id),
            trust_bundle=TrustedBundle(version=bundle.version, sha256=bundle.sha256),
            issued_at=timestamp(issued),
            approve_by=timestamp(approve_by),
            execute_by=timestamp(approve_by + timedelta(seconds=gate.execute_within)),
            nonce=self._ports.ids.nonce(),
            ledger_seen=LedgerSeen(log_id=head.log_id, size=head.size, head_sha256=head.head_sha256),
            tool=Tool(name="cutter", version=__version__),
        )

    def _fingerprint_pins_sha256(self, plan: Plan) -> str:
        names = {
            (phase.id, question.name)
            for phase in self._execution.order.pipeline.before_first_gate()
            if not isinstance(phase, GatePhase)
            for question in phase.preflight
            if isinstance(question, FingerprintCheck)
        }
        return canon.digest([fact for fact in plan.surveys if (fact.phase, fact.survey) in names])

    def _moments(self, session: SurveySession) -> Moments:
        records = self._approvals.records
        last = records.ledger_head(session).last_at
        return Moments(host=self._ports.clock.now(), database=records.database_now(session), ledger_last=last)

    def _report(self, offer: Offer) -> SignatureReport:
        if offer.sha256 not in self._reports:
            keys = tuple(public_keys(self._load().bundle, offer.keyid))
            self._reports[offer.sha256] = self._approvals.signing.verify(offer.signature, offer.signed, keys)
        return self._reports[offer.sha256]

    def _place(self, gate_id: str) -> Place:
        order, finished = self._execution.order, self._journal.state.finished
        return gates.place_of(order.pipeline, gate_id, finished, self._bundle(), self._execution.skipped)

    def _load(self) -> LoadedTrust:
        if self._trust is None:
            self._trust = self._approvals.trust.load()
        return self._trust

    def _bundle(self) -> TrustBundle:
        bundle = self._load().bundle
        if bundle is None:
            raise Stop(StopCode.STOP_TRUST_REFUSED, detail=self._load().refusal, check=4)
        return bundle


def plan_id(run_id: str) -> str:
    """The knowledge-base id of a run's plan."""
    return f"runs/{run_id}/plan"

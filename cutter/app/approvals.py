"""Answering a waiting run: showing a person what it asks, and keeping their signed yes or no.

Rules kept here: what is shown comes from documents that were hashed again against the request, and nobody signs without
the very page that the request names; the person is the one whom the database knows by the login; a signature that could
not count is not asked for; a signature is judged before it is kept; the reason of a no is a private file, and only its
digest leaves this host.

Source: approvals-and-evidence §3 (An approval must not be blind); DESIGN §1.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cutter import canon
from cutter.app.comm import build_policies
from cutter.app.compose import Reached, opened, reach_database, trust_of
from cutter.app.resumption import find_run
from cutter.app.system import SystemClock
from cutter.approval.armor import binary_signature
from cutter.approval.checks import check_trust
from cutter.approval.eligibility import check_signer, count_signed, usable_keys
from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, write_envelope
from cutter.approval.reading import APPROVAL, REJECTION, read_request
from cutter.approval.request import ESCALATION, PAYLOAD_TYPE, REJECTION_TYPE, ApprovalRequest, Rejection
from cutter.approval.trust import Person, TrustBundle, public_keys
from cutter.contracts import StoredRequest, StoredSignature, SurveySession, Target
from cutter.custody.files import create_exclusive, private_folder, read_plain, write_atomic
from cutter.custody.sidecar import RunFolders
from cutter.custody.signing import GpgSigning
from cutter.events import GateWaiting, Record
from cutter.model import Mode
from cutter.plan import Plan
from cutter.policies.decision import PROCEED, Decision
from cutter.policies.policy import DECIDE, Verdict
from cutter.postgres import embedded
from cutter.postgres.approvals import PostgresApprovals
from cutter.postgres.signing import keep_signature
from cutter.postgres.transact import Committing
from cutter.report.asked import AskedApproval, SignedAnswer
from cutter.report.decisions.letters import letter_of
from cutter.report.decisions.words import record_of
from cutter.report.fold import failure_of
from cutter.report.review import file_name
from cutter.run import Lifecycle, fold_kept
from cutter.settings import Service, Settings
from cutter.stops import Stop, StopCode

LARGEST_PAGE = 64 * 1024 * 1024  # bytes
_LARGEST_SIGNATURE = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody signs: the database as their login reaches it, and the home of their key.

    `own` says that the home is the person's, whose agent may ask for a passphrase; else it is a demo's. `approver` is
    the database role that signs.
    """

    reached: Reached
    home: Path
    own: bool
    approver: str


@dataclass(frozen=True, slots=True)
class Signing:
    """A request on somebody's desk: shown, and not signed yet."""

    asked: AskedApproval
    stored: StoredRequest
    request: ApprovalRequest
    person: Person
    bundle: TrustBundle
    desk: Desk


def find_desk(settings: Settings, as_person: str | None, own_home: Path) -> Desk:
    """Where somebody signs.

    Args:
        settings: the workspace.
        as_person: a person of a live demo; None: whoever the database knows by the workspace's own login.
        own_home: the gpg home of whoever runs this.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `as`: this is no live demo, or it has no such person.
    """
    reached = reach_database(settings)
    if as_person is None:
        return Desk(reached, own_home, own=True, approver=settings.roles.approver)
    home = settings.state / "demo" / as_person
    if isinstance(settings.database, Service) or as_person not in embedded.LOGINS or not home.is_dir():
        people = "|".join(name for name in embedded.LOGINS if (settings.state / "demo" / name).is_dir())
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="as", where="--as", needed=people or "a live demo")
    conninfo = embedded.conninfo(embedded.locate(settings.workspace), as_person)
    return Desk(Reached(conninfo, reached.label), home, own=False, approver=settings.roles.approver)


def present(settings: Settings, prefix: str, desk: Desk, review: Path | None, *, rejecting: bool = False) -> Signing:
    """Put the request that a run waits for on somebody's desk.

    Args:
        settings: the workspace.
        prefix: a unique beginning of the run's id.
        desk: where they sign.
        review: the reviewers' page, where it is not in the run's folder.
        rejecting: they want to say no.

    Raises:
        Stop: STOP_RUN_NOT_FOUND, STOP_APPROVAL_NOT_FOUND (`not_waiting`, `ended`, `voided`), STOP_APPROVAL_MALFORMED,
            STOP_APPROVAL_MISMATCH (`wrong_target`, `wrong_run`, `plan_changed`, `review_missing`, `review_changed`),
            STOP_TRUST_REFUSED, STOP_SIGNER_REFUSED, STOP_APPROVAL_EXPIRED, STOP_APPROVAL_REJECTED.
    """
    with opened(settings, desk.reached, Mode.LIVE, "approve") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        run = find_run(transactor, prefix)
        run_id = run.run_id
        if run.voided:
            raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="voided", where=run_id)
        records = transactor.history(run_id)
        waiting, failure = _waiting_for(records, run_id), failure_of(records)
        gate = waiting.gate
        with transactor.survey() as session:
            stored = _stored(session, run_id, waiting)
            request = read_request(stored.body, stored.sha256)
            bundle = _trusted(settings, session, request)
            signatures = tuple(PostgresApprovals().signatures(session, stored.sha256))
        _check_place(request, run_id, gate, transactor.target)
        person = check_signer(request, bundle, transactor.identity, SystemClock().now(), rejecting=rejecting)
        if not rejecting:
            _check_rejections(signatures)
        plan = _plan(transactor, request)
    page = _page(settings, request, review)
    asked = _asked(request, stored, plan, person, desk.reached.label, page, _persons(signatures), bundle)
    after = failure if request.gate_id == ESCALATION else ""
    asked = _with_decision(settings, msgspec.structs.replace(asked, failure=after), plan)
    if not rejecting:
        _check_yes(asked.decision)
    return Signing(asked, stored, request, person, bundle, desk)


def sign_approval(signing: Signing) -> SignedAnswer:
    """Sign a yes by the person's key, and keep it. Raises STOP_KEY_UNUSABLE, STOP_SIGNATURE_REFUSED, and as keeping."""
    fpr, signature = _sign(signing, pae(PAYLOAD_TYPE, signing.stored.body))
    return _keep(signing, APPROVAL, PAYLOAD_TYPE, signing.stored.body, fpr, signature)


def sign_rejection(settings: Settings, signing: Signing, reason: str) -> SignedAnswer:
    """Sign a no by the person's key, and keep it; the reason stays in a private file. Raises as `sign_approval`."""
    text = reason.encode()
    rejection = Rejection(request_sha256=signing.stored.sha256, reason_sha256=canon.sha256(text))
    fpr, signature = _sign(signing, pae(REJECTION_TYPE, rejection.body))
    folder = private_folder(settings.state / "rejections", settings.workspace)
    path = folder / f"{signing.request.run_id}-{rejection.reason_sha256[:16]}.txt"
    write_atomic(path, text)
    answer = _keep(signing, REJECTION, REJECTION_TYPE, rejection.body, fpr, signature)
    return msgspec.structs.replace(answer, reason_path=str(path))


def export_request(signing: Signing, file: Path) -> str:
    """Write the exact bytes that are to be signed, for a key that is elsewhere; the fingerprint that may sign.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `file_exists`; STOP_PATH_UNSAFE, STOP_DISK.
    """
    try:
        create_exclusive(file.absolute(), pae(PAYLOAD_TYPE, signing.stored.body))
    except FileExistsError:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="file_exists", where=str(file)) from None
    return usable_keys(signing.person, signing.bundle)[0]


def import_signature(signing: Signing, file: Path) -> SignedAnswer:
    """Take a detached signature that was made elsewhere over the exported bytes, and keep it when it is good.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_SIGNATURE_REFUSED, STOP_SIGNER_REFUSED (detail `other_key`).
    """
    try:
        data = read_plain(file.absolute(), _LARGEST_SIGNATURE, shared=True)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, where=str(file)) from None
    signature = binary_signature(data)
    fpr = _judge(signing, signature, pae(PAYLOAD_TYPE, signing.stored.body))
    return _keep(signing, APPROVAL, PAYLOAD_TYPE, signing.stored.body, fpr, signature)


def _stored(session: SurveySession, run_id: str, waiting: GateWaiting) -> StoredRequest:
    """The request that the ledger says was asked, and no other that stands in its place."""
    stored = PostgresApprovals().request(session, waiting.approval_kb_id)
    if stored is None or stored.sha256 != waiting.request_sha256:
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="no_request" if stored is None else "digest", where=run_id)
    return stored


def _waiting_for(records: Sequence[Record], run_id: str) -> GateWaiting:
    """What a run waits for; a run that was ended at a gate waits no longer."""
    state = fold_kept(records)
    if state.lifecycle is Lifecycle.TERMINATED:
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="ended", where=run_id)
    waiting = state.request_of(state.waiting_at)
    if waiting is None:
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="not_waiting", where=run_id)
    return waiting


def _check_rejections(signatures: Sequence[StoredSignature]) -> None:
    """A yes after a no opens nothing: nobody is asked for it."""
    persons = tuple(dict.fromkeys(item.person for item in signatures if item.kind == REJECTION))
    if persons:
        raise Stop(StopCode.STOP_APPROVAL_REJECTED, detail="rejected", found="+".join(persons), check=9)


def _trusted(settings: Settings, session: SurveySession, request: ApprovalRequest) -> TrustBundle:
    loaded = trust_of(settings).load()
    floor = PostgresApprovals().trust_floor(session)
    allowed = not isinstance(settings.database, Service)
    version = request.trust_bundle.version
    refusal = check_trust(loaded, floor, version, SystemClock().now(), throwaway_allowed=allowed)
    if refusal is not None:
        raise refusal
    assert loaded.bundle is not None  # noqa: S101  it was checked
    return loaded.bundle


def _check_place(request: ApprovalRequest, run_id: str, gate: str, target: Target) -> None:
    """The request is for this run's gate and for this database."""
    if (request.run_id, request.gate_id) != (run_id, gate):
        raise Stop(StopCode.STOP_APPROVAL_MISMATCH, detail="wrong_run", found=request.run_id, needed=run_id, check=10)
    named = (request.target.system_identifier, request.target.database_oid, request.target.ledger_log_id)
    if named != (target.system_identifier, target.database_oid, target.ledger_log_id):
        needed = request.target.system_identifier
        raise Stop(
            StopCode.STOP_APPROVAL_MISMATCH,
            detail="wrong_target",
            found=target.system_identifier,
            needed=needed,
            check=10,
        )


def _plan(transactor: Committing, request: ApprovalRequest) -> Plan:
    """The plan that the request names, hashed again."""
    document = transactor.document(f"runs/{request.run_id}/plan")
    found = canon.sha256(document.body) if document is not None else ""
    if document is None or found != request.plan_sha256:
        raise _mismatch("plan_changed", found, request.plan_sha256, f"runs/{request.run_id}/plan")
    return msgspec.json.decode(document.body, type=Plan)


def _page(settings: Settings, request: ApprovalRequest, review: Path | None) -> Path:
    """The very page that the request names; without it nobody signs."""
    name = file_name(request.gate_id)
    path = RunFolders(settings.state).folder(request.run_id) / name
    try:
        if review is None:
            body = RunFolders(settings.state).read(request.run_id, name)
        else:
            path = review.absolute()
            body = read_plain(path, LARGEST_PAGE, shared=True)
    except FileNotFoundError:
        body = None
    if body is None:
        raise _mismatch("review_missing", "", request.review_sha256, str(path))
    if canon.sha256(body) != request.review_sha256:
        raise _mismatch("review_changed", canon.sha256(body), request.review_sha256, str(path))
    return path


def _mismatch(detail: str, found: str, needed: str, where: str) -> Stop:
    return Stop(StopCode.STOP_APPROVAL_MISMATCH, detail=detail, found=found[:16], needed=needed[:16], where=where)


def _asked(
    request: ApprovalRequest,
    stored: StoredRequest,
    plan: Plan,
    person: Person,
    label: str,
    page: Path,
    signed: Sequence[str],
    bundle: TrustBundle,
) -> AskedApproval:
    found = {name: value for planned in plan.outcomes for name, value in planned.outcome.items()}
    roles = {quorum.role for quorum in request.quorum.roles}
    assignment = count_signed(request, bundle, signed)
    return AskedApproval(
        run_id=request.run_id,
        gate=request.gate_id,
        approval_kb_id=stored.kb_id,
        person_id=person.person_id,
        roles=tuple(sorted(roles.intersection(person.roles))),
        pipeline=request.pipeline,
        document_id=request.lock_key,
        database=label,
        row_count=request.row_count,
        covers=request.covers,
        counts={str(kind): int(number) for kind, number in found.get("counts", ())},
        language=str(found.get("language", "vi")),
        doubts=int(found.get("doubts", 0)),
        requester=request.requester,
        needed=request.quorum.roles,
        signed=tuple(assignment.filled),
        missing=assignment.missing,
        approve_by=request.approve_by,
        execute_by=request.execute_by,
        review_path=str(page),
        review_sha256=request.review_sha256,
        plan_sha256=request.plan_sha256,
        request_sha256=stored.sha256,
        exit_code=0,
    )


def _with_decision(settings: Settings, asked: AskedApproval, plan: Plan) -> AskedApproval:
    """Of a run that a policy started also what was decided, and the text that it leads to, if the workspace has it."""
    outcome = next((planned.outcome for planned in plan.outcomes if planned.operation == DECIDE), None)
    decision = record_of(outcome) if outcome is not None else None
    if decision is None:
        return asked
    try:
        letter = letter_of(decision, build_policies(settings).select().templates)
    except Stop:
        letter = None  # the page has it, and the run itself refuses other policies
    return msgspec.structs.replace(asked, decision=decision, letter=letter)


def _check_yes(decision: Decision | None) -> None:
    """Where the policies left nothing that a yes could lead to, nobody is asked for one."""
    if decision is not None and decision.verdict is Verdict.ESCALATE and PROCEED not in decision.options:
        raise Stop(StopCode.STOP_INVALID_INPUT, "option", where="--option", needed="|".join(decision.options))


def _persons(signatures: Sequence[StoredSignature]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.person for item in signatures if item.kind == APPROVAL))


def _sign(signing: Signing, data: bytes) -> tuple[str, bytes]:
    """A signature by the first of the person's keys whose secret part is at the desk."""
    provider = GpgSigning(signing.desk.home, attended=signing.desk.own)
    for fpr in usable_keys(signing.person, signing.bundle):
        try:
            signature = provider.sign(data, fpr)
        except Stop as stop:
            if stop.code is not StopCode.STOP_KEY_UNUSABLE:
                raise
            continue
        _judge(signing, signature, data)
        return fpr, signature
    where, keys = str(signing.desk.home), " ".join(usable_keys(signing.person, signing.bundle))
    raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="no_secret_key", needed=keys, where=where)


def _judge(signing: Signing, signature: bytes, data: bytes) -> str:
    """The primary fingerprint of the person's key by which a signature is good."""
    fprs = usable_keys(signing.person, signing.bundle)
    keys = tuple(key for fpr in fprs for key in public_keys(signing.bundle, fpr))
    report = GpgSigning().verify(signature, data, keys)
    if report.refusals:
        raise Stop(StopCode.STOP_SIGNATURE_REFUSED, detail=report.refusals[0], found=report.primary_fpr, check=5)
    if report.primary_fpr not in fprs:
        raise Stop(StopCode.STOP_SIGNER_REFUSED, detail="other_key", found=report.primary_fpr, check=7)
    return report.primary_fpr


def _keep(signing: Signing, kind: str, payload_type: str, payload: bytes, fpr: str, signature: bytes) -> SignedAnswer:
    envelope = write_envelope(Envelope(payload_type, payload, (EnvelopeSignature(fpr, signature),)))
    name = f"cutter/{signing.request.run_id[:8]}"
    sha256 = keep_signature(
        signing.desk.reached.conninfo, name, signing.stored.kb_id, kind, envelope, signing.desk.approver
    )
    mine = (signing.person.person_id,) if kind == APPROVAL else ()
    counted = count_signed(signing.request, signing.bundle, (*signing.asked.signed, *mine))
    return SignedAnswer(
        kind=kind,
        approval_kb_id=signing.stored.kb_id,
        request_sha256=signing.stored.sha256,
        signature_sha256=sha256,
        person_id=signing.person.person_id,
        gate=signing.request.gate_id,
        run_id=signing.request.run_id,
        signed=tuple(counted.filled),
        missing=counted.missing,
        reason_path="",
    )

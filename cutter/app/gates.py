"""What a waiting run waits for: the request, who has signed, who still can; asked read-only, nothing is written.

Source: approvals-and-evidence §3; command-line.md §2 (M2).
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from cutter import gates
from cutter.app.compose import build_ports, opened, reach_database
from cutter.app.resumption import find_run, read_resumable
from cutter.approval.checks import Approved, Judgement, Refused, StillWaiting
from cutter.approval.identification import timestamp
from cutter.approval.reading import read_request
from cutter.approval.request import ApprovalRequest
from cutter.approval.trust import TrustBundle
from cutter.contracts import StoredRequest
from cutter.custody.sidecar import RunFolders
from cutter.events import GateRefused, GateWaiting, Record
from cutter.execution import Execution
from cutter.gatekeeping import Gatekeeper
from cutter.journal import Journal
from cutter.model import Mode, RoleQuorum
from cutter.order import Asked, Order, Ports
from cutter.postgres.transact import Committing
from cutter.report.result import Signer, WaitingFacts
from cutter.report.review import file_name
from cutter.run import fold
from cutter.settings import Settings
from cutter.stops import Stop, StopCode


@dataclass(frozen=True, slots=True)
class CheckedApproval:
    """A request with what the checks say of it now."""

    run_id: str
    request: ApprovalRequest
    stored: StoredRequest
    judgement: Judgement


def check_approval(settings: Settings, prefix: str) -> CheckedApproval:
    """Checks 1 to 13 on the request that a run waits for.

    Raises:
        Stop: STOP_RUN_NOT_FOUND, STOP_APPROVAL_NOT_FOUND (detail `not_waiting`), STOP_LEDGER_BROKEN.
    """
    with opened(settings, reach_database(settings), Mode.LIVE, "check") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        return judge_waiting(settings, transactor, find_run(transactor, prefix).run_id)


def judge_waiting(settings: Settings, transactor: Committing, run_id: str) -> CheckedApproval:
    """Checks 1 to 13 on the request that a run waits for, on a connection that is open. Raises as `check_approval`."""
    found = read_resumable(settings, transactor, run_id)
    order = found.order(settings, transactor.target.server_version)
    records = transactor.history(found.run_id)
    ports = build_ports(settings, transactor, _ignore)
    stored = _stored(ports, records)
    if stored is None:
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="not_waiting", where=found.run_id)
    judgement = _look(ports, order, records, stored)
    if judgement is None:
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="not_waiting", where=found.run_id)
    return CheckedApproval(found.run_id, read_request(stored.body, stored.sha256), stored, judgement)


def tell_waiting(settings: Settings, ports: Ports, order: Order, records: Sequence[Record]) -> WaitingFacts | None:
    """What a run that waits at a gate waits for; None for one that does not."""
    stored = _stored(ports, records)
    if stored is None:
        return None
    try:
        request = read_request(stored.body, stored.sha256)
    except Stop:
        return None  # the result tells the refusal itself
    judgement = _look(ports, order, records, stored)
    if judgement is None:
        return None
    signed, missing = _answered(judgement, request)
    folders = RunFolders(settings.state)
    page = file_name(request.gate_id)
    bundle = ports.approvals.trust.load().bundle
    if bundle is not None and folders.read(order.run_id, page) is None:
        _make_page_again(ports, order, records, request, bundle)
    here = folders.read(order.run_id, page) is not None
    return WaitingFacts(
        review_path=str(folders.folder(order.run_id) / page) if here else "",
        row_count=request.row_count,
        covers=request.covers,
        needed=request.quorum.roles,
        missing=missing,
        signed=signed,
        can_sign=_can_sign(bundle, request, signed, timestamp(ports.clock.now())) if bundle is not None else (),
        requester=request.requester,
        execute_by=request.execute_by,
        throwaway=bundle is not None and bundle.throwaway,
        declined=isinstance(judgement, Refused) and judgement.stop.code is StopCode.STOP_APPROVAL_REJECTED,
    )


def _make_page_again(
    ports: Ports, order: Order, records: Sequence[Record], request: ApprovalRequest, bundle: TrustBundle
) -> None:
    """Make the page of a request that is gone from the run's folder: of the same run and texts it is the same page."""
    newest = fold(records).request_of(request.gate_id)
    at = next(number for number, record in enumerate(records) if record.event == newest)
    before = fold(records[:at])
    place = gates.place_of(order.pipeline, request.gate_id, before.finished, bundle)
    plan = Execution(ports, order, Journal(order.run_id, records, ports.clock, ports.notify)).plan()
    ports.approvals.reviews.write(order, Asked(place.gate, request, plan, tuple(records[:at])))


def _stored(ports: Ports, records: Sequence[Record]) -> StoredRequest | None:
    """The request that the run waits for."""
    last = records[-1].event if records else None
    if not isinstance(last, (GateWaiting, GateRefused)):
        return None
    asked = fold(records).request_of(last.gate)
    if asked is None:
        return None
    with ports.transactor.survey() as session:
        return ports.approvals.records.request(session, asked.approval_kb_id)


def _look(ports: Ports, order: Order, records: Sequence[Record], stored: StoredRequest) -> Judgement | None:
    """What the checks say, whether or not the request could still be answered; None when it was used already."""
    journal = Journal(order.run_id, records, ports.clock, ports.notify)
    named = dataclasses.replace(order, approval_kb_id=stored.kb_id)
    return Gatekeeper(Execution(ports, named, journal)).look()


def _answered(judgement: Judgement, request: ApprovalRequest) -> tuple[tuple[str, ...], tuple[RoleQuorum, ...]]:
    match judgement:
        case Approved(counted=counted):
            return tuple(sorted({signature.person_id for signature in counted})), ()
        case StillWaiting(signed=signed, missing=missing):
            return signed, missing
        case _:
            return (), request.quorum.roles


def _can_sign(bundle: TrustBundle, request: ApprovalRequest, signed: Sequence[str], now: str) -> tuple[Signer, ...]:
    asked = {quorum.role for quorum in request.quorum.roles}
    able = []
    for person in bundle.persons:
        roles = tuple(sorted(asked.intersection(person.roles)))
        known = request.tenant in person.tenants and person.valid_from <= now <= person.valid_to
        if roles and known and person.person_id not in (*signed, request.requester):
            able.append(Signer(person.person_id, roles))
    return tuple(able)


def _ignore(record: Record) -> None:
    """Nobody listens."""

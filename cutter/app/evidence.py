"""The evidence of a run: one in-toto Statement in a DSSE envelope, signed by this host, that standard tools can check.

Rules kept here: metadata only, as in the events that it holds; what it is about (its subjects) is digests of bytes that
stand in it or can be had; approvals are in it as they were signed; checking it returns the statement that was checked,
and whoever asked compares the subjects. A file of the run that is gone is made again from the events, and noted.

Source: approvals-and-evidence §5; in-toto Statement v1; DSSE v1.
"""

import base64
import binascii
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from cutter import canon, chain, checkpoints
from cutter.app.checkpoints import checkpoint_files
from cutter.app.compose import reach_database, roles_of
from cutter.app.kept import KeptRun, Source, find_kept
from cutter.app.sidecars import compare_files
from cutter.approval.request import ApprovalRequest, Quorum, TrustedBundle
from cutter.contracts import SurveySession
from cutter.custody.files import private_folder, write_atomic
from cutter.custody.machine_key import load_runner_key, verify
from cutter.custody.sidecar import RunFolders
from cutter.events import Acted, Environment, GateWaiting, Planned, Record, Resumed, Spawned, Stopped
from cutter.evidence import IndexEntry, Story, index_of, sidecars
from cutter.gatekeeping import plan_id
from cutter.postgres.ledger import StoredWitness, open_ledger, read_documents, read_head, read_witnesses
from cutter.run import fold_kept
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:cutter:run-evidence:1"


class Sha256(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A digest as in-toto writes it."""

    sha256: str


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that the evidence is about, by name and digest."""

    name: str
    digest: Sha256


class EvidenceEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event as the ledger keeps it; `body` is base64 of the exact bytes."""

    seq: int
    prev_sha256: str
    sha256: str
    body: str


class EvidenceSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person signed: `approval` or `rejection`; `envelope` is base64 of the DSSE envelope."""

    person: str
    kind: str
    envelope: str


class EvidenceRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked at a gate; `request` is base64 of the bytes that were signed."""

    approval_kb_id: str
    gate: str
    policy_sha256: str
    quorum: Quorum
    request: str
    sha256: str
    signatures: tuple[EvidenceSignature, ...]


class EvidenceTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The database and its log; these words and the tenant make the genesis of the chain."""

    system_identifier: str
    database_oid: int
    ledger_log_id: str


class EvidenceResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the run stands: its lifecycle, its last event, and the code of the stop that it ended with."""

    lifecycle: str
    last_event: str
    at: str
    stop_code: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The predicate (`cutter.evidence/1`). `checkpoints` are base64 of signed checkpoints that end at the run's events;
    `notes` name files that were gone, or told an earlier moment, on the host that made this.
    """

    format: Literal["cutter.evidence/1"] = "cutter.evidence/1"
    run_id: str
    tenant: str
    story: Story
    mode: str
    inputs_sha256: str
    plan: str
    plan_sha256: str
    survey_sha256: str
    target: EvidenceTarget
    trust_bundle: TrustedBundle | None
    environments: tuple[Environment, ...]
    requests: tuple[EvidenceRequest, ...]
    sidecars: tuple[IndexEntry, ...]
    events: tuple[EvidenceEvent, ...]
    checkpoints: tuple[str, ...]
    result: EvidenceResult
    notes: tuple[str, ...]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The in-toto Statement."""

    type: str = msgspec.field(name="_type")
    subject: tuple[Subject, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: Evidence


class WrittenEvidence(msgspec.Struct, frozen=True):
    """Where the evidence of a run is, its digest, the key (public, hex) that signed it, and what it notes."""

    run_id: str
    path: str
    sha256: str
    public: str
    subjects: tuple[Subject, ...]
    notes: tuple[str, ...]


class VerifiedEvidence(msgspec.Struct, frozen=True):
    """A statement that was checked, and the key (public, hex) that signed it."""

    statement: Statement
    public: str


def write_evidence(settings: Settings, prefix: str, out: Path | None = None) -> WrittenEvidence:
    """Make the evidence of a run of the database and write it, as one line of JSON.

    Args:
        settings: the workspace.
        prefix: the run's id, or a beginning that no other has.
        out: the file; without it `.cutter/evidence/RUN.intoto.jsonl`.

    Raises:
        Stop: STOP_RUN_NOT_FOUND (detail `rehearsal`: it has no ledger); STOP_LEDGER_BROKEN; STOP_SIDECAR_CHANGED;
            STOP_KEY_UNUSABLE; STOP_PATH_UNSAFE, STOP_DISK.
    """
    kept = find_kept(settings, prefix)
    if kept.source is not Source.DATABASE:
        raise Stop(StopCode.STOP_RUN_NOT_FOUND, detail=kept.source.value, needed="live")
    key = load_runner_key(settings.credentials)
    compared = compare_files(RunFolders(settings.state), kept)
    notes = (*(f"missing:{name}" for name in compared.missing), *(f"earlier:{name}" for name in compared.earlier))
    with (
        open_ledger(reach_database(settings).conninfo, roles_of(settings)) as ledger,
        ledger.snapshot() as session,
    ):
        evidence = _gather(settings, session, kept, notes)
    statement = Statement(STATEMENT, _subjects(evidence.sidecars, kept.records), PREDICATE, evidence)
    line = key.sign(canon.encode(statement), PAYLOAD_TYPE) + b"\n"
    path = out or private_folder(settings.state / "evidence", settings.workspace) / f"{kept.run_id}.intoto.jsonl"
    write_atomic(path, line, mode=0o644)
    return WrittenEvidence(kept.run_id, str(path), canon.sha256(line), key.public, statement.subject, notes)


def verify_evidence(data: bytes, public_keys: Iterable[str]) -> VerifiedEvidence:
    """Check evidence and return what was checked.

    Args:
        data: the line of a `.intoto.jsonl` file.
        public_keys: the runner keys that are trusted: 32 bytes each, in hex.

    Raises:
        Stop: STOP_VERIFY_FAILED, detail `evidence_signature`, `evidence_malformed` or `evidence_subject`;
            STOP_LEDGER_BROKEN when its events are not a chain of one run.
    """
    signed = verify(data.removesuffix(b"\n"), PAYLOAD_TYPE, public_keys)
    if signed is None:
        raise _bad("evidence_signature")
    try:
        statement = msgspec.json.decode(signed.payload, type=Statement)
        events = [(event, base64.b64decode(event.body, validate=True)) for event in statement.predicate.events]
    except (msgspec.MsgspecError, binascii.Error):
        raise _bad("evidence_malformed") from None
    if (statement.type, statement.predicate_type) != (STATEMENT, PREDICATE):
        raise _bad("evidence_malformed")
    records = _records(statement.predicate, events)
    _check_contents(statement.predicate, records)
    entries = _entries(statement.predicate.run_id, statement.predicate.story, records)
    if statement.predicate.sidecars != entries or statement.subject != _subjects(entries, records):
        raise _bad("evidence_subject")
    return VerifiedEvidence(statement, signed.public)


def _records(evidence: Evidence, events: Sequence[tuple[EvidenceEvent, bytes]]) -> tuple[Record, ...]:
    links = [chain.Link(event.seq, body, event.sha256, event.prev_sha256) for event, body in events]
    for before, after in itertools.pairwise(links):
        if after.seq <= before.seq or (after.seq == before.seq + 1 and after.prev_sha256 != before.sha256):
            raise Stop(StopCode.STOP_LEDGER_BROKEN, detail=f"altered_at_{after.seq}")
    records = tuple(chain.check(link) for link in links)
    fold_kept(records)
    if not records or records[0].run_id != evidence.run_id:
        raise _bad("evidence_subject")
    return records


def _check_contents(evidence: Evidence, records: Sequence[Record]) -> None:
    """The plan and the requests are those whose digests the events state."""
    asked = {r.event.approval_kb_id: r.event.request_sha256 for r in records if isinstance(r.event, GateWaiting)}
    planned = {record.event.plan_sha256 for record in records if isinstance(record.event, Planned)}
    try:
        plan = base64.b64decode(evidence.plan, validate=True)
        found = {item.approval_kb_id: base64.b64decode(item.request, validate=True) for item in evidence.requests}
    except binascii.Error:
        raise _bad("evidence_malformed") from None
    if {kb_id: canon.sha256(body) for kb_id, body in found.items()} != asked:
        raise _bad("evidence_subject")
    if (plan or asked) and {canon.sha256(plan)} != planned:
        raise _bad("evidence_subject")


def _gather(settings: Settings, session: SurveySession, kept: KeptRun, notes: tuple[str, ...]) -> Evidence:
    head = read_head(session)
    bodies = {item.kb_id: item.body for item in read_documents(session, f"approvals/{kept.run_id}/")}
    plans = [item.body for item in read_documents(session, plan_id(kept.run_id)) if item.kb_id == plan_id(kept.run_id)]
    requests = tuple(_requests(kept, bodies, read_witnesses(session)))
    spawned = next((r.event for r in kept.records if isinstance(r.event, Spawned)), None)
    planned = next((r.event for r in kept.records if isinstance(r.event, Planned)), None)
    last = kept.records[-1]
    return Evidence(
        run_id=kept.run_id,
        tenant=head.tenant,
        story=kept.start.story,
        mode=kept.start.mode.value,
        inputs_sha256=spawned.inputs_sha256 if spawned else "",
        plan=base64.b64encode(plans[0]).decode() if plans else "",
        plan_sha256=planned.plan_sha256 if planned else "",
        survey_sha256=planned.survey_sha256 if planned else "",
        target=EvidenceTarget(head.system_identifier, head.database_oid, head.log_id),
        trust_bundle=_trust_bundle(requests),
        environments=tuple(r.event.environment for r in kept.records if isinstance(r.event, (Spawned, Resumed))),
        requests=requests,
        sidecars=_entries(kept.run_id, kept.start.story, kept.records),
        events=tuple(
            EvidenceEvent(link.seq, link.prev_sha256, link.sha256, base64.b64encode(link.body).decode())
            for link in kept.links
        ),
        checkpoints=tuple(_checkpoints(settings, head.log_id, kept)),
        result=EvidenceResult(
            lifecycle=fold_kept(kept.records).lifecycle.value,
            last_event=type(last.event).__name__,
            at=last.at,
            stop_code=last.event.code if isinstance(last.event, Stopped) else "",
        ),
        notes=notes,
    )


def _subjects(entries: Sequence[IndexEntry], records: Sequence[Record]) -> tuple[Subject, ...]:
    """The plan, the sidecars, each backup, and what the governed rows are after the run."""
    subjects = [("plan", record.event.plan_sha256) for record in records if isinstance(record.event, Planned)]
    subjects.append(("sidecars", canon.digest(entries)))
    outcomes = [record.event.outcome for record in records if isinstance(record.event, Acted)]
    for outcome in outcomes:
        if "backup_id" in outcome and "manifest_sha256" in outcome:
            subjects.append((f"backup/{outcome['backup_id']}", str(outcome["manifest_sha256"])))
    after = [str(outcome["expected_after_sha256"]) for outcome in outcomes if "expected_after_sha256" in outcome]
    subjects += [("post-state", digest) for digest in after[-1:]]
    return tuple(Subject(name, Sha256(digest)) for name, digest in subjects)


def _requests(
    kept: KeptRun, bodies: dict[str, bytes], signatures: Sequence[StoredWitness]
) -> Iterator[EvidenceRequest]:
    """What was asked at each gate, as it was signed. Raises STOP_VERIFY_FAILED, `where` the request's id."""
    asked = {r.event.approval_kb_id: r.event for r in kept.records if isinstance(r.event, GateWaiting)}
    for kb_id, event in asked.items():
        body = bodies.get(kb_id, b"")
        if canon.sha256(body) != event.request_sha256:
            raise Stop(StopCode.STOP_VERIFY_FAILED, detail="document_changed", where=kb_id)
        request = msgspec.json.decode(body, type=ApprovalRequest)
        signed = [item for item in signatures if item.request_sha256 == event.request_sha256]
        yield EvidenceRequest(
            approval_kb_id=kb_id,
            gate=event.gate,
            policy_sha256=request.policy_sha256,
            quorum=request.quorum,
            request=base64.b64encode(body).decode(),
            sha256=event.request_sha256,
            signatures=tuple(
                EvidenceSignature(item.person, item.kind, base64.b64encode(item.envelope).decode()) for item in signed
            ),
        )


def _trust_bundle(requests: Sequence[EvidenceRequest]) -> TrustedBundle | None:
    """The bundle that the last request names."""
    if not requests:
        return None
    return msgspec.json.decode(base64.b64decode(requests[-1].request), type=ApprovalRequest).trust_bundle


def _checkpoints(settings: Settings, log_id: str, kept: KeptRun) -> Iterator[str]:
    """The checkpoints of this host that end at an event of the run: they say that it stood in the ledger."""
    ends = {(link.seq, link.sha256) for link in kept.links}
    told = set()
    for item in checkpoint_files(settings).known(log_id):
        found = checkpoints.read_checkpoint(_payload(item.envelope))
        if found is not None and (found.size, found.head_sha256) in ends and item.envelope not in told:
            told.add(item.envelope)
            yield base64.b64encode(item.envelope).decode()


def _payload(envelope: bytes) -> bytes:
    try:
        return base64.b64decode(msgspec.json.decode(envelope)["payload"], validate=True)
    except (msgspec.MsgspecError, binascii.Error, KeyError, TypeError):
        return b""


def _entries(run_id: str, story: Story, records: Sequence[Record]) -> tuple[IndexEntry, ...]:
    return index_of(run_id, story, sidecars(run_id, story, records), "").entries


def _bad(detail: str) -> Stop:
    return Stop(StopCode.STOP_VERIFY_FAILED, detail=detail)

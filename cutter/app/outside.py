"""What is kept of the ledger outside the database, and what people decided about it, compared with the database.

Rules kept here: a checkpoint is believed by a runner key of the trust bundle; a decision by the signatures on its
request, read from the database and judged anew by gpg each time.

Source: approvals-and-evidence §4 (Rollback).
"""

from collections.abc import Sequence

from cutter import chain
from cutter.app.checkpoints import checkpoint_files
from cutter.approval.reading import Offer
from cutter.approval.recovery import RECOVER, Decision, Stated, believe, decision_in, find_setback
from cutter.approval.trust import RunnerKey, TrustBundle, TrustStore, public_keys
from cutter.checkpoints import PAYLOAD_TYPE, Claim, StoredHead, bad_signature, read_checkpoint, signer_of
from cutter.contracts import Setback, SignatureReport, SigningProvider, SurveySession, Target
from cutter.custody.checkpoints import KeptCheckpoint
from cutter.custody.machine_key import verify
from cutter.gatekeeping import plan_id
from cutter.postgres.approvals import PostgresApprovals
from cutter.postgres.ledger import before_run, hashes_at, read_head, rows_of_run, runs_that_did
from cutter.postgres.transaction import read_document
from cutter.settings import Settings


def bundle_of(trust: TrustStore) -> TrustBundle | None:
    """The bundle that the roots signed; None when none is believed."""
    loaded = trust.load()
    return loaded.bundle if not loaded.refusal else None


def believed(kept: KeptCheckpoint, keys: Sequence[RunnerKey]) -> Claim:
    """What a checkpoint says, if a runner key signed it and it says what its place names.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `checkpoint_signature`, `where` the file.
    """
    signed = verify(kept.envelope, PAYLOAD_TYPE, {key.public for key in keys})
    found = read_checkpoint(signed.payload) if signed is not None else None
    if signed is None or found is None or signer_of(found, signed.public, keys) is None:
        raise bad_signature(kept.source)
    if (found.log_id, found.size) != (kept.log_id, kept.size):
        raise bad_signature(kept.source)
    return Claim(kept.place, kept.source, found.log_id, found.size, found.head_sha256, found.at)


def read_decisions(
    session: SurveySession, head: StoredHead, bundle: TrustBundle | None, signing: SigningProvider
) -> tuple[Decision, ...]:
    """The decisions of people about this log that are believed, oldest first."""
    if bundle is None:
        return ()

    def judge(offer: Offer) -> SignatureReport:
        return signing.verify(offer.signature, offer.signed, public_keys(bundle, offer.keyid))

    stated = sorted(_stated(session), key=lambda item: item[0])
    found = [believe(said, head, bundle, judge) for _, said in stated]
    return tuple(decision for decision in found if decision is not None)


def compare_outside(
    settings: Settings,
    trust: TrustStore,
    signing: SigningProvider,
    target: Target,
    session: SurveySession,
    run_id: str,
) -> Setback | None:
    """What was set back and no decision has settled, before the run; with a bundle that is not believed, nothing is.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `checkpoint_signature`, `no_head`; STOP_PATH_UNSAFE, STOP_DISK.
    """
    bundle = bundle_of(trust)
    head = read_head(session)
    kept = checkpoint_files(settings).known(head.log_id)
    decisions = read_decisions(session, head, bundle, signing)
    return contradiction(session, before_run(session, head, run_id), target, kept, bundle, decisions)


def contradiction(
    session: SurveySession,
    head: StoredHead,
    target: Target,
    kept: Sequence[KeptCheckpoint],
    bundle: TrustBundle | None,
    decisions: Sequence[Decision],
) -> Setback | None:
    """How these checkpoints contradict the database. Raises STOP_LEDGER_BROKEN, detail `checkpoint_signature`."""
    claims = [believed(item, bundle.runner_keys if bundle is not None else ()) for item in kept]
    return find_setback(head, target, claims, hashes_at(session, head, [claim.size for claim in claims]), decisions)


def _stated(session: SurveySession) -> Sequence[tuple[int, Stated]]:
    """Every decision that runs recorded, with the number of its event; nothing is believed yet."""
    found = []
    for run_id in runs_that_did(session, RECOVER):
        rows = rows_of_run(session, run_id)
        recorded = [(seq, chain.check(chain.Link(seq, bytes(body), sha, prev))) for seq, _, prev, body, sha in rows]
        decided = decision_in([record for _, record in recorded])
        if decided is None:
            continue
        record, opened = decided
        records = PostgresApprovals()
        request = records.request(session, f"approvals/{run_id}/{opened.gate}/{opened.request_sha256[:16]}")
        signatures = tuple(records.signatures(session, opened.request_sha256))
        plan = read_document(session, plan_id(run_id))
        seq = next(number for number, item in recorded if item is record)
        found.append((seq, Stated(record, opened, request, signatures, plan.body if plan is not None else b"")))
    return found

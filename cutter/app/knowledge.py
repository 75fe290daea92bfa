"""Looking at the knowledge base: what runs published, what people signed of it, and what failed.

Rules kept here: it only reads; a digest is computed anew from the bytes that are shown, and bytes of another digest
are not shown; nothing is repaired.

Source: issue 6, part 5; DESIGN §7; approvals-and-evidence §3.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC

import msgspec

from cutter import canon
from cutter.app.compose import reach_database, roles_of
from cutter.contracts import SurveySession
from cutter.postgres.knowledge import StoredEntry, read_body, read_entries, read_incident
from cutter.postgres.ledger import open_ledger
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

_SUGGESTIONS = 5
# What a document is, by its id; the first that fits. Others are of a later cutter.
_KINDS = (
    (re.compile(r"runs/[^/]+/start"), "start"),
    (re.compile(r"runs/[^/]+/plan"), "plan"),
    (re.compile(r"runs/[^/]+/report"), "report"),
    (re.compile(r"runs/[^/]+/[0-9]{2,}-[^/]+"), "phase"),
    (re.compile(r"approvals/[^/]+/[^/]+/[^/]+"), "request"),
)
OTHER, INCIDENT = "other", "incident"


class KnowledgeEntry(msgspec.Struct, frozen=True):
    """One entry. `kind` is start, phase, plan, request, approval, rejection, report or incident; `at` is UTC.

    `sha256` is empty, and `size` 0, for an incident: it is a row, and its JSON is made when it is shown.
    """

    kb_id: str
    kind: str
    run_id: str
    at: str
    media_type: str
    size: int
    sha256: str


class ShownEntry(msgspec.Struct, frozen=True):
    """One entry with its bytes, which have the digest that is stated."""

    entry: KnowledgeEntry
    body: bytes


def list_knowledge(settings: Settings, prefix: str) -> tuple[KnowledgeEntry, ...]:
    """The entries whose id begins so, newest first; all of them for an empty prefix."""
    with _reading(settings) as session:
        return tuple(map(_entry, read_entries(session, prefix)))


def show_knowledge(settings: Settings, prefix: str) -> ShownEntry:
    """One entry, by its id or a beginning that no other has.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `kb_id` or `ambiguous` with the nearest ids; STOP_VERIFY_FAILED, detail
            `document_changed`: the bytes have another digest than is stated beside them.
    """
    with _reading(settings) as session:
        stored = _one(prefix, read_entries(session, prefix))
        body = _incident(session, stored) if stored.kind == INCIDENT else read_body(session, stored.kb_id)
    if body is None:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="kb_id", where="KB_ID")
    found = canon.sha256(body)
    if stored.sha256 and found != stored.sha256:
        raise Stop(
            StopCode.STOP_VERIFY_FAILED,
            detail="document_changed",
            found=found[:16],
            needed=stored.sha256[:16],
            where=stored.kb_id,
        )
    return ShownEntry(_entry(stored), body)


@contextmanager
def _reading(settings: Settings) -> Iterator[SurveySession]:
    with open_ledger(reach_database(settings).conninfo, roles_of(settings)) as ledger, ledger.snapshot() as session:
        yield session


def _one(prefix: str, found: Sequence[StoredEntry]) -> StoredEntry:
    exact = [entry for entry in found if entry.kb_id == prefix]
    if len(exact or found) == 1:
        return (exact or found)[0]
    ids = tuple(entry.kb_id for entry in found[:_SUGGESTIONS])
    raise Stop(StopCode.STOP_INVALID_INPUT, detail="ambiguous" if found else "kb_id", where="KB_ID", suggestions=ids)


def _incident(session: SurveySession, stored: StoredEntry) -> bytes | None:
    incident = read_incident(session, stored.kb_id)
    return None if incident is None else canon.encode(incident)


def _entry(stored: StoredEntry) -> KnowledgeEntry:
    kind = stored.kind or next((kind for form, kind in _KINDS if form.fullmatch(stored.kb_id)), OTHER)
    at = stored.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return KnowledgeEntry(stored.kb_id, kind, stored.run_id, at, stored.media_type, stored.size, stored.sha256)

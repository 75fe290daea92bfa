"""What runs and people left in the knowledge base and beside it: documents, signatures on requests, incidents.

Rules kept here: it only reads, in the transaction of the session that it is given; every entry has one id, which is
the document's own, or is made of that of the request that was signed, or of the run that failed.

Source: DESIGN §6 (`kb`); approvals-and-evidence §3.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from cutter.contracts import SurveySession
from cutter.resources import statement


class StoredEntry(msgspec.Struct, frozen=True):
    """One entry without its bytes. `kind` is empty for a document, `sha256` for an incident, which is a row."""

    kb_id: str
    kind: str
    run_id: str
    media_type: str
    size: int
    sha256: str
    at: datetime


class StoredIncident(msgspec.Struct, frozen=True):
    """A failure after a governed write."""

    incident_id: str
    run_id: str
    phase: str
    code: str


def read_entries(session: SurveySession, prefix: str) -> Sequence[StoredEntry]:
    """The entries whose id begins so, newest first."""
    return tuple(StoredEntry(*row) for row in session.stream(_sql("entries"), {"prefix": prefix}))


def read_body(session: SurveySession, kb_id: str) -> bytes | None:
    """The bytes of a document or of a signature's envelope; None when there is none of this id."""
    rows = session.rows(_sql("body"), {"kb_id": kb_id})
    return bytes(rows[0][0]) if rows else None


def read_incident(session: SurveySession, kb_id: str) -> StoredIncident | None:
    """An incident; None when there is none of this id."""
    rows = session.rows(_sql("incident"), {"kb_id": kb_id})
    return StoredIncident(*rows[0]) if rows else None


def _sql(name: str) -> str:
    return statement(f"postgres/sql/knowledge/{name}.sql")

"""What the database keeps of requests, signatures and trust, asked in whatever session the caller has.

Rules kept here: nothing is judged and nothing is believed here; a row of another tenant is not seen.

Source: approvals-and-evidence §3.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from cutter.contracts import (
    Bind,
    LedgerHead,
    Row,
    StoredRequest,
    StoredSignature,
    SurveySession,
    TrustFloor,
)
from cutter.resources import statement
from cutter.stops import Stop, StopCode


class PostgresApprovals:
    """The records of approvals (`contracts.ApprovalRecords`); without a state of its own."""

    def latest_request(self, session: SurveySession, run_id: str, gate: str, /) -> StoredRequest | None:
        """The newest request of a run's gate that this run itself has published."""
        row = _one(session, "latest_request", {"run": run_id, "gate": gate})
        return StoredRequest(*row) if row else None

    def request(self, session: SurveySession, kb_id: str, /) -> StoredRequest | None:
        """The request with this id."""
        row = _one(session, "request", {"kb_id": kb_id})
        return StoredRequest(*row) if row else None

    def signatures(self, session: SurveySession, request_sha256: str, /) -> Sequence[StoredSignature]:
        """All signatures on a request, oldest first."""
        rows = session.rows(_sql("signatures"), {"request_sha256": request_sha256})
        return tuple(StoredSignature(*row) for row in rows)

    def requester(self, session: SurveySession, run_id: str, /) -> str:
        """The person who asked for a run. Raises STOP_RUN_NOT_FOUND."""
        row = _one(session, "requester", {"run": run_id})
        if row is None:
            raise Stop(StopCode.STOP_RUN_NOT_FOUND, found=run_id)
        return str(row[0])

    def trust_floor(self, session: SurveySession, /) -> TrustFloor | None:
        """The newest trust bundle seen."""
        row = _one(session, "trust_floor", {})
        return TrustFloor(*row) if row else None

    def ledger_head(self, session: SurveySession, /) -> LedgerHead:
        """The end of the ledger. Raises STOP_LEDGER_BROKEN, detail `no_head`."""
        row = _one(session, "ledger_head", {})
        if row is None:
            raise Stop(StopCode.STOP_LEDGER_BROKEN, detail="no_head")
        return LedgerHead(*row)

    def ledger_hash(self, session: SurveySession, seq: int, /) -> str:
        """The stored hash of one event; of 0 the genesis, computed again; empty when there is none."""
        row = _one(session, "ledger_hash", {"seq": seq})
        return str(row[0]) if row else ""

    def database_now(self, session: SurveySession, /) -> datetime:
        """The database's clock, in UTC: now, not when the transaction began."""
        row = _one(session, "database_now", {})
        assert row is not None  # noqa: S101  a SELECT without FROM has one row
        now: datetime = row[0]
        return now.astimezone(UTC)

    def setting(self, session: SurveySession, key: str, /) -> str:
        """A value of `dot_config`; empty when it is not set."""
        row = _one(session, "setting", {"key": key})
        return str(row[0]) if row else ""


def _one(session: SurveySession, name: str, bind: Bind) -> Row | None:
    rows = session.rows(_sql(name), bind, limit=1)
    return rows[0] if rows else None


def _sql(name: str) -> str:
    return statement(f"postgres/sql/approvals/{name}.sql")

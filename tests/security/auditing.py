"""The ground of the audit tests: auditors of two tenants, events that are planted, and what the view shows of them."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from cutter.postgres.audit import stream_audit
from cutter.postgres.migrate import Duty, Login, migrate
from cutter.report.audit import COLUMNS
from tests.security.ground import LOGINS, ZEROS, Walls

AUDITORS = (Login("auditor", "demo", "auditor", Duty.AUDIT), Login("foreigner", "elsewhere", "foreigner", Duty.AUDIT))
VIEW = "cutter_governance.audit"
CANARY = "canary7f3a9d51"  # has digits, as every number, date and identifier has
AT = "2026-01-02T03:04:05.678901Z"


def with_auditors(walls: Walls) -> Walls:
    """The database, with auditors of two tenants."""
    migrate(walls.database.superuser, (*LOGINS, *AUDITORS))
    return walls


def plant(walls: Walls, events: Sequence[tuple[str, object]], tenant: str = "demo", **changes: str) -> None:
    """Write events of a new run into a tenant's ledger, each with its phase; what names the run may be changed."""
    run = {"pipeline": "cut", "mode": "live", "started_by": "person", "at": AT} | changes
    run_id = str(uuid4())
    walls.superuser.execute(
        "INSERT INTO cutter_governance.run"
        " (tenant_id, run_id, pipeline, pipeline_sha256, mode, lock_key, requester, started_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (tenant, run_id, run["pipeline"], ZEROS, run["mode"], CANARY, CANARY, run["started_by"]),
    )
    for phase, data in events:
        body = {"v": 1, "tenant": tenant, "run_id": run_id, "phase": phase, "at": run["at"], "data": data}
        append(walls, json.dumps(body | {"person_id": CANARY, "tool_version": CANARY}).encode(), run_id, tenant)


def append(walls: Walls, body: bytes, run_id: str, tenant: str = "demo") -> None:
    """Append a body to the ledger, beside every wall."""
    walls.superuser.execute(
        "INSERT INTO cutter_governance.ledger_event (tenant_id, seq, run_id, body, row_sha256, prev_sha256)"
        " SELECT %s, coalesce(max(seq), 0) + 1, %s, %s, %s, %s FROM cutter_governance.ledger_event"
        " WHERE tenant_id = %s",
        (tenant, run_id, body, ZEROS, ZEROS, tenant),
    )


def seen(walls: Walls, login: str = "auditor") -> list[dict[str, Any]]:
    """The rows of the view, as a login sees them that takes the auditors' role."""
    found = stream_audit(walls.database.conninfo(login), None, None)
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


def column(walls: Walls, name: str) -> set[Any]:
    """The values of one column."""
    return {row[name] for row in seen(walls)} - {None}

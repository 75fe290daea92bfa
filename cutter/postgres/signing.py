"""Keeping somebody's signature: the one thing that an approver's login writes.

Rules kept here: the database stamps person and login itself; what it answers to COMMIT is looked at; the same envelope
again does nothing, so an answer that was lost is asked for by doing it again.

Source: approvals-and-evidence §3 (Who writes it), §7 row 52.
"""

from contextlib import closing

import psycopg
from psycopg import sql

from cutter.contracts import Bind
from cutter.postgres.connect import check_connection, connect
from cutter.postgres.migrate import require_migrated
from cutter.postgres.run_connection import refusals
from cutter.postgres.statements import role
from cutter.postgres.transaction import commit
from cutter.resources import statement
from cutter.stops import Stop, StopCode


def keep_signature(
    conninfo: str, application_name: str, kb_id: str, kind: str, envelope: bytes, approver: str = "cutter_approver"
) -> str:
    """Keep a signature on a request of a live run.

    Args:
        conninfo: how the signer's own login reaches the database.
        application_name: what a DBA sees of the connection.
        kb_id: the request's approval id.
        kind: `approval` or `rejection`.
        envelope: a DSSE envelope with one signature, 1 to 65536 bytes.
        approver: the role that may sign.

    Returns:
        the sha256 of the envelope, by which the database names the signature.

    Raises:
        Stop: STOP_CONNECTION_UNSAFE, detail `not_for_approving` when the login may not sign, else as
            `connect.check_connection`; STOP_APPROVAL_NOT_FOUND, detail `no_request`; STOP_SIGNER_REFUSED, detail
            `too_many_signatures`; STOP_POLICY_REFUSED when another login gave this very envelope; STOP_UNMIGRATED;
            STOP_BUSY; STOP_DATABASE_UNREACHABLE, detail `commit_unknown` when the answer did not come;
            STOP_WRITE_FAILED (detail: SQLSTATE; CU007: the envelope is empty or too large).
    """
    with refusals(), closing(connect(conninfo, application_name)) as connection:
        check_connection(connection)
        require_migrated(connection)
        connection.autocommit = True  # the transaction is begun and ended here by name
        _begin(connection, approver)
        bind: Bind = {"kb_id": kb_id, "kind": kind, "envelope": envelope}
        row = connection.execute(_sql("sign").encode(), bind).fetchone()
        commit(connection)
    assert row is not None  # noqa: S101  a function that returns a value has one row
    return str(row[0])


def _begin(connection: psycopg.Connection, approver: str) -> None:
    try:
        connection.execute(sql.SQL(_sql("begin_signing")).format(approver=role(approver)))
    except psycopg.errors.InsufficientPrivilege:
        raise Stop(StopCode.STOP_CONNECTION_UNSAFE, detail="not_for_approving") from None


def _sql(name: str) -> str:
    return statement(f"postgres/sql/approvals/{name}.sql")

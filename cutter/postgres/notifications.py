"""Notifications as the database keeps them: read by the survey role, and acknowledged, the one write outside a run.

Rules kept here: nothing of a row is believed beyond its closed columns; the database stamps who acknowledges, once; the
same again does nothing, so an answer that was lost is asked for by doing it again.

Source: issue 7, rule 5; migration 0012.
"""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

import msgspec
import psycopg
from psycopg import sql

from cutter.contracts import SurveySession
from cutter.postgres.connect import check_connection, connect
from cutter.postgres.migrate import require_migrated
from cutter.postgres.run_connection import refusals
from cutter.postgres.statements import role
from cutter.postgres.transaction import commit
from cutter.resources import statement
from cutter.stops import Stop, StopCode


class StoredNotification(msgspec.Struct, frozen=True):
    """A row of `comm.notification`. `slots` is the JSON text of the template's closed values."""

    run_id: str
    trigger: str
    policy: str
    policy_version: str
    rule: str
    template: str
    template_version: str
    recipient: str
    slots: str
    created_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


def read_notifications(session: SurveySession, *, every: bool) -> Sequence[StoredNotification]:
    """The tenant's notifications, those that nobody acknowledged first, then the newest; `every`: the others too."""
    return tuple(StoredNotification(*row) for row in session.stream(_sql("list"), {"all": every}))


def find_notification(session: SurveySession, prefix: str) -> tuple[str, str]:
    """The notification whose id begins with `prefix`, and who has acknowledged it (empty: nobody).

    Raises:
        Stop: STOP_RUN_NOT_FOUND, detail `no_notification`, or `ambiguous` with the ids.
    """
    found = session.rows(_sql("find"), {"prefix": prefix}) if prefix else ()
    if len(found) != 1:
        ids = tuple(str(row[0]) for row in found[:5])
        detail = "ambiguous" if found else "no_notification"
        raise Stop(StopCode.STOP_RUN_NOT_FOUND, detail=detail, suggestions=ids)
    return str(found[0][0]), str(found[0][1])


def acknowledge(conninfo: str, application_name: str, run_id: str, notifier: str = "cutter_notifier") -> str:
    """Acknowledge a notification as the login's person; who did so first.

    Args:
        conninfo: how the person's own login reaches the database.
        application_name: what a DBA sees of the connection.
        run_id: the notification's id.
        notifier: the role that may.

    Raises:
        Stop: STOP_CONNECTION_UNSAFE, detail `not_for_acknowledging`, when the login may not; STOP_RUN_NOT_FOUND, detail
            `no_notification`; STOP_UNMIGRATED; STOP_BUSY; STOP_DATABASE_UNREACHABLE, detail `commit_unknown` when the
            answer did not come.
    """
    with refusals(), closing(connect(conninfo, application_name)) as connection:
        check_connection(connection)
        require_migrated(connection)
        connection.autocommit = True  # the transaction is begun and ended here by name
        _begin(connection, notifier)
        row = connection.execute(_sql("acknowledge").encode(), {"run": run_id}).fetchone()
        commit(connection)
    if row is None or row[0] is None:
        raise Stop(StopCode.STOP_RUN_NOT_FOUND, detail="no_notification", found=run_id)
    return str(row[0])


def _begin(connection: psycopg.Connection, notifier: str) -> None:
    try:
        connection.execute(sql.SQL(_sql("begin")).format(notifier=role(notifier)))
    except psycopg.errors.InsufficientPrivilege:
        raise Stop(StopCode.STOP_CONNECTION_UNSAFE, detail="not_for_acknowledging") from None


def _sql(name: str) -> str:
    return statement(f"postgres/sql/notifications/{name}.sql")

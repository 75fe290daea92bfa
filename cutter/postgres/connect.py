"""Connections: how one is opened, which are refused, and what an error of the server becomes.

Rules kept here: nothing that the server says about an error leaves this module but its SQLSTATE and the constraint's
name (its texts hold row values); a connection is used only after `check_connection` found an ordinary login of one
tenant, on a primary server, with no pooler between.

Source: DESIGN §6 (sessions); approvals-and-evidence §7, rows 43 and 48.
"""

from collections.abc import Callable
from typing import Self

import psycopg
from psycopg import sql

from cutter.contracts import Identity, Target, stop_write_failed
from cutter.resources import statement
from cutter.stops import Stop, StopCode

STATEMENT_LIMIT = 15 * 60.0  # seconds
# Session settings that every connection starts with. A pipeline's own limits are looked at between phases.
_SETTINGS = {
    "lock_timeout": "5s",
    "statement_timeout": f"{STATEMENT_LIMIT:.0f}s",
    "idle_in_transaction_session_timeout": "15min",
    "client_connection_check_interval": "1s",
    "client_min_messages": "error",
    "timezone": "UTC",
    "search_path": "",
}
_CONNECT_TIMEOUT = 10

_STOPS = {
    "CU001": (StopCode.STOP_POLICY_REFUSED, ""),
    "CU002": (StopCode.STOP_ROWS_PRESENT, ""),
    "CU003": (StopCode.STOP_TRANSITION_UNSUPPORTED, ""),
    "CU005": (StopCode.STOP_PLAN_CHANGED, "run_differs"),
    "CU010": (StopCode.STOP_SIGNER_REFUSED, "too_many_signatures"),
    "CU011": (StopCode.STOP_SIGNER_REFUSED, "quorum"),
    "CU012": (StopCode.STOP_APPROVAL_EXPIRED, "execute_by"),
    "CU013": (StopCode.STOP_APPROVAL_CONSUMED, ""),
    "CU014": (StopCode.STOP_TRUST_REFUSED, "trust_rollback"),
    "CU015": (StopCode.STOP_APPROVAL_NOT_FOUND, "no_request"),
    "CU016": (StopCode.STOP_LEDGER_BROKEN, "no_such_event"),
    "55P03": (StopCode.STOP_BUSY, ""),
    "57014": (StopCode.STOP_LIMIT_EXCEEDED, ""),
    "25P03": (StopCode.STOP_LIMIT_EXCEEDED, "idle_in_transaction"),
    "25P04": (StopCode.STOP_LIMIT_EXCEEDED, "transaction"),
}
_MARKER_CONSTRAINTS = frozenset({"phase_marker_in_force", "phase_marker_digest_in_force", "phase_marker_pkey"})


class Conninfo(str):
    """A connection string with the way to the password that goes with it.

    The text never holds the password, which is asked for when a connection is opened and kept nowhere; where the text
    is changed or copied by hand, the way is lost and the server refuses the login.
    """

    password: Callable[[], str] | None

    def __new__(cls, text: str, password: Callable[[], str] | None = None) -> Self:
        """`password`: asks for it, raising a Stop of its own."""
        made = super().__new__(cls, text)
        made.password = password
        return made


def connect(conninfo: str, application_name: str) -> psycopg.Connection:
    """Open a connection with cutter's session settings, not in autocommit.

    Args:
        conninfo: a libpq connection string (a service, or the embedded server's socket), or a `Conninfo`.
        application_name: `cutter/RUN`, so that a DBA sees who holds what.

    Raises:
        Stop: STOP_DATABASE_UNREACHABLE; detail `login_refused` when the server asked for a password and did not let
            this login in.
            What asks for the password may raise STOP_KEY_UNUSABLE or STOP_PATH_UNSAFE.
    """
    options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    try:
        return psycopg.connect(
            conninfo,
            password=conninfo.password() if isinstance(conninfo, Conninfo) and conninfo.password else None,
            application_name=application_name,
            options=options,
            connect_timeout=_CONNECT_TIMEOUT,
            # Statements repeat a few times a run and change role between: planning them again costs less than it saves.
            prepare_threshold=None,
        )
    except psycopg.Error as error:
        # libpq tells no SQLSTATE of a connection that never was, only whether a password was asked for
        asked = error.pgconn is not None and (error.pgconn.needs_password or error.pgconn.used_password)
        detail = "login_refused" if asked else ""
        raise Stop(StopCode.STOP_DATABASE_UNREACHABLE, detail=detail) from None


def check_connection(conn: psycopg.Connection) -> Identity:
    """Refuse a connection that cutter must not use, and tell whose login it is. The connection must be idle.

    Raises:
        Stop: as `check_login`; STOP_CONNECTION_UNSAFE, detail `unknown_login`.
    """
    login = check_login(conn)
    try:
        return _identity(conn, login)
    except psycopg.Error as error:
        raise stop_from(error) from None


def check_login(conn: psycopg.Connection) -> str:
    """Refuse a connection that cutter must not use, whatever role it will take; the login. It must be idle.

    Raises:
        Stop: STOP_CONNECTION_UNSAFE with detail `superuser`, `replica`, `pooler` or `privileged_role` (the login may
            take a role that rises above the walls, or inherits one of cutter's); STOP_UNMIGRATED when the database has
            no cutter schema.
    """
    try:
        _refuse_pooler(conn)
        with conn.transaction():
            facts = conn.execute(_statement("connection_facts")).fetchone()
    except psycopg.Error as error:
        raise stop_from(error) from None
    assert facts is not None  # noqa: S101  a SELECT without FROM has one row
    login, superuser, replica, privileged, migrated = facts
    for detail, unsafe in (("superuser", superuser), ("replica", replica), ("privileged_role", privileged)):
        if unsafe:
            raise Stop(StopCode.STOP_CONNECTION_UNSAFE, detail=detail)
    if not migrated:
        raise Stop(StopCode.STOP_UNMIGRATED, detail="no_schema")
    return str(login)


def read_target(conn: psycopg.Connection) -> Target:
    """Which database this is, asked of the server.

    Raises:
        Stop: STOP_CONNECTION_UNSAFE (detail `no_ledger`: the login's tenant has none), STOP_DATABASE_UNREACHABLE.
    """
    try:
        with conn.transaction():
            conn.execute(_statement("take_survey_role"))
            row = conn.execute(_statement("target")).fetchone()
    except psycopg.Error as error:
        raise stop_from(error) from None
    if row is None or row[4] is None:
        raise Stop(StopCode.STOP_CONNECTION_UNSAFE, detail="no_ledger")
    return Target(*row)


def stop_from(error: psycopg.Error) -> Stop:
    """Turn an error of the driver or server into a stop, to be raised `from None`."""
    state = error.sqlstate
    constraint = error.diag.constraint_name or ""
    if state is None:
        # The driver's own: the connection broke in mid-word, or a statement was misused.
        broken = isinstance(error, psycopg.OperationalError)
        return Stop(StopCode.STOP_DATABASE_UNREACHABLE) if broken else stop_write_failed(type(error).__name__)
    if state in _STOPS:
        code, detail = _STOPS[state]
        return Stop(code, detail=detail)
    if state.startswith(("08", "57P0")):
        return Stop(StopCode.STOP_DATABASE_UNREACHABLE, detail=state)
    if state == "23505" and constraint in _MARKER_CONSTRAINTS:
        return Stop(StopCode.STOP_REPLAY_CONFLICT)
    return stop_write_failed(state, constraint)


def _statement(name: str) -> sql.SQL:
    return sql.SQL(statement(f"postgres/sql/{name}.sql"))


def _identity(conn: psycopg.Connection, login: str) -> Identity:
    try:
        with conn.transaction():
            conn.execute(_statement("take_survey_role"))
            row = conn.execute(_statement("identity")).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        row = None
    if row is None or None in row:
        raise Stop(StopCode.STOP_CONNECTION_UNSAFE, detail="unknown_login")
    return Identity(login=login, tenant=row[0], person=row[1])


def _refuse_pooler(conn: psycopg.Connection) -> None:
    """A pooler hands out a process number of its own, changes the process between statements, or loses a setting."""
    conn.autocommit = True
    try:
        probe = _statement("pooler_probe")
        conn.execute(_statement("pooler_mark"))
        seen = {conn.execute(probe).fetchone() for _ in range(2)}
    finally:
        conn.autocommit = False
    if seen != {(conn.info.backend_pid, "marked")}:
        raise Stop(StopCode.STOP_CONNECTION_UNSAFE, detail="pooler")

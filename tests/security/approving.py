"""The ground of the approval walls: a live run that asks, people who sign, and the use of what they signed."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cutter import canon
from cutter.postgres.connect import connect
from cutter.postgres.migrate import Duty, Login, migrate
from tests.security.ground import ALL_OPERATIONS, PREFIX, Ids, Opened, Walls, enter

GATE = "GATE_CUT_AUTHORIZATION"
ESCALATION = "GATE_FAILURE_ESCALATION"
SIGNERS = (
    Login("fourth", "demo", "fourth", Duty.APPROVE),
    Login("fifth", "demo", "fifth", Duty.APPROVE),
    Login("operator_signs", "demo", "operator", Duty.APPROVE),
    Login("colleague_signs", "demo", "colleague", Duty.APPROVE),
    Login("content_too", "demo", "content", Duty.APPROVE),
    Login("stranger_signs", "elsewhere", "stranger", Duty.APPROVE),
)
SIGN = "SELECT cutter_governance.fn_sign(%s, %s, %s)"
CONSUME = "SELECT cutter_governance.fn_consume(%s, %s, %s::text[], %s::text[])"
_SECONDS = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was published: its id and digest."""

    kb_id: str
    sha256: str


def provision(walls: Walls) -> None:
    """Make logins that sign: further persons, second logins of a person, and one of another tenant."""
    migrate(walls.database.superuser, SIGNERS)


def payload(run: str, /, **changes: Any) -> dict[str, Any]:
    """What a request holds as far as the database looks at it, sound but for the changes (None: left out)."""
    sound = {
        "tenant": "demo",
        "run_id": run,
        "gate_id": GATE,
        "covers": list(ALL_OPERATIONS),
        "lock_key": PREFIX,
        "row_count": 2,
        "quorum": {"threshold": 2, "roles": []},
        "max_uses": 1,
        "execute_by": (datetime.now(UTC) + timedelta(hours=1)).strftime(_SECONDS),
    }
    return {name: value for name, value in {**sound, **changes}.items() if value is not None}


def begun(walls: Walls, login: str = "operator", mode: str = "live", lock_key: str = PREFIX) -> Opened:
    """A run that is known, in a transaction that has entered it."""
    opened = Opened(walls.connect(login), Ids())
    walls.create_run(opened.conn, opened.ids, mode, lock_key)
    opened.conn.commit()
    enter(opened)
    return opened


def publish(opened: Opened, body: bytes, gate: str = GATE, kb_id: str = "") -> Request:
    """Publish a request's bytes as the run that was entered."""
    sha256 = hashlib.sha256(body).hexdigest()
    request = Request(kb_id or f"approvals/{opened.ids.run}/{gate}/{sha256[:16]}", sha256)
    opened.take("cutter_appender")
    opened.conn.execute(
        "INSERT INTO kb.document (kb_id, run_id, media_type, body, sha256) VALUES (%s, %s, 'application/json', %s, %s)",
        (request.kb_id, opened.ids.run, body, request.sha256),
    )
    return request


def ask(opened: Opened, gate: str = GATE, **changes: Any) -> Request:
    """Publish a request at a gate, and commit; the run is entered again."""
    request = publish(opened, canon.encode(payload(opened.ids.run, **{"gate_id": gate, **changes})), gate)
    opened.conn.commit()
    enter(opened)
    return request


def sign(walls: Walls, login: str, request: Request, kind: str = "approval", envelope: bytes = b"") -> str:
    """Sign as a login; the signature's digest."""
    envelope = envelope or f"{login} {kind} {request.sha256}".encode()
    with connect(walls.database.conninfo(login), "cutter/test") as conn:
        found = Opened(conn, Ids()).call("cutter_approver", SIGN, request.kb_id, kind, envelope)
    assert found == hashlib.sha256(envelope).hexdigest()
    return str(found)


def arguments(request: Request, signatures: Sequence[str]) -> tuple[object, ...]:
    """What `fn_consume` is called with."""
    return request.kb_id, request.sha256, list(signatures), ["content"] * len(signatures)


def consume(opened: Opened, request: Request, signatures: Sequence[str]) -> object:
    """Use the approval in the transaction that is open; the gate."""
    return opened.call("cutter_appender", CONSUME, *arguments(request, signatures))


def race(racers: Sequence[Callable[[], object]]) -> list[str]:
    """Start all at once, each in a thread; what each ended with: `done` or the SQLSTATE."""
    ready = threading.Barrier(len(racers))
    answers: list[str] = []

    def run(racer: Callable[[], object]) -> None:
        ready.wait()
        try:
            racer()
            answers.append("done")
        except psycopg.Error as error:
            answers.append(error.sqlstate or type(error).__name__)

    threads = [threading.Thread(target=run, args=(racer,)) for racer in racers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@pytest.fixture
def signing(walls: Walls) -> Walls:
    """The ground with logins that sign."""
    provision(walls)
    return walls

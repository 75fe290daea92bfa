"""Attacks on a live run of the whole program: what is forged, one command, and what must be said of it.

The forger is a superuser, or whoever owns the workspace; what they plant is signed anew where that helps them. After
every attack the same is looked at: the stop, that no governed row was written, the events that were added, and that no
text of the document lies where it may not.
"""

import base64
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import psycopg

from cutter import canon
from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, write_envelope
from cutter.approval.request import PAYLOAD_TYPE, ApprovalRequest
from cutter.report.result import Result, RunEffect
from cutter.stops import StopCode
from tests.support.attacks import row_counts
from tests.support.ledger import GENESIS
from tests.support.live import LiveOffice

Command: TypeAlias = Callable[[], Result]
Arrange: TypeAlias = Callable[[LiveOffice], Command]

DOCUMENT = "ATTACKED"
CANARY = "canary7f3a9d51text"
TEXT = f"Điều 1. Một\nNội dung {CANARY} một.\nĐiều 2. Hai\nNội dung {CANARY} hai.\n"
FIRST, SECOND = "GATE_CUT_AUTHORIZATION", "GATE_LIFECYCLE_ENACT_AUTHORIZATION"
# What a refusal may add to: an event, with the checkpoint of the ledger's new head.
_GROWS = ("cutter_governance.ledger_event", "cutter_governance.checkpoint")
_ALWAYS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A' AND NOT tgisinternal"
_EVENTS = """
    SELECT convert_from(body, 'UTF8')::jsonb #>> '{data,event}', count(*)
    FROM cutter_governance.ledger_event GROUP BY 1
"""
_KEPT = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('kb', 'cutter_governance')"


@dataclass(frozen=True)
class Attack:
    """An attack and its answer.

    Attributes:
        arrange: plants what is forged; what it returns is the command that meets it.
        code: the stop; None where the run waits on.
        events: the kinds of events that the command adds, and how many.
    """

    arrange: Arrange
    code: StopCode | None
    detail: str
    check: int
    exit: int
    effect: RunEffect = RunEffect.NONE
    events: Mapping[str, int] = field(default_factory=lambda: {"gaterefused": 1})


def refused_early(arrange: Arrange, code: StopCode, detail: str, check: int, exit_code: int) -> Attack:
    """An attack that is refused before the run is touched: nothing is recorded of it."""
    return Attack(arrange, code, detail, check, exit_code, events={})


def waits_on(arrange: Arrange) -> Attack:
    """An attack that changes nothing: too few have signed."""
    return Attack(arrange, None, "", 0, 10, events={})


def assert_answered(live: LiveOffice, attack: Attack) -> Result:
    """Carry out an attack and look at everything that it must not have done."""
    command = attack.arrange(live)
    before, known = _counts(live), _events(live)

    result = command()

    told = (result.stop_code, result.detail, result.check, result.exit_code, result.effect)
    wanted = (attack.code.name if attack.code else None, attack.detail, attack.check, attack.exit, attack.effect)
    assert told == wanted, f"{told} instead of {wanted}"
    grown = [pair for pair in zip(before, _counts(live), strict=True) if pair[0] != pair[1]]
    assert not grown, f"a refused approval writes nothing: {grown}"
    added = {kind: n - known.get(kind, 0) for kind, n in _events(live).items() if n != known.get(kind, 0)}
    assert added == attack.events, f"{added} instead of {attack.events}"
    lying_about = plaintexts(live, CANARY)
    assert not lying_about, f"text of the document in {lying_about}"
    return result


def ask(live: LiveOffice, pipeline: str = "cut") -> str:
    """Let a run ask for the approval of its cut; the approval id."""
    live.office.add_text(DOCUMENT, TEXT)
    first = live.cut(DOCUMENT, pipeline)
    assert (first.exit_code, first.gate) == (10, FIRST), first
    return first.approval_kb_id or ""


def signed(live: LiveOffice, *names: str) -> str:
    """A request that was asked and signed as it should be."""
    kb_id = ask(live)
    live.sign(kb_id, *(names or ("sovereign",)))
    return kb_id


def resuming(live: LiveOffice, kb_id: str) -> Command:
    """The command that uses an approval."""
    return lambda: live.resume(kb_id)


def request_of(live: LiveOffice, kb_id: str) -> ApprovalRequest:
    """The request as a value."""
    return msgspec.json.decode(live.request(kb_id), type=ApprovalRequest)


def forge(live: LiveOffice, kb_id: str, **changes: Any) -> str:
    """Plant a request with other fields, as its people would have signed it; its id."""
    return plant(live, kb_id, msgspec.structs.replace(request_of(live, kb_id), **changes).body)


def plant(live: LiveOffice, kb_id: str, body: bytes, length: int = 16) -> str:
    """Put a body where the requests of this run's gate are, newer than they and with a right digest; its id."""
    sha256 = canon.sha256(body)
    planted = f"{kb_id.rpartition('/')[0]}/{sha256[:length]}"
    superuser(
        live,
        "INSERT INTO kb.document (tenant_id, kb_id, run_id, media_type, body, sha256, created_at)"
        " SELECT tenant_id, %s, run_id, media_type, %s, %s, clock_timestamp() FROM kb.document WHERE kb_id = %s",
        (planted, body, sha256, kb_id),
    )
    return planted


def superuser(live: LiveOffice, statement: str, values: tuple[object, ...] = ()) -> None:
    """What a superuser does who takes the triggers off that keep what is kept for good, and puts them on again."""
    with psycopg.connect(live.database.superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        always = connection.execute(_ALWAYS).fetchall()
        for table, trigger in always:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}".encode())
        connection.execute(statement.encode(), values or None)
        for table, trigger in always:
            connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}".encode())


def begin_ledger(live: LiveOffice) -> None:
    """Let the ledger say that it was begun in this very database, not in the template of the tests' databases."""
    superuser(live, GENESIS)


def keep(live: LiveOffice, kb_id: str, login: str, key: str, signature: bytes, payload_type: str = PAYLOAD_TYPE) -> str:
    """Hand in a signature of the attacker's own making, in an envelope that is otherwise right; the approval id."""
    envelope = Envelope(payload_type, live.request(kb_id), (EnvelopeSignature(live.keys.fprs[key], signature),))
    live.keep(kb_id, login, "approval", write_envelope(envelope))
    return kb_id


def message(live: LiveOffice, kb_id: str) -> bytes:
    """The bytes that are to be signed."""
    return pae(PAYLOAD_TYPE, live.request(kb_id))


def plaintexts(live: LiveOffice, text: str) -> list[str]:
    """Where a text lies outside of documents, the reviewers' pages and the library: files and rows."""
    needles = forms(text)
    found = [str(path) for path, body in files_of(live) if any(needle in body for needle in needles)]
    return found + [name for name, row in rows_of(live) if any(needle in row for needle in needles)]


def forms(text: str) -> tuple[bytes, ...]:
    """A text as files and rows could hold it: as it is, in hexadecimal, and in base64 at each of its three places."""
    data = text.encode()
    shifted = (base64.b64encode(b"\0" * shift + data)[4 if shift else 0 : -4] for shift in range(3))
    return (data, data.hex().encode(), *shifted)


def files_of(live: LiveOffice) -> Iterator[tuple[Path, bytes]]:
    """The files of a workspace and of the operator's own state that may hold no text; pages must be private."""
    workspace = live.office.workspace
    for path in sorted((*workspace.rglob("*"), *(workspace.parent / "state").rglob("*"))):
        if not stat.S_ISREG(path.lstat().st_mode) or path.is_relative_to(workspace / "documents"):
            continue
        if path.name.startswith("review-") and path.suffix == ".html":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
            continue
        yield path, path.read_bytes()


def rows_of(live: LiveOffice) -> Iterator[tuple[str, bytes]]:
    """The rows of the ledger's and the knowledge base's tables, as text."""
    with psycopg.connect(live.database.superuser) as connection:
        for (table,) in connection.execute(_KEPT).fetchall():
            for (row,) in connection.execute(f"SELECT t::text FROM {table} AS t".encode()):
                yield table, row.encode()


def _counts(live: LiveOffice) -> list[tuple[str, object]]:
    return [(name, count) for name, count in row_counts(live.office) if name not in _GROWS]


def _events(live: LiveOffice) -> dict[str, int]:
    return dict(live.office.rows(_EVENTS))

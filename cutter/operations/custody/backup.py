"""`custody.backup@1`: the rows that the phases up to the next gate may touch, kept before they are touched.

Rules kept here: rows are read in one fixed order under a read-only session and streamed, never held; a rehearsal
streams them into a counting, hashing sink and says what would stop a live run; of a first cut there are no rows, and
that is a backup too: it restores to absence.

Source: approvals-and-evidence §6; DESIGN guarantee 5.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from cutter.contracts import SurveySession
from cutter.operation import (
    Broken,
    ExternalContext,
    ExternalOperation,
    Held,
    NotHappened,
    Rehearsed,
    Settled,
    Verdict,
)
from cutter.resources import statement
from cutter.stops import Stop, StopCode

TABLES = ("source_document", "source_version", "information_unit", "unit_region")


class Params(msgspec.Struct, frozen=True):
    """Whose rows: those of the document."""

    document_id: str


class Outcome(msgspec.Struct, frozen=True):
    """What was kept: rows and plain bytes of all tables, their digest; `stored_sha256` is empty in a rehearsal."""

    tables: int
    rows: int
    size: int
    plain_sha256: str
    recipients: int
    stored_sha256: str


class Sink:
    """Counts and hashes what passes through, and keeps none of it."""

    def __init__(self) -> None:
        self.rows = 0
        self.size = 0
        self._hash = hashlib.sha256()

    def take(self, chunk: bytes) -> None:
        """One row."""
        self.rows += 1
        self.size += len(chunk)
        self._hash.update(chunk)

    @property
    def sha256(self) -> str:
        """The digest of everything so far."""
        return self._hash.hexdigest()


def act(context: ExternalContext, params: Params) -> Outcome:
    """Stream the rows into the vault.

    Raises:
        Stop: STOP_BACKUP_REFUSED (40), detail `no_recipients` and others of the vault.
    """
    recipients = len(context.vault.recipients())
    if not recipients:
        raise Stop(StopCode.STOP_BACKUP_REFUSED, detail="no_recipients")
    sink = Sink()
    stored = context.vault.store(_name(context), _through(sink, _chunks(context.session, params)))
    return _outcome(sink, recipients, stored.sha256)


def rehearse(context: ExternalContext, params: Params) -> Rehearsed[Outcome]:
    """Stream the rows into the sink alone; a missing recipient is what would stop a live run."""
    sink = Sink()
    for _ in _through(sink, _chunks(context.session, params)):
        pass
    recipients = len(context.vault.recipients())
    missing = () if recipients else (Stop(StopCode.STOP_BACKUP_REFUSED, detail="no_recipients"),)
    return Rehearsed(_outcome(sink, recipients, ""), missing)


def settle(context: ExternalContext, params: Params) -> Settled[Outcome]:
    """A stored backup of this name is made again and replaced: storing is whole or not at all."""
    return NotHappened.NOT_HAPPENED


def verify(context: ExternalContext, params: Params, outcome: Outcome) -> Verdict:
    """The vault has it under its name; in a rehearsal, the rows read again have the same digest."""
    if outcome.stored_sha256:
        kept = context.vault.find(_name(context))
        if kept is None or kept.sha256 != outcome.stored_sha256:
            return Broken("backup_gone", found="none" if kept is None else kept.sha256[:16], needed=_short(outcome))
        return Held({"rows": outcome.rows, "stored": True})
    sink = Sink()
    for _ in _through(sink, _chunks(context.session, params)):
        pass
    if sink.sha256 != outcome.plain_sha256:
        return Broken("rows_moved", found=sink.sha256[:16], needed=outcome.plain_sha256[:16])
    return Held({"rows": outcome.rows, "stored": False})


def _chunks(session: SurveySession, params: Params) -> Iterator[bytes]:
    """Every row as one line in PostgreSQL's row form, tables and rows in a fixed order."""
    for table in TABLES:
        text = statement(f"operations/custody/sql/{table}.sql")
        for row in session.stream(text, {"prefix": params.document_id}):
            yield str(row[0]).encode() + b"\n"


def _through(sink: Sink, chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        sink.take(chunk)
        yield chunk


def _outcome(sink: Sink, recipients: int, stored_sha256: str) -> Outcome:
    return Outcome(
        tables=len(TABLES),
        rows=sink.rows,
        size=sink.size,
        plain_sha256=sink.sha256,
        recipients=recipients,
        stored_sha256=stored_sha256,
    )


def _name(context: ExternalContext) -> str:
    return f"{context.run_id}/{context.phase}"


def _short(outcome: Outcome) -> str:
    return outcome.stored_sha256[:16]


OPERATION = ExternalOperation(
    name="custody.backup",
    version=1,
    summary="Keeps the rows that the next phases may touch, encrypted, before they are touched.",
    params=Params,
    outcome=Outcome,
    crosses=("library",),
    act=act,
    verify=verify,
    rehearse=rehearse,
    settle=settle,
)

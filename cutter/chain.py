r"""The chain of events: canonical bodies, each bound to the one before. Pure; the database and files only keep it.

Rules kept here:

- A body is canonical JSON of at most 8 KiB with closed keys; its strings are tokens (`^[A-Za-z0-9._:/@+-]{0,200}$`),
  so no row, text, name, SQL or reason can enter. What breaks this is a fault of ours and raises ValueError.
- hash = sha256("cutter-ledger/v1\n" ‖ previous hash (32 bytes) ‖ int8(seq) ‖ body): the fixed-length prefix leaves no
  boundary to shift.
- Reading is checking: `read` follows the links and raises STOP_LEDGER_BROKEN with the place.

Source: approvals-and-evidence §4.
"""

import hashlib
import re
import struct
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from cutter import __version__, canon
from cutter.events import AnyEvent, Record
from cutter.stops import Stop, StopCode

DOMAIN = b"cutter-ledger/v1\n"
_TOKEN = re.compile(r"[A-Za-z0-9._:/@+-]{0,200}")
BODY_LIMIT = 8192  # bytes
# What a value must be that stands in events, as a stop tells it.
EVENT_WORD = "1 to 200 of A-Z a-z 0-9 . _ : / @ + -"


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a link holds, before it is canonical bytes."""

    v: int
    seq: int
    prev_sha256: str
    tenant: str
    run_id: str
    number: int
    phase: str
    at: str
    person_id: str
    tool_version: str
    data: AnyEvent


class Head(msgspec.Struct, frozen=True):
    """The end of a chain: its length and the hash of its last link (or of its genesis)."""

    size: int
    sha256: str


class Link(msgspec.Struct, frozen=True):
    """One event in the chain: the exact bytes, their hash, and the hash before."""

    seq: int
    body: bytes
    sha256: str
    prev_sha256: str


def token(text: str) -> str:
    """The text if it may stand in an event, else nothing: what a stop found or needs can be a sentence or a path."""
    return text if _TOKEN.fullmatch(text) else ""


def rehearsal_genesis(run_id: str) -> Head:
    """Where the chain of a rehearsal's own file begins: it is bound to the run."""
    return Head(0, canon.sha256(b"cutter-rehearsal/v1\n" + run_id.encode()))


def row_sha256(prev_sha256: str, seq: int, body: bytes) -> str:
    """The hash of a link."""
    return hashlib.sha256(DOMAIN + bytes.fromhex(prev_sha256) + struct.pack(">q", seq) + body).hexdigest()


def link(records: Iterable[Record], head: Head, tenant: str, person: str) -> tuple[Link, ...]:
    """Bind records to the end of a chain, in order."""
    links: list[Link] = []
    seq, prev = head.size, head.sha256
    for record in records:
        seq += 1
        body = _encode(
            Body(
                v=1,
                seq=seq,
                prev_sha256=prev,
                tenant=tenant,
                run_id=record.run_id,
                number=record.number,
                phase=record.phase,
                at=record.at,
                person_id=person,
                tool_version=__version__,
                data=record.event,
            )
        )
        sha256 = row_sha256(prev, seq, body)
        links.append(Link(seq, body, sha256, prev))
        prev = sha256
    return tuple(links)


def read(links: Sequence[Link], head: Head) -> tuple[Record, ...]:
    """The records of consecutive links after `head`, every link checked.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `altered_at_N`, `gap_at_N` or `unreadable_at_N`.
    """
    records = []
    prev, seq = head.sha256, head.size
    for item in links:
        seq += 1
        if item.seq != seq:
            raise _broken("gap", seq)
        if item.prev_sha256 != prev:
            raise _broken("altered", seq)
        records.append(check(item))
        prev = item.sha256
    return tuple(records)


def check(link: Link) -> Record:
    """The record of one link, its hash computed anew from the hash before it.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `altered_at_N` or `unreadable_at_N`.
    """
    body = decode(link.body, link.seq)
    says = (body.prev_sha256, body.seq)
    if says != (link.prev_sha256, link.seq) or row_sha256(link.prev_sha256, link.seq, link.body) != link.sha256:
        raise _broken("altered", link.seq)
    return Record(body.number, body.run_id, body.phase, body.at, body.data)


def decode(data: bytes, seq: int) -> Body:
    """The body of link `seq` (for messages only). Raises STOP_LEDGER_BROKEN, detail `unreadable_at_N`."""
    try:
        return msgspec.json.decode(data, type=Body)
    except msgspec.MsgspecError:
        raise _broken("unreadable", seq) from None


def _encode(body: Body) -> bytes:
    _check_tokens(msgspec.to_builtins(body))
    data = canon.encode(body)
    if len(data) > BODY_LIMIT:
        raise ValueError(f"an event body of {len(data)} bytes is over the limit of {BODY_LIMIT}")
    return data


def _check_tokens(value: Any) -> None:
    if isinstance(value, str):
        if not _TOKEN.fullmatch(value):
            raise ValueError("an event may hold tokens only, never text")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_tokens(key)
            _check_tokens(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_tokens(item)


def _broken(word: str, seq: int) -> Stop:
    return Stop(StopCode.STOP_LEDGER_BROKEN, detail=f"{word}_at_{seq}")

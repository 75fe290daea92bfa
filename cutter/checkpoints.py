"""Checkpoints of the ledger, and what may be concluded from its rows beside them. Pure.

Rules kept here:

- A checkpoint says: at this length the last hash of this log was that. It is canonical JSON and signed elsewhere.
- Rows are believed only by their hashes: each is hashed anew over the hash before it, from a genesis that is computed
  anew, and what stands beside the bytes (number, run, tenant) must be what the bytes say.
- Who can write every row can chain them anew, so a ledger is never whole by itself: what was known of it elsewhere
  (checkpoints, requests that people signed) must be part of the chain.
- Every finding is STOP_LEDGER_BROKEN with a word for what happened and its place.

Source: approvals-and-evidence §4, §7 rows 26–30.
"""

import hashlib
import struct
from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from typing import Literal, TypeAlias

import msgspec

from cutter import canon, chain
from cutter.approval.request import Moment, Number, Sha256, Word
from cutter.approval.trust import RunnerKey
from cutter.events import GateOpened
from cutter.stops import Stop, StopCode

PAYLOAD_TYPE = "application/vnd.cutter.checkpoint.v1+json"

# Seq, run, hash before, body, hash: one row of the ledger as the database keeps it.
LedgerRow: TypeAlias = tuple[int, str, str, bytes, str]

_GENESIS = "cutter-ledger/v1 genesis"
_OPENED = b'"event":"gateopened"'  # a token holds no quote, so only the event's own tag reads like this


class Place(Enum):
    """Where something that is known of the ledger is kept; `DATABASE` is the ledger's own neighbour."""

    DATABASE = "database"
    WORKSPACE = "workspace"
    USER = "user"
    REQUEST = "request"


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a runner says of the ledger at a moment (`cutter.checkpoint/1`); signed by its machine key."""

    format: Literal["cutter.checkpoint/1"] = "cutter.checkpoint/1"
    log_id: Word
    size: Number
    head_sha256: Sha256
    at: Moment

    @property
    def body(self) -> bytes:
        """The canonical bytes that are signed."""
        return canon.encode(self)


class StoredHead(msgspec.Struct, frozen=True):
    """The head's row: which log this is, where it was begun, how long it is and with what it ends."""

    tenant: str
    log_id: str
    system_identifier: str
    database_oid: int
    size: int
    sha256: str

    @property
    def genesis(self) -> str:
        """The hash before the first event."""
        words = (_GENESIS, self.tenant, self.system_identifier, str(self.database_oid), self.log_id)
        return canon.sha256("\n".join(words).encode())


class Use(msgspec.Struct, frozen=True, order=True):
    """A gate that a run passed with a request: as a row of used approvals, or as an event."""

    run_id: str
    gate: str
    request_sha256: str


class Claim(msgspec.Struct, frozen=True):
    """What somebody knew: at `size` the log's last hash was `sha256`. `source` is a file or document id.

    `at` is when a checkpoint was made; of a request it is empty.
    """

    place: Place
    source: str
    log_id: str
    size: int
    sha256: str
    at: str = ""


class Followed(msgspec.Struct, frozen=True):
    """A chain that was followed to its end: its length, the hashes that were asked for, the gates that it opened."""

    size: int
    sha256: str
    hashes: dict[int, str]
    opened: tuple[Use, ...]


class _Stub(msgspec.Struct):
    """What of a body stands beside it in columns, or is bound by the chain."""

    seq: int
    prev_sha256: str
    tenant: str
    run_id: str


_STUBS = msgspec.json.Decoder(_Stub)


def read_checkpoint(payload: bytes) -> Checkpoint | None:
    """The checkpoint that these bytes are, if they are exactly its canonical form."""
    try:
        found = msgspec.json.decode(payload, type=Checkpoint)
    except msgspec.MsgspecError:
        return None
    return found if found.body == payload else None


def signer_of(checkpoint: Checkpoint, public: str, keys: Iterable[RunnerKey]) -> RunnerKey | None:
    """The runner key of the trust bundle with these public bytes, if it was valid when the checkpoint was made."""
    return next((key for key in keys if key.public == public and key.valid_from <= checkpoint.at <= key.valid_to), None)


def follow(rows: Iterable[LedgerRow], head: StoredHead, sizes: Collection[int]) -> Followed:
    """Hash every row anew, from the genesis on.

    Args:
        rows: all rows of the log, by number.
        head: the head's row; only its genesis is used.
        sizes: the lengths whose last hash is wanted.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `gap_at_N`, `altered_at_N` or `unreadable_at_N`.
    """
    wanted = frozenset(sizes)
    previous = head.genesis
    digest = bytes.fromhex(previous)
    hashes = {0: previous}
    opened: list[Use] = []
    size = 0
    new, pack, stub = hashlib.sha256, struct.Struct(">q").pack, _STUBS.decode
    for seq, run_id, prev, body, stored in rows:
        size += 1
        if seq != size:
            raise _broken(f"gap_at_{size}")
        digest = new(b"".join((chain.DOMAIN, digest, pack(seq), body))).digest()
        sha256 = digest.hex()
        if prev != previous or stored != sha256:
            raise _broken(f"altered_at_{seq}")
        try:
            said = stub(body)
        except msgspec.MsgspecError:
            raise _broken(f"unreadable_at_{seq}") from None
        if said.seq != seq or said.prev_sha256 != prev or said.run_id != run_id or said.tenant != head.tenant:
            raise _broken(f"altered_at_{seq}")
        if _OPENED in body:
            opened += _gates_opened(body, seq)
        if seq in wanted:
            hashes[seq] = sha256
        previous = sha256
    return Followed(size, previous, hashes, tuple(opened))


def check_head(head: StoredHead, followed: Followed) -> None:
    """The rows end where the head says.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `truncated_have_M_seen_N` (rows are missing at the end), or `altered_at_N`
            (there are more than the head counts, or the last has another hash).
    """
    if followed.size < head.size:
        raise _truncated(followed.size, head.size, "head")
    if followed.size > head.size:
        raise _broken(f"altered_at_{head.size + 1}", where="head")
    if followed.sha256 != head.sha256:
        raise _broken(f"altered_at_{head.size}", where="head")


def check_claims(claims: Iterable[Claim], head: StoredHead, followed: Followed) -> None:
    """What was known of the log is part of it; what says that it was longest speaks first.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `rollback` (this is another log than the one that was known),
            `truncated_have_M_seen_N` or `forked` (at that length it had another hash); `where` is the source.
    """
    for claim in sorted(claims, key=lambda claim: -claim.size):
        if claim.log_id != head.log_id:
            raise _broken("rollback", found=head.log_id, needed=claim.log_id, where=claim.source)
        if claim.size > followed.size:
            raise _truncated(followed.size, claim.size, claim.source)
        found = followed.hashes[claim.size]
        if found != claim.sha256:
            raise _broken("forked", found=found[:16], needed=claim.sha256[:16], where=claim.source)


def check_uses(uses: Iterable[Use], opened: Iterable[Use]) -> None:
    """Every approval that was used has its event, and every gate that was opened its row.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `use_without_event` or `event_without_use`, `where` the run and gate.
    """
    rows, events = set(uses), set(opened)
    for missing, detail in ((rows - events, "use_without_event"), (events - rows, "event_without_use")):
        for use in sorted(missing):
            raise _broken(detail, found=use.request_sha256[:16], where=f"{use.run_id}/{use.gate}")


def check_anchored(places: Sequence[Place], witnesses: int) -> None:
    """Something outside the database knows the log: without it nobody could tell that it was written anew.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `unanchored`; `found` is `witnessed_N` when N persons signed what it was.
    """
    if not any(place in (Place.WORKSPACE, Place.USER) for place in places):
        raise _broken("unanchored", found=f"witnessed_{witnesses}" if witnesses else "", needed="checkpoint")


def check_origin(head: StoredHead, system_identifier: str, database_oid: int) -> None:
    """The log is in the database in which it was begun.

    Raises:
        Stop: STOP_LEDGER_BROKEN, detail `rollback`: it was restored or copied into another one.
    """
    begun = (head.system_identifier, head.database_oid)
    if begun != (system_identifier, database_oid):
        found, needed = f"{system_identifier}/{database_oid}", f"{begun[0]}/{begun[1]}"
        raise _broken("rollback", found=found, needed=needed, where="database")


def bad_signature(source: str) -> Stop:
    """The stop for a checkpoint that no runner key of the trust bundle signed, or that is none of this log."""
    return _broken("checkpoint_signature", where=source)


def _gates_opened(body: bytes, seq: int) -> list[Use]:
    said = chain.decode(body, seq)
    event = said.data
    return [Use(said.run_id, event.gate, event.request_sha256)] if isinstance(event, GateOpened) else []


def _truncated(have: int, seen: int, where: str) -> Stop:
    return _broken(f"truncated_have_{have}_seen_{seen}", where=where)


def _broken(detail: str, *, found: str = "", needed: str = "", where: str = "") -> Stop:
    return Stop(StopCode.STOP_LEDGER_BROKEN, detail=detail, found=found, needed=needed, where=where)

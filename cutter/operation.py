"""What an operation is: one of three kinds by its effect, with what its kind may use.

Rules kept here: an operation is a frozen value of types and functions; only what its kind may do is in its context; no
context can commit, roll back or reach another operation.

Source: DESIGN §4.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec

from cutter.contracts import (
    FindSetback,
    Identity,
    Ids,
    KnowledgeDocument,
    Policies,
    Postbox,
    SurveySession,
    TakeSnapshot,
    Texts,
    Vault,
    WriteSession,
)
from cutter.events import Attempted, Facts, Record
from cutter.stops import Stop

P = TypeVar("P", bound=msgspec.Struct)
O = TypeVar("O", bound=msgspec.Struct)  # noqa: E741  Params and Outcome


# What an operation governs that writes through a function of somebody else's: tables that cutter cannot name.
ANY_TABLE = "*"


class Undo(Enum):
    """How a governed write can be undone.

    `DECISION` is of what only records a decision; another one replaces it. `NEVER` is of what reaches people, who
    cannot be made not to have read it: its own approval is the only safeguard.
    """

    BACKUP = "backup"
    VOID = "void"
    DECISION = "decision"
    NEVER = "never"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What an operation that only reads may use, and what every `verify` may use.

    `ended`: the run is over, and is proved once more; what was to hold until its end may be otherwise by now.
    """

    session: SurveySession
    identity: Identity
    run_id: str
    plan_sha256: str
    now: datetime
    texts: Texts
    policies: Policies
    find_setback: FindSetback
    ended: bool = False


@dataclass(frozen=True, slots=True)
class WriteContext:
    """What an operation that writes to the database may use."""

    session: WriteSession
    surveys: SurveySession
    identity: Identity
    run_id: str
    plan_sha256: str
    now: datetime
    texts: Texts
    policies: Policies
    ids: Ids
    vault: Vault
    publish: Callable[[KnowledgeDocument], None]
    history: Sequence[Record]


@dataclass(frozen=True, slots=True)
class ExternalContext:
    """What an operation with an effect outside the database may use.

    `attempted` is how far the newest attempt came; `record` commits how far this one has come, and returns when that is
    durable; `ended` as of `ReadContext`.
    """

    session: SurveySession
    identity: Identity
    run_id: str
    phase: str
    plan_sha256: str
    now: datetime
    vault: Vault
    snapshot: TakeSnapshot
    policies: Policies
    postbox: Postbox
    attempted: Attempted | None
    record: Callable[[Attempted], None]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """`verify` found what the phase claims; `facts` are metadata for the record."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class Broken:
    """`verify` found something else: the run stops with STOP_VERIFY_FAILED and this detail."""

    detail: str
    found: str
    needed: str


Verdict: TypeAlias = Held | Broken


@dataclass(frozen=True, slots=True)
class Rehearsed(Generic[O]):
    """What a rehearsal of an external effect learned: an outcome, and what would stop a live run."""

    outcome: O
    would_stop: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Happened(Generic[O]):
    """An interrupted external effect did happen, with this outcome."""

    outcome: O


class NotHappened(Enum):
    """An interrupted external effect did not happen, or nothing can tell."""

    NOT_HAPPENED = "not_happened"
    UNKNOWN = "unknown"


Settled: TypeAlias = Happened[O] | NotHappened


@dataclass(frozen=True, slots=True)
class ReadOperation(Generic[P, O]):
    """An operation that only reads (effect READS).

    `moved` names what is otherwise where it finds something else before a write than was planned with.
    """

    name: str
    version: int
    summary: str
    params: type[P]
    outcome: type[O]
    crosses: tuple[str, ...]
    act: Callable[[ReadContext, P], O]
    verify: Callable[[ReadContext, P, O], Verdict]
    moved: Callable[[Facts, Facts], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class TargetOperation(Generic[P, O]):
    """An operation that writes to the database (effect TARGET).

    `governs` names the governed tables that it writes (none: only the run's own records), `undo` how that is undone,
    `crosses` the folders of operations whose tables it uses besides its own.
    """

    name: str
    version: int
    summary: str
    params: type[P]
    outcome: type[O]
    governs: tuple[str, ...]
    undo: Undo
    crosses: tuple[str, ...]
    act: Callable[[WriteContext, P], O]
    verify: Callable[[ReadContext, P, O], Verdict]


@dataclass(frozen=True, slots=True)
class ExternalOperation(Generic[P, O]):
    """An operation with an effect outside the database (effect EXTERNAL): a file, a message.

    `rehearse` is what a dry run does instead of `act`; `settle` tells whether an interrupted effect happened;
    `still_holds` raises a stop when the effect no longer counts for the first governed write after it. An effect that
    is governed uses its approval when it is intended, and `intend` writes in that transaction what makes it unique;
    `presume` is the outcome of an effect of which nobody knows whether it happened, where people decided that it did.
    """

    name: str
    version: int
    summary: str
    params: type[P]
    outcome: type[O]
    crosses: tuple[str, ...]
    act: Callable[[ExternalContext, P], O]
    verify: Callable[[ExternalContext, P, O], Verdict]
    rehearse: Callable[[ExternalContext, P], Rehearsed[O]]
    settle: Callable[[ExternalContext, P], Settled[O]]
    still_holds: Callable[[ExternalContext, P, O], None] | None = None
    governs: tuple[str, ...] = ()
    undo: Undo = Undo.NONE
    intend: Callable[[WriteContext, P], None] | None = None
    presume: Callable[[ExternalContext, P], O] | None = None


Operation: TypeAlias = ReadOperation[Any, Any] | TargetOperation[Any, Any] | ExternalOperation[Any, Any]


class Catalogue(Protocol):
    """The closed set of operations."""

    def find(self, name: str, version: int) -> Operation | None:
        """The operation, or None."""
        ...

    def names(self) -> Sequence[str]:
        """All operations as `name@version`, sorted."""
        ...

"""What is declared of a stop code: its exit status, its category, what happened and what to do."""

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Self


class Exit(IntEnum):
    """Exit statuses of every command, each with its meaning (DESIGN §7)."""

    meaning: str

    def __new__(cls, status: int, meaning: str) -> Self:
        """An exit status that carries its meaning."""
        member = int.__new__(cls, status)
        member._value_ = status
        member.meaning = meaning
        return member

    DONE = 0, "done, rehearsed, or already done"
    INTERNAL = 1, "internal fault; a report without values is written"
    USAGE = 2, "wrong usage"
    WAITING = 10, "waiting at a gate"
    APPROVAL_REFUSED = 11, "approval refused"
    APPROVAL_EXPIRED = 12, "approval expired or already used"
    STOPPED = 20, "stopped before any governed write"
    DRIFT = 21, "the database is not as expected"
    CHANGED = 22, "plan, pipeline or sidecar changed"
    BUSY = 30, "another run holds it"
    UNSAFE = 31, "unsafe connection or clock"
    BACKUP = 40, "backup missing or unproven"
    FAILED = 50, "failed, everything rolled back"
    PARTIAL = 51, "some phases are committed; resume or void"
    EVIDENCE = 60, "evidence broken"
    UNREACHABLE = 69, "database unreachable"
    CONFIGURATION = 78, "bad pipeline, workspace or configuration"
    INTERRUPTED = 130, "interrupted"
    TERMINATED = 143, "terminated"


class Category(Enum):
    """The families that every stop belongs to: what kind of mistake it is, for programs."""

    MODE_VIOLATION = "MODE_VIOLATION"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    INVARIANT_VIOLATION = "INVARIANT_VIOLATION"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    UNSUPPORTED_OPERATION = "UNSUPPORTED_OPERATION"
    INTERNAL_ERROR = "INTERNAL_ERROR"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared of a stop code: exit status, category, what happened, what to do, whether a retry may help.

    `final`: a live run ends with it, where others let it wait to be resumed.
    """

    exit: Exit
    category: Category
    meaning: str
    remedy: str
    retryable: bool = False
    final: bool = False

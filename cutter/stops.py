"""Every stop code and exit status of cutter, declared once.

A stop is a refusal with a code. Rules kept here:

- A code has one exit status and one category, for ever; codes are never renumbered or reused once released.
- `STOP_…` names refusals; `GATE_…` names (in pipelines) name waiting. Details are words, never values: a stop
  carries no secret, row or document text.
- `docs/stop-codes.md` and `cutter explain` are made from this table.

Source: DESIGN §7 (exit codes), approvals-and-evidence §3–§7 (stops).
"""

import re
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Self

# A detail is a word with an optional tail such as `byte_1234`: it can carry a place, never a sentence of the user's.
_DETAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@+-]{0,199}")


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
    """What is declared of a stop code: exit status, category, what happened, what to do, whether a retry may help."""

    exit: Exit
    category: Category
    meaning: str
    remedy: str
    retryable: bool = False


class StopCode(Enum):
    """The closed table of stop codes. The value is the declaration; the name is the code."""

    STOP_REFUSED_INPUT = Declaration(
        Exit.STOPPED,
        Category.VALIDATION_ERROR,
        "An argument or environment variable tries to give what cutter discovers, or to skip a check.",
        "Leave it out. Digests, counts, ids, connections and secrets are discovered; no flag skips a check.",
    )
    STOP_LIVE_UNAVAILABLE = Declaration(
        Exit.STOPPED,
        Category.MODE_VIOLATION,
        "This version of cutter rehearses only: signed gates cannot be opened yet.",
        "Run without `--mode live`: the rehearsal shows every phase.",
    )
    STOP_DOCUMENT_UNKNOWN = Declaration(
        Exit.STOPPED,
        Category.NOT_FOUND,
        "No source document has this id, neither in the library nor in `documents/index.yaml`.",
        "Take one of the nearest ids shown, or register it: cutter documents add FILE --document-id ID",
    )
    STOP_DOCUMENT_CONFLICT = Declaration(
        Exit.STOPPED,
        Category.CONFLICT,
        "This document is already registered otherwise; the detail says in what.",
        "Give another text a version of its own (--version). Title, language and status are changed in the index.",
    )
    STOP_NO_VERSION_IN_FORCE = Declaration(
        Exit.STOPPED,
        Category.NOT_FOUND,
        "The document has only draft versions, and the scope takes versions in force.",
        "Add `--scope all` to take drafts too, or register a version with status `enacted`.",
    )
    STOP_SOURCE_CHANGED = Declaration(
        Exit.STOPPED,
        Category.INVARIANT_VIOLATION,
        "The bytes of a source text no longer have the sha256 that its registration states.",
        "Restore the file, or register the new bytes as a version of their own.",
    )
    STOP_SOURCE_MISSING = Declaration(
        Exit.STOPPED,
        Category.NOT_FOUND,
        "A source text is not where it is said to be.",
        "Give the path of a file that is there; a registered text belongs under `documents/`.",
    )
    STOP_TEXT_NOT_UTF8 = Declaration(
        Exit.STOPPED,
        Category.VALIDATION_ERROR,
        "The text is not valid UTF-8; the detail names the first bad byte.",
        "Convert the file to UTF-8 (for example with iconv) and register it again.",
    )
    STOP_TEXT_EMPTY = Declaration(
        Exit.STOPPED,
        Category.VALIDATION_ERROR,
        "The text is empty or holds only white space.",
        "Register a text with content.",
    )
    STOP_TEXT_WITHOUT_STRUCTURE = Declaration(
        Exit.STOPPED,
        Category.VALIDATION_ERROR,
        "No numbered unit was found in the text, so there is nothing to cut.",
        "Check that the text is law with Điều, Khoản, Điểm at the start of lines.",
    )
    STOP_TEXT_TOO_LARGE = Declaration(
        Exit.STOPPED,
        Category.VALIDATION_ERROR,
        "The text is larger than the limit that the detail states in bytes.",
        "Split the document into registered parts.",
    )
    STOP_REPLAY_CONFLICT = Declaration(
        Exit.STOPPED,
        Category.CONFLICT,
        "Another run has already done this, and was not voided; the detail names that run.",
        "Look at that run: cutter runs show RUN. Nothing needs to be done twice.",
    )
    STOP_ROWS_PRESENT = Declaration(
        Exit.DRIFT,
        Category.CONFLICT,
        "Governed rows exist that no recorded run explains, or rows of another version of the document.",
        "Find out who wrote them before going on; cutter does not write over rows that it cannot explain.",
    )
    STOP_DRIFT = Declaration(
        Exit.DRIFT,
        Category.INVARIANT_VIOLATION,
        "The live database answers otherwise than the pipeline expects.",
        "Compare expected and found, mend the database or the pipeline, and rehearse again.",
    )
    STOP_FINGERPRINT_DRIFT = Declaration(
        Exit.DRIFT,
        Category.INVARIANT_VIOLATION,
        "Database objects are not as they were pinned, or nothing is pinned for this server's major version.",
        "Look at cutter fingerprints diff; mend the database, or, if it is meant, run cutter fingerprints pin.",
    )
    STOP_SURVEY_REFUSED = Declaration(
        Exit.STOPPED,
        Category.VALIDATION_ERROR,
        "A survey is not a plain question: it tries to write, to end the transaction, or returns too much.",
        "Write the survey as one SELECT of a few rows.",
    )
    STOP_TRANSITION_UNSUPPORTED = Declaration(
        Exit.STOPPED,
        Category.UNSUPPORTED_OPERATION,
        "A unit would make a lifecycle transition other than draft to enacted.",
        "Only drafts of this cut can be enacted.",
    )
    STOP_POLICY_REFUSED = Declaration(
        Exit.STOPPED,
        Category.MODE_VIOLATION,
        "The database refused a governed write: no rehearsal row and no approval covers this operation for this run.",
        "A governed write needs the approval of its gate.",
    )
    STOP_INVALID_INPUT = Declaration(
        Exit.USAGE,
        Category.VALIDATION_ERROR,
        "An argument is missing, unknown, or does not have its declared form.",
        "See the command's --help.",
    )
    STOP_RUN_NOT_FOUND = Declaration(
        Exit.USAGE,
        Category.NOT_FOUND,
        "No run has this id or unique prefix.",
        "List them: cutter runs list",
    )

    STOP_PLAN_CHANGED = Declaration(
        Exit.CHANGED,
        Category.CONFLICT,
        "The pipeline, an operation, a survey or the target is not what the run was planned with.",
        "Start a new run: its plan is made from what holds now.",
    )
    STOP_SIDECAR_CHANGED = Declaration(
        Exit.CHANGED,
        Category.INVARIANT_VIOLATION,
        "A sidecar is not what the run's events say.",
        "Keep the file as evidence; the events are the source: cutter runs show RUN",
    )
    STOP_LEDGER_BROKEN = Declaration(
        Exit.EVIDENCE,
        Category.INVARIANT_VIOLATION,
        "The chain of events is broken at the place that the detail names.",
        "Keep everything as it is and compare with copies kept elsewhere.",
    )
    STOP_VERIFY_FAILED = Declaration(
        Exit.EVIDENCE,
        Category.INVARIANT_VIOLATION,
        "What a fresh session reads back is not what the phase wrote.",
        "Keep everything as it is; compare the digests of the phase's sidecar with the database.",
    )
    STOP_ENSURE_FAILED = Declaration(
        Exit.FAILED,
        Category.INVARIANT_VIOLATION,
        "A postcondition of the phase does not hold inside its transaction, which was rolled back.",
        "Compare expected and found in the phase's sidecar.",
    )
    STOP_EFFECT_UNKNOWN = Declaration(
        Exit.FAILED,
        Category.INVARIANT_VIOLATION,
        "An external effect was intended, and nothing can tell whether it happened.",
        "A person must look at the outside and decide.",
    )
    STOP_REHEARSAL_ESCAPED = Declaration(
        Exit.INTERNAL,
        Category.INVARIANT_VIOLATION,
        "The rehearsal's row or its refusal to commit is gone: something ended or disarmed the rehearsal.",
        "Treat the database as changed until proven otherwise; check the surveys of the pipeline.",
    )

    STOP_BUSY = Declaration(
        Exit.BUSY,
        Category.CONFLICT,
        "Another run holds the lock of this document.",
        "Wait for it to end, then run the same line again.",
        retryable=True,
    )
    STOP_CONNECTION_UNSAFE = Declaration(
        Exit.UNSAFE,
        Category.VALIDATION_ERROR,
        "The connection is not to be trusted: a superuser, a transaction pooler, a replica, or an unknown login.",
        "Connect as a login that belongs to one tenant and one person.",
    )
    STOP_BACKUP_REFUSED = Declaration(
        Exit.BACKUP,
        Category.INVARIANT_VIOLATION,
        "A backup cannot be made or proven; the detail says what is missing.",
        "Name the recipients of backups; a governed write needs a backup that was restored in a drill.",
    )
    STOP_WRITE_FAILED = Declaration(
        Exit.FAILED,
        Category.INTERNAL_ERROR,
        "The database refused a statement; the transaction was rolled back. The detail is its SQLSTATE.",
        "Look the SQLSTATE up in PostgreSQL's manual; nothing of this phase was written.",
    )
    STOP_LIMIT_EXCEEDED = Declaration(
        Exit.FAILED,
        Category.INVARIANT_VIOLATION,
        "The run or a statement took longer than the pipeline's limit.",
        "Raise the limit in the pipeline (a new plan), or find out what is slow.",
        retryable=True,
    )
    STOP_DATABASE_UNREACHABLE = Declaration(
        Exit.UNREACHABLE,
        Category.NOT_FOUND,
        "The database server does not answer.",
        "Start it: cutter db start. For a server of your own: check the service that cutter.yaml names.",
        retryable=True,
    )
    STOP_EMBEDDED_UNUSABLE = Declaration(
        Exit.CONFIGURATION,
        Category.VALIDATION_ERROR,
        "The embedded PostgreSQL cannot be set up or started here; the detail says why.",
        "See what the detail names: folder, disk, binaries or operating-system user.",
    )
    STOP_UNMIGRATED = Declaration(
        Exit.CONFIGURATION,
        Category.INVARIANT_VIOLATION,
        "The database does not have cutter's schema, or has another version of it.",
        "Run: cutter db migrate. A server of your own is migrated by its DBA.",
    )
    STOP_MIGRATION_CHANGED = Declaration(
        Exit.CONFIGURATION,
        Category.INVARIANT_VIOLATION,
        "A migration that the database has recorded is not the one that this cutter carries.",
        "Use the cutter version that migrated this database, or a newer one.",
    )
    STOP_PIPELINE_INVALID = Declaration(
        Exit.CONFIGURATION,
        Category.VALIDATION_ERROR,
        "The pipeline file has mistakes; each is shown at its place.",
        "Mend the file: cutter pipelines lint FILE",
    )
    STOP_PIPELINE_UNKNOWN = Declaration(
        Exit.CONFIGURATION,
        Category.NOT_FOUND,
        "There is no pipeline of this name.",
        "List them: cutter pipelines list",
    )
    STOP_CONFIG_INVALID = Declaration(
        Exit.CONFIGURATION,
        Category.VALIDATION_ERROR,
        "A configuration file is not well formed; the place is shown.",
        "Mend the file at that place.",
    )
    STOP_IDENTIFIER_INVALID = Declaration(
        Exit.CONFIGURATION,
        Category.VALIDATION_ERROR,
        "A database identifier is empty, too long, or holds a forbidden character.",
        "Use the object's plain name of at most 63 bytes.",
    )
    STOP_PATH_UNSAFE = Declaration(
        Exit.CONFIGURATION,
        Category.VALIDATION_ERROR,
        "A file or folder is a link, belongs to somebody else, is open to others, or is not a plain file.",
        "Put a plain file or folder of your own there, or mend its permissions.",
    )
    STOP_DISK = Declaration(
        Exit.CONFIGURATION,
        Category.INTERNAL_ERROR,
        "A file could not be read or written; the detail is the system's name of the error.",
        "Free space or mend the permissions of the workspace.",
        retryable=True,
    )
    STOP_INTERRUPTED = Declaration(
        Exit.INTERRUPTED,
        Category.INTERNAL_ERROR,
        "The run was interrupted; the open transaction was rolled back.",
        "Run the same line again.",
        retryable=True,
    )
    STOP_TERMINATED = Declaration(
        Exit.TERMINATED,
        Category.INTERNAL_ERROR,
        "The run was told to end; the open transaction was rolled back.",
        "Run the same line again.",
        retryable=True,
    )
    STOP_INTERNAL = Declaration(
        Exit.INTERNAL,
        Category.INTERNAL_ERROR,
        "A fault of cutter itself. A report without values was written.",
        "Send the report that is named.",
    )

    @property
    def exit(self) -> Exit:
        """The exit status of a command that ends with this stop (before any committed governed write)."""
        return self.value.exit


class Terminated(KeyboardInterrupt):
    """The system asked the process to end (SIGTERM): like Ctrl-C, it passes everything that catches exceptions."""


class Stop(Exception):  # noqa: N818  a stop is a refusal, not an error of the program
    """A refusal, as ports and operations raise it and the engine turns it into a `Stopped` event.

    Args:
        code: which refusal.
        detail: a word (`sig_expired`, `byte_1234`) that says which case of the code this is.
        found: what was found, metadata only (a count, a digest, an id).
        needed: what would have been accepted.
        where: the place, such as `cut.yaml:12:5` or a phase id.
        suggestions: nearest valid words, best first.
    """

    def __init__(
        self,
        code: StopCode,
        detail: str = "",
        *,
        found: str = "",
        needed: str = "",
        where: str = "",
        suggestions: tuple[str, ...] = (),
    ) -> None:
        if detail and not _DETAIL.fullmatch(detail):
            raise ValueError("a stop's detail is a word, not a sentence or a value")
        super().__init__(code.name)
        self.code = code
        self.detail = detail
        self.found = found
        self.needed = needed
        self.where = where
        self.suggestions = suggestions

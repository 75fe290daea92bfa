"""Every stop code and exit status of cutter, declared once.

A stop is a refusal with a code. Rules kept here:

- A code has one exit status and one category, for ever; codes are never renumbered or reused once released.
- `STOP_…` names refusals; `GATE_…` names (in pipelines) name waiting. Details are words, never values: a stop
  carries no secret, row or document text.
- `docs/stop-codes.md` and `cutter explain` are made from this table.

Source: DESIGN §7 (exit codes), approvals-and-evidence §3–§7 (stops).
"""

import re
from enum import Enum

from cutter.stops import approvals, database, evidence, inputs, policies, world
from cutter.stops.declaration import Category, Declaration, Exit

__all__ = ["Category", "Declaration", "Exit", "Stop", "StopCode", "Terminated"]

# A detail is a word with an optional tail such as `byte_1234`: it can carry a place, never a sentence of the user's.
_DETAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@+-]{0,199}")


class StopCode(Enum):
    """The closed table of stop codes. The value is the declaration; the name is the code."""

    STOP_REFUSED_INPUT = inputs.STOP_REFUSED_INPUT
    STOP_INVALID_INPUT = inputs.STOP_INVALID_INPUT
    STOP_DOCUMENT_UNKNOWN = inputs.STOP_DOCUMENT_UNKNOWN
    STOP_DOCUMENT_CONFLICT = inputs.STOP_DOCUMENT_CONFLICT
    STOP_NO_VERSION_IN_FORCE = inputs.STOP_NO_VERSION_IN_FORCE
    STOP_SOURCE_CHANGED = inputs.STOP_SOURCE_CHANGED
    STOP_SOURCE_MISSING = inputs.STOP_SOURCE_MISSING
    STOP_TEXT_NOT_UTF8 = inputs.STOP_TEXT_NOT_UTF8
    STOP_FILE_UNSUPPORTED = inputs.STOP_FILE_UNSUPPORTED
    STOP_FILE_UNREADABLE = inputs.STOP_FILE_UNREADABLE
    STOP_READER_MISSING = inputs.STOP_READER_MISSING
    STOP_DOCUMENT_STAMPED = inputs.STOP_DOCUMENT_STAMPED
    STOP_TEXT_EMPTY = inputs.STOP_TEXT_EMPTY
    STOP_TEXT_WITHOUT_STRUCTURE = inputs.STOP_TEXT_WITHOUT_STRUCTURE
    STOP_TEXT_DOUBTFUL = inputs.STOP_TEXT_DOUBTFUL
    STOP_PROFILE_UNKNOWN = inputs.STOP_PROFILE_UNKNOWN
    STOP_TEXT_TOO_LARGE = inputs.STOP_TEXT_TOO_LARGE
    STOP_TEXT_NOT_XML = inputs.STOP_TEXT_NOT_XML
    STOP_UNIT_UNKNOWN = inputs.STOP_UNIT_UNKNOWN
    STOP_RUN_NOT_FOUND = inputs.STOP_RUN_NOT_FOUND
    STOP_PIPELINE_INVALID = inputs.STOP_PIPELINE_INVALID
    STOP_PIPELINE_UNKNOWN = inputs.STOP_PIPELINE_UNKNOWN
    STOP_CONFIG_INVALID = inputs.STOP_CONFIG_INVALID
    STOP_IDENTIFIER_INVALID = inputs.STOP_IDENTIFIER_INVALID
    STOP_PHRASE_UNKNOWN = inputs.STOP_PHRASE_UNKNOWN
    STOP_PHRASE_UNCLEAR = inputs.STOP_PHRASE_UNCLEAR
    STOP_LIVE_REFUSED = approvals.STOP_LIVE_REFUSED
    STOP_APPROVAL_NOT_FOUND = approvals.STOP_APPROVAL_NOT_FOUND
    STOP_APPROVAL_MALFORMED = approvals.STOP_APPROVAL_MALFORMED
    STOP_TRUST_REFUSED = approvals.STOP_TRUST_REFUSED
    STOP_SIGNATURE_REFUSED = approvals.STOP_SIGNATURE_REFUSED
    STOP_SIGNER_REFUSED = approvals.STOP_SIGNER_REFUSED
    STOP_POLICY_CHANGED = approvals.STOP_POLICY_CHANGED
    STOP_APPROVAL_REJECTED = approvals.STOP_APPROVAL_REJECTED
    STOP_APPROVAL_MISMATCH = approvals.STOP_APPROVAL_MISMATCH
    STOP_APPROVAL_EXPIRED = approvals.STOP_APPROVAL_EXPIRED
    STOP_APPROVAL_CONSUMED = approvals.STOP_APPROVAL_CONSUMED
    STOP_CLOCK_UNSAFE = approvals.STOP_CLOCK_UNSAFE
    STOP_ABORT_REFUSED = approvals.STOP_ABORT_REFUSED
    STOP_KEY_UNUSABLE = approvals.STOP_KEY_UNUSABLE
    STOP_REPLAY_CONFLICT = database.STOP_REPLAY_CONFLICT
    STOP_ROWS_PRESENT = database.STOP_ROWS_PRESENT
    STOP_DRIFT = database.STOP_DRIFT
    STOP_FINGERPRINT_DRIFT = database.STOP_FINGERPRINT_DRIFT
    STOP_SURVEY_REFUSED = database.STOP_SURVEY_REFUSED
    STOP_TRANSITION_UNSUPPORTED = database.STOP_TRANSITION_UNSUPPORTED
    STOP_POLICY_REFUSED = database.STOP_POLICY_REFUSED
    STOP_PLAN_CHANGED = database.STOP_PLAN_CHANGED
    STOP_ENSURE_FAILED = database.STOP_ENSURE_FAILED
    STOP_REHEARSAL_ESCAPED = database.STOP_REHEARSAL_ESCAPED
    STOP_BUSY = database.STOP_BUSY
    STOP_CONNECTION_UNSAFE = database.STOP_CONNECTION_UNSAFE
    STOP_WRITE_FAILED = database.STOP_WRITE_FAILED
    STOP_LIMIT_EXCEEDED = database.STOP_LIMIT_EXCEEDED
    STOP_DATABASE_UNREACHABLE = database.STOP_DATABASE_UNREACHABLE
    STOP_EMBEDDED_UNUSABLE = database.STOP_EMBEDDED_UNUSABLE
    STOP_UNMIGRATED = database.STOP_UNMIGRATED
    STOP_MIGRATION_CHANGED = database.STOP_MIGRATION_CHANGED
    STOP_SIDECAR_CHANGED = evidence.STOP_SIDECAR_CHANGED
    STOP_LEDGER_BROKEN = evidence.STOP_LEDGER_BROKEN
    STOP_VERIFY_FAILED = evidence.STOP_VERIFY_FAILED
    STOP_EFFECT_UNKNOWN = evidence.STOP_EFFECT_UNKNOWN
    STOP_BACKUP_REFUSED = evidence.STOP_BACKUP_REFUSED
    STOP_DRILL_REFUSED = evidence.STOP_DRILL_REFUSED
    STOP_BACKUP_UNKNOWN = evidence.STOP_BACKUP_UNKNOWN
    STOP_POLICY_DENIED = policies.STOP_POLICY_DENIED
    STOP_PHI_SUSPECTED = policies.STOP_PHI_SUSPECTED
    STOP_DECISION_REFUSED = policies.STOP_DECISION_REFUSED
    STOP_DECISION_LAPSED = policies.STOP_DECISION_LAPSED
    STOP_KEY_CONFLICT = policies.STOP_KEY_CONFLICT
    STOP_RESEND_REFUSED = policies.STOP_RESEND_REFUSED
    STOP_SEND_FAILED = policies.STOP_SEND_FAILED
    STOP_POLICY_TESTS_FAILED = policies.STOP_POLICY_TESTS_FAILED
    STOP_PATH_UNSAFE = world.STOP_PATH_UNSAFE
    STOP_DISK = world.STOP_DISK
    STOP_INTERRUPTED = world.STOP_INTERRUPTED
    STOP_TERMINATED = world.STOP_TERMINATED
    STOP_INTERNAL = world.STOP_INTERNAL

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
        check: which of the fifteen checks of an approval refused, 0 where none did.
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
        check: int = 0,
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
        self.check = check

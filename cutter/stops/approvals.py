"""What people decided, whether it may be believed, and whether it still holds (approvals-and-evidence §3)."""

from cutter.stops.declaration import Category, Declaration, Exit

STOP_LIVE_REFUSED = Declaration(
    Exit.STOPPED,
    Category.MODE_VIOLATION,
    "A live run was asked for where the workspace does not allow one: in continuous integration, or without trust.",
    "Rehearse there; or allow it in cutter.yaml (ci: {live: allowed}), or name the roots of trust (trust:).",
)
STOP_APPROVAL_NOT_FOUND = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.NOT_FOUND,
    "No request waits here: no run waits for one of this id, or what is stored under it is not what its digest says.",
    "Copy the id from the screen of the waiting run: cutter runs show RUN",
)
STOP_APPROVAL_MALFORMED = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.VALIDATION_ERROR,
    "A request or a signature is not the canonical document that cutter writes.",
    "Sign the exact bytes that cutter approve RUN --export writes.",
)
STOP_TRUST_REFUSED = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.INVARIANT_VIOLATION,
    "The trust bundle is missing, expired, older than one seen before, or not signed by enough roots.",
    "Look at it: cutter trust show. Its roots sign a new one.",
)
STOP_SIGNATURE_REFUSED = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.INVARIANT_VIOLATION,
    "A signature is bad, weak, of the wrong kind or time, or gpg could not judge it.",
    "Sign again with a valid key: cutter approve RUN",
)
STOP_SIGNER_REFUSED = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.INVARIANT_VIOLATION,
    "A signature is by somebody who may not sign here: unknown, revoked, of another role, or who asked for it.",
    "Somebody with the missing role, who neither asked for the run nor runs it, signs: cutter approve RUN",
)
STOP_POLICY_CHANGED = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.CONFLICT,
    "The gate's policy is no longer the one that the request names, or asks for more.",
    "Run the same live line again: it writes a new request.",
)
STOP_APPROVAL_REJECTED = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.CONFLICT,
    "Somebody with a listed role signed a no.",
    "Ask them why. The way on is a new run; this one is ended with cutter runs abort, or voided.",
)
STOP_APPROVAL_MISMATCH = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.CONFLICT,
    "The approval is not for this: another tenant, run, gate, pipeline or database, or not with this reviewers' page.",
    "Use the approval of this run's gate: cutter runs show RUN. A page that is elsewhere is given with --review FILE.",
)
STOP_APPROVAL_EXPIRED = Declaration(
    Exit.APPROVAL_EXPIRED,
    Category.CONFLICT,
    "The time to sign or to execute has passed: silence means no.",
    "Run the same live line again: it writes a new request for the same run.",
)
STOP_APPROVAL_CONSUMED = Declaration(
    Exit.APPROVAL_EXPIRED,
    Category.CONFLICT,
    "The approval was used already, or the gate was passed with another.",
    "Look at the run: cutter runs show RUN. An approval works once.",
)
STOP_CLOCK_UNSAFE = Declaration(
    Exit.UNSAFE,
    Category.INVARIANT_VIOLATION,
    "The clocks of this host, the database and the ledger disagree by more than five minutes.",
    "Set the clock that is wrong (NTP); then run the same line again.",
    retryable=True,
)
STOP_ABORT_REFUSED = Declaration(
    Exit.STOPPED,
    Category.CONFLICT,
    "The run has written governed rows, may have sent a message, has ended, or never began: it cannot be aborted.",
    "Void what it cut: cutter orchestrate void. Whether a message was sent is for people: resume the run, and it asks.",
)
STOP_KEY_UNUSABLE = Declaration(
    Exit.CONFIGURATION,
    Category.VALIDATION_ERROR,
    "A key or secret is missing, unreadable, or not of this person or host; the detail says which.",
    "Put the key where the detail says; a private file is readable by its owner only.",
)

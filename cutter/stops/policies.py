"""Policies and people's decisions about them: what was denied, declined, or could not be sent."""

from cutter.stops.declaration import Category, Declaration, Exit

STOP_POLICY_DENIED = Declaration(
    Exit.STOPPED,
    Category.MODE_VIOLATION,
    "No selected policy allows this trigger; the detail is the reason. Nothing was done, and the attempt is recorded.",
    "Ask the policies why: cutter policies explain FILE",
    final=True,
)

STOP_PHI_SUSPECTED = Declaration(
    Exit.STOPPED,
    Category.MODE_VIOLATION,
    "What looks like data of a person stands where only issued references may; nothing of it was kept or shown.",
    "Send references that an issuer has given out, never data of a person; then look where this came from.",
    final=True,
)

STOP_DECISION_REFUSED = Declaration(
    Exit.APPROVAL_REFUSED,
    Category.MODE_VIOLATION,
    "Somebody who may decide said no. Nothing more is done, and the run has ended.",
    "Nothing is to be done. Where things have changed, a new trigger is a new question.",
    final=True,
)

STOP_DECISION_LAPSED = Declaration(
    Exit.APPROVAL_EXPIRED,
    Category.MODE_VIOLATION,
    "Nobody answered in time, and silence means no. Nothing was done, and the run has ended.",
    "Nothing is to be done. What is still needed is a new trigger.",
    final=True,
)

STOP_KEY_CONFLICT = Declaration(
    Exit.STOPPED,
    Category.CONFLICT,
    "A trigger with this id was taken before, and said something else.",
    "A trigger's id is used once: give what is new an id of its own.",
)

STOP_RESEND_REFUSED = Declaration(
    Exit.STOPPED,
    Category.CONFLICT,
    "Nothing is there to send again: only what nobody knows to have been sent, and people said does not count as sent.",
    "Look at that run: while it asks nobody yet, resume it, and it asks people.",
)

STOP_SEND_FAILED = Declaration(
    Exit.FAILED,
    Category.INTERNAL_ERROR,
    "The message was not sent: the detail says how the mail server's dialogue ended.",
    "Look at the mail server, then resume the run: only what is known not to have been sent is sent.",
)

STOP_POLICY_TESTS_FAILED = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "The policies do not do what their tables or invariants say; each difference is shown.",
    "Mend the policy, or the table where it is wrong: cutter policies test",
)

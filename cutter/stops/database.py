"""What the live database answers or refuses."""

from cutter.stops.declaration import Category, Declaration, Exit

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
    "A unit would make a lifecycle transition that does not exist: only drafts are enacted, only drafts are voided.",
    "What is enacted stays in force; the way back is a backup: cutter backups list",
)

STOP_POLICY_REFUSED = Declaration(
    Exit.STOPPED,
    Category.MODE_VIOLATION,
    "The database refused a governed write: no rehearsal row and no approval covers this operation for this run.",
    "A governed write needs the approval of its gate.",
)

STOP_PLAN_CHANGED = Declaration(
    Exit.CHANGED,
    Category.CONFLICT,
    "The pipeline, an operation, a survey or the target is not what the run was planned with.",
    "Start a new run: its plan is made from what holds now.",
)

STOP_ENSURE_FAILED = Declaration(
    Exit.FAILED,
    Category.INVARIANT_VIOLATION,
    "A postcondition of the phase does not hold inside its transaction, which was rolled back.",
    "Compare expected and found in the phase's sidecar.",
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
    "Another run holds the lock of the same document or trigger.",
    "Wait for it to end, then run the same line again.",
    retryable=True,
)

STOP_CONNECTION_UNSAFE = Declaration(
    Exit.UNSAFE,
    Category.VALIDATION_ERROR,
    "The connection is not to be trusted: a superuser, a transaction pooler, a replica, or an unknown login.",
    "Connect as a login that belongs to one tenant and one person.",
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

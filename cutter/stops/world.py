"""Files, signals, and faults of ours."""

from cutter.stops.declaration import Category, Declaration, Exit

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
    "Go on with the line at Next; where there is none, run the same line again.",
    retryable=True,
)

STOP_TERMINATED = Declaration(
    Exit.TERMINATED,
    Category.INTERNAL_ERROR,
    "The run was told to end; the open transaction was rolled back.",
    "Go on with the line at Next; where there is none, run the same line again.",
    retryable=True,
)

STOP_INTERNAL = Declaration(
    Exit.INTERNAL,
    Category.INTERNAL_ERROR,
    "A fault of cutter itself. A report without values was written.",
    "Send the report that is named.",
)

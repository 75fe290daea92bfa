"""What proves that something happened, and what undoes it: sidecars, ledger, backups."""

from cutter.stops.declaration import Category, Declaration, Exit

STOP_SIDECAR_CHANGED = Declaration(
    Exit.CHANGED,
    Category.INVARIANT_VIOLATION,
    "A sidecar is not what the run's events say.",
    "Keep the file as evidence; the events are the source: cutter runs show RUN",
)

STOP_LEDGER_BROKEN = Declaration(
    Exit.EVIDENCE,
    Category.INVARIANT_VIOLATION,
    "The chain of events is broken, or nothing outside the database vouches for it; the detail says what and where.",
    "Keep everything as it is and compare with copies kept elsewhere.",
)

STOP_VERIFY_FAILED = Declaration(
    Exit.EVIDENCE,
    Category.INVARIANT_VIOLATION,
    "What a fresh session reads back is not what the phase wrote.",
    "Keep everything as it is; compare the digests of the phase's sidecar with the database.",
)

STOP_EFFECT_UNKNOWN = Declaration(
    Exit.PARTIAL,
    Category.INVARIANT_VIOLATION,
    "An external effect was intended, and nothing can tell whether it happened.",
    "Look at the outside, then resume: people decide whether it counts as done.",
)

STOP_BACKUP_REFUSED = Declaration(
    Exit.BACKUP,
    Category.INVARIANT_VIOLATION,
    "A backup cannot be made or proven; the detail says what is missing.",
    "Mend what the detail names: the backup folder, its disk, or who can read backups (cutter trust add --recipient).",
)
STOP_DRILL_REFUSED = Declaration(
    Exit.BACKUP,
    Category.INVARIANT_VIOLATION,
    "The backup was not restored in a drill, or the drill is too old, of another host, or found a difference.",
    "Run the same line again: a new backup is made and drilled. cutter backups drill ID tells more.",
)
STOP_BACKUP_UNKNOWN = Declaration(
    Exit.USAGE,
    Category.NOT_FOUND,
    "No backup has this id or unique prefix.",
    "List them: cutter backups list",
)

"""What the exit statuses mean, and the last lines of every `--help`: the statuses of that command."""

from cutter.stops import Exit

MEANINGS = {
    Exit.DONE: "done, rehearsed, or already done",
    Exit.INTERNAL: "internal fault; a report without values is written",
    Exit.USAGE: "wrong usage",
    Exit.WAITING: "waiting at a gate",
    Exit.APPROVAL_REFUSED: "approval refused",
    Exit.APPROVAL_EXPIRED: "approval expired or already used",
    Exit.STOPPED: "stopped before any governed write",
    Exit.DRIFT: "the database is not as expected",
    Exit.CHANGED: "plan, pipeline or sidecar changed",
    Exit.BUSY: "another run holds it",
    Exit.UNSAFE: "unsafe connection or clock",
    Exit.BACKUP: "backup missing or unproven",
    Exit.FAILED: "failed, everything rolled back",
    Exit.PARTIAL: "some phases are committed; resume or void",
    Exit.EVIDENCE: "evidence broken",
    Exit.UNREACHABLE: "database unreachable",
    Exit.CONFIGURATION: "bad pipeline, workspace or configuration",
    Exit.INTERRUPTED: "interrupted",
    Exit.TERMINATED: "terminated",
}

# Every command can end so: argv and environment are checked before anything else.
_ALWAYS = (Exit.DONE, Exit.INTERNAL, Exit.USAGE, Exit.STOPPED, Exit.CONFIGURATION, Exit.INTERRUPTED)

ORCHESTRATE = tuple(Exit)


def epilog(*own: Exit) -> str:
    """The end of a command's help: its exit statuses, `own` being those that not every command has."""
    statuses = sorted({*_ALWAYS, *own})
    rows = (f"  {status.value:>3}  {MEANINGS[status]}" for status in statuses)
    return "\n".join(("\b", "Exit status:", *rows))

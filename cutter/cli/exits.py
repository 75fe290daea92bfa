"""What the exit statuses mean, and the last lines of every `--help`: the statuses of that command."""

from cutter.stops import Exit

# Every command can end so: argv and environment are checked before anything else.
_ALWAYS = (Exit.DONE, Exit.INTERNAL, Exit.USAGE, Exit.STOPPED, Exit.CONFIGURATION, Exit.INTERRUPTED)

ORCHESTRATE = tuple(Exit)


def epilog(*own: Exit) -> str:
    """The end of a command's help: its exit statuses, `own` being those that not every command has."""
    statuses = sorted({*_ALWAYS, *own})
    rows = (f"  {status.value:>3}  {status.meaning}" for status in statuses)
    return "\n".join(("\b", "Exit status:", *rows))

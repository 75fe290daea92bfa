"""What the exit statuses mean, and the last lines of every `--help`: the statuses of that command."""

from collections.abc import Mapping
from types import MappingProxyType

from cutter.stops import Exit

# Every command can end so: argv and environment are checked before anything else.
_ALWAYS = (Exit.DONE, Exit.INTERNAL, Exit.USAGE, Exit.STOPPED, Exit.CONFIGURATION, Exit.INTERRUPTED)

ORCHESTRATE = tuple(Exit)


def epilog(*own: Exit, said: Mapping[Exit, str] = MappingProxyType({})) -> str:
    """The end of a command's help: its exit statuses.

    Args:
        own: those that not every command has.
        said: what one of them means for this command, where that is more than its general meaning.
    """
    statuses = sorted({*_ALWAYS, *own, *said})
    rows = (f"  {status.value:>3}  {said.get(status, status.meaning)}" for status in statuses)
    return "\n".join(("\b", "Exit status:", *rows))

"""`cutter policies …`: what the policies of the workspace are, and what they decide, proved before anything runs.

No command of this group needs a database, and none of them starts anything. A module holds the commands of one kind.

Source: issue 7; policies.md §3.
"""

import click
import typer

from cutter.cli.exits import epilog
from cutter.cli.policies import comparing, linting, listing, proving, testing
from cutter.cli.policies.group import APP

__all__ = ["comparing", "linting", "listing", "make_group", "proving", "testing"]

# In the help, what comes first in practice stands first.
_ORDER = ("list", "show", "lint", "test", "prove", "diff", "explain")


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    if isinstance(group, click.Group):
        group.commands = {name: group.commands[name] for name in _ORDER}
    group.epilog = epilog()
    return group

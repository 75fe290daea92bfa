"""`cutter documents …`: the source texts of the workspace, their cuts, units, citations, quotations and exports.

No command of this group needs a database. A module holds the commands about one thing.

Source: issue 3, part 8; issue 5, parts 0, 1, 4–6.
"""

import click
import typer

from cutter.cli.documents import cuts, exports, profiles, texts, units
from cutter.cli.documents.group import APP
from cutter.cli.exits import epilog

__all__ = ["cuts", "exports", "make_group", "profiles", "texts", "units"]

# In the help, what comes first in practice stands first.
_ORDER = ("add", "list", "cut", "show", "diff", "cite", "verify-quote", "export", "profiles")


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    if isinstance(group, click.Group):
        group.commands = {name: group.commands[name] for name in _ORDER}
    group.epilog = epilog()
    return group

"""`cutter notifications list|ack`: what runs of policies have told people, and who has seen it.

Source: issue 7, rule 5.
"""

from typing import Annotated

import click
import typer

from cutter.app.notifications import acknowledge_notification, list_notifications
from cutter.cli.display import with_lines
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.messages import _
from cutter.report.decisions.notifications import acknowledged_lines, list_columns, listed_rows
from cutter.stops import Exit

APP = typer.Typer(
    name="notifications",
    help="List and acknowledge notifications.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_EXITS = (Exit.UNSAFE, Exit.UNREACHABLE)


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog(*_EXITS)
    return with_lines(group, "list")


@APP.command("list", epilog=epilog(*_EXITS))
def list_all(
    every: Annotated[bool, typer.Option("--all", help="Also those that somebody has acknowledged.")] = False,
) -> View:
    """List the notifications that nobody has acknowledged. Each with its text, as far as the workspace has it."""
    found = list_notifications(open_settings(), every=every)
    table = Table(list_columns(), listed_rows(found), _("No notifications."))
    return View(found, table, records=found.notifications)


@APP.command(epilog=epilog(Exit.BUSY, *_EXITS))
def ack(run: Annotated[str, typer.Argument(metavar="RUN")]) -> View:
    """Acknowledge a notification. RUN is the run that made it, or a beginning that no other has."""
    found = acknowledge_notification(open_settings(), run)
    return View(found, tuple(acknowledged_lines(found)), stated=True)

"""`cutter decisions list|show`: what policies have asked people, how it stands, and what was decided on what.

Source: issue 7, rule 4; policies.md §3.9, §3.12.
"""

from typing import Annotated

import click
import typer

from cutter.app.decisions import list_decisions, show_decision
from cutter.cli.display import with_lines
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.signing import RunPrefix
from cutter.cli.view import Table, View
from cutter.messages import _
from cutter.report.decisions.screens import list_columns, listed_rows, shown_lines
from cutter.stops import Exit

APP = typer.Typer(
    name="decisions",
    help="List and show what policies have asked people.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_EXITS = (Exit.UNSAFE, Exit.EVIDENCE, Exit.UNREACHABLE)


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog(*_EXITS)
    return with_lines(group, "list")


@APP.command("list", epilog=epilog(*_EXITS))
def list_all(
    due: Annotated[
        bool, typer.Option("--due", help="Only what lapses soon: the last quarter of its time, 24 h at most.")
    ] = False,
) -> View:
    """List what policies have asked people. How each question stands now; what nobody answered in time has lapsed."""
    found = list_decisions(open_settings(), due=due)
    empty = _("Nothing lapses soon.") if due else _("Nothing was asked.")
    table = Table(list_columns(), listed_rows(found), empty)
    return View(found, table, records=found.decisions)


@APP.command(epilog=epilog(Exit.APPROVAL_REFUSED, *_EXITS))
def show(run: RunPrefix) -> View:
    """Show what was decided in a run, and who answered. RUN is its id, or a beginning that no other has."""
    found = show_decision(open_settings(), run)
    return View(found, tuple(shown_lines(found)), stated=True)

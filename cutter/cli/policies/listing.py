"""`cutter policies list|show`: what policies, views, templates and trigger types there are, and what a policy says."""

from typing import Annotated

import typer

from cutter.app.policies.listing import list_policies, show_policy
from cutter.cli.exits import epilog
from cutter.cli.policies.group import APP, FolderOrNone
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.messages import _
from cutter.report.paragraphs import screen_width
from cutter.report.policies.listing import listed_rows, page_lines, part_lines
from cutter.report.policies.results import ShownPart


@APP.command("list", epilog=epilog())
def list_all(folder: FolderOrNone = None) -> View:
    """List policies, views, templates and trigger types. All versions; those that are selected say so."""
    found = list_policies(open_settings(), folder)
    columns = (_("KIND"), _("ID"), _("VERSION"), _("SELECTED"), _("STATE"), _("OF"))
    return View(found, Table(columns, listed_rows(found), _("No policies.")))


@APP.command(epilog=epilog())
def show(policy: Annotated[str, typer.Argument(metavar="ID[@VERSION]")]) -> View:
    """Show what a policy says. The selected version, when none is named; also a view/ID, template/ID or trigger/ID."""
    found = show_policy(open_settings(), policy)
    if isinstance(found, ShownPart):
        return View(found, tuple(part_lines(found)), stated=True)
    return View(found, tuple(page_lines(found, screen_width())), stated=True)

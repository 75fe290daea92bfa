"""`cutter documents profiles`: the kinds of documents that can be cut, and how each is recognised."""

from typing import Annotated

import typer

from cutter.app.cuts import is_own, list_profiles, named_profile, open_profiles
from cutter.cli.documents.group import APP
from cutter.cli.exits import epilog
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.messages import _
from cutter.report.documents.document import title_of
from cutter.report.documents.profiles import profile_screen
from cutter.report.documents.results import ProfileList, ProfileReport


@APP.command(epilog=epilog())
def profiles(profile_id: Annotated[str | None, typer.Argument(metavar="[ID]")] = None) -> View:
    """List the kinds of documents, or show one. Those of the workspace too; one with its levels."""
    settings = open_settings()
    if profile_id is not None:
        profile = named_profile(open_profiles(settings), profile_id)
        report = ProfileReport(own=is_own(profile.id), profile=profile)
        return View(report, tuple(profile_screen(report)), stated=True)
    found = list_profiles(settings)
    rows = [(p.id, p.language, _from(own=p.own), title_of(p.title), " ".join(p.types)) for p in found]
    columns = (_("PROFILE"), _("LANGUAGE"), _("FROM"), _("TITLE"), _("TYPES"))
    return View(ProfileList(profiles=found), Table(columns, rows, ""))


def _from(*, own: bool) -> str:
    return _("workspace") if own else _("cutter")

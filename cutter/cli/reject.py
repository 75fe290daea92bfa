"""`cutter reject RUN`: signs a no to what a waiting run asks.

Rules kept here: the reason stays in a private file of this workspace; only its digest is signed and kept elsewhere.

Source: approvals-and-evidence §3 (A rejection).
"""

from typing import Annotated

import click
import typer

from cutter.app.approvals import sign_rejection
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.signing import (
    EXITS,
    AsPerson,
    ReviewFile,
    RunPrefix,
    answered_view,
    can_ask,
    confirm,
    put_before,
    shown_view,
)
from cutter.cli.view import View
from cutter.messages import _
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.stops import Stop, StopCode

APP = typer.Typer(
    name="reject",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)


def make_group() -> click.Command:
    """The command."""
    return typer.main.get_command(APP)


@APP.command("reject", epilog=epilog(*EXITS))
def reject(
    run: RunPrefix,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why. [default: asked for]")] = None,
    as_person: AsPerson = None,
    review: ReviewFile = None,
) -> View:
    """Sign a no to what a waiting run asks. RUN is its id, or a beginning that no other has."""
    if reason is None and not can_ask():
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="missing", needed="--reason")
    signing = put_before(run, as_person, review, rejecting=True)
    if not confirm(signing, "reject"):
        return shown_view(signing, (NextStep("on a terminal", command("reject", run)),))
    why = reason if reason is not None else click.prompt(_("Why"), err=True)
    return answered_view(sign_rejection(open_settings(), signing, why), signing)

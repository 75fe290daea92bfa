"""Commands that show something before they end: a line before a run begins, events as they come.

Rules kept here: everything still goes through the one place that prints; a reader that went away ends the command
quietly, and a full disk is no success.
"""

import sys

import click
from typer.core import TyperCommand

from cutter.cli.display import Display, asked_display
from cutter.cli.output import print_view
from cutter.cli.view import View
from cutter.stops import Stop, StopCode


class KeepsDisplay(TyperCommand):
    """A command that knows, while it runs, how it was asked to show itself."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and keep the display."""
        ctx.obj = asked_display(args)
        return super().parse_args(ctx, args)


def kept_display() -> Display:
    """The display of the command that runs."""
    display = click.get_current_context().obj
    assert isinstance(display, Display)  # noqa: S101  `KeepsDisplay` kept it
    return display


def show_now(view: View, display: Display) -> bool:
    """Show a view at once; whether somebody still reads.

    Raises:
        Stop: STOP_DISK, what was to be said could not be written.
    """
    if print_view(view, display):
        raise Stop(StopCode.STOP_DISK, where="stdout")
    return not sys.stdout.closed

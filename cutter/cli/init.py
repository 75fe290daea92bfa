"""`cutter init --live-demo DIR`: a workspace to try live cuts in, with throw-away keys of several people.

Source: issue 4, part 3.
"""

import shlex
from pathlib import Path
from typing import Annotated

import click
import typer

from cutter.app.initiation import MadeWorkspace, make_live_demo
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.view import View
from cutter.report.lines import next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible
from cutter.stops import Stop, StopCode

APP = typer.Typer(
    name="init",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)


def make_group() -> click.Command:
    """The command."""
    return typer.main.get_command(APP)


@APP.command("init", epilog=epilog())
def init(
    live_demo: Annotated[Path | None, typer.Option(metavar="DIR", help="A new or empty folder. [required]")] = None,
) -> View:
    """Make a workspace to try live cuts in.

    It has the demo's documents, an embedded database, and throw-away keys for several people, so that
    `cutter approve RUN --as PERSON` signs. No other database takes these keys.
    """
    if live_demo is None:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="missing", needed="--live-demo")
    made = make_live_demo(live_demo)
    lines = (
        f"DONE  workspace {visible(made.folder)}",
        f"  documents  {visible(', '.join(made.documents))}",
        f"  persons    {', '.join(made.persons)}; their keys are throw-away ones, until {made.expires}",
        *next_lines(_steps(made)),
    )
    return View(made, lines, stated=True)


def _steps(made: MadeWorkspace) -> tuple[NextStep, ...]:
    rehearse = (NextStep("rehearse", command("orchestrate", "cut", name)) for name in made.documents[:1])
    return (NextStep("first", shlex.join(("cd", made.folder))), *rehearse)

"""`cutter init DIR`: a workspace to begin with; `cutter init --live-demo DIR`: one to try live cuts in, with throw-away
keys of several people.

Source: issue 4, part 3; issue 6, part 5.
"""

import shlex
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from cutter.app.new_workspace import NewWorkspace, make_workspace
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.view import View
from cutter.messages import _, language
from cutter.report.lines import named_lines, next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible
from cutter.stops import Stop, StopCode

if TYPE_CHECKING:
    from cutter.app.initiation import MadeWorkspace

APP = typer.Typer(
    name="init",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

Folder = Annotated[Path | None, typer.Argument(metavar="[DIR]", help="A new or empty folder.", show_default=False)]
LiveDemo = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Make a workspace to try live cuts in, with throw-away keys for several people."),
]


def make_group() -> click.Command:
    """The command."""
    return typer.main.get_command(APP)


@APP.command("init", epilog=epilog())
def init(folder: Folder = None, live_demo: LiveDemo = None) -> View:
    """Make a workspace in DIR: a pipeline, a document, and an embedded database.

    What is there is never written over. A workspace for live cuts has the demo's documents, and keys so that
    `cutter approve RUN --as PERSON` signs; no other database takes these keys.
    """
    if folder is not None and live_demo is not None:
        raise Stop(StopCode.STOP_INVALID_INPUT, "given_twice", where="--live-demo", needed="DIR or --live-demo DIR")
    if live_demo is not None:
        make_live_demo: Any = import_module("cutter.app.initiation").make_live_demo
        return _live_view(make_live_demo(live_demo))
    if folder is None:
        raise Stop(StopCode.STOP_INVALID_INPUT, "missing", needed="DIR")
    made = make_workspace(folder, language())
    return View(made, tuple(_lines(made)), stated=True)


def _lines(made: NewWorkspace) -> Iterator[str]:
    folder = visible(made.folder)
    yield (
        _("DONE  workspace {folder}", folder=folder)
        if made.made
        else _("DONE  workspace {folder} was there already", folder=folder)
    )
    yield from named_lines(
        (
            (_("pipeline"), ", ".join(f"pipelines/{name}.yaml" for name in made.pipelines)),
            (_("document"), ", ".join(made.documents)),
            (_("made"), _tops(made.made)),
            (_("kept"), _tops(made.present)),
        )
    )
    yield from next_lines(tuple(_steps(made)))


def _tops(paths: Sequence[str]) -> str:
    """What lies in the folder itself, its folders with a slash."""
    names = ("".join(path.partition("/")[:2]) for path in paths)
    return ", ".join(dict.fromkeys(names))


def _steps(made: NewWorkspace) -> Iterator[NextStep]:
    """The commands that a newcomer gives next: in that folder, where they are not in it."""
    if Path(made.folder) != Path.cwd():
        yield _enter(made.folder)
    for pipeline in made.pipelines[:1]:
        document = made.documents[0]
        yield NextStep("rehearse", command("orchestrate", pipeline, document))
        yield NextStep("edit", f"${{EDITOR:-vi}} {shlex.quote(f'pipelines/{pipeline}.yaml')}")
        yield NextStep("lint", command("pipelines", "lint", pipeline))
        yield NextStep("draw", command("pipelines", "graph", pipeline))


def _live_view(made: "MadeWorkspace") -> View:
    persons = ", ".join(made.persons)
    lines = (
        _("DONE  workspace {folder}", folder=visible(made.folder)),
        f"  {_('documents  {names}', names=visible(', '.join(made.documents)))}",
        f"  {_('persons    {names}; their keys are throw-away ones, until {day}', names=persons, day=made.expires)}",
        *next_lines((_enter(made.folder), *_first_cut(made))),
    )
    return View(made, lines, stated=True)


def _first_cut(made: "MadeWorkspace") -> Iterator[NextStep]:
    for name in made.documents[:1]:
        yield NextStep("rehearse", command("orchestrate", "cut", name))


def _enter(folder: str) -> NextStep:
    return NextStep("first", shlex.join(("cd", folder)))

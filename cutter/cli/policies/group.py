"""The group that the commands about policies are put into, and the arguments that they share."""

from pathlib import Path
from typing import Annotated

import typer

from cutter.cli.root import SETTINGS

APP = typer.Typer(
    name="policies",
    help="List, show, check, test, prove, compare and explain policies.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

FolderOrNone = Annotated[Path | None, typer.Argument(metavar="[FOLDER]")]
Witnesses = Annotated[
    Path | None,
    typer.Option("--witnesses", metavar="FOLDER", help="Write each witness there, as a trigger to be explained."),
]
Policies = Annotated[
    Path | None, typer.Option("--policies", metavar="FOLDER", help="Other policies than those of the workspace.")
]

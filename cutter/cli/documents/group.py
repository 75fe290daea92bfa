"""The group that the commands about documents are put into, and the arguments that they share."""

from pathlib import Path
from typing import Annotated

import typer

from cutter.cli.root import SETTINGS
from cutter.stops import Stop, StopCode

APP = typer.Typer(
    name="documents",
    help="Register, cut, show, cite, compare and export source documents.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

DocumentId = Annotated[str, typer.Argument(metavar="ID")]
FileName = Annotated[Path, typer.Argument(metavar="FILE")]
Version = Annotated[str | None, typer.Option("--version", metavar="NAME", help="Which version. [default: the newest]")]
ProfileId = Annotated[
    str | None, typer.Option("--profile", metavar="ID", help="How it is cut. [default: the profile that it shows]")
]


def version_of(document_id: str, version: str | None) -> tuple[str, str | None]:
    """The document and the version that were named: by `--version`, or as screens write it, `ID@VERSION`.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `two_versions`, when both are given and differ.
    """
    plain, _, named = document_id.partition("@")
    if named and version is not None and version != named:
        raise Stop(StopCode.STOP_INVALID_INPUT, "two_versions", where="--version", found=version, needed=named)
    return plain, version or named or None

"""`cutter policies diff`: what two sets of policies decide differently, and a second person's yes to it."""

from pathlib import Path
from typing import Annotated

import typer

from cutter import app
from cutter.app.policies.comparing import compare_policies, export_difference
from cutter.cli.exits import epilog
from cutter.cli.policies.group import APP, Witnesses
from cutter.cli.session import open_settings, own_home
from cutter.cli.view import View
from cutter.report.policies.difference import difference_lines
from cutter.stops import Exit, Stop, StopCode

_SAID = {Exit.WAITING: "something is newly allowed, and nobody else has signed that"}

Export = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the bytes that a second person signs into a new file.")
]
Actor = Annotated[
    str | None, typer.Option(metavar="PERSON", help="Who wants the change, where that is not who runs this.")
]
Signature = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A detached signature over those bytes, made elsewhere.")
]


@APP.command(epilog=epilog(Exit.APPROVAL_REFUSED, said=_SAID))
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD")],
    new: Annotated[Path, typer.Argument(metavar="NEW")],
    export: Export = None,
    signature: Signature = None,
    actor: Actor = None,
    witnesses: Witnesses = None,
) -> View:
    """Compare what two sets of policies decide. Each is a folder, or a file such as selection.yaml in one."""
    if export is not None and signature is not None:
        raise Stop(StopCode.STOP_INVALID_INPUT, "together", where="--export|--signature", needed="one of them")
    settings = open_settings()
    compared = compare_policies(settings, old, new, witnesses)
    found = compared.report
    if export is not None:
        named = (actor,) if actor is not None else app.possible_actors(settings, own_home())
        found = export_difference(compared, export, named)
    elif signature is not None:
        found = app.approve_difference(settings, compared, signature, own_home(), actor)
    return View(found, tuple(difference_lines(found)), found.exit_code, stated=True)

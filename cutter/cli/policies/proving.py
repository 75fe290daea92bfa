"""`cutter policies prove|explain`: what holds for every trigger, and why one trigger is decided as it is."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cutter.app.policies.checking import prove_invariants
from cutter.app.policies.explaining import STDIN, explain_trigger
from cutter.cli.exits import epilog
from cutter.cli.policies.group import APP, Policies, Witnesses
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.report.policies.explained import explained_lines
from cutter.report.policies.proofs import proof_lines
from cutter.stops import Exit

Trigger = Annotated[str, typer.Argument(metavar="TRIGGER|-")]
Answers = Annotated[
    list[str] | None,
    typer.Option("--answer", metavar="VIEW.COLUMN=VALUE", help="What a view answers; several times. [else missing]"),
]
Invariants = Annotated[Path | None, typer.Argument(metavar="[FOLDER|INVARIANTS]")]


@APP.command(epilog=epilog(said={Exit.STOPPED: "an invariant does not hold"}))
def prove(invariants: Invariants = None, witnesses: Witnesses = None, policies: Policies = None) -> View:
    """Prove what must never happen. Over every trigger that there can be, or by a counter-example."""
    found = prove_invariants(open_settings(), invariants, witnesses, policies)
    return View(found, tuple(proof_lines(found)), found.exit_code, stated=True)


@APP.command(epilog=epilog())
def explain(trigger: Trigger, answer: Answers = None, policies: Policies = None) -> View:
    """Say why a trigger is decided as it is. Its file, or - for stdin; nothing is started or kept."""
    path = None if trigger == STDIN else Path(trigger)
    found = explain_trigger(open_settings(), path, sys.stdin.buffer, answer or (), policies)
    return View(found, tuple(explained_lines(found)), stated=True)

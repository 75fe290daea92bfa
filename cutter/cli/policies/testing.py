"""`cutter policies test`: whether the policies decide what their tables say, and whether the tables would notice."""

from pathlib import Path
from typing import Annotated

import typer

from cutter.app.policies.testing import generate_rows, run_policy_tests
from cutter.cli.exits import epilog
from cutter.cli.policies.group import APP, Policies
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.report.policies.tables import generated_lines, tested_lines
from cutter.stops import Exit, Stop, StopCode

STDOUT = "-"

Tables = Annotated[list[Path] | None, typer.Argument(metavar="[FOLDER|TABLES]")]
Mutate = Annotated[bool, typer.Option("--mutate", help="Also change the rules, and tell what no row notices.")]
Generate = Annotated[
    str | None,
    typer.Option("--generate", metavar="FILE", help="Write the missing rows into a new file, or - for stdout."),
]


@APP.command("test", epilog=epilog(said={Exit.STOPPED: "the policies do not do what the tables say"}))
def run_tests(
    tables: Tables = None, mutate: Mutate = False, generate: Generate = None, policies: Policies = None
) -> View:
    """Run the tables of tests. All of policies/tests when none is named."""
    settings = open_settings()
    if generate is not None:
        if mutate:
            raise Stop(StopCode.STOP_INVALID_INPUT, "together", where="--mutate|--generate", needed="one of them")
        written = generate_rows(settings, tables or (), None if generate == STDOUT else Path(generate), policies)
        return View(written, tuple(generated_lines(written)), stated=bool(written.path))
    found = run_policy_tests(settings, tables or (), policies, mutated=mutate)
    return View(found, tuple(tested_lines(found)), found.exit_code, stated=True)

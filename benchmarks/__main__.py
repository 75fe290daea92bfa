"""`python -m benchmarks`: every goal, one table. Names of goals as arguments run only those."""

import compileall
import sys
from collections.abc import Callable
from pathlib import Path

import cutter
from benchmarks import (
    completion,
    cutting,
    dry_run,
    fsyncs,
    help_screen,
    ledger_verify,
    lint,
    policies,
    policies_lint,
    resume,
    signatures,
    ten_phases,
    writer,
)
from benchmarks.measure import Row, render

GOALS: dict[str, Callable[[], list[Row]]] = {
    "help": help_screen.measure,
    "completion": completion.measure,
    "lint": lint.measure,
    "cutting": cutting.measure,
    "dry-run": dry_run.measure,
    "writer": writer.measure,
    "ledger": ledger_verify.measure,
    "ten-phases": ten_phases.measure,
    "resume": resume.measure,
    "signatures": signatures.measure,
    "fsyncs": fsyncs.measure,
    "policies": policies.measure,
    "policies-lint": policies_lint.measure,
}


def main() -> None:
    """Measure and print."""
    wanted = sys.argv[1:] or list(GOALS)
    compileall.compile_dir(Path(cutter.__file__).parent, quiet=1)  # as an installed package has it
    rows: list[Row] = []
    for name in wanted:
        print(f"measuring {name} …", file=sys.stderr)
        rows += GOALS[name]()
    print(render(rows))


main()

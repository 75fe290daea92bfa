"""`python -m benchmarks`: every goal, one table. Names of goals as arguments run only those."""

import sys
from collections.abc import Callable

from benchmarks import dry_run, help_screen, writer
from benchmarks.measure import Row, render

GOALS: dict[str, Callable[[], list[Row]]] = {
    "help": help_screen.measure,
    "dry-run": dry_run.measure,
    "writer": writer.measure,
}


def main() -> None:
    """Measure and print."""
    wanted = sys.argv[1:] or list(GOALS)
    rows: list[Row] = []
    for name in wanted:
        print(f"measuring {name} …", file=sys.stderr)
        rows += GOALS[name]()
    print(render(rows))


main()

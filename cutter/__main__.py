"""The entry of the two console scripts, `cutter` and `orchestrate`, and of `python -m cutter`."""

import sys

from cutter.cli.main import run
from cutter.cli.signals import take_signals


def main() -> None:
    """`cutter`."""
    take_signals()
    sys.exit(run("cutter", sys.argv[1:]))


def orchestrate() -> None:
    """`orchestrate`: the group of that name by itself."""
    take_signals()
    sys.exit(run("orchestrate", sys.argv[1:]))


if __name__ == "__main__":
    main()

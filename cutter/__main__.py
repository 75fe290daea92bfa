"""The entry of the two console scripts, `cutter` and `orchestrate`, and of `python -m cutter`."""

import gc
import sys

from cutter.cli.main import run
from cutter.cli.signals import take_signals


def main() -> None:
    """`cutter`."""
    _start()
    sys.exit(run("cutter", sys.argv[1:]))


def orchestrate() -> None:
    """`orchestrate`: the group of that name by itself."""
    _start()
    sys.exit(run("orchestrate", sys.argv[1:]))


def _start() -> None:
    # What a command loads stays until it ends: looking there for garbage at the usual rate is a tenth of its time.
    gc.set_threshold(50_000)
    take_signals()


if __name__ == "__main__":
    main()

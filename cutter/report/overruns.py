"""The lines of a screen about phases that took longer than they should: nothing was stopped for it.

Source: DESIGN §4 (limits); issue 6, part 5.
"""

from collections.abc import Iterator

from cutter.messages import _, number
from cutter.report.lines import blocks
from cutter.report.result import Overrun, Result
from cutter.report.visible import visible


def overrun_lines(result: Result) -> Iterator[str]:
    """One line for each phase that was over the soft cap."""
    yield from blocks(_("Slow"), map(_told, result.overran))


def _told(overrun: Overrun) -> str:
    return _(
        "{phase} took {seconds} s, longer than the {limit} s that a phase should take",
        phase=visible(overrun.phase),
        seconds=number(overrun.seconds),
        limit=number(overrun.limit),
    )

"""`cutter doctor`: one line a check of this host, the workspace and the database, and the commands that mend them.

Source: issue 6, part 6; command-line.md §1 row 16.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from cutter import __version__
from cutter.app.doctor import Finding, Seat, State, examine
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import own_home
from cutter.cli.view import View
from cutter.messages import _
from cutter.report.lines import exit_part, head, next_lines, pad
from cutter.report.paragraphs import Line
from cutter.report.result import NextStep
from cutter.report.visible import visible, width
from cutter.stops import Exit

_HELP = """Check this host, the workspace and the database.

Each line is a state (ok, warn, fail) and a fact; what mends it stands at the end. Nothing is changed, and no server is
started. It ends with 0 when nothing fails, else with 78.
"""


class CheckedLine(msgspec.Struct, frozen=True):
    """One finding. `state` is `ok`, `warn` or `fail`; `fix` is a command for a shell, or empty."""

    name: str
    state: str
    fact: str
    fix: str


class DoctorReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter doctor` (`cutter.doctor/1`)."""

    format: str = "cutter.doctor/1"
    cutter: str
    checks: tuple[CheckedLine, ...]
    next: tuple[NextStep, ...]
    exit_code: int


def make_group() -> click.Command:
    """The command."""
    return click.Command(name="doctor", callback=doctor, help=_HELP, epilog=epilog(), context_settings=dict(SETTINGS))


def doctor() -> View:
    """The view of all findings."""
    found = tuple(examine(Seat(_folder(), os.environ, own_home(), sys.stdout.encoding)))
    failed = any(finding.state is State.FAIL for finding in found)
    status = int(Exit.CONFIGURATION if failed else Exit.DONE)
    steps = _steps(found)
    report = DoctorReport(
        cutter=__version__,
        checks=tuple(CheckedLine(item.name, item.state.value, str(item.fact), item.fix) for item in found),
        next=steps,
        exit_code=status,
    )
    return View(report, tuple(_lines(found, steps, status)), status, stated=True)


def _folder() -> Path:
    """The current folder; the root when it was removed."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")


def _lines(found: Sequence[Finding], steps: Sequence[NextStep], status: int) -> Iterator[str]:
    warned, failed = (sum(1 for item in found if item.state is state) for state in (State.WARN, State.FAIL))
    state = _("FAILED") if failed else _("WARN") if warned else _("OK")
    told = _("checks: {checks}, warn: {warned}, fail: {failed}", checks=len(found), warned=warned, failed=failed)
    yield head(state, ("doctor", told, exit_part(status) if status else ""))
    wide = max((width(item.name) for item in found), default=0)
    for item in found:
        fact = visible(_(item.fact.text, **dict(item.fact.values)))
        start = f"  {item.state.value:<4}  {pad(item.name, wide)}  "
        yield Line(f"{start}{fact}", width(start))
    yield from next_lines(steps)


def _steps(found: Sequence[Finding]) -> tuple[NextStep, ...]:
    """The fixes, those of what fails first; each once."""
    ordered = sorted((item for item in found if item.fix), key=lambda item: item.state is not State.FAIL)
    fixes = {item.fix: item.name for item in reversed(ordered)}
    return tuple(NextStep(fixes[fix], fix) for fix in dict.fromkeys(item.fix for item in ordered))

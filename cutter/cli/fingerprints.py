"""`cutter fingerprints pin|check|diff`: what the database's objects are, and what they were pinned to be.

Source: DESIGN §4 (Fingerprints), §7.
"""

from typing import Annotated

import click
import msgspec
import typer

from cutter.app.fingerprints import ComparedFingerprint, check_fingerprint, diff_fingerprint, pin_fingerprint
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.fingerprints import Difference
from cutter.messages import _, counted
from cutter.report.lines import exit_part, head, pad
from cutter.report.paragraphs import Line
from cutter.report.visible import visible
from cutter.stops import Exit

APP = typer.Typer(
    name="fingerprints",
    help="Pin the objects of the database, and compare them with their pins.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_EXITS = (Exit.DRIFT, Exit.UNSAFE, Exit.UNREACHABLE, Exit.CONFIGURATION)
_NAMES = 9  # least width of the names of rows
Name = Annotated[str, typer.Argument(metavar="[NAME]", help="Which fingerprint.")]


class FingerprintPinned(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter fingerprints pin` (`cutter.fingerprints-pin/1`): what was written where, and what changed by it."""

    format: str = "cutter.fingerprints-pin/1"
    path: str
    fingerprint: ComparedFingerprint


class FingerprintCompared(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter fingerprints check` and `diff` (`cutter.fingerprints-diff/1`)."""

    format: str = "cutter.fingerprints-diff/1"
    fingerprint: ComparedFingerprint
    exit_code: int


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog(*_EXITS)
    return group


@APP.command(epilog=epilog(*_EXITS[1:]))
def pin(name: Name = "library") -> View:
    """Pin what the database has now; show what changed."""
    made = pin_fingerprint(open_settings(), name)
    changed = counted(len(made.compared.differences), "change")
    first = head(_("PINNED"), (_title(made.compared), changed, visible(made.path)))
    lines = (first, *_lines(made.compared.differences, _("before"), _("now")))
    return View(FingerprintPinned(path=made.path, fingerprint=made.compared), lines)


@APP.command(epilog=epilog(*_EXITS))
def check(name: Name = "library") -> View:
    """Compare the database with its pin."""
    found = check_fingerprint(open_settings(), name)
    return View(FingerprintCompared(fingerprint=found, exit_code=0), (head(_("OK"), (_title(found), _("as pinned"))),))


@APP.command(epilog=epilog(*_EXITS))
def diff(name: Name = "library") -> View:
    """Show all that differs from the pin."""
    found = diff_fingerprint(open_settings(), name)
    status = int(Exit.DRIFT if found.differences else Exit.DONE)
    differences = counted(len(found.differences), "difference")
    first = Line(" · ".join((_title(found), differences, exit_part(status))))
    lines = (first, *_lines(found.differences, _("expected"), _("found")))
    return View(FingerprintCompared(fingerprint=found, exit_code=status), lines, status)


def _title(found: ComparedFingerprint) -> str:
    return f"{found.name}.{found.server_major}  {counted(found.objects, 'object')}  sha256:{found.sha256[:16]}"


def _lines(differences: tuple[Difference, ...], first: str, second: str) -> tuple[str, ...]:
    lines: list[str] = []
    for item in differences:
        lines += ["", f"{visible(item.object)} · {visible(item.part)} · {item.change.value}"]
        for name, value in ((first, item.expected), (second, item.found)):
            lines.append(Line(f"  {pad(name, _NAMES)} {visible(value)}", _NAMES + 3))
    return tuple(lines)

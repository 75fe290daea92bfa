"""`cutter trigger FILE|-`: start what the policies let a trigger start; a rehearsal unless it is told otherwise.

Source: issue 7, parts; rules 1 and 7.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from cutter.cli.exits import ORCHESTRATE, epilog
from cutter.cli.orchestrate import actor_option, check_actor
from cutter.cli.progress import make_progress
from cutter.cli.refusals import result_view
from cutter.cli.report_options import report_options
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.custody.files import read_plain
from cutter.model import Mode
from cutter.report.result import Result
from cutter.stops import Exit, Stop, StopCode

_EXITS = tuple(status for status in ORCHESTRATE if status is not Exit.BACKUP)  # no policy starts a backup
_LARGEST = 64 * 1024  # bytes; what is larger than a trigger may be is refused by its reader
_STDIN = "-"


def make_group() -> click.Command:
    """The command."""
    mode = "Rehearse, or do it for good."
    resend = "Ask to send again what nobody knows to have arrived, after people declined to count it as sent."
    modes = click.Choice([choice.value for choice in Mode])
    return click.Command(
        name="trigger",
        params=[
            click.Argument(["file"], metavar="FILE|-"),
            click.Option(["--mode"], type=modes, default=Mode.DRYRUN.value, show_default=True, help=mode),
            click.Option(["--resend"], is_flag=True, help=resend),
            actor_option(),
            *report_options(),
        ],
        callback=_trigger,
        help="Decide on a trigger by the selected policies, and do what they allow once people have signed.",
        epilog=epilog(*_EXITS),
        context_settings=dict(SETTINGS),
    )


def _trigger(file: str, mode: str, resend: bool, actor: str | None) -> View:
    settings = open_settings()
    label = check_actor(actor if actor is not None else settings.actor)
    data = _read(file)
    take: Any = import_module("cutter.app.triggers").take_trigger
    with make_progress() as notify:
        result: Result = take(settings, data, Mode(mode), label, notify, resend=resend)
    return result_view(result)


def _read(file: str) -> bytes:
    """The trigger; of a file that is not there only that is said, for its name may be anything."""
    if file == _STDIN:
        return sys.stdin.buffer.read(_LARGEST)
    try:
        return read_plain(Path(file).absolute(), _LARGEST, shared=True, too_large=StopCode.STOP_POLICY_DENIED)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, detail="no_such_file", needed="a file with a trigger, or -") from None
    except Stop as stop:
        raise Stop(stop.code, stop.detail, needed=stop.needed) from None

"""From argv to an exit status: filter, parse, run, show; and the one ladder of what can go wrong.

Rules kept here: an expected refusal is a screen (or JSON) with its exit status, never a traceback; a fault of ours is a
report without values and exit 1; nothing of argv is printed that the filter or the parser refused.

Source: DESIGN §7; command-line.md §3 rows 5, 10.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import BytesIO, TextIOWrapper
from typing import Any

import click

from cutter.cli.display import Display, asked_display, last_value, without_language
from cutter.cli.refuse import refuse
from cutter.cli.root import load_group, make_root, named_commands
from cutter.cli.usage import command_path, usage_stop
from cutter.messages import chosen_language, use_language
from cutter.stops import Exit, Stop, StopCode, Terminated

ORCHESTRATE = "orchestrate"


def run(program: str, arguments: Sequence[str]) -> int:
    """Run one command line.

    Args:
        program: `cutter`, or `orchestrate`, which is the group of that name by itself.
        arguments: the words after the program's name.

    Returns:
        the exit status.
    """
    _prepare_streams()
    display = asked_display(arguments)
    use_language(chosen_language(display.language, os.environ))
    words = without_language(arguments)
    refused = _Refused(program, words, display)
    try:
        refuse(arguments)
        return _show(_reported(_invoke(program, arguments, display), arguments), display)
    except Stop as stop:
        filtered = stop.code is StopCode.STOP_REFUSED_INPUT  # then nothing of argv is looked at again
        return refused.show(stop, () if filtered else named_commands(program, words))
    except click.UsageError as error:
        understood = max(command_path(error), named_commands(program, words), key=len)
        return refused.show(usage_stop(error, arguments), understood)
    except click.exceptions.Exit as left:
        return left.exit_code
    except Terminated:
        return refused.show(Stop(StopCode.STOP_TERMINATED))
    except (KeyboardInterrupt, click.Abort):
        return refused.show(Stop(StopCode.STOP_INTERRUPTED))
    except BrokenPipeError:
        _load("output").leave_quietly()
        return int(Exit.DONE)
    except Exception as error:  # noqa: BLE001  the last ladder: anything else is a fault of ours
        return refused.show(_load("faults").report_fault(error))


class _Refused:
    """Shows refusals in the form that the command has: a result where a pipeline was to run."""

    def __init__(self, program: str, arguments: Sequence[str], display: Display) -> None:
        self._runs_pipeline = program == ORCHESTRATE or next(iter(arguments), "") == ORCHESTRATE
        self._pipeline_at = 0 if program == ORCHESTRATE else 1
        resumes = "resume" in arguments[: self._pipeline_at + 1]
        self._live = resumes or last_value(arguments, "--mode", ("dryrun", "live")) == "live"
        self._display = display
        self._arguments = arguments

    def show(self, stop: Stop, understood: Sequence[str] = ()) -> int:
        """Show a stop; `understood` are the commands up to it."""
        refusals = _load("refusals")
        if self._runs_pipeline:
            pipeline = next(iter(understood[self._pipeline_at :]), "")
            view = refusals.refused_run(stop, pipeline, live=self._live)
            filtered = stop.code is StopCode.STOP_REFUSED_INPUT
            return _show(view if filtered else _reported(view, self._arguments), self._display)
        return _show(refusals.refused_command(stop, understood), self._display)


def _invoke(program: str, arguments: Sequence[str], display: Display) -> Any:
    """The view of the command, or None when it has shown help by itself; its context keeps the display."""
    command = make_root() if program == "cutter" else load_group(program)
    with command.make_context(program, list(arguments), obj=display) as context:
        return command.invoke(context)


def _reported(view: Any, arguments: Sequence[str]) -> Any:
    """The view, the reports that its command asks for being written."""
    if not any(word.startswith("--report") for word in arguments):
        return view
    return _load("reports").with_reports(view, arguments)


def _show(view: Any, display: Display) -> int:
    if view is None:
        return int(Exit.DONE)
    status: int = _load("output").print_view(view, display)
    return status


def _load(name: str) -> Any:
    """A module of this package that help does not need."""
    return import_module(f"cutter.cli.{name}")


def _prepare_streams() -> None:
    """A terminal that cannot show a letter gets an escape for it, never an error; a closed stream takes everything."""
    sys.stdout = sys.stdout or TextIOWrapper(BytesIO())
    sys.stderr = sys.stderr or TextIOWrapper(BytesIO())
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and not stream.encoding.lower().startswith("utf"):
            reconfigure(errors="backslashreplace")

"""The one place that prints: a view on stdout, as lines or as one JSON document.

Rules kept here: with JSON stdout holds nothing else, refusals included; a reader that went away ends the output
quietly; the only colour is on the word that says the state. Lines are broken to the width of a terminal only: what
goes into a file or a program, or is read aloud, has one fact a line.

Source: command-line.md §1 rows 2, 10, 14; §3 rows 7, 8, 10.
"""

import os
import sys
from contextlib import suppress
from errno import errorcode

import click

from cutter.cli.display import Display, is_accessible
from cutter.cli.view import Bytes, Table, View
from cutter.messages import _
from cutter.report.lines import table_lines
from cutter.report.machine import encode
from cutter.report.paragraphs import broken, screen_width
from cutter.stops import Exit, Stop, StopCode


def print_view(view: View | Bytes, display: Display) -> int:
    """Print a view in the form that was asked for; its exit status.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `output`: bytes of another format cannot stand beside a JSON document.
    """
    if isinstance(view, Bytes) and display.json:
        raise Stop(StopCode.STOP_INVALID_INPUT, "output", where="--output json", needed="--to FILE beside it")
    status = view.exit if isinstance(view, View) else int(Exit.DONE)
    try:
        _print(view, display)
        sys.stdout.flush()
    except BrokenPipeError:
        leave_quietly()
    except OSError as error:
        leave_quietly()
        failed = _not_written(error)
        return status or failed
    return status


def _print(view: View | Bytes, display: Display) -> None:
    if isinstance(view, Bytes):
        sys.stdout.flush()
        view.write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    elif display.lines and isinstance(view.lines, Table):
        for record in view.records:
            _write(encode(record))
    elif display.json:
        _write(encode(view.document))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(view, display)))


def leave_quietly() -> None:
    """After the reader of stdout has gone: close it, so that Python flushes nothing into it at its end."""
    with suppress(OSError):
        sys.stdout.close()


def _not_written(error: OSError) -> int:
    """What was to be said could not be written (a full disk): that is told on the other stream, and is no success."""
    stop = StopCode.STOP_DISK
    with suppress(OSError):
        sys.stderr.write(
            f"{stop.name} · exit {int(stop.exit)} · stdout: {errorcode.get(error.errno or 0, 'EUNKNOWN')}\n"
        )
    return int(stop.exit)


def _write(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _lines(view: View, display: Display) -> tuple[str, ...]:
    terminal = sys.stdout.isatty()
    if isinstance(view.lines, Table):
        return _table(view.lines, terminal=terminal)
    lines = view.lines
    if terminal and not is_accessible(os.environ):
        cells = screen_width()
        lines = tuple(part for line in lines for part in broken(line, cells))
    colored = view.stated and display.colored(os.environ, terminal=terminal)
    return (_color_state(lines[0]), *lines[1:]) if colored else lines


def _table(table: Table, *, terminal: bool) -> tuple[str, ...]:
    if terminal and not table.rows:
        return (table.empty,)
    rows = (table.columns, *table.rows) if terminal else table.rows
    return table_lines(rows, aligned=terminal)


def _color_state(line: str) -> str:
    """The line with the word of its state, which two spaces end, in colour."""
    state, space, rest = line.partition("  ")
    return f"{click.style(state, fg=_colors().get(state), bold=True)}{space}{rest}"


def _colors() -> dict[str, str]:
    good, waits, bad = "green", "yellow", "red"
    return {
        _("REHEARSAL"): good,
        _("DONE"): good,
        _("WAITING"): waits,
        _("BUSY"): waits,
        _("UNFINISHED"): waits,
        _("REFUSED"): bad,
        _("STOPPED"): bad,
        _("FAILED"): bad,
    }

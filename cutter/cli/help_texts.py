"""Help in the language of the process: the texts of commands and options, and the few that click brings itself.

Rules kept here: commands are made anew each time they are loaded, after the language was chosen, so their texts are
put into it then; what click writes by itself (`Usage:`, `Options`) is translated where it is written. Names of
commands, options and values stay as they are.

Source: command-line.md §1 rows 12, 13.
"""

import inspect
import re
from collections.abc import Iterable

import click

from cutter.messages import Message, _

# What click says by itself.
OF_CLICK = (
    Message("Usage:"),
    Message("Options"),
    Message("Arguments"),
    Message("Commands"),
    Message("Show this message and exit."),
    Message("Show the version and exit."),
)

_STATUS = re.compile(r"(?m)^( +\d+  )(.+)$")
_DEFAULT = re.compile(r"\[default: ([^\]]*)\]")


class Formatter(click.HelpFormatter):
    """Writes help with the words of click in the language of the process."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        super().write_usage(prog, args, f"{_('Usage:')} " if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """The word over a part."""
        super().write_heading(_(heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Names with their texts; of these the one of `--help`, and what stands in brackets, can be click's own."""
        super().write_dl([(name, _spoken(text)) for name, text in rows], col_max, col_spacing)


class SpokenContext(click.Context):
    """A context whose help is written so."""

    formatter_class = Formatter


def speak(command: click.Command) -> None:
    """Put a command's own texts into the language of the process; those below it are spoken by themselves."""
    command.context_class = SpokenContext
    command.help = _(inspect.cleandoc(command.help)) if command.help else command.help
    command.short_help = _(command.short_help) if command.short_help else command.short_help
    command.epilog = _spoken_epilog(command.epilog) if command.epilog else command.epilog
    for parameter in command.params:
        # typer's arguments have a text too, which click's do not
        text = getattr(parameter, "help", None)
        if isinstance(text, str):
            setattr(parameter, "help", _(inspect.cleandoc(text)))  # noqa: B010  no attribute of every parameter


def _spoken(text: str) -> str:
    if text in OF_CLICK:
        return _(text)
    told = _DEFAULT.sub(lambda found: _("[default: {value}]", value=found[1]), text)
    return told.replace("[required]", _("[required]"))


def _spoken_epilog(epilog: str) -> str:
    """The exit statuses, each with its meaning."""
    told = _STATUS.sub(lambda found: f"{found[1]}{_(found[2])}", epilog)
    return told.replace("Exit status:", _("Exit status:"))

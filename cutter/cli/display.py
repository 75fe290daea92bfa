"""How a command was asked to show itself: `--output` and `--color`, read from argv.

Rules kept here: both are read without a parser, so that a refusal that comes before or out of the parser still has the
form that was asked for; the same options are declared on every command, where the parser checks their values.

Source: command-line.md §1 rows 2, 10 (colour: `--color` > NO_COLOR > FORCE_COLOR, not `0` > TERM=dumb > terminal).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import click

OUTPUTS = ("human", "json")
COLORS = ("auto", "always", "never")


@dataclass(frozen=True, slots=True)
class Display:
    """What was asked for."""

    json: bool
    color: Literal["auto", "always", "never"]

    def colored(self, environ: Mapping[str, str], *, terminal: bool) -> bool:
        """Whether a stream gets colour; `terminal`: it is one."""
        if self.color != "auto":
            return self.color == "always"
        if environ.get("NO_COLOR"):
            return False
        if environ.get("FORCE_COLOR", "0") not in ("", "0"):
            return True
        return terminal and environ.get("TERM") != "dumb"


def asked_display(arguments: Sequence[str]) -> Display:
    """The display that argv asks for; the last known value counts, an unknown one is for the parser to refuse."""
    color = last_value(arguments, "--color", COLORS)
    return Display(
        json=last_value(arguments, "--output", OUTPUTS) == "json",
        color="always" if color == "always" else "never" if color == "never" else "auto",
    )


def with_display(command: click.Command) -> click.Command:
    """The command, and those below it, with the two options declared."""
    if isinstance(command, click.Group):
        for child in command.commands.values():
            with_display(child)
    else:
        command.params.extend(_options())
    return command


def _options() -> tuple[click.Option, ...]:
    output = "Show lines for a person, or one JSON document."
    return (
        click.Option(["--output"], type=click.Choice(OUTPUTS), default="human", expose_value=False, help=output),
        click.Option(
            ["--color"], type=click.Choice(COLORS), default="auto", expose_value=False, help="When to colour."
        ),
    )


def last_value(arguments: Sequence[str], option: str, known: Sequence[str]) -> str:
    """The last of the known values that argv gives an option, up to `--`; empty when there is none."""
    value, before = "", ""
    for word in arguments:
        if word == "--":
            break
        given = word if before == option else word.removeprefix(f"{option}=")
        if given in known and (before == option or given != word):
            value = given
        before = word
    return value

"""How a command was asked to show itself: `--output`, `--color` and `--lang`, read from argv.

Rules kept here: all are read without a parser, so that a refusal that comes before or out of the parser still has the
form that was asked for; the same options are declared on every command, where the parser checks their values.

Source: command-line.md §1 rows 2, 10 (colour: `--color` > NO_COLOR > FORCE_COLOR, not `0` > TERM=dumb > terminal),
13, 14.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import click

from cutter.cli.help_texts import speak
from cutter.messages import LANGUAGES

OUTPUTS = ("human", "json")
LINES = "jsonl"  # what lists have besides
COLORS = ("auto", "always", "never")
_LANG = "--lang"


@dataclass(frozen=True, slots=True)
class Display:
    """What was asked for."""

    json: bool
    color: Literal["auto", "always", "never"]
    language: str = ""  # empty: as the environment says
    lines: bool = False  # one JSON document a record, each on a line

    def colored(self, environ: Mapping[str, str], *, terminal: bool) -> bool:
        """Whether a stream gets colour; `terminal`: it is one."""
        if self.color != "auto":
            return self.color == "always"
        if environ.get("NO_COLOR"):
            return False
        if environ.get("FORCE_COLOR", "0") not in ("", "0"):
            return True
        return terminal and environ.get("TERM") != "dumb"


def is_accessible(environ: Mapping[str, str]) -> bool:
    """Whether screens are read aloud: nothing is drawn, redrawn or set in columns for the eye alone."""
    return bool(environ.get("CUTTER_ACCESSIBLE"))


def asked_display(arguments: Sequence[str]) -> Display:
    """The display that argv asks for; the last known value counts, an unknown one is for the parser to refuse."""
    color = last_value(arguments, "--color", COLORS)
    output = last_value(arguments, "--output", (*OUTPUTS, LINES))
    return Display(
        json=output in ("json", LINES),
        lines=output == LINES,
        color="always" if color == "always" else "never" if color == "never" else "auto",
        language=last_value(arguments, _LANG, LANGUAGES),
    )


def without_language(arguments: Sequence[str]) -> tuple[str, ...]:
    """The words without a `--lang` that stands before the command."""
    words = tuple(arguments)
    while words[:1] and (words[0] == _LANG or words[0].startswith(f"{_LANG}=")):
        words = words[2:] if words[0] == _LANG else words[1:]
    return words


def with_display(command: click.Command) -> click.Command:
    """The command, and those below it, with the options declared, and with its help in the process's language."""
    if isinstance(command, click.Group):
        for child in command.commands.values():
            with_display(child)
    else:
        declared = {spelling for param in command.params for spelling in param.opts}
        command.params.extend(option for option in _options() if not declared.intersection(option.opts))
    command.params.append(language_option())
    speak(command)
    return command


def with_lines(group: click.Command, name: str) -> click.Command:
    """The group, one command of which can also show its records one JSON document a line."""
    assert isinstance(group, click.Group)  # noqa: S101  commands with such lists are in groups
    output = "Show lines for a person, one JSON document, or one a line for each record."
    known = click.Choice((*OUTPUTS, LINES))
    group.commands[name].params.append(
        click.Option(["--output"], type=known, default="human", expose_value=False, help=output)
    )
    return group


def language_option() -> click.Option:
    """`--lang`, which groups have too: their help is read in a language."""
    known = click.Choice(LANGUAGES)
    return click.Option([_LANG], type=known, expose_value=False, help="The language of what people read.")


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

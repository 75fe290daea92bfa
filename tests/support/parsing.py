"""Whether a command line is one that cutter takes: given to the command line's own filter and parser, never run."""

import shlex

import click

from cutter.cli.refuse import refuse
from cutter.cli.root import make_root


def parse(line: str) -> click.Command:
    """The command of a line such as `cutter runs show RUN`; fails when the line would be refused before it runs."""
    program, *words = shlex.split(line)
    assert program == "cutter", line
    refuse(words)
    command: click.Command = make_root()
    context = click.Context(command, info_name=program)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    if words == ["--help"] or (command.name == "cutter" and words in ([], ["--version"])):
        return command
    assert not isinstance(command, click.Group), line
    command.make_context("cutter", words)
    return command

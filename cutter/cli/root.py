"""The tree of commands. Only this module and click are loaded for `cutter --help`.

Rules kept here: a command group's module is imported when the group is used; its line in the help stands here.

Source: command-line.md §1 row 12, §3 rows 3, 15.
"""

from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple

import click

from cutter import __version__
from cutter.cli.display import language_option, with_display
from cutter.cli.exits import epilog
from cutter.cli.help_texts import speak
from cutter.messages import Message, _
from cutter.stops import Exit, Stop

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 88}

_SUMMARY = Message("A runner for governed change: it rehearses, waits for signatures, and leaves evidence.")


class _Entry(NamedTuple):
    """Where a group is, and its line in the help."""

    module: str
    help: str


_COMMANDS = {
    "orchestrate": _Entry("cutter.cli.orchestrate", "Run a pipeline; a rehearsal unless it is told otherwise."),
    "say": _Entry("cutter.cli.say", "Rehearse what a phrase asks for."),
    "approve": _Entry("cutter.cli.approve", "Show what a waiting run asks, and sign it."),
    "reject": _Entry("cutter.cli.reject", "Sign a no to what a waiting run asks."),
    "trigger": _Entry("cutter.cli.trigger", "Decide on a trigger by the policies, and do what they allow."),
    "decide": _Entry("cutter.cli.decide", "Answer what a policy has asked, and sign it."),
    "decisions": _Entry("cutter.cli.decisions", "List and show what policies have asked people."),
    "notifications": _Entry("cutter.cli.notifications", "List and acknowledge notifications."),
    "runs": _Entry("cutter.cli.runs", "List, show and verify runs."),
    "pipelines": _Entry("cutter.cli.pipelines", "List, show and check pipelines."),
    "policies": _Entry("cutter.cli.policies", "List, show, check, test, prove, compare and explain policies."),
    "schema": _Entry("cutter.cli.schema", "Print the JSON Schemas of cutter's formats."),
    "documents": _Entry("cutter.cli.documents", "Register, cut, show, cite, compare and export source documents."),
    "operations": _Entry("cutter.cli.operations", "List and show what the phases of pipelines can use."),
    "kb": _Entry("cutter.cli.kb", "List and show what runs left in the knowledge base."),
    "fingerprints": _Entry("cutter.cli.fingerprints", "Pin database objects and compare them with their pins."),
    "trust": _Entry("cutter.cli.trust", "Say whose signatures count: persons, keys and roots."),
    "backups": _Entry("cutter.cli.backups", "List, show and drill backups."),
    "ledger": _Entry("cutter.cli.ledger", "Verify the ledger, and sign where it stands."),
    "audit": _Entry("cutter.cli.audit", "Export what auditors may see: metadata, no identifiers."),
    "db": _Entry("cutter.cli.db", "Start, stop and reach the embedded database."),
    "doctor": _Entry("cutter.cli.doctor", "Check this host, the workspace and the database; say how to mend them."),
    "explain": _Entry("cutter.cli.explain", "Explain a stop code, an exit status, a gate or an operation."),
    "help": _Entry("cutter.cli.help_topics", "Show help topics, offline."),
    "completion": _Entry("cutter.cli.completion", "Print the script that completes commands in a shell."),
    "init": _Entry("cutter.cli.init", "Make a workspace, to begin with or to try live cuts in."),
}

COMMAND_NAMES = tuple(_COMMANDS)
_ANSWER = "_complete"  # what the scripts of `cutter completion` ask; it is not listed


class Root(click.Group):
    """`cutter`: groups are loaded when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The groups, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The group of this name, imported now."""
        if cmd_name == _ANSWER:
            answer: click.Command = import_module("cutter.cli.candidates").make_answer()
            return answer
        return load_group(cmd_name) if cmd_name in _COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The groups with their lines from the table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _(entry.help)) for name, entry in _COMMANDS.items()])


def load_group(name: str) -> click.Command:
    """A group or command of the table, with the display options on its commands."""
    group: click.Command = import_module(_COMMANDS[name].module).make_group()
    return with_display(group)


def named_commands(program: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """The commands that the first words of argv name, below `cutter`: what is none of them is never told."""
    words = ("orchestrate", *arguments) if program == "orchestrate" else tuple(arguments)
    if not words or words[0] not in _COMMANDS:
        return ()
    with suppress(Stop):
        group = load_group(words[0])
        if isinstance(group, click.Group) and len(words) > 1:
            return words[:2] if group.get_command(click.Context(group), words[1]) is not None else words[:1]
    return words[:1]


def make_root() -> click.Group:
    """The command `cutter`."""
    root = Root(
        name="cutter",
        callback=_show_start,
        invoke_without_command=True,
        context_settings=dict(SETTINGS),
        help=_SUMMARY,
        epilog=epilog(*Exit),
        subcommand_metavar="COMMAND [ARGS]...",
        options_metavar="[--version] [--lang] [--help]",
        params=[language_option()],
    )
    versioned = click.version_option(__version__, prog_name="cutter", message="%(prog)s %(version)s")(root)
    speak(versioned)
    return versioned


def _show_start() -> None:
    if click.get_current_context().invoked_subcommand is None:
        start = import_module("cutter.cli.start")
        click.echo("\n".join(start.start_lines(_SUMMARY)))

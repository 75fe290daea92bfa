"""The whole tree of commands: no flag skips a check, help is complete, every command that is suggested exists."""

import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cutter.cli.refuse import is_refused_name, refuse
from cutter.cli.root import load_group, make_root
from cutter.model import Mode
from cutter.report.fold import fold_refusal, refused_result
from cutter.report.result import NextStep
from cutter.stops import Stop, StopCode
from tests.golden.screens.cases import DOCUMENT, RESULTS

ROOT = Path(__file__).parents[3]


def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below one, with its words."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path[-1])
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from walk(child, (*path, name))


TREE = dict(walk(make_root(), ("cutter",)))
LEAVES = [path for path, command in TREE.items() if not isinstance(command, click.Group)]


def options() -> Iterator[tuple[tuple[str, ...], str]]:
    """Every spelling of every option."""
    for path, command in TREE.items():
        for parameter in command.get_params(click.Context(command)):
            if isinstance(parameter, click.Option):
                for name in (*parameter.opts, *parameter.secondary_opts):
                    yield path, name


def test_the_tree_is_whole() -> None:
    """A walk that misses commands would prove nothing."""
    assert {" ".join(path[1:]) for path in LEAVES} == {
        "audit export",
        "trigger",
        "orchestrate cut",
        "orchestrate notify",
        "orchestrate recover-ledger",
        "orchestrate restore",
        "orchestrate void",
        "orchestrate resume",
        "say",
        "operations list",
        "operations show",
        "kb list",
        "kb show",
        "approve",
        "reject",
        "decide",
        "decisions list",
        "decisions show",
        "notifications list",
        "notifications ack",
        "runs list",
        "runs events",
        "runs show",
        "runs verify",
        "runs replay",
        "runs evidence",
        "runs abort",
        "pipelines list",
        "pipelines show",
        "pipelines graph",
        "pipelines lint",
        "policies list",
        "policies show",
        "policies lint",
        "policies test",
        "policies prove",
        "policies diff",
        "policies explain",
        "schema",
        "documents add",
        "documents list",
        "documents show",
        "documents cut",
        "documents diff",
        "documents cite",
        "documents verify-quote",
        "documents export",
        "documents profiles",
        "db start",
        "db status",
        "db stop",
        "db migrate",
        "db url",
        "db bin",
        "fingerprints pin",
        "fingerprints check",
        "fingerprints diff",
        "trust init",
        "trust add",
        "trust revoke",
        "trust renew",
        "trust rotate-runner",
        "trust sign",
        "trust show",
        "backups list",
        "backups show",
        "backups drill",
        "ledger verify",
        "ledger checkpoint",
        "doctor",
        "explain",
        "help",
        "completion",
        "init",
    }


def test_no_flag_skips_a_check() -> None:
    """DESIGN §1.1: there is none, in any command; a new one must not slip in under another name."""
    assert [(path, name) for path, name in options() if is_refused_name(name)] == []


def test_every_flag_is_known() -> None:
    """Only these change what is done; every other one changes what is shown. A new flag is a decision."""
    assert {name for _, name in options()} == {
        "--help",
        "--version",
        "--output",
        "--color",
        "--watch",
        "--lang",
        "--mode",
        "--actor",
        "--document-id",
        "--scope",
        "--title",
        "--status",
        "--sidecars",
        "--superuser",
        "--approval-kb-id",
        "--as",
        "--resend",
        "--since",
        "--until",
        "--check",
        "--export",
        "--import",
        "--review",
        "--reason",
        "--live-demo",
        "--report",
        "--report-to",
        "--backup-id",
        "--cause",
        "--out",
        "--print",
        "--key",
        "--person",
        "--name",
        "--role",
        "--account",
        "--tenant",
        "--recipient",
        "--explain",
        "--follow",
        "--format",
        "--run",
        "--profile",
        "--language",
        "--source-uri",
        "--all",
        "--doubts",
        "--style",
        "--cite",
        "--quote-file",
        "--to",
        "--short-eids",
        "--policies",
        "--witnesses",
        "--mutate",
        "--generate",
        "--signature",
        "--answer",
        "--due",
        "--option",
    }


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_shows_itself_in_two_forms(path: tuple[str, ...]) -> None:
    """A program that asks for JSON must get it from every command."""
    names = {name for p in TREE[path].params if isinstance(p, click.Option) for name in p.opts}

    assert {"--output", "--color"} <= names


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_every_help_ends_with_its_exit_statuses(path: tuple[str, ...]) -> None:
    """Scripts are written against the statuses; they must stand where people look, with nothing cut off."""
    command = TREE[path]
    context = click.Context(command, info_name=path[-1], max_content_width=88)
    text = command.get_help(context)
    below = text.partition("Exit status:")[2]

    assert "  0  done" in below
    assert "..." not in text.replace("[ARGS]...", "").replace("[FILE|NAME]...", "")
    assert all(line.split()[0].isdigit() for line in below.strip().splitlines())


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_commands_are_short(path: tuple[str, ...]) -> None:
    """A command turns arguments into a view and no more: logic in it would be out of reach of the use cases' tests."""
    function = inspect.unwrap(TREE[path].callback or test_the_tree_is_whole)

    assert len(inspect.getsource(function).splitlines()) < 25


def suggestions() -> Iterator[tuple[str, NextStep]]:
    """Every command that any screen can suggest."""
    for name, result in RESULTS.items():
        yield from ((name, step) for step in result.next)
    for code in StopCode:
        for said in (
            Stop(code),
            Stop(code, "run:7b1de2ab-0000", suggestions=("VN-DEMO",), where="my pipelines/cut.yaml:3:1"),
        ):
            yield from ((code.name, step) for step in fold_refusal(said, ("runs", "list")).next)
            refused = refused_result(said, pipeline="cut", mode=Mode.DRYRUN, document_id=DOCUMENT)
            yield from ((code.name, step) for step in refused.next)
            nowhere = refused_result(said, pipeline="", mode=Mode.DRYRUN, document_id=None)
            yield from ((code.name, step) for step in nowhere.next)


@pytest.mark.parametrize("command", sorted({step.command for _, step in suggestions()}))
def test_every_suggested_command_parses(command: str) -> None:
    """A suggestion that does not run as it stands is worse than none."""
    program, *words = shlex.split(command)
    refuse(words)
    named = next(path for n in range(len(words), -1, -1) if (path := (program, *words[:n])) in TREE)
    parsed = TREE[named]
    rest = words[len(named) - 1 :]

    assert not isinstance(parsed, click.Group) or rest == ["--help"]
    if rest != ["--help"]:
        parsed.make_context("cutter", rest)


_NAMED = re.compile(rf"cutter ((?:{'|'.join({path[1] for path in TREE if len(path) > 1})})(?: [a-z]+)?)")
REMEDIES = sorted({tuple(found.split()) for code in StopCode for found in _NAMED.findall(code.value.remedy)})


@pytest.mark.parametrize("words", REMEDIES, ids=" ".join)
def test_what_to_do_names_commands_that_exist(words: tuple[str, ...]) -> None:
    """The remedy of a stop is read before any manual; the commands in it must be there."""
    assert ("cutter", *words) in TREE or ("cutter", *words[:1]) in LEAVES


def test_the_groups_are_made_anew_each_time() -> None:
    """Options that pile up on a shared command would appear twice in a program that runs two lines."""
    first, second = load_group("db"), load_group("db")

    assert isinstance(first, click.Group)
    assert isinstance(second, click.Group)
    assert len(first.commands["url"].params) == len(second.commands["url"].params) == 4

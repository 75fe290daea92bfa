"""Help in Vietnamese: of every command, whole, with the names of options and values as they are."""

import re
from collections.abc import Iterator

import click
import pytest

from cutter.cli.main import run
from cutter.cli.root import make_root
from cutter.messages import use_language
from tests.architecture.source import ROOT

ENGLISH = ("Usage:", "Options:", "Commands:", "Arguments:", "Exit status:", "[default: ", "[required]", "Show ", "Run ")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The workspace of the sources, in English but for what is asked."""
    for name in ("CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)
    use_language("en")
    yield
    use_language("en")


def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every command below one, by its words."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from walk(child, (*path, name))


PATHS = list(walk(make_root(), ()))


def texts(path: tuple[str, ...]) -> list[str]:
    """What a command and its options say."""
    command: click.Command = make_root()
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    said = [command.help or "", *(getattr(parameter, "help", None) or "" for parameter in command.params)]
    return [" ".join(text.split()) for text in said if text]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: " ".join(path) or "cutter")
def test_help_is_in_vietnamese(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Help is where people look first; half of it in another language is worse than all of it."""
    english = [text for text in texts(path) if len(text.split()) > 2]
    assert run("cutter", [*path, "--help", "--lang", "vi"]) == 0
    shown = capsys.readouterr().out
    plain = " ".join(shown.split())

    assert "Cách dùng:" in shown
    assert "Mã thoát:" in shown or path[:1] == ("completion",)
    assert [word for word in ENGLISH if word in re.sub(r"`[^`]*`", "", shown)] == []
    assert [text for text in english if text in plain] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: " ".join(path) or "cutter")
def test_names_stay(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A command is the same in every country: options, values and names are of no language."""
    shown = []
    for language in ("en", "vi"):
        assert run("cutter", [*path, "--help", "--lang", language]) == 0
        shown.append(capsys.readouterr().out)
    names = [set(re.findall(r"--[a-z-]+|\[[a-z]+\|[a-z|]+\]", text)) for text in shown]

    assert names[0] == names[1]


@pytest.mark.parametrize("before", [(), ("--lang", "vi"), ("--lang=vi",)])
@pytest.mark.parametrize("after", [(), ("--lang", "vi"), ("--lang=vi",)])
def test_the_language_stands_anywhere(
    before: tuple[str, ...], after: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Who thinks of it late must not have to begin anew; and a refusal has the form of the command behind it."""
    run("cutter", [*before, "orchestrate", "cut", "--output", "json", "--no-check", *after])
    refused = capsys.readouterr().out
    run("cutter", [*before, "runs", "list", "--what", *after])
    human = capsys.readouterr().out

    assert '"format":"cutter.result/1"' in refused.replace(" ", "")
    assert human.startswith("TỪ CHỐI" if before or after else "REFUSED")
    assert "cutter runs list --help" in human

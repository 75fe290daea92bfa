"""Usage errors: exit 2, what was wrong, and never the value that was given."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cutter.cli.main import run

ROOT = Path(__file__).parents[3]
SECRET = "hunter2"

# argv → detail, and what stands in `where` or `needed` or among the suggestions
WRONG: dict[str, tuple[list[str], str, str]] = {
    "an unknown command": (["orchestrat"], "command", "orchestrate"),
    "an unknown command with a secret name": ([SECRET], "command", "db"),
    "an unknown command of a group": (["db", "strat"], "command", "start"),
    "no command of a group": (["db"], "command", "start"),
    "an unknown option": (["db", "url", "--super"], "unknown_option", "--superuser"),
    "an unknown option with a value": (["db", "url", f"--frob={SECRET}"], "unknown_option", "argument 3"),
    "an option that is a secret": (["db", "url", f"--{SECRET}"], "unknown_option", "argument 3"),
    "a short option that is a secret": (["db", "url", f"-{SECRET}"], "unknown_option", "argument 3"),
    "a wrong choice": (["db", "url", f"--output={SECRET}"], "wrong_value", "human|json"),
    "a value for a flag": (["db", "url", f"--superuser={SECRET}"], "wrong_use", "--superuser"),
    "an option without its value": (["db", "url", "--output"], "wrong_use", "--output"),
    "one argument too many": (["db", "url", SECRET], "unexpected_argument", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_usage_error(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The parser's own messages quote values: a mistyped option would print a password."""
    arguments, detail, named = WRONG[name]
    status = run("cutter", arguments)
    out, err = capfdbinary.readouterr()

    assert status == 2
    assert detail in out.decode()
    assert named in out.decode()
    assert err == b""
    assert SECRET.encode() not in out


@pytest.mark.parametrize("name", WRONG)
def test_usage_error_in_json(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A program that asked for JSON must be able to read why it failed."""
    arguments = WRONG[name][0]
    status = run("cutter", [arguments[0], "--output=json", *arguments[1:]])
    out, err = capfdbinary.readouterr()
    document = json.loads(out)

    assert (status, document["exit_code"], document["stop_code"]) == (2, 2, "STOP_INVALID_INPUT")
    assert document["format"] == "cutter.refusal/1"
    assert document["next"][0]["command"].startswith("cutter ")
    assert err == b""
    assert SECRET.encode() not in out


def test_a_refused_argument(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The filter comes before the parser, and answers with the result that the command would have given."""
    status = run("cutter", ["orchestrate", "cut", f"--dsn=postgresql://u:{SECRET}@h/d", "--output", "json"])
    out, err = capfdbinary.readouterr()
    document = json.loads(out)

    assert (status, document["exit_code"], document["stop_code"]) == (20, 20, "STOP_REFUSED_INPUT")
    assert (document["format"], document["status"], document["effect"]) == ("cutter.result/1", "stopped", "none")
    assert (document["found"], document["where"]) == ("--dsn=•••", "argument 3")
    assert err == b""
    assert SECRET.encode() not in out


def test_the_second_program_is_the_group(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`orchestrate …` numbers its own arguments and answers with results, as `cutter orchestrate …` does."""
    status = run("orchestrate", ["cut", "--force", "--output=json"])
    document = json.loads(capfdbinary.readouterr().out)

    assert (status, document["format"], document["where"]) == (20, "cutter.result/1", "argument 2")


@pytest.fixture
def broken_command(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make `cutter runs list` raise something."""

    def arm(error: BaseException) -> None:
        def load(name: str) -> object:
            raise error

        monkeypatch.setattr("cutter.cli.root.load_group", load)

    return arm


def test_a_fault_is_reported_without_values(
    broken_command: Callable[[BaseException], None],
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A traceback holds rows, text and secrets; the report holds types and lines of ours, and says where it is."""
    monkeypatch.chdir(tmp_path)
    error = ValueError(f"password={SECRET}")
    error.__cause__ = KeyError(SECRET)
    broken_command(error)
    status = run("cutter", ["runs", "list", "--output=json"])
    out, err = capfdbinary.readouterr()
    document = json.loads(out)
    report = Path(document["where"]).read_bytes()
    told = json.loads(report)

    assert (status, document["stop_code"]) == (1, "STOP_INTERNAL")
    assert [exception["type"] for exception in told["exceptions"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert any(frame.startswith("cutter/cli/main.py:") for frame in told["exceptions"][0]["frames"])
    assert SECRET.encode() not in out + err + report


def test_a_fault_in_a_folder_that_cannot_be_written(
    broken_command: Callable[[BaseException], None],
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The report is a courtesy: without it the fault is still told, with exit 1 and no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cutter").write_text("in the way")
    broken_command(RuntimeError("x"))

    assert run("cutter", ["runs", "list"]) == 1
    assert b"report_not_written" in capfdbinary.readouterr().out


def test_an_interruption(
    broken_command: Callable[[BaseException], None], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Ctrl-C ends with 130 and says what did not happen, not with a traceback."""
    broken_command(KeyboardInterrupt())

    assert run("cutter", ["runs", "list"]) == 130
    assert b"STOP_INTERRUPTED" in capfdbinary.readouterr().out


def test_a_reader_that_went_away() -> None:
    """`cutter … | head` must end quietly, with the status of what was done."""
    command = [sys.executable, "-m", "cutter", "documents", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert (process.returncode, told) == (0, b"")


# A refusal of what a command means to do, not of its words: where its help is.
OWN_HELP: dict[str, tuple[list[str], str]] = {
    "a wrong id": (["documents", "add", "x.txt", "--document-id", "no id"], "cutter documents add --help"),
    "a missing flag": (["runs", "abort", "7"], "cutter runs abort --help"),
    "an id given twice": (
        ["orchestrate", "cut", "AB-1", "--document-id", "AB-2"],
        "cutter orchestrate cut --help",
    ),
    "an option without its value": (["orchestrate", "cut", "--scope"], "cutter orchestrate cut --help"),
    "an unknown pipeline that is a secret": (["orchestrate", f"{SECRET}.yaml", "--force"], "cutter orchestrate --help"),
}


@pytest.mark.parametrize("name", OWN_HELP)
def test_a_refusal_leads_to_the_help_of_its_command(
    name: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`cutter --help` does not say which form an id of `documents add` has."""
    monkeypatch.chdir(tmp_path)
    arguments, command = OWN_HELP[name]
    run("cutter", arguments)
    out = capfdbinary.readouterr().out

    assert command.encode() in out
    assert SECRET.encode() not in out


def test_what_is_missing_is_called_as_in_the_help(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A name that stands nowhere else would have to be guessed."""
    run("cutter", ["documents", "show", "--output=json"])

    assert json.loads(capfdbinary.readouterr().out)["needed"] == "ID"

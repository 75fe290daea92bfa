"""Screens, byte for byte, in both languages. `CUTTER_UPDATE_GOLDEN=1 pytest tests/golden/screens` writes them anew.

A file is one screen: as it stands on a terminal of 80 columns; the five moments of a run also on one of 60 and of 120,
and off a terminal, where width changes nothing.
"""

import io
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutter.cli.display import Display
from cutter.cli.main import run
from cutter.cli.output import print_view
from cutter.cli.refusals import result_view
from cutter.cli.view import View
from cutter.messages import LANGUAGES, use_language
from cutter.report.fold import fold_refusal
from cutter.report.human import refusal_lines
from cutter.report.paragraphs import Line, screen_width
from cutter.report.visible import width
from cutter.stops import Stop, StopCode
from tests.golden.screens.cases import RESULTS as OF_CUTS
from tests.golden.screens.policy_cases import RESULTS as OF_POLICIES
from tests.support.parsing import parse
from tests.support.screens import english_in_utc

HERE = Path(__file__).parent
RESULTS = OF_CUTS | OF_POLICIES
MOMENTS = ("rehearsal", "waiting", "approval_refused", "unfinished_live", "resumed", "done")
REFUSALS = {
    "run_not_found": (Stop(StopCode.STOP_RUN_NOT_FOUND, found="0f8f", suggestions=("0f8fad5b",)), ("runs", "show")),
    "usage": (
        Stop(StopCode.STOP_INVALID_INPUT, "wrong_value", where="--output", needed="human|json"),
        ("runs", "list"),
    ),
}
SCREENS = (*RESULTS, *REFUSALS)
WIDTHS = (60, 80, 120)
NEXT = re.compile(r"(?:Next|Tiếp)(?: .*\n(?: {9,}.*\n)*)")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A host in UTC that asks for nothing; each test leaves in English."""
    for name in ("CUTTER_ACCESSIBLE", "CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    with english_in_utc(monkeypatch):
        yield


def view_of(name: str) -> View:
    """A screen, in the language of the process."""
    if name in RESULTS:
        return result_view(RESULTS[name])
    stop, command = REFUSALS[name]
    refusal = fold_refusal(stop, command)
    return View(refusal, refusal_lines(refusal), refusal.exit_code, stated=True)


def shown(name: str, language: str, columns: int, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the one place that prints makes of it."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout", stream)
    use_language(language)
    print_view(view_of(name), Display(json=False, color="auto", language=language))
    monkeypatch.undo()
    return re.sub(r"\x1b\[[0-9]*m", "", stream.getvalue())


def golden(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """All that a file holds."""
    if name not in MOMENTS:
        return shown(name, language, 80, Terminal(), monkeypatch)
    narrow, usual, wide = (shown(name, language, columns, Terminal(), monkeypatch) for columns in WIDTHS)
    assert usual == wide
    plain = shown(name, language, 60, io.StringIO(), monkeypatch)
    return f"── 60 columns ──\n{narrow}── 80 and 120 columns ──\n{usual}── no terminal ──\n{plain}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What people see changes only when somebody looked at the change."""
    path = HERE / language / f"{name}.txt"
    text = golden(name, language, monkeypatch)
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_every_golden_file_is_compared() -> None:
    """A golden file that no case makes any more would look like a promise."""
    assert {path.relative_to(HERE) for path in HERE.rglob("*.txt")} == {
        Path(language) / f"{name}.txt" for language in LANGUAGES for name in SCREENS
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_fits(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is wider than the screen is broken by the terminal, in the middle of a word; at most 77 cells."""
    use_language(language)
    whole = {str(line) for line in lines_of(name, language) if not isinstance(line, Line)}
    for columns in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(columns))
        assert screen_width() == min(77, columns - 1)
        lines = shown(name, language, columns, Terminal(), monkeypatch).splitlines()
        wide = [line for line in lines if width(line) > min(77, columns - 1) and line not in whole]
        # What is wider is one word that must not be cut: a path, an id.
        assert [line for line in wide if " " in line.strip() and not re.search(r"\s{2,}\S+$|^\S+\s+\S+$", line)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_off_a_terminal_the_width_changes_nothing(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a log or greps it needs one fact a line, the same on every host (command-line.md §3 row 8)."""
    narrow, wide = (shown(name, language, columns, io.StringIO(), monkeypatch) for columns in (40, 200))

    assert narrow == wide
    assert narrow.splitlines() == [str(line) for line in lines_of(name, language)]


def lines_of(name: str, language: str) -> tuple[str, ...]:
    """The lines before they are broken."""
    use_language(language)
    lines = view_of(name).lines
    assert isinstance(lines, tuple)
    return lines


@pytest.mark.parametrize("name", MOMENTS)
def test_a_screen_that_is_read_aloud(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that is broken for the eye is read as two (command-line.md §1 row 14)."""
    whole = shown(name, "en", 40, io.StringIO(), monkeypatch)
    monkeypatch.setenv("CUTTER_ACCESSIBLE", "1")
    use_language("en")
    monkeypatch.setattr("sys.stdout", stream := Terminal())
    print_view(view_of(name), Display(json=False, color="never"))

    assert stream.getvalue() == whole


@pytest.mark.parametrize("name", SCREENS)
def test_the_languages_say_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes, ids, commands and figures are of no language: one that is missing was lost in translation."""
    english, vietnamese = ("\n".join(lines_of(name, language)) for language in LANGUAGES)
    kept = re.compile(r"STOP_[A-Z_]+|GATE_[A-Z_]+|[a-z_]+\.[a-z_]+@[0-9]+|cutter [a-z]+ .*|[a-z]+\.[a-z]+|(?<!\S)/\S+")
    ours = re.compile(r"^\s+(do|cách làm) ", re.MULTILINE)

    assert sorted(kept.findall(ours.split(english)[0])) == sorted(kept.findall(ours.split(vietnamese)[0]))
    assert figures(english) == figures(vietnamese)


def figures(text: str) -> list[str]:
    """The figures of a screen, sorted; dates are written in another order, digit by digit."""
    return sorted(re.findall(r"[0-9]", text))


def commands() -> Iterator[str]:
    """The commands of all last blocks."""
    for path in HERE.rglob("*.txt"):
        for block in NEXT.findall(path.read_text(encoding="utf-8")):
            for line in block.splitlines():
                yield f"cutter {line.partition('  cutter ')[2]}"


COMMANDS = sorted(set(commands()))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_next_command_parses(command: str) -> None:
    """A command that does not run as it stands is worse than none."""
    parse(command)


# What only looks: it runs anywhere, and says at worst that what it names is not there.
LOOKS = re.compile(r"cutter (\S+ ){1,2}--help|cutter (documents|runs|pipelines|backups|trust) (list|show)( |$)")
NOT_THERE = {"STOP_RUN_NOT_FOUND", "STOP_DOCUMENT_UNKNOWN", "STOP_TRUST_REFUSED", "STOP_DATABASE_UNREACHABLE"}


@pytest.mark.parametrize("command", [command for command in COMMANDS if LOOKS.match(command)])
def test_next_commands_that_only_look_run(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands last on a screen is what people do next, in whatever state they are."""
    (tmp_path / "cutter.yaml").write_text("format: cutter.workspace/1\ndatabase: {service: nowhere}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGSERVICEFILE", "/dev/null")
    status = run("cutter", shlex.split(command)[1:])
    said = capsys.readouterr().out

    assert "STOP_INVALID_INPUT" not in said
    assert "STOP_INTERNAL" not in said
    assert status in (0, 2, 11, 20, 69)
    assert status == 0 or any(code in said for code in NOT_THERE)

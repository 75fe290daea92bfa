"""Screens of the commands about policies, byte for byte, in both languages and three widths.

`CUTTER_UPDATE_GOLDEN=1 pytest tests/golden/policies` writes them anew. A file is one screen: on a terminal of 60
columns and of 80 (120 is the same), and off a terminal.
"""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cutter.cli.display import Display
from cutter.cli.output import print_view
from cutter.cli.view import Table, View
from cutter.messages import LANGUAGES, use_language
from cutter.report.paragraphs import Line
from cutter.report.policies.explained import MOST_LINES
from cutter.report.visible import width
from tests.golden.policies.cases import SCREENS
from tests.support.parsing import parse
from tests.support.screens import english_in_utc

HERE = Path(__file__).parent
NEXT = re.compile(r"^(?:Next|Tiếp) +.*?  +(cutter .*)$|^ {9,}\S.*?  +(cutter .*)$", re.MULTILINE)


class Nothing(msgspec.Struct, frozen=True):
    """A document that no test looks at."""


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


def shown(name: str, language: str, columns: int, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the one place that prints makes of a screen."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout", stream)
    use_language(language)
    made = SCREENS[name]()
    lines = made if isinstance(made, Table) else tuple(made)
    print_view(View(Nothing(), lines, stated=True), Display(json=False, color="never", language=language))
    monkeypatch.undo()
    return stream.getvalue()


def golden(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """All that a file holds."""
    narrow, usual, wide = (shown(name, language, columns, Terminal(), monkeypatch) for columns in (60, 80, 120))
    assert usual == wide
    plain = shown(name, language, 80, io.StringIO(), monkeypatch)
    return f"── 60 columns ──\n{narrow}── 80 and 120 columns ──\n{usual}── no terminal ──\n{plain}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it what people see could change without anybody having looked at the change."""
    path = HERE / language / f"{name}.txt"
    text = golden(name, language, monkeypatch)
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_every_golden_file_is_compared() -> None:
    """Without it a file that no case makes any more would look like a promise."""
    assert {path.relative_to(HERE) for path in HERE.rglob("*.txt")} == {
        Path(language) / f"{name}.txt" for language in LANGUAGES for name in SCREENS
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in SCREENS if not name.startswith("list")])
def test_a_screen_fits(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a terminal would break a line in the middle of a word."""
    use_language(language)
    for columns in (60, 80):
        monkeypatch.setenv("COLUMNS", str(columns))
        made = SCREENS[name]()
        assert not isinstance(made, Table)
        whole = {str(line) for line in made if not isinstance(line, Line)}
        lines = shown(name, language, columns, Terminal(), monkeypatch).splitlines()
        wide = [line for line in lines if width(line) > min(77, columns - 1) and line not in whole]
        assert [line for line in wide if " " in line.strip()] == []
        monkeypatch.undo()


@pytest.mark.parametrize("name", [name for name in SCREENS if not name.startswith("list")])
def test_what_comes_next_is_a_command(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a screen could end with a command that nobody can run as it stands."""
    text = shown(name, "en", 80, io.StringIO(), monkeypatch)
    commands = ["".join(found) for found in NEXT.findall(text)]

    assert commands
    for command in commands:
        parse(command)


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", [name for name in SCREENS if name.startswith("explained")])
def test_an_explanation_is_short(name: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the one rule that matters would stand above the screen."""
    text = shown(name, "en", columns, Terminal(), monkeypatch)

    assert len(text.splitlines()) <= MOST_LINES

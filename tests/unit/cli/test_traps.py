"""The eleven traps of typer, rich and terminals (command-line.md §3): each is closed, and stays closed.

Tests elsewhere close some as well: faults without values in test_usage (5), visible text in test_visible (6, 7), whole
values in tests/golden/screens (8), a latin-1 terminal in test_loading (10), progress in test_progress (11).
"""

import ast
import io
import os
import re
import subprocess
import sys
import tomllib
import unicodedata
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import click
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter.cli.display import Display
from cutter.cli.output import print_view
from cutter.cli.root import load_group, make_root
from cutter.cli.view import Table, View
from cutter.messages import use_language
from cutter.report.lines import next_lines
from cutter.report.paragraphs import Line, broken
from cutter.report.result import NextStep
from cutter.report.visible import visible, width
from tests.architecture.source import ROOT, called, modules

PLAIN = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere", "LC_ALL": "C.UTF-8"}
FORCING = {"GITHUB_ACTIONS": "true", "PY_COLORS": "1", "FORCE_COLOR": "0", "TERMINAL_WIDTH": "200"}


class Document(msgspec.Struct, frozen=True):
    """A document of no command."""

    format: str = "cutter.test/1"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def cutter(*arguments: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own, into pipes."""
    command = [sys.executable, "-m", "cutter", *arguments]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env=PLAIN | environ, timeout=60, check=False)


def printed(view: View, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, color: str = "auto") -> str:
    """What a view looks like."""
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", stream)
        print_view(view, Display(json=False, color="always" if color == "always" else "auto"))
    return stream.getvalue()


def test_typer_is_one_that_knows_click() -> None:
    """Trap 1: from 0.26 typer has no click types, and commands that are made of them would be gone overnight."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]

    assert any(re.match(r"typer>=[0-9.]+,<0\.26\b", line) for line in dependencies)
    assert tuple(int(part) for part in version("typer").split(".")[:2]) < (0, 26)
    assert all(isinstance(load_group(name), click.Command) for name in ("runs", "trust", "orchestrate"))


@pytest.mark.parametrize("command", make_root().list_commands(click.Context(make_root())))
def test_no_command_loads_what_it_does_not_need(command: str) -> None:
    """Traps 2 and 3: pydantic costs 84 ms on every command, rich twice the time of `--help`."""
    probe = (
        "import sys; from cutter.cli.main import run; run('cutter', sys.argv[1:]); sys.stdout.flush(); "
        "print(*{name.partition('.')[0] for name in sys.modules} & {'pydantic', 'rich'}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, command, "--help"], capture_output=True, cwd=ROOT, env=PLAIN, check=False
    )

    assert done.stderr.split() == []
    assert b"--lang" in done.stdout


@pytest.mark.parametrize(
    "module", [m for m in modules("cutter") if "typer.Typer(" in m.text], ids=lambda module: module.path
)
def test_every_typer_is_plain(module: object) -> None:
    """Traps 3 and 5: one that is left as it comes draws help with rich, and prints locals under a fault."""
    made = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and called(node) == "typer.Typer"]  # type: ignore[attr-defined]
    wanted = {"rich_markup_mode": None, "add_completion": False, "pretty_exceptions_enable": False}

    for call in made:
        given_values = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
        assert {name: given_values.get(name, "as it comes") for name in wanted} == wanted


@pytest.mark.parametrize(
    "arguments", [(), ("--help",), ("runs", "--help"), ("explain", "21"), ("runs", "list", "--no")]
)
def test_no_escape_in_a_pipe(arguments: tuple[str, ...]) -> None:
    """Trap 4: what runs in CI is read by programs; variables of others must not force colours into it."""
    done = cutter(*arguments, **FORCING)

    assert b"\x1b" not in done.stdout + done.stderr
    assert done.stdout


COLOR = {
    "NO_COLOR": ({"NO_COLOR": "1"}, False),
    "NO_COLOR and FORCE_COLOR": ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    "a dumb terminal": ({"TERM": "dumb"}, False),
    "a terminal": ({"TERM": "xterm"}, True),
}


@pytest.mark.parametrize("name", COLOR)
@pytest.mark.parametrize("language", ["en", "vi"])
def test_no_bold_and_no_dim_where_no_colour_is_wanted(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trap 4: NO_COLOR of libraries leaves bold and dim, which a terminal without colours shows as it likes."""
    environ, colored = COLOR[name]
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    state = {"en": "WAITING", "vi": "ĐANG CHỜ"}[language]
    use_language(language)
    text = printed(View(Document(), (f"{state}  GATE_X · run 1",), stated=True), Terminal(), monkeypatch)
    use_language("en")

    assert ("\x1b" in text) is colored
    assert text.startswith(f"\x1b[33m\x1b[1m{state}\x1b[0m  GATE_X") is colored


LAW = (
    "[a] Điều 5 [/CH-01/ART-05] :warning: [link=x]y[/] **b** `c` <i>",
    "[bold red]TỪ CHỐI[/bold red]",
    "100 % {value} $HOME \\n %s",
)


@pytest.mark.parametrize("text", LAW)
def test_markup_is_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap 6: brackets of a law are no markup; a renderer that takes them for it loses words."""
    view = View(Document(), (visible(text), Line(visible(text), 2)))

    assert printed(view, io.StringIO(), monkeypatch) == f"{text}\n{text}\n"
    assert printed(View(Document(), Table(("A",), [(text,)], "")), Terminal(), monkeypatch).endswith(f"{text}\n")


@given(st.text(alphabet=st.characters(categories=("L", "M", "N", "P", "S", "Zs"))))
def test_what_is_shown_is_what_was_given(text: str) -> None:
    """Trap 6: no text is changed on its way to the screen but by being composed."""
    shown = visible(text)
    lines = list(broken(Line(shown), 10**9))

    assert lines == [unicodedata.normalize("NFC", text)]


@pytest.mark.parametrize("foreign", ["a\x1b[2Jb", "a\u202eb", "a\x9b31mb", "a\rb", "a\x07b", "a\u2066b\u2069"])
def test_nothing_foreign_moves_the_cursor(foreign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap 7: a title could clear the screen or turn «từ chối» around; tables and commands pass the filter too."""
    steps = tuple(next_lines((NextStep("show", f"cutter documents show {foreign}"),)))
    table = View(Document(), Table(("TITLE",), [(foreign,)], ""))
    text = printed(View(Document(), steps), Terminal(), monkeypatch) + printed(table, Terminal(), monkeypatch)

    assert not {c for c in text if unicodedata.category(c) in ("Cc", "Cf")} - {"\n"}


def test_commands_are_never_broken_and_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap 8: half a command, pasted, runs something else."""
    command = f"cutter orchestrate resume --approval-kb-id approvals/{'0' * 36}/GATE_X/{'a' * 16}"
    monkeypatch.setenv("COLUMNS", "40")
    text = printed(View(Document(), tuple(next_lines((NextStep("resume", command),)))), Terminal(), monkeypatch)
    inside = printed(
        View(Document(), (Line("Look at it with: cutter documents show VN-DEMO-1, please.", 2),)),
        Terminal(),
        monkeypatch,
    )

    assert text.count("\n") == 1
    assert text.endswith(f"{command}\n")
    assert "cutter documents show VN-DEMO-1" in inside


def test_a_table_in_a_pipe_has_whole_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap 8: a digest that is cut cannot be compared, an address that is cut is another one."""
    rows = [("f" * 64, "VN-DEMO/" + "/".join(["CH-15"] * 30)), ("x\ty", "z")]
    monkeypatch.setenv("COLUMNS", "40")
    text = printed(View(Document(), Table(("SHA256", "ADDRESS"), rows, "")), io.StringIO(), monkeypatch)

    assert text.splitlines() == ["\t".join(rows[0]), "x\\x09y\tz"]


WORDS = "Luật Điều Khoản Điểm ngưỡng nghiêng khuỷu thuở quỹ Ỷ ợ ậ ễ"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("cells", range(40, 78))
def test_a_line_is_never_broken_inside_a_letter(form: Literal["NFC", "NFD"], cells: int) -> None:
    """Trap 9: «Điều» that is cut inside its last letter is «Điê», another word."""
    text = unicodedata.normalize(form, " ".join([WORDS] * 5))
    lines = list(broken(Line(text), cells))

    assert all(width(line) <= cells for line in lines)
    assert " ".join(lines) == text


GRAPHEMES = {
    "composed": ("ế", 1),
    "decomposed": (unicodedata.normalize("NFD", "ế"), 1),
    "two marks in another order": ("e\u0301\u0302", 1),
    "Chinese": ("漢字", 4),
    "full width": ("Ａ１", 4),
    "Korean, composed": ("각", 2),
    "Korean, apart": (unicodedata.normalize("NFD", "각"), 2),
    "an emoji": ("⚠", 1),
    "an emoji that is asked for": ("⚠\ufe0f", 2),
    "a family": ("👨\u200d👩\u200d👧", 2),
    "a colour of skin": ("👍🏽", 2),
    "a flag": ("🇻🇳", 2),
    "two flags": ("🇻🇳🇻🇳", 4),
    "zero width": ("a\u200bb", 2),
}


@pytest.mark.parametrize("name", GRAPHEMES)
def test_width_is_that_of_what_is_drawn(name: str) -> None:
    """Trap 9: columns and carets stand where the eye sees them only when graphemes are counted."""
    text, cells = GRAPHEMES[name]

    assert width(text) == cells


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252", "cp1258", "utf-8"])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_terminal_of_any_encoding(encoding: str, language: str) -> None:
    """Trap 10: the first «ắ» ends a program on such a terminal; help, refusals and screens must come through."""
    for arguments in ((), ("--help",), ("explain", "STOP_DRIFT"), ("runs", "list", "--what"), ("pipelines", "list")):
        done = cutter(*arguments, "--lang", language, PYTHONIOENCODING=encoding, LC_ALL="C")
        assert b"Traceback" not in done.stderr
        assert b"UnicodeEncodeError" not in done.stdout + done.stderr
        assert done.stdout.decode(encoding, errors="replace")
        assert done.returncode in (0, 2)


def test_no_live_bar_in_a_log(tmp_path: Path) -> None:
    """Trap 11: a log that is redrawn is one long line of escapes; each phase is a line of its own."""
    (tmp_path / "cutter.yaml").write_text("format: cutter.workspace/1\ndatabase: {service: nowhere}\n")
    command = [sys.executable, "-m", "cutter", "orchestrate", "cut", "ICX-CONST"]
    environ = PLAIN | FORCING | {"PYTHONPATH": os.fspath(ROOT), "PGSERVICEFILE": "/dev/null"}
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environ, timeout=60, check=False)

    assert not {b"\x1b"[0], b"\r"[0]} & set(done.stderr + done.stdout)

"""The README: what a reader types, in its order, in a new workspace; and what the page says that it prints.

A command is an indented line that begins with `$ `; the indented lines below it are what it prints. Ids of runs,
digests, times and durations may differ, a run that the page names being the one that was made here; a line `…` stands
for any lines. The section "Five minutes" begins where a newcomer does: in a folder that knows nothing.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cutter.cli.refuse import refuse
from cutter.postgres import embedded
from tests.e2e.conftest import ROOT, Workspace, make_workspace, state_home
from tests.plugins.postgres import discard

README = ROOT / "README.md"
ANY_LINES = "…"
_INDENT = "    "
_RUN = re.compile(r"\b[0-9a-f]{8}\b")
_DIFFERS = re.compile(
    r"(?P<run>\b[0-9a-f]{8}\b)"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b[0-9a-f]{64}\b"
    r"|\b\d{4}-\d\d-\d\dT[0-9:.]+Z"
    r"|\b[0-9.,]+ m?s\b"
    r"|\b[\d,]+ bytes\b"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One command of the page with the lines that it prints there."""

    command: str
    lines: tuple[str, ...]


def shown(text: str) -> Iterator[Shown]:
    """The commands of a page, in order."""
    command, lines = "", list[str]()
    for line in [*text.splitlines(), "end"]:
        inside = line.startswith(_INDENT)
        if command and (line.startswith(f"{_INDENT}$ ") or (line and not inside)):
            yield Shown(command, tuple(lines))
            command, lines = "", []
        if line.startswith(f"{_INDENT}$ "):
            command = line.removeprefix(f"{_INDENT}$ ").partition("  #")[0].strip()
        elif command and inside:
            lines.append(line.removeprefix(_INDENT).rstrip())


def expected(lines: tuple[str, ...]) -> str:
    """A regular expression for what a command may print."""
    return "".join("(?:.*\n)*?" if line.strip() == ANY_LINES else f"{_one_line(line)}\n" for line in lines)


def _one_line(line: str) -> str:
    parts, at = [], 0
    for match in _DIFFERS.finditer(line):
        parts += [re.escape(line[at : match.start()]), r"\b[0-9a-f]{8}\b" if match["run"] else r"\S+(?: \w+)?"]
        at = match.end()
    return "".join((*parts, re.escape(line[at:]))).replace(ANY_LINES, ".*")


PAGE = README.read_text(encoding="utf-8")
_BEFORE, _HEADING, _AFTER = PAGE.partition("\n## Five minutes\n")
_FIVE, _NEXT, _REST = _AFTER.partition("\n## ")
SESSION = tuple(shown(f"{_BEFORE}{_NEXT}{_REST}"))
FIVE_MINUTES = tuple(shown(_FIVE))
POLICIES = re.findall(r"^ +(cutter policies .*?) +#", PAGE, re.MULTILINE)
TARGETS = sorted(set(re.findall(r"^ +(?:\$ )?make ([a-z]+)", PAGE, re.MULTILINE)))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Where a new user types: a new workspace, with the two programs on the path."""
    workspace = make_workspace(tmp_path_factory.mktemp("readme") / "cutter")
    yield from _at_work(workspace)


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Workspace]:
    """Where a newcomer types: an empty folder, with the two programs on the path."""
    (tmp_path / "home").mkdir()
    yield from _at_work(Workspace(tmp_path / "home"))


def _at_work(workspace: Workspace) -> Iterator[Workspace]:
    programs = workspace.folder.parent / "bin"
    programs.mkdir()
    for name, words in (("cutter", ""), ("orchestrate", "orchestrate ")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cutter {words}"$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    yield workspace
    for made in workspace.folder.rglob("cutter.yaml"):
        discard(embedded.locate(made.parent))


def run(workspace: Workspace, command: str) -> subprocess.CompletedProcess[str]:
    """What a shell answers to a line; progress and hints are on the other stream, and not on the page."""
    programs = next(folder / "bin" for folder in workspace.folder.parents if (folder / "bin" / "orchestrate").exists())
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    environ = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}
    environ |= state_home(programs.parent)
    return subprocess.run(
        ["bash", "-c", command],
        cwd=workspace.folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_readme_shows_a_session() -> None:
    """A page whose commands this test does not see would go stale unnoticed."""
    assert any(step.command.startswith("cutter orchestrate ") for step in SESSION)


def test_the_session_of_the_readme(reader: Workspace) -> None:
    """The first thing that a new user types is copied from there; what it prints must be what they see."""
    type_in(reader, SESSION)


def test_the_five_minutes_of_the_readme(newcomer: Workspace) -> None:
    """A newcomer who is shown something else than the page says stops there."""
    type_in(newcomer, FIVE_MINUTES)


@pytest.mark.parametrize("command", POLICIES)
def test_what_is_shown_of_policies_is_good_as_shipped(reader: Workspace, command: str) -> None:
    """A reader who types the first lines of a section, and is refused, does not read on."""
    shutil.copytree(ROOT / "policies", reader.folder / "policies", dirs_exist_ok=True)

    done = run(reader, command)

    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"


def test_policies_are_shown() -> None:
    """A section that shows no command would not be tested above."""
    assert [command.split()[2] for command in POLICIES] == ["lint", "test", "explain"]


def test_the_five_minutes_have_every_step() -> None:
    """The path is promised to newcomers: a step that is dropped from the page would not be tested above."""
    typed = "\n".join(step.command for step in FIVE_MINUTES)
    printed = [line for step in FIVE_MINUTES for line in step.lines]

    for word in ("init", "sed -i", "lint", "orchestrate check", "vi_VN.UTF-8", "graph", "explain STOP_"):
        assert word in typed
    assert any("help: did you mean" in line for line in printed)
    assert any(line.startswith("DIỄN TẬP  ") for line in printed)


def type_in(at: Workspace, steps: tuple[Shown, ...]) -> None:
    """Type commands in their order, and compare what they print with the page."""
    runs: dict[str, str] = {}
    for step in steps:
        if step.command.startswith("make ") or "../shared" in step.command:
            continue
        command = _RUN.sub(lambda match: runs.get(match[0], match[0]), step.command)
        if command.startswith("cd "):
            at = replace(at, folder=Path(os.path.normpath(at.folder / command.removeprefix("cd "))))
            continue
        done = run(at, command)
        assert step.lines or done.returncode == 0, step.command
        assert re.fullmatch(expected(step.lines) or "(?s:.*)", done.stdout), f"$ {command}\n{done.stdout}{done.stderr}"
        runs.update(zip(_RUN.findall("\n".join(step.lines)), _RUN.findall(done.stdout), strict=False))


@pytest.mark.parametrize("target", TARGETS)
def test_a_shown_target_exists(target: str) -> None:
    """`make` is the first word that a new user types."""
    assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("step", [*SESSION, *FIVE_MINUTES], ids=lambda step: step.command)
def test_no_shown_command_is_refused(step: Shown) -> None:
    """An example that the filter refuses would teach what is forbidden; those that show a refusal print its code."""
    words = step.command.split()
    if words[0] in ("cutter", "orchestrate") and "STOP_REFUSED_INPUT" not in "\n".join(step.lines):
        refuse(words[1:])

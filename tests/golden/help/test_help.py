"""Help, byte for byte. `CUTTER_UPDATE_GOLDEN=1 pytest tests/golden/help` writes it anew for review."""

import os
from pathlib import Path

import click
import pytest

from tests.unit.cli.test_command_tree import TREE

HERE = Path(__file__).parent


def file_of(path: tuple[str, ...]) -> Path:
    """The golden file of a command."""
    return HERE / f"{'-'.join(path)}.txt"


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_help(path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Help is what scripts and people are written against: it changes only when somebody looked at the change."""
    monkeypatch.setenv("COLUMNS", "88")
    context: click.Context | None = None
    for end in range(1, len(path) + 1):
        command = TREE[path[:end]]
        context = click.Context(command, context, info_name=path[end - 1], terminal_width=88, max_content_width=88)
    assert context is not None
    text = f"{TREE[path].get_help(context)}\n"
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        file_of(path).write_text(text, encoding="utf-8")
    assert file_of(path).read_text(encoding="utf-8") == text


def test_every_golden_file_is_compared() -> None:
    """A golden file of a command that is gone would look like a promise."""
    assert set(HERE.glob("*.txt")) == {file_of(path) for path in TREE}

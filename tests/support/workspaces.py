"""Commands run in this process, in a workspace of their own: the demo's documents, and no database."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cutter.cli.main import run

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said."""

    status: int
    out: str

    @property
    def first(self) -> str:
        """The word that says the state."""
        return self.out.split(maxsplit=1)[0]

    @property
    def document(self) -> Any:
        """The JSON document."""
        assert self.out.count("\n") == 1
        return json.loads(self.out)


class Bench:
    """A workspace that commands about documents are run in."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capfd = capfd

    def documents(self, *words: str) -> Said:
        """`cutter documents WORDS`."""
        self._capfd.readouterr()
        status = run("cutter", ("documents", *words))
        said = self._capfd.readouterr()
        assert said.err == ""
        return Said(status, said.out)

    def write(self, name: str, data: str | bytes) -> str:
        """A file in the workspace's folder; its name."""
        (self.folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return name


def bench_in(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A workspace in a folder, entered."""
    shutil.copy(ROOT / "cutter.yaml", folder)
    shutil.copytree(ROOT / "documents", folder / "documents")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return Bench(folder, capfd)

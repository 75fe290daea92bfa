"""A workspace of its own for the command line, as a user has one: documents, `cutter.yaml`, an embedded database."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cutter.postgres import embedded
from tests.plugins.postgres import discard

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command line answered."""

    status: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """What a person reads."""
        return self.out.decode()

    @property
    def document(self) -> Any:
        """What a program reads: the whole of stdout, as one document."""
        assert self.out.count(b"\n") == 1
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that `cutter` is run in."""

    folder: Path

    def cutter(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Answer:
        """Run `cutter`, with the variables given beside the session's own."""
        done = subprocess.run(
            [sys.executable, "-m", "cutter", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": _path(os.environ), **state_home(self.folder), **(environ or {})},
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def files(self) -> Iterator[Path]:
        """Every file that is kept in the workspace, but the database's own."""
        for path in self.folder.rglob("*"):
            if path.is_file() and "postgres" not in path.relative_to(self.folder).parts:
                yield path


def state_home(folder: Path) -> Mapping[str, str]:
    """What a test's runs keep for their user stays beside its workspace."""
    return {"XDG_STATE_HOME": str(folder.parent / "state")}


def _path(environ: Mapping[str, str]) -> str:
    return os.pathsep.join(part for part in (str(ROOT), environ.get("PYTHONPATH", "")) if part)


def make_workspace(folder: Path) -> Workspace:
    """The demo's documents and configuration in another folder."""
    folder.mkdir()
    shutil.copy(ROOT / "cutter.yaml", folder)
    shutil.copytree(ROOT / "documents", folder / "documents")
    return Workspace(folder)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose database was created by its first command; it is removed at the end."""
    workspace = make_workspace(tmp_path_factory.mktemp("e2e") / "workspace")
    yield workspace
    discard(embedded.locate(workspace.folder))


@pytest.fixture
def fresh(tmp_path: Path) -> Workspace:
    """A workspace for commands that need no database."""
    return make_workspace(tmp_path / "workspace")

"""The `office` fixture: a workspace with the demo document, and a migrated database of its own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cutter.postgres.embedded import Cluster
from tests.plugins.postgres import Database, migrated_database
from tests.support.runs import REPOSITORY, Office


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """A workspace of one test."""
    return new_office(database, tmp_path / "office")


@pytest.fixture
def fresh_office(server: Cluster, template: str, tmp_path: Path) -> Iterator[Callable[[], Office]]:
    """Makes a new workspace with a new database at every call; the one before is dropped then."""
    made = 0
    with ExitStack() as stack:

        def make() -> Office:
            nonlocal made
            made += 1
            stack.close()
            database = stack.enter_context(migrated_database(server, template))
            return new_office(database, tmp_path / f"office-{made}")

        yield make


def new_office(database: Database, workspace: Path) -> Office:
    """A workspace with the demo document."""
    shutil.copytree(REPOSITORY / "documents", workspace / "documents")
    return Office(database, workspace)

"""A throw-away workspace with the embedded server, for benchmarks that need a warm database with real durability."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutter.postgres import embedded
from cutter.postgres.migrate import migrate


@contextmanager
def database() -> Iterator[tuple[Path, embedded.Cluster]]:
    """A workspace whose server runs and is migrated; both are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        cluster = embedded.locate(workspace)
        embedded.ensure_running(cluster)
        try:
            migrate(embedded.conninfo(cluster, embedded.SUPERUSER))
            yield workspace, cluster
        finally:
            embedded.stop(cluster)
            _remove(cluster.home)


def _remove(home: Path) -> None:
    for path in sorted(home.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    home.rmdir()

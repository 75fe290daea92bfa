"""A dry-run cut of a 1,000-unit text, the whole process, beside a script that COPYs the same units and rolls back."""

import pickle
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Row, in_turns
from benchmarks.texts import law
from benchmarks.workspace import database
from cutter import cutting
from cutter.custody.profiles import shipped_profile
from cutter.postgres import embedded

FLOOR = """
import pickle, sys, psycopg

with open(sys.argv[2], "rb") as file:
    columns, rows = pickle.load(file)
with psycopg.connect(sys.argv[1]) as connection:
    connection.execute("CREATE TEMP TABLE unit (" + ", ".join(f"{name} text" for name in columns) + ")")
    with connection.cursor().copy("COPY unit FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)
    connection.rollback()
"""


def measure() -> list[Row]:
    """The row of this goal."""
    with database() as (workspace, cluster):
        text = workspace / "law.txt"
        text.write_text(law(1000))
        script = workspace / "floor.py"
        script.write_text(FLOOR)
        data = workspace / "rows.pickle"
        _pickle(data, text.read_bytes())
        conninfo = embedded.conninfo(cluster, embedded.SUPERUSER)
        _cutter(workspace, "documents", "add", str(text), "--document-id", "BENCH-1000")
        floor, ours = in_turns(
            lambda: _run(workspace, str(script), conninfo, str(data)),
            lambda: _cutter(workspace, "orchestrate", "cut", "BENCH-1000"),
            rounds=9,
        )
    return [Row("dry-run cut of 1,000 units, process", "COPY of the units, roll back", floor, ours, 3.0)]


def _pickle(path: Path, source: bytes) -> None:
    made = cutting.cut(source, "BENCH-1000", shipped_profile("vi.law"))
    columns = ("address", "type", "parent", "heading", "body", "sha256")
    rows = [(u.address, u.type, u.parent_address, u.heading, u.body, u.sha256) for u in made.units]
    path.write_bytes(pickle.dumps((columns, rows)))


def _cutter(workspace: Path, *arguments: str) -> None:
    _run(workspace, "-m", "cutter", *arguments)


def _run(workspace: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=workspace, check=True, stdout=subprocess.DEVNULL)

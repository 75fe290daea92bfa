"""`cutter --help` beside a bare typer app's `--help`: whole processes."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Row, in_turns

BARE = '''
import typer

app = typer.Typer()


@app.command()
def one(name: str) -> None:
    """One."""


@app.command()
def two(name: str) -> None:
    """Two."""


app()
'''


def measure() -> list[Row]:
    """The row of this goal."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        floor, ours = in_turns(lambda: _run(str(bare), "--help"), lambda: _run("-m", "cutter", "--help"), rounds=15)
    return [Row("cutter --help", "bare typer app --help", floor, ours, 1.2)]


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

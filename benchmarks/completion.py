"""What a shell asks at every TAB beside `cutter --help`, and `cutter explain` and `cutter` alone: whole processes.

The workspace has a thousand runs and a thousand documents, of which completion reads names only.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import Row, in_turns

ROUNDS = 15
RUNS = DOCUMENTS = 1000
_HELP = "cutter --help"
_RESULT = '{{\n  "format": "cutter.result/1",\n  "pipeline": "cut",\n  "mode": "dryrun",\n  "status": "rehearsed"\n}}\n'


def measure() -> list[Row]:
    """The rows of this goal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder)
        return [
            _row(folder, "TAB: cutter runs show …", ["_complete"], _typed("runs", "show", ""), 1.25),
            _row(folder, "TAB: cutter orchestrate cut …", ["_complete"], _typed("orchestrate", "cut", ""), 1.25),
            _row(folder, "cutter alone, 1000 runs", [], {}, 1.5),
            _row(folder, "cutter explain drift", ["explain", "drift"], {}, 2.2),
        ]


def _row(folder: Path, goal: str, arguments: list[str], environ: Mapping[str, str], target: float) -> Row:
    floor, ours = in_turns(
        lambda: _run(folder, ["--help"], {}), lambda: _run(folder, arguments, environ), rounds=ROUNDS
    )
    return Row(goal, _HELP, floor, ours, target)


def _typed(*words: str) -> dict[str, str]:
    """What the script of `cutter completion bash` hands over."""
    return {"_CUTTER_SHELL": "bash", "_CUTTER_WORDS": "\x1f".join(("cutter", *words))}


def _fill(folder: Path) -> None:
    (folder / "cutter.yaml").write_text("format: cutter.workspace/1\ndatabase: embedded\n", encoding="utf-8")
    (folder / "documents").mkdir()
    listed = "".join(f"  - id: DOC-{number}\n    language: vi\n" for number in range(DOCUMENTS))
    (folder / "documents" / "index.yaml").write_text(f"documents:\n{listed}", encoding="utf-8")
    for number in range(RUNS):
        run = folder / ".cutter" / "runs" / f"{number:08x}-d9cb-469f-a165-70867728950e"
        run.mkdir(parents=True)
        (run / "result.json").write_text(_RESULT.format(), encoding="utf-8")


def _run(folder: Path, arguments: list[str], environ: Mapping[str, str]) -> None:
    # As the installed script starts it: without the current folder on the path.
    command = [sys.executable, "-P", "-m", "cutter", *arguments]
    subprocess.run(command, cwd=folder, env={**os.environ, **environ}, check=True, stdout=subprocess.DEVNULL)

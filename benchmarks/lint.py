"""`cutter pipelines lint cut` beside a script that loads the file with ruamel and validates it with jsonschema."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Row, in_turns
from cutter.resources import shared

SCRIPT = """
import json
import sys

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

tree = YAML(typ="safe").load(open(sys.argv[1], encoding="utf-8"))
validator = Draft202012Validator(json.load(open(sys.argv[2], encoding="utf-8")))
sys.exit(any(validator.iter_errors(tree)))
"""


def measure() -> list[Row]:
    """The row of this goal."""
    pipeline, schema = shared("pipelines") / "cut.yaml", shared("schemas") / "pipeline" / "1.json"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "check.py"
        script.write_text(SCRIPT)
        floor, ours = in_turns(
            lambda: _run(str(script), str(pipeline), str(schema)),
            lambda: _run("-m", "cutter", "pipelines", "lint", "cut"),
            rounds=9,
        )
    return [Row("cutter pipelines lint cut", "ruamel load + jsonschema", floor, ours, 1.5)]


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

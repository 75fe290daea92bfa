"""Proofs: what a wall answered to an attack, and how killed runs ended; JSON lines in the file `CUTTER_PROOFS` names.

`make proofs` sets the variable, runs the wall and kill tests and prints the lines (`tools/proofs.py`). Without it
nothing is written.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Proof:
    """Writes what was tried and what happened. A test writes only after it has asserted."""

    target: Path | None

    def __call__(self, row: str, attack: str, answer: str) -> None:
        """An attack (its row in the table of attacks), what was tried, and what the database answered."""
        self._write({"row": row, "attack": attack, "answer": answer})

    def kills(self, where: str, runs: int, ended: Mapping[str, int]) -> None:
        """Runs that were killed and resumed: where, how many, and how they ended."""
        self._write({"kills": where, "runs": runs, "ended": dict(ended)})

    def _write(self, line: Mapping[str, object]) -> None:
        if self.target is not None:
            with self.target.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")


@pytest.fixture
def proof() -> Proof:
    """Where this session keeps its proofs."""
    target = os.environ.get("CUTTER_PROOFS")
    return Proof(Path(target) if target else None)

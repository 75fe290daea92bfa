"""Real documents for tests: they are not part of the repository, and their tests are skipped where they are absent."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = Path(os.environ.get("CUTTER_DOCUMENTS", ROOT.parent / "shared" / "data" / "documents"))


def real_document(name: str) -> bytes:
    """The bytes of a real document, or a skip that says what is missing."""
    path = DOCUMENTS / name
    if not path.is_file():
        pytest.skip(f"the real document {name} is not here: set CUTTER_DOCUMENTS to the folder that holds it")
    return path.read_bytes()


def truth_of(name: str) -> dict[str, Any]:
    """The hand-verified facts of a real document."""
    facts: dict[str, Any] = json.loads(real_document("ground-truth.json"))[name]
    return facts

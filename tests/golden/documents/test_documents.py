"""Screens of the demo's documents, byte for byte; `CUTTER_UPDATE_GOLDEN=1 pytest tests/golden/documents` updates."""

import os
from pathlib import Path

import pytest

from tests.support.workspaces import Bench, bench_in

HERE = Path(__file__).parent

CASES: dict[str, tuple[str, ...]] = {
    "rules": ("show", "ICX-RULES"),
    "rules-unit": ("show", "ICX-RULES", "Article 6(2)(c)"),
    "rules-doubts": ("show", "ICX-RULES", "--doubts"),
    "rules-cite": ("cite", "ICX-RULES", "ART-06/CL-2/PT-c"),
    "rules-cut": ("cut", "documents/ICX-RULES.txt"),
    "rules-explain": ("cut", "documents/ICX-RULES.txt", "--explain", "37"),
    "rules-diff": ("diff", "ICX-RULES", "draft.txt"),
    "rules-quote": ("verify-quote", "ICX-RULES", "the date on which it was received", "--cite", "Article 6(2)(c)"),
    "rules-quote-different": ("verify-quote", "ICX-RULES", "the day on which it came", "--cite", "Article 6(2)(c)"),
    "constitution": ("show", "ICX-CONST"),
    "constitution-unit": ("show", "ICX-CONST", "Điều 5"),
    "constitution-quote": ("verify-quote", "ICX-CONST", "điều  5", "--cite", "Điều 5"),
    "profile": ("profiles", "en.rules"),
    "ambiguous": ("show", "ICX-RULES", "Chapter I"),
    "unknown": ("show", "ICX-RULES", "Article 60"),
}


def draft() -> str:
    """The demo's rules with an article changed, one dropped, and one renumbered."""
    text = (HERE.parents[2] / "documents" / "ICX-RULES.txt").read_text(encoding="utf-8")
    kept = [line for line in text.split("\n") if not line.startswith("4. Spelling mistakes")]
    return "\n".join(kept).replace("within three working days", "within five working days").replace("(j) ", "(k) ")


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A workspace with the demo's documents and a draft."""
    found = bench_in(tmp_path, capfd, monkeypatch)
    found.write("draft.txt", draft())
    return found


@pytest.mark.parametrize("name", CASES)
def test_screen(bench: Bench, name: str) -> None:
    """What people see of a document changes only when somebody looked at the change."""
    said = bench.documents(*CASES[name])
    path = HERE / f"{name}.txt"
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        path.write_text(said.out, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == said.out


def test_every_golden_file_is_compared() -> None:
    """A golden file that no case makes any more would look like a promise."""
    assert {path.stem for path in HERE.glob("*.txt")} == set(CASES)

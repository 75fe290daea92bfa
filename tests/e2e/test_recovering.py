"""`docs/recovering.md` to the letter, in a live demo whose whole cluster was put back to an earlier moment.

What differs from a reader's world is here: the run's id, and that the sovereign signs as a person of the demo.
"""

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutter.postgres import embedded
from tests.e2e.conftest import ROOT, Workspace
from tests.plugins.postgres import discard

pytestmark = pytest.mark.attacks

PAGE = ROOT / "docs" / "recovering.md"
_BLOCK = re.compile(r"^```sh (?P<who>\w+) exits (?P<exit>\d+)\n(?P<text>.*?)^```$", re.M | re.S)
_SHOWN_RUN = "c6b0a1fd"
DOCUMENT = "ICX-CONST"


@dataclass(frozen=True)
class Line:
    """A line of the page: who types it, and with which exit status it ends."""

    who: str
    text: str
    exit: int


def lines() -> tuple[Line, ...]:
    """The page's lines, in order."""
    found = _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))
    return tuple(Line(m["who"], line, int(m["exit"])) for m in found for line in m["text"].splitlines())


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Workspace]:
    """A live demo whose database has forgotten that its first gate was signed and drafts were written."""
    assert Workspace(tmp_path).cutter("init", "--live-demo", "office").status == 0
    workspace = Workspace(tmp_path / "office")
    data = embedded.locate(workspace.folder).data
    try:
        assert workspace.cutter("fingerprints", "pin").status == 0
        run = _ask(workspace)
        assert workspace.cutter("db", "stop").status == 0
        subprocess.run(["cp", "-a", data, data.with_name("kept")], check=True)
        assert workspace.cutter("approve", run, "--as", "sovereign", "--output", "json").status == 0
        _ask(workspace)
        assert workspace.cutter("db", "stop").status == 0
        subprocess.run(["rm", "-r", data], check=True)
        data.with_name("kept").rename(data)
        yield workspace
    finally:
        discard(embedded.locate(workspace.folder))


def _ask(workspace: Workspace) -> str:
    asked = workspace.cutter("orchestrate", "cut", DOCUMENT, "--mode", "live", "--output", "json")
    assert asked.status == 10, asked.text
    return str(asked.document["run_id"])


def test_every_block_of_the_page_is_followed() -> None:
    """Without it a block whose first line is mistyped would be left out silently."""
    assert PAGE.read_text(encoding="utf-8").count("```sh") == len(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    assert {line.exit for line in lines()} == {0, 10, 60}


def test_the_page_leads_to_a_ledger_that_goes_on(behind: Workspace) -> None:
    """Without it an office whose database was restored would stand still, or look for a way around the refusal."""
    run = _SHOWN_RUN
    for line in lines():
        words = shlex.split(line.text.replace(_SHOWN_RUN, run))[1:]
        as_person = () if line.who == "operator" else ("--as", line.who, "--output", "json")
        answer = behind.cutter(*words, *as_person)
        assert answer.status == line.exit, f"{line.text}\n{answer.text}{answer.err.decode()}"
        if line.exit == 10:
            run = str(re.search(r"\brun ([0-9a-f]{8})\b", answer.text)[1])  # type: ignore[index]

    verified = behind.cutter("ledger", "verify", "--output", "json").document
    assert (verified["decisions"], verified["exit_code"]) == (1, 0)
    assert verified["settled"] > 0
    assert behind.cutter("orchestrate", "cut", DOCUMENT, "--mode", "live").status == 10

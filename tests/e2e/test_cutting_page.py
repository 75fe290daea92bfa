"""docs/cutting.md: its commands are run in its order, and what they print is what stands there.

`CUTTER_UPDATE_GOLDEN=1 pytest tests/e2e/test_cutting_page.py` writes what they print into the page, for review. Files
whose names stand before a block (`minutes.txt`:) are written first. The commands on real documents are skipped where
those are absent; the section with a profile of one's own is run everywhere.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cutter.app.cuts import cut_with_references
from cutter.custody.profiles import Profiles
from cutter.cutting import DoubtCode
from cutter.cutting.recognition import recognise
from cutter.report.documents.results import by_code
from tests.e2e.conftest import ROOT
from tests.support.documents import DOCUMENTS, real_document

PAGE = ROOT / "docs" / "cutting.md"
REAL = ("vn-bo-luat-dan-su-2015.txt", "eu-gdpr-2016-679-oj.txt")
_OWN = "### One of your own"
_NAMED = re.compile(r"^`(?P<name>[\w./-]+)`:\n\n```\w+\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"^```console\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_ROW = re.compile(
    r"^\| (?P<file>[\w.-]+\.(?:txt|md)) \| (?P<profile>[\w.]+) \| (?P<units>[\d,]+) \| (?P<doubts>.*) \|$"
)


def run(command: str, folder: Path) -> str:
    """What a shell prints for a command of the page, both streams."""
    environ = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder / "office",
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    return done.stdout.decode()


def office(folder: Path) -> None:
    """A workspace, and a `cutter` that is this one."""
    (folder / "office").mkdir()
    shutil.copy(ROOT / "cutter.yaml", folder / "office")
    (folder / "bin").mkdir()
    program = folder / "bin" / "cutter"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m cutter "$@"\n', encoding="utf-8")
    program.chmod(0o755)


def printed_anew(section: str, folder: Path) -> str:
    """A section of the page with what its commands print now."""
    for found in _NAMED.finditer(section):
        file = folder / "office" / found["name"]
        file.parent.mkdir(exist_ok=True)
        file.write_text(found["text"], encoding="utf-8")

    def block(found: re.Match[str]) -> str:
        commands = [line.removeprefix("$ ") for line in found["text"].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"$ {command}\n{run(command, folder)}" for command in commands) + "```"

    return _BLOCK.sub(block, section)


def sections() -> tuple[str, str, str]:
    """The page before, in and behind the section that needs no real document."""
    page = PAGE.read_text(encoding="utf-8")
    before, heading, rest = page.partition(_OWN)
    own, behind, last = rest.partition("\n## ")
    return before, heading + own, behind + last


def update(old: str, new: str) -> None:
    """Write what was printed into the page, when asked to."""
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        PAGE.write_text(PAGE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_a_profile_of_ones_own_works_as_the_page_says(tmp_path: Path) -> None:
    """Without it a user would follow the page and get a refusal, or another cut."""
    office(tmp_path)
    section = sections()[1]
    printed = printed_anew(section, tmp_path)
    update(section, printed)

    assert printed == sections()[1]
    assert len(_NAMED.search(section)["text"].splitlines()) == 10  # type: ignore[index]


def test_the_commands_on_real_documents_print_what_the_page_says(tmp_path: Path) -> None:
    """Without it the page would show outputs that no release prints."""
    office(tmp_path)
    for name in REAL:
        (tmp_path / "office" / name).write_bytes(real_document(name))
    section = sections()[0]
    printed = printed_anew(section, tmp_path)
    update(section, printed)

    assert printed == sections()[0]


def rows() -> dict[str, re.Match[str]]:
    """The table of documents, by file."""
    found = (_ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines())
    return {row["file"]: row for row in found if row}


@pytest.mark.parametrize("name", sorted(rows()))
def test_the_table_of_documents_is_what_cuts_say(name: str) -> None:
    """Without it the page would hide new doubts, or list old ones that are long gone."""
    source = real_document(name)
    profile = recognise(source, Profiles(ROOT / "nowhere").all()).profile
    made, _references = cut_with_references(source, "D", profile)
    doubts = " · ".join(f"{len(found):,} `{code.value}`" for code, found in by_code(made.doubts)) or "none"
    row = f"| {name} | {profile.id} | {len(made.units):,} | {doubts} |"
    update(rows()[name][0], row)

    assert rows()[name][0] == row


def test_the_page_names_every_document_and_every_doubt() -> None:
    """Without it a document could be left out of the table, or a doubt stay without an explanation."""
    if not DOCUMENTS.is_dir():
        pytest.skip("the real documents are not here: set CUTTER_DOCUMENTS to the folder that holds them")
    names = {path.name for path in DOCUMENTS.iterdir() if path.suffix in (".txt", ".md")} - {"SOURCES.md"}

    assert set(rows()) == names
    assert all(f"| `{code.value}` |" in PAGE.read_text(encoding="utf-8") for code in DoubtCode)

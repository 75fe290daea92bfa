"""Mutants in a copy of the tree that is thrown away: planting one, asking tests about it, and putting the file back.

Rules kept here: the working tree is never touched; a mutant is a text that stands exactly once in its file, so that
nobody can mean one place and change another; a mutant is killed only when pytest says that a test failed, never when
the tests could not run.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What a copy does without: what is made, and what is not the program's.
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".cutter", "build", "dist", "__pycache__", ".*_cache", ".hypothesis")
SLOWEST = 900  # seconds for the tests of one mutant
_FAILED = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)
_ERROR = re.compile(r"^ERROR (.+?)(?: - .*)?$", re.MULTILINE)
_TESTS_FAILED = 1  # pytest's exit status; any other than 0 means that the tests could not run


@dataclass(frozen=True, slots=True)
class Change:
    """A text that stands once in a file, and what stands there instead."""

    file: str
    text: str
    replacement: str


class Ran(Enum):
    """How tests ended."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "the tests could not run"
    LATE = "the tests took too long"


@dataclass(frozen=True, slots=True)
class Asked:
    """What tests said: how they ended, the first one that failed or pytest's last words, and all that do not pass.

    Among these are whole files, where a file cannot be read.
    """

    ran: Ran
    said: str = ""
    failed: tuple[str, ...] = ()


def count(root: Path, change: Change) -> int:
    """How often the text of a change stands in its file; a change can be planted when it is once."""
    file = root / change.file
    return file.read_text(encoding="utf-8").count(change.text) if file.is_file() else 0


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the tree."""
    with tempfile.TemporaryDirectory(prefix="cutter-mutants-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        yield copy


@contextmanager
def planted(copy: Path, change: Change) -> Iterator[None]:
    """Make a change, whose text stands once, in a copy; afterwards the file is as it was."""
    file = copy / change.file
    source = file.read_text(encoding="utf-8")
    file.write_text(source.replace(change.text, change.replacement), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(source, encoding="utf-8")


FIRST: Sequence[str] = ("-x",)
EVERY: Sequence[str] = ("--maxfail=0", "--continue-on-collection-errors")


def ask(copy: Path, tests: Sequence[str], until: Sequence[str] = FIRST, seconds: int = SLOWEST) -> Asked:
    """Run tests (files or node ids) on a copy, the slow ones too.

    Args:
        copy: the tree.
        tests: which.
        until: `FIRST`: to the first one that fails; `EVERY`: all of them.
        seconds: how long they may take.
    """
    options = ["-q", *until, "--tb=no", "-rfE", "-p", "no:cacheprovider", "-m", ""]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return Asked(Ran.LATE)
    failed = tuple(_FAILED.findall(done.stdout))
    ran = {0: Ran.PASSED, _TESTS_FAILED: Ran.FAILED}.get(done.returncode, Ran.BROKEN)
    # An error in a fixture ends with the status of a failure, and names no test that failed.
    ran = Ran.BROKEN if ran is Ran.FAILED and not failed else ran
    last_words = f"{done.stdout.strip()[-2000:]}\n{done.stderr.strip()[-2000:]}".strip()
    said = failed[0] if failed else last_words
    return Asked(ran, said, (*failed, *_ERROR.findall(done.stdout)))

"""`docs/going-live.md` to the letter: from an empty server to a cut that people signed, each person in their own home.

The page's fenced blocks are run in their order by the person that their first word names, with `set -e`. What differs
from a reader's world is here: the server's port, the shared folder, the root's medium, the run's id, and gpg keys
without passphrases (no pinentry can be answered by a test). Lines `at a terminal` get a terminal, and their questions
an answer.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cutter.postgres.embedded import Cluster
from tests.e2e.conftest import ROOT
from tests.support.servers import DEBIAN, Server, own_server

PAGE = ROOT / "docs" / "going-live.md"
PEOPLE = ("dba", "operator", "sovereign")
PASSWORDS = {"operator": "Correct-Horse-1", "sovereign": "Battery-Staple-2"}
ACCESS = "local all postgres trust\n"  # nobody else is let in until the page says so
_BLOCK = re.compile(
    r"^```sh (?P<who>\w+)(?P<terminal> at a terminal)?(?: exits (?P<exit>\d+))?\n(?P<text>.*?)^```$", re.M | re.S
)
_RUN = re.compile(r"\brun (?P<run>[0-9a-f]{8})\b")
_SHOWN_RUN = "c6b0a1fd"
_SECONDS = 120
QUESTIONS = {
    re.compile(rb"Enter new password for user \"(\w+)\": $"): "password",
    re.compile(rb"Enter it again: $"): "again",
    re.compile(rb"Password of the login (\w+): $"): "password",
    re.compile(rb"digits of the request \(([0-9a-f]{8})\)[^\n]*: $"): "digits",
}
BINARIES = {"own": None} | ({"debian": DEBIAN} if DEBIAN.is_dir() else {})


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of the page: who types them, where, and with which exit status they end."""

    who: str
    text: str
    terminal: bool
    exit: int


def blocks() -> tuple[Block, ...]:
    """The page's blocks, in order."""
    found = _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))
    return tuple(Block(m["who"], m["text"], bool(m["terminal"]), int(m["exit"] or 0)) for m in found)


@dataclass
class Stage:
    """A folder with the people's homes, what they share, and the server."""

    folder: Path
    server: Server
    run_id: str = _SHOWN_RUN
    heard: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make homes, the shared folder, the root's medium, and the program on the path."""
        (self.folder / "srv").mkdir()
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "cutter").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cutter "$@"\n', encoding="utf-8")
        (programs / "cutter").chmod(0o755)
        for home in self._key_homes():
            home.mkdir(parents=True, mode=0o700)
            home.parent.chmod(0o700)
            (home / "gpg.conf").write_text(
                "batch\npinentry-mode loopback\npassphrase-file /dev/null\n", encoding="utf-8"
            )
        shutil.copy(ROOT / "documents" / "ICX-CONST.txt", self.folder / "operator" / "law.txt")

    def clear(self) -> None:
        """End the agents that gpg started for these homes."""
        for home in (*self._key_homes(), self.folder / "operator" / "office" / ".cutter" / "credentials" / "gnupg"):
            subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def perform(self, block: Block) -> None:
        """Let a person type a block."""
        text = block.text.replace("/srv", str(self.folder / "srv")).replace("/media/root", str(self.folder / "media"))
        text = text.replace("5432", str(self.server.port)).replace(_SHOWN_RUN, self.run_id)
        lines = text.splitlines() if block.terminal else [text]
        for line in lines:
            command = ["bash", "-euo", "pipefail", "-c", line]
            status, out = self._asked(block.who, command) if block.terminal else self._piped(block.who, command)
            self.heard[line] = out
            assert status == block.exit, f"{block.who}: {line}\n{out}"
        if block.exit == 10 and (named := _RUN.search(out)):
            self.run_id = named["run"]

    def _key_homes(self) -> tuple[Path, ...]:
        return (
            *(self.folder / name / ".gnupg" for name in PEOPLE[1:]),
            self.folder / "dba" / ".gnupg",
            self.folder / "media",
        )

    def _environ(self, who: str) -> dict[str, str]:
        """What a person's shell has: a home of their own, and no variable of ours."""
        path = os.pathsep.join((str(self.folder / "bin"), str(self.server.binaries), os.environ["PATH"]))
        named = {
            "HOME": str(self.folder / who),
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
        }
        git = {
            f"GIT_{role}_{part}": f"{who}@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
        }
        if who != "dba":
            return named | git
        return named | {"PGHOST": str(self.server.folder), "PGPORT": str(self.server.port), "PGUSER": "postgres"}

    def _piped(self, who: str, command: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            command,
            cwd=self.folder / who,
            env=self._environ(who),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout.decode()

    def _asked(self, who: str, command: list[str]) -> tuple[int, str]:
        """Run a command on a terminal of its own and answer what it asks."""
        ours, theirs = pty.openpty()
        child = subprocess.Popen(
            command,
            cwd=self.folder / who,
            env=self._environ(who),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=lambda: os.login_tty(theirs),  # a terminal that the child controls
        )
        os.close(theirs)
        try:
            out = b"".join(_answered(ours, child))
            return child.wait(_SECONDS), out.decode(errors="replace")
        finally:
            child.kill()
            os.close(ours)


def _answered(terminal: int, child: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    """What a program writes to its terminal, each of its questions answered."""
    line, last, until = b"", "", time.monotonic() + _SECONDS
    while time.monotonic() < until:
        ready = select.select([terminal], [], [], 0.2)[0]
        if not ready and child.poll() is not None:
            return
        try:
            piece = os.read(terminal, 4096) if ready else b""
        except OSError:
            return  # the other end is closed
        yield piece
        line = (line + piece).rpartition(b"\n")[2]
        for question, kind in QUESTIONS.items():
            if asked := question.search(line):
                last = last if kind == "again" else _answer(kind, asked[1].decode())
                os.write(terminal, last.encode() + b"\n")
                line = b""
    raise AssertionError("the program did not end")


def _answer(kind: str, asked: str) -> str:
    return PASSWORDS[asked] if kind == "password" else asked


@pytest.fixture(params=BINARIES)
def stage(request: pytest.FixtureRequest, server: Cluster) -> Iterator[Stage]:
    """An empty server of each kind that is here, and the people before they began."""
    with own_server(server, BINARIES[request.param], ACCESS) as own:
        made = Stage(Path(tempfile.mkdtemp(prefix="live-", dir="/tmp")), own)  # short: gpg's sockets are in it
        try:
            made.prepare()
            yield made
        finally:
            made.clear()


def test_the_page_has_all_its_people() -> None:
    """Without it a block whose first line is mistyped would be left out of the page's test silently."""
    text = PAGE.read_text(encoding="utf-8")

    assert {block.who for block in blocks()} == set(PEOPLE)
    assert text.count("```sh") == len(blocks())


def test_the_page_leads_to_a_live_cut(stage: Stage) -> None:
    """Without it an office that follows the page would be left half way, with a server of its own to clean up."""
    for block in blocks():
        stage.perform(block)

    found = stage.server.program(
        "psql",
        "-X",
        "-A",
        "-t",
        "-d",
        stage.server.conninfo("postgres", "cutter"),
        "-c",
        "SELECT lifecycle, count(*) > 300 FROM library.information_unit GROUP BY lifecycle",
    )
    assert found.split() == ["enacted|t"]
    _check_no_password(stage)


def _check_no_password(stage: Stage) -> None:
    """The passwords are where the page put them (the passfiles), and nowhere else."""
    shown = "".join(stage.heard.values())
    for login, password in PASSWORDS.items():
        assert password not in shown
        holders = [
            path.relative_to(stage.folder)
            for path in stage.folder.rglob("*")
            if path.is_file() and password.encode() in path.read_bytes()
        ]
        assert holders == [Path(login) / ".pgpass"]

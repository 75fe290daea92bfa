"""Words that must not travel: planted in a document, a reason, an actor's label and a password file, and looked for.

Rows 41–44 of approvals-and-evidence §7. After every way that a live run can end, all files and rows that cutter has
written and all that its commands have said are read; the words may stand in `documents/`, in the reviewers' page and in
the library only, a reason in its own private file.
"""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cutter.app.approvals import Desk, present, sign_rejection
from cutter.app.compose import Reached
from cutter.app.orchestration import resume
from cutter.custody.openpgp.process import installed
from cutter.events import Acted, Record
from tests.plugins.proofs import Proof
from tests.support.attacks import pin
from tests.support.canaries import Canary, Scanner, Surface
from tests.support.forging import (
    CANARY,
    DOCUMENT,
    FIRST,
    SECOND,
    TEXT,
    ask,
    begin_ledger,
    files_of,
    keep,
    rows_of,
    signed,
)
from tests.support.live import LiveOffice
from tests.support.runs import REPOSITORY

pytestmark = pytest.mark.attacks

REASON, LABEL, PASSWORD = "canary7f3areason", "canary7f3alabel", "canary7f3apassword"
# A title is told on screens on purpose; what it holds beside letters is not.
TITLE = "Thử \\u001b[31m\\u001b]52;c;Y2FuYXJ5\\u0007\\r\\u202e"
LOUD = b"\x1b\x07\r\xe2\x80\xae"


@dataclass
class Watched:
    """An office with what its commands have said."""

    live: LiveOffice
    said: list[bytes] = field(default_factory=list)

    def cutter(self, *arguments: str) -> int:
        """Run the program in the office, as the operator does; its exit status. What it says is kept."""
        workspace = self.live.office.workspace
        own = {
            "PYTHONPATH": str(REPOSITORY),
            "XDG_STATE_HOME": str(workspace.parent / "state"),
            "PGPASSFILE": str(workspace.parent / "passwords"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "cutter", *arguments],
            cwd=workspace,
            env=os.environ | own,
            capture_output=True,
            timeout=120,
            check=False,
        )
        self.said += [done.stdout, done.stderr]
        return done.returncode


def waits(watched: Watched) -> None:
    """The run waits at its first gate."""
    watched.live.office.add_text(DOCUMENT, TEXT)
    assert watched.cutter("orchestrate", "cut", "--document-id", DOCUMENT, "--mode", "live") == 10
    assert watched.cutter("orchestrate", "cut", "--document-id", DOCUMENT) == 0


def is_rejected(watched: Watched) -> None:
    """Somebody signs a no, and says why."""
    kb_id = ask(watched.live)
    conninfo = watched.live.database.conninfo("sovereign")
    desk = Desk(Reached(conninfo, "office"), watched.live.keys.home, own=False, approver="cutter_approver")
    signing = present(watched.live.settings, kb_id.split("/")[1], desk, None, rejecting=True)
    answer = sign_rejection(watched.live.settings, signing, f"Because {REASON}.")
    assert stat.S_IMODE(Path(answer.reason_path).stat().st_mode) == 0o600
    assert watched.cutter("orchestrate", "resume", "--approval-kb-id", kb_id) == 11


def is_refused(watched: Watched) -> None:
    """A signature is bad."""
    kb_id = ask(watched.live)
    keep(watched.live, kb_id, "sovereign", "sovereign", CANARY.encode())
    assert watched.cutter("orchestrate", "resume", "--approval-kb-id", kb_id) == 11


# The server's answer to a row that breaks a rule names the row: «Failing row contains (…)».
RULE = "ALTER TABLE library.information_unit ADD CONSTRAINT quiet CHECK (ordinal < 2) NOT VALID"


def fails(watched: Watched) -> None:
    """Row 43. The database refuses a row, and quotes it."""
    watched.live.office.alter(RULE)
    pin(watched.live.office)
    kb_id = signed(watched.live)
    assert watched.cutter("orchestrate", "resume", "--approval-kb-id", kb_id) == 50


def is_killed(watched: Watched) -> None:
    """The run is killed in the middle of its first governed write."""
    kb_id = signed(watched.live)

    def die(record: Record) -> None:
        if isinstance(record.event, Acted) and record.phase == "cut_leg_a":
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        resume(watched.live.settings, kb_id, "test@somewhere", die)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def is_killed_and_goes_on(watched: Watched) -> None:
    """The same, resumed."""
    is_killed(watched)
    again = watched.live.cut(DOCUMENT)
    assert again.gate == SECOND, again


def is_done(watched: Watched) -> None:
    """The run is done, verified, and its evidence written."""
    begin_ledger(watched.live)
    kb_id = signed(watched.live)
    assert watched.cutter("orchestrate", "resume", "--approval-kb-id", kb_id) == 10
    waiting = watched.live.cut(DOCUMENT)
    watched.live.sign(waiting.approval_kb_id, "sovereign")
    assert watched.cutter("orchestrate", "resume", "--approval-kb-id", waiting.approval_kb_id or "") == 0
    assert watched.cutter("orchestrate", "resume", "--approval-kb-id", kb_id) == 0
    run = kb_id.split("/")[1]
    for command in ("show", "verify", "replay", "evidence"):
        assert watched.cutter("runs", command, run) == 0, watched.said[-2:]
    assert watched.cutter("ledger", "verify") == 0, watched.said[-2:]
    assert watched.cutter("backups", "list") == 0


def is_asked_with_bad_words(watched: Watched) -> None:
    """Row 42. Words of the caller's that cutter does not take, and a connection string among them."""
    secret = f"postgresql://operator:{PASSWORD}@127.0.0.1/none"
    cut = ("orchestrate", "cut", "--mode", "live", "--document-id")
    assert watched.cutter(*cut, DOCUMENT, "--actor", f"somebody {LABEL}") == 2
    assert watched.cutter(*cut, DOCUMENT, "--dsn", secret) == 20
    assert watched.cutter(*cut, secret) in (2, 20)
    assert watched.cutter("orchestrate", "resume", "--approval-kb-id", secret) in (2, 11, 20)
    assert watched.cutter("runs", "show", secret) in (2, 20)


ENDS: dict[str, Callable[[Watched], None]] = {
    "it waits": waits,
    "it was rejected": is_rejected,
    "it was refused": is_refused,
    "the database refused a row": fails,
    "it was killed": is_killed,
    "it was killed and goes on": is_killed_and_goes_on,
    "it is done": is_done,
    "it was asked with bad words": is_asked_with_bad_words,
}


# What an approver hands in is kept as it was handed in: here its signature is the word.
HANDED_IN = {"it was refused": ["rows: cutter_governance.signature"]}


@pytest.mark.parametrize("name", ENDS)
def test_no_word_of_a_document_or_secret_travels(live: LiveOffice, name: str, proof: Proof) -> None:
    """Rows 42–44. Without it text that few may read would lie in a log, a ledger that nobody can clean, or evidence."""
    passwords = live.office.workspace.parent / "passwords"
    passwords.write_text(f"*:*:*:*:{PASSWORD}\n", encoding="utf-8")
    passwords.chmod(0o600)
    watched = Watched(live)

    ENDS[name](watched)

    found, files, size = _found(watched)
    assert found == HANDED_IN.get(name, [])
    assert files > 20
    print(f"{name}: {files} files and rows, {size} bytes read")
    proof("44", f"words planted; {name}", f"in none of {files} files, rows and screens ({size} bytes)")


def _found(watched: Watched) -> tuple[list[str], int, int]:
    """Where the planted words are, in any form; how much was read."""
    files = [(str(path), body) for path, body in files_of(watched.live) if path.parent.name != "rejections"]
    screens = [(str(number), said) for number, said in enumerate(watched.said)]
    kept: dict[str, Surface] = {"files": files, "rows": rows_of(watched.live)}
    findings = Scanner(map(Canary, (CANARY, REASON, LABEL, PASSWORD))).scan(
        kept | ({"screens": screens} if screens else {})
    )
    return findings.places(), findings.files, findings.size


@pytest.mark.parametrize("output", ["human", "json"])
def test_what_a_terminal_would_obey_is_shown_as_text(live: LiveOffice, output: str, proof: Proof) -> None:
    """Row 41. Without it a document's title could clear a screen, write a clipboard, or show another word."""
    live.office.add_text(DOCUMENT, TEXT)
    index = live.office.workspace / "documents" / "index.yaml"
    text = index.read_text(encoding="utf-8")
    head, entry, rest = text.rpartition(f"  - id: {DOCUMENT}\n")
    index.write_text(head + entry + rest.replace("{vi: Thử}", '{vi: "' + TITLE + '"}', 1), encoding="utf-8")
    watched = Watched(live)

    for command in (
        ("documents", "list"),
        ("documents", "show", DOCUMENT),
        ("orchestrate", "cut", "--document-id", DOCUMENT),
        ("orchestrate", "cut", "--document-id", DOCUMENT, "--mode", "live"),
        ("runs", "list"),
    ):
        watched.cutter(*command, "--output", output, "--color", "never")

    for said in watched.said:
        assert not set(LOUD[:2]) & set(said), said
        assert LOUD[3:] not in said
        if output == "json" and said.startswith(b"{"):
            json.loads(said)
    pages = list((live.settings.state / "runs").rglob(f"review-{FIRST}.html"))
    assert not [path for path in pages if set(LOUD[:2]) & set(path.read_bytes()) or LOUD[3:] in path.read_bytes()]
    proof("41", f"ESC, OSC 52, CR and U+202E in a title, {output}", "shown as text, or refused")


def test_the_connection_is_in_no_argument_and_no_childs_environment(
    live: LiveOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    """Row 42. Without it `ps` would show how the database is reached, or gpg would inherit a password."""
    told = tmp_path / "told"
    real = shutil.which("gpg")
    script = tmp_path / "bin" / "gpg"
    script.parent.mkdir()
    script.write_text(f'#!/bin/bash\nenv >> {told}; echo "$@" >> {told}; exec {real} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr("cutter.custody.openpgp.location._PLACES", (str(script.parent),))
    monkeypatch.setenv("MY_SECRET", PASSWORD)
    installed.cache_clear()
    try:
        kb_id = signed(live)
        assert live.resume(kb_id).gate == SECOND
    finally:
        monkeypatch.undo()
        installed.cache_clear()
    text = told.read_text(encoding="utf-8", errors="replace")
    assert "--verify" in text
    assert not [word for word in (PASSWORD, "MY_SECRET", "PGSERVICEFILE", live.database.name) if word in text]
    proof("42", "the environment and arguments of gpg", "no secret, no database")

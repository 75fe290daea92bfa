"""Signing from the command line: what is shown, who may, on a terminal and off it, elsewhere, and a no."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from cutter.custody.signing import GpgSigning
from cutter.custody.trust import read_bundle, sign_bundle, write_bundle
from cutter.postgres import embedded
from tests.e2e.conftest import ROOT, Workspace
from tests.plugins.postgres import discard

DOCUMENT = "ICX-CONST"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A live demo whose database was started; what is pinned is what it has."""
    parent = tmp_path_factory.mktemp("approvals")
    made = Workspace(parent).cutter("init", "--live-demo", "office")
    assert made.status == 0, made.text
    workspace = Workspace(parent / "office")
    assert workspace.cutter("fingerprints", "pin").status == 0
    yield workspace
    discard(embedded.locate(workspace.folder))


@dataclass(frozen=True)
class Computer:
    """Somebody's own computer: a workspace that reaches the database by their login, and the home of their key."""

    workspace: Workspace
    environment: dict[str, str]

    def on_terminal(self, arguments: list[str], answer: str) -> tuple[str, int]:
        """What a command says and how it ends, with a terminal and somebody who types one answer."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", **self.environment}
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.workspace.folder)
            os.execve(sys.executable, [sys.executable, "-m", "cutter", *arguments], environment)
        said = b""
        while select.select([terminal], [], [], 60)[0]:
            try:
                said += os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
            if answer and said.endswith(b"): "):
                os.write(terminal, f"{answer}\n".encode())
                answer = ""
        return said.decode(), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


@pytest.fixture(scope="module")
def own(demo: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Computer:
    """The sovereign's computer. A service is no embedded database, so its bundle is not a throw-away one."""
    folder = tmp_path_factory.mktemp("own") / "office"
    shutil.copytree(demo.folder / "trust", folder / "trust")
    shutil.copytree(demo.folder / "documents", folder / "documents")
    root = demo.folder / ".cutter" / "demo" / "root"
    signed = read_bundle(folder / "trust")
    bundle = msgspec.structs.replace(signed.bundle, throwaway=False)
    fpr = signed.signatures[0].keyid
    write_bundle(folder / "trust", bundle, [sign_bundle(bundle, fpr, GpgSigning(root))])
    trust = f'trust: {{roots: ["{fpr}"], threshold: 1}}'
    (folder / "cutter.yaml").write_text(f"format: cutter.workspace/1\ndatabase: {{service: office}}\n{trust}\n")
    cluster = embedded.locate(demo.folder)
    service = folder.parent / "service.conf"
    service.write_text(f"[office]\nhost={cluster.socket}\nport=5432\nuser=sovereign\ndbname=cutter\n")
    # gpg's agent has its socket in the home, whose name may be too long for one.
    home = Path(tempfile.mkdtemp(prefix="own-", dir="/tmp"))
    for name in ("pubring.kbx", "trustdb.gpg", "private-keys-v1.d"):
        source = demo.folder / ".cutter" / "demo" / "sovereign" / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, home / name)
    return Computer(Workspace(folder), {"GNUPGHOME": str(home), "PGSERVICEFILE": str(service)})


@pytest.fixture(scope="module", autouse=True)
def end_agents(own: Computer) -> Iterator[None]:
    """The agent of a person's own home is that person's; this one's ends with the tests."""
    yield
    home = own.environment["GNUPGHOME"]
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, timeout=30)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def waiting(demo: Workspace) -> dict[str, str]:
    """A run that waits at its first gate: its id, its request's id and page."""
    asked = demo.cutter("orchestrate", "cut", DOCUMENT, "--mode", "live", "--output", "json")
    assert asked.status == 10, asked.text
    found = asked.document
    page = found["waiting"]["review_path"]
    request = found["waiting"]["request_sha256"]
    return {"run": found["run_id"], "kb_id": found["approval_kb_id"], "page": page, "request": request}


def test_who_asks_for_a_live_run_is_told_who_signs(demo: Workspace, waiting: dict[str, str]) -> None:
    """The one line ends in a screen that says what to type next; typed again it shows the same request."""
    again = demo.cutter("orchestrate", "cut", DOCUMENT, "--mode", "live")

    assert again.status == 10
    assert again.text.startswith(f"WAITING  GATE_CUT_AUTHORIZATION · run {waiting['run'][:8]} · exit 10")
    assert f"cutter approve {waiting['run'][:8]} --as sovereign" in again.text
    assert Path(waiting["page"]).is_file()


@pytest.mark.parametrize(
    ("person", "detail"), [("operator", "self_approval"), ("content", "wrong_role")], ids=["who asked", "another role"]
)
def test_who_may_not_sign_is_told_before(demo: Workspace, waiting: dict[str, str], person: str, detail: str) -> None:
    """A signature that counts for nothing is not asked for, and leaves nothing."""
    refused = demo.cutter("approve", waiting["run"], "--as", person, "--output", "json")

    assert (refused.status, refused.document["stop_code"]) == (11, "STOP_SIGNER_REFUSED")
    assert refused.document["detail"] == detail
    assert "sovereign" in refused.document["suggestions"]


def test_a_page_that_is_not_the_one_that_was_asked_is_not_signed(demo: Workspace, waiting: dict[str, str]) -> None:
    """Who signs without the page, or with another, signs blindly."""
    page = Path(waiting["page"])
    body = page.read_bytes()
    page.write_bytes(body + b"<!-- -->")
    changed = demo.cutter("approve", waiting["run"], "--as", "sovereign", "--output", "json")
    page.unlink()
    missing = demo.cutter("approve", waiting["run"], "--as", "sovereign", "--output", "json")
    copy = demo.folder / "copy.html"
    copy.write_bytes(body)
    elsewhere = demo.cutter(
        "approve", waiting["run"], "--as", "sovereign", "--review", "copy.html", "--export", "blind.pae"
    )
    page.write_bytes(body)
    page.chmod(0o600)

    assert (changed.status, changed.document["detail"]) == (11, "review_changed")
    assert (missing.status, missing.document["detail"]) == (11, "review_missing")
    assert elsewhere.status == 0


def test_the_checks_are_shown_with_every_field(demo: Workspace, waiting: dict[str, str]) -> None:
    """Whoever doubts looks before anybody signs; nothing is written by looking."""
    human = demo.cutter("approve", waiting["run"], "--check")
    machine = demo.cutter("approve", waiting["run"], "--check", "--output", "json")

    assert human.status == machine.status == 10
    assert (machine.document["verdict"], machine.document["signed"]) == ("waiting", [])
    assert machine.document["missing"] == [{"role": "sovereign", "persons": 1}]
    for name in machine.document["request"]:
        assert re.search(rf"^  {name}[.\[ ]", human.text, re.MULTILINE), name


@pytest.mark.parametrize("options", [["--check", "--export", "x"], ["--export", "x", "--import", "y"]], ids=" ".join)
def test_one_thing_at_a_time(demo: Workspace, waiting: dict[str, str], options: list[str]) -> None:
    """A check that also signed, or an export that also imported, would do more than was meant."""
    refused = demo.cutter("approve", waiting["run"], *options, "--output", "json")

    assert (refused.status, refused.document["detail"]) == (2, "together")


def test_as_is_only_for_the_persons_of_a_demo(demo: Workspace, waiting: dict[str, str]) -> None:
    """`--as` chooses a login: where logins separate people it must not exist."""
    refused = demo.cutter("approve", waiting["run"], "--as", "../root", "--output", "json")

    assert (refused.status, refused.document["detail"]) == (2, "as")


def test_off_a_terminal_nobody_is_asked(own: Computer, waiting: dict[str, str]) -> None:
    """A script must neither sign for a person nor be told that somebody declined."""
    shown = own.workspace.cutter("approve", waiting["run"], "--review", waiting["page"], environ=own.environment)

    assert shown.status == 10, shown.text
    assert "Nothing was signed" in shown.text
    assert "write up to 321 rows" in shown.text
    assert "cutter approve" in shown.text.splitlines()[-1]
    assert "declined" not in shown.text


@pytest.mark.parametrize("answer", ["no", "00000000"], ids=["another word", "other digits"])
def test_on_a_terminal_the_digits_are_asked(own: Computer, waiting: dict[str, str], answer: str) -> None:
    """A person who does not type them has not signed."""
    said, status = own.on_terminal(["approve", waiting["run"], "--review", waiting["page"]], answer)

    assert "first 8 digits of the request" in said
    assert "write up to 321 rows" in said
    assert (status, "not_confirmed" in said) == (2, True)


def test_a_key_elsewhere_signs_with_plain_gpg(demo: Workspace, waiting: dict[str, str]) -> None:
    """The bytes go out, a detached signature comes back, in armour or not; one over other bytes is refused."""
    exported = demo.cutter(
        "approve", waiting["run"], "--as", "sovereign", "--export", "request.pae", "--output", "json"
    ).document
    sign = ["gpg", "--homedir", str(demo.folder / ".cutter/demo/sovereign"), "--batch", "--pinentry-mode", "error"]
    for source, options, out in (("request.pae", ["--armor"], "good.asc"), ("cutter.yaml", [], "other.sig")):
        chosen = [*sign, "--local-user", exported["fpr"], "--output", out, *options, "--detach-sign", source]
        subprocess.run(chosen, cwd=demo.folder, check=True, timeout=60, capture_output=True)
    subprocess.run(["gpgconf", "--homedir", sign[2], "--kill", "all"], check=False, timeout=30)

    other = demo.cutter("approve", waiting["run"], "--as", "sovereign", "--import", "other.sig", "--output", "json")
    assert (other.status, other.document["stop_code"]) == (11, "STOP_SIGNATURE_REFUSED")
    assert demo.cutter("approve", waiting["run"], "--check").status == 10

    good = demo.cutter("approve", waiting["run"], "--as", "sovereign", "--import", "good.asc", "--output", "json")
    assert good.status == 0, good.text
    assert (good.document["approval_kb_id"], good.document["missing"]) == (waiting["kb_id"], [])
    assert demo.cutter("approve", waiting["run"], "--check", "--output", "json").document["signed"] == ["sovereign"]


def test_whoever_types_them_has_signed(own: Computer, waiting: dict[str, str], demo: Workspace) -> None:
    """A person at their own computer, with their own login and key: the signature is theirs by the database's word."""
    digits = waiting["request"][:8]
    said, status = own.on_terminal(["approve", waiting["run"], "--review", waiting["page"]], digits)

    assert status == 0, said
    assert "approved GATE_CUT_AUTHORIZATION" in said
    assert demo.cutter("approve", waiting["run"], "--check", "--output", "json").document["signed"] == ["sovereign"]


def test_signing_in_a_demo_needs_no_question(demo: Workspace, waiting: dict[str, str]) -> None:
    """The issue's own line: `approve RUN --as PERSON --output json` prints the approval id, and is signed once more."""
    signed = demo.cutter("approve", waiting["run"][:8], "--as", "sovereign", "--output", "json")

    assert signed.status == 0
    assert signed.document["approval_kb_id"] == waiting["kb_id"]
    assert signed.document["person_id"] == "sovereign"
    assert signed.document["next"][0]["command"].endswith(waiting["kb_id"])


def test_a_no_wins_and_its_reason_stays_here(demo: Workspace, waiting: dict[str, str]) -> None:
    """A rejection stops the run whoever signed yes; the words of it are nobody else's business."""
    canary = "because of the canary in clause four"
    rejected = demo.cutter("reject", waiting["run"], "--as", "sovereign", "--reason", canary, "--output", "json")
    assert rejected.status == 0, rejected.text
    reason = Path(rejected.document["reason_path"])

    assert reason.read_text() == canary
    assert reason.stat().st_mode & 0o077 == 0
    assert canary not in rejected.text.replace(str(reason), "")
    checked = demo.cutter("approve", waiting["run"], "--check", "--output", "json")
    assert (checked.status, checked.document["stop_code"]) == (11, "STOP_APPROVAL_REJECTED")
    dumped = [path for path in demo.files() if path != reason and canary.encode() in path.read_bytes()]
    assert dumped == []


def test_a_no_needs_a_reason(demo: Workspace, waiting: dict[str, str]) -> None:
    """Where nobody can be asked for it, it has to be given."""
    refused = demo.cutter("reject", waiting["run"], "--as", "sovereign", "--output", "json")

    assert (refused.status, refused.document["needed"]) == (2, "--reason")


def test_a_run_that_does_not_wait_is_not_signed(demo: Workspace) -> None:
    """A rehearsal is nobody's to sign."""
    refused = demo.cutter("approve", "00000000", "--as", "sovereign", "--output", "json")

    assert (refused.status, refused.document["stop_code"]) == (2, "STOP_RUN_NOT_FOUND")

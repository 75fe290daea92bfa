"""`docs/checking-evidence.md`, followed literally by somebody who has no cutter: cryptography, gpg and sha256sum."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from cutter import canon
from cutter.app.evidence import PAYLOAD_TYPE, verify_evidence, write_evidence
from cutter.approval.request import PAYLOAD_TYPE as REQUEST_TYPE
from cutter.custody.machine_key import load_runner_key, make_runner_key
from cutter.stops import Stop, StopCode
from tests.support.ledger import LedgerOffice, open_ledger_office
from tests.support.runs import REPOSITORY, Office, completed

PAGE = REPOSITORY / "docs" / "checking-evidence.md"
STEPS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
FOR_THE_OFFICE = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Approver:
    """A person with an OpenPGP key of their own."""

    home: Path

    def gpg(self, *words: str, data: bytes = b"") -> bytes:
        """Run gpg in the person's home."""
        command = ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--quiet", *words]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    @property
    def fpr(self) -> str:
        """The primary fingerprint."""
        listed = self.gpg("--with-colons", "--list-keys").decode().splitlines()
        return next(line.split(":")[9] for line in listed if line.startswith("fpr:"))

    def envelope(self, body: bytes) -> bytes:
        """A request, signed as the office keeps it."""
        kind = REQUEST_TYPE.encode()
        pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
        sig = base64.b64encode(self.gpg("--detach-sign", data=pae)).decode()
        payload = base64.b64encode(body).decode()
        return canon.encode(
            {"payload": payload, "payloadType": REQUEST_TYPE, "signatures": [{"keyid": self.fpr, "sig": sig}]}
        )


@pytest.fixture(scope="module")
def approver() -> Iterator[Approver]:
    """Somebody who signs."""
    home = Path("/tmp") / f"cutter-approver-{os.getpid()}"  # the path of gpg's socket has to be short
    home.mkdir(mode=0o700)
    made = Approver(home)
    try:
        made.gpg("--passphrase", "", "--quick-generate-key", "Approver <approver@example.org>", "ed25519", "sign", "1d")
        yield made
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def ledger(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LedgerOffice:
    """An office whose runs stand in the ledger."""
    return open_ledger_office(office, tmp_path / "home", monkeypatch)


@pytest.fixture
def stranger(ledger: LedgerOffice, approver: Approver, tmp_path: Path) -> Path:
    """The folder of a stranger: the evidence of a signed run, and the keys."""
    ledger.record(opened=False)  # so that the run's own events do not begin the ledger
    run_id = ledger.record()
    rows = ledger.office.rows(f"SELECT body FROM kb.document WHERE kb_id LIKE 'approvals/{run_id}/%'")
    body = bytes(rows[0][0])
    ledger.sign(run_id, approver.envelope(body), canon.sha256(body), "sovereign")
    ledger.checkpoint()
    folder = tmp_path / "stranger"
    folder.mkdir()
    made = write_evidence(ledger.settings, run_id[:8], folder / "evidence.jsonl")
    (folder / "runner.hex").write_text(f"{made.public}\n", encoding="ascii")
    (folder / "approvers.pgp").write_bytes(approver.gpg("--export"))
    return folder


def follow(folder: Path, without: int = 0) -> tuple[int, str]:
    """Follow the page's blocks, but one; the number of the one that failed (0: none), and what was said."""
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    (tools / "python3").unlink(missing_ok=True)
    (tools / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "$@"\n', encoding="utf-8")
    (tools / "python3").chmod(0o755)
    environ = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    said = ""
    for number, step in enumerate(STEPS, start=1):
        if number == without:
            continue
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", step], cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        said += done.stdout + done.stderr
        if done.returncode:
            return number, said
    return 0, said


def test_a_stranger_can_check_a_run(stranger: Path) -> None:
    """Without it evidence would be something that only its maker can read."""
    failed, said = follow(stranger)

    assert (failed, len(STEPS)) == (0, 4), said
    for words in ("signature 0: approval by sovereign", "GOODSIG", "checkpoint of", "gateopened", "plan.json: OK"):
        assert words in said


def test_the_office_can_give_the_keys(stranger: Path, approver: Approver) -> None:
    """Without it nobody would know how the file of the approvers' keys is made."""
    pubkey = base64.b64encode(approver.gpg("--export")).decode()
    bundle = base64.b64encode(json.dumps({"persons": [{"keys": [{"pubkey": pubkey}]}]}).encode()).decode()
    (stranger / "trust").mkdir()
    (stranger / "trust" / "bundle.json").write_text(json.dumps({"payload": bundle}), encoding="utf-8")
    (stranger / "approvers.pgp").unlink()
    subprocess.run([sys.executable, "-c", FOR_THE_OFFICE[0]], cwd=stranger, check=True)

    assert follow(stranger)[0] == 0


def _flip(folder: Path) -> None:
    path = folder / "evidence.jsonl"
    line = path.read_bytes()
    path.write_bytes(line[:200] + (b"A" if line[200:201] != b"A" else b"B") + line[201:])


def _another_host(folder: Path) -> None:
    (folder / "runner.hex").write_text(make_runner_key(folder / "other"), encoding="ascii")


def _resigned(change: Callable[[dict[str, object]], None]) -> Callable[[Path, LedgerOffice], None]:
    """What the host itself could do: sign something else than what happened."""

    def forge(folder: Path, ledger: LedgerOffice) -> None:
        path = folder / "evidence.jsonl"
        statement = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
        change(statement)
        path.write_bytes(load_runner_key(ledger.settings.credentials).sign(canon.encode(statement), PAYLOAD_TYPE))

    return forge


def _predicate(statement: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = statement["predicate"]  # type: ignore[assignment]
    return found


def _drop_event(statement: dict[str, object]) -> None:
    del _predicate(statement)["events"][3]


def _edit_event(statement: dict[str, object]) -> None:
    event = _predicate(statement)["events"][3]
    body = base64.b64decode(str(event["body"])).replace(b"operator", b"somebody")
    event["body"] = base64.b64encode(body).decode()


def _edit_request(statement: dict[str, object]) -> None:
    request = _predicate(statement)["requests"][0]
    body = base64.b64decode(str(request["request"])).replace(b'"row_count":0', b'"row_count":9')
    request["request"] = base64.b64encode(body).decode()


def _another_plan(statement: dict[str, object]) -> None:
    _predicate(statement)["plan"] = base64.b64encode(b"{}").decode()  # type: ignore[assignment]


def _another_subject(statement: dict[str, object]) -> None:
    statement["subject"][0]["digest"]["sha256"] = "a" * 64  # type: ignore[index]


# what is done → the step of the page that fails
FORGED: dict[str, tuple[Callable[[Path, LedgerOffice], None], int]] = {
    "a byte of the line": (lambda folder, _: _flip(folder), 1),
    "another host's key": (lambda folder, _: _another_host(folder), 1),
    "an event left out": (_resigned(_drop_event), 3),
    "an event edited": (_resigned(_edit_event), 3),
    "a request edited": (_resigned(_edit_request), 1),
    "another plan": (_resigned(_another_plan), 4),
    "another subject": (_resigned(_another_subject), 4),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_stranger_finds_a_forgery(stranger: Path, ledger: LedgerOffice, name: str) -> None:
    """Without it the page would say yes to anything; cutter's own check has to say no as well."""
    forge, step = FORGED[name]
    forge(stranger, ledger)

    assert follow(stranger)[0] == step
    with pytest.raises(Stop) as caught:
        verify_evidence((stranger / "evidence.jsonl").read_bytes(), [(stranger / "runner.hex").read_text().strip()])
    assert caught.value.code in (StopCode.STOP_VERIFY_FAILED, StopCode.STOP_LEDGER_BROKEN)


def test_a_stranger_finds_a_signature_by_somebody_else(stranger: Path, tmp_path: Path) -> None:
    """Without it any key would do for an approver's."""
    home = Path("/tmp") / f"cutter-other-{os.getpid()}"
    home.mkdir(mode=0o700)
    other = Approver(home)
    try:
        other.gpg(
            "--passphrase", "", "--quick-generate-key", "Approver <approver@example.org>", "ed25519", "sign", "1d"
        )
        (stranger / "approvers.pgp").write_bytes(other.gpg("--export"))
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)

    assert follow(stranger)[0] == 2


def test_what_was_verified_is_returned(stranger: Path) -> None:
    """Without it a caller could compare the subjects of something else than what was signed."""
    line = (stranger / "evidence.jsonl").read_bytes()
    public = (stranger / "runner.hex").read_text(encoding="ascii").strip()

    found = verify_evidence(line, ["0" * 64, public])

    assert found.public == public
    assert [subject.name for subject in found.statement.subject][:2] == ["plan", "sidecars"]
    assert line.count(b"\n") == 1
    assert canon.encode(found.statement) == base64.b64decode(json.loads(line)["payload"])


def test_a_whole_run_can_be_checked(ledger: LedgerOffice, tmp_path: Path) -> None:
    """Without it the page would hold for runs that stopped at a gate, and not for one that was done.

    Its approvals are a stub's, which gpg cannot judge: that step is left out here.
    """
    run_id = str(uuid4())
    done = ledger.office.complete(run_id)
    assert completed(done), done[-1].event
    ledger.checkpoint()
    folder = tmp_path / "stranger"
    folder.mkdir()
    made = write_evidence(ledger.settings, run_id, folder / "evidence.jsonl")
    (folder / "runner.hex").write_text(made.public, encoding="ascii")

    assert follow(folder, without=2)[0] == 0
    names = [subject.name for subject in made.subjects]
    assert (names[:2], names[-1]) == (["plan", "sidecars"], "post-state")
    assert sum(name.startswith("backup/") for name in names) == 2
    assert verify_evidence((folder / "evidence.jsonl").read_bytes(), [made.public]).statement.subject == made.subjects

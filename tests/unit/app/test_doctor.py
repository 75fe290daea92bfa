"""The doctor: every state of a host and a workspace, bounded in time, without a server, a gpg or a workspace."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from cutter.app.doctor import Finding, Seat, State, examine, host
from cutter.app.doctor.findings import Check, fact, of_stop, perform
from cutter.cli.main import run
from cutter.custody.machine_key import make_runner_key
from cutter.custody.openpgp.process import installed
from cutter.messages import Message
from cutter.postgres import embedded
from cutter.stops import Stop, StopCode
from tests.support.parsing import parse
from tests.support.runs import REPOSITORY

SECRET = "hunter2"
DIRECTORY = "format: cutter.directory/1\nreferences:\n  PAT-7KQ2M4XA-55: {address: hunter2@b.test}\n"
EMBEDDED = "format: cutter.workspace/1\ndatabase: embedded\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with an embedded database that was never made."""
    (tmp_path / "cutter.yaml").write_text(EMBEDDED, encoding="utf-8")
    return tmp_path


def seat(folder: Path, environ: Mapping[str, str] | None = None, encoding: str = "utf-8") -> Seat:
    """A doctor's seat in a folder, with nothing of this process's environment."""
    known = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "LANG": "C.UTF-8"}
    return Seat(folder, {**known, **(environ or {})}, folder / "gnupg", encoding)


def found(at: Seat) -> dict[str, Finding]:
    """The findings by name; the last one of a name."""
    return {finding.name: finding for finding in examine(at)}


def test_a_new_workspace_is_well(workspace: Path) -> None:
    """A doctor that complains of what is as it should be is not asked again."""
    findings = found(seat(workspace))

    assert {name: finding.state for name, finding in findings.items() if finding.state is not State.OK} == {}
    assert {"python", "gpg", "disk", "locale", "workspace", "folders", "trust", "binaries", "database"} <= set(findings)
    assert "not made yet" in str(findings["database"].fact)


def test_nothing_is_made_or_started(workspace: Path) -> None:
    """Looking must not change what is looked at."""
    before = sorted(workspace.rglob("*"))
    list(examine(seat(workspace)))

    assert sorted(workspace.rglob("*")) == before
    assert embedded.status(embedded.locate(workspace)).state is embedded.State.ABSENT


def test_outside_a_workspace(tmp_path: Path) -> None:
    """The doctor is asked before anything is set up."""
    findings = found(seat(tmp_path))

    assert findings["workspace"].state is State.WARN
    assert findings["workspace"].fix.startswith("cutter init")


def open_state(workspace: Path) -> None:
    """A private folder that others can enter."""
    (workspace / ".cutter").mkdir(mode=0o700)
    (workspace / ".cutter").chmod(0o755)


def link_state(workspace: Path) -> None:
    """A link in place of a private folder."""
    (workspace / "elsewhere").mkdir()
    (workspace / ".cutter").symlink_to(workspace / "elsewhere")


def break_settings(workspace: Path) -> None:
    """A file of settings that is none."""
    (workspace / "cutter.yaml").write_text(f"{EMBEDDED}password: {SECRET}\n", encoding="utf-8")


def pin_roots(workspace: Path) -> None:
    """Roots of trust without a bundle."""
    (workspace / "cutter.yaml").write_text(f"{EMBEDDED}trust: {{roots: ['{'A' * 40}']}}\n", encoding="utf-8")


def open_user_state(workspace: Path) -> None:
    """The user's own folder open to others."""
    (workspace / "state" / "cutter").mkdir(parents=True)
    (workspace / "state" / "cutter").chmod(0o755)


def break_policies(workspace: Path) -> None:
    """Policies that select what is not there."""
    shutil.copytree(REPOSITORY / "policies", workspace / "policies")
    chosen = workspace / "policies" / "selection.yaml"
    chosen.write_text(chosen.read_text(encoding="utf-8").replace('"1.0"', '"9.9"', 1), encoding="utf-8")


def write_credential(workspace: Path, name: str, text: str, mode: int) -> None:
    """A file of the credentials folder, in a workspace that reaches a mail server."""
    folder = workspace / ".cutter" / "credentials"
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(mode)
    smtp = "{host: mail.test, port: 587, from: a@b.test, user: a, password: {file: smtp.password}}"
    (workspace / "cutter.yaml").write_text(f"{EMBEDDED}comm: {{smtp: {smtp}}}\n", encoding="utf-8")


def no_directory(workspace: Path) -> None:
    """A mail server, and nobody to write to."""
    write_credential(workspace, "smtp.password", SECRET, 0o600)


def open_directory(workspace: Path) -> None:
    """A directory that others can read."""
    write_credential(workspace, "smtp.password", SECRET, 0o600)
    write_credential(workspace, "directory.yaml", DIRECTORY, 0o644)


def open_password(workspace: Path) -> None:
    """A password that others can read."""
    write_credential(workspace, "directory.yaml", DIRECTORY, 0o600)
    write_credential(workspace, "smtp.password", SECRET, 0o640)


def open_commitments(workspace: Path) -> None:
    """A key of commitments that others can read."""
    no_directory(workspace)
    write_credential(workspace, "directory.yaml", DIRECTORY, 0o600)
    write_credential(workspace, "commitment.key", SECRET, 0o604)


# what is wrong → the check that tells it, how, a word of its fact, the beginning of its fix
WRONG: dict[str, tuple[Callable[[Path], object], str, State, str, str]] = {
    "a folder is open": (open_state, "folders", State.FAIL, "0755", "chmod 700 "),
    "a folder is a link": (link_state, "folders", State.FAIL, "no folder", "ls -ld "),
    "settings with an unknown key": (break_settings, "workspace", State.FAIL, "cutter.yaml:3", "cutter explain"),
    "no bundle": (pin_roots, "trust", State.FAIL, "trust_missing", "cutter explain STOP_TRUST_REFUSED"),
    "no runner key": (pin_roots, "runner key", State.FAIL, "STOP_KEY_UNUSABLE", "cutter trust init"),
    "no version that is selected": (break_policies, "policies", State.FAIL, "selection.yaml", "cutter policies lint"),
    "no directory": (no_directory, "comm", State.FAIL, "directory_missing", "cutter explain STOP_CONFIG_INVALID"),
    "the directory is open": (open_directory, "comm", State.FAIL, "directory.yaml", "cutter explain STOP_PATH_UNSAFE"),
    "the password is open": (open_password, "comm", State.FAIL, "smtp.password", "cutter explain STOP_PATH_UNSAFE"),
    "commitments are open": (open_commitments, "comm", State.FAIL, "commitment.key", "cutter explain STOP_PATH_UNSAFE"),
    "the user's folder is open": (open_user_state, "places", State.FAIL, "open to others", "chmod 700 "),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_fix(name: str, workspace: Path) -> None:
    """A finding without a way to mend it is a complaint."""
    wrong, check, state, word, fix = WRONG[name]
    wrong(workspace)
    finding = found(seat(workspace))[check]

    assert finding.state is state
    assert word in str(finding.fact)
    assert finding.fix.startswith(fix)
    assert SECRET not in f"{finding.fact}{finding.fix}"


def test_what_policies_need_is_looked_at_and_nobody_called(workspace: Path) -> None:
    """Without it a doctor would hang on a mail server, or tell what stands in the directory."""
    shutil.copytree(REPOSITORY / "policies", workspace / "policies")
    write_credential(workspace, "smtp.password", SECRET, 0o600)
    write_credential(workspace, "directory.yaml", DIRECTORY, 0o600)
    findings = found(seat(workspace))

    assert (findings["policies"].state, findings["comm"].state) == (State.OK, State.OK)
    assert "selected: 3" in str(findings["policies"].fact)
    assert "asked by rehearsals, not here" in str(findings["comm"].fact)
    assert all(SECRET not in str(finding.fact) for finding in findings.values())


def test_a_refused_variable(workspace: Path) -> None:
    """Its name is told, its value never; the rest of the host is looked at all the same."""
    findings = found(seat(workspace, {"PGPASSWORD": SECRET}))

    assert findings["workspace"].state is State.FAIL
    assert findings["workspace"].fix == "unset PGPASSWORD"
    assert "disk" in findings
    assert all(SECRET not in str(finding.fact) for finding in findings.values())


def test_a_terminal_without_vietnamese_letters(workspace: Path) -> None:
    """On such a terminal every «ắ» is an escape, and nobody knows why."""
    finding = found(seat(workspace, {"LANG": "C"}, "latin-1"))["locale"]

    assert (finding.state, finding.fix) == (State.WARN, "export LC_ALL=C.UTF-8")


def test_a_host_without_gpg(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rehearsals need none; who means to go live must be told before the first gate."""
    nothing = type(installed())(None)
    monkeypatch.setattr(host, "installed", lambda workspace: nothing)
    assert found(seat(workspace))["gpg"].state is State.WARN
    pin_roots(workspace)

    assert found(seat(workspace))["gpg"].state is State.FAIL
    assert "agent" not in found(seat(workspace))


def test_no_binaries(workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`PG_BIN` that leads nowhere is found here, not by the first run."""
    monkeypatch.setenv("PG_BIN", str(tmp_path / "nowhere"))
    findings = found(seat(workspace))

    assert findings["binaries"].state is State.FAIL
    assert findings["database"].state is State.FAIL


def test_little_room(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    """A full disk is found before a backup fails on it."""
    sizes = {"free": 0}
    usage = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(path)._replace(free=sizes["free"]))
    told = []
    for free in (50_000_000, 500_000_000, 50_000_000_000):
        sizes["free"] = free
        told.append(found(seat(workspace))["disk"].state)

    assert told == [State.FAIL, State.WARN, State.OK]


def test_an_unknown_key_of_this_host(workspace: Path) -> None:
    """A service that nobody has named ends as a finding of its own, with nothing hanging."""
    (workspace / "cutter.yaml").write_text(
        "format: cutter.workspace/1\ndatabase: {service: nowhere}\n", encoding="utf-8"
    )
    make_runner_key(workspace / ".cutter" / "credentials")
    findings = found(seat(workspace))

    assert findings["database"].state is State.FAIL
    assert "STOP_DATABASE_UNREACHABLE" in str(findings["database"].fact)


def wait_for_ever() -> Iterator[Finding]:
    """Tells one thing and never comes back."""
    yield Finding("slow", State.OK, fact(Message("begun")))
    time.sleep(60)


def fail_with_a_secret() -> Iterator[Finding]:
    """A fault whose message holds a value."""
    yield Finding("broken", State.OK, fact(Message("begun")))
    raise ValueError(SECRET)


def refuse() -> Iterator[Finding]:
    """A refusal."""
    yield from ()
    raise Stop(StopCode.STOP_DISK, "EIO", where="/x")


def test_a_check_takes_no_longer_than_it_may() -> None:
    """A network folder that hangs would hang the doctor, which is asked because something hangs."""
    began = time.monotonic()
    told = perform(Check("slow", wait_for_ever), 0.2)

    assert time.monotonic() - began < 5
    assert [(item.state, str(item.fact)) for item in told] == [
        (State.OK, "begun"),
        (State.FAIL, "no answer within 0.2 s"),
    ]


@pytest.mark.parametrize(("look", "word"), [(fail_with_a_secret, "ValueError"), (refuse, "STOP_DISK · EIO · /x")])
def test_a_check_never_raises(look: Callable[[], Iterator[Finding]], word: str) -> None:
    """One broken check must not hide the others, and a fault's message may hold a secret."""
    last = perform(Check("x", look), 5)[-1]

    assert last.state is State.FAIL
    assert word in str(last.fact)
    assert SECRET not in str(last.fact)


@pytest.mark.parametrize("code", StopCode, ids=lambda code: code.name)
def test_every_refusal_has_a_fix(code: StopCode) -> None:
    """A refusal inside a check leads to what it means."""
    parse(of_stop("x", Stop(code)).fix)


@pytest.fixture
def screen(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace as the current folder of the command."""
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("XDG_STATE_HOME", str(workspace / "state"))
    monkeypatch.delenv("CI", raising=False)
    return workspace


def test_the_screen(screen: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """One line a check, and the exit status of a host that is well."""
    assert run("cutter", ["doctor"]) == 0
    head, *lines = capfdbinary.readouterr().out.decode().splitlines()

    assert head.startswith(("OK  doctor", "WARN  doctor"))
    assert any(line.startswith("  ok    workspace  ") for line in lines)


def test_a_screen_of_faults(screen: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A script goes by the status; a person by the fixes at the end, those of faults first."""
    open_state(screen)

    assert run("cutter", ["doctor"]) == 78
    out = capfdbinary.readouterr().out.decode()
    assert out.startswith("FAILED  doctor")
    assert f"Next     folders  chmod 700 {screen}/.cutter" in out


def test_the_document(screen: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A program reads the same findings, in English, with the same status."""
    open_state(screen)
    status = run("cutter", ["doctor", "--output", "json"])
    out, err = capfdbinary.readouterr()
    document = json.loads(out)
    states = {check["name"]: check["state"] for check in document["checks"]}

    assert (status, document["exit_code"], document["format"], err) == (78, 78, "cutter.doctor/1", b"")
    assert states["folders"] == "fail"
    for step in document["next"]:
        if step["command"].startswith("cutter "):
            parse(step["command"])


def test_a_hostile_path_is_shown_as_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A folder's name is foreign text: it must not move the cursor."""
    folder = tmp_path / "a\x1b[31mb‮"
    folder.mkdir()
    (folder / "cutter.yaml").write_text(EMBEDDED, encoding="utf-8")
    monkeypatch.chdir(folder)
    run("cutter", ["doctor"])
    out = capfdbinary.readouterr().out.decode()

    assert "\x1b" not in out
    assert "‮" not in out


def test_the_driver_is_not_loaded_without_a_server(workspace: Path) -> None:
    """A doctor that needs what is broken cannot say that it is broken."""
    probe = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from cutter.cli.main import run\nstatus = run('cutter', ['doctor']); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=workspace,
        env={"PATH": os.environ["PATH"], "HOME": str(workspace), "PYTHONPATH": str(REPOSITORY), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "not made yet" in done.stdout

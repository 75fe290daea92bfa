"""What `cutter trigger` does, seen from outside: what is recorded, what is told again, and which files are written."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cutter.postgres import embedded
from tests.e2e.conftest import ROOT, Answer, Workspace, state_home
from tests.plugins.postgres import discard
from tests.support import watched
from tests.support.mail_servers import MailServer, mail_server
from tests.support.notify import NOTIFICATION, trigger_of
from tests.support.notify_desk import furnish

LIVE = ("--mode", "live")
CANARY = "canary.person@example.org"


@dataclass(frozen=True)
class Desk:
    """A live demo with the demo's policies, and the mail server that it sends to."""

    workspace: Workspace
    server: MailServer

    @property
    def folder(self) -> Path:
        """The workspace's folder."""
        return self.workspace.folder

    def trigger(self, data: bytes, *options: str) -> Answer:
        """Hand a trigger in, and read what a program is told."""
        (self.folder / "trigger.json").write_bytes(data)
        return self.workspace.cutter("trigger", "trigger.json", *options, "--output", "json")

    def approve(self, run_id: str) -> None:
        """Let the reviewer of contents sign."""
        assert self.workspace.cutter("approve", run_id, "--as", "content").status == 0

    def complete(self, data: bytes) -> Any:
        """A live run to its end; what the last command told."""
        waiting = self.trigger(data, *LIVE)
        assert waiting.status == 10, waiting.text
        self.approve(waiting.document["run_id"])
        done = self.trigger(data, *LIVE)
        assert done.status == 0, done.text
        return done.document

    def events(self, run_id: str) -> str:
        """The events of a run, as the ledger has them."""
        return self.workspace.cutter("runs", "events", run_id, "--output", "json").text

    def watched(self, *words: str) -> tuple[int, list[str]]:
        """Run a command: its status, and every path that it changes."""
        log = self.folder.parent / "paths.log"
        log.unlink(missing_ok=True)
        program = [sys.executable, str(Path(watched.__file__)), str(log), *words]
        environ = {**os.environ, "PYTHONPATH": str(ROOT), **state_home(self.folder)}
        done = subprocess.run(program, cwd=self.folder, env=environ, capture_output=True, timeout=120, check=False)
        return done.returncode, log.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A live demo that can send."""
    parent = tmp_path_factory.mktemp("desk")
    made = Workspace(parent).cutter("init", "--live-demo", "office")
    assert made.status == 0, made.err
    folder = parent / "office"
    with mail_server() as server:
        furnish(folder, server)
        yield Desk(Workspace(folder), server)
    discard(embedded.locate(folder))


def digests(*folders: Path) -> dict[str, str]:
    """Every file below some folders, with its digest."""
    files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def changed(paths: list[str], folder: Path, pinned: dict[str, str]) -> set[str]:
    """The paths that are of pinned files or of their folders; one without a folder counts by its name alone."""
    folders = {str(Path(name).parent) for name in pinned}
    names = {Path(name).name for name in pinned} | {Path(name).name for name in folders}
    inside = {path for path in paths if any(str((folder / path).resolve()).startswith(f"{kept}/") for kept in folders)}
    return inside | {path for path in paths if Path(path).name in names}


def watched_runs(desk: Desk) -> Iterator[tuple[int, list[str]]]:
    """A rehearsal, a live run that waits, and its end; a denial; each with what it changed."""
    (desk.folder / "trigger.json").write_bytes(trigger_of(payload="W5K8R2ME"))
    yield desk.watched("trigger", "trigger.json")
    yield desk.watched("trigger", "trigger.json", *LIVE)
    desk.approve(desk.trigger(trigger_of(payload="W5K8R2ME"), *LIVE).document["run_id"])
    yield desk.watched("trigger", "trigger.json", *LIVE)
    (desk.folder / "trigger.json").write_bytes(trigger_of(NOTIFICATION, payload="W6K8R2ME", seen=True))
    yield desk.watched("trigger", "trigger.json", *LIVE)


def test_a_run_writes_nothing_that_it_is_pinned_to(desk: Desk) -> None:
    """Without it a run could write the policy, the template or the pipeline by which the next one is decided."""
    folders = [desk.folder / "policies", desk.folder / "pipelines", ROOT / "policies", ROOT / "pipelines"]
    before = digests(*folders)
    sent = len(desk.server.stored)

    runs = list(watched_runs(desk))

    assert [status for status, _ in runs] == [0, 10, 0, 20]
    assert len(desk.server.stored) == sent + 1
    for _, paths in runs:
        assert changed(paths, desk.folder, before) == set()
        assert any(".cutter" in path for path in paths)  # the watch does see what is written
    assert digests(*folders) == before


def test_the_watch_sees_what_is_written(tmp_path: Path) -> None:
    """Without it a watch that hears nothing would find every run innocent."""
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "rule.yaml").write_text("kept")
    code = (
        "import os, pathlib, sys; from tests.support.watched import watch;"
        "watch(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)); os.chdir(sys.argv[2]);"
        "open('policies/rule.yaml').read(); open('read-only', 'a').close();"
        "pathlib.Path('policies/rule.yaml').write_text('x');"
        "os.replace('read-only', 'policies/new'); here = os.open('policies', os.O_RDONLY);"
        "os.close(os.open('rule.yaml', os.O_WRONLY, dir_fd=here)); os.remove('policies/new')"
    )
    log = tmp_path / "log"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, str(log), str(tmp_path)], env=environ, check=True)

    paths = log.read_text().splitlines()

    assert paths == ["read-only", "policies/rule.yaml", "read-only", "policies/new", "rule.yaml", "policies/new"]
    assert changed(paths, tmp_path, digests(policies)) == {"policies/rule.yaml", "policies/new", "rule.yaml"}


REFUSED = {
    "an unknown type": (trigger_of().replace(b"lab.result_ready", b"lab.canary"), "UNKNOWN_TRIGGER"),
    "no JSON": (b"canary", "MALFORMED_TRIGGER"),
    "an unknown field": (trigger_of(canary=1), "UNKNOWN_FIELD"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_recorded_with_its_reason_alone(desk: Desk, name: str) -> None:
    """Without it nobody would see what was tried, or the record would hold what was refused."""
    data, reason = REFUSED[name]

    answer = desk.trigger(data, *LIVE)

    assert answer.status == 20
    run_id = answer.document["run_id"]
    kept = desk.workspace.cutter("kb", "show", f"runs/{run_id}/start")
    assert kept.status == 0, kept.text
    assert reason in kept.text
    told = desk.events(run_id)
    assert f'"{reason}"' in told
    assert '"Stopped"' in told
    assert "canary" not in told + kept.text + answer.text + answer.err.decode()


def test_what_looks_like_a_person_is_refused_and_not_shown(desk: Desk) -> None:
    """Without it an address in a trigger, or in the name of its file, would be on the screen and in the log."""
    answer = desk.trigger(trigger_of(id=CANARY), *LIVE)
    absent = desk.workspace.cutter("trigger", f"{CANARY}.json")
    (desk.folder / "folder").mkdir(exist_ok=True)
    (desk.folder / "folder" / f"{CANARY}.json").mkdir(exist_ok=True)
    unreadable = desk.workspace.cutter("trigger", f"folder/{CANARY}.json")

    assert answer.status == 20
    assert "STOP_PHI_SUSPECTED" in answer.text
    for told in (answer, absent, unreadable):
        assert CANARY not in told.text + told.err.decode()
        assert told.status != 0
    assert CANARY not in desk.events(answer.document["run_id"])


def test_the_same_trigger_again_is_the_first_result(desk: Desk) -> None:
    """Without it a message would be sent as often as its trigger is delivered."""
    data = trigger_of(payload="R5K8R2ME")
    first, sent = desk.complete(data), len(desk.server.stored)

    again = desk.trigger(data, *LIVE)

    assert (again.status, again.document["run_id"]) == (0, first["run_id"]), again.text
    assert len(desk.server.stored) == sent


def test_the_same_id_with_something_else_is_a_conflict(desk: Desk) -> None:
    """Without it a second trigger would hide behind the first one's approval, or replace it."""
    desk.complete(trigger_of(payload="K5K8R2ME"))
    sent = len(desk.server.stored)

    other = desk.trigger(trigger_of(payload="K5K8R2ME", ward="south"), *LIVE)

    assert other.status == 20
    assert b"STOP_KEY_CONFLICT" in other.out + other.err
    assert len(desk.server.stored) == sent


def test_nothing_but_a_trigger_starts_what_a_policy_starts(desk: Desk) -> None:
    """Without it somebody could have a decision taken on inputs that no trigger ever had."""
    assert desk.trigger(trigger_of(payload="N5K8R2ME")).status == 0
    (kept,) = (desk.folder / ".cutter" / "triggers").glob("TRG-N5K8R2ME-*.json")
    inputs = ("--trigger-id", kept.stem, "--trigger", kept.read_text(encoding="utf-8").rstrip("\n"))

    answer = desk.workspace.cutter("orchestrate", "notify", *inputs)

    assert answer.status == 20, answer.text + answer.err.decode()
    assert b"STOP_POLICY_DENIED" in answer.out + answer.err
    assert b"no_trigger" in answer.out + answer.err


def test_a_run_does_not_go_on_with_another_pipeline(desk: Desk) -> None:
    """Without it people would sign for one pipeline, and another one would write."""
    file = desk.folder / "pipelines" / "notify.yaml"
    data, pinned = trigger_of(payload="P5K8R2ME"), file.read_text(encoding="utf-8")
    run_id = desk.trigger(data, *LIVE).document["run_id"]
    desk.approve(run_id)
    file.write_text(pinned.replace("phase: PT2M", "phase: PT3M"), encoding="utf-8")
    sent = len(desk.server.stored)

    other = desk.trigger(data, *LIVE)
    file.write_text(pinned, encoding="utf-8")

    assert other.status == 22, other.text
    assert b"STOP_PLAN_CHANGED" in other.out + other.err
    assert len(desk.server.stored) == sent
    done = desk.trigger(data, *LIVE)
    assert (done.status, done.document["run_id"]) == (0, run_id), done.text
    assert len(desk.server.stored) == sent + 1


def test_people_answer_with_an_option_that_the_decision_has(desk: Desk) -> None:
    """Without it people could say yes to something of which nobody knows what it is."""
    run_id = desk.trigger(trigger_of(payload="Q5K8R2ME", language=None), *LIVE).document["run_id"]

    yes = desk.workspace.cutter("decide", run_id, "--option", "proceed", "--as", "sovereign")
    signed = desk.workspace.cutter("approve", run_id, "--as", "sovereign")
    no = desk.workspace.cutter("decide", run_id, "--option", "refuse", "--as", "sovereign", "--reason", "not known")

    assert (yes.status, signed.status, no.status) == (2, 2, 0), yes.text + signed.text + no.text

"""What a policy asks people, from the command line: answered, declined, lapsed; a message that nobody knows of; what a
person is shown before they sign; notifications. A live demo, a real server on the loopback address.
"""

import html
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutter.policies.references import issue
from cutter.postgres import embedded
from tests.e2e.conftest import ROOT, Answer, Workspace
from tests.plugins.postgres import discard
from tests.support.mail_servers import HOST, PASSWORD, USER, Behaviour, MailServer, authority, mail_server

pytestmark = pytest.mark.attacks

ADDRESS = "someone@example.org"
DIRECTORY = f"""\
format: cutter.directory/1
references:
  PAT-7KQ2M4XA-55: {{address: {ADDRESS}}}
  PAT-9DW5T8RC-87: {{address: {ADDRESS}}}
  TEAM-N4RTH-33: {{}}
"""


class Ward:
    """A live demo that policies start runs in; every trigger of it is for a patient of its own where it can be."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._taken = 0

    def serve(self, server: MailServer) -> None:
        """Let messages go to this server."""
        folder = self.workspace.folder
        shutil.copy(authority(), folder / "ca.pem")
        plain = (folder / "cutter.yaml").read_text(encoding="utf-8").partition("\ncomm:")[0]
        smtp = f"host: {HOST}, port: {server.port}, from: clinic@example.org, user: {USER}, ca_file: ca.pem"
        comm = f"\ncomm:\n  smtp: {{{smtp}, password: {{file: smtp.password}}}}\n"
        (folder / "cutter.yaml").write_text(plain + comm, encoding="utf-8")
        self.keep("smtp.password", f"{PASSWORD}\n")

    def keep(self, name: str, text: str) -> None:
        """Put a file into the folder of credentials."""
        path = self.workspace.folder / ".cutter" / "credentials" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)

    def trigger(self, example: str, *left_out: str, **fields: Any) -> str:
        """A new trigger like one of the examples: its file."""
        self._taken += 1
        found = json.loads((ROOT / "policies" / "examples" / f"{example}.json").read_text(encoding="utf-8"))
        found["id"] = issue("TRG", f"T{self._taken:07d}")
        found["fields"] = {name: value for name, value in found["fields"].items() if name not in left_out} | fields
        name = f"t{self._taken}.json"
        (self.workspace.folder / name).write_text(json.dumps(found), encoding="utf-8")
        return name

    def cutter(self, *words: str) -> Answer:
        """Run a command."""
        return self.workspace.cutter(*words)

    def result(self, *words: str) -> Any:
        """The JSON of a command."""
        return self.cutter(*words, "--output", "json").document

    def live(self, file: str) -> Any:
        """The result of a trigger that is taken live."""
        return self.result("trigger", file, "--mode", "live")

    def resume(self, result: Any) -> Any:
        """The result of the run's next pass."""
        return self.result("orchestrate", "resume", "--approval-kb-id", result["approval_kb_id"])

    def question(self, result: Any) -> Any:
        """The newest question of a run, as it is listed."""
        listed = self.result("decisions", "list")["decisions"]
        return next(item for item in listed if item["run_id"] == result["run_id"])


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """A live demo with the shipped policies."""
    parent = tmp_path_factory.mktemp("ward")
    assert Workspace(parent).cutter("init", "--live-demo", "office").status == 0
    workspace = Workspace(parent / "office")
    shutil.copytree(ROOT / "policies", workspace.folder / "policies", dirs_exist_ok=True)
    made = Ward(workspace)
    made.keep("directory.yaml", DIRECTORY)
    yield made
    discard(embedded.locate(workspace.folder))


def _steps(screen: Answer) -> list[list[str]]:
    """The commands that a screen suggests."""
    block = "Next " + screen.text.partition("\nNext ")[2]
    return [step.split() for step in re.findall(r"^(?:Next)? +(?:[a-z ]+?)  cutter (.*)$", block, re.MULTILINE)]


def test_a_question_is_answered_and_the_message_is_sent(ward: Ward) -> None:
    """Without it what the policies left open would be a dead end, or go on without anybody's yes."""
    with mail_server() as server:
        ward.serve(server)
        file = ward.trigger("uncertain")
        screen = ward.cutter("trigger", file, "--mode", "live")
        waiting = ward.live(file)
        run = waiting["run_id"]
        asked = ward.question(waiting)
        assert (asked["state"], asked["reason"], asked["uncertain"]) == ("waiting", "MISSING_FIELD", ["severity"])
        assert ["decide", run[:8], "--option", "proceed", "--as", "sovereign"] in _steps(screen)

        answered = ward.cutter("decide", run[:8], "--option", "proceed", "--as", "sovereign")

        assert answered.text.startswith(f"DONE  answered proceed at GATE_POLICY_DECISION as sovereign · run {run[:8]}")
        assert "a result is ready for you at the South ward" in answered.text
        assert ward.question(waiting)["state"] == "proceed"
        authorized = ward.resume(waiting)
        assert authorized["gate"] == "GATE_NOTIFY_AUTHORIZATION"
        assert ward.cutter("decide", run, "--option", "proceed", "--as", "content").status == 11
        assert ward.cutter("approve", run, "--as", "content").status == 0
        done = ward.cutter("orchestrate", "resume", "--approval-kb-id", authorized["approval_kb_id"])
        assert "Written  1 message, accepted by the mail server (250 2.0.0)" in done.text
        assert "deliver" not in done.text
        server.settle()
        assert len(server.stored) == 1
    shown = ward.result("decisions", "show", run)
    assert shown["replay"] == {"outcome": "match", "missing": [], "changed": []}
    assert [(item["person_id"], item["answer"]) for item in shown["answers"]] == [("sovereign", "yes")]
    assert shown["decision"]["format"] == "cutter.decision/1"


def test_a_no_is_final(ward: Ward) -> None:
    """Without it the same trigger, delivered again, would ask anew what somebody has declined."""
    file = ward.trigger("uncertain")
    waiting = ward.live(file)
    run = waiting["run_id"]
    assert ward.cutter("decide", run, "--option", "refuse", "--as", "sovereign").status == 2
    refused = ward.cutter("decide", run, "--option", "refuse", "--as", "sovereign", "--reason", "not now")
    assert refused.status == 0
    assert ward.question(waiting)["state"] == "refused"

    ended = ward.cutter(*next(step for step in _steps(refused) if step[:2] == ["orchestrate", "resume"]))

    assert ended.status == 11
    assert "3 ask_people  refused" in ended.text
    assert ward.question(waiting)["stop_code"] == "STOP_DECISION_REFUSED"
    assert ward.live(file)["run_id"] == run
    again = ward.cutter("decide", run, "--option", "proceed", "--as", "sovereign")
    assert (again.status, "STOP_APPROVAL_NOT_FOUND" in again.text) == (11, True)


def test_only_the_options_of_the_record(ward: Ward) -> None:
    """Without it people could say yes to something that has no text and nobody to go to."""
    waiting = ward.live(ward.trigger("uncertain", "ward"))
    run = waiting["run_id"]
    assert ward.question(waiting)["options"] == ["refuse"]

    for words in (("decide", run, "--option", "proceed"), ("decide", run, "--option", "sent"), ("approve", run)):
        refused = ward.cutter(*words, "--as", "sovereign", "--output", "json")
        assert (refused.status, refused.document["detail"], refused.document["needed"]) == (2, "option", "refuse")
    assert ward.question(waiting)["state"] == "waiting"
    assert ward.cutter("decide", run, "--option", "refuse", "--as", "sovereign", "--reason", "x").status == 0


@pytest.fixture
def hurried(ward: Ward) -> Iterator[None]:
    """A pipeline whose questions lapse after a moment."""
    text = (ROOT / "pipelines" / "notify.yaml").read_text(encoding="utf-8")
    path = ward.workspace.folder / "pipelines" / "notify.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace("approve_within: PT24H", "approve_within: PT1S", 1), encoding="utf-8")
    yield
    path.unlink()


def test_silence_is_a_no_whether_or_not_it_was_recorded(ward: Ward, hurried: None) -> None:
    """Without it what nobody answered would wait for ever, or could be answered when it is too late."""
    file = ward.trigger("uncertain")
    waiting = ward.live(file)
    time.sleep(2)
    assert ward.question(waiting)["state"] == "lapsed"
    assert "LAPSED" in ward.cutter("decisions", "show", waiting["run_id"]).text.splitlines()[0]

    late = ward.cutter("decide", waiting["run_id"], "--option", "proceed", "--as", "sovereign")

    assert (late.status, "STOP_DECISION_LAPSED" in late.text) == (12, True)
    assert ward.result("decisions", "show", waiting["run_id"])["answers"] == []
    ended = ward.cutter("trigger", file, "--mode", "live")
    assert (ended.status, "3 ask_people  lapsed" in ended.text) == (12, True)
    told = ward.question(waiting)
    assert (told["state"], told["stop_code"]) == ("lapsed", "STOP_DECISION_LAPSED")


def test_what_nobody_knows_is_decided_by_people(ward: Ward) -> None:
    """Without it a message that may have been sent would be sent again, or told as not sent."""
    file = ward.trigger("allowed", patient="PAT-9DW5T8RC-87")
    with mail_server(Behaviour(cut="dot")) as server:
        ward.serve(server)
        waiting = ward.live(file)
        run = waiting["run_id"]
        assert ward.cutter("approve", run, "--as", "content").status == 0
        failed = ward.cutter("orchestrate", "resume", "--approval-kb-id", waiting["approval_kb_id"])
        assert failed.status == 51
        assert "Nobody knows whether the message was sent." in failed.text
        assert "Nothing was written." not in failed.text
        found = ward.question(waiting)
        assert (found["state"], found["options"]) == ("not_asked", [])
        early = ward.cutter("decide", run, "--option", "sent", "--as", "content")
        resumption = ["orchestrate", "resume", "--approval-kb-id", waiting["approval_kb_id"]]
        assert (early.status, _steps(early)[0]) == (11, resumption)
        assert _steps(ward.cutter("decisions", "show", run))[0] == resumption
        asked = ward.resume(waiting)
        assert (asked["gate"], asked["effect"]) == ("GATE_FAILURE_ESCALATION", "unknown")
        server.settle()
        [header] = re.findall(rb"^Message-ID: (<\S+>)", server.stored[0], re.MULTILINE)
        page = Path(asked["waiting"]["review_path"]).read_text(encoding="utf-8")
        shown = [ward.cutter(*words, run).text for words in (("runs", "show"), ("decisions", "show"))]
        for text in (failed.text, html.unescape(page), *shown):
            assert header.decode() in text
        answered = ward.cutter("decide", run, "--option", "resend", "--reason", "not in the log", "--as", "content")
        assert ward.question(waiting)["state"] == "not_sent"
        end, again, _run = _steps(answered)
        assert ward.cutter(*end).status == 11
    with mail_server() as server:
        ward.serve(server)
        anew = ward.result(*again)
        assert anew["run_id"] != run
        assert ward.cutter("approve", anew["run_id"], "--as", "content").status == 0
        assert ward.resume(anew)["exit_code"] == 0
        server.settle()
        assert len(server.stored) == 1


def test_a_presumed_message_is_told_as_presumed(ward: Ward) -> None:
    """Without it what people decided would be told as what the server said."""
    with mail_server(Behaviour(cut="dot")) as server:
        ward.serve(server)
        waiting = ward.live(ward.trigger("allowed", patient="PAT-9DW5T8RC-87"))
        assert ward.cutter("approve", waiting["run_id"], "--as", "content").status == 0
        ward.resume(waiting)
        asked = ward.resume(waiting)
        assert ward.cutter("decide", waiting["run_id"], "--option", "sent", "--as", "content").status == 0
        done = ward.cutter("orchestrate", "resume", "--approval-kb-id", asked["approval_kb_id"])
        assert "Written  1 message, presumed" in done.text
        assert "accepted" not in done.text
        assert ward.question(waiting)["state"] == "sent"


def test_what_a_signer_sees(ward: Ward) -> None:
    """Without it people would sign a message without its text, or read somebody's address on the way."""
    waiting = ward.live(ward.trigger("allowed", patient="PAT-9DW5T8RC-87"))
    page = Path(waiting["waiting"]["review_path"]).read_text(encoding="utf-8")
    request = ward.result("approve", waiting["run_id"], "--check")["request"]

    assert "a result is ready for you at the North ward" in page
    assert "PAT-9DW5T8RC-87" in page
    assert ADDRESS not in page
    assert request["covers"] == ["comm.send_message@1"]
    assert "comm.create_notification@1" not in re.sub(r"<details.*", "", page, flags=re.DOTALL)
    assert ward.cutter("reject", waiting["run_id"], "--as", "content", "--reason", "no").status == 0


def test_a_notification_is_listed_and_acknowledged_once(ward: Ward) -> None:
    """Without it who saw a notification first would be whoever looked last."""
    waiting = ward.live(ward.trigger("notification"))
    run = waiting["run_id"]
    assert ward.cutter("approve", run, "--as", "content").status == 0
    assert (
        "1 notification for TEAM-N4RTH-33, critical-result@1.0"
        in ward.cutter("orchestrate", "resume", "--approval-kb-id", waiting["approval_kb_id"]).text
    )
    (listed,) = [
        json.loads(line)
        for line in ward.cutter("notifications", "list", "--output", "jsonl").text.splitlines()
        if run in line
    ]
    assert listed["shown"] == {"known": True, "text": "A critical result of urgency 4 waits in the South ward."}

    first, second = (ward.result("notifications", "ack", run[:8]) for _ in range(2))

    assert (first["by"], first["again"], second["by"], second["again"]) == ("operator", False, "operator", True)
    assert run not in ward.cutter("notifications", "list", "--output", "jsonl").text
    template = next((ward.workspace.folder / "policies" / "templates").glob("critical-result*"))
    text = template.read_text(encoding="utf-8")
    try:
        template.write_text(text.replace('version: "1.0"', 'version: "1.1"'), encoding="utf-8")
        gone = ward.cutter("notifications", "list", "--all").text
    finally:
        template.write_text(text, encoding="utf-8")
    assert "critical-result@1.0 is not in this workspace; it says: urgency 4, ward south" in gone
    assert ward.result("notifications", "ack", "00000000")["stop_code"] == "STOP_RUN_NOT_FOUND"


def test_a_denial_leads_to_its_reason(ward: Ward) -> None:
    """Without it whoever is refused is told to ask for a file that has no name."""
    denied = ward.cutter("trigger", ward.trigger("denied"), "--mode", "live")
    why = next(step for step in _steps(denied) if step[0] == "policies")

    assert "NO_CONSENT" in ward.cutter(*why).text
    refused = ward.cutter("trigger", str(ROOT / "policies" / "examples" / "unknown-type.json"), "--mode", "live")
    assert [step[0] for step in _steps(refused)] == ["runs"]
    assert ward.result("decisions", "show", _steps(refused)[0][2])["detail"] == "no_decision"

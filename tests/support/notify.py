"""A clinic: a workspace with the demo's policies, a directory, and a scripted mail server; runs that triggers start."""

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from cutter.app.system import RandomIds
from cutter.custody.files import private_folder, write_atomic
from cutter.custody.policies import load_selection
from cutter.events import GateWaiting, Record
from cutter.model import Mode, Pipeline
from cutter.policies.domain import Trigger
from cutter.policies.envelope import canonical, read_envelope
from cutter.policies.references import issue
from tests.support.mail_servers import HOST, PASSWORD, USER, MailServer, authority
from tests.support.runs import REPOSITORY, Office, ignore

PATIENT, OTHER_PATIENT, TEAM = issue("PAT", "7KQ2M4XA"), issue("PAT", "9DW5T8RC"), issue("TEAM", "N4RTH")
ADDRESS = "canary.person@example.org"
SECONDS = 10  # for one dialogue
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "lab.result_ready": {"patient": PATIENT, "consent": True, "severity": 2, "ward": "north", "language": "en"},
    "lab.result_critical": {"team": TEAM, "seen": False, "urgency": 4, "ward": "south"},
}
MESSAGE, NOTIFICATION = tuple(FIELDS)
EFFECTS = "SELECT (SELECT count(*) FROM comm.message), (SELECT count(*) FROM comm.notification)"


def trigger_of(kind: str = MESSAGE, payload: str = "A5K8R2ME", **changes: Any) -> bytes:
    """A trigger that is allowed once people have signed, but for the changes; a field that is changed to None is left
    out. `id` and `as_of` may be changed too.
    """
    said: dict[str, Any] = dict(FIELDS[kind]) | changes
    own: dict[str, Any] = {name: said.pop(name) for name in ("id", "as_of") if name in said}
    fields = {name: value for name, value in said.items() if value is not None}
    envelope = {"format": "cutter.trigger/1", "id": issue("TRG", payload), "as_of": "2026-06-01T08:00:00Z", **own}
    return json.dumps({**envelope, "type": kind, "fields": fields}).encode()


@dataclass(frozen=True)
class Clinic:
    """An office with policies, and the mail server that its letters are given to."""

    office: Office
    server: MailServer

    @property
    def policies(self) -> Path:
        """The folder of its policies."""
        return self.office.workspace / "policies"

    def given(self, data: bytes) -> dict[str, str]:
        """The inputs of the run that a trigger starts, read by the demo's own types."""
        trigger = read_envelope(data, load_selection(REPOSITORY / "policies").triggers)
        name = trigger.id if isinstance(trigger, Trigger) else f"REFUSED-{RandomIds().nonce()[:16]}"
        return {"trigger_id": name, "trigger": canonical(trigger), "attempt": "1"}

    def take(
        self,
        mode: Mode,
        data: bytes,
        run_id: str = "",
        notify: Callable[[Record], None] = ignore,
        *,
        pipeline: Pipeline | None = None,
        **given: str,
    ) -> tuple[Record, ...]:
        """One pass of a trigger's run; `given` are inputs that differ from those that the trigger starts it with."""
        chosen = pipeline or self.office.pipeline("notify")
        given = {**self.given(data), **given}
        return self.office.perform(mode, run_id or RandomIds().run_id(), "", notify, pipeline=chosen, given=given)

    def complete(self, data: bytes, run_id: str = "", **more: Any) -> tuple[Record, ...]:
        """A trigger's live run, signed wherever it waits."""
        run_id = run_id or RandomIds().run_id()
        records = self.take(Mode.LIVE, data, run_id, **more)
        while isinstance(records[-1].event, GateWaiting):
            self.office.approve(records)
            records = self.take(Mode.LIVE, data, run_id, **more)
        return records

    def approved(self, data: bytes, run_id: str, gates: int = 1) -> tuple[Record, ...]:
        """A live run that waits, and whose gates are signed up to the last one."""
        records: tuple[Record, ...] = ()
        for _ in range(gates):
            records = self.take(Mode.LIVE, data, run_id)
            self.office.approve(records)
        return records

    def edit(self, file: str, before: str, after: str) -> None:
        """Let a file of the policies say something else."""
        path = self.policies / file
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{file} does not say {before!r}"
        write_atomic(path, text.replace(before, after).encode(), 0o644)

    def altered(self, *changes: tuple[str, str]) -> Pipeline:
        """The shipped pipeline with texts exchanged, as the workspace's own file."""
        text = (REPOSITORY / "pipelines" / "notify.yaml").read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        folder = self.office.workspace / "pipelines"
        folder.mkdir(exist_ok=True)
        (folder / "notify.yaml").write_text(text, encoding="utf-8")
        return self.office.pipeline("notify")

    def limit_dialogue(self, seconds: float) -> None:
        """Let one dialogue with the mail server take so long at most."""
        configuration = self.office.workspace / "cutter.yaml"
        text = configuration.read_text(encoding="utf-8")
        limited = re.sub(r"deadline: PT\d+S", f"deadline: PT{max(1, round(seconds))}S", text)
        configuration.write_text(limited, encoding="utf-8")

    def forget(self, reference: str) -> None:
        """Take a reference out of the directory."""
        write_directory(self.office.settings.credentials, [r for r in (PATIENT, OTHER_PATIENT, TEAM) if r != reference])

    def plant_messages(self, count: int, policy: str = "other", recipient: str = PATIENT) -> None:
        """Let other runs have been about to send messages to somebody."""
        for number in range(count):
            run, trigger = str(uuid4()), issue("TRG", f"OTHER{number:04d}")
            self.office.alter(
                "INSERT INTO cutter_governance.run (tenant_id, run_id, pipeline, pipeline_sha256, mode, lock_key,"
                " requester, requester_login, started_by) VALUES"
                f" ('demo', '{run}', 'notify', repeat('0', 64), 'live', '{trigger}', 'operator', 'operator', 'policy')"
            )
            self.office.alter(
                "INSERT INTO comm.message (tenant_id, run_id, trigger_id, attempt, message_id, policy_id,"
                " policy_version, rule_id, template_id, template_version, recipient) VALUES"
                f" ('demo', '{run}', '{trigger}', 1, encode(sha256('{run}'), 'hex'), '{policy}', '1.0', 'r', 't',"
                f" '1.0', '{recipient}')"
            )

    @property
    def effects(self) -> tuple[int, int, int]:
        """Rows of messages, rows of notifications, and letters that the server keeps."""
        [(messages, notifications)] = self.office.rows(EFFECTS)
        return messages, notifications, len(self.server.stored)


def furnish(office: Office, server: MailServer) -> Clinic:
    """Give an office the demo's policies, a directory and a mail server."""
    shutil.copytree(REPOSITORY / "policies", office.workspace / "policies")
    configuration = office.workspace / "cutter.yaml"
    said = configuration.read_text() if configuration.exists() else "format: cutter.workspace/1\ndatabase: embedded\n"
    configuration.write_text(said + _comm(server), encoding="utf-8")
    shutil.copy(authority(), office.workspace / "ca.pem")
    credentials = office.settings.credentials
    private_folder(credentials, office.workspace)
    write_atomic(credentials / "smtp.password", f"{PASSWORD}\n".encode())
    write_directory(credentials, [PATIENT, OTHER_PATIENT, TEAM])
    return Clinic(office, server)


def write_directory(credentials: Path, references: Sequence[str]) -> None:
    """Let these references, and no others, exist."""
    entries = "".join(f"  {reference}: {{address: {ADDRESS}}}\n" for reference in references)
    write_atomic(credentials / "directory.yaml", f"format: cutter.directory/1\nreferences:\n{entries}".encode())


def _comm(server: MailServer) -> str:
    login = f"user: {USER}, password: {{file: smtp.password}}"
    smtp = f"host: {HOST}, port: {server.port}, from: cutter@example.org, {login}, ca_file: ca.pem"
    return f"comm: {{smtp: {{{smtp}, deadline: PT{SECONDS}S}}}}\n"

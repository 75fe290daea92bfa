"""An office that goes live on a test database: people with real throw-away keys, and the program's own use cases.

The database is reached through a libpq service, as an office's own server is; each person has a service of their own.
"""

import base64
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from cutter import canon
from cutter.app.orchestration import orchestrate, resume
from cutter.app.pipelines import load_pipeline
from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, write_envelope
from cutter.approval.request import PAYLOAD_TYPE, REJECTION_TYPE, Rejection
from cutter.approval.trust import PAYLOAD_TYPE as BUNDLE_TYPE
from cutter.approval.trust import Person, RunnerKey, TrustBundle, TrustedKey
from cutter.custody.files import private_folder, write_atomic
from cutter.custody.machine_key import load_runner_key, make_runner_key
from cutter.model import Mode
from cutter.postgres.signing import keep_signature
from cutter.report.result import Result
from cutter.settings import Settings, load_settings
from tests.plugins.keys import Keys
from tests.plugins.postgres import Database
from tests.support.runs import DEMO, REPOSITORY, Office, ignore

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "operator": ("operator",),
    "content": ("content",),
    "form": ("form",),
    "sovereign": ("sovereign",),
}
ALWAYS = ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z")


@dataclass(frozen=True)
class LiveOffice:
    """A workspace that people trust, its database, and their keys (the roots' among them)."""

    office: Office
    keys: Keys

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        return load_settings(self.office.workspace, {"XDG_STATE_HOME": str(self.office.workspace.parent / "state")})

    @property
    def database(self) -> Database:
        """The office's database."""
        return self.office.database

    @property
    def _runner_key(self) -> RunnerKey:
        public = load_runner_key(self.settings.credentials).public
        return RunnerKey(key_id="test", public=public, valid_from=ALWAYS[0], valid_to=ALWAYS[1])

    def trust(self, version: int = 1, **changes: object) -> TrustBundle:
        """Write the office's trust bundle, signed by the root."""
        folder = self.office.workspace / "trust"
        bundle = TrustBundle(
            version=version,
            expires=ALWAYS[1],
            throwaway=False,
            persons=tuple(self.person(name) for name in PEOPLE),
            revoked=(),
            quorums=(),
            runner_keys=(self._runner_key,),
            backup_recipients=(self.trusted("root"), self.trusted("second_root")),
        )
        changed: TrustBundle = msgspec.structs.replace(bundle, **changes)
        (folder / "roots").mkdir(parents=True, exist_ok=True)
        write_atomic(folder / "roots" / f"{self.keys.fprs['root']}.pgp", self.keys.public("root"), 0o644)
        write_atomic(folder / "bundle.json", self.envelope("root", BUNDLE_TYPE, changed.body), 0o644)
        return changed

    def trusted(self, key: str) -> TrustedKey:
        """A key as a bundle lists it."""
        return TrustedKey(fpr=self.keys.fprs[key], pubkey=base64.b64encode(self.keys.public(key)).decode())

    def envelope(self, key: str, payload_type: str, payload: bytes) -> bytes:
        """A DSSE envelope with one signature."""
        fpr = self.keys.fprs[key]
        sig = self.keys.signing().sign(pae(payload_type, payload), fpr)
        return write_envelope(Envelope(payload_type, payload, (EnvelopeSignature(fpr, sig),)))

    def person(self, name: str, *more: str) -> Person:
        """One of the people, as the bundle lists them; with more keys than one, by the names of those."""
        return Person(
            person_id=name,
            name=name.title(),
            keys=tuple(self.trusted(key) for key in (name, *more)),
            logins=(name,),
            roles=PEOPLE[name],
            tenants=("demo",),
            valid_from=ALWAYS[0],
            valid_to=ALWAYS[1],
        )

    def cut(self, document_id: str = DEMO, pipeline: str = "cut", approval_kb_id: str = "") -> Result:
        """The live line, as the operator gives it."""
        loaded = load_pipeline(self.settings, pipeline)
        given = {item.name: document_id if item.name == "document_id" else None for item in loaded.inputs}
        return orchestrate(self.settings, loaded, pipeline, given, Mode.LIVE, "test@somewhere", ignore, approval_kb_id)

    def resume(self, approval_kb_id: str | None) -> Result:
        """Going on with the run of a request."""
        return resume(self.settings, approval_kb_id or "", "test@somewhere", ignore)

    def request(self, approval_kb_id: str | None) -> bytes:
        """The bytes of a request."""
        kb_id = (approval_kb_id or "").replace("'", "")
        return bytes(self.office.rows(f"SELECT body FROM kb.document WHERE kb_id = '{kb_id}'")[0][0])

    def sign(self, approval_kb_id: str | None, *names: str, key: str = "") -> None:
        """Let people sign a request, each by their own login (and key, unless another is named)."""
        body = self.request(approval_kb_id)
        for name in names:
            self.keep(approval_kb_id, name, "approval", self.envelope(key or name, PAYLOAD_TYPE, body))

    def reject(self, approval_kb_id: str | None, name: str) -> None:
        """Let somebody sign a no."""
        request_sha256 = canon.sha256(self.request(approval_kb_id))
        body = Rejection(request_sha256=request_sha256, reason_sha256=canon.sha256(b"no")).body
        self.keep(approval_kb_id, name, "rejection", self.envelope(name, REJECTION_TYPE, body))

    def keep(self, approval_kb_id: str | None, login: str, kind: str, envelope: bytes) -> None:
        """Hand a signature in, by a login."""
        keep_signature(self.database.conninfo(login), "cutter/sign", approval_kb_id or "", kind, envelope)

    def complete(self, document_id: str = DEMO, pipeline: str = "cut", *signers: str) -> Result:
        """A live run to its end, signed at every gate."""
        result = self.cut(document_id, pipeline)
        while result.exit_code == 10:
            self.sign(result.approval_kb_id, *(signers or ("sovereign",)))
            result = self.resume(result.approval_kb_id)
        return result

    def write_pipeline(self, name: str, *changes: tuple[str, str]) -> None:
        """Put a changed copy of the shipped cut into the workspace, under its own name."""
        text = (REPOSITORY / "pipelines" / "cut.yaml").read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        folder = self.office.workspace / "pipelines"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.yaml").write_text(text.replace("id: cut\n", f"id: {name}\n"), encoding="utf-8")


def go_live(office: Office, keys: Keys) -> LiveOffice:
    """Give an office what a live run needs: a service, pinned roots, a runner key, a bundle."""
    live = LiveOffice(office, keys)
    workspace = office.workspace
    (workspace / "cutter.yaml").write_text(
        f"format: cutter.workspace/1\ndatabase: {{service: office}}\ntrust: {{roots: ['{keys.fprs['root']}']}}\n",
        encoding="utf-8",
    )
    where = (f"host={office.database.server.socket}", "port=5432", "user=operator", f"dbname={office.database.name}")
    (workspace / "pg_service.conf").write_text("\n".join(("[office]", *where, "")), encoding="utf-8")
    settings = live.settings
    private_folder(settings.state)
    make_runner_key(settings.credentials)
    shutil.copytree(keys.home, settings.credentials / "gnupg", ignore=shutil.ignore_patterns("S.*"))
    live.trust()
    return live

"""Runs of the shipped pipeline on a test database, with real ports; only signatures are the stub's, to be quick.

How people sign with real keys, and how runs go on then, is tested with `tests.support.live`.
"""

import base64
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from cutter import canon
from cutter.app.comm import LatePostbox, build_policies
from cutter.app.compose import pins_of
from cutter.app.documents import open_texts
from cutter.app.orchestration import lock_key_of, tell_story
from cutter.app.pipelines import load_pipeline
from cutter.app.system import RandomIds, SystemClock, describe_environment
from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, write_envelope
from cutter.approval.packets import primary_fingerprint
from cutter.approval.reading import read_request
from cutter.approval.request import PAYLOAD_TYPE, REJECTION_TYPE, Rejection
from cutter.approval.trust import LoadedTrust, Person, TrustBundle, TrustedKey
from cutter.contracts import Vault
from cutter.custody.files import create_exclusive, write_atomic
from cutter.custody.sidecar import RunFolders
from cutter.custody.signing import StubSigning
from cutter.custody.vault import BackupVault
from cutter.engine import execute
from cutter.events import Acted, Completed, Facts, GateWaiting, Record, Stopped
from cutter.model import Inputs, InputValue, Mode, Pipeline
from cutter.operations import CATALOGUE
from cutter.order import ApprovalPorts, Asked, Order, Ports
from cutter.postgres.approvals import PostgresApprovals
from cutter.postgres.fingerprint import take_fingerprint
from cutter.postgres.signing import keep_signature
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing, Rehearsing
from cutter.settings import Settings, load_settings
from tests.plugins.postgres import Database
from tests.support.clocks import ShiftedClock

REPOSITORY = Path(__file__).parents[2]
DEMO = "ICX-CONST"


def ignore(record: Record) -> None:
    """A `Notify` that listens to nothing."""


class ClearCipher:
    """Encrypts nothing, for runs whose subject is not the backup: gpg takes its place in the program (`Cipher`)."""

    def recipients(self) -> Sequence[str]:
        """Two who are nobody."""
        return ("0" * 40, "1" * 40)

    def tool(self) -> str:
        """Nothing."""
        return "clear"

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes as they are."""
        yield from chunks

    def unlocked(self) -> AbstractContextManager[None]:
        """No key to hold."""
        return nullcontext()

    def decrypt(self, chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
        """The bytes as they are."""
        yield from chunks


# Packets of Ed25519 public keys (RFC 4880 §5.5.2) whose secrets nobody has: the stub signs in their names.
_POINT = bytes.fromhex("2b06010401da470f01")


def _public_key(number: int) -> bytes:
    point = b"\x40" + bytes([number]) * 32
    key = b"\x04\x5e\x0b\xe1\x00\x16" + bytes([len(_POINT)]) + _POINT + (263).to_bytes(2, "big") + point
    return b"\x99" + len(key).to_bytes(2, "big") + key


KEYS = {"sovereign": _public_key(7), "content": _public_key(8)}
SOVEREIGN_KEY = KEYS["sovereign"]
_SECRET = secrets.token_bytes(32)
SIGNING = StubSigning(SystemClock().now, _SECRET)


class StaticTrust:
    """The trust of a test office: everybody is known; the sovereign and the content's reviewer sign by the stub."""

    def load(self) -> LoadedTrust:
        """The bundle, believed without roots."""
        keys = {
            name: TrustedKey(fpr=primary_fingerprint(key), pubkey=base64.b64encode(key).decode())
            for name, key in KEYS.items()
        }
        persons = tuple(
            Person(
                person_id=name,
                name=name,
                keys=(keys[name],) if name in keys else (),
                logins=(name,),
                roles=(name,),
                tenants=("demo",),
                valid_from="2020-01-01T00:00:00Z",
                valid_to="2099-01-01T00:00:00Z",
            )
            for name in ("operator", "content", "form", "sovereign")
        )
        bundle = TrustBundle(
            version=1,
            expires="2099-01-01T00:00:00Z",
            throwaway=True,
            persons=persons,
            revoked=(),
            quorums=(),
            runner_keys=(),
            backup_recipients=(),
        )
        return LoadedTrust(bundle)


class NoPages:
    """No page is kept: nobody reads it."""

    def write(self, order: Order, asked: Asked, /) -> str:
        """The digest of a page that would say the plan's digest."""
        return canon.sha256(asked.plan.sha256.encode())


@dataclass(frozen=True)
class Office:
    """A workspace with documents, a database of its own, and its host's clock."""

    database: Database
    workspace: Path
    clock: ShiftedClock = field(default_factory=ShiftedClock)

    @property
    def settings(self) -> Settings:
        """The workspace's settings."""
        return load_settings(self.workspace, {})

    @property
    def signing(self) -> StubSigning:
        """The stub, which signs at the office's time."""
        return StubSigning(self.clock.now, _SECRET)

    def pipeline(self, name: str = "cut") -> Pipeline:
        """A shipped pipeline."""
        return load_pipeline(self.settings, name)

    def perform(
        self,
        mode: Mode,
        run_id: str,
        document_id: str = DEMO,
        notify: Callable[[Record], None] = ignore,
        *,
        pipeline: Pipeline | None = None,
        scope: str = "enacted_only",
        vault: Vault | None = None,
        given: Mapping[str, str] | None = None,
    ) -> tuple[Record, ...]:
        """Execute (or resume) one run until it ends, waits or stops; all its events.

        `given` are inputs of a pipeline that is not about a document.
        """
        chosen = pipeline or self.pipeline()
        kind = Rehearsing if mode is Mode.DRYRUN else Committing
        transactor = kind(self.database.conninfo("operator"), f"cutter/{run_id[:8]}", Roles())
        with closing(transactor):
            inputs = inputs_of(chosen, {"document_id": document_id, "scope": scope, **(given or {})})
            server = transactor.target.server_version
            return execute(self._ports(transactor, notify, vault), self._order(chosen, inputs, mode, run_id, server))

    def rehearse(
        self,
        run_id: str,
        document_id: str = DEMO,
        notify: Callable[[Record], None] = ignore,
        vault: Vault | None = None,
    ) -> tuple[Record, ...]:
        """Rehearse the shipped pipeline."""
        return self.perform(Mode.DRYRUN, run_id, document_id, notify, vault=vault)

    def complete(
        self,
        run_id: str,
        document_id: str = DEMO,
        notify: Callable[[Record], None] = ignore,
        *,
        pipeline: Pipeline | None = None,
        given: Mapping[str, str] | None = None,
    ) -> tuple[Record, ...]:
        """Commit one run to its end, its gates approved whenever it waits."""
        while True:
            records = self.perform(Mode.LIVE, run_id, document_id, notify, pipeline=pipeline, given=given)
            match records[-1].event:
                case GateWaiting():
                    self.approve(records)
                case _:
                    return records

    def approve(self, records: Sequence[Record], kind: str = "approval") -> None:
        """Let those whom the gate asks sign what the run waits for: a yes, or (`rejection`) a no."""
        waiting = records[-1].event
        assert isinstance(waiting, GateWaiting)
        [(stored,)] = self.rows(f"SELECT body FROM kb.document WHERE kb_id = '{waiting.approval_kb_id}'")
        body, payload_type = bytes(stored), PAYLOAD_TYPE
        if kind == "rejection":
            request_sha256 = canon.sha256(body)
            body = Rejection(request_sha256=request_sha256, reason_sha256=canon.sha256(b"no")).body
            payload_type = REJECTION_TYPE
        for asked in read_request(bytes(stored), canon.sha256(bytes(stored))).quorum.roles:
            fpr = primary_fingerprint(KEYS[asked.role])
            signature = self.signing.sign(pae(payload_type, body), fpr)
            envelope = write_envelope(Envelope(payload_type, body, (EnvelopeSignature(fpr, signature),)))
            keep_signature(self.database.conninfo(asked.role), "cutter/sign", waiting.approval_kb_id, kind, envelope)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the superuser sees."""
        with psycopg.connect(self.database.superuser) as connection:
            return connection.execute(query.encode()).fetchall()

    def alter(self, statement: str) -> None:
        """What the superuser does behind cutter's back."""
        with psycopg.connect(self.database.superuser) as connection:
            connection.execute(statement.encode())

    def add_text(self, document_id: str, text: str, version: str = "1", status: str = "enacted") -> None:
        """Put a text of the test's own into the workspace."""
        self.add_version(document_id, {version: (text, status)})

    def replace_text(self, document_id: str, text: str) -> None:
        """Let the only version of a document be another text, in file and index."""
        folder = self.workspace / "documents"
        file, index = folder / f"{document_id}.1.txt", folder / "index.yaml"
        before = canon.sha256(file.read_bytes())
        file.write_text(text, encoding="utf-8")
        listed = index.read_text(encoding="utf-8").replace(before, canon.sha256(text.encode()))
        write_atomic(index, listed.encode())

    def add_version(self, document_id: str, versions: Mapping[str, tuple[str, str]]) -> None:
        """Put a document with several versions, oldest first, into the workspace: texts and statuses by version."""
        folder = self.workspace / "documents"
        entry = f"  - id: {document_id}\n    title: {{vi: Thử}}\n    language: vi\n    versions:\n"
        for version, (text, status) in versions.items():
            file = f"{document_id}.{version}.txt"
            create_exclusive(folder / file, text.encode())
            sha256 = canon.sha256(text.encode())
            entry += f"      - {{version: '{version}', file: {file}, sha256: {sha256}, status: {status}}}\n"
        index = folder / "index.yaml"
        write_atomic(index, index.read_bytes() + entry.encode())

    def _ports(
        self, transactor: Committing | Rehearsing, notify: Callable[[Record], None], vault: Vault | None
    ) -> Ports:
        return Ports(
            transactor=transactor,
            texts=open_texts(self.settings),
            vault=vault or BackupVault(self.workspace / "vault", ClearCipher(), "this-host"),
            sidecars=RunFolders(self.settings.state),
            clock=self.clock,
            ids=RandomIds(),
            notify=notify,
            catalogue=CATALOGUE,
            take_fingerprint=take_fingerprint,
            pins=pins_of(self.settings),
            approvals=ApprovalPorts(
                records=PostgresApprovals(),
                signing=self.signing,
                trust=StaticTrust(),
                reviews=NoPages(),
                throwaway_allowed=True,
            ),
            checkpoint=lambda: None,
            policies=build_policies(self.settings),
            postbox=LatePostbox(self.settings),
            find_setback=lambda _session, _run_id: None,
        )

    def _order(self, pipeline: Pipeline, inputs: Inputs, mode: Mode, run_id: str, server: str) -> Order:
        return Order(
            run_id=run_id,
            pipeline=pipeline,
            inputs=inputs,
            mode=mode,
            actor="test@somewhere",
            lock_key=lock_key_of(pipeline, inputs),
            story=tell_story(pipeline, inputs, mode),
            environment=describe_environment(server),
        )


def inputs_of(pipeline: Pipeline, given: Mapping[str, str]) -> Inputs:
    """The inputs that a pipeline declares, of those given; else its own defaults."""
    return Inputs(tuple(InputValue(item.name, given.get(item.name, item.default)) for item in pipeline.inputs))


def outcome_of(records: Sequence[Record], phase: str) -> Facts:
    """The outcome of a phase."""
    return next(r.event.outcome for r in reversed(records) if r.phase == phase and isinstance(r.event, Acted))


def stop_of(records: Sequence[Record]) -> Stopped:
    """The stop that a run ended with."""
    event = records[-1].event
    assert isinstance(event, Stopped), type(event).__name__
    return event


def completed(records: Sequence[Record]) -> bool:
    """Whether a run ended well."""
    return isinstance(records[-1].event, Completed)

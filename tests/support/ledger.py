"""Runs in a real ledger, as a live run leaves them up to its first gate and a step beyond; and who signs checkpoints.

What the phases before the gate find comes from a rehearsal; documents, request, use and events are then committed
through the adapters that live runs use. The engine is not asked, so that what is verified here does not depend on it.
"""

import dataclasses
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest

from cutter import __version__, canon, chain
from cutter.app.checkpoints import take_checkpoint
from cutter.app.compose import Reached
from cutter.app.kept import find_kept
from cutter.app.ledger import VerifiedLedger, verify_ledger_at
from cutter.app.system import SystemClock
from cutter.approval.request import (
    PAYLOAD_TYPE,
    ApprovalRequest,
    LedgerSeen,
    Quorum,
    RequestTarget,
    Tool,
    TrustedBundle,
)
from cutter.approval.trust import RunnerKey, TrustBundle
from cutter.checkpoints import Checkpoint
from cutter.contracts import KnowledgeDocument, RunRow
from cutter.custody.machine_key import make_runner_key
from cutter.custody.sidecar import EVENTS, INDEX, START, RunFolders
from cutter.custody.signing import StubSigning
from cutter.events import (
    AnyEvent,
    ApprovalVerified,
    GateOpened,
    GateWaiting,
    Planned,
    Published,
    Record,
    Resumed,
    Spawned,
    Started,
)
from cutter.evidence import Start, Story, file_name, index_of, phase_document, sidecars, start_document
from cutter.model import Inputs, InputValue, Mode, RoleQuorum
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing
from cutter.settings import Service, Settings
from tests.support.runs import DEMO, Office

SERVICE = "cutter_test"
GATE = "GATE_CUT_AUTHORIZATION"
AT_GATE = "authorize_cut"
PLAN = canon.encode({"format": "cutter.plan/1", "pipeline": "cut"})
_EVER = ("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
GENESIS = (
    "UPDATE cutter_governance.ledger_head SET database_oid = d.oid::bigint, head_sha256 ="
    " encode(sha256(convert_to(concat_ws(E'\\n', 'cutter-ledger/v1 genesis', tenant_id, system_identifier,"
    " d.oid::bigint::text, log_id::text), 'UTF8')), 'hex') FROM pg_database AS d WHERE d.datname = current_database()"
)


# The triggers that fire whoever writes, as the migrations leave them.
ALWAYS = """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger
    WHERE NOT tgisinternal AND tgname IN ('append_only', 'append_only_rows', 'forward')
"""


@dataclass(frozen=True)
class LedgerOffice:
    """An office with a runner key that its trust bundle would name."""

    office: Office
    home: Path
    public: str
    rehearsed: tuple[Record, ...]

    @property
    def settings(self) -> Settings:
        """The workspace's settings: the database is a service; what the user keeps is in a folder of the test's."""
        return dataclasses.replace(
            self.office.settings,
            database=Service(SERVICE),
            credentials=self.home / "credentials",
            user_state=self.home / "state",
        )

    @property
    def reached(self) -> Reached:
        """The database."""
        return Reached(self.office.database.conninfo("operator"), "test")

    @property
    def trust(self) -> TrustBundle:
        """A bundle that names the runner key, and nobody else."""
        key = RunnerKey(key_id="host-1", public=self.public, valid_from=_EVER[0], valid_to=_EVER[1])
        return TrustBundle(
            version=1,
            expires=_EVER[1],
            throwaway=True,
            persons=(),
            revoked=(),
            quorums=(),
            runner_keys=(key,),
            backup_recipients=(),
        )

    def verify(self, trust: TrustBundle | None = None) -> VerifiedLedger:
        """Verify the ledger, with this bundle or its own."""
        return verify_ledger_at(self.settings, self.reached, trust or self.trust, StubSigning(SystemClock().now))

    def checkpoint(self) -> Checkpoint | None:
        """Take a checkpoint as a live pass does at its end."""
        with closing(self._transactor("checkpoint")) as transactor:
            return take_checkpoint(self.settings, transactor)

    def sign(self, run_id: str, envelope: bytes, request_sha256: str, person: str) -> None:
        """Leave the row that somebody's signature leaves."""
        with psycopg.connect(self.office.database.superuser) as connection:
            connection.execute(
                "INSERT INTO cutter_governance.signature"
                " (tenant_id, request_sha256, signature_sha256, kb_id, kind, envelope, person_id, login_name)"
                " SELECT 'demo', %s, %s, kb_id, 'approval', %s, %s, %s FROM kb.document"
                " WHERE run_id = %s AND kb_id LIKE 'approvals/%%'",
                (request_sha256, canon.sha256(envelope), envelope, person, person, run_id),
            )

    def record(self, *, opened: bool = True) -> str:
        """Record a run that waits at its first gate, or has passed it; its id."""
        run_id = str(uuid4())
        with closing(self._transactor(run_id)) as transactor:
            writer = _Writer(transactor, run_id, self.office, self.rehearsed)
            writer.up_to_the_gate()
            if opened:
                self._use(writer)
                writer.beyond_the_gate()
        return run_id

    def keep_files(self, run_id: str, *, events: int | None = None) -> Path:
        """Write the files of a run as its host does: of the first events only, where it went on elsewhere."""
        folders = RunFolders(self.settings.state)
        kept = find_kept(self.settings, run_id)
        records, story = kept.records[:events], kept.start.story
        links = chain.link(records, chain.rehearsal_genesis(run_id), "demo", "operator")
        made = sidecars(run_id, story, records)
        for item in made:
            folders.write(run_id, file_name(item), canon.encode(item))
        folders.write(run_id, START, start_document(kept.start).body)
        folders.write(run_id, EVENTS, b"".join(link.body + b"\n" for link in links))
        folders.write(run_id, INDEX, canon.encode(index_of(run_id, story, made, links[-1].sha256)))
        return folders.folder(run_id)

    def as_superuser(self, *statements: str) -> None:
        """What somebody does who owns the database: even the triggers that always fire are taken off first."""
        governance = ("ledger_event", "ledger_head", "checkpoint", "approval_use", "signature")
        tables = [*(f"cutter_governance.{name}" for name in governance), "kb.document"]
        with psycopg.connect(self.office.database.superuser) as connection:
            for table in tables:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
            for statement in statements:
                connection.execute(statement.encode())
            for table in tables:
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL".encode())
            for table, name in connection.execute(ALWAYS).fetchall():
                connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}".encode())

    def _transactor(self, run_id: str) -> Committing:
        return Committing(self.office.database.conninfo("operator"), f"cutter/{run_id[:8]}", Roles())

    def _use(self, writer: "_Writer") -> None:
        with psycopg.connect(self.office.database.superuser) as connection:
            connection.execute(
                "INSERT INTO cutter_governance.approval_use"
                " (tenant_id, request_sha256, run_id, gate_id, covers, doc_prefix, row_count)"
                " VALUES ('demo', %s, %s, %s, '{}', %s, 0)",
                (writer.request.sha256, writer.run_id, GATE, DEMO),
            )


def open_ledger_office(office: Office, home: Path, monkeypatch: pytest.MonkeyPatch) -> LedgerOffice:
    """An office with a runner key, and a ledger that says that it was begun in this very database (not a template)."""
    home.mkdir(parents=True)
    words = psycopg.conninfo.conninfo_to_dict(office.database.conninfo("operator"))
    lines = (f"[{SERVICE}]", *(f"{name}={value}" for name, value in words.items()))
    (home / "services").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(home / "services"))
    rehearsal = str(uuid4())
    rehearsed = office.rehearse(rehearsal)
    shutil.rmtree(RunFolders(office.settings.state).folder(rehearsal))
    made = LedgerOffice(office, home, make_runner_key(home / "credentials"), rehearsed)
    made.as_superuser(GENESIS)
    return made


class _Writer:
    """Writes the events and documents of one run."""

    def __init__(self, transactor: Committing, run_id: str, office: Office, rehearsed: Sequence[Record]) -> None:
        self._transactor = transactor
        self.run_id = run_id
        self._rehearsed = rehearsed
        self._records: list[Record] = []
        self._pending: list[Record] = []
        pipeline = office.pipeline()
        inputs = Inputs((InputValue("document_id", DEMO), InputValue("scope", "enacted_only")))
        self._story = Story(pipeline.id, pipeline.sha256, "Cut", "cutter orchestrate cut --mode live")
        self._start = Start(
            run_id=run_id, story=self._story, mode=Mode.LIVE, inputs=inputs, pipeline=pipeline.source.decode()
        )
        transactor.begin(RunRow(run_id, pipeline.id, pipeline.sha256, Mode.LIVE, DEMO))
        self.request = self._request()

    def up_to_the_gate(self) -> None:
        """Everything that a rehearsal does before its first gate, committed; then the request."""
        for record in self._rehearsed:
            event = record.event
            if record.phase == AT_GATE:
                break
            if isinstance(event, Spawned):
                self._note("", msgspec.structs.replace(event, mode=Mode.LIVE.value))
                self._commit("", [start_document(self._start)])
            elif isinstance(event, Published):
                self._publish(record.phase)
            else:
                self._note(record.phase, event)
        self._note(AT_GATE, Started(index=self._index(AT_GATE), operation=""))
        self._note(AT_GATE, Planned(plan_sha256=canon.sha256(PLAN), survey_sha256=canon.sha256(b"")))
        self._wait()

    def beyond_the_gate(self) -> None:
        """The approval is verified and, in the next phase, used."""
        spawned = self._records[0].event
        assert isinstance(spawned, Spawned)
        names = {"gate": GATE, "request_sha256": self.request.sha256}
        self._note("", Resumed(environment=spawned.environment))
        self._note(AT_GATE, Started(index=self._index(AT_GATE), operation=""))
        self._note(AT_GATE, ApprovalVerified(persons=("sovereign",), **names))
        self._publish(AT_GATE)
        self._note("backup", Started(index=self._index("backup"), operation="custody.backup@1"))
        self._note("backup", GateOpened(**names))
        self._commit("backup", [])

    def _wait(self) -> None:
        request = self.request
        self._note(
            AT_GATE,
            GateWaiting(
                gate=GATE,
                plan_sha256=canon.sha256(PLAN),
                request_sha256=request.sha256,
                approval_kb_id=request.kb_id,
                approve_by=request.approve_by,
            ),
        )
        plan = KnowledgeDocument(f"runs/{self.run_id}/plan", "application/json", PLAN)
        self._commit(AT_GATE, [KnowledgeDocument(request.kb_id, PAYLOAD_TYPE, request.body), plan])

    def _note(self, phase: str, event: AnyEvent) -> None:
        record = Record(len(self._records) + 1, self.run_id, phase, self._rehearsed[0].at, event)
        self._records.append(record)
        self._pending.append(record)

    def _publish(self, phase: str) -> None:
        starts = [i for i, r in enumerate(self._records) if r.phase == phase and isinstance(r.event, Started)]
        attempt = [record for record in self._records[starts[-1] :] if record.phase == phase]
        document = phase_document(self.run_id, self._story, attempt)
        sha256 = canon.sha256(document.body)
        self._note(phase, Published(kb_id=document.kb_id, sha256=sha256, size=len(document.body)))
        self._commit(phase, [document])

    def _commit(self, phase: str, documents: Sequence[KnowledgeDocument]) -> None:
        with self._transactor.write(phase) as transaction:
            for document in documents:
                transaction.publish(document)
            transaction.append(self._pending)
        self._pending.clear()

    def _index(self, phase: str) -> int:
        found = [r.event.index for r in self._rehearsed if r.phase == phase and isinstance(r.event, Started)]
        return found[0]

    def _request(self) -> ApprovalRequest:
        """A request that says what the ledger was before the run."""
        with self._transactor.ledger.snapshot() as session:
            head = session.rows("SELECT log_id::text, size, head_sha256 FROM cutter_governance.ledger_head", {})[0]
        target = self._transactor.target
        digest = canon.sha256(b"")
        return ApprovalRequest(
            tenant="demo",
            run_id=self.run_id,
            gate_id=GATE,
            gate_index=self._index(AT_GATE),
            pipeline=self._story.pipeline,
            pipeline_sha256=self._story.pipeline_sha256,
            plan_sha256=canon.sha256(PLAN),
            outcomes_sha256=digest,
            covers=(),
            lock_key=DEMO,
            row_count=0,
            survey_sha256=digest,
            expected_after_sha256=digest,
            fingerprint_pins_sha256=digest,
            backup_policy_sha256=digest,
            review_sha256=digest,
            target=RequestTarget(
                system_identifier=target.system_identifier,
                database_oid=target.database_oid,
                ledger_log_id=target.ledger_log_id,
                schema="0008",
            ),
            policy_sha256=digest,
            quorum=Quorum(threshold=1, roles=(RoleQuorum("sovereign", 1),)),
            requester="operator",
            trust_bundle=TrustedBundle(version=1, sha256=digest),
            issued_at="2026-11-21T10:00:00Z",
            approve_by="2026-11-22T10:00:00Z",
            execute_by="2026-11-23T10:00:00Z",
            nonce=uuid4().hex,
            ledger_seen=LedgerSeen(log_id=head[0], size=head[1], head_sha256=head[2]),
            tool=Tool(name="cutter", version=__version__),
        )

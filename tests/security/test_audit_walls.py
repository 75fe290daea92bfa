"""What auditors may see: closed columns of the tenant's events, in an order that tells nothing, and not one thing more.

The events of the first half are planted by a superuser, with canaries in every place that an event has; those of the
second are what real runs left behind.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import msgspec
import psycopg
import pytest

from cutter.app.audit import FORMS, export_to, open_audit
from cutter.app.orchestration import orchestrate
from cutter.app.pipelines import load_pipeline
from cutter.contracts.policies import SendOutcome
from cutter.events import Aborted, Acted, AnyEvent, Spawned, Started, Stopped
from cutter.model import GatePhase, Mode, OperationPhase, Pipeline
from cutter.operations import CATALOGUE
from cutter.policies.decision import Reason
from cutter.policies.policy import Verdict
from cutter.postgres.audit import stream_audit
from cutter.postgres.migrate import Duty, Login, migrate
from cutter.report.audit import COLUMNS
from cutter.resources import shared
from cutter.settings import Settings, load_settings
from cutter.stops import Category, Exit, Stop, StopCode
from tests.plugins.postgres import Database
from tests.security.ground import LOGINS, ZEROS, Walls
from tests.support.canaries import Canary, Scanner, Surface
from tests.support.live import LiveOffice
from tests.support.runs import ignore

AUDITORS = (Login("auditor", "demo", "auditor", Duty.AUDIT), Login("foreigner", "elsewhere", "foreigner", Duty.AUDIT))
VIEW = "cutter_governance.audit"
CANARY = "canary7f3a9d51"  # has digits, as every number, date and identifier has
AT = "2026-01-02T03:04:05.678901Z"


@pytest.fixture
def audited(walls: Walls) -> Walls:
    """A migrated database with auditors of two tenants."""
    migrate(walls.database.superuser, (*LOGINS, *AUDITORS))
    return walls


def plant(walls: Walls, events: Sequence[tuple[str, object]], tenant: str = "demo", **changes: str) -> None:
    """Write events of a new run into a tenant's ledger, each with its phase; what names the run may be changed."""
    run = {"pipeline": "cut", "mode": "live", "started_by": "person", "at": AT} | changes
    run_id = str(uuid4())
    walls.superuser.execute(
        "INSERT INTO cutter_governance.run"
        " (tenant_id, run_id, pipeline, pipeline_sha256, mode, lock_key, requester, started_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (tenant, run_id, run["pipeline"], ZEROS, run["mode"], CANARY, CANARY, run["started_by"]),
    )
    for phase, data in events:
        body = {"v": 1, "tenant": tenant, "run_id": run_id, "phase": phase, "at": run["at"], "data": data}
        append(walls, json.dumps(body | {"person_id": CANARY, "tool_version": CANARY}).encode(), run_id, tenant)


def append(walls: Walls, body: bytes, run_id: str, tenant: str = "demo") -> None:
    """Append a body to the ledger, beside every wall."""
    walls.superuser.execute(
        "INSERT INTO cutter_governance.ledger_event (tenant_id, seq, run_id, body, row_sha256, prev_sha256)"
        " SELECT %s, coalesce(max(seq), 0) + 1, %s, %s, %s, %s FROM cutter_governance.ledger_event"
        " WHERE tenant_id = %s",
        (tenant, run_id, body, ZEROS, ZEROS, tenant),
    )


def seen(walls: Walls, login: str = "auditor") -> list[dict[str, Any]]:
    """The rows of the view, as a login sees them that takes the auditors' role."""
    found = stream_audit(walls.database.conninfo(login), None, None)
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


def column(walls: Walls, name: str) -> set[Any]:
    """The values of one column."""
    return {row[name] for row in seen(walls)} - {None}


# The role

EVERYTHING = """
    SELECT format('%%s %%s', p.name, c.oid::regclass) FROM pg_class AS c
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS p (name)
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND c.relnamespace = ANY (%(ours)s::regnamespace[])
      AND (has_table_privilege(%(role)s, c.oid, p.name) OR has_any_column_privilege(%(role)s, c.oid, p.name))
    UNION ALL
    SELECT format('%%s %%s', p.name, c.oid::regclass) FROM pg_class AS c
    CROSS JOIN unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS p (name)
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND c.relnamespace = ANY (%(ours)s::regnamespace[])
      AND has_table_privilege(%(role)s, c.oid, p.name)
    UNION ALL
    SELECT format('EXECUTE %%s', f.oid::regprocedure) FROM pg_proc AS f
    WHERE f.pronamespace = ANY (%(ours)s::regnamespace[]) AND has_function_privilege(%(role)s, f.oid, 'EXECUTE')
    UNION ALL
    SELECT format('%%s %%s', p.name, n.oid::regnamespace) FROM pg_namespace AS n
    CROSS JOIN unnest(ARRAY['USAGE', 'CREATE']) AS p (name)
    WHERE n.oid = ANY (%(ours)s::regnamespace[]) AND has_schema_privilege(%(role)s, n.oid, p.name)
    UNION ALL
    SELECT format('%%s database', p.name) FROM unnest(ARRAY['CREATE', 'TEMPORARY']) AS p (name)
    WHERE has_database_privilege(%(role)s, current_database(), p.name)
    ORDER BY 1
"""


def test_the_role_may_do_one_thing(audited: Walls) -> None:
    """Without it the next table, view or function could be readable by auditors, and nobody would see it."""
    ours = [
        name
        for (name,) in audited.superuser.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        )
    ]
    assert {"library", "cutter_governance", "kb"} <= set(ours)
    found = audited.superuser.execute(EVERYTHING.encode(), {"ours": ours, "role": "cutter_auditor"}).fetchall()
    assert [what for (what,) in found if what != "USAGE public"] == [
        "EXECUTE cutter_governance.fn_audit()",  # what the view is made of: the same rows
        f"SELECT {VIEW}",
        "USAGE cutter_governance",
    ]


def test_the_role_is_nobody_and_has_no_other(audited: Walls) -> None:
    """Without it an auditor could connect as the role, or rise by a role that it has."""
    found = audited.superuser.execute(
        "SELECT r.rolcanlogin, r.rolinherit, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,"
        " (SELECT count(*) FROM pg_auth_members AS m WHERE m.member = r.oid) FROM pg_roles AS r"
        " WHERE r.rolname = 'cutter_auditor'"
    ).fetchone()
    assert found == (False, False, False, False, False, False, 0)


def test_an_auditors_login_has_this_role_alone(audited: Walls) -> None:
    """Without it whoever was given an auditor's account could read what operators read."""
    found = audited.superuser.execute(
        "SELECT m.roleid::regrole::text FROM pg_auth_members AS m WHERE m.member = 'auditor'::regrole"
    ).fetchall()
    assert found == [("cutter_auditor",)]


# What is read that may not be; what is written where nothing can be.
REFUSALS = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
ATTEMPTS = {
    "the ledger": "SELECT body FROM cutter_governance.ledger_event",
    "its head": "SELECT size FROM cutter_governance.ledger_head",
    "runs": "SELECT run_id FROM cutter_governance.run",
    "who is who": "SELECT person_id FROM cutter_governance.login",
    "documents": "SELECT body FROM kb.document",
    "texts": "SELECT text FROM library.source_version",
    "its own tenant": "SELECT cutter_governance.current_tenant()",
    "its own person": "SELECT cutter_governance.current_person()",
    "the database's name for the ledger": "SELECT * FROM cutter_governance.fn_target()",
    "the ledger's head, by its function": "SELECT * FROM cutter_governance.fn_ledger_head()",
    "to write the view": f"INSERT INTO {VIEW} (event) VALUES ('x')",
    "to empty the view": f"DELETE FROM {VIEW}",
    "a view of its own": f"CREATE VIEW cutter_governance.more AS SELECT * FROM {VIEW}",
    "a function of its own": "CREATE FUNCTION pg_temp.leak(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "the owner's role": "SET ROLE cutter_ledger",
    "the survey's role": "SET ROLE cutter_survey",
    "the sessions' files": "SELECT pg_read_file('pg_hba.conf')",
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_auditor_reads_nothing_else(audited: Walls, name: str) -> None:
    """Without it «metadata only» would hold of the view, and not of what an auditor sees."""
    conn = audited.connect("auditor")
    for role in ("auditor", "cutter_auditor"):
        with pytest.raises(REFUSALS), conn.transaction():
            conn.execute(f"SET LOCAL ROLE {role}".encode())
            conn.execute(ATTEMPTS[name].encode())


def test_a_plan_tells_nothing(audited: Walls) -> None:
    """Without it EXPLAIN would name tables and conditions, and a condition that is asked first would see whole rows."""
    plant(audited, [("cut", {"event": "started"})])
    conn = audited.connect("auditor")
    conn.execute(b"SET ROLE cutter_auditor")
    told = conn.execute(f"EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM {VIEW} WHERE event LIKE '%x%'".encode()).fetchall()
    plan = "\n".join(line for (line,) in told)
    assert "fn_audit" in plan
    assert not [word for word in ("ledger_event", "tenant", "run_id", "body", "Rows Removed by Index") if word in plan]


# What comes out


def filled(kind: type[Any]) -> dict[str, Any]:
    """An event of a kind with a canary in every place that takes text, also in such as hold free keys."""

    def value(name: str, of: Any) -> Any:
        if of is str:
            return f"{CANARY}-{name}"
        if of is int:
            return 7351
        if of is bool:
            return True
        if get_args(of)[:1] == (str,) and of is not dict:
            return (
                {f"{CANARY}-key": CANARY, "record": {"verdict": CANARY, "reason": CANARY}, "outcome": CANARY}
                if "dict" in str(of)
                else [f"{CANARY}-{name}"]
            )
        return {f"{CANARY}-inner": f"{CANARY}-{name}"}

    fields = {item.name: value(item.name, item.type) for item in msgspec.structs.fields(kind)}
    return {"event": kind.__struct_config__.tag, **fields}


KINDS: tuple[type[Any], ...] = get_args(AnyEvent)


def test_no_place_of_an_event_lets_text_out(audited: Walls) -> None:
    """Without it a document's id, an actor, a person, a digest or whatever a new field holds would reach auditors."""
    plant(audited, [(f"{CANARY}-phase", filled(kind)) for kind in KINDS], pipeline=f"{CANARY}-p", at=f"{CANARY}-at")

    rows = seen(audited)

    assert len(rows) == len(KINDS)
    let_out = {(name, value) for row in rows for name, value in row.items() if value is not None}
    tags = {("event", kind.__struct_config__.tag) for kind in KINDS}
    assert let_out == tags | {("mode", "live"), ("started_by", "person")}


FREE = {
    "an aborted run's reason, in the form of a policy's": (Aborted, {"reason": "NGUYEN_VAN_AN"}),
    "a stop's detail": (Stopped, {"code": "STOP_BUSY", "detail": "NGUYEN_VAN_AN"}),
    "a reason of another operation": (Acted, {"outcome": {"reason": "NGUYEN_VAN_AN", "record": {"reason": "NGUYEN"}}}),
    "an outcome's own words": (
        Acted,
        {"operation": "comm.send_message@1", "outcome": {"record": {"verdict": "NGUYEN"}, "outcome": "NGUYEN"}},
    ),
    "an outcome of another operation": (Acted, {"operation": "sql.count@1", "outcome": {"outcome": "accepted"}}),
    "an actor": (Spawned, {"actor": "NGUYEN_VAN_AN", "lock_key": "NGUYEN_VAN_AN", "inputs_sha256": "NGUYEN_VAN_AN"}),
    "a mode that is none": (Spawned, {"mode": "NGUYEN_VAN_AN", "pipeline": "nguyen-van-an"}),
    "an operation": (Started, {"operation": "NGUYEN_VAN_AN"}),
    "an exit status that is none": (Stopped, {"exit": 1985}),
    "a category": (Stopped, {"category": "NGUYEN_VAN_AN"}),
    "nothing but text": (Stopped, "NGUYEN_VAN_AN"),
    "a number for text": (Stopped, {"code": 1985, "exit": 19.85, "category": True}),
    "a list for text": (Stopped, {"code": ["NGUYEN_VAN_AN"], "exit": ["1985"]}),
}


@pytest.mark.parametrize("name", FREE)
def test_letters_alone_come_out_only_where_our_words_stand(audited: Walls, name: str) -> None:
    """Without it a name that has the form of a code would pass for one, wherever it was written."""
    kind, data = FREE[name]
    tagged = {"event": kind.__struct_config__.tag, **data} if isinstance(data, dict) else data
    plant(audited, [("cut", tagged)])

    (row,) = seen(audited)

    known = {"cut", "live", "person", "started", "STOP_BUSY", "spawned", "stopped", "aborted", "acted", None}
    known |= {"comm.send_message@1", "sql.count@1"}
    assert {value for key, value in row.items() if key != "at"} <= known


FORMS_REFUSED = {
    "stop_code": ("BUSY", "STOP_", "STOP_123", "STOP_NGUYEN1", "stop_busy", "STOP_BUSY\n", "STOP_" + "A" * 21),
    "gate": ("GATE_", "GATE_1", "gate_cut", "GATE_CUT x", "GATE_A_B_C_D_E_F"),
    "operation": ("cut", "a.b", "a.b@10", "library.cut@x", "library.patient1@1", "a.b_c_d_e_f@1"),
}


@pytest.mark.parametrize("name", FORMS_REFUSED)
def test_what_has_not_the_form_is_null(audited: Walls, name: str) -> None:
    """Without it the columns would be closed in name only."""
    field = "code" if name == "stop_code" else name
    plant(audited, [("cut", {"event": "stopped", field: text}) for text in FORMS_REFUSED[name]])
    assert column(audited, name) == set()


def shipped() -> Iterator[Pipeline]:
    """The pipelines that this cutter carries."""
    for file in sorted(shared("pipelines").glob("*.yaml")):
        yield load_pipeline(load_settings(Path("/nowhere"), {}), file.stem)


def test_every_word_of_ours_comes_out(audited: Walls) -> None:
    """Without it auditors would miss a code, a gate or a verdict, because the list in the database does not have it."""
    stops = [
        {"event": "stopped", "code": s.name, "exit": int(s.exit), "category": s.value.category.value} for s in StopCode
    ]
    exits = [{"event": "stopped", "exit": int(status)} for status in Exit]
    operations = [{"event": "started", "operation": name} for name in CATALOGUE.names()]
    plant(audited, [("", item) for item in (*stops, *exits, *operations)])
    plant(audited, [("", {"event": kind.__struct_config__.tag}) for kind in KINDS])
    phases, gates = set(), set()
    for pipeline in shipped():
        phases |= {phase.id for phase in pipeline.phases}
        asked = {phase.gate.id for phase in pipeline.phases if isinstance(phase, GatePhase)}
        gates |= asked
        assert any(isinstance(phase, OperationPhase) for phase in pipeline.phases)
        plant(audited, [(phase.id, {"event": "started"}) for phase in pipeline.phases], pipeline=pipeline.id)
        plant(audited, [("", {"event": "gatewaiting", "gate": gate}) for gate in asked], pipeline=pipeline.id)

    assert column(audited, "stop_code") == {code.name for code in StopCode}
    assert column(audited, "exit_code") == {int(status) for status in Exit}
    assert column(audited, "category") == {category.value for category in Category}
    assert column(audited, "operation") == set(CATALOGUE.names())
    assert column(audited, "event") == {kind.__struct_config__.tag for kind in KINDS}
    assert column(audited, "pipeline") == {pipeline.id for pipeline in shipped()}
    assert column(audited, "phase") == phases
    assert column(audited, "gate") == gates


def test_decisions_and_sends_come_out(audited: Walls) -> None:
    """Without it an auditor would not see what policies decided, and how sending ended."""
    sends = {*(outcome.value for outcome in SendOutcome), "presumed", "rehearsed"}
    decided = {"event": "acted", "operation": "policy.decide@1"}
    plant(audited, [("decide", {**decided, "outcome": {"record": {"verdict": v.value}}}) for v in Verdict])
    plant(audited, [("decide", {**decided, "outcome": {"record": {"reason": "NO_CONSENT"}}})])
    denied = {"event": "stopped", "code": "STOP_POLICY_DENIED"}
    reasons = {reason.value for reason in Reason} | {"AS_OF_IN_FUTURE"}
    plant(audited, [("decide", {**denied, "detail": reason}) for reason in reasons], started_by="policy")
    plant(audited, [("send", {"event": "attempted", "step": "ended", "outcome": o.value}) for o in SendOutcome])
    sent = {"event": "acted", "operation": "comm.send_message@1"}
    plant(audited, [("send", {**sent, "outcome": {"outcome": outcome}}) for outcome in sends - {"refused"}])

    assert column(audited, "verdict") == {verdict.value for verdict in Verdict}
    assert {row["verdict"] for row in seen(audited) if row["event"] == "stopped"} == {"deny"}
    assert column(audited, "reason") == reasons | {"NO_CONSENT"}
    assert column(audited, "outcome") == sends
    assert column(audited, "started_by") == {"person", "policy"}


# Whose rows, in which order


def test_an_auditor_sees_its_tenant_only(audited: Walls) -> None:
    """Without it one tenant's auditor would learn what another tenant does, and when."""
    plant(audited, [("cut", {"event": "started"})])
    plant(audited, [("void", {"event": "started"})] * 2, tenant="elsewhere")

    assert [row["phase"] for row in seen(audited)] == ["cut"]
    assert [row["phase"] for row in seen(audited, "foreigner")] == ["void", "void"]
    forged = audited.connect("auditor")
    forged.execute(b"SET ROLE cutter_auditor")
    forged.execute(b"SELECT set_config('cutter.tenant', 'elsewhere', false)")
    assert forged.execute(f"SELECT count(*) FROM {VIEW}".encode()).fetchone() == (1,)


def test_the_order_tells_nothing(audited: Walls) -> None:
    """Without it the place of a row would be a cursor: what came first, and how far somebody has read."""
    events = [(phase, {"event": "started"}) for phase in ("verify", "cut", "plan", "survey", "cut")]
    plant(audited, events)
    forth = seen(audited)
    plant(audited, list(reversed(events)), tenant="elsewhere", at="2026-01-02T03:04:59.000000Z")

    assert seen(audited, "foreigner") == forth
    conn = audited.connect("foreigner")
    conn.execute(b"SET ROLE cutter_auditor")
    plain = conn.execute(f"SELECT phase FROM {VIEW}".encode()).fetchall()
    assert [phase for (phase,) in plain] == [row["phase"] for row in forth]
    assert [row["phase"] for row in forth] == ["cut", "cut", "plan", "survey", "verify"]
    assert {row["at"].isoformat() for row in forth} == {"2026-01-02T03:04:00+00:00"}


def test_an_event_that_cannot_be_read_is_not_quoted(audited: Walls) -> None:
    """Without it the server's message about broken JSON would carry the body's own words to the auditor."""
    plant(audited, [("cut", {"event": "started"})])
    (run_id,) = audited.superuser.execute("SELECT run_id FROM cutter_governance.run").fetchone() or ("",)
    append(audited, b'{"data": ' + CANARY.encode(), str(run_id))

    with pytest.raises(Stop) as caught:
        seen(audited)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_LEDGER_BROKEN, "unreadable")
    conn = audited.connect("auditor")
    conn.execute(b"SET ROLE cutter_auditor")
    with pytest.raises(psycopg.Error) as refused:
        conn.execute(f"SELECT * FROM {VIEW}".encode())
    assert refused.value.sqlstate == "CU006"
    assert CANARY not in repr([getattr(refused.value.diag, name, "") for name in dir(refused.value.diag)])


REFUSED = {
    "a login of no tenant": (
        "auditor",
        "DELETE FROM cutter_governance.login WHERE login_name = 'auditor'",
        "unknown_login",
    ),
    "a login without the role": ("sovereign", "SELECT 1", "not_for_auditing"),
    "an auditor whose role was taken": ("auditor", "REVOKE cutter_auditor FROM auditor", "not_for_auditing"),
    "a superuser": ("", "SELECT 1", "superuser"),
    "a login that is an owner too": ("auditor", "GRANT cutter_ledger TO auditor", "privileged_role"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_empty_answer_is_never_a_refusal(audited: Walls, name: str) -> None:
    """Without it a login that may see nothing would get an empty export, which says that nothing happened."""
    login, statement, detail = REFUSED[name]
    plant(audited, [("cut", {"event": "started"})])
    with audited.superuser.transaction():
        audited.superuser.execute(statement.encode())
    try:
        with pytest.raises(Stop) as caught:
            seen(audited, login or audited.superuser.info.user)
    finally:  # roles belong to the cluster, which other tests share
        audited.superuser.execute(b"REVOKE cutter_ledger FROM auditor")
        audited.superuser.execute(b"DROP ROLE auditor")
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONNECTION_UNSAFE, detail)


def test_a_database_without_the_view_is_not_migrated(audited: Walls) -> None:
    """Without it an older database would end in an error of the server's."""
    audited.superuser.execute(f"DROP VIEW {VIEW}".encode())
    with pytest.raises(Stop) as caught:
        seen(audited)
    assert caught.value.code is StopCode.STOP_UNMIGRATED


# Runs of other pipelines


def cut_with_canaries(live: LiveOffice) -> list[Canary]:
    """A live cut that waits, is signed and goes on, and one that is refused; what must not come out of it."""
    document, actor = "CANARY-DOCUMENT-1985", "canary.actor-5150@somewhere"
    text = "Điều 1. Một\nNội dung canary text 8442 một.\nĐiều 2. Hai\nNội dung hai.\n"
    live.office.add_text(document, text)
    pipeline = load_pipeline(live.settings, "cut")
    given = {item.name: document if item.name == "document_id" else None for item in pipeline.inputs}
    waiting = orchestrate(live.settings, pipeline, "cut", given, Mode.LIVE, actor, ignore, "")
    assert waiting.exit_code == 10
    live.reject(waiting.approval_kb_id, "sovereign")
    assert live.resume(waiting.approval_kb_id).exit_code == 11
    done = live.complete()
    assert done.exit_code == 0, done
    secrets = [document, actor, "canary text 8442", "sovereign", "operator", "ICX-CONST"]
    for result in (waiting, done):
        secrets += [str(result.run_id), str(result.approval_kb_id)]
    events = live.office.rows("SELECT row_sha256, prev_sha256 FROM cutter_governance.ledger_event")
    requests = live.office.rows("SELECT sha256, kb_id FROM kb.document")
    return [Canary(value) for value in {str(value) for row in (*events, *requests) for value in row} | set(secrets)]


def test_nothing_of_a_run_comes_out_of_view_or_export(live: LiveOffice, tmp_path: Path) -> None:
    """Without it what a document is called, who did it, and what names a run or request would be in auditors' hands."""
    canaries = cut_with_canaries(live)
    (count,) = live.office.rows("SELECT count(*) FROM cutter_governance.ledger_event")[0]

    surfaces: dict[str, Surface] = {}
    for form in FORMS:
        told = export_to(open_audit(live.settings, None, None), form, tmp_path / f"audit.{form}")
        assert told.rows == count
        surfaces[form] = (tmp_path / f"audit.{form}").read_bytes()
    rows = list(stream_audit(live.database.conninfo("operator"), None, None))
    surfaces["view"] = repr(rows).encode()

    assert len(rows) == count > 30
    assert len(canaries) > 40
    Scanner(canaries).scan(surfaces).check()
    known = {row[COLUMNS.index("event")] for row in rows}
    assert {"spawned", "gatewaiting", "gateopened", "acted", "completed"} <= known


def test_a_span_of_days(audited: Walls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an export of a month could lack its first day, or tell of the day after its last."""
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        for time in ("00:00:00.000000", "23:59:59.999999"):
            plant(audited, [("cut", {"event": "started"})], at=f"{day}T{time}Z")
    settings = Settings.__new__(Settings)
    reached = partial(_reached, audited.database)
    monkeypatch.setattr("cutter.app.audit.reach_database", reached)

    def days(since: str | None, until: str | None) -> list[str]:
        return [str(row.at) for row in open_audit(settings, since, until).rows]

    assert days("2026-01-02", "2026-01-03") == ["2026-01-02T00:00Z", "2026-01-02T23:59Z"]
    assert days("2026-01-03", None) == ["2026-01-03T00:00Z", "2026-01-03T23:59Z"]
    assert days(None, "2026-01-02") == ["2026-01-01T00:00Z", "2026-01-01T23:59Z"]
    assert len(days(None, None)) == 6
    assert days("2027-01-01", None) == []


@dataclass
class _Reached:
    conninfo: str


def _reached(database: Database, _settings: Settings) -> _Reached:
    return _Reached(database.conninfo("auditor"))

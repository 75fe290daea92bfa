"""What auditors may see: closed columns of the tenant's events, in an order that tells nothing, and not one thing more.

What the columns let out is in `test_audit_words.py`.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import pytest

from cutter.app.audit import FORMS, export_to, open_audit
from cutter.app.orchestration import orchestrate
from cutter.app.pipelines import load_pipeline
from cutter.model import Mode
from cutter.postgres.audit import stream_audit
from cutter.report.audit import COLUMNS
from cutter.settings import Settings
from cutter.stops import Stop, StopCode
from tests.plugins.postgres import Database
from tests.security.auditing import CANARY, VIEW, append, plant, seen, with_auditors
from tests.security.ground import Walls
from tests.support.canaries import Canary, Scanner, Surface
from tests.support.live import LiveOffice
from tests.support.runs import ignore


@pytest.fixture
def audited(walls: Walls) -> Walls:
    """A migrated database with auditors of two tenants."""
    return with_auditors(walls)


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

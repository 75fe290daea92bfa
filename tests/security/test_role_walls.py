"""Rows 47 and 48 of the attack table: what a login tries to become, and whose rows it sees."""

import psycopg
import pytest
from psycopg import sql

from cutter.postgres.connect import check_connection
from cutter.stops import Stop, StopCode
from tests.plugins.proofs import Proof
from tests.security.ground import GOVERNED, PREFIX, Ids, Opened, Walls, bind, cut

APP_ROLES = ("operator", "cutter_survey", "cutter_writer", "cutter_notifier", "cutter_appender")
CLIMBS = {
    "set role to the owner": ("SET ROLE cutter_owner", "42501"),
    "set local role to the ledger's owner": ("SET LOCAL ROLE cutter_ledger", "42501"),
    "set role to the superuser": ("SET ROLE {superuser}", "42501"),
    "set role to an approver": ("SET ROLE cutter_approver", "42501"),
    "become another login": ("SET ROLE sovereign", "42501"),
    "session authorization of the superuser": ("SET SESSION AUTHORIZATION {superuser}", "42501"),
    "session authorization of another login": ("SET SESSION AUTHORIZATION sovereign", "42501"),
    "role by set_config": ("SELECT set_config('role', 'cutter_owner', true)", "42501"),
    "session authorization by set_config": ("SELECT set_config('session_authorization', 'sovereign', true)", "42501"),
    "grant the owner to itself": ("GRANT cutter_owner TO operator", "42501"),
    "make a login": ("INSERT INTO cutter_governance.login VALUES ('operator2', 'demo', 'x')", "42501"),
    "triggers off": ("SET session_replication_role = replica", "42501"),
    "row security off": ("ALTER TABLE library.information_unit DISABLE ROW LEVEL SECURITY", "42501"),
    "replace a function": (
        "CREATE OR REPLACE FUNCTION cutter_governance.current_tenant() RETURNS text LANGUAGE sql AS 'SELECT ''x'''",
        "42501",
    ),
    "call the wall's inside": ("SELECT cutter_governance.fn_require_cover('x', 'x', 1)", "42501"),
    "call the writer's inside": ("SELECT library.fn_stage_open('iu_stage')", "42501"),
}


@pytest.mark.parametrize("name", CLIMBS)
def test_an_app_login_does_not_climb(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 47. Without it the app's login could own the tables, and every wall would be its own to remove."""
    statement, expected = CLIMBS[name]
    superuser = sql.Identifier(walls.superuser.info.user)
    opened = walls.open(mode)
    with walls.unwritten():
        text = sql.SQL(statement).format(superuser=superuser).as_string(opened.conn)
        for role in APP_ROLES:
            assert opened.refused(role, text) == expected
    proof("47", f"{mode}: {name}, as each app role", expected)


def test_an_app_login_may_take_four_roles_and_inherits_none(walls: Walls, proof: Proof) -> None:
    """Row 47. Without it an inherited role would give privileges outside the one transaction that takes it."""
    granted = walls.superuser.execute(
        "SELECT m.member::regrole::text, array_agg(m.roleid::regrole::text ORDER BY m.roleid::regrole::text)"
        " FROM pg_auth_members AS m WHERE m.member = ANY (%s::regrole[]) GROUP BY 1 ORDER BY 1",
        (["operator", "content", "form", "sovereign"],),
    ).fetchall()
    approver = ["cutter_approver", "cutter_survey"]
    assert granted == [
        ("content", approver),
        ("form", approver),
        ("operator", ["cutter_appender", "cutter_auditor", "cutter_notifier", "cutter_survey", "cutter_writer"]),
        ("sovereign", approver),
    ]
    assert walls.superuser.execute(
        "SELECT count(*) FROM pg_roles AS r JOIN cutter_governance.login AS l ON l.login_name = r.rolname"
        " WHERE r.rolinherit OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication"
    ).fetchone() == (0,)
    conn = walls.connect()
    for statement in ("SELECT 1 FROM library.source_document", "SELECT cutter_governance.current_tenant()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute(statement.encode())
    proof("47", "an app login without SET ROLE reads or calls", "42501: it inherits nothing")


def test_owners_have_no_members_and_no_login(walls: Walls) -> None:
    """Row 47. Without it somebody could connect or be promoted as an owner."""
    assert walls.superuser.execute(
        "SELECT count(*) FILTER (WHERE r.rolcanlogin), count(m.member) FROM pg_roles AS r"
        " LEFT JOIN pg_auth_members AS m ON m.roleid = r.oid WHERE r.rolname IN ('cutter_owner', 'cutter_ledger')"
    ).fetchone() == (0, 0)


WRITES = (
    "INSERT INTO {table} DEFAULT VALUES",
    "UPDATE {table} SET tenant_id = tenant_id",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
)


@pytest.mark.parametrize("table", GOVERNED)
def test_no_app_role_writes_a_governed_table_itself(walls: Walls, mode: str, table: str, proof: Proof) -> None:
    """Row 47. Without it a governed row could be written beside the function that asks for the approval."""
    opened = walls.open(mode)
    with walls.unwritten():
        for role in APP_ROLES:
            for statement in WRITES:
                assert opened.refused(role, statement.format(table=table)) == "42501"
    proof("47", f"{mode}: INSERT, UPDATE, DELETE, TRUNCATE of {table} by each app role", "42501")


# Row 48: the tenant comes from the login

FORGERIES = {
    "nothing forged": "SELECT 1",
    "a setting": "SELECT set_config('cutter.tenant', 'demo', true), set_config('app.tenant_id', 'demo', true)",
    "the role of the survey": "SET LOCAL ROLE cutter_survey",
    "the role of the appender": "SET LOCAL ROLE cutter_appender",
    "the application name": "SET LOCAL application_name = 'operator'",
    "row security off": "SET LOCAL row_security = off",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_login_sees_its_tenant_only(walls: Walls, name: str, proof: Proof) -> None:
    """Row 48. Without it one tenant would read another's documents, or a forged setting would empty an answer."""
    done = walls.commit()
    cut(done)
    bind(done)
    done.conn.commit()
    stranger = Opened(walls.connect("stranger"), done.ids)
    stranger.conn.execute(FORGERIES[name].encode())
    for table in (*GOVERNED, "cutter_governance.run", "cutter_governance.ledger_head", "cutter_governance.dot_config"):
        count = f"SELECT count(*) FROM {table} WHERE tenant_id <> 'elsewhere'"
        if name == "row security off":
            assert stranger.refused("cutter_survey", count) == "42501"
        else:
            assert stranger.call("cutter_survey", count) == 0
    mine = Opened(walls.connect(), done.ids)
    assert mine.call("cutter_survey", "SELECT count(*) FROM library.information_unit") == 2
    proof("48", f"a login of another tenant reads, with {name} forged", "no row of the tenant")


STRANGE_CALLS = {
    "enter the run": ("cutter_appender", "SELECT cutter_governance.fn_run_enter({run}, 'x')", "CU005"),
    "write the change set": (
        "cutter_writer",
        "SELECT library.fn_iu_create_batch({set}, {version}, {prefix}, 2)",
        "CU001",
    ),
    "bind the change set": ("cutter_writer", "SELECT library.fn_region_bind_batch({set}, 2)", "CU001"),
    "enact the change set": ("cutter_writer", "SELECT library.fn_iu_enact({set}, 2)", "CU001"),
    "publish into the tenant": (
        "cutter_appender",
        "INSERT INTO kb.document (tenant_id, kb_id, run_id, media_type, body, sha256)"
        " VALUES ('demo', 'a', {run}, '', '', encode(sha256(''), 'hex'))",
        "42501",
    ),
    "publish for the run": (
        "cutter_appender",
        "INSERT INTO kb.document (kb_id, run_id, media_type, body, sha256)"
        " VALUES ('a', {run}, '', '', encode(sha256(''), 'hex'))",
        "42501",
    ),
}


@pytest.mark.parametrize("name", STRANGE_CALLS)
def test_a_login_of_another_tenant_cannot_write(walls: Walls, name: str, proof: Proof) -> None:
    """Row 48. Without it definer functions, which run as the owner, would write across tenants."""
    role, statement, expected = STRANGE_CALLS[name]
    done = walls.commit()
    cut(done)
    done.conn.commit()
    stranger = Opened(walls.connect("stranger"), Ids()) if name == "enter the run" else walls.rehearse("stranger")
    text = sql.SQL(statement).format(
        run=done.ids.run, set=done.ids.change_set, version=done.ids.version, prefix=PREFIX
    ).as_string(stranger.conn)  # fmt: skip
    with walls.unwritten():
        assert stranger.refused(role, text) == expected
    proof("48", f"a login of another tenant tries to {name}", expected)


def test_an_unknown_login_is_refused(walls: Walls, proof: Proof) -> None:
    """Row 48. Without it a login of no tenant would get empty answers that look right."""
    walls.superuser.execute("DELETE FROM cutter_governance.login WHERE login_name = 'colleague'")
    with pytest.raises(Stop) as caught:
        check_connection(walls.connect("colleague"))
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONNECTION_UNSAFE, "unknown_login")
    proof("48", "a login that no tenant knows", "STOP_CONNECTION_UNSAFE unknown_login")


def test_the_tenant_holds_inside_the_owners_functions(walls: Walls) -> None:
    """Row 48. Without forced row security the owner's functions would see all tenants' rows."""
    assert (
        walls.superuser.execute(
            "SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relkind = 'r'"
            " AND c.relnamespace IN ('library'::regnamespace, 'cutter_governance'::regnamespace, 'kb'::regnamespace,"
            " 'comm'::regnamespace)"
            " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
        ).fetchall()
        == []
    )
    number = "SELECT cutter_governance.fn_lock_number('DOC-1')"
    mine, theirs = (Opened(walls.connect(login), Ids()) for login in ("operator", "stranger"))
    assert mine.call("cutter_survey", number) != theirs.call("cutter_survey", number)

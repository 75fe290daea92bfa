"""What holds of every object of the schema, whoever adds the next one."""

import pytest

from tests.security.ground import Walls

OURS = "('library'::regnamespace, 'cutter_governance'::regnamespace, 'kb'::regnamespace, 'comm'::regnamespace)"
RULES = {
    "every table has a comment": (
        f"SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace IN {OURS}"
        " AND c.relkind IN ('r', 'v', 'm', 'p') AND obj_description(c.oid, 'pg_class') IS NULL"
    ),
    "every column has a comment": (
        "SELECT a.attrelid::regclass, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        f" WHERE c.relkind IN ('r', 'v', 'm', 'p') AND c.relnamespace IN {OURS} AND a.attnum > 0 AND NOT a.attisdropped"
        " AND col_description(a.attrelid, a.attnum) IS NULL"
    ),
    "every function has a comment": (
        f"SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace IN {OURS}"
        " AND obj_description(p.oid, 'pg_proc') IS NULL"
    ),
    "every function has a pinned search path": (
        f"SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace IN {OURS}"
        " AND NOT coalesce(p.proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']"
    ),
    "no sequence exists: it would survive a rollback": "SELECT oid::regclass FROM pg_class WHERE relkind = 'S'",
    "no constraint is deferrable but the rehearsal's": (
        "SELECT conname FROM pg_constraint WHERE condeferrable AND conname <> 'rehearsal_never_commits'"
    ),
    "the rehearsal's refusal is deferred and fires always": (
        "SELECT 1 FROM pg_trigger AS t JOIN pg_constraint AS c ON c.oid = t.tgconstraint"
        " WHERE c.conname = 'rehearsal_never_commits' HAVING count(*) <> 1"
        " OR NOT bool_and(c.condeferrable AND c.condeferred AND t.tgenabled = 'A')"
    ),
    "row security is forced on every table": (
        f"SELECT c.oid::regclass FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN {OURS}"
        " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    ),
    "every key and unique index begins with the tenant": (
        "SELECT i.indexrelid::regclass FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid"
        f" JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE c.relnamespace IN {OURS}"
        " AND c.relname NOT IN ('login', 'iu_lifecycle_vocab', 'rehearsal', 'migration') AND a.attname <> 'tenant_id'"
    ),
    "the owners own all of it": (
        f"SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relnamespace IN {OURS}"
        " AND c.relowner::regrole::text NOT IN ('cutter_owner', 'cutter_ledger')"
        f" UNION SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace IN {OURS}"
        " AND p.proowner::regrole::text NOT IN ('cutter_owner', 'cutter_ledger')"
    ),
    "the ledger has an owner of its own": (
        "SELECT c.relname FROM pg_class AS c WHERE c.relname LIKE 'ledger\\_%' AND c.relkind = 'r'"
        " AND c.relowner <> 'cutter_ledger'::regrole"
    ),
    "the public may do nothing": (
        f"SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace IN {OURS}"
        " AND has_function_privilege('public', p.oid, 'EXECUTE')"
        f" UNION SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace IN {OURS}"
        " AND has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
        " UNION SELECT n.nspname FROM pg_namespace AS n WHERE n.oid IN " + OURS + ""
        " AND has_schema_privilege('public', n.oid, 'USAGE, CREATE')"
        " UNION SELECT 'public' WHERE has_schema_privilege('public', 'public', 'CREATE')"
        " UNION SELECT 'database' WHERE has_database_privilege('public', current_database(), 'TEMPORARY, CREATE')"
    ),
    "what people decided has triggers that fire always": (
        "SELECT r.name FROM unnest(ARRAY['signature', 'review_decision', 'approval_use', 'incident', 'checkpoint',"
        " 'ledger_event', 'ledger_head']) AS r (name) WHERE (SELECT count(*) FROM pg_trigger AS t"
        " WHERE t.tgrelid = ('cutter_governance.' || r.name)::regclass AND t.tgenabled = 'A'"
        " AND t.tgname LIKE 'append\\_only%') <> 2"
    ),
    "no function of the app's roles is called by the app's login without a role": (
        f"SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace IN {OURS}"
        " AND has_function_privilege('operator', p.oid, 'EXECUTE')"
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_schema_keeps_its_rules(walls: Walls, rule: str) -> None:
    """Without it the next table, column or function could stand outside the walls, or unexplained."""
    assert walls.superuser.execute(RULES[rule].encode()).fetchall() == []


EXECUTES = {
    "cutter_survey": [
        "current_person", "current_run", "current_tenant", "fn_backup_scope", "fn_drill_stage", "fn_lock_number",
        "fn_rows_digest", "fn_target",
    ],
    "cutter_writer": [
        "current_person", "current_run", "current_tenant", "fn_change_set_open", "fn_iu_create", "fn_iu_create_batch",
        "fn_iu_enact", "fn_iu_stage", "fn_iu_void", "fn_lock_number", "fn_region_bind_batch", "fn_region_stage",
        "fn_restore", "fn_restore_stage", "fn_run_enter", "fn_source_register",
    ],
    "cutter_appender": [
        "current_person", "current_run", "current_tenant", "fn_checkpoint_keep", "fn_consume", "fn_incident_open",
        "fn_ledger_append", "fn_ledger_head", "fn_lock_number", "fn_rehearsal_begin", "fn_run_create", "fn_run_enter",
        "fn_trust_raise",
    ],
    "cutter_approver": ["current_person", "current_run", "current_tenant", "fn_sign"],
    "cutter_auditor": ["fn_audit"],
}  # fmt: skip


@pytest.mark.parametrize("role", EXECUTES)
def test_a_role_executes_what_it_is_for(walls: Walls, role: str) -> None:
    """Without it a grant could slip in that lets a role do another's work."""
    found = walls.superuser.execute(
        f"SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace IN {OURS}"
        " AND has_function_privilege(%s, p.oid, 'EXECUTE') ORDER BY 1".encode(),
        (role,),
    ).fetchall()
    assert [name for (name,) in found] == EXECUTES[role]

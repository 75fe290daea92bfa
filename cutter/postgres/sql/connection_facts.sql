-- login, is it a superuser or does it bypass row security, is the server a replica, may it take (or has it, by
-- inheritance) a role that rises above the walls, is the schema there
SELECT
    session_user::text,
    EXISTS (SELECT FROM pg_catalog.pg_roles AS r
            WHERE r.rolname = session_user AND (r.rolsuper OR r.rolbypassrls OR r.rolreplication OR r.rolcreaterole)),
    pg_catalog.pg_is_in_recovery(),
    EXISTS (SELECT FROM pg_catalog.pg_roles AS r
            WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER') AND r.rolname <> session_user
              AND (r.rolsuper OR r.rolbypassrls OR r.rolreplication OR r.rolcreaterole
                   OR r.rolname IN ('cutter_owner', 'cutter_ledger') OR r.rolname LIKE 'pg\_%'))
    OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r
               WHERE r.rolname LIKE 'cutter\_%' AND pg_catalog.pg_has_role(session_user, r.oid, 'USAGE')),
    EXISTS (SELECT FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = 'cutter_governance' AND p.proname = 'current_tenant')

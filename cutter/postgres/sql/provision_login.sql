-- {login} is a checked identifier as a literal, {roles} an array of role names. NOINHERIT stands before the grants:
-- since PostgreSQL 16 a grant takes its inheritance from the role as it is at that moment.
DO $login$
DECLARE
    v_login text := {login};
    v_role text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = v_login) THEN
        BEGIN
            EXECUTE pg_catalog.format('CREATE ROLE %I LOGIN NOINHERIT', v_login);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- another database's migration made it a moment ago
        END;
    ELSIF EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = v_login AND (r.rolinherit OR NOT r.rolcanlogin)) THEN
        EXECUTE pg_catalog.format('ALTER ROLE %I LOGIN NOINHERIT', v_login);
    END IF;
    FOREACH v_role IN ARRAY {roles}::text[] LOOP
        CONTINUE WHEN EXISTS (
            SELECT FROM pg_catalog.pg_auth_members AS m
            WHERE m.roleid = v_role::regrole AND m.member = v_login::regrole
        );
        IF pg_catalog.current_setting('server_version_num')::integer >= 160000 THEN
            EXECUTE pg_catalog.format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', v_role, v_login);
        ELSE
            EXECUTE pg_catalog.format('GRANT %I TO %I', v_role, v_login);
        END IF;
    END LOOP;
END
$login$

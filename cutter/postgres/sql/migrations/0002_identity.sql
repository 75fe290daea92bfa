-- Who is connected. Tenant and person come from the login alone: no setting, no argument can say otherwise.
SET LOCAL ROLE cutter_owner;

CREATE TABLE cutter_governance.login (
    login_name text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL CHECK (tenant_id <> ''),
    person_id text COLLATE "C" NOT NULL CHECK (person_id <> '')
);
COMMENT ON TABLE cutter_governance.login IS 'One login a person; a login belongs to one tenant. Only a DBA writes here.';
COMMENT ON COLUMN cutter_governance.login.login_name IS 'The name of the database role that connects.';
COMMENT ON COLUMN cutter_governance.login.tenant_id IS 'The tenant whose rows this login sees.';
COMMENT ON COLUMN cutter_governance.login.person_id IS 'The person who uses this login.';
ALTER TABLE cutter_governance.login ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- Not by tenant: the function that answers for the tenant reads this table.
CREATE POLICY own_row ON cutter_governance.login FOR SELECT USING (login_name = (SELECT session_user::text));

CREATE FUNCTION cutter_governance.current_tenant() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT l.tenant_id FROM cutter_governance.login AS l WHERE l.login_name = session_user::text $$;
COMMENT ON FUNCTION cutter_governance.current_tenant() IS
    'The tenant of the login that connected, whatever role is set; null for an unknown login.';

CREATE FUNCTION cutter_governance.current_person() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT l.person_id FROM cutter_governance.login AS l WHERE l.login_name = session_user::text $$;
COMMENT ON FUNCTION cutter_governance.current_person() IS
    'The person of the login that connected, whatever role is set; null for an unknown login.';

GRANT SELECT ON cutter_governance.login TO cutter_survey;
GRANT EXECUTE ON FUNCTION cutter_governance.current_tenant(), cutter_governance.current_person()
    TO cutter_survey, cutter_writer, cutter_appender, cutter_approver, cutter_ledger;

CREATE TABLE cutter_governance.dot_config (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    key text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
COMMENT ON TABLE cutter_governance.dot_config IS 'Settings that govern, by dotted key. Only a DBA writes here.';
COMMENT ON COLUMN cutter_governance.dot_config.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.dot_config.key IS 'The dotted key, such as cutter_orchestrator.grant_apply_principal.';
COMMENT ON COLUMN cutter_governance.dot_config.value IS 'The value: a name, or JSON where the key says so.';
ALTER TABLE cutter_governance.dot_config ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cutter_governance.dot_config
    USING (tenant_id = (SELECT cutter_governance.current_tenant()));
GRANT SELECT ON cutter_governance.dot_config TO cutter_survey;

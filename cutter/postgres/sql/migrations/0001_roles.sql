-- Roles, schemas and what nobody may do by default. Roles belong to the cluster: databases that are migrated at the
-- same time find them made, so each is made only where it is missing.
DO $roles$
DECLARE
    v_role record;
BEGIN
    FOR v_role IN
        SELECT * FROM (VALUES
            ('cutter_owner', 'Owns cutter''s schemas, tables and functions. No members, no login.'),
            ('cutter_ledger', 'Owns the ledger''s tables and functions. No members, no login.'),
            ('cutter_survey', 'Reads; asks the surveys of pipelines.'),
            ('cutter_writer', 'May execute the functions that write governed tables, and nothing else.'),
            ('cutter_appender', 'May append what a run records of itself: markers, documents, events.'),
            ('cutter_approver', 'May read requests and sign them.')
        ) AS r (name, comment)
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS p WHERE p.rolname = v_role.name);
        BEGIN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN NOINHERIT', v_role.name);
            EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', v_role.name, v_role.comment);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- another database's migration made it a moment ago
        END;
    END LOOP;
END
$roles$;

ALTER DEFAULT PRIVILEGES FOR ROLE cutter_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE cutter_ledger REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE cutter_owner REVOKE USAGE ON TYPES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE cutter_ledger REVOKE USAGE ON TYPES FROM PUBLIC;

CREATE SCHEMA library AUTHORIZATION cutter_owner;
COMMENT ON SCHEMA library IS 'Source documents and the addressed units that were cut from them.';
CREATE SCHEMA cutter_governance AUTHORIZATION cutter_owner;
COMMENT ON SCHEMA cutter_governance IS 'Who may change what: logins, runs, approvals, markers, the ledger.';
CREATE SCHEMA kb AUTHORIZATION cutter_owner;
COMMENT ON SCHEMA kb IS 'The knowledge base: what runs publish about themselves.';

GRANT USAGE ON SCHEMA library, cutter_governance, kb TO cutter_survey, cutter_writer, cutter_appender;
GRANT USAGE ON SCHEMA cutter_governance TO cutter_approver, cutter_ledger;

SET LOCAL ROLE cutter_owner;

CREATE TABLE cutter_governance.migration (
    number integer NOT NULL PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz NOT NULL DEFAULT transaction_timestamp()
);
COMMENT ON TABLE cutter_governance.migration IS 'The migrations that made this schema, with the digest of each.';
COMMENT ON COLUMN cutter_governance.migration.number IS 'Its number; migrations are applied in this order, forward only.';
COMMENT ON COLUMN cutter_governance.migration.name IS 'Its file name without the suffix.';
COMMENT ON COLUMN cutter_governance.migration.sha256 IS 'Hex sha256 of the file; another digest later is refused.';
COMMENT ON COLUMN cutter_governance.migration.applied_at IS 'When it was applied.';
ALTER TABLE cutter_governance.migration ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY readable ON cutter_governance.migration FOR SELECT USING (true);
GRANT SELECT ON cutter_governance.migration TO cutter_survey;

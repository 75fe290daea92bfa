-- Runs and the wall: which run a transaction has entered, whether it rehearses, what its approvals cover.
SET LOCAL ROLE cutter_owner;

CREATE TABLE cutter_governance.run (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    run_id uuid NOT NULL,
    pipeline text NOT NULL,
    pipeline_sha256 text NOT NULL CHECK (pipeline_sha256 ~ '^[0-9a-f]{64}$'),
    mode text NOT NULL CHECK (mode IN ('dryrun', 'live')),
    lock_key text COLLATE "C" NOT NULL CHECK (lock_key <> ''),
    requester text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    entered_phase text,
    entered_xid xid8,
    entered_server_start timestamptz,
    PRIMARY KEY (tenant_id, run_id)
);
COMMENT ON TABLE cutter_governance.run IS 'The runs of pipelines. A rehearsal''s row never commits.';
COMMENT ON COLUMN cutter_governance.run.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.run.run_id IS 'The run, a UUIDv4.';
COMMENT ON COLUMN cutter_governance.run.pipeline IS 'The pipeline''s id.';
COMMENT ON COLUMN cutter_governance.run.pipeline_sha256 IS 'Hex sha256 of the pipeline''s canonical JSON.';
COMMENT ON COLUMN cutter_governance.run.mode IS 'dryrun or live.';
COMMENT ON COLUMN cutter_governance.run.lock_key IS 'What runs of a tenant exclude each other by; a governed write carries it as its document prefix.';
COMMENT ON COLUMN cutter_governance.run.requester IS 'The person whose login made the run.';
COMMENT ON COLUMN cutter_governance.run.created_at IS 'When the run was made.';
COMMENT ON COLUMN cutter_governance.run.entered_phase IS 'The phase that last entered the run.';
COMMENT ON COLUMN cutter_governance.run.entered_xid IS 'The transaction that last entered the run.';
COMMENT ON COLUMN cutter_governance.run.entered_server_start IS 'The server start under which entered_xid counts.';
ALTER TABLE cutter_governance.run ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cutter_governance.run USING (tenant_id = (SELECT cutter_governance.current_tenant()));
GRANT SELECT ON cutter_governance.run TO cutter_survey;

-- Rehearsals

CREATE TABLE cutter_governance.rehearsal (
    run_id uuid NOT NULL PRIMARY KEY,
    login_name text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL DEFAULT transaction_timestamp()
);
COMMENT ON TABLE cutter_governance.rehearsal IS
    'Runs that rehearse in the transaction that wrote the row. No row is ever seen from outside: the commit is refused.';
COMMENT ON COLUMN cutter_governance.rehearsal.run_id IS 'The run that rehearses.';
COMMENT ON COLUMN cutter_governance.rehearsal.login_name IS 'The login that rehearses.';
COMMENT ON COLUMN cutter_governance.rehearsal.started_at IS 'When the rehearsal began.';
ALTER TABLE cutter_governance.rehearsal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_row ON cutter_governance.rehearsal USING (login_name = (SELECT session_user::text));
GRANT SELECT ON cutter_governance.rehearsal TO cutter_survey;

CREATE FUNCTION cutter_governance.rehearsal_never_commits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CU009', MESSAGE = 'a rehearsal cannot be committed';
END
$$;
COMMENT ON FUNCTION cutter_governance.rehearsal_never_commits() IS 'Raises CU009: fired at commit, it refuses the commit.';
CREATE CONSTRAINT TRIGGER rehearsal_never_commits AFTER INSERT ON cutter_governance.rehearsal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cutter_governance.rehearsal_never_commits();
ALTER TABLE cutter_governance.rehearsal ENABLE ALWAYS TRIGGER rehearsal_never_commits;

CREATE FUNCTION cutter_governance.fn_rehearsal_begin(p_run uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ INSERT INTO cutter_governance.rehearsal (run_id, login_name) VALUES (p_run, session_user::text) $$;
COMMENT ON FUNCTION cutter_governance.fn_rehearsal_begin(uuid) IS
    'Makes the transaction a rehearsal of the run: from here on the database refuses to commit it (CU009).';

-- Approvals that were consumed

CREATE TABLE cutter_governance.approval_use (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    request_sha256 text COLLATE "C" NOT NULL CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
    run_id uuid NOT NULL,
    gate_id text COLLATE "C" NOT NULL,
    covers text[] NOT NULL,
    doc_prefix text COLLATE "C" NOT NULL,
    row_count bigint NOT NULL CHECK (row_count >= 0),
    used_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (tenant_id, request_sha256),
    UNIQUE (tenant_id, run_id, gate_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run
);
COMMENT ON TABLE cutter_governance.approval_use IS 'Approvals that a run consumed, each once; governed writes stand on these rows.';
COMMENT ON COLUMN cutter_governance.approval_use.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.approval_use.request_sha256 IS 'Hex sha256 of the request that was signed.';
COMMENT ON COLUMN cutter_governance.approval_use.run_id IS 'The run that consumed it.';
COMMENT ON COLUMN cutter_governance.approval_use.gate_id IS 'The gate that it opened.';
COMMENT ON COLUMN cutter_governance.approval_use.covers IS 'The operations (name@version) up to the next gate, from the request.';
COMMENT ON COLUMN cutter_governance.approval_use.doc_prefix IS 'The document prefix that may be written.';
COMMENT ON COLUMN cutter_governance.approval_use.row_count IS 'The number of units that may be written.';
COMMENT ON COLUMN cutter_governance.approval_use.used_at IS 'When it was consumed.';
ALTER TABLE cutter_governance.approval_use ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cutter_governance.approval_use USING (tenant_id = (SELECT cutter_governance.current_tenant()));
GRANT SELECT ON cutter_governance.approval_use TO cutter_survey;

-- Entering a run

CREATE FUNCTION cutter_governance.fn_lock_number(p_lock_key text) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_catalog.hashtextextended(cutter_governance.current_tenant() || E'\x1f' || p_lock_key, 0) $$;
COMMENT ON FUNCTION cutter_governance.fn_lock_number(text) IS
    'The number of the advisory lock that runs of this tenant with this lock key exclude each other by.';

CREATE FUNCTION cutter_governance.current_run() RETURNS cutter_governance.run
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r FROM cutter_governance.run AS r
    WHERE r.tenant_id = cutter_governance.current_tenant()
      AND r.entered_xid = pg_catalog.pg_current_xact_id_if_assigned()
      AND r.entered_server_start = pg_catalog.pg_postmaster_start_time()
$$;
COMMENT ON FUNCTION cutter_governance.current_run() IS
    'The run that this very transaction has entered; null outside, later, or after a restart of the server.';
CREATE INDEX run_entered ON cutter_governance.run (tenant_id, entered_xid);

CREATE FUNCTION cutter_governance.fn_run_create(
    p_run uuid, p_pipeline text, p_pipeline_sha256 text, p_mode text, p_lock_key text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
BEGIN
    IF v_tenant IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the login belongs to no tenant';
    END IF;
    INSERT INTO cutter_governance.run (tenant_id, run_id, pipeline, pipeline_sha256, mode, lock_key, requester)
    VALUES (v_tenant, p_run, p_pipeline, p_pipeline_sha256, p_mode, p_lock_key, cutter_governance.current_person())
    ON CONFLICT DO NOTHING;
    PERFORM FROM cutter_governance.run AS r
    WHERE r.tenant_id = v_tenant AND r.run_id = p_run AND r.pipeline = p_pipeline
      AND r.pipeline_sha256 = p_pipeline_sha256 AND r.mode = p_mode AND r.lock_key = p_lock_key;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU005', MESSAGE = 'the run exists with other values';
    END IF;
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_run_create(uuid, text, text, text, text) IS
    'Makes the run known, once; tenant and requester come from the login. The same again does nothing, other values are CU005.';

CREATE FUNCTION cutter_governance.fn_run_enter(p_run uuid, p_phase text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
    v_lock_key text;
    v_entered uuid;
BEGIN
    SELECT r.run_id INTO v_entered FROM cutter_governance.current_run() AS r;
    IF v_entered <> p_run THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the transaction has entered another run';
    END IF;
    SELECT r.lock_key INTO v_lock_key FROM cutter_governance.run AS r
    WHERE r.tenant_id = v_tenant AND r.run_id = p_run FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU005', MESSAGE = 'the run is unknown';
    END IF;
    PERFORM pg_catalog.pg_advisory_xact_lock(cutter_governance.fn_lock_number(v_lock_key));
    UPDATE cutter_governance.run AS r
    SET entered_phase = p_phase,
        entered_xid = pg_catalog.pg_current_xact_id(),
        entered_server_start = pg_catalog.pg_postmaster_start_time()
    WHERE r.tenant_id = v_tenant AND r.run_id = p_run;
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_run_enter(uuid, text) IS
    'The first statement of a phase''s write transaction: locks the run and its lock key, and makes it the current run.';

CREATE FUNCTION cutter_governance.fn_require_cover(p_operation text, p_doc_prefix text, p_row_count bigint) RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run cutter_governance.run := cutter_governance.current_run();
BEGIN
    IF (v_run.run_id IS NOT NULL AND v_run.lock_key = p_doc_prefix) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no current run for this document';
    END IF;
    PERFORM FROM cutter_governance.rehearsal AS h WHERE h.run_id = v_run.run_id;
    IF FOUND THEN
        RETURN v_run.run_id;
    END IF;
    PERFORM FROM cutter_governance.approval_use AS u
    WHERE u.tenant_id = v_run.tenant_id AND u.run_id = v_run.run_id AND u.doc_prefix = p_doc_prefix
      AND (p_row_count IS NULL OR u.row_count = p_row_count)
      AND EXISTS (SELECT FROM pg_catalog.unnest(u.covers) AS c (operation)
                  WHERE pg_catalog.split_part(c.operation, '@', 1) = p_operation);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no rehearsal and no approval covers this operation';
    END IF;
    RETURN v_run.run_id;
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_require_cover(text, text, bigint) IS
    'The wall, for the owner''s functions only: the current run, if it rehearses or an approval of it covers the operation, prefix and row count (null: any); else CU001.';

GRANT EXECUTE ON FUNCTION cutter_governance.current_run()
    TO cutter_survey, cutter_writer, cutter_appender, cutter_approver, cutter_ledger;
GRANT EXECUTE ON FUNCTION cutter_governance.fn_lock_number(text) TO cutter_survey, cutter_writer, cutter_appender;
GRANT EXECUTE ON FUNCTION cutter_governance.fn_rehearsal_begin(uuid),
    cutter_governance.fn_run_create(uuid, text, text, text, text) TO cutter_appender;
GRANT EXECUTE ON FUNCTION cutter_governance.fn_run_enter(uuid, text) TO cutter_appender, cutter_writer;
GRANT USAGE ON TYPE cutter_governance.run
    TO cutter_survey, cutter_writer, cutter_appender, cutter_approver, cutter_ledger;

-- Markers

CREATE TABLE cutter_governance.phase_marker (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    guard text COLLATE "C" NOT NULL,
    key text[] COLLATE "C" NOT NULL,
    key_sha256 text COLLATE "C" NOT NULL CHECK (key_sha256 ~ '^[0-9a-f]{64}$'),
    run_id uuid NOT NULL,
    phase text COLLATE "C" NOT NULL,
    operation text NOT NULL,
    outcome bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    voided_by uuid,
    PRIMARY KEY (tenant_id, run_id, phase),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run,
    FOREIGN KEY (tenant_id, voided_by) REFERENCES cutter_governance.run
);
CREATE UNIQUE INDEX phase_marker_in_force ON cutter_governance.phase_marker (tenant_id, guard, key) WHERE voided_by IS NULL;
CREATE UNIQUE INDEX phase_marker_digest_in_force ON cutter_governance.phase_marker (tenant_id, guard, key_sha256)
    WHERE voided_by IS NULL;
COMMENT ON TABLE cutter_governance.phase_marker IS 'Effects that happened, each in the transaction of its effect. Never deleted.';
COMMENT ON COLUMN cutter_governance.phase_marker.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.phase_marker.guard IS 'The guard''s name, such as G-CUT-ONCE.';
COMMENT ON COLUMN cutter_governance.phase_marker.key IS 'The parts of the key, in order.';
COMMENT ON COLUMN cutter_governance.phase_marker.key_sha256 IS 'Hex sha256 of the canonical JSON of guard and key.';
COMMENT ON COLUMN cutter_governance.phase_marker.run_id IS 'The run that did it.';
COMMENT ON COLUMN cutter_governance.phase_marker.phase IS 'The phase that did it.';
COMMENT ON COLUMN cutter_governance.phase_marker.operation IS 'The operation, name@version.';
COMMENT ON COLUMN cutter_governance.phase_marker.outcome IS 'The outcome, canonical JSON, metadata only.';
COMMENT ON COLUMN cutter_governance.phase_marker.created_at IS 'When it happened.';
COMMENT ON COLUMN cutter_governance.phase_marker.voided_by IS 'The run that voided the effect, if one did.';
ALTER TABLE cutter_governance.phase_marker ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cutter_governance.phase_marker USING (tenant_id = (SELECT cutter_governance.current_tenant()));
CREATE POLICY current_run_only ON cutter_governance.phase_marker AS RESTRICTIVE FOR INSERT
    WITH CHECK (run_id = (SELECT r.run_id FROM cutter_governance.current_run() AS r) AND voided_by IS NULL);
GRANT SELECT ON cutter_governance.phase_marker TO cutter_survey;
GRANT INSERT (guard, key, key_sha256, run_id, phase, operation, outcome) ON cutter_governance.phase_marker TO cutter_appender;

-- The ledger: a chain of events for each tenant. Made by the migrating superuser, then given to cutter_ledger.
--
-- genesis  = sha256(utf8('cutter-ledger/v1 genesis' LF tenant LF system_identifier LF database_oid LF log_id))
-- row hash = sha256(utf8('cutter-ledger/v1' LF) || previous hash (32 bytes) || seq (8 bytes, big-endian) || body)
-- The previous hash of the first event is the genesis; system_identifier and database_oid are those of the database in
-- which the log was begun, in decimal, and are kept in the head, so that the genesis can be computed again.

CREATE TABLE cutter_governance.ledger_head (
    tenant_id text COLLATE "C" NOT NULL PRIMARY KEY DEFAULT cutter_governance.current_tenant(),
    log_id uuid NOT NULL DEFAULT gen_random_uuid(),
    system_identifier text NOT NULL,
    database_oid bigint NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    head_sha256 text COLLATE "C" NOT NULL CHECK (head_sha256 ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE cutter_governance.ledger_head IS 'The head of each tenant''s chain of events. It only moves forward.';
COMMENT ON COLUMN cutter_governance.ledger_head.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.ledger_head.log_id IS 'The random id of this log.';
COMMENT ON COLUMN cutter_governance.ledger_head.system_identifier IS 'The cluster in which the log was begun; part of the genesis.';
COMMENT ON COLUMN cutter_governance.ledger_head.database_oid IS 'The database in which the log was begun; part of the genesis.';
COMMENT ON COLUMN cutter_governance.ledger_head.size IS 'How many events the chain has.';
COMMENT ON COLUMN cutter_governance.ledger_head.head_sha256 IS 'The hash of the last event; of an empty chain the genesis.';

CREATE TABLE cutter_governance.ledger_event (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    seq bigint NOT NULL CHECK (seq > 0),
    run_id uuid NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) <= 8192),
    row_sha256 text COLLATE "C" NOT NULL CHECK (row_sha256 ~ '^[0-9a-f]{64}$'),
    prev_sha256 text COLLATE "C" NOT NULL CHECK (prev_sha256 ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (tenant_id, seq),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run
);
CREATE INDEX ledger_event_run ON cutter_governance.ledger_event (tenant_id, run_id, seq);
COMMENT ON TABLE cutter_governance.ledger_event IS 'What happened, in order, each event chained to the one before. Append only.';
COMMENT ON COLUMN cutter_governance.ledger_event.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.ledger_event.seq IS 'The event''s place in the tenant''s chain, from 1, without gaps.';
COMMENT ON COLUMN cutter_governance.ledger_event.run_id IS 'The run that it is of.';
COMMENT ON COLUMN cutter_governance.ledger_event.body IS 'The event, canonical JSON, metadata only.';
COMMENT ON COLUMN cutter_governance.ledger_event.row_sha256 IS 'The hash of this event, the last one''s hash among what it is over.';
COMMENT ON COLUMN cutter_governance.ledger_event.prev_sha256 IS 'The hash of the event before; of the first event the genesis.';

ALTER TABLE cutter_governance.ledger_head ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE cutter_governance.ledger_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cutter_governance.ledger_head USING (tenant_id = (SELECT cutter_governance.current_tenant()));
CREATE POLICY tenant ON cutter_governance.ledger_event USING (tenant_id = (SELECT cutter_governance.current_tenant()));

CREATE FUNCTION cutter_governance.ledger_is_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CU008', MESSAGE = 'the ledger is append only';
END
$$;
COMMENT ON FUNCTION cutter_governance.ledger_is_append_only() IS 'Raises CU008.';

CREATE FUNCTION cutter_governance.ledger_head_moves_forward() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.size > OLD.size AND NEW.tenant_id = OLD.tenant_id AND NEW.log_id = OLD.log_id
        AND NEW.system_identifier = OLD.system_identifier AND NEW.database_oid = OLD.database_oid) IS NOT TRUE
    THEN
        RAISE EXCEPTION USING ERRCODE = 'CU008', MESSAGE = 'the ledger is append only';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION cutter_governance.ledger_head_moves_forward() IS
    'Raises CU008 unless the head''s size grows and all that names the log stays.';

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON cutter_governance.ledger_event
    FOR EACH ROW EXECUTE FUNCTION cutter_governance.ledger_is_append_only();
CREATE TRIGGER append_only BEFORE TRUNCATE ON cutter_governance.ledger_event
    FOR EACH STATEMENT EXECUTE FUNCTION cutter_governance.ledger_is_append_only();
CREATE TRIGGER forward BEFORE UPDATE ON cutter_governance.ledger_head
    FOR EACH ROW EXECUTE FUNCTION cutter_governance.ledger_head_moves_forward();
CREATE TRIGGER append_only_rows BEFORE DELETE ON cutter_governance.ledger_head
    FOR EACH ROW EXECUTE FUNCTION cutter_governance.ledger_is_append_only();
CREATE TRIGGER append_only BEFORE TRUNCATE ON cutter_governance.ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION cutter_governance.ledger_is_append_only();
ALTER TABLE cutter_governance.ledger_event ENABLE ALWAYS TRIGGER append_only_rows, ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE cutter_governance.ledger_head ENABLE ALWAYS TRIGGER forward, ENABLE ALWAYS TRIGGER append_only_rows,
    ENABLE ALWAYS TRIGGER append_only;

CREATE FUNCTION cutter_governance.fn_ledger_head() RETURNS TABLE (log_id text, size bigint, head_sha256 text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.log_id::text, h.size, h.head_sha256 FROM cutter_governance.ledger_head AS h
    WHERE h.tenant_id = cutter_governance.current_tenant() FOR UPDATE
$$;
COMMENT ON FUNCTION cutter_governance.fn_ledger_head() IS
    'The head of the tenant''s chain, locked until the transaction ends, so that the caller can chain to it.';

CREATE FUNCTION cutter_governance.fn_ledger_append(p_bodies bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
    v_person text := cutter_governance.current_person();
    v_run uuid := (SELECT r.run_id FROM cutter_governance.current_run() AS r);
    v_prefix bytea := pg_catalog.convert_to(E'cutter-ledger/v1\n', 'UTF8');
    v_size bigint;
    v_head text;
    v_hash text;
    v_body bytea;
    v_event jsonb;
BEGIN
    SELECT h.size, h.head_sha256 INTO v_size, v_head FROM cutter_governance.ledger_head AS h
    WHERE h.tenant_id = v_tenant FOR UPDATE;
    IF NOT FOUND OR v_run IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU006', MESSAGE = 'no ledger of this tenant, or no current run';
    END IF;
    IF cardinality(p_bodies) IS NOT DISTINCT FROM 0 THEN
        RETURN v_size;
    END IF;
    FOREACH v_body IN ARRAY p_bodies LOOP
        IF octet_length(v_body) > 8192 THEN
            RAISE EXCEPTION USING ERRCODE = 'CU007', MESSAGE = 'an event is too large';
        END IF;
        v_event := pg_catalog.convert_from(v_body, 'UTF8')::jsonb;
        IF (v_event -> 'seq' = to_jsonb(v_size + 1) AND v_event -> 'prev_sha256' = to_jsonb(v_head)
            AND v_event -> 'tenant' = to_jsonb(v_tenant) AND v_event -> 'person_id' = to_jsonb(v_person)
            AND v_event -> 'run_id' = to_jsonb(v_run::text)
            AND (SELECT count(*) FROM pg_catalog.json_object_keys(pg_catalog.convert_from(v_body, 'UTF8')::json))
              = (SELECT count(*) FROM pg_catalog.jsonb_object_keys(v_event))) IS NOT TRUE
        THEN
            RAISE EXCEPTION USING ERRCODE = 'CU006', MESSAGE = 'an event does not chain to the head, or names others';
        END IF;
        v_hash := encode(sha256(v_prefix || decode(v_head, 'hex') || int8send(v_size + 1) || v_body), 'hex');
        INSERT INTO cutter_governance.ledger_event (tenant_id, seq, run_id, body, row_sha256, prev_sha256)
        VALUES (v_tenant, v_size + 1, v_run, v_body, v_hash, v_head);
        v_size := v_size + 1;
        v_head := v_hash;
    END LOOP;
    UPDATE cutter_governance.ledger_head AS h SET size = v_size, head_sha256 = v_head WHERE h.tenant_id = v_tenant;
    RETURN v_size;
EXCEPTION
    -- what is wrong with a body is not told with the body's own words
    WHEN data_exception OR not_null_violation OR null_value_not_allowed THEN
        RAISE EXCEPTION USING ERRCODE = 'CU006', MESSAGE = 'an event is not canonical JSON';
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_ledger_append(bytea[]) IS
    'Appends events in order; each body names its own seq, prev_sha256, tenant, person_id and run_id, which must be those of head, login and current run (CU006) and at most 8192 bytes (CU007). Returns the new size.';

ALTER TABLE cutter_governance.ledger_head OWNER TO cutter_ledger;
ALTER TABLE cutter_governance.ledger_event OWNER TO cutter_ledger;
ALTER FUNCTION cutter_governance.ledger_is_append_only() OWNER TO cutter_ledger;
ALTER FUNCTION cutter_governance.ledger_head_moves_forward() OWNER TO cutter_ledger;
ALTER FUNCTION cutter_governance.fn_ledger_head() OWNER TO cutter_ledger;
ALTER FUNCTION cutter_governance.fn_ledger_append(bytea[]) OWNER TO cutter_ledger;
REVOKE ALL ON FUNCTION cutter_governance.ledger_is_append_only(), cutter_governance.ledger_head_moves_forward(),
    cutter_governance.fn_ledger_head(), cutter_governance.fn_ledger_append(bytea[]) FROM PUBLIC;
REVOKE USAGE ON TYPE cutter_governance.ledger_head, cutter_governance.ledger_event FROM PUBLIC;
GRANT SELECT ON cutter_governance.ledger_head, cutter_governance.ledger_event TO cutter_survey;
GRANT SELECT ON cutter_governance.ledger_head TO cutter_owner;
GRANT EXECUTE ON FUNCTION cutter_governance.fn_ledger_head(), cutter_governance.fn_ledger_append(bytea[]) TO cutter_appender;

SET LOCAL ROLE cutter_owner;
CREATE FUNCTION cutter_governance.fn_target() RETURNS TABLE (
    system_identifier text, database_oid bigint, database text, server_version text, ledger_log_id text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.system_identifier::text, d.oid::bigint, d.datname::text, current_setting('server_version'), h.log_id::text
    FROM pg_catalog.pg_control_system() AS c
    JOIN pg_catalog.pg_database AS d ON d.datname = current_database()
    LEFT JOIN cutter_governance.ledger_head AS h ON h.tenant_id = cutter_governance.current_tenant()
$$;
COMMENT ON FUNCTION cutter_governance.fn_target() IS 'Which database this is, and which ledger it keeps for the tenant.';
GRANT EXECUTE ON FUNCTION cutter_governance.fn_target() TO cutter_survey;

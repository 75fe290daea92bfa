-- Signed approvals: what people signed, which signatures opened a gate, and what else a live run leaves behind it.
-- Codes: CU007 too large, CU008 never changed, CU010 too many signatures, CU011 the quorum, CU012 expired, CU013 used,
-- CU014 an older trust bundle, CU015 no such request, CU016 no such event.

-- Checkpoints: beside the ledger, of the same owner. Made by the migrating superuser, then given to cutter_ledger.

CREATE TABLE cutter_governance.checkpoint (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    log_id uuid NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    head_sha256 text COLLATE "C" NOT NULL CHECK (head_sha256 ~ '^[0-9a-f]{64}$'),
    envelope bytea NOT NULL CHECK (octet_length(envelope) BETWEEN 1 AND 8192),
    taken_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (tenant_id, log_id, size)
);
COMMENT ON TABLE cutter_governance.checkpoint IS 'Signed statements of how far the ledger had come. Append only; copies are kept elsewhere.';
COMMENT ON COLUMN cutter_governance.checkpoint.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.checkpoint.log_id IS 'The log that it is of.';
COMMENT ON COLUMN cutter_governance.checkpoint.size IS 'How many events the log had.';
COMMENT ON COLUMN cutter_governance.checkpoint.head_sha256 IS 'The hash of the last of them.';
COMMENT ON COLUMN cutter_governance.checkpoint.envelope IS 'The statement, a DSSE envelope signed by the runner''s key.';
COMMENT ON COLUMN cutter_governance.checkpoint.taken_at IS 'When it was kept.';
ALTER TABLE cutter_governance.checkpoint ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cutter_governance.checkpoint USING (tenant_id = (SELECT cutter_governance.current_tenant()));

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON cutter_governance.checkpoint
    FOR EACH ROW EXECUTE FUNCTION cutter_governance.ledger_is_append_only();
CREATE TRIGGER append_only BEFORE TRUNCATE ON cutter_governance.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION cutter_governance.ledger_is_append_only();
ALTER TABLE cutter_governance.checkpoint ENABLE ALWAYS TRIGGER append_only_rows, ENABLE ALWAYS TRIGGER append_only;

CREATE FUNCTION cutter_governance.fn_checkpoint_keep(p_size bigint, p_head_sha256 text, p_envelope bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
BEGIN
    IF (octet_length(p_envelope) BETWEEN 1 AND 8192) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU007', MESSAGE = 'the envelope is empty or too large';
    END IF;
    PERFORM FROM cutter_governance.ledger_event AS e
    WHERE e.tenant_id = v_tenant AND e.seq = p_size AND e.row_sha256 = p_head_sha256;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU016', MESSAGE = 'the ledger has no such event';
    END IF;
    INSERT INTO cutter_governance.checkpoint (tenant_id, log_id, size, head_sha256, envelope)
    SELECT h.tenant_id, h.log_id, p_size, p_head_sha256, p_envelope
    FROM cutter_governance.ledger_head AS h WHERE h.tenant_id = v_tenant
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_checkpoint_keep(bigint, text, bytea) IS
    'Keeps a checkpoint of an event that the ledger has (else CU016); the first one of a size stays.';

ALTER TABLE cutter_governance.checkpoint OWNER TO cutter_ledger;
ALTER FUNCTION cutter_governance.fn_checkpoint_keep(bigint, text, bytea) OWNER TO cutter_ledger;
REVOKE ALL ON FUNCTION cutter_governance.fn_checkpoint_keep(bigint, text, bytea) FROM PUBLIC;
REVOKE USAGE ON TYPE cutter_governance.checkpoint FROM PUBLIC;
GRANT SELECT ON cutter_governance.checkpoint TO cutter_survey;
GRANT EXECUTE ON FUNCTION cutter_governance.fn_checkpoint_keep(bigint, text, bytea) TO cutter_appender;

SET LOCAL ROLE cutter_owner;

-- Signatures

ALTER TABLE cutter_governance.run
    ADD COLUMN requester_login text COLLATE "C" NOT NULL DEFAULT session_user::text;
COMMENT ON COLUMN cutter_governance.run.requester_login IS 'The login that made the run.';

CREATE TABLE cutter_governance.signature (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    request_sha256 text COLLATE "C" NOT NULL CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
    signature_sha256 text COLLATE "C" NOT NULL CHECK (signature_sha256 = encode(sha256(envelope), 'hex')),
    kb_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('approval', 'rejection')),
    envelope bytea NOT NULL CHECK (octet_length(envelope) BETWEEN 1 AND 65536),
    person_id text COLLATE "C" NOT NULL,
    login_name text COLLATE "C" NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, request_sha256, signature_sha256),
    FOREIGN KEY (tenant_id, kb_id) REFERENCES kb.document
);
COMMENT ON TABLE cutter_governance.signature IS 'What people signed of requests: approvals and rejections, judged by who reads them. Append only.';
COMMENT ON COLUMN cutter_governance.signature.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.signature.request_sha256 IS 'Hex sha256 of the request that was signed.';
COMMENT ON COLUMN cutter_governance.signature.signature_sha256 IS 'Hex sha256 of envelope.';
COMMENT ON COLUMN cutter_governance.signature.kb_id IS 'The request''s id in the knowledge base.';
COMMENT ON COLUMN cutter_governance.signature.kind IS 'approval or rejection.';
COMMENT ON COLUMN cutter_governance.signature.envelope IS 'A DSSE envelope with one signature.';
COMMENT ON COLUMN cutter_governance.signature.person_id IS 'The person whose login gave it.';
COMMENT ON COLUMN cutter_governance.signature.login_name IS 'The login that gave it.';
COMMENT ON COLUMN cutter_governance.signature.signed_at IS 'When it was given.';

CREATE TABLE cutter_governance.review_decision (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    request_sha256 text COLLATE "C" NOT NULL,
    signature_sha256 text COLLATE "C" NOT NULL,
    run_id uuid NOT NULL,
    gate_id text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL CHECK (role ~ '^[A-Za-z0-9._:/@+-]{1,200}$'),
    decided_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (tenant_id, request_sha256, signature_sha256),
    FOREIGN KEY (tenant_id, request_sha256, signature_sha256) REFERENCES cutter_governance.signature,
    FOREIGN KEY (tenant_id, request_sha256) REFERENCES cutter_governance.approval_use
);
COMMENT ON TABLE cutter_governance.review_decision IS 'The signatures that opened a gate, each with the role that it counted for. Append only.';
COMMENT ON COLUMN cutter_governance.review_decision.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.review_decision.request_sha256 IS 'Hex sha256 of the request.';
COMMENT ON COLUMN cutter_governance.review_decision.signature_sha256 IS 'The signature that counted.';
COMMENT ON COLUMN cutter_governance.review_decision.run_id IS 'The run whose gate it opened.';
COMMENT ON COLUMN cutter_governance.review_decision.gate_id IS 'That gate.';
COMMENT ON COLUMN cutter_governance.review_decision.person_id IS 'The person who signed.';
COMMENT ON COLUMN cutter_governance.review_decision.role IS 'The role that the person was counted for.';
COMMENT ON COLUMN cutter_governance.review_decision.decided_at IS 'When the gate was opened.';

-- An escalation is asked anew at each failure, so its gate may be passed several times in a run.
ALTER TABLE cutter_governance.approval_use DROP CONSTRAINT approval_use_tenant_id_run_id_gate_id_key;
CREATE UNIQUE INDEX approval_use_gate ON cutter_governance.approval_use (tenant_id, run_id, gate_id)
    WHERE gate_id <> 'GATE_FAILURE_ESCALATION';
CREATE INDEX approval_use_run ON cutter_governance.approval_use (tenant_id, run_id);

-- What else a live run records

CREATE TABLE cutter_governance.trust_floor (
    tenant_id text COLLATE "C" NOT NULL PRIMARY KEY DEFAULT cutter_governance.current_tenant(),
    version bigint NOT NULL CHECK (version BETWEEN 0 AND 9007199254740991),
    sha256 text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    raised_at timestamptz NOT NULL DEFAULT transaction_timestamp()
);
COMMENT ON TABLE cutter_governance.trust_floor IS 'The newest trust bundle that was used: an older one is refused. It only moves forward.';
COMMENT ON COLUMN cutter_governance.trust_floor.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.trust_floor.version IS 'The bundle''s version.';
COMMENT ON COLUMN cutter_governance.trust_floor.sha256 IS 'Hex sha256 of the bundle.';
COMMENT ON COLUMN cutter_governance.trust_floor.raised_at IS 'When this version was first used.';

CREATE TABLE cutter_governance.incident (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    incident_id uuid NOT NULL DEFAULT gen_random_uuid(),
    run_id uuid NOT NULL,
    phase text COLLATE "C" NOT NULL CHECK (phase ~ '^[A-Za-z0-9._:/@+-]{0,200}$'),
    code text COLLATE "C" NOT NULL CHECK (code ~ '^[A-Za-z0-9._:/@+-]{1,200}$'),
    opened_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (tenant_id, incident_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run
);
CREATE INDEX incident_run ON cutter_governance.incident (tenant_id, run_id);
COMMENT ON TABLE cutter_governance.incident IS 'Failures of runs that had written governed rows: people decide how they go on.';
COMMENT ON COLUMN cutter_governance.incident.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.incident.incident_id IS 'The incident.';
COMMENT ON COLUMN cutter_governance.incident.run_id IS 'The run that failed.';
COMMENT ON COLUMN cutter_governance.incident.phase IS 'The phase that failed.';
COMMENT ON COLUMN cutter_governance.incident.code IS 'The stop code.';
COMMENT ON COLUMN cutter_governance.incident.opened_at IS 'When it was recorded.';

CREATE FUNCTION cutter_governance.record_is_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CU008', MESSAGE = 'this record is never changed';
END
$$;
COMMENT ON FUNCTION cutter_governance.record_is_append_only() IS 'Raises CU008.';

DO $records$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['signature', 'review_decision', 'trust_floor', 'incident'] LOOP
        EXECUTE pg_catalog.format(
            'ALTER TABLE cutter_governance.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_table);
        EXECUTE pg_catalog.format(
            'CREATE POLICY tenant ON cutter_governance.%I USING (tenant_id = (SELECT cutter_governance.current_tenant()))',
            v_table);
        EXECUTE pg_catalog.format('GRANT SELECT ON cutter_governance.%I TO cutter_survey', v_table);
    END LOOP;
    FOREACH v_table IN ARRAY ARRAY['signature', 'review_decision', 'approval_use', 'incident'] LOOP
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON cutter_governance.%I'
            ' FOR EACH ROW EXECUTE FUNCTION cutter_governance.record_is_append_only()', v_table);
        EXECUTE pg_catalog.format(
            'CREATE TRIGGER append_only BEFORE TRUNCATE ON cutter_governance.%I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION cutter_governance.record_is_append_only()', v_table);
        EXECUTE pg_catalog.format(
            'ALTER TABLE cutter_governance.%I ENABLE ALWAYS TRIGGER append_only_rows, ENABLE ALWAYS TRIGGER append_only',
            v_table);
    END LOOP;
END
$records$;

-- Signing

CREATE FUNCTION cutter_governance.fn_request_id(p_kb_id text, p_run uuid, p_gate text, p_sha256 text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p_kb_id = pg_catalog.concat_ws('/', 'approvals', p_run, p_gate,
        pg_catalog.left(p_sha256, greatest(16, pg_catalog.length(pg_catalog.split_part(p_kb_id, '/', 4)))))
$$;
COMMENT ON FUNCTION cutter_governance.fn_request_id(text, uuid, text, text) IS
    'For the owner''s functions only: whether the id is that of a request of this run and gate with this digest.';

CREATE FUNCTION cutter_governance.fn_sign(p_kb_id text, p_kind text, p_envelope bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
    v_person text := cutter_governance.current_person();
    v_signature text := encode(sha256(p_envelope), 'hex');
    v_request text;
    v_full boolean;
BEGIN
    -- what is counted below must be what is committed, not what an older snapshot saw
    IF (p_kind IN ('approval', 'rejection') AND current_setting('transaction_isolation') = 'read committed') IS NOT TRUE
    THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'only approvals and rejections, in a read committed transaction';
    END IF;
    IF (octet_length(p_envelope) BETWEEN 1 AND 65536) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU007', MESSAGE = 'the envelope is empty or too large';
    END IF;
    -- the lock makes the signers of one request count one after the other
    SELECT d.sha256 INTO v_request
    FROM kb.document AS d
    JOIN cutter_governance.run AS r ON r.tenant_id = d.tenant_id AND r.run_id = d.run_id
    WHERE d.tenant_id = v_tenant AND d.kb_id = p_kb_id AND r.mode = 'live'
      AND cutter_governance.fn_request_id(d.kb_id, d.run_id, split_part(d.kb_id, '/', 3), d.sha256)
    FOR NO KEY UPDATE OF d;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU015', MESSAGE = 'no live run asks this';
    END IF;
    PERFORM FROM cutter_governance.signature AS s
    WHERE s.tenant_id = v_tenant AND s.request_sha256 = v_request AND s.signature_sha256 = v_signature
      AND s.kind = p_kind AND s.person_id = v_person AND s.login_name = session_user::text;
    IF FOUND THEN
        RETURN v_signature;
    END IF;
    SELECT count(*) >= 16 OR count(*) FILTER (WHERE s.person_id = v_person) >= 4 INTO v_full
    FROM cutter_governance.signature AS s WHERE s.tenant_id = v_tenant AND s.request_sha256 = v_request;
    IF v_full THEN
        RAISE EXCEPTION USING ERRCODE = 'CU010', MESSAGE = 'too many signatures of this request';
    END IF;
    INSERT INTO cutter_governance.signature
        (tenant_id, request_sha256, signature_sha256, kb_id, kind, envelope, person_id, login_name)
    VALUES (v_tenant, v_request, v_signature, p_kb_id, p_kind, p_envelope, v_person, session_user::text);
    RETURN v_signature;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'somebody else gave this very envelope, or it was given otherwise';
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_sign(text, text, bytea) IS
    'Keeps a signature on a live run''s request, with the person and login that connected; at most 16 a request and 4 a person (CU010). The same again does nothing. Returns the envelope''s digest.';

-- Using an approval

CREATE FUNCTION cutter_governance.fn_request_read(p_body bytea) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_text text := pg_catalog.convert_from(p_body, 'UTF8');
    v_request jsonb := v_text::jsonb;
BEGIN
    -- a key twice could be read as the one or the other
    IF ((SELECT count(*) FROM pg_catalog.json_object_keys(v_text::json))
          = (SELECT count(*) FROM pg_catalog.jsonb_object_keys(v_request))
        AND (SELECT count(*) FROM pg_catalog.json_object_keys(v_text::json -> 'quorum'))
          = (SELECT count(*) FROM pg_catalog.jsonb_object_keys(v_request -> 'quorum'))
        AND pg_catalog.jsonb_typeof(v_request -> 'covers') = 'array'
        AND v_request -> 'max_uses' = '1'::jsonb
        AND (v_request #>> '{quorum,threshold}')::bigint >= 1) IS NOT TRUE
    THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the document is no request that can be used once';
    END IF;
    RETURN v_request;
EXCEPTION
    -- what is wrong with a body is not told with the body's own words
    WHEN data_exception THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the document is no request';
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_request_read(bytea) IS
    'For the owner''s functions only: the request that a document holds, if it can be read in one way only; else CU001.';

CREATE FUNCTION cutter_governance.fn_consume(
    p_kb_id text, p_request_sha256 text, p_signatures text[], p_roles text[]
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run cutter_governance.run := cutter_governance.current_run();
    v_request jsonb;
    v_gate text;
    v_counted text[];
    v_persons bigint;
BEGIN
    PERFORM FROM cutter_governance.rehearsal AS h WHERE h.run_id = v_run.run_id;
    IF FOUND OR (v_run.mode = 'live') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no live run has been entered';
    END IF;
    SELECT cutter_governance.fn_request_read(d.body) INTO v_request
    FROM kb.document AS d
    WHERE d.tenant_id = v_run.tenant_id AND d.kb_id = p_kb_id AND d.run_id = v_run.run_id AND d.sha256 = p_request_sha256;
    v_gate := v_request ->> 'gate_id';
    IF (v_request -> 'tenant' = to_jsonb(v_run.tenant_id) AND v_request -> 'run_id' = to_jsonb(v_run.run_id::text)
        AND v_request -> 'lock_key' = to_jsonb(v_run.lock_key)
        AND cutter_governance.fn_request_id(p_kb_id, v_run.run_id, v_gate, p_request_sha256)
        AND cardinality(p_signatures) = cardinality(p_roles)
        AND cardinality(p_signatures) = (SELECT count(DISTINCT n.sha256) FROM unnest(p_signatures) AS n (sha256))) IS NOT TRUE
    THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the request is not one of this run, or is named otherwise';
    END IF;
    IF ((v_request ->> 'execute_by')::timestamptz >= clock_timestamp()) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU012', MESSAGE = 'the time to execute has passed';
    END IF;
    SELECT array_agg(s.signature_sha256), count(DISTINCT s.person_id) INTO v_counted, v_persons
    FROM cutter_governance.signature AS s
    WHERE s.tenant_id = v_run.tenant_id AND s.request_sha256 = p_request_sha256 AND s.kind = 'approval'
      AND s.signature_sha256 = ANY (p_signatures)
      AND s.person_id NOT IN (v_run.requester, cutter_governance.current_person())
      AND s.login_name NOT IN (v_run.requester_login, session_user::text);
    IF (v_persons >= (v_request #>> '{quorum,threshold}')::bigint) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU011', MESSAGE = 'too few other persons have signed';
    END IF;
    INSERT INTO cutter_governance.approval_use
        (tenant_id, request_sha256, run_id, gate_id, covers, doc_prefix, row_count)
    VALUES (v_run.tenant_id, p_request_sha256, v_run.run_id, v_gate,
            ARRAY(SELECT jsonb_array_elements_text(v_request -> 'covers')), v_run.lock_key,
            (v_request ->> 'row_count')::bigint);
    INSERT INTO cutter_governance.review_decision
        (tenant_id, request_sha256, signature_sha256, run_id, gate_id, person_id, role)
    SELECT s.tenant_id, s.request_sha256, s.signature_sha256, v_run.run_id, v_gate, s.person_id, n.role
    FROM unnest(p_signatures, p_roles) AS n (sha256, role)
    JOIN cutter_governance.signature AS s ON s.tenant_id = v_run.tenant_id AND s.request_sha256 = p_request_sha256
        AND s.signature_sha256 = n.sha256
    WHERE n.sha256 = ANY (v_counted);
    RETURN v_gate;
EXCEPTION
    WHEN unique_violation THEN
        RAISE EXCEPTION USING ERRCODE = 'CU013', MESSAGE = 'the approval was used, or the gate was passed';
    WHEN data_exception OR not_null_violation OR check_violation THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the document is no request';
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_consume(text, text, text[], text[]) IS
    'Uses an approval of the current live run, once (CU013): looks at the request, at its end (CU012), and at how many persons other than who asked and who executes gave the signatures that are named (CU011). Returns the gate.';

-- What an escalation decides is that the run goes on, under the approvals that it has: it covers nothing itself.
CREATE OR REPLACE FUNCTION cutter_governance.fn_require_cover(p_operation text, p_doc_prefix text, p_row_count bigint)
RETURNS uuid
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
      AND u.gate_id <> 'GATE_FAILURE_ESCALATION'
      AND (p_row_count IS NULL OR u.row_count = p_row_count)
      AND EXISTS (SELECT FROM pg_catalog.unnest(u.covers) AS c (operation)
                  WHERE pg_catalog.split_part(c.operation, '@', 1) = p_operation);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no rehearsal and no approval covers this operation';
    END IF;
    RETURN v_run.run_id;
END
$$;

-- Trust and incidents

CREATE FUNCTION cutter_governance.fn_trust_raise(p_version bigint, p_sha256 text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run cutter_governance.run := cutter_governance.current_run();
BEGIN
    IF v_run.run_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no run has been entered';
    END IF;
    INSERT INTO cutter_governance.trust_floor AS f (tenant_id, version, sha256)
    VALUES (v_run.tenant_id, p_version, p_sha256)
    ON CONFLICT (tenant_id) DO UPDATE
        SET version = excluded.version, sha256 = excluded.sha256, raised_at = excluded.raised_at
        WHERE excluded.version > f.version;
    PERFORM FROM cutter_governance.trust_floor AS f
    WHERE f.tenant_id = v_run.tenant_id AND f.version = p_version AND f.sha256 = p_sha256;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU014', MESSAGE = 'a newer trust bundle was used, or another of this version';
    END IF;
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_trust_raise(bigint, text) IS
    'Records the trust bundle that the current run uses: a newer one, or the one recorded; else CU014.';

CREATE FUNCTION cutter_governance.fn_incident_open(p_phase text, p_code text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run cutter_governance.run := cutter_governance.current_run();
    v_incident uuid := gen_random_uuid();
BEGIN
    IF v_run.run_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no run has been entered';
    END IF;
    INSERT INTO cutter_governance.incident (tenant_id, incident_id, run_id, phase, code)
    VALUES (v_run.tenant_id, v_incident, v_run.run_id, p_phase, p_code);
    RETURN v_incident;
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_incident_open(text, text) IS
    'Records that the current run failed at a phase after it had written governed rows; returns the incident.';

GRANT EXECUTE ON FUNCTION cutter_governance.fn_sign(text, text, bytea) TO cutter_approver;
GRANT EXECUTE ON FUNCTION
    cutter_governance.fn_consume(text, text, text[], text[]),
    cutter_governance.fn_trust_raise(bigint, text),
    cutter_governance.fn_incident_open(text, text)
TO cutter_appender;

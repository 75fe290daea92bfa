-- What an auditor may see: one view over the ledger, of closed columns only. A value is one of a few words that are
-- listed here, a word of ours in the form that such words have (letters only: no digit, so no number, date or
-- identifier passes), a number that is listed, or a time cut to its minute; whatever else stands in an event comes out
-- as null. Tenant, person, run, request, document, digest, parameter, row and sequence number are no columns.
--
-- The function is the wall, the view is its name: a function reads as its owner, so that an auditor needs no right to
-- any table or other function, not to that which tells the tenant either.
DO $roles$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS p WHERE p.rolname = 'cutter_auditor') THEN
        BEGIN
            CREATE ROLE cutter_auditor NOLOGIN NOINHERIT;
            COMMENT ON ROLE cutter_auditor IS 'May read the view cutter_governance.audit, and nothing else.';
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- another database's migration made it a moment ago
        END;
    END IF;
END
$roles$;

GRANT SELECT (tenant_id, run_id, pipeline, mode, started_by) ON cutter_governance.run TO cutter_ledger;

CREATE FUNCTION cutter_governance.fn_audit() RETURNS TABLE (
    "at" timestamptz, pipeline text, mode text, started_by text, phase text, event text, operation text, gate text,
    stop_code text, exit_code smallint, category text, verdict text, reason text, outcome text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF cutter_governance.current_tenant() IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU017', MESSAGE = 'the login belongs to no tenant';
    END IF;
    RETURN QUERY
    WITH told AS (
        SELECT b.pipeline, b.mode, b.started_by, b.body ->> 'at' AS "at", b.body ->> 'phase' AS phase, d.*,
            -- a decision's own, or those of a stop that says why a policy denied; an aborted run's reason is somebody's
            CASE WHEN d.event = 'stopped' AND d.stop_code = 'STOP_POLICY_DENIED' THEN 'deny'
                 WHEN d.event = 'acted' THEN d.found #>> '{record,verdict}' END AS verdict,
            CASE WHEN d.event = 'stopped' AND d.stop_code = 'STOP_POLICY_DENIED' THEN d.detail
                 WHEN d.event = 'acted' AND d.operation = 'policy.decide@1' THEN d.found #>> '{record,reason}'
            END AS reason,
            CASE WHEN d.event = 'attempted' THEN d.outcome
                 WHEN d.event = 'acted' AND d.operation = 'comm.send_message@1' THEN d.found ->> 'outcome' END AS sent
        FROM (
            SELECT r.pipeline, r.mode, r.started_by, pg_catalog.convert_from(e.body, 'UTF8')::jsonb AS body
            FROM cutter_governance.ledger_event AS e
            JOIN cutter_governance.run AS r ON r.tenant_id = e.tenant_id AND r.run_id = e.run_id
        ) AS b
        CROSS JOIN LATERAL (
            SELECT s.data ->> 'event' AS event, s.data ->> 'operation' AS operation, s.data ->> 'gate' AS gate,
                s.data ->> 'code' AS stop_code, s.data ->> 'exit' AS exit_code, s.data ->> 'category' AS category,
                s.data ->> 'detail' AS detail, s.data ->> 'outcome' AS outcome, s.data -> 'outcome' AS found
            FROM (SELECT b.body -> 'data') AS s (data)
        ) AS d
    )
    SELECT
        CASE WHEN t."at" ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$'
             THEN pg_catalog.date_trunc('minute', t."at"::timestamptz) END,
        substring(t.pipeline FROM '^[a-z]{1,20}(?:-[a-z]{1,20}){0,3}$'),
        CASE WHEN t.mode IN ('dryrun', 'live') THEN t.mode END,
        CASE WHEN t.started_by IN ('person', 'policy') THEN t.started_by END,
        substring(t.phase FROM '^[a-z]{1,20}(?:_[a-z]{1,20}){0,3}$'),
        CASE WHEN t.event IN (
            'spawned', 'started', 'surveyed', 'planned', 'gatewaiting', 'gaterefused', 'approvalverified', 'gateopened',
            'gaterehearsed', 'wouldstop', 'intended', 'attempted', 'skipped', 'acted', 'published', 'verified',
            'overran', 'stopped', 'resumed', 'completed', 'aborted'
        ) THEN t.event END,
        substring(t.operation FROM '^[a-z]{1,20}\.[a-z]{1,20}(?:_[a-z]{1,20}){0,3}@[1-9]$'),
        substring(t.gate FROM '^GATE(?:_[A-Z]{1,20}){1,5}$'),
        substring(t.stop_code FROM '^STOP(?:_(?:[A-Z]{1,20}|UTF8)){1,5}$'),
        CASE WHEN t.exit_code IN (
            '0', '1', '2', '10', '11', '12', '20', '21', '22', '30', '31', '40', '50', '51', '60', '69', '78', '130',
            '143'
        ) THEN t.exit_code::smallint END,
        CASE WHEN t.category IN (
            'MODE_VIOLATION', 'VALIDATION_ERROR', 'INVARIANT_VIOLATION', 'NOT_FOUND', 'CONFLICT',
            'UNSUPPORTED_OPERATION', 'INTERNAL_ERROR'
        ) THEN t.category END,
        CASE WHEN t.verdict IN ('deny', 'escalate', 'allow') THEN t.verdict END,
        substring(t.reason FROM '^[A-Z]{1,20}(?:_[A-Z]{1,20}){0,5}$'),
        CASE WHEN t.sent IN (
            'accepted', 'unreachable', 'refused', 'timeout', 'rejected', 'unknown', 'presumed', 'rehearsed'
        ) THEN t.sent END
    FROM told AS t;
EXCEPTION
    -- what is wrong with a body is not told with the body's own words
    WHEN data_exception THEN
        RAISE EXCEPTION USING ERRCODE = 'CU006', MESSAGE = 'an event is not canonical JSON';
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_audit() IS
    'The rows of the view audit, in no order: the events of the tenant of the login that connected, closed columns only. CU017 for an unknown login, CU006 for an event that cannot be read.';

-- The order is that of the columns themselves, so it tells nothing that they do not: not which event came first within
-- a minute, not where a reader stopped.
CREATE VIEW cutter_governance.audit WITH (security_barrier = true) AS
SELECT a."at", a.pipeline COLLATE "C" AS pipeline, a.mode COLLATE "C" AS mode,
    a.started_by COLLATE "C" AS started_by, a.phase COLLATE "C" AS phase, a.event COLLATE "C" AS event,
    a.operation COLLATE "C" AS operation, a.gate COLLATE "C" AS gate, a.stop_code COLLATE "C" AS stop_code,
    a.exit_code, a.category COLLATE "C" AS category, a.verdict COLLATE "C" AS verdict,
    a.reason COLLATE "C" AS reason, a.outcome COLLATE "C" AS outcome
FROM cutter_governance.fn_audit() AS a
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14;
COMMENT ON VIEW cutter_governance.audit IS
    'What happened, for auditors: closed columns only, one row an event, of the tenant of the login that connected, ordered by its columns from left to right. What has not the form of its column is null.';
COMMENT ON COLUMN cutter_governance.audit."at" IS 'When it happened, UTC, cut to the minute.';
COMMENT ON COLUMN cutter_governance.audit.pipeline IS 'The pipeline''s id: letters and hyphens.';
COMMENT ON COLUMN cutter_governance.audit.mode IS 'dryrun or live.';
COMMENT ON COLUMN cutter_governance.audit.started_by IS 'person or policy: who started the run.';
COMMENT ON COLUMN cutter_governance.audit.phase IS 'The phase''s id: letters and underscores; empty for an event of the whole run, which comes out as null.';
COMMENT ON COLUMN cutter_governance.audit.event IS 'The kind of event.';
COMMENT ON COLUMN cutter_governance.audit.operation IS 'The operation, name@version.';
COMMENT ON COLUMN cutter_governance.audit.gate IS 'The gate''s id, GATE_….';
COMMENT ON COLUMN cutter_governance.audit.stop_code IS 'Which stop, STOP_….';
COMMENT ON COLUMN cutter_governance.audit.exit_code IS 'The exit status of the stop.';
COMMENT ON COLUMN cutter_governance.audit.category IS 'The family of the stop.';
COMMENT ON COLUMN cutter_governance.audit.verdict IS 'What the policies decided: deny, escalate or allow.';
COMMENT ON COLUMN cutter_governance.audit.reason IS 'Why it was decided so: a word of the policy''s rule, or of cutter''s.';
COMMENT ON COLUMN cutter_governance.audit.outcome IS 'How an attempt to send ended: accepted, unreachable, refused, timeout, rejected, unknown, or presumed where people decided that it counts as sent; rehearsed.';

ALTER FUNCTION cutter_governance.fn_audit() OWNER TO cutter_ledger;
ALTER VIEW cutter_governance.audit OWNER TO cutter_ledger;
REVOKE ALL ON FUNCTION cutter_governance.fn_audit() FROM PUBLIC;
REVOKE USAGE ON TYPE cutter_governance.audit FROM PUBLIC;
GRANT USAGE ON SCHEMA cutter_governance TO cutter_auditor;
GRANT EXECUTE ON FUNCTION cutter_governance.fn_audit() TO cutter_auditor;
GRANT SELECT ON cutter_governance.audit TO cutter_auditor;

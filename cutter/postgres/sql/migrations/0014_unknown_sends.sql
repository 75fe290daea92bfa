-- Of a message of which nobody knows whether it was sent, the audit says so: `unknown`, in the row of the stop that says
-- it. Everything else is as in 0013; owner, rights and comment of the function stay.
CREATE OR REPLACE FUNCTION cutter_governance.fn_audit() RETURNS TABLE (
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
                 WHEN d.event = 'acted' AND d.operation = 'comm.send_message@1' THEN d.found ->> 'outcome'
                 -- what nobody knows has no answer of a server to tell it: the stop does, also of a run that was killed
                 WHEN d.event = 'stopped' AND d.stop_code = 'STOP_EFFECT_UNKNOWN' AND b.started_by = 'policy'
                 THEN 'unknown' END AS sent
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

COMMENT ON COLUMN comm.message.attempt IS
    'Counts from 1; more only where people decided to send again what nobody knows to have arrived, or ended what was not sent.';

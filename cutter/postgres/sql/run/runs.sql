SELECT r.run_id::text, r.pipeline, r.mode, r.lock_key, r.created_at,
    coalesce(CASE WHEN last.data ->> 'code' = ANY (%(final)s) AND last.data ->> 'event' = 'stopped'
                       AND (last.data ->> 'exit' <> '51' OR last.data ->> 'code' = ANY (%(declined)s)) THEN 'declined'
                  ELSE last.data ->> 'event' END, '') AS last_event,
    coalesce(marked.voided, false) AS voided, r.started_by
FROM cutter_governance.run AS r
LEFT JOIN LATERAL (
    SELECT convert_from(e.body, 'UTF8')::jsonb -> 'data' AS data
    FROM cutter_governance.ledger_event AS e
    WHERE e.tenant_id = r.tenant_id AND e.run_id = r.run_id
    ORDER BY e.seq DESC
    LIMIT 1
) AS last ON true
CROSS JOIN LATERAL (
    SELECT bool_and(m.voided_by IS NOT NULL) AS voided
    FROM cutter_governance.phase_marker AS m
    WHERE m.tenant_id = r.tenant_id AND m.run_id = r.run_id
) AS marked
WHERE starts_with(r.run_id::text, %(prefix)s)
    AND (%(pipeline)s::text IS NULL OR r.pipeline = %(pipeline)s)
    AND (%(lock_key)s::text IS NULL OR r.lock_key = %(lock_key)s)
ORDER BY r.created_at DESC, r.run_id

SELECT r.run_id::text, r.pipeline, r.mode, r.lock_key, r.created_at,
    coalesce(convert_from(last.body, 'UTF8')::jsonb -> 'data' ->> 'event', '') AS last_event
FROM cutter_governance.run AS r
LEFT JOIN LATERAL (
    SELECT e.body
    FROM cutter_governance.ledger_event AS e
    WHERE e.tenant_id = r.tenant_id AND e.run_id = r.run_id
    ORDER BY e.seq DESC
    LIMIT 1
) AS last ON true
ORDER BY r.created_at DESC, r.run_id

SELECT h.log_id::text, h.size, h.head_sha256,
    coalesce(pg_catalog.convert_from(e.body, 'UTF8')::jsonb ->> 'at', '')
FROM cutter_governance.ledger_head AS h
LEFT JOIN cutter_governance.ledger_event AS e ON e.tenant_id = h.tenant_id AND e.seq = h.size

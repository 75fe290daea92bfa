SELECT later.run_id::text
FROM cutter_governance.run AS own
JOIN cutter_governance.run AS other
    ON other.tenant_id = own.tenant_id AND other.lock_key = own.lock_key AND other.run_id <> own.run_id
JOIN cutter_governance.phase_marker AS later ON later.tenant_id = other.tenant_id AND later.run_id = other.run_id
WHERE own.run_id = %(run)s::text::uuid
    AND later.created_at > (
        SELECT max(m.created_at) FROM cutter_governance.phase_marker AS m
        WHERE m.tenant_id = own.tenant_id AND m.run_id = own.run_id
    )
ORDER BY later.created_at, later.run_id
LIMIT 1

SELECT t.*
FROM cutter_governance.phase_marker AS t
JOIN cutter_governance.run AS r ON r.tenant_id = t.tenant_id AND r.run_id = t.run_id
WHERE r.lock_key = %(prefix)s

SELECT DISTINCT m.run_id::text
FROM cutter_governance.phase_marker AS m
WHERE pg_catalog.split_part(m.operation, '@', 1) = %(operation)s AND m.voided_by IS NULL

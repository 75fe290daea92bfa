SELECT DISTINCT m.voided_by::text
FROM cutter_governance.phase_marker AS m
WHERE m.run_id = %(run)s::text::uuid AND m.voided_by IS NOT NULL

SELECT m.guard, m.key, m.run_id::text, m.phase, m.operation, m.outcome
FROM cutter_governance.phase_marker AS m
JOIN unnest(%(guards)s::text[], %(key_digests)s::text[]) AS wanted (guard, key_sha256)
    ON wanted.guard = m.guard AND wanted.key_sha256 = m.key_sha256
WHERE m.voided_by IS NULL

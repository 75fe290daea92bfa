INSERT INTO cutter_governance.phase_marker
    (guard, key, key_sha256, run_id, phase, operation, outcome)
VALUES (%(guard)s, %(key)s, %(key_sha256)s, %(run)s, %(phase)s, %(operation)s, %(outcome)s)

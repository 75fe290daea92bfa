SELECT request_sha256, covers
FROM cutter_governance.approval_use
WHERE run_id = %(run)s AND gate_id = %(gate)s

SELECT u.run_id::text, u.gate_id, u.request_sha256
FROM cutter_governance.approval_use AS u

SELECT seq, prev_sha256, body, row_sha256
FROM cutter_governance.ledger_event
WHERE run_id = %(run)s::uuid
ORDER BY seq

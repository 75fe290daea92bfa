SELECT e.seq, e.run_id::text, e.prev_sha256, e.body, e.row_sha256
FROM cutter_governance.ledger_event AS e
WHERE e.run_id = %(run)s::text::uuid
ORDER BY e.seq

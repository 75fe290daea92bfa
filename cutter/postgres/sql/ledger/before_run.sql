-- the length and last hash of the ledger before the first event of a run; no row when the run has no event
SELECT e.seq - 1, e.prev_sha256
FROM cutter_governance.ledger_event AS e
WHERE e.run_id::text = %(run)s
ORDER BY e.seq
LIMIT 1

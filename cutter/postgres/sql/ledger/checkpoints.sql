SELECT c.log_id::text, c.size, c.envelope
FROM cutter_governance.checkpoint AS c
ORDER BY c.size

SELECT r.run_id::text
FROM cutter_governance.run AS r
WHERE starts_with(r.run_id::text, %(prefix)s)
ORDER BY r.run_id
LIMIT 6

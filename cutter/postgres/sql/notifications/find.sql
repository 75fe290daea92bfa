SELECT n.run_id::text, coalesce(n.acknowledged_by, '')
FROM comm.notification AS n
WHERE starts_with(n.run_id::text, %(prefix)s)
ORDER BY n.created_at DESC, n.run_id

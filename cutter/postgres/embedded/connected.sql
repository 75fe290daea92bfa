-- Who is connected, by the name that each session gives itself; a session of the server's own is nobody's.
SELECT coalesce(nullif(application_name, ''), '-'), count(*)
FROM pg_catalog.pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()
GROUP BY 1
ORDER BY 1

-- Of every trigger that somebody declared: its definition and whether it fires. Those that keep foreign keys have names
-- with oids, and are told with their constraint.
SELECT n.nspname || '.' || c.relname || '/' || t.tgname AS object, 'trigger' AS kind, part.name AS part, part.value
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (VALUES
    ('definition', pg_catalog.pg_get_triggerdef(t.oid)),
    ('enabled', CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled' END)
) AS part (name, value)
WHERE n.nspname = ANY (%(schemas)s::text[]) AND NOT t.tgisinternal
ORDER BY (n.nspname || '.' || c.relname || '/' || t.tgname) COLLATE "C", part.name COLLATE "C"

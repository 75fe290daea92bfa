-- Of every schema: owner, privileges. Names, never oids; ordered by their bytes.
SELECT n.nspname AS object, 'schema' AS kind, part.name AS part, part.value
FROM pg_catalog.pg_namespace AS n
CROSS JOIN LATERAL (VALUES
    ('owner', n.nspowner::pg_catalog.regrole::text),
    ('acl', (SELECT coalesce(pg_catalog.string_agg(grant_of.text, ' ' ORDER BY grant_of.text COLLATE "C"), 'none')
             FROM (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END
                       || '=' || a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END AS text
                   FROM pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) AS a) AS grant_of))
) AS part (name, value)
WHERE n.nspname = ANY (%(schemas)s::text[])
ORDER BY n.nspname COLLATE "C", part.name COLLATE "C"

-- Of every function: what it is declared as, who owns and may call it, and its source twice: md5 of the body, because
-- operators know it, and sha256 of the whole definition.
SELECT p.oid::pg_catalog.regprocedure::text AS object, 'function' AS kind, part.name AS part, part.value
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
CROSS JOIN LATERAL (VALUES
    ('owner', p.proowner::pg_catalog.regrole::text),
    ('acl', (SELECT coalesce(pg_catalog.string_agg(grant_of.text, ' ' ORDER BY grant_of.text COLLATE "C"), 'none')
             FROM (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END
                       || '=' || a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END AS text
                   FROM pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS a) AS grant_of)),
    ('arguments', pg_catalog.pg_get_function_arguments(p.oid)),
    ('returns', coalesce(pg_catalog.pg_get_function_result(p.oid), 'none')),
    ('language', l.lanname::text),
    ('kind', CASE p.prokind WHEN 'f' THEN 'function' WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'window' END),
    ('security', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END),
    ('volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END),
    ('strict', CASE WHEN p.proisstrict THEN 'yes' ELSE 'no' END),
    ('leakproof', CASE WHEN p.proleakproof THEN 'yes' ELSE 'no' END),
    ('config', coalesce((SELECT pg_catalog.string_agg(c, '; ' ORDER BY c COLLATE "C") FROM pg_catalog.unnest(p.proconfig) AS c), 'none')),
    ('source_md5', pg_catalog.md5(p.prosrc)),
    ('definition_sha256', CASE WHEN p.prokind = 'a' THEN 'none' ELSE pg_catalog.encode(pg_catalog.sha256(
        pg_catalog.convert_to(pg_catalog.pg_get_functiondef(p.oid), 'UTF8')), 'hex') END)
) AS part (name, value)
WHERE n.nspname = ANY (%(schemas)s::text[])
ORDER BY p.oid::pg_catalog.regprocedure::text COLLATE "C", part.name COLLATE "C"

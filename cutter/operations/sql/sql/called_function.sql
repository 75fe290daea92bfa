SELECT
    count(*) AS functions,
    count(*) FILTER (
        WHERE p.prosecdef
        AND EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) AS c (setting) WHERE c.setting LIKE 'search\_path=%%')
    ) AS definers,
    count(*) FILTER (
        WHERE o.rolsuper OR o.rolcanlogin OR o.rolname IN ('cutter_owner', 'cutter_ledger')
    ) AS owned_above,
    count(*) FILTER (WHERE has_function_privilege('public', p.oid, 'EXECUTE')) AS public
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_roles AS o ON o.oid = p.proowner
WHERE n.nspname = %(schema)s AND p.proname = %(name)s AND p.prokind = 'f'

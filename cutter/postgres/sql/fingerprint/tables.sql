-- Of every table, view and sequence: owner, privileges, row security, columns, constraints, indexes, policies, rules.
SELECT n.nspname || '.' || c.relname AS object, 'table' AS kind, part.name AS part, part.value
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT fixed.name, fixed.value
    FROM (VALUES
        ('owner', c.relowner::pg_catalog.regrole::text),
        ('kind', c.relkind::text || c.relpersistence::text),
        ('options', coalesce((SELECT pg_catalog.string_agg(o, '; ' ORDER BY o COLLATE "C") FROM pg_catalog.unnest(c.reloptions) AS o), 'none')),
        ('row_security', CASE WHEN c.relrowsecurity THEN 'enabled' ELSE 'disabled' END),
        ('row_security_forced', CASE WHEN c.relforcerowsecurity THEN 'forced' ELSE 'not_forced' END),
        ('acl', (SELECT coalesce(pg_catalog.string_agg(grant_of.text, ' ' ORDER BY grant_of.text COLLATE "C"), 'none')
                 FROM (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END
                           || '=' || a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END AS text
                       FROM pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault(
                           CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) AS a) AS grant_of))
    ) AS fixed (name, value)
    UNION ALL
    SELECT 'column ' || a.attname,
        a.attnum || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attcollation <> 0
                AND a.attcollation <> (SELECT ty.typcollation FROM pg_catalog.pg_type AS ty WHERE ty.oid = a.atttypid) THEN ' COLLATE ' || a.attcollation::pg_catalog.regcollation::text ELSE '' END
        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
        || CASE WHEN a.attidentity <> '' THEN ' IDENTITY ' || a.attidentity::text ELSE '' END
        || coalesce(CASE WHEN a.attgenerated <> '' THEN ' GENERATED ' ELSE ' DEFAULT ' END
                    || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
        || coalesce((SELECT ' ACL ' || pg_catalog.string_agg(
               CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::pg_catalog.regrole::text END || '=' || x.privilege_type
               || CASE WHEN x.is_grantable THEN '*' ELSE '' END, ' '
               ORDER BY x.grantee::pg_catalog.regrole::text COLLATE "C", x.privilege_type COLLATE "C")
           FROM pg_catalog.aclexplode(a.attacl) AS x), '')
    FROM pg_catalog.pg_attribute AS a
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint ' || k.conname,
        pg_catalog.pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' [not valid]' END
        || CASE WHEN k.contype IN ('c', 'n') THEN '' ELSE coalesce((SELECT ' [fires ' || pg_catalog.string_agg(t.tgenabled::text, '' ORDER BY t.tgrelid = k.conrelid, t.tgtype) || ']'
                     FROM pg_catalog.pg_trigger AS t WHERE t.tgconstraint = k.oid AND t.tgisinternal), '') END
    FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid
    UNION ALL
    SELECT 'index ' || ic.relname,
        pg_catalog.pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid AND i.indisready THEN '' ELSE ' [not valid]' END
    FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid
    UNION ALL
    SELECT 'policy ' || y.polname,
        CASE WHEN y.polpermissive THEN 'permissive' ELSE 'restrictive' END
        || ' FOR ' || CASE y.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END
        || ' TO ' || (SELECT pg_catalog.string_agg(who.name, ', ' ORDER BY who.name COLLATE "C")
                      FROM (SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE r::pg_catalog.regrole::text END AS name
                            FROM pg_catalog.unnest(y.polroles) AS r) AS who)
        || coalesce(' USING ' || pg_catalog.pg_get_expr(y.polqual, y.polrelid), '')
        || coalesce(' CHECK ' || pg_catalog.pg_get_expr(y.polwithcheck, y.polrelid), '')
    FROM pg_catalog.pg_policy AS y WHERE y.polrelid = c.oid
    UNION ALL
    SELECT 'rule ' || w.rulename, w.ev_enabled::text || ' ' || pg_catalog.pg_get_ruledef(w.oid)
    FROM pg_catalog.pg_rewrite AS w WHERE w.ev_class = c.oid
    UNION ALL
    SELECT 'inherits ' || h.inhparent::pg_catalog.regclass::text, h.inhseqno::text
    FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = c.oid
) AS part (name, value)
WHERE n.nspname = ANY (%(schemas)s::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
ORDER BY (n.nspname || '.' || c.relname) COLLATE "C", part.name COLLATE "C"

-- Of every role that owns the schemas, what stands in them, or is granted anything on them: its attributes, what it is
-- a member of, and which of its members are more than plain logins. Plain ones (a login without inheritance or
-- attributes, and without the admin option) are persons, who come and go; but none of them takes what only approvers
-- have and what only writers have.
WITH cutters AS (
    SELECT n.nspowner AS oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY (%(schemas)s::text[])
    UNION
    SELECT a.grantee FROM pg_catalog.pg_namespace AS n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) AS a
    WHERE n.nspname = ANY (%(schemas)s::text[]) AND a.grantee <> 0
    UNION
    SELECT c.relowner FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (%(schemas)s::text[])
), member AS (
    SELECT m.roleid, m.member, m.admin_option,
        coalesce((pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit) AS inherits,
        r.rolcanlogin AND NOT (r.rolinherit OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication) AS plain
    FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS r ON r.oid = m.member
)
SELECT r.rolname::text AS object, 'role' AS kind, part.name AS part, part.value
FROM pg_catalog.pg_roles AS r
CROSS JOIN LATERAL (VALUES
    ('attributes', pg_catalog.concat_ws(' ',
        CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
        CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END,
        CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END)),
    ('config', coalesce((SELECT pg_catalog.string_agg(c, '; ' ORDER BY c COLLATE "C") FROM pg_catalog.unnest(r.rolconfig) AS c), 'none')),
    ('member_of', coalesce((SELECT pg_catalog.string_agg(m.roleid::pg_catalog.regrole::text, ' '
                                ORDER BY m.roleid::pg_catalog.regrole::text COLLATE "C")
                            FROM member AS m WHERE m.member = r.oid), 'none')),
    ('members', coalesce((SELECT pg_catalog.string_agg(m.member::pg_catalog.regrole::text
                              || CASE WHEN m.admin_option THEN ' ADMIN' ELSE '' END
                              || CASE WHEN m.inherits THEN ' INHERIT' ELSE '' END, ', '
                              ORDER BY m.member::pg_catalog.regrole::text COLLATE "C", m.admin_option)
                          FROM member AS m
                          WHERE m.roleid = r.oid AND (m.admin_option OR m.inherits OR NOT m.plain
                              OR r.rolname IN ('cutter_owner', 'cutter_ledger'))), 'plain logins only')),
    ('writing_approvers', CASE WHEN r.rolname <> 'cutter_approver' THEN 'none' ELSE coalesce((
        SELECT pg_catalog.string_agg(m.member::pg_catalog.regrole::text, ', ' ORDER BY m.member::pg_catalog.regrole::text COLLATE "C")
        FROM member AS m
        WHERE m.roleid = r.oid AND EXISTS (
            SELECT FROM member AS w JOIN pg_catalog.pg_roles AS o ON o.oid = w.roleid
            WHERE w.member = m.member AND o.rolname IN ('cutter_writer', 'cutter_appender'))), 'none') END)
) AS part (name, value)
WHERE r.oid IN (SELECT oid FROM cutters)
ORDER BY r.rolname COLLATE "C", part.name COLLATE "C"

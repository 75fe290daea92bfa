-- the server's clock, and which of these roles the login may not take (or do not exist)
SELECT
    pg_catalog.clock_timestamp(),
    ARRAY(
        SELECT wanted FROM unnest(%(roles)s::text[]) AS wanted
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r
                          WHERE r.rolname = wanted AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER'))
    )

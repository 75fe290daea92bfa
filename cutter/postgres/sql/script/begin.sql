-- cutter's schema, privileges and logins, for a server of your own. As a superuser, in one transaction:
--
--     psql -X -v ON_ERROR_STOP=1 -1 -d DATABASE -f THIS_FILE
--
-- It does what is missing and nothing else, so it may be run again; it holds no password and sets none.
\set ON_ERROR_STOP on
\encoding UTF8
-- fails here, before anything is done, where psql was not told -1
SAVEPOINT cutter_in_one_transaction;
SET LOCAL search_path = '';
{lock};
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'cutter_governance' AND c.relname = 'migration'
) AS cutter_known \gset
\if :cutter_known
DO $check$
BEGIN
    IF EXISTS (
        SELECT FROM cutter_governance.migration AS m
        WHERE NOT EXISTS (
            SELECT FROM unnest({numbers}::integer[], {digests}::text[]) AS k (number, sha256)
            WHERE k.number = m.number AND k.sha256 = m.sha256
        )
    ) THEN
        RAISE EXCEPTION 'this database was migrated by another cutter: its recorded migrations are not those of this script';
    END IF;
END
$check$;
\endif

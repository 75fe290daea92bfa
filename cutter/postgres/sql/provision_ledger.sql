WITH begun AS MATERIALIZED (
    SELECT %(tenant)s::text AS tenant_id, pg_catalog.gen_random_uuid() AS log_id,
           c.system_identifier::text AS system_identifier, d.oid::bigint AS database_oid
    FROM pg_catalog.pg_control_system() AS c
    JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
)
INSERT INTO cutter_governance.ledger_head (tenant_id, log_id, system_identifier, database_oid, size, head_sha256)
SELECT b.tenant_id, b.log_id, b.system_identifier, b.database_oid, 0,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
           pg_catalog.concat_ws(E'\n', 'cutter-ledger/v1 genesis', b.tenant_id, b.system_identifier, b.database_oid, b.log_id),
           'UTF8')), 'hex')
FROM begun AS b
ON CONFLICT DO NOTHING

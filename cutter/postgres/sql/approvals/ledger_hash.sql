-- of no event the genesis, computed again from what the head keeps of it
SELECT e.row_sha256
FROM cutter_governance.ledger_event AS e
WHERE e.seq = %(seq)s::bigint
UNION ALL
SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.concat_ws(E'\n', 'cutter-ledger/v1 genesis', h.tenant_id, h.system_identifier, h.database_oid, h.log_id),
    'UTF8')), 'hex')
FROM cutter_governance.ledger_head AS h
WHERE %(seq)s::bigint = 0

SELECT h.tenant_id, h.log_id::text, h.system_identifier, h.database_oid, h.size, h.head_sha256
FROM cutter_governance.ledger_head AS h

SELECT t.system_identifier, t.database_oid, t.database, t.server_version, t.ledger_log_id
FROM cutter_governance.fn_target() AS t

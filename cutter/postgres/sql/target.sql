SELECT t.system_identifier, t.database_oid, t.database, t.server_version, t.ledger_log_id,
    (SELECT m.name FROM cutter_governance.migration AS m ORDER BY m.number DESC LIMIT 1)
FROM cutter_governance.fn_target() AS t

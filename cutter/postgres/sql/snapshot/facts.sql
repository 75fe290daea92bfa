SELECT t.system_identifier, substr(pg_walfile_name(w.lsn), 1, 8), replace(w.lsn::text, '/', '_'), t.server_version,
    (SELECT json_object_agg(s.name, s.setting)
     FROM pg_catalog.pg_settings AS s
     WHERE lower(s.name) IN ('client_encoding', 'timezone', 'datestyle', 'intervalstyle', 'bytea_output',
                             'extra_float_digits'))
FROM cutter_governance.fn_target() AS t
CROSS JOIN (SELECT pg_catalog.pg_current_wal_lsn() AS lsn) AS w

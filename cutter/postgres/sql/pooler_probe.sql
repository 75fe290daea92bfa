SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('cutter.connection', true)

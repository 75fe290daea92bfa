SELECT pg_catalog.set_config('cutter.connection', 'marked', false)

SELECT pg_catalog.set_config('statement_timeout', %(milliseconds)s, false)

SELECT value FROM cutter_governance.dot_config WHERE key = %(key)s

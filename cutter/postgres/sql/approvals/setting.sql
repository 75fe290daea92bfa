SELECT c.value
FROM cutter_governance.dot_config AS c
WHERE c.key = %(key)s

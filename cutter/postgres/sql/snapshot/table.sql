SELECT c.oid::bigint, a.attname::text, format_type(a.atttypid, a.atttypmod),
    array_position(k.conkey, a.attnum)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
WHERE c.oid = to_regclass(%(table)s)
ORDER BY a.attnum
